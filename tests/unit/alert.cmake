# The alert plugin: its pure parts with times given, and the whole on the test host, where a day
# passes in seconds.
foreach(name alert_eval alert_value alert_rules alert_history alert_told alert_kill alert_day)
    gnswatch_plugin_test(${name} alert PkgConfig::JANSSON PkgConfig::SQLITE)
    target_sources(test_${name} PRIVATE alert_lab.c)
    set_tests_properties(unit.${name} PROPERTIES TIMEOUT 300)
endforeach()
