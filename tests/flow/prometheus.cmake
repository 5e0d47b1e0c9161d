# The prometheus plugin in the daemon, against real ones: scraped, written to, taken away, killed.
if(TARGET prometheus)
    foreach(name scrape write dashboards)
        add_test(NAME flow.prometheus_${name}
            COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/prometheus_${name}.py)
        set_tests_properties(flow.prometheus_${name} PROPERTIES LABELS "flow" TIMEOUT 300
            SKIP_RETURN_CODE 77 ENVIRONMENT
            "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins;GNSWATCH_PLUGINS=$<TARGET_FILE_DIR:prometheus>")
    endforeach()
endif()
