# The webhook plugin on a host where time is the test's own.
gnswatch_plugin_test(webhook webhook gnswatch-sink PkgConfig::JANSSON PkgConfig::SODIUM)
gnswatch_plugin_test(webhook_format webhook gnswatch-sink PkgConfig::JANSSON PkgConfig::SODIUM)
