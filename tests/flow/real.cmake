# Against a GNS3 server of yours: GNSWATCH_REAL_GNS3=http://127.0.0.1:3080; skipped without it.
if(TARGET alert AND TARGET traffic AND TARGET snapshot AND TARGET health AND TARGET webhook)
    add_test(NAME flow.real_lab COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/real_lab.py)
    set_tests_properties(flow.real_lab PROPERTIES LABELS "flow" TIMEOUT 600
        SKIP_RETURN_CODE 77 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:webhook>")
endif()
