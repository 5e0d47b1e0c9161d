# The webhook plugin in the daemon: against a receiver of the test's own, and a real Alertmanager.
if(TARGET webhook)
    foreach(name webhook)
        add_test(NAME flow.${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
        set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 180
            SKIP_RETURN_CODE 77 ENVIRONMENT
            "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:webhook>")
    endforeach()
endif()
