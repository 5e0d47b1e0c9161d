gnswatch_unit_test(queue gw-store)
