# The exec plugin in the daemon: some forty programs that do everything wrong, and Debian's own.
if(TARGET exec)
    foreach(name exec exec_real)
        add_test(NAME flow.${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
        set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 180
            SKIP_RETURN_CODE 77 ENVIRONMENT
            "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:exec>")
    endforeach()
endif()
