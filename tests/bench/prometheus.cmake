# A page of 50,000 samples.
if(TARGET prometheus)
    add_test(NAME bench.prometheus CONFIGURATIONS bench
        COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/bench_prometheus.py)
    set_tests_properties(bench.prometheus PROPERTIES LABELS bench TIMEOUT 300 RUN_SERIAL ON ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins")
endif()
