# The exec plugin on a host where time is the test's own; the programs are sh scripts of the tests.
gnswatch_plugin_test(exec exec PkgConfig::JANSSON m)
gnswatch_plugin_test(exec_parts exec PkgConfig::JANSSON m)
