# The HTTP client and the GNS3 client, on a small host of their own (gns3_client_host.c).
function(gnswatch_client_test name)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.c)
        return()
    endif()
    file(GLOB http CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/core/plugin/http*.c)
    gnswatch_unit_test(${name} gw-base PkgConfig::CURL PkgConfig::JANSSON m)
    target_sources(test_${name} PRIVATE ${http} gns3_client_host.c gns3_client_server.c ${ARGN})
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR}/plugins)
    target_compile_definitions(test_${name} PRIVATE GNSWATCH_VERSION="${PROJECT_VERSION}")
endfunction()

gnswatch_client_test(gns3_client_http)
