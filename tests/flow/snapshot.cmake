# The daemon with the snapshot plugin against the simulator.
foreach(name snapshot_take snapshot_keep)
    add_test(NAME flow.${name} COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
    set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 600 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:gns3>;PYTHONDONTWRITEBYTECODE=1")
endforeach()
