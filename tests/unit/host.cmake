# The nouns without series, and the plugin host.
gnswatch_unit_test(json_scan gw-base)
gnswatch_unit_test(object gw-object)
gnswatch_unit_test(event gw-event)
gnswatch_unit_test(command gw-command)
gnswatch_unit_test(schedule gw-plugin)

# The command line's parts are in no layer: their files are built into the test.
gnswatch_unit_test(cli gw-conf)
target_sources(test_cli PRIVATE ${PROJECT_SOURCE_DIR}/core/cli.c
    ${PROJECT_SOURCE_DIR}/core/call_params.c)
