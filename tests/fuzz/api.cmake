if(TARGET gw-api)
    gnswatch_fuzz(api_request gw-api)
endif()
