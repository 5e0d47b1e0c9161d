# The system plugin on made trees of /proc and /sys, and on a host where time is the test's own.
foreach(name system_host system_disk system_node)
    gnswatch_plugin_test(${name} system gnswatch-proc PkgConfig::JANSSON m)
    target_sources(test_${name} PRIVATE system_tree.c)
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/plugins)
endforeach()
target_link_options(test_system_disk PRIVATE -Wl,--wrap=statvfs) # disks that fill
