# The prometheus plugin: names, formats and protobuf by themselves, and in a host where time is the
# test's own. protoc and promtool are other people's word on the bytes; without them the tests say so.
find_library(SNAPPY snappy REQUIRED)
foreach(name prometheus prometheus_names prometheus_wire)
    gnswatch_plugin_test(${name} prometheus gnswatch-sink PkgConfig::JANSSON ${SNAPPY} m)
endforeach()
