# Files that change take effect by themselves: those of conf.d, and plugins.
if(NOT TARGET libgnswatch)
    return()
endif()
function(gnswatch_reload_test name)
    add_test(NAME flow.${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py ${ARGN})
    set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 120 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins")
endfunction()
gnswatch_reload_test(reload_files)
gnswatch_reload_test(reload_plugins)
set_tests_properties(flow.reload_plugins PROPERTIES SKIP_RETURN_CODE 77)
