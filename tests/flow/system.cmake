# The daemon with the gns3 and system plugins, a simulated lab, and real processes.
add_test(NAME flow.system COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/system.py)
set_tests_properties(flow.system PROPERTIES LABELS "flow" TIMEOUT 180 ENVIRONMENT
    "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_PLUGINS=$<TARGET_FILE_DIR:system>")
