# The email plugin with the real daemon, aiosmtpd and exim4. Debian's python3 has aiosmtpd; another one
# that comes first in the path may not.
if(NOT TARGET email)
    return()
endif()
find_program(EMAIL_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT EMAIL_PYTHON)
    find_program(EMAIL_PYTHON NAMES python3)
endif()
foreach(name delivery outages picture exim)
    add_test(NAME flow.email_${name}
        COMMAND ${EMAIL_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/email_${name}.py)
    set_tests_properties(flow.email_${name} PROPERTIES LABELS "flow" TIMEOUT 300
        SKIP_RETURN_CODE 77 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins;GNSWATCH_CHART=$<TARGET_FILE:gnswatch-chart>")
endforeach()
