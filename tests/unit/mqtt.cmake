# The mqtt plugin: topics and discovery documents alone, and the whole on a host where time is the
# test's own, with a broker that the test plays.
pkg_check_modules(MOSQUITTO REQUIRED IMPORTED_TARGET libmosquitto)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
gnswatch_plugin_test(mqtt_topic mqtt gnswatch-sink PkgConfig::MOSQUITTO PkgConfig::JANSSON
    PkgConfig::XXHASH Threads::Threads)
gnswatch_plugin_test(mqtt mqtt)
target_sources(test_mqtt PRIVATE mqtt_broker.c)
