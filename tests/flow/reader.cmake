# Reading series and events of others, and pages, in a real daemon. reader.so is for tests only.
if(NOT TARGET libgnswatch)
    return()
endif()
add_library(reader MODULE reader.c)
target_link_libraries(reader PRIVATE gnswatch::gnswatch gnswatch-flags)
set_target_properties(reader PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY
    ${PROJECT_BINARY_DIR}/tests/flow/plugins)
function(gnswatch_reader_test name script)
    string(JOIN ";" more ${ARGN})
    add_test(NAME flow.daemon_${name}
        COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/daemon_${script}.py)
    set_tests_properties(flow.daemon_${name} PROPERTIES LABELS "flow" TIMEOUT 180 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins;${more}")
endfunction()
foreach(name pages reading)
    gnswatch_reader_test(${name} ${name})
    gnswatch_reader_test(${name}_isolated ${name} GNSWATCH_ISOLATION=process
        GNSWATCH_EVENTS=10000) # the same, in children
endforeach()
