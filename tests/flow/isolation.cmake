# Plugins that crash, hang, leak, fork and flood in processes of their own, as the user sees them.
# unruly.so is for tests only.
if(NOT TARGET libgnswatch)
    return()
endif()
add_library(unruly MODULE unruly.c)
target_link_libraries(unruly PRIVATE gnswatch::gnswatch gnswatch-flags Threads::Threads)
set_target_properties(unruly PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY
    ${PROJECT_BINARY_DIR}/tests/flow/plugins)
foreach(name isolation_crash isolation_limits isolation_hostile)
    add_test(NAME flow.${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
    set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 180 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins")
endforeach()
