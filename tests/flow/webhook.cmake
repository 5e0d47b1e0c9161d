# The webhook plugin in the daemon: against a receiver of the test's own, and a real Alertmanager.
if(TARGET webhook)
    foreach(name webhook)
        add_test(NAME flow.${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
        set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 180
            SKIP_RETURN_CODE 77 ENVIRONMENT
            "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:webhook>")
    endforeach()
endif()

# All of them: an alert to mail, MQTT and webhook.
if(TARGET alert AND TARGET email AND TARGET mqtt AND TARGET webhook)
    find_program(TOLD_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH) # Debian's has aiosmtpd
    if(NOT TOLD_PYTHON)
        find_program(TOLD_PYTHON NAMES python3)
    endif()
    add_test(NAME flow.everyone_told
        COMMAND ${TOLD_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/everyone_told.py)
    set_tests_properties(flow.everyone_told PROPERTIES LABELS "flow" TIMEOUT 300
        SKIP_RETURN_CODE 77 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=$<TARGET_FILE_DIR:webhook>")
endif()
