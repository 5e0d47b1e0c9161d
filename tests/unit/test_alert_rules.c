/* Rules on the test host: what fires, when, and what ends it. */
#include "unit.h"

#include "alert_lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char sink_yaml[] = "receivers:\n"
                                "  - name: team\n"
                                "    send:\n"
                                "      - command: sink.send\n"
                                "        with: {to: [team@example.org]}\n";

/* The id of the only alert of a rule that is listed; NULL: there is none. */
static const char *only(struct lab *lab, const char *rule)
{
    static char found[200];
    size_t count = 0;
    const struct gw_event *event;
    for (int i = 0; (event = gwt_event(lab->test, "alert.*", i)) != NULL; i++) {
        if (!event->kind || strcmp(event->kind, "alert.alert") != 0)
            continue;
        if (strcmp(gwt_member(lab->test, "alert.alert", event->id, "rule"), rule) != 0)
            continue;
        count += count == 0 || strcmp(found, event->id) != 0;
        snprintf(found, sizeof found, "%s", event->id);
    }
    assert_true(count <= 1);
    return count ? found : NULL;
}

static const char *state_of(struct lab *lab, const char *rule)
{
    const char *id = only(lab, rule);
    return id ? gwt_member(lab->test, "alert.alert", id, "state") : "";
}

static void a_healthy_lab_is_quiet_all_day(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 2, 3, 5);
    lab_start(lab);
    for (int i = 0; i < 24 * 12; i++) {
        for (size_t s = 0; s < 2; s++) {
            lab->cpu[s] = 30 + (i * 7 + (int)s * 13) % 40;
            lab->latency[s] = 8 + (i * 3) % 9;
        }
        lab_run(lab, 300000);
    }
    assert_int_equal(gwt_events(lab->test, "alert.*"), 0);
    assert_int_equal(lab->sinks[0].count, 0);
    assert_string_equal(gwt_last_error(lab->test), "");
    lab_free(lab);
}

static void a_server_that_does_not_answer_is_told_and_so_is_its_end_with_the_duration(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 3);
    lab_start(lab);
    lab_run(lab, 60000);
    lab_server(lab, 0, false);
    lab_run(lab, 15000);
    assert_string_equal(state_of(lab, "server down"), "pending");
    lab_run(lab, 10000);
    assert_string_equal(state_of(lab, "server down"), "firing");
    lab_run(lab, 10000);
    assert_int_equal(lab_told(lab, "firing", "server down", "firing", "server", "s0"), 1);
    json_t *notice = lab_last(lab);
    assert_string_equal(json_string_value(json_object_get(notice, "severity")), "critical");
    assert_string_equal(json_string_value(json_object_get(notice, "title")),
                        "[critical] GNS3 server s0 does not answer");
    assert_non_null(gwt_asked_params(lab->test, "sink.send", -1));
    assert_non_null(strstr(gwt_asked_params(lab->test, "sink.send", -1), "team@example.org"));
    lab_run(lab, 120000);
    lab_server(lab, 0, true);
    lab_run(lab, 90000);
    assert_string_equal(state_of(lab, "server down"), "resolved");
    assert_int_equal(lab_told(lab, "resolved", "server down", "resolved", "server", "s0"), 1);
    assert_int_equal(lab->sinks[0].count, 2);
    notice = lab_last(lab);
    assert_non_null(strstr(json_string_value(json_object_get(notice, "text")), "after 2 min 3"));
    /* Its breaker opens, too: that is listed, explained by the server, and not told. */
    assert_string_equal(state_of(lab, "breaker open"), "resolved");
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 2);
    assert_int_equal(gwt_events(lab->test, "alert.resolved"), 2);
    lab_free(lab);
}

static void a_short_break_is_not_told(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 3);
    lab_start(lab);
    lab_run(lab, 60000);
    lab_server(lab, 0, false);
    lab_run(lab, 10000);
    lab_server(lab, 0, true);
    lab_run(lab, 300000);
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 0);
    assert_int_equal(lab->sinks[0].count, 0);
    assert_int_equal(gwt_objects(lab->test, "alert.alert"), 0);
    lab_free(lab);
}

static void a_high_value_has_hysteresis_and_levels(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 2);
    lab_start(lab);
    lab_run(lab, 60000);
    lab->disk[0] = 86;
    lab_run(lab, 150000);
    assert_int_equal(lab_told(lab, "firing", "compute disk full", "firing", "server", "s0"), 1);
    const char *id = only(lab, "compute disk full");
    assert_string_equal(gwt_member(lab->test, "alert.alert", id, "severity"), "warning");
    assert_string_equal(gwt_member(lab->test, "alert.alert", id, "subject.kind"), "gns3.compute");
    assert_string_equal(gwt_member(lab->test, "alert.alert", id, "threshold"), "> 85");
    lab->disk[0] = 83; /* below the limit, above clear */
    lab_run(lab, 300000);
    assert_string_equal(state_of(lab, "compute disk full"), "firing");
    lab->disk[0] = 96;
    lab_run(lab, 180000);
    assert_int_equal(
        lab_told(lab, "changed", "compute disk full", "firing", "severity", "critical"), 1);
    assert_int_equal(gwt_events(lab->test, "alert.changed"), 1);
    lab->disk[0] = 50;
    lab_run(lab, 180000);
    assert_int_equal(lab_told(lab, "resolved", "compute disk full", NULL, NULL, NULL), 1);
    assert_int_equal(lab->sinks[0].count, 3);
    lab_free(lab);
}

static void a_disk_that_fills_is_foreseen(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 2);
    lab_start(lab);
    lab->disk[0] = 62;
    for (int i = 0; i < 60 * 5; i++) {
        lab->disk[0] += 2.0 / 60; /* 2 % an hour: full within 24 hours */
        lab_run(lab, 60000);
    }
    assert_int_equal(lab_told(lab, "firing", "compute disk fills", "firing", "server", "s0"), 1);
    assert_int_equal(lab->sinks[0].count, 1);
    lab_free(lab);
}

static void a_crash_is_an_alert_until_the_node_starts(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 4);
    lab_start(lab);
    lab_run(lab, 60000);
    lab_node(lab, 0, 0, 1, "stopped");
    lab_node_event(lab, 0, 0, 1, "gns3.node.crashed");
    lab_run(lab, 300000);
    assert_int_equal(lab_told(lab, "firing", "node crashed", "firing", "node", "PC1"), 1);
    assert_int_equal(lab_told(lab, NULL, "node down", NULL, NULL, NULL), 0);
    lab_node(lab, 0, 0, 1, "started");
    lab_node_event(lab, 0, 0, 1, "gns3.node.started");
    lab_run(lab, 120000);
    assert_int_equal(lab_told(lab, "resolved", "node crashed", NULL, NULL, NULL), 1);
    assert_int_equal(lab->sinks[0].count, 2);
    lab_free(lab);
}

static void a_node_that_stops_alone_is_told_and_a_lab_that_is_closed_or_stopped_is_not(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 3, 3);
    lab_start(lab);
    lab_run(lab, 60000);
    lab_node(lab, 0, 0, 1, "stopped");
    lab_project(lab, 0, 1, "closed");
    for (size_t i = 0; i < 3; i++)
        lab_node(lab, 0, 2, i, "stopped");
    lab_run(lab, 300000);
    assert_int_equal(lab_told(lab, "firing", "node down", "firing", "node", "PC1"), 1);
    assert_int_equal(lab->sinks[0].count, 1);
    lab_project(lab, 0, 0, "closed");
    lab_run(lab, 120000);
    assert_int_equal(lab_told(lab, "resolved", "node down", NULL, NULL, NULL), 1);
    assert_int_equal(lab->sinks[0].count, 2);
    lab_free(lab);
}

static void nodes_that_were_stopped_all_along_are_nobodys_news(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 3);
    lab_node(lab, 0, 0, 2, "stopped");
    lab_start(lab);
    lab_run(lab, 600000);
    assert_int_equal(gwt_objects(lab->test, "alert.alert"), 0);
    lab_free(lab);
}

static void a_crash_is_told_also_when_its_stop_is_seen_first(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 4);
    lab_start(lab);
    lab_run(lab, 60000);
    lab_node(lab, 0, 0, 1, "stopped");
    lab_run(lab, 3); /* what GNS3's list says comes before what its log says */
    lab_node_event(lab, 0, 0, 1, "gns3.node.crashed");
    lab_run(lab, 180000);
    assert_int_equal(lab_told(lab, "firing", "node crashed", "firing", "node", "PC1"), 1);
    assert_int_equal(lab_told(lab, NULL, "node down", NULL, NULL, NULL), 0);
    lab_free(lab);
}

static void flapping_counts_events_and_ends_by_itself(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 4);
    lab_start(lab);
    lab_run(lab, 60000);
    for (int i = 0; i < 4; i++) {
        lab_node(lab, 0, 0, 1, "stopped");
        lab_node_event(lab, 0, 0, 1, "gns3.node.stopped");
        lab_run(lab, 20000);
        lab_node(lab, 0, 0, 1, "started");
        lab_node_event(lab, 0, 0, 1, "gns3.node.started");
        lab_run(lab, 30000);
    }
    assert_int_equal(lab_told(lab, "firing", "node flapping", "firing", "node", "PC1"), 1);
    lab_run(lab, 15 * 60000);
    assert_int_equal(lab_told(lab, "resolved", "node flapping", NULL, NULL, NULL), 1);
    assert_int_equal(lab->sinks[0].count, 2);
    lab_free(lab);
}

static void stops_somebody_asked_for_are_no_flapping(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 1, 1, 4);
    lab_start(lab);
    lab_run(lab, 60000);
    for (int i = 0; i < 6; i++) { /* a schedule that stops and starts the lab */
        lab_node(lab, 0, 0, 1, "stopped");
        gwt_say(lab->test, "gns3.node.stopped", GW_INFO, "gns3.node", "n0-0-1", "stopped",
                "{\"server\":\"s0\",\"name\":\"PC1\",\"asked\":true}");
        lab_run(lab, 20000);
        lab_node(lab, 0, 0, 1, "started");
        lab_node_event(lab, 0, 0, 1, "gns3.node.started");
        lab_run(lab, 30000);
    }
    assert_int_equal(lab_told(lab, "firing", "node flapping", NULL, NULL, NULL), 0);
    lab_free(lab);
}

static void a_slow_server_is_measured_against_its_own_history(void **state)
{
    (void)state;
    struct lab *lab = lab_new(sink_yaml, 2, 1, 2);
    lab_start(lab);
    lab->latency[0] = 60;
    lab->latency[1] = 2;
    lab_run(lab, 4 * 3600000);
    lab->latency[0] = 300; /* five times as slow */
    lab->latency[1] = 20;  /* ten times as slow, and still fast */
    lab_run(lab, 15 * 60000);
    assert_int_equal(lab_told(lab, "firing", "server slow", "firing", "server", "s0"), 1);
    assert_int_equal(lab_told(lab, NULL, "server slow", NULL, "server", "s1"), 0);
    lab_free(lab);
}

/* ---- Rules of the file ----------------------------------------------------------------------- */

static void a_rule_of_the_file_changes_what_it_says_of_a_built_in_one(void **state)
{
    (void)state;
    struct lab *lab = lab_new("rules:\n"
                              "  - name: compute disk full\n"
                              "    warning: 30\n"
                              "    clear: 25\n"
                              "  - name: server down\n"
                              "    enabled: no\n",
                              1, 1, 2);
    lab_start(lab);
    lab_run(lab, 150000);
    assert_string_equal(state_of(lab, "compute disk full"), "firing");
    assert_string_equal(gwt_member(lab->test, "alert.rule", "compute disk full", "source"), "file");
    assert_string_equal(gwt_member(lab->test, "alert.rule", "compute disk full", "kind"),
                        "threshold");
    assert_string_equal(gwt_member(lab->test, "alert.rule", "server down", "enabled"), "false");
    assert_string_equal(gwt_member(lab->test, "alert.rule", "node down", "source"), "default");
    lab_server(lab, 0, false);
    lab_run(lab, 60000);
    assert_string_equal(state_of(lab, "server down"), "");
    lab_free(lab);
}

static void a_rule_that_cannot_run_says_why_and_the_others_run(void **state)
{
    (void)state;
    struct lab *lab = lab_new("defaults: no\n"
                              "rules:\n"
                              "  - name: no limit\n"
                              "    kind: threshold\n"
                              "    series: gns3.compute\n"
                              "    field: cpu\n"
                              "  - name: no kind\n"
                              "    warning: 1\n"
                              "  - name: matcher\n"
                              "    kind: absence\n"
                              "    series: gns3.compute\n"
                              "    match: ['server=~(']\n"
                              "  - name: good\n"
                              "    kind: threshold\n"
                              "    series: gns3.compute\n"
                              "    field: cpu\n"
                              "    warning: 10\n",
                              1, 1, 2);
    lab_start(lab);
    lab_run(lab, 30000);
    assert_non_null(strstr(gwt_member(lab->test, "alert.rule", "no limit", "error"), "no limit"));
    assert_non_null(strstr(gwt_member(lab->test, "alert.rule", "no kind", "error"), "'kind'"));
    assert_non_null(strstr(gwt_member(lab->test, "alert.rule", "matcher", "error"), "expression"));
    assert_string_equal(state_of(lab, "good"), "firing");
    lab_free(lab);
}

static void mistakes_in_the_file_are_told_with_their_place(void **state)
{
    (void)state;
    extern const struct gw_descriptor gnswatch_plugin;
    char *said = gwt_check(&gnswatch_plugin, "rules:\n"
                                             "  - name: x\n"
                                             "    kind: treshold\n"
                                             "    for: 5 parsecs\n");
    assert_non_null(strstr(said, ":3:"));
    assert_non_null(strstr(said, ":4:"));
    gw_free(said);
}

static void absence_speaks_when_rows_stop_and_ends_when_they_come(void **state)
{
    (void)state;
    struct lab *lab = lab_new("defaults: no\n"
                              "rules:\n"
                              "  - name: no rows\n"
                              "    kind: absence\n"
                              "    series: sensor.room\n"
                              "    over: 1m\n"
                              "    severity: critical\n",
                              1, 1, 2);
    double row = 20;
    lab_start(lab);
    for (int i = 0; i < 10; i++) {
        gwt_row(lab->test, "sensor.room", "room=r1", "celsius", &row);
        lab_run(lab, 10000);
    }
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 0);
    lab_run(lab, 70000);
    assert_string_equal(state_of(lab, "no rows"), "firing");
    gwt_row(lab->test, "sensor.room", "room=r1", "celsius", &row);
    lab_run(lab, 5000);
    assert_string_equal(state_of(lab, "no rows"), "resolved");
    lab_free(lab);
}

static void no_data_holds_what_fires_drops_what_is_pending_and_can_be_unknown(void **state)
{
    (void)state;
    struct lab *lab = lab_new("defaults: no\n"
                              "rules:\n"
                              "  - {name: hot, kind: threshold, series: sensor.room, "
                              "field: celsius, warning: 30}\n"
                              "  - {name: slowly, kind: threshold, series: sensor.room, "
                              "field: celsius, warning: 30, for: 2m}\n"
                              "  - {name: blind, kind: threshold, series: sensor.room, "
                              "field: celsius, warning: 90, no_data: unknown}\n",
                              1, 1, 2);
    double row = 40;
    lab_start(lab);
    for (int i = 0; i < 5; i++) {
        gwt_row(lab->test, "sensor.room", "room=r1", "celsius", &row);
        lab_run(lab, 5000);
    }
    lab_run(lab, 300000);
    assert_string_equal(state_of(lab, "hot"), "firing");
    assert_string_equal(state_of(lab, "slowly"), "");
    const char *id = only(lab, "blind");
    assert_non_null(id);
    assert_string_equal(gwt_member(lab->test, "alert.alert", id, "severity"), "unknown");
    row = 20;
    gwt_row(lab->test, "sensor.room", "room=r1", "celsius", &row);
    lab_run(lab, 5000);
    assert_string_equal(state_of(lab, "hot"), "resolved");
    assert_string_equal(state_of(lab, "blind"), "resolved");
    lab_free(lab);
}

static void
a_series_that_has_gone_ends_its_alert_after_a_while_and_one_that_returns_does_not(void **state)
{
    (void)state;
    struct lab *lab = lab_new("defaults: no\n"
                              "rules:\n"
                              "  - {name: hot, kind: threshold, series: sensor.room, "
                              "field: celsius, warning: 30}\n",
                              1, 1, 2);
    double row = 40;
    lab_start(lab);
    gwt_row(lab->test, "sensor.room", "room=r1", "celsius", &row);
    lab_run(lab, 5000);
    assert_string_equal(state_of(lab, "hot"), "firing");
    gwt_series_gone(lab->test, "sensor.room", "room=r1");
    lab_run(lab, 60000);
    gwt_row(lab->test, "sensor.room", "room=r1", "celsius", &row);
    lab_run(lab, 20 * 60000);
    assert_string_equal(state_of(lab, "hot"), "firing");
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 1);
    gwt_series_gone(lab->test, "sensor.room", "room=r1");
    lab_run(lab, 11 * 60000);
    assert_string_equal(state_of(lab, "hot"), "resolved");
    lab_free(lab);
}

static void any_series_can_be_watched_also_those_of_an_anomaly_detector(void **state)
{
    (void)state;
    struct lab *lab = lab_new("defaults: no\n"
                              "rules:\n"
                              "  - {name: strange, kind: threshold, series: 'anomaly.*', "
                              "field: score, warning: 0.9, labels: {team: net, level: 3}}\n",
                              1, 1, 2);
    double row = 0.95;
    lab_start(lab);
    gwt_row(lab->test, "anomaly.cpu", "server=s0,compute=local", "score", &row);
    gwt_row(lab->test, "anomaly.disk", "server=s0,compute=local", "score", &row);
    lab_run(lab, 5000);
    assert_int_equal(gwt_events(lab->test, "alert.firing"), 2);
    const struct gw_event *event = gwt_event(lab->test, "alert.firing", 0);
    assert_string_equal(gwt_member(lab->test, "alert.alert", event->id, "labels.team"), "net");
    assert_string_equal(gwt_member(lab->test, "alert.alert", event->id, "labels.level"), "3");
    lab_free(lab);
}

static void words_come_from_templates(void **state)
{
    (void)state;
    struct lab *lab = lab_new("defaults: no\n"
                              "rules:\n"
                              "  - name: cpu\n"
                              "    kind: threshold\n"
                              "    series: gns3.compute\n"
                              "    field: cpu\n"
                              "    warning: 10\n"
                              "    unit: '%'\n"
                              "    summary: '{{labels.server}}: {{value|number}} {{unit}} "
                              "({{threshold}}) {{severity}}'\n",
                              1, 1, 2);
    lab_start(lab);
    lab_run(lab, 15000);
    const char *id = only(lab, "cpu");
    assert_non_null(id);
    assert_string_equal(gwt_member(lab->test, "alert.alert", id, "summary"),
                        "s0: 20 % (> 10 %) warning");
    lab_free(lab);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_lab_is_quiet_all_day),
        cmocka_unit_test(a_server_that_does_not_answer_is_told_and_so_is_its_end_with_the_duration),
        cmocka_unit_test(a_short_break_is_not_told),
        cmocka_unit_test(a_high_value_has_hysteresis_and_levels),
        cmocka_unit_test(a_disk_that_fills_is_foreseen),
        cmocka_unit_test(a_crash_is_an_alert_until_the_node_starts),
        cmocka_unit_test(
            a_node_that_stops_alone_is_told_and_a_lab_that_is_closed_or_stopped_is_not),
        cmocka_unit_test(nodes_that_were_stopped_all_along_are_nobodys_news),
        cmocka_unit_test(a_crash_is_told_also_when_its_stop_is_seen_first),
        cmocka_unit_test(flapping_counts_events_and_ends_by_itself),
        cmocka_unit_test(stops_somebody_asked_for_are_no_flapping),
        cmocka_unit_test(a_slow_server_is_measured_against_its_own_history),
        cmocka_unit_test(a_rule_of_the_file_changes_what_it_says_of_a_built_in_one),
        cmocka_unit_test(a_rule_that_cannot_run_says_why_and_the_others_run),
        cmocka_unit_test(mistakes_in_the_file_are_told_with_their_place),
        cmocka_unit_test(absence_speaks_when_rows_stop_and_ends_when_they_come),
        cmocka_unit_test(no_data_holds_what_fires_drops_what_is_pending_and_can_be_unknown),
        cmocka_unit_test(
            a_series_that_has_gone_ends_its_alert_after_a_while_and_one_that_returns_does_not),
        cmocka_unit_test(any_series_can_be_watched_also_those_of_an_anomaly_detector),
        cmocka_unit_test(words_come_from_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
