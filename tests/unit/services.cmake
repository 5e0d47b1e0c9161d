gnswatch_unit_test(queue gw-store)
gnswatch_unit_test(zone gw-base)
gnswatch_unit_test(cron gw-base)
gnswatch_unit_test(template gw-base)
