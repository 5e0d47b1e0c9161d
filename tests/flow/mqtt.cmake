# The mqtt plugin in the daemon, on a real mosquitto. Its plugins stand in a folder of their own,
# beside one that says what it is told.
if(TARGET mqtt AND TARGET gns3)
    set(mqtt_plugins ${PROJECT_BINARY_DIR}/tests/flow/mqtt_plugins)
    add_library(chatter MODULE mqtt_chatter.c)
    target_link_libraries(chatter PRIVATE gnswatch::gnswatch gnswatch-flags)
    set_target_properties(chatter PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${mqtt_plugins})
    foreach(plugin mqtt gns3)
        add_custom_command(TARGET chatter POST_BUILD COMMAND ${CMAKE_COMMAND} -E create_symlink
            $<TARGET_FILE:${plugin}> ${mqtt_plugins}/${plugin}.so)
    endforeach()
    foreach(name mqtt_delivery mqtt_outages mqtt_rights mqtt_orders mqtt_home)
        add_test(NAME flow.${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
        set_tests_properties(flow.${name} PROPERTIES LABELS "flow" TIMEOUT 300 SKIP_RETURN_CODE 77
            ENVIRONMENT
            "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=${mqtt_plugins}")
    endforeach()
endif()
