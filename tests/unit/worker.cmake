# What surrounds an instance in a process of its own: its tables, its fence, its end. The programs are
# their own children.
set(worker_bad_dir ${CMAKE_CURRENT_BINARY_DIR}/worker_bad)
foreach(how crash exit hang fork junk)
    string(TOUPPER ${how} upper)
    add_library(load_${how}-bad MODULE worker_bad.c)
    target_link_libraries(load_${how}-bad PRIVATE gnswatch-flags)
    target_compile_definitions(load_${how}-bad PRIVATE NAME=load_${how} BAD_${upper})
    set_target_properties(load_${how}-bad PROPERTIES PREFIX "" OUTPUT_NAME load_${how}
        LIBRARY_OUTPUT_DIRECTORY ${worker_bad_dir})
    add_dependencies(sanitized load_${how}-bad)
endforeach()

set(worker_objects)
foreach(layer base conf metric object event command store plugin worker)
    list(APPEND worker_objects $<TARGET_OBJECTS:gw-${layer}>)
endforeach()
function(gnswatch_worker_test name)
    gnswatch_unit_test(${name} PkgConfig::JANSSON PkgConfig::FYAML PkgConfig::SQLITE PkgConfig::UV
        PkgConfig::CURL PkgConfig::SECCOMP Threads::Threads ${CMAKE_DL_LIBS} m)
    target_sources(test_${name} PRIVATE ${worker_objects})
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/core)
    set_target_properties(test_${name} PROPERTIES ENABLE_EXPORTS ON)
endfunction()

gnswatch_worker_test(worker_wire)
gnswatch_worker_test(worker_sandbox)
gnswatch_worker_test(worker_describe)
target_compile_definitions(test_worker_describe PRIVATE WORKER_BAD_DIR="${worker_bad_dir}"
    BUNDLED_DIR="${PROJECT_BINARY_DIR}/lib/gnswatch/plugins"
    TEST_PLUGIN_DIR="${PROJECT_BINARY_DIR}/tests/plugin/plugins")
foreach(name abi_major no_descriptor no_symbol bad_default) # of tests/plugin
    add_dependencies(test_worker_describe ${name}-test-plugin)
endforeach()
foreach(how crash exit hang fork junk)
    add_dependencies(test_worker_describe load_${how}-bad)
endforeach()
foreach(plugin gns3 health traffic snapshot alert email mqtt webhook prometheus load disk exec system)
    if(TARGET ${plugin})
        add_dependencies(test_worker_describe ${plugin})
    endif()
endforeach()
