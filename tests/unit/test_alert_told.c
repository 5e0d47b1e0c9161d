/* Who is told what and when: groups, reminders, routes, escalation, acknowledgement, silences,
 * windows, and causes that are seen after what they cause. */
#include "unit.h"

#include "alert_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SINK "receivers:\n  - {name: team, send: [{command: sink.send}]}\n"
#define TWO  SINK "  - {name: boss, send: [{command: pager.send, with: {to: boss}}]}\n"
/* A rule without delays on a series of rooms: told after group_wait, settles not. */
#define ROOMS                                                                             \
    "defaults: no\nrules:\n"                                                              \
    "  - {name: hot, kind: threshold, series: sensor.room, field: celsius, warning: 30, " \
    "critical: 50}\n"

static void room(struct lab *lab, const char *name, double celsius)
{
    char labels[60];
    snprintf(labels, sizeof labels, "project=house,room=%s", name);
    gwt_row(lab->test, "sensor.room", labels, "celsius", &celsius);
}

/* Rows of three rooms each 5 s. */
static void rooms(struct lab *lab, double a, double b, double c, int64_t ms)
{
    for (int64_t at = 0; at < ms; at += 5000) {
        room(lab, "a", a);
        room(lab, "b", b);
        room(lab, "c", c);
        gwt_run(lab->test, 5000);
    }
}

static struct lab *house(const char *yaml)
{
    struct lab *lab = lab_new(yaml, 0, 0, 0);
    lab_start(lab);
    rooms(lab, 20, 20, 20, 20000);
    return lab;
}

static const char *kind_of(const struct lab *lab, size_t sink, size_t i)
{
    assert_true(i < lab->sinks[sink].count);
    return json_string_value(json_object_get(lab->sinks[sink].notices[i], "kind"));
}

static size_t alerts_in(const struct lab *lab, size_t i)
{
    return json_array_size(json_object_get(lab->sinks[0].notices[i], "alerts"));
}

static const char *member(const struct lab *lab, size_t i, const char *name)
{
    return json_string_value(json_object_get(lab->sinks[0].notices[i], name));
}

static const char *alert_id(struct lab *lab, int i)
{
    static char id[200];
    snprintf(id, sizeof id, "%s", gwt_event(lab->test, "alert.firing", i)->id);
    return id;
}

static int call(struct lab *lab, const char *command, const char *format, const char *id)
{
    char params[400];
    const char *reply;
    snprintf(params, sizeof params, format, id);
    int error = gwt_call(lab->test, command, params, &reply);
    if (error)
        print_message("%s: %s\n", command, reply);
    return error;
}

/* ---- Groups ---------------------------------------------------------------------------- */

static void alerts_of_a_group_that_come_close_share_a_notification(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS);
    rooms(lab, 40, 20, 20, 5000);
    rooms(lab, 40, 40, 20, 30000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_int_equal(alerts_in(lab, 0), 2);
    assert_string_equal(member(lab, 0, "title"),
                        "[warning] 2 problems on house: hot "
                        "sensor.room{project=\"house\",room=\"a\"}: 40 , …");
    lab_free(lab);
}

static void a_change_waits_for_the_interval_and_one_thread_holds_all(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS "group_interval: 2m\n");
    rooms(lab, 40, 20, 20, 20000);
    assert_int_equal(lab->sinks[0].count, 1);
    rooms(lab, 40, 40, 20, 90000);
    assert_int_equal(lab->sinks[0].count, 1);
    rooms(lab, 40, 40, 20, 40000);
    assert_int_equal(lab->sinks[0].count, 2);
    assert_int_equal(alerts_in(lab, 1), 2);
    rooms(lab, 20, 40, 20, 130000);
    assert_int_equal(lab->sinks[0].count, 3);
    assert_string_equal(kind_of(lab, 0, 2), "changed");
    rooms(lab, 20, 20, 20, 130000);
    assert_int_equal(lab->sinks[0].count, 4);
    assert_string_equal(kind_of(lab, 0, 3), "resolved");
    for (size_t i = 1; i < 4; i++)
        assert_string_equal(member(lab, i, "thread"), member(lab, 0, "thread"));
    rooms(lab, 40, 20, 20, 20000);
    assert_int_equal(lab->sinks[0].count, 5);
    assert_string_not_equal(member(lab, 4, "thread"), member(lab, 0, "thread"));
    lab_free(lab);
}

static void what_is_critical_does_not_wait_for_the_interval(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS "group_interval: 10m\n");
    rooms(lab, 40, 20, 20, 30000);
    assert_int_equal(lab->sinks[0].count, 1);
    rooms(lab, 40, 60, 20, 15000);
    assert_int_equal(lab->sinks[0].count, 2);
    assert_string_equal(member(lab, 1, "severity"), "critical");
    rooms(lab, 40, 60, 40, 60000);
    assert_int_equal(lab->sinks[0].count, 2);
    lab_free(lab);
}

static void what_ends_before_it_was_told_is_not_told(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS);
    rooms(lab, 40, 20, 20, 5000);
    rooms(lab, 20, 20, 20, 300000);
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 1);
    assert_int_equal(lab->sinks[0].count, 0);
    lab_free(lab);
}

static void reminders_come_until_somebody_acknowledges(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS "repeat_interval: 10m\n");
    rooms(lab, 40, 20, 20, 25 * 60000);
    assert_int_equal(lab->sinks[0].count, 3);
    assert_string_equal(kind_of(lab, 0, 1), "reminder");
    assert_int_equal(call(lab, "alert.alert.acknowledge", "{\"id\":\"%s\",\"comment\":\"looking\"}",
                          alert_id(lab, 0)),
                     0);
    assert_string_equal(gwt_member(lab->test, "alert.alert", alert_id(lab, 0), "acknowledged.by"),
                        "test");
    rooms(lab, 40, 20, 20, 40 * 60000);
    assert_int_equal(lab->sinks[0].count, 3);
    rooms(lab, 20, 20, 20, 60000); /* the end is told, and ends the acknowledgement */
    assert_int_equal(lab->sinks[0].count, 4);
    rooms(lab, 40, 20, 20, 25 * 60000);
    assert_int_equal(lab->sinks[0].count, 7);
    lab_free(lab);
}

static void what_gets_worse_is_told_though_it_is_acknowledged(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS);
    rooms(lab, 40, 20, 20, 60000);
    assert_int_equal(call(lab, "alert.alert.acknowledge", "{\"id\":\"%s\"}", alert_id(lab, 0)), 0);
    rooms(lab, 60, 20, 20, 70000);
    assert_int_equal(lab->sinks[0].count, 2);
    assert_string_equal(kind_of(lab, 0, 1), "changed");
    rooms(lab, 40, 20, 20, 300000);
    assert_int_equal(lab->sinks[0].count, 2);
    lab_free(lab);
}

static void only_what_fires_can_be_acknowledged(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS);
    assert_int_equal(call(lab, "alert.alert.acknowledge", "{\"id\":\"%s\"}", "none"), -ENOENT);
    rooms(lab, 40, 20, 20, 20000);
    rooms(lab, 20, 20, 20, 20000);
    assert_int_equal(call(lab, "alert.alert.acknowledge", "{\"id\":\"%s\"}", alert_id(lab, 0)),
                     -EINVAL);
    lab_free(lab);
}

/* ---- Routes and escalation ------------------------------------------------------------- */

static void routes_pick_receivers_by_label_and_the_first_that_fits_counts(void **state)
{
    (void)state;
    struct lab *lab = house(TWO ROOMS "routes:\n"
                                      "  - {match: ['room=a'], receivers: [boss]}\n"
                                      "  - {match: ['room=b'], receivers: [boss], continue: yes}\n"
                                      "  - {receivers: [team]}\n");
    rooms(lab, 40, 20, 20, 30000);
    assert_int_equal(lab->sinks[0].count, 0);
    assert_int_equal(lab->sinks[1].count, 1);
    rooms(lab, 40, 40, 20, 90000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_int_equal(lab->sinks[1].count, 2);
    assert_int_equal(alerts_in(lab, 0), 1);
    lab_free(lab);
}

static void who_is_told_only_of_the_critical_hears_of_its_end_too(void **state)
{
    (void)state;
    struct lab *lab =
        house(TWO ROOMS "routes:\n"
                        "  - {match: ['severity=critical'], receivers: [boss], continue: yes}\n"
                        "  - {receivers: [team]}\n");
    rooms(lab, 40, 20, 20, 90000);
    assert_int_equal(lab->sinks[1].count, 0);
    rooms(lab, 60, 20, 20, 90000);
    assert_int_equal(lab->sinks[1].count, 1);
    assert_int_equal(lab->sinks[0].count, 2);
    rooms(lab, 20, 20, 20, 90000);
    assert_int_equal(lab->sinks[1].count, 2);
    assert_string_equal(kind_of(lab, 1, 1), "resolved");
    lab_free(lab);
}

static void escalation_is_timed_from_the_beginning_of_the_problem(void **state)
{
    (void)state;
    struct lab *lab = house(TWO ROOMS "routes:\n"
                                      "  - receivers: [team]\n"
                                      "    escalate: [{after: 15m, receiver: boss}]\n");
    rooms(lab, 40, 20, 20, 14 * 60000);
    assert_int_equal(lab->sinks[1].count, 0);
    assert_string_equal(gwt_member(lab->test, "alert.alert", alert_id(lab, 0), "escalation.step"),
                        "0");
    rooms(lab, 40, 20, 20, 65000);
    assert_int_equal(lab->sinks[1].count, 1);
    assert_string_equal(kind_of(lab, 1, 0), "escalated");
    assert_string_equal(gwt_member(lab->test, "alert.alert", alert_id(lab, 0), "escalation.step"),
                        "1");
    assert_int_equal(gwt_events(lab->test, "alert.escalated"), 1);
    rooms(lab, 20, 20, 20, 90000);
    assert_int_equal(lab->sinks[1].count, 2);
    assert_string_equal(kind_of(lab, 1, 1), "resolved");
    lab_free(lab);
}

static void an_acknowledgement_stops_the_escalation(void **state)
{
    (void)state;
    struct lab *lab = house(TWO ROOMS "routes:\n"
                                      "  - receivers: [team]\n"
                                      "    escalate: [{after: 15m, receiver: boss}]\n");
    rooms(lab, 40, 20, 20, 10 * 60000);
    assert_int_equal(call(lab, "alert.alert.acknowledge", "{\"id\":\"%s\"}", alert_id(lab, 0)), 0);
    rooms(lab, 40, 20, 20, 60 * 60000);
    assert_int_equal(lab->sinks[1].count, 0);
    assert_int_equal(call(lab, "alert.alert.unacknowledge", "{\"id\":\"%s\"}", alert_id(lab, 0)),
                     0);
    rooms(lab, 40, 20, 20, 60000);
    assert_int_equal(lab->sinks[1].count, 1);
    lab_free(lab);
}

/* ---- Silences and windows -------------------------------------------------------------- */

static void a_silence_holds_back_what_fits_until_it_ends(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS "settle: 0s\n");
    assert_int_equal(call(lab, "alert.silence.create",
                          "{\"matchers\":[\"room=~a|b\"],\"duration\":\"10m\",\"comment\":\"%s\"}",
                          "new windows"),
                     0);
    assert_string_equal(gwt_member(lab->test, "alert.silence", "1", "state"), "active");
    assert_string_equal(gwt_member(lab->test, "alert.silence", "1", "author"), "test");
    rooms(lab, 40, 20, 40, 9 * 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_int_equal(alerts_in(lab, 0), 1);
    rooms(lab, 40, 20, 40, 2 * 60000);
    assert_int_equal(lab->sinks[0].count, 2);
    assert_int_equal(alerts_in(lab, 1), 2);
    assert_string_equal(gwt_member(lab->test, "alert.silence", "1", "state"), "ended");
    assert_int_equal(gwt_events(lab->test, "alert.silence.ended"), 1);
    lab_free(lab);
}

static void the_end_of_what_was_told_is_told_also_while_it_is_silenced(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS "repeat_interval: 10m\n");
    rooms(lab, 40, 20, 20, 60000);
    assert_int_equal(call(lab, "alert.silence.create",
                          "{\"matchers\":[\"alertname=hot\"],\"duration\":\"%s\"}", "5h"),
                     0);
    rooms(lab, 40, 20, 20, 60 * 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    rooms(lab, 20, 20, 20, 90000);
    assert_int_equal(lab->sinks[0].count, 2);
    assert_string_equal(kind_of(lab, 0, 1), "resolved");
    lab_free(lab);
}

static void silences_can_be_planned_changed_and_ended(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS);
    char times[300];
    int64_t now = gwt_now_ms(lab->test);
    snprintf(times, sizeof times, "{\"matchers\":[\"room=a\"],\"starts\":%lld,\"ends\":%lld}",
             (long long)now + 600000, (long long)now + 1200000);
    assert_int_equal(call(lab, "alert.silence.create", "%s", times), 0);
    assert_string_equal(gwt_member(lab->test, "alert.silence", "1", "state"), "pending");
    rooms(lab, 20, 20, 20, 660000);
    assert_string_equal(gwt_member(lab->test, "alert.silence", "1", "state"), "active");
    assert_int_equal(call(lab, "alert.silence.update", "{\"id\":\"%s\",\"duration\":\"1h\"}", "1"),
                     0);
    rooms(lab, 40, 20, 20, 1800000);
    assert_int_equal(lab->sinks[0].count, 0);
    assert_int_equal(call(lab, "alert.silence.delete", "{\"id\":\"%s\"}", "1"), 0);
    rooms(lab, 40, 20, 20, 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_int_equal(call(lab, "alert.silence.update", "{\"id\":\"%s\",\"duration\":\"1h\"}", "1"),
                     -EINVAL);
    assert_int_equal(call(lab, "alert.silence.create", "{\"matchers\":[\"%s\"]}", "room=a"),
                     -EINVAL);
    assert_int_equal(
        call(lab, "alert.silence.create", "{\"matchers\":[\"%s\"],\"duration\":\"1h\"}", "room=~("),
        -EINVAL);
    lab_free(lab);
}

static void a_maintenance_window_comes_back_and_is_quiet(void **state)
{
    (void)state;
    /* The test's clock begins on a Monday at 10:00 UTC. */
    struct lab *lab = house(SINK ROOMS "repeat_interval: 0s\n"
                                       "windows:\n"
                                       "  - name: works\n"
                                       "    match: ['room=a']\n"
                                       "    schedule: '30 10 * * *'\n"
                                       "    zone: UTC\n"
                                       "    duration: 30m\n");
    assert_string_equal(gwt_member(lab->test, "alert.window", "works", "active"), "false");
    rooms(lab, 20, 20, 20, 31 * 60000);
    assert_string_equal(gwt_member(lab->test, "alert.window", "works", "active"), "true");
    rooms(lab, 40, 20, 20, 20 * 60000);
    assert_int_equal(lab->sinks[0].count, 0);
    assert_string_equal(gwt_member(lab->test, "alert.alert", alert_id(lab, 0), "window"), "works");
    rooms(lab, 40, 20, 20, 10 * 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    rooms(lab, 20, 20, 20, 24 * 3600000 - 30 * 60000);
    assert_string_equal(gwt_member(lab->test, "alert.window", "works", "active"), "true");
    lab_free(lab);
}

/* ---- Causes ---------------------------------------------------------------------------- */

static void what_a_dead_server_takes_along_is_not_told_though_it_is_seen_first(void **state)
{
    (void)state;
    struct lab *lab = lab_new(SINK, 1, 2, 4);
    lab_start(lab);
    lab_run(lab, 60000);
    /* First crashes, then the compute, and the server at last. */
    lab_node(lab, 0, 0, 1, "stopped");
    lab_node_event(lab, 0, 0, 1, "gns3.node.crashed");
    lab_node_event(lab, 0, 1, 2, "gns3.node.crashed");
    lab_run(lab, 5000);
    lab_compute(lab, 0, false);
    lab_run(lab, 8000);
    lab_server(lab, 0, false);
    lab_run(lab, 600000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_int_equal(lab_told(lab, "firing", "server down", "firing", "server", "s0"), 1);
    assert_int_equal(lab_told(lab, NULL, "node crashed", NULL, NULL, NULL), 0);
    /* It comes back; one node runs again, the other has a problem of its own. */
    lab_server(lab, 0, true);
    lab_compute(lab, 0, true);
    lab_node(lab, 0, 0, 1, "started");
    lab_node_event(lab, 0, 0, 1, "gns3.node.started");
    lab_run(lab, 300000);
    assert_int_equal(lab_told(lab, NULL, "node crashed", NULL, "node", "PC1"), 0);
    assert_int_equal(lab_told(lab, "firing", "node crashed", "firing", "node", "PC2"), 1);
    assert_int_equal(lab_told(lab, "resolved", "server down", NULL, NULL, NULL), 1);
    assert_int_equal(lab->sinks[0].count, 3);
    lab_free(lab);
}

static void a_link_of_a_crashed_node_is_explained_by_it(void **state)
{
    (void)state;
    struct lab *lab = lab_new(SINK, 1, 1, 4);
    lab_start(lab);
    lab_run(lab, 60000);
    gwt_say(lab->test, "traffic.link.dead", GW_ERROR, "traffic.link", "l0-0-1",
            "Nothing passes the link", "{\"server\":\"s0\",\"project_name\":\"lab0\"}");
    gwt_say(lab->test, "traffic.link.dead", GW_ERROR, "traffic.link", "l0-0-2",
            "Nothing passes the link", "{\"server\":\"s0\",\"project_name\":\"lab0\"}");
    lab_run(lab, 4000);
    lab_node_event(lab, 0, 0, 1, "gns3.node.crashed"); /* an end of the first link */
    lab_run(lab, 120000);
    assert_int_equal(lab_told(lab, NULL, "link dead", NULL, "link", "PC1 e0 - PC2 e1"), 0);
    assert_true(lab_told(lab, NULL, "link dead", NULL, "link", "PC2 e0 - PC3 e1") > 0);
    assert_int_equal(lab_told(lab, NULL, "node crashed", NULL, NULL, NULL), 1);
    lab_free(lab);
}

static void rules_of_the_file_inhibit_by_label(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS "inhibit:\n"
                                       "  - source: ['room=a']\n"
                                       "    target: ['room=~b|c']\n"
                                       "    equal: [project]\n");
    rooms(lab, 40, 40, 20, 60000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_int_equal(alerts_in(lab, 0), 1);
    rooms(lab, 20, 40, 20, 30000);
    rooms(lab, 20, 40, 20, 90000);
    assert_int_equal(lab->sinks[0].count,
                     3); /* the end of a, and b's own say when it has settled */
    assert_int_equal(alerts_in(lab, 2), 1);
    assert_string_equal(kind_of(lab, 0, 2), "firing");
    lab_free(lab);
}

/* ---- The clock ------------------------------------------------------------------------- */

static void a_clock_that_jumps_makes_nothing_fire_and_nothing_silent(void **state)
{
    (void)state;
    struct lab *lab = house(SINK "defaults: no\nrules:\n"
                                 "  - {name: hot, kind: threshold, series: sensor.room, "
                                 "field: celsius, warning: 30, for: 5m}\n"
                                 "  - {name: gone, kind: absence, series: sensor.room}\n");
    rooms(lab, 40, 20, 20, 60000);
    gwt_set_clock(lab->test, gwt_now_ms(lab->test) + 3600000);
    gwt_run(lab->test, 2000);
    rooms(lab, 40, 20, 20, 200000);
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 0);
    rooms(lab, 40, 20, 20, 60000);
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 1);
    lab_free(lab);
}

/* ---- Handing over ---------------------------------------------------------------------- */

static void a_receiver_that_refuses_gets_it_later_once_and_in_order(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS);
    lab->sinks[0].refuse = -EIO;
    rooms(lab, 40, 20, 20, 120000);
    rooms(lab, 20, 20, 20, 120000);
    assert_int_equal(lab->sinks[0].count, 0);
    assert_string_equal(gwt_member(lab->test, "alert.receiver", "team", "waiting"), "2");
    assert_int_equal(gwt_events(lab->test, "alert.notify.failed"), 1);
    lab->sinks[0].refuse = 0;
    rooms(lab, 20, 20, 20, 60000);
    assert_int_equal(lab->sinks[0].count, 2);
    assert_string_equal(kind_of(lab, 0, 0), "firing");
    assert_string_equal(kind_of(lab, 0, 1), "resolved");
    assert_int_equal(lab->sinks[0].duplicates, 0);
    assert_string_equal(gwt_member(lab->test, "alert.receiver", "team", "sent"), "2");
    lab_free(lab);
}

static void a_command_that_is_missing_is_waited_for(void **state)
{
    (void)state;
    struct lab *lab = house("receivers:\n  - {name: team, send: [{command: later.send}]}\n" ROOMS);
    rooms(lab, 40, 20, 20, 120000);
    assert_true(gwt_asked(lab->test, "later.send") > 2);
    assert_string_equal(gwt_member(lab->test, "alert.receiver", "team", "waiting"), "1");
    lab_free(lab);
}

static void what_nobody_takes_is_given_up_and_said(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS "give_up: 10m\nrepeat_interval: 0s\n");
    lab->sinks[0].refuse = -EINVAL;
    rooms(lab, 40, 20, 20, 15 * 60000);
    assert_string_equal(gwt_member(lab->test, "alert.receiver", "team", "waiting"), "0");
    assert_string_equal(gwt_member(lab->test, "alert.receiver", "team", "failed"), "1");
    assert_int_equal(gwt_events(lab->test, "alert.notify.failed"), 2);
    lab_free(lab);
}

static void a_receiver_can_be_tried(void **state)
{
    (void)state;
    struct lab *lab = house(SINK ROOMS);
    assert_int_equal(call(lab, "alert.receiver.test", "{\"id\":\"%s\"}", "team"), 0);
    gwt_run(lab->test, 2000);
    assert_int_equal(lab->sinks[0].count, 1);
    assert_string_equal(kind_of(lab, 0, 0), "test");
    assert_int_equal(call(lab, "alert.receiver.test", "{\"id\":\"%s\"}", "nobody"), -ENOENT);
    lab_free(lab);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts_of_a_group_that_come_close_share_a_notification),
        cmocka_unit_test(a_change_waits_for_the_interval_and_one_thread_holds_all),
        cmocka_unit_test(what_is_critical_does_not_wait_for_the_interval),
        cmocka_unit_test(what_ends_before_it_was_told_is_not_told),
        cmocka_unit_test(reminders_come_until_somebody_acknowledges),
        cmocka_unit_test(what_gets_worse_is_told_though_it_is_acknowledged),
        cmocka_unit_test(only_what_fires_can_be_acknowledged),
        cmocka_unit_test(routes_pick_receivers_by_label_and_the_first_that_fits_counts),
        cmocka_unit_test(who_is_told_only_of_the_critical_hears_of_its_end_too),
        cmocka_unit_test(escalation_is_timed_from_the_beginning_of_the_problem),
        cmocka_unit_test(an_acknowledgement_stops_the_escalation),
        cmocka_unit_test(a_silence_holds_back_what_fits_until_it_ends),
        cmocka_unit_test(the_end_of_what_was_told_is_told_also_while_it_is_silenced),
        cmocka_unit_test(silences_can_be_planned_changed_and_ended),
        cmocka_unit_test(a_maintenance_window_comes_back_and_is_quiet),
        cmocka_unit_test(what_a_dead_server_takes_along_is_not_told_though_it_is_seen_first),
        cmocka_unit_test(a_link_of_a_crashed_node_is_explained_by_it),
        cmocka_unit_test(rules_of_the_file_inhibit_by_label),
        cmocka_unit_test(a_clock_that_jumps_makes_nothing_fire_and_nothing_silent),
        cmocka_unit_test(a_receiver_that_refuses_gets_it_later_once_and_in_order),
        cmocka_unit_test(a_command_that_is_missing_is_waited_for),
        cmocka_unit_test(what_nobody_takes_is_given_up_and_said),
        cmocka_unit_test(a_receiver_can_be_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
