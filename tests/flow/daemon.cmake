# The daemon as a whole: how it starts, ends, is killed, reloads, and what it does in bad company.
# flood.so is for tests only: it is not installed, and not beside the real plugins.
if(NOT TARGET libgnswatch)
    return()
endif()
add_library(flood MODULE flood.c)
target_link_libraries(flood PRIVATE gnswatch::gnswatch gnswatch-flags)
set_target_properties(flood PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY
    ${PROJECT_BINARY_DIR}/tests/flow/plugins)

# NAME FILE [FUNCTION...]; without functions all of the file's tests.
function(gnswatch_daemon_test name file)
    add_test(NAME flow.daemon_${name}
        COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/daemon_${file}.py ${ARGN})
    set_tests_properties(flow.daemon_${name} PROPERTIES LABELS "flow" TIMEOUT 180 ENVIRONMENT
        "GNSWATCH=$<TARGET_FILE:gnswatch>;GNSWATCH_SIM=$<TARGET_FILE:gnswatch-sim>;GNSWATCH_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/flow/plugins")
endfunction()

foreach(name ends reload refusals systemd flood openapi demo)
    gnswatch_daemon_test(${name} ${name})
endforeach()
foreach(how with_its_store_process_it_loses_the_last_second_at_most
        alone_it_loses_nothing_its_store_process_has_seen)
    list(APPEND kills killed_${how})
endforeach()
gnswatch_daemon_test(kill kill ${kills})
gnswatch_daemon_test(kill_store kill a_killed_store_process_is_started_again_and_nothing_is_lost)
gnswatch_daemon_test(spoiled_files spoiled a_damaged_rrd_file_is_set_aside
    a_damaged_database_is_set_aside_and_rows_stay
    a_truncated_and_scribbled_journal_costs_its_end_only a_journal_of_garbage_is_survived)
gnswatch_daemon_test(spoiled_disk spoiled a_state_directory_that_cannot_be_made_is_said
    a_full_disk_is_said_and_survived_and_caught_up_with
    folders_that_become_read_only_are_said_and_survived)
gnswatch_daemon_test(users spoiled any_user_may_run_it a_state_directory_of_another_user_is_said)
gnswatch_daemon_test(servers_wrong servers garbage_opens_the_breaker_and_labs_are_kept
    half_answers_open_the_breaker_and_labs_are_kept
    errors_open_the_breaker_and_labs_are_kept)
gnswatch_daemon_test(servers_late servers silence_opens_the_breaker_and_labs_are_kept
    slowness_beyond_the_timeout_opens_the_breaker_and_labs_are_kept
    a_server_that_is_down_opens_the_breaker_and_labs_are_kept)
gnswatch_daemon_test(servers_list servers one_list_of_garbage_spoils_nothing_else
    half_a_list_spoils_nothing_else one_list_refused_spoils_nothing_else)
gnswatch_daemon_test(auto_close servers
    labs_with_auto_close_stay_open_over_a_restart_and_a_kill)
