# The HTTP client and the GNS3 client, on a small host of their own (gns3_client_host.c).
function(gnswatch_client_test name)
    file(GLOB http CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/core/plugin/http*.c)
    gnswatch_unit_test(${name} gw-base PkgConfig::CURL PkgConfig::JANSSON)
    target_sources(test_${name} PRIVATE ${http} gns3_client_host.c gns3_client_server.c ${ARGN})
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/core
                               ${PROJECT_SOURCE_DIR}/plugins)
    target_compile_definitions(test_${name} PRIVATE GNSWATCH_VERSION="${PROJECT_VERSION}")
endfunction()

set(gns3_client client client_request client_stats client_text api auth breaker retry budget feed
    feed_lines)
list(TRANSFORM gns3_client REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/plugins/gns3/\\1.c")

gnswatch_client_test(gns3_client_http)
gnswatch_client_test(gns3_client ${gns3_client})
gnswatch_client_test(gns3_client_parts ${gns3_client})
