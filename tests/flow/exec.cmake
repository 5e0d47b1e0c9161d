# The exec plugin in the daemon, with some forty programs that do everything wrong.
if(TARGET exec)
    add_test(NAME flow.exec COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/exec.py)
    set_tests_properties(flow.exec PROPERTIES LABELS "flow" TIMEOUT 180 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:exec>")
endif()
