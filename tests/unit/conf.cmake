gnswatch_unit_test(values gw-conf)
