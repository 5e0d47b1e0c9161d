/* What other plugins tell the health plugin - alerts, faults of links, snapshots - and what it
 * keeps over a restart. */
#include "health_story.h"

static void put_alert(struct gwt *test, const char *id, const char *more)
{
    json_t *doc = json_loads(
        "{\"rule\":\"r\",\"state\":\"firing\",\"severity\":\"critical\",\"summary\":\"PC is "
        "odd\",\"silenced_by\":[],\"inhibited_by\":null,\"window\":null,\"acknowledged\":null,"
        "\"subject\":{\"kind\":\"gns3.node\",\"id\":\"n0\",\"name\":\"N0\"}}",
        0, NULL);
    json_t *other = json_loads(more, 0, NULL);
    assert_true(doc && other && json_object_update(doc, other) == 0);
    char *text = json_dumps(doc, JSON_COMPACT);
    gwt_put(test, "alert.alert", id, text);
    free(text);
    json_decref(other);
    json_decref(doc);
}

static void open_alerts_cost_points_unless_silenced_explained_or_about_a_score(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 2);
    story_calm(test, 60000);
    put_alert(test, "a1", "{}");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n0"), 70);
    assert_non_null(
        strstr(gwt_member(test, "health.score", "gns3.node/n0", "reasons"), "alert: PC is odd"));
    static const char *const quiet[] = {
        "{\"silenced_by\":[3]}",
        "{\"inhibited_by\":\"a9\"}",
        "{\"window\":\"night\"}",
        "{\"state\":\"resolved\"}",
        "{\"series\":{\"id\":1,\"key\":\"health.score{kind=\\\"gns3.node\\\"}\"}}",
    };
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++) {
        put_alert(test, "a1", quiet[i]);
        story_calm(test, 60000);
        assert_int_equal(story_score(test, "gns3.node/n0"), 100);
        put_alert(test, "a1", "{}");
        story_calm(test, 60000);
        assert_int_equal(story_score(test, "gns3.node/n0"), 70);
    }
    put_alert(test, "a1", "{\"acknowledged\":{\"by\":\"me\"}}");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n0"), 85);
    gwt_delete(test, "alert.alert", "a1");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n0"), 100);
    gwt_free(test);
}

static void a_dead_link_costs_points_and_one_without_data_is_unknown(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 2);
    gwt_put(test, "gns3.link", "l1",
            "{\"server\":\"lab\",\"project\":\"p1\",\"name\":\"N0 e0 - N1 e0\",\"status\":\"up\"}");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.link/l1"), -1);
    assert_int_equal(story_score(test, "gns3.project/p1"), 100);
    gwt_put(test, "traffic.link", "l1", "{\"status\":\"active\",\"fault\":null}");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.link/l1"), 100);
    assert_int_equal(story_score(test, "gns3.link/l1"), 100);
    gwt_put(test, "traffic.link", "l1",
            "{\"status\":\"idle\",\"fault\":\"nothing arrives at N1\"}");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.link/l1"), 20);
    assert_int_equal(story_score(test, "gns3.project/p1"), 52);
    assert_non_null(strstr(gwt_member(test, "health.score", "gns3.project/p1", "reasons"),
                           "nothing arrives at N1"));
    gwt_free(test);
}

static void lost_packets_cost_points(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 2);
    gwt_put(test, "gns3.link", "l1",
            "{\"server\":\"lab\",\"project\":\"p1\",\"name\":\"N0 N1\",\"status\":\"up\"}");
    gwt_put(test, "traffic.link", "l1", "{\"status\":\"active\",\"fault\":null}");
    double row[3] = {0};
    for (int i = 0; i < 60; i++) {
        row[0] += 500;
        row[1] += 400;
        row[2] += 100;
        gwt_row(test, "traffic.link", "server=lab,project=net,link=N0 N1",
                "ab_packets:counter,ba_packets:counter,drops:counter", row);
        story_calm(test, 10000);
    }
    assert_int_equal(story_score(test, "gns3.link/l1"), 80);
    assert_non_null(strstr(gwt_member(test, "health.score", "gns3.link/l1", "reasons"),
                           "of its packets are lost"));
    gwt_free(test);
}

static void snapshots_count_where_they_are_taken_and_nowhere_else(void **state)
{
    (void)state;
    struct gwt *test = story_lab("levels: {snapshot_age: 1d}\n", 2);
    story_calm(test, 60000);
    assert_null(
        strstr(gwt_member(test, "health.score", "gns3.project/p1", "unknown"), "snapshots"));
    const double fresh[] = {3600, 1}, old[] = {86400 * 3.0, 1}, failed[] = {3600, 0};
    gwt_row(test, "snapshot.project", "server=lab,project=net", "age_s,last_ok", fresh);
    story_calm(test, 30000);
    assert_int_equal(story_score(test, "gns3.project/p1"), 100);
    gwt_row(test, "snapshot.project", "server=lab,project=net", "age_s,last_ok", old);
    story_calm(test, 30000);
    assert_int_equal(story_score(test, "gns3.project/p1"), 85);
    assert_non_null(strstr(gwt_member(test, "health.score", "gns3.project/p1", "reasons"),
                           "from before 3 days"));
    gwt_row(test, "snapshot.project", "server=lab,project=net", "age_s,last_ok", failed);
    story_calm(test, 30000);
    assert_in_range(story_score(test, "gns3.project/p1"), 92, 93);
    gwt_free(test);
}

static void flapping_costs_points_for_an_hour(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 2);
    for (int i = 0; i < 8; i++) {
        story_stop(test, "n0", "N0", "unasked");
        story_start(test, "n0", "N0");
        story_stop(test, "n1", "N1", "asked"); /* for a snapshot */
        story_start(test, "n1", "N1");
    }
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n0"), 80);
    assert_int_equal(story_score(test, "gns3.node/n1"), 100);
    assert_non_null(strstr(gwt_member(test, "health.score", "gns3.node/n0", "reasons"),
                           "changed its state 16 times within an hour"));
    story_calm(test, 3600000);
    assert_int_equal(story_score(test, "gns3.node/n0"), 100);
    gwt_free(test);
}

static void a_crash_a_level_and_its_time_are_known_after_a_kill(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 5);
    story_calm(test, 60000);
    story_stop(test, "n1", "N1", "crashed");
    story_calm(test, 300000);
    char since[40];
    snprintf(since, sizeof since, "%s", gwt_member(test, "health.score", "gns3.node/n1", "since"));
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(story_score(test, "gns3.node/n1"), 30);
    gwt_run(test, 20000); /* nothing has come yet, and nothing is forgotten */
    assert_int_equal(story_score(test, "gns3.node/n1"), 30);
    story_calm(test, 300000);
    assert_int_equal(story_score(test, "gns3.node/n1"), 30);
    assert_string_equal(gwt_member(test, "health.score", "gns3.node/n1", "since"), since);
    gwt_free(test);
}

static void what_goes_takes_its_score_with_it(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 3);
    story_calm(test, 60000);
    story_stop(test, "n1", "N1", "crashed");
    story_calm(test, 60000);
    assert_true(story_score(test, "all") < 100);
    gwt_delete(test, "gns3.node", "n1");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n1"), -2);
    assert_int_equal(story_score(test, "all"), 100);
    gwt_stop(test);
    gwt_delete(test, "gns3.node", "n2"); /* while nobody looks */
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(story_score(test, "gns3.node/n2"), -2);
    gwt_delete(test, "gns3.project", "p1");
    gwt_delete(test, "gns3.server", "lab");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.project/p1"), -2);
    assert_int_equal(story_score(test, "gns3.server/lab"), -2);
    gwt_free(test);
}

static void garbage_in_objects_of_others_does_no_harm(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 2);
    static const char *const kinds[] = {"gns3.server", "gns3.compute", "gns3.project",
                                        "gns3.node",   "gns3.link",    "alert.alert",
                                        "alert.rule",  "traffic.link"};
    static const char *const garbage[] = {"{}", "{\"name\":7,\"server\":[],\"project\":{}}",
                                          "{\"status\":null,\"subject\":7,\"state\":{}}"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (size_t k = 0; k < 3; k++) {
            gwt_put(test, kinds[i], "l1", garbage[k]);
            story_calm(test, 10000);
        }
    assert_int_equal(story_score(test, "gns3.node/n0"), 100);
    gwt_free(test);
}

static void ten_thousand_nodes_are_put_in_pieces_and_one_change_is_one_piece(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 10000);
    story_calm(test, 120000);
    assert_int_equal(gwt_objects(test, "health.score"), 10004);
    assert_int_equal(story_score(test, "all"), 100);
    story_stop(test, "n5000", "N5000", "crashed");
    story_calm(test, 30000);
    assert_int_equal(story_score(test, "gns3.node/n5000"), 30);
    assert_int_equal(story_score(test, "all"), 99); /* it still shows */
    assert_int_equal(gwt_events(test, "health.level"), 1);
    gwt_free(test);
}

static void what_is_usual_is_known_from_the_past_right_after_a_restart(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 1);
    story_calm(test, 3600000);
    gwt_stop(test);
    gwt_run(test, 10000);
    assert_int_equal(gwt_start(test), 0);
    story_calm(test, 40000); /* rows come, and the past is asked for */
    story_run(test, 120000, 10, 40, 30, 90);
    assert_true(story_score(test, "gns3.server/lab") < 90);
    assert_non_null(strstr(gwt_member(test, "health.score", "gns3.server/lab", "reasons"),
                           "answers in 90 ms, usually 9 ms"));
    gwt_free(test);
}

static void limits_that_make_no_sense_are_refused_with_a_sentence(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, "levels: {disk_from: 97, disk_full: 80}\n", 0);
    assert_non_null(test);
    assert_int_equal(gwt_start(test), -EINVAL);
    assert_non_null(strstr(gwt_last_error(test), "levels"));
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_alerts_cost_points_unless_silenced_explained_or_about_a_score),
        cmocka_unit_test(a_dead_link_costs_points_and_one_without_data_is_unknown),
        cmocka_unit_test(lost_packets_cost_points),
        cmocka_unit_test(snapshots_count_where_they_are_taken_and_nowhere_else),
        cmocka_unit_test(flapping_costs_points_for_an_hour),
        cmocka_unit_test(a_crash_a_level_and_its_time_are_known_after_a_kill),
        cmocka_unit_test(what_goes_takes_its_score_with_it),
        cmocka_unit_test(garbage_in_objects_of_others_does_no_harm),
        cmocka_unit_test(ten_thousand_nodes_are_put_in_pieces_and_one_change_is_one_piece),
        cmocka_unit_test(what_is_usual_is_known_from_the_past_right_after_a_restart),
        cmocka_unit_test(limits_that_make_no_sense_are_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
