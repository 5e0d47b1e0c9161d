gnswatch_unit_test(api_request gw-api)
gnswatch_unit_test(api_auth gw-api)
