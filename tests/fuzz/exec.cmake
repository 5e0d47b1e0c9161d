# What other hosts' plugins print. exec-dialects is in tests/unit/exec_dialect.cmake.
foreach(name nagios munin influx prometheus netdata collectd types)
    gnswatch_fuzz(exec_${name} exec-dialects)
endforeach()

# Our own lines are JSON.
add_library(exec-jsonl STATIC EXCLUDE_FROM_ALL
    ${PROJECT_SOURCE_DIR}/plugins/exec/jsonl.c ${PROJECT_SOURCE_DIR}/plugins/exec/tail.c)
target_link_libraries(exec-jsonl PUBLIC gnswatch-flags PkgConfig::JANSSON)
target_include_directories(exec-jsonl PUBLIC ${PROJECT_SOURCE_DIR}/plugins)
gnswatch_fuzz(exec_jsonl exec-jsonl)
