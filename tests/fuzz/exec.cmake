# What other hosts' plugins print. exec-dialects is in tests/unit/exec_dialect.cmake.
foreach(name nagios munin influx prometheus netdata collectd)
    if(EXISTS ${PROJECT_SOURCE_DIR}/plugins/exec/${name}.c)
        gnswatch_fuzz(exec_${name} exec-dialects)
    endif()
endforeach()
gnswatch_fuzz(exec_types exec-dialects)
