# The health plugin in the daemon, with gns3 and a simulator, and webhook to send reports by.
if(TARGET health AND TARGET webhook)
    add_test(NAME flow.health COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/health.py)
    set_tests_properties(flow.health PROPERTIES LABELS "flow" TIMEOUT 300 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:health>")
endif()
