# The health plugin: its arithmetic alone, and the whole on a host where time is the test's own.
foreach(name health_score health_robust health_watch health_others health_report)
    gnswatch_plugin_test(${name} health PkgConfig::JANSSON m)
endforeach()
