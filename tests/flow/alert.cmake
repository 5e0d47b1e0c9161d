# The alert plugin in the daemon, with the simulator and a receiver that counts.
if(TARGET alert AND TARGET gns3)
    add_library(alert_sink MODULE ${CMAKE_CURRENT_SOURCE_DIR}/alert_sink.c)
    target_link_libraries(alert_sink PRIVATE gnswatch::gnswatch gnswatch-flags)
    set_target_properties(alert_sink PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY
        ${PROJECT_BINARY_DIR}/tests/flow/alert_plugins)
    add_test(NAME flow.alert_notices COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/alert_notices.py)
    set_tests_properties(flow.alert_notices PROPERTIES LABELS "flow" TIMEOUT 300 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:alert_sink>")
endif()
