/* alert.test: when a rule would have fired, or, of rules that have no rows, when it has. */
#include "unit.h"

#include "alert_lab.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void a_rule_runs_over_history(void **state)
{
    (void)state;
    struct lab *lab = lab_new("defaults: no\n"
                              "rules:\n"
                              "  - {name: cpu, kind: threshold, series: gns3.compute, field: cpu, "
                              "warning: 80, critical: 95, for: 1m}\n",
                              2, 1, 2);
    const char *reply;
    lab_start(lab);
    lab_run(lab, 600000);
    lab->cpu[0] = 90;
    lab_run(lab, 300000);
    lab->cpu[0] = 20;
    lab_run(lab, 600000);
    lab->cpu[1] = 99;
    lab_run(lab, 120000);
    size_t fired = gwt_events(lab->test, "alert.firing");
    assert_int_equal(gwt_call(lab->test, "alert.test", "{\"rule\":\"cpu\"}", &reply), 0);
    json_t *answer = json_loads(reply, 0, NULL);
    json_t *list = json_object_get(answer, "fired");
    assert_int_equal(json_array_size(list), fired);
    assert_int_equal(fired, 2);
    const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    bool swapped = json_is_null(json_object_get(first, "to"));
    const json_t *ended = swapped ? second : first, *open = swapped ? first : second;
    double took = (double)(json_integer_value(json_object_get(ended, "to")) -
                           json_integer_value(json_object_get(ended, "from")));
    assert_true(fabs(took - 240000) < 30000);
    assert_string_equal(json_string_value(json_object_get(ended, "severity")), "warning");
    assert_true(json_is_null(json_object_get(open, "to")));
    assert_string_equal(json_string_value(json_object_get(open, "severity")), "critical");
    assert_true(json_integer_value(json_object_get(answer, "evaluated")) > 100);
    json_decref(answer);
    assert_int_equal(gwt_call(lab->test, "alert.test", "{\"rule\":\"none\"}", &reply), -ENOENT);
    lab_free(lab);
}

/* A crash that is over, and a node that is down. */
static struct lab *lab_with_a_past(void)
{
    struct lab *lab = lab_new("", 1, 1, 4);
    lab_start(lab);
    lab_run(lab, 60000);
    lab_node(lab, 0, 0, 1, "stopped");
    lab_node_event(lab, 0, 0, 1, "gns3.node.crashed");
    lab_run(lab, 300000);
    lab_node(lab, 0, 0, 1, "started");
    lab_node_event(lab, 0, 0, 1, "gns3.node.started");
    lab_run(lab, 3600000);
    lab_node(lab, 0, 0, 2, "stopped");
    lab_run(lab, 300000);
    return lab;
}

static json_t *test_of(struct lab *lab, const char *params)
{
    const char *reply = NULL;
    assert_int_equal(gwt_call(lab->test, "alert.test", params, &reply), 0);
    json_t *answer = json_loads(reply, 0, NULL);
    assert_non_null(answer);
    return answer;
}

static void rules_on_events_and_objects_say_what_they_have_told(void **state)
{
    (void)state;
    struct lab *lab = lab_with_a_past();
    json_t *answer = test_of(lab, "{\"rule\":\"node crashed\"}");
    const json_t *fired = json_object_get(answer, "fired"), *one = json_array_get(fired, 0);
    assert_int_equal(json_array_size(fired), 1);
    assert_string_equal(json_string_value(json_object_get(json_object_get(one, "labels"), "node")),
                        "PC1");
    assert_string_equal(json_string_value(json_object_get(one, "severity")), "critical");
    double took = (double)(json_integer_value(json_object_get(one, "to")) -
                           json_integer_value(json_object_get(one, "from")));
    assert_true(fabs(took - 300000) < 30000);
    assert_non_null(strstr(json_string_value(json_object_get(answer, "text")),
                           "Rules on events have no rows to run over. As it stands it has fired "
                           "for 1 thing in"));
    json_decref(answer);
    answer = test_of(lab, "{\"rule\":\"node down\"}");
    fired = json_object_get(answer, "fired");
    assert_int_equal(json_array_size(fired), 2); /* that of the crash is explained by it */
    size_t i, open = 0;
    json_array_foreach(fired, i, one)
    {
        open += json_is_null(json_object_get(one, "to"));
    }
    assert_int_equal(open, 1);
    json_decref(answer);
    lab_free(lab);
}

static void what_was_over_before_or_began_later_is_not_shown(void **state)
{
    (void)state;
    struct lab *lab = lab_with_a_past();
    char params[200];
    long long now = (long long)gwt_now_ms(lab->test);
    snprintf(params, sizeof params, "{\"rule\":\"node crashed\",\"from\":%lld}", now - 1800000);
    json_t *answer = test_of(lab, params);
    assert_int_equal(json_array_size(json_object_get(answer, "fired")), 0);
    json_decref(answer);
    snprintf(params, sizeof params, "{\"rule\":\"node down\",\"to\":%lld}", now - 1800000);
    answer = test_of(lab, params);
    assert_int_equal(json_array_size(json_object_get(answer, "fired")), 1); /* not the open one */
    json_decref(answer);
    lab_free(lab);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_runs_over_history),
        cmocka_unit_test(rules_on_events_and_objects_say_what_they_have_told),
        cmocka_unit_test(what_was_over_before_or_began_later_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
