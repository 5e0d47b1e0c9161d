# The HTTP client and the GNS3 client, on a small host of their own (gns3_client_host.c).
function(gnswatch_client_program name)
    file(GLOB http CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/core/plugin/http*.c)
    add_executable(test_${name} test_${name}.c gns3_client_host.c ${http} ${ARGN})
    target_link_libraries(test_${name} PRIVATE gnswatch-flags gw-base PkgConfig::CMOCKA
                          PkgConfig::CURL PkgConfig::JANSSON)
    target_include_directories(test_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}
                               ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR}/plugins)
    target_compile_definitions(test_${name} PRIVATE GNSWATCH_VERSION="${PROJECT_VERSION}")
    add_dependencies(sanitized test_${name})
endfunction()

function(gnswatch_client_test name)
    gnswatch_client_program(${name} gns3_client_server.c ${ARGN})
    add_test(NAME unit.${name} COMMAND test_${name})
    set_tests_properties(unit.${name} PROPERTIES LABELS "unit" TIMEOUT 120)
endfunction()

set(gns3_client client client_request client_stats client_tap client_text api auth breaker retry budget feed
    feed_lines)
list(TRANSFORM gns3_client REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/plugins/gns3/\\1.c")

gnswatch_client_test(gns3_client_http)
gnswatch_client_test(gns3_client ${gns3_client} gns3_client_world.c)
gnswatch_client_test(gns3_client_feed ${gns3_client} gns3_client_world.c)
gnswatch_client_test(gns3_client_parts ${gns3_client})

# Against the simulator, which is told to fail.
if(TARGET gnswatch-sim)
    gnswatch_client_program(gns3_client_sim ${gns3_client})
    add_test(NAME sim.gns3_client COMMAND test_gns3_client_sim $<TARGET_FILE:gnswatch-sim>)
    set_tests_properties(sim.gns3_client PROPERTIES LABELS "sim" TIMEOUT 180)
endif()

find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
    gnswatch_client_program(gns3_client_tls ${gns3_client})
    add_test(NAME unit.gns3_client_tls COMMAND ${Python3_EXECUTABLE}
             ${CMAKE_CURRENT_LIST_DIR}/gns3_client_tls.py $<TARGET_FILE:test_gns3_client_tls>)
    set_tests_properties(unit.gns3_client_tls PROPERTIES LABELS "unit" TIMEOUT 120
                         SKIP_RETURN_CODE 77)
endif()
