# The daemon with the gns3 plugin against the simulator.
foreach(name gns3_watch gns3_commands)
    add_test(NAME flow.${name} COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
    set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 300 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_PLUGINS=$<TARGET_FILE_DIR:gns3>;PYTHONDONTWRITEBYTECODE=1")
endforeach()
