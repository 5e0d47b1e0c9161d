add_executable(bench_gns3_lists bench_gns3_lists.c)
target_link_libraries(bench_gns3_lists PRIVATE gns3-lab)
add_test(NAME bench.gns3_lists COMMAND bench_gns3_lists 50)
add_test(NAME bench.gns3_poll CONFIGURATIONS bench COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/bench_gns3_poll.py 20 20)
set_tests_properties(bench.gns3_lists bench.gns3_poll PROPERTIES LABELS bench TIMEOUT 300
    RUN_SERIAL ON ENVIRONMENT
    "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_PLUGINS=$<TARGET_FILE_DIR:gns3>;PYTHONDONTWRITEBYTECODE=1")
