# The daemon with the gns3 and traffic plugins against the simulator, its hypervisor and captures.
add_test(NAME flow.traffic COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/traffic.py)
set_tests_properties(flow.traffic PROPERTIES LABELS "flow" TIMEOUT 300 ENVIRONMENT
    "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_PLUGINS=$<TARGET_FILE_DIR:traffic>;PYTHONDONTWRITEBYTECODE=1")
