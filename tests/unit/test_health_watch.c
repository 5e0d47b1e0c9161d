/* What the health plugin says of a small lab to which things happen. */
#include "health_story.h"

static void a_healthy_lab_is_at_a_hundred_with_nothing_to_say(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 3);
    story_calm(test, 900000);
    static const char *const all[] = {"all", "gns3.server/lab", "gns3.compute/lab/local",
                                      "gns3.project/p1", "gns3.node/n0"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_equal(story_score(test, all[i]), 100);
        assert_string_equal(gwt_member(test, "health.score", all[i], "level"), "good");
    }
    assert_int_equal(gwt_events(test, "health.*"), 0);
    assert_true(gwt_value(test, "health.score", "kind=all,server=,project=,name=everything",
                          "score") == 100);
    gwt_free(test);
}

static void a_crashed_node_costs_points_up_to_the_whole_and_comes_back(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 100);
    story_calm(test, 900000);
    story_stop(test, "n7", "N7", "crashed");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n7"), 30);
    assert_string_equal(gwt_member(test, "health.score", "gns3.node/n7", "level"), "bad");
    int project = story_score(test, "gns3.project/p1");
    assert_in_range(project, 90, 95);
    assert_int_equal(story_score(test, "gns3.server/lab"), project);
    assert_int_equal(story_score(test, "all"), project);
    char *text = gwt_object(test, "health.score", "all");
    assert_non_null(strstr(text, "\"N7: crashed and was not started again\""));
    assert_non_null(strstr(gwt_member(test, "health.score", "gns3.node/n7", "reasons"),
                           "\"crashed and was not started again\""));
    assert_non_null(strstr(text, "\"name\":\"N7\""));
    assert_non_null(
        strstr(text, "gns3.node{server=\\\"lab\\\",project=\\\"net\\\",node=\\\"N7\\\"}"));
    gw_free(text);
    const struct gw_event *event = gwt_event(test, "health.level", -1);
    assert_int_equal(event->severity, GW_ERROR);
    assert_string_equal(event->id, "n7");
    story_start(test, "n7", "N7");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n7"), 100);
    assert_int_equal(story_score(test, "all"), 100);
    assert_int_equal(gwt_event(test, "health.level", -1)->severity, GW_NOTICE);
    gwt_free(test);
}

static void a_node_that_was_stopped_on_request_or_never_started_costs_nothing(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 3);
    story_node(test, "lab", "p1", "n8", "N8", "stopped");
    story_calm(test, 60000);
    story_stop(test, "n1", "N1", "asked");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n1"), 100);
    assert_int_equal(story_score(test, "gns3.node/n8"), 100);
    assert_int_equal(story_score(test, "gns3.project/p1"), 100);
    gwt_free(test);
}

static void a_stop_nobody_asked_for_costs_half_until_it_is_accepted(void **state)
{
    (void)state;
    struct gwt *test = story_lab("accept_stops: 30m\n", 3);
    story_calm(test, 60000);
    story_stop(test, "n1", "N1", "unasked");
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.node/n1"), 65);
    story_calm(test, 1900000);
    assert_int_equal(story_score(test, "gns3.node/n1"), 100);
    gwt_free(test);
}

static void a_server_that_is_away_is_at_nought_and_what_it_has_is_unknown(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 3);
    story_calm(test, 900000);
    story_server(test, "lab", "down");
    gwt_run(test, 120000);
    assert_int_equal(story_score(test, "gns3.server/lab"), 0);
    assert_int_equal(story_score(test, "all"), 0);
    assert_int_equal(story_score(test, "gns3.project/p1"), -1);
    assert_int_equal(story_score(test, "gns3.node/n1"), -1);
    assert_string_equal(gwt_member(test, "health.score", "gns3.node/n1", "level"), "unknown");
    assert_non_null(strstr(gwt_member(test, "health.score", "all", "reasons"),
                           "cannot be used: connection refused"));
    story_server(test, "lab", "up");
    story_calm(test, 120000);
    assert_int_equal(story_score(test, "gns3.node/n1"), 100);
    assert_int_equal(story_score(test, "all"), 100);
    gwt_free(test);
}

static void nodes_of_a_lost_compute_are_at_nought(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 3);
    story_calm(test, 60000);
    story_compute(test, "lab", "local", false);
    story_calm(test, 60000);
    assert_int_equal(story_score(test, "gns3.compute/lab/local"), 0);
    assert_int_equal(story_score(test, "gns3.node/n2"), 0);
    assert_int_equal(story_score(test, "gns3.server/lab"), 0);
    gwt_free(test);
}

static void a_disk_that_fills_up_says_when(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 1);
    for (int i = 0; i < 360; i++) /* six hours, from 76 to 91 % */
        story_run(test, 60000, 10, 40, 76 + i / 24.0, 9);
    int score = story_score(test, "gns3.compute/lab/local");
    assert_in_range(score, 60, 80);
    char *text = gwt_object(test, "health.score", "all");
    assert_non_null(strstr(text, "disk 91 %, full in 4 h"));
    gw_free(text);
    gwt_free(test);
}

static void answers_slower_than_usual_cost_points(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 1);
    story_calm(test, 3600000);
    story_run(test, 180000, 10, 40, 30, 90);
    assert_in_range(story_score(test, "gns3.server/lab"), 80, 90);
    assert_non_null(strstr(gwt_member(test, "health.score", "gns3.server/lab", "reasons"),
                           "answers in 90 ms, usually 9 ms"));
    gwt_free(test);
}

static void a_closed_project_has_no_score(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 2);
    story_calm(test, 60000);
    story_project(test, "lab", "p1", "net", false);
    story_node(test, "lab", "p1", "n0", "N0", "closed");
    story_node(test, "lab", "p1", "n1", "N1", "closed");
    story_calm(test, 120000);
    assert_int_equal(story_score(test, "gns3.project/p1"), -1);
    assert_int_equal(story_score(test, "gns3.node/n0"), -1);
    assert_int_equal(story_score(test, "all"), 100);
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_lab_is_at_a_hundred_with_nothing_to_say),
        cmocka_unit_test(a_crashed_node_costs_points_up_to_the_whole_and_comes_back),
        cmocka_unit_test(a_node_that_was_stopped_on_request_or_never_started_costs_nothing),
        cmocka_unit_test(a_stop_nobody_asked_for_costs_half_until_it_is_accepted),
        cmocka_unit_test(a_server_that_is_away_is_at_nought_and_what_it_has_is_unknown),
        cmocka_unit_test(nodes_of_a_lost_compute_are_at_nought),
        cmocka_unit_test(a_disk_that_fills_up_says_when),
        cmocka_unit_test(answers_slower_than_usual_cost_points),
        cmocka_unit_test(a_closed_project_has_no_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
