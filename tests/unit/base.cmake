gnswatch_unit_test(base_buf gw-base)
gnswatch_unit_test(base_map gw-base)
gnswatch_unit_test(base_log gw-base)
