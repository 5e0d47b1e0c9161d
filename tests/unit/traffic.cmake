# The traffic plugin: its pure parts, and all of it on a host where time is the test's own.
pkg_check_modules(NDPI REQUIRED IMPORTED_TARGET libndpi)
foreach(name traffic traffic_limits traffic_parts traffic_select traffic_capture traffic_hypervisor)
    gnswatch_plugin_test(${name} traffic gnswatch-proc PkgConfig::JANSSON PkgConfig::NDPI m)
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/plugins)
endforeach()
set_tests_properties(unit.traffic_hypervisor PROPERTIES SKIP_RETURN_CODE 77)
