# What hypervisors, /proc and captures say. The sources are the plugin's own, without its host.
function(gnswatch_fuzz_traffic name)
    gnswatch_fuzz(${name})
    foreach(source ${ARGN})
        target_sources(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/plugins/traffic/${source}.c)
    endforeach()
    target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/plugins)
endfunction()

gnswatch_fuzz_traffic(traffic_hypervisor answers consoles ../proc/procs)
gnswatch_fuzz_traffic(traffic_capture pcap_stream frame)
