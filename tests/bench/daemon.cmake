# The daemon as a whole. These take minutes, so they are run by `ctest -C bench -L bench` or run.sh.
foreach(name startup memory latency worker)
    add_test(NAME bench.${name} CONFIGURATIONS bench
        COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/bench_${name}.py)
    set_tests_properties(bench.${name} PROPERTIES LABELS bench TIMEOUT 600 RUN_SERIAL ON ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins")
endforeach()
