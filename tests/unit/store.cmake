gnswatch_unit_test(metric gw-metric)
gnswatch_unit_test(metric_threads gw-metric)

# The test programs are their own store process; librrd comes with the module.
function(gnswatch_store_test name)
    gnswatch_unit_test(${name} gw-store)
    target_sources(test_${name} PRIVATE store_fixture.c)
    target_link_libraries(test_${name} PRIVATE ${CMAKE_DL_LIBS})
    target_compile_definitions(test_${name} PRIVATE RRD_MODULE="$<TARGET_FILE:gnswatch-rrd>")
    add_dependencies(test_${name} gnswatch-rrd)
endfunction()
gnswatch_store_test(store_series)
gnswatch_store_test(store_timeline)
