# The daemon's life as an operator sees it.
if(TARGET gnswatch)
    find_package(Python3 COMPONENTS Interpreter)
    if(Python3_FOUND)
        add_test(NAME flow.daemon COMMAND Python3::Interpreter
            ${CMAKE_CURRENT_SOURCE_DIR}/test_daemon.py $<TARGET_FILE:gnswatch>)
        set_tests_properties(flow.daemon PROPERTIES LABELS flow TIMEOUT 180)
    endif()
endif()
