/* kill -9 at any moment: no notice is lost, none is given twice, silences and acknowledgements
 * stay, and what is pending goes on. */
#include "unit.h"

#include "alert_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SINK "receivers:\n  - {name: team, send: [{command: sink.send}]}\n"

/* A server goes down and comes back; the plugin is killed after so many ms. */
static void story(int64_t kill_after_ms, int64_t away_ms, bool refused)
{
    struct lab *lab = lab_new(SINK "group_interval: 20s\n", 1, 1, 3);
    lab_start(lab);
    lab_run(lab, 30000);
    lab_server(lab, 0, false);
    lab->sinks[0].refuse = refused ? -EIO : 0;
    lab_run(lab, kill_after_ms < 90000 ? kill_after_ms : 90000);
    if (kill_after_ms > 90000) {
        lab_server(lab, 0, true);
        lab_run(lab, kill_after_ms - 90000);
    }
    gwt_kill(lab->test);
    gwt_run(lab->test, away_ms);
    lab->sinks[0].refuse = 0;
    lab_start(lab);
    lab_run(lab, 90000);
    lab_server(lab, 0, true);
    lab_run(lab, 180000);
    assert_int_equal(lab_told(lab, "firing", "server down", "firing", NULL, NULL), 1);
    assert_int_equal(lab_told(lab, "resolved", "server down", "resolved", NULL, NULL), 1);
    assert_int_equal(lab->sinks[0].count, 2);
    assert_string_equal(gwt_last_error(lab->test), "");
    lab_free(lab);
}

static void a_kill_at_any_second_neither_loses_nor_repeats_a_notice(void **state)
{
    (void)state;
    for (int64_t ms = 500; ms < 90000; ms += 1000)
        story(ms, 1000, false);
    for (int64_t ms = 90500; ms < 150000; ms += 1000)
        story(ms, 1000, false);
}

static void a_kill_while_the_receiver_refuses_keeps_what_waits(void **state)
{
    (void)state;
    for (int64_t ms = 26500; ms < 150000; ms += 7000)
        story(ms, 1000, true);
}

static void a_long_absence_is_no_time_that_something_held(void **state)
{
    (void)state;
    struct lab *lab = lab_new(SINK, 1, 1, 3);
    lab_start(lab);
    lab_run(lab, 30000);
    lab_server(lab, 0, false);
    lab_run(lab, 8000); /* pending, of 15 s */
    gwt_kill(lab->test);
    gwt_run(lab->test, 3600000);
    lab_start(lab);
    lab_server(lab, 0, true); /* it was short, as far as anybody knows */
    lab_run(lab, 120000);
    assert_int_equal(lab->sinks[0].count, 0);
    lab_free(lab);
}

/* The sink took it, and the kill came before its answer was heard. */
static int take_and_die(void *data, const char *params_json, char **reply)
{
    struct lab *lab = data;
    json_t *params = json_loads(params_json, 0, NULL);
    json_t *notice = json_object_get(params, "notification");
    struct sink *sink = &lab->sinks[0];
    bool again = sink->count && strcmp(json_string_value(json_object_get(sink->notices[0], "id")),
                                       json_string_value(json_object_get(notice, "id"))) == 0;
    if (again)
        sink->duplicates++;
    else
        sink->notices[sink->count++] = json_incref(notice);
    json_decref(params);
    *reply = again ? strdup("{\"duplicate\":true}") : NULL;
    return again ? 0 : -EINPROGRESS;
}

static void a_notice_whose_answer_was_not_heard_goes_again_under_the_same_id(void **state)
{
    (void)state;
    struct lab *lab =
        lab_new("receivers:\n  - {name: team, send: [{command: dying.send}]}\n", 1, 1, 3);
    gwt_offer(lab->test, "dying.send", take_and_die, lab);
    lab_start(lab);
    lab_run(lab, 30000);
    lab_server(lab, 0, false);
    lab_run(lab, 40000);
    assert_int_equal(lab->sinks[0].count, 1);
    gwt_kill(lab->test);
    gwt_run(lab->test, 1000);
    lab_start(lab);
    lab_run(lab, 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_int_equal(lab->sinks[0].duplicates, 1);
    assert_string_equal(gwt_member(lab->test, "alert.receiver", "team", "waiting"), "0");
    lab_free(lab);
}

static void silences_and_acknowledgements_stay(void **state)
{
    (void)state;
    struct lab *lab = lab_new(SINK "repeat_interval: 10m\n", 2, 1, 3);
    const char *reply;
    char params[300];
    lab_start(lab);
    lab_run(lab, 30000);
    assert_int_equal(gwt_call(lab->test, "alert.silence.create",
                              "{\"matchers\":[\"server=s1\"],\"duration\":\"2h\"}", &reply),
                     0);
    lab_server(lab, 0, false);
    lab_run(lab, 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    snprintf(params, sizeof params, "{\"id\":\"%s\",\"comment\":\"mine\"}",
             gwt_event(lab->test, "alert.firing", 0)->id);
    assert_int_equal(gwt_call(lab->test, "alert.alert.acknowledge", params, &reply), 0);
    lab_kill(lab);
    lab_server(lab, 1, false);
    lab_run(lab, 30 * 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_string_equal(gwt_member(lab->test, "alert.silence", "1", "state"), "active");
    assert_string_equal(gwt_member(lab->test, "alert.alert",
                                   gwt_event(lab->test, "alert.firing", 0)->id,
                                   "acknowledged.comment"),
                        "mine");
    lab_run(lab, 95 * 60000);
    assert_int_equal(lab_told(lab, NULL, "server down", "firing", "server", "s1") > 0, 1);
    lab_free(lab);
}

static void an_event_that_came_while_it_was_away_is_not_lost(void **state)
{
    (void)state;
    struct lab *lab = lab_new(SINK, 1, 1, 4);
    lab_start(lab);
    lab_run(lab, 120000);
    for (size_t i = 0; i < 4; i++)
        if (i == 0 || i == 3)
            lab_node(lab, 0, 0, i, "stopped");
    lab_node_event(lab, 0, 0, 0, "gns3.node.crashed");
    lab_node_event(lab, 0, 0, 3, "gns3.node.crashed");
    lab_run(lab, 120000);
    gwt_kill(lab->test);
    gwt_run(lab->test, 10000);
    lab_node(lab, 0, 0, 1, "stopped");
    lab_node(lab, 0, 0, 3, "started");
    lab_node_event(lab, 0, 0, 1, "gns3.node.crashed");
    lab_node_event(lab, 0, 0, 2, "gns3.node.crashed");
    lab_node_event(lab, 0, 0, 2, "gns3.node.started");
    lab_node_event(lab, 0, 0, 3, "gns3.node.started");
    gwt_run(lab->test, 10000);
    lab_start(lab);
    lab_run(lab, 180000);
    assert_true(lab_told(lab, NULL, "node crashed", "firing", "node", "PC1") >= 1);
    assert_int_equal(lab_told(lab, NULL, "node crashed", NULL, "node", "PC2"), 0);
    assert_int_equal(lab_told(lab, NULL, "node crashed", "resolved", "node", "PC3"), 1);
    assert_int_equal(lab_told(lab, NULL, "node crashed", "resolved", "node", "PC0"), 0);
    lab_free(lab);
}

static void a_damaged_state_is_put_aside_and_alerts_go_on(void **state)
{
    (void)state;
    struct lab *lab = lab_new(SINK, 1, 1, 3);
    char path[600];
    lab_start(lab);
    lab_run(lab, 30000);
    gwt_stop(lab->test);
    snprintf(path, sizeof path, "%s/alert.db", gwt_state_dir(lab->test));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 10000; i++)
        fputs("rubbish ", file);
    fclose(file);
    lab_start(lab);
    lab_server(lab, 0, false);
    lab_run(lab, 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_true(gwt_logged(lab->test, "cannot be read") > 0);
    lab_free(lab);
}

static void an_orderly_restart_says_nothing_again(void **state)
{
    (void)state;
    struct lab *lab = lab_new(SINK, 1, 1, 3);
    lab_start(lab);
    lab_run(lab, 30000);
    lab_server(lab, 0, false);
    lab_run(lab, 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    gwt_stop(lab->test);
    gwt_run(lab->test, 2000);
    lab_start(lab);
    lab_run(lab, 120000);
    assert_int_equal(lab->sinks[0].count, 1);
    lab_free(lab);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_second_neither_loses_nor_repeats_a_notice),
        cmocka_unit_test(a_kill_while_the_receiver_refuses_keeps_what_waits),
        cmocka_unit_test(a_long_absence_is_no_time_that_something_held),
        cmocka_unit_test(a_notice_whose_answer_was_not_heard_goes_again_under_the_same_id),
        cmocka_unit_test(silences_and_acknowledgements_stay),
        cmocka_unit_test(an_event_that_came_while_it_was_away_is_not_lost),
        cmocka_unit_test(a_damaged_state_is_put_aside_and_alerts_go_on),
        cmocka_unit_test(an_orderly_restart_says_nothing_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
