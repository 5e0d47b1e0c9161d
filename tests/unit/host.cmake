# The nouns without series, and the plugin host.
gnswatch_unit_test(json_scan gw-base)
gnswatch_unit_test(object gw-object)
gnswatch_unit_test(event gw-event)
gnswatch_unit_test(command gw-command)
gnswatch_unit_test(schedule gw-plugin)
