# The API with a small world around it, driven by python3's standard library.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_executable(api_host api_host.c)
target_link_libraries(api_host PRIVATE gnswatch-flags gw-api)
add_dependencies(api_host gnswatch-rrd)

foreach(name api api_live api_openapi)
    add_test(NAME flow.${name} COMMAND ${Python3_EXECUTABLE} -B
        ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py)
    set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 180 SKIP_RETURN_CODE 77
        ENVIRONMENT "API_HOST=$<TARGET_FILE:api_host>;API_WEB=${PROJECT_SOURCE_DIR}/web;GNSWATCH_RRD_MODULE=$<TARGET_FILE:gnswatch-rrd>")
endforeach()
