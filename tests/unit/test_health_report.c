/* Reports over a week that is over in a moment: what they say, how they look, who gets them. */
#include "health_story.h"

#include <gnswatch/cron.h>

static const char weekly[] = "zone: UTC\n"
                             "reports:\n"
                             "  - name: week\n"
                             "    period: weekly\n"
                             "    cron: 0 6 * * 1\n"
                             "    zone: UTC\n"
                             "    send:\n"
                             "      - {command: email.send, with: {to: [team@example.org]}}\n"
                             "      - {command: webhook.send, with: {hook: chat}}\n";

enum { HOUR = 3600000, MINUTE = 60000 };

static int take(void *data, const char *params, char **reply)
{
    (void)params;
    (void)reply;
    int *errors = data;
    return errors && (*errors)-- > 0 ? -EAGAIN : 0;
}

/* Rows each minute: a week is ten thousand of them. */
static void week_part(struct gwt *test, int64_t ms, double disk)
{
    for (int64_t at = 0; at < ms; at += MINUTE) {
        story_rows(test, 20, 50, disk, 9);
        gwt_run(test, MINUTE);
    }
}

static json_t *newest_report(struct gwt *test)
{
    char id[32] = "";
    const struct gw_event *event = gwt_event(test, "health.report", -1);
    assert_non_null(event);
    snprintf(id, sizeof id, "%s", event->id);
    char *text = gwt_object(test, "health.report", id);
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    assert_non_null(doc);
    return doc;
}

static const char *text_of(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));
    return text ? text : "";
}

static void a_weeks_report_says_what_happened_and_goes_to_whom_it_should(void **state)
{
    (void)state;
    struct gwt *test = story_lab(weekly, 10);
    gwt_offer(test, "email.send", take, NULL);
    gwt_offer(test, "webhook.send", take, NULL);
    gwt_every(test, MINUTE);
    week_part(test, 24 * HOUR, 40);
    story_stop(test, "n3", "N3", "crashed");
    week_part(test, 2 * HOUR, 40);
    story_start(test, "n3", "N3");
    week_part(test, 5 * 24 * HOUR, 41);
    story_stop(test, "n4", "N4", "crashed");
    week_part(test, 18 * HOUR, 93); /* over Monday, 6 o'clock */
    assert_int_equal(gwt_events(test, "health.report"), 1);
    json_t *doc = newest_report(test);
    assert_string_equal(text_of(doc, "period"), "weekly");
    assert_int_equal(json_integer_value(json_object_get(doc, "score_before")), 100);
    int score = (int)json_integer_value(json_object_get(doc, "score"));
    assert_in_range(score, 40, 80);
    const json_t *events = json_object_get(doc, "events");
    assert_int_equal(json_integer_value(json_object_get(events, "gns3.node.crashed")), 2);
    assert_int_equal(json_integer_value(json_object_get(events, "gns3.node.started")), 1);
    const json_t *worst = json_array_get(json_object_get(doc, "worst"), 0);
    assert_string_equal(text_of(worst, "name"), "N4");
    const json_t *advice = json_object_get(doc, "recommendations");
    assert_true(json_array_size(advice) >= 2);
    const json_t *first = json_array_get(advice, 0);
    assert_non_null(strstr(text_of(first, "text"), "Make room on the disk of compute local"));
    assert_non_null(strstr(text_of(first, "why"), "disk 93 %"));
    assert_non_null(strstr(text_of(first, "url"), "/#/graph/gns3.compute%7B"));
    const json_t *start = json_array_get(advice, json_array_size(advice) - 1);
    assert_string_equal(text_of(json_object_get(start, "command"), "name"), "gns3.node.start");
    assert_string_equal(text_of(json_object_get(json_object_get(start, "command"), "params"), "id"),
                        "n4");
    assert_int_equal(json_object_size(json_object_get(doc, "counts")), 5);
    assert_true(json_array_size(json_object_get(json_object_get(doc, "history"), "scores")) > 20);
    /* A Monday at 6 o'clock, and the Monday before. */
    int64_t to = json_integer_value(json_object_get(doc, "to"));
    struct gw_local local;
    assert_int_equal(gw_local_time("UTC", to, &local), 0);
    assert_true(local.weekday == 1 && local.hour == 6 && local.minute == 0);
    assert_true(to - json_integer_value(json_object_get(doc, "from")) == 7 * 24 * (int64_t)HOUR);
    json_decref(doc);
    assert_int_equal(gwt_asked(test, "email.send"), 1);
    assert_int_equal(gwt_asked(test, "webhook.send"), 1);
    json_t *params = json_loads(gwt_asked_params(test, "email.send", 0), 0, NULL);
    const json_t *notice = json_object_get(params, "notification");
    assert_string_equal(json_string_value(json_array_get(json_object_get(params, "to"), 0)),
                        "team@example.org");
    assert_string_equal(text_of(notice, "kind"), "report");
    assert_non_null(strstr(text_of(notice, "html"), "Make room on the disk"));
    assert_non_null(strstr(text_of(notice, "text"), "What to do:"));
    json_decref(params);
    assert_string_equal(gwt_last_error(test), "");
    gwt_free(test);
}

static void a_report_waits_for_a_command_that_refuses_also_over_a_restart(void **state)
{
    (void)state;
    static const char hourly[] = "reports:\n"
                                 "  - name: hour\n"
                                 "    period: hourly\n"
                                 "    send: [{command: webhook.send, with: {hook: chat}}]\n";
    int errors = 2;
    struct gwt *test = story_lab(hourly, 1);
    gwt_offer(test, "webhook.send", take, &errors);
    story_calm(test, 60 * MINUTE + 20000);
    assert_int_equal(gwt_events(test, "health.report"), 1);
    assert_true(gwt_asked(test, "webhook.send") >= 1);
    char id[200], again[200];
    json_t *params = json_loads(gwt_asked_params(test, "webhook.send", 0), 0, NULL);
    snprintf(id, sizeof id, "%s", text_of(json_object_get(params, "notification"), "id"));
    json_decref(params);
    assert_int_equal(errors, 1); /* it was refused once */
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    story_calm(test, 20 * MINUTE);
    assert_int_equal(errors, -1);
    assert_int_equal(gwt_asked(test, "webhook.send"), 3); /* refused, refused, taken */
    params = json_loads(gwt_asked_params(test, "webhook.send", 2), 0, NULL);
    snprintf(again, sizeof again, "%s", text_of(json_object_get(params, "notification"), "id"));
    json_decref(params);
    assert_string_equal(id, again);
    gwt_free(test);
}

static void what_was_due_while_nobody_was_there_is_made_once(void **state)
{
    (void)state;
    static const char hourly[] = "reports: [{name: hour, period: hourly}]\n";
    struct gwt *test = story_lab(hourly, 1);
    story_calm(test, 65 * MINUTE);
    assert_int_equal(gwt_events(test, "health.report"), 1);
    gwt_stop(test);
    gwt_run(test, 5 * (int64_t)HOUR);
    assert_int_equal(gwt_start(test), 0);
    story_calm(test, 5 * MINUTE);
    assert_int_equal(gwt_objects(test, "health.report"), 2);
    gwt_free(test);
}

static void at_most_a_hundred_reports_are_kept(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 1);
    story_calm(test, 60000);
    for (int i = 0; i < 105; i++)
        assert_int_equal(gwt_call(test, "health.report.create", "{}", NULL), 0);
    assert_int_equal(gwt_objects(test, "health.report"), 100);
    gwt_free(test);
}

static void a_report_that_cannot_be_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct gwt *test = story_lab("", 1);
    const char *reply = "";
    assert_int_equal(gwt_call(test, "health.report.create", "{\"from\":1000,\"to\":1000}", &reply),
                     -EINVAL);
    assert_non_null(strstr(reply, "before"));
    assert_int_equal(gwt_page(test, "/api/health/reports/12/page", "text/html", NULL, &reply),
                     -ENOENT);
    gwt_free(test);
}

#define HOSTILE      "<script>alert(1)</script>\" onload=\"x' {{title}} &amp;"
#define HOSTILE_JSON "<script>alert(1)</script>\\\" onload=\\\"x' {{title}} &amp;"

static void hostile_names_are_text_on_the_page_and_in_the_mail(void **state)
{
    (void)state;
    static const char yaml[] = "reports:\n"
                               "  - name: \"<b>hour</b>\"\n"
                               "    period: hourly\n"
                               "    send: [{command: email.send}]\n";
    struct gwt *test = gwt_new(&gnswatch_plugin, yaml, 0);
    gwt_offer(test, "email.send", take, NULL);
    story_server(test, "lab", "up");
    gwt_put(test, "gns3.compute", "lab/local",
            "{\"server\":\"lab\",\"compute_id\":\"local\",\"name\":\"" HOSTILE_JSON
            "\",\"connected\":true}");
    gwt_put(test, "gns3.project", "p1",
            "{\"server\":\"lab\",\"name\":\"" HOSTILE_JSON "\",\"status\":\"opened\"}");
    gwt_put(test, "gns3.node", "n\"><i>",
            "{\"server\":\"lab\",\"project\":\"p1\",\"name\":\"" HOSTILE_JSON
            "\",\"compute_id\":\"local\",\"status\":\"started\"}");
    gwt_put(test, "alert.alert", "a1",
            "{\"rule\":\"" HOSTILE_JSON "\",\"state\":\"firing\",\"severity\":\"critical\","
            "\"fired\":1772445700000,\"summary\":\"" HOSTILE_JSON "\",\"silenced_by\":[],"
            "\"inhibited_by\":null,\"window\":null,"
            "\"subject\":{\"kind\":\"gns3.node\",\"id\":\"n\\\"><i>\",\"name\":\"x\"}}");
    assert_int_equal(gwt_start(test), 0);
    gwt_put(test, "gns3.node", "n\"><i>",
            "{\"server\":\"lab\",\"project\":\"p1\",\"name\":\"" HOSTILE_JSON
            "\",\"compute_id\":\"local\",\"status\":\"stopped\"}");
    gwt_say(test, "gns3.node.crashed", GW_ERROR, "gns3.node", "n\"><i>", HOSTILE, "{}");
    story_run(test, 65 * MINUTE, 99, 99, 99, 9);
    json_t *doc = newest_report(test);
    const char *type = NULL, *body = NULL;
    assert_int_equal(gwt_page(test, text_of(doc, "page"), "text/html", &type, &body), 0);
    assert_int_equal(strncmp(type, "text/html", 9), 0);
    assert_null(strstr(body, "<script"));
    assert_null(strstr(body, "<b>hour"));
    assert_null(strstr(body, "<i>\""));
    assert_null(strstr(body, "\" onload"));
    assert_non_null(strstr(body, "&lt;script&gt;alert(1)"));
    assert_non_null(strstr(body, "&lt;b&gt;hour"));
    assert_non_null(strstr(body, "<polyline points="));
    assert_non_null(strstr(body, "{{title}}")); /* names are no templates */
    json_decref(doc);
    json_t *params = json_loads(gwt_asked_params(test, "email.send", 0), 0, NULL);
    const char *html = text_of(json_object_get(params, "notification"), "html");
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "\" onload"));
    assert_non_null(strstr(html, "&lt;script&gt;"));
    json_decref(params);
    gwt_free(test);
}

static void explain_shows_every_factor_with_weight_value_and_points(void **state)
{
    (void)state;
    struct gwt *test = story_lab("weights: {disk: 20}\n", 1);
    story_run(test, 300000, 10, 40, 97, 9);
    const char *reply = NULL;
    assert_int_equal(gwt_call(test, "health.explain",
                              "{\"kind\":\"gns3.compute\",\"id\":\"lab/local\"}", &reply),
                     0);
    json_t *doc = json_loads(reply, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(doc, "score")), 80);
    bool seen = false;
    size_t i;
    json_t *factor;
    json_array_foreach(json_object_get(doc, "factors"), i, factor)
    {
        if (strcmp(text_of(factor, "factor"), "disk") != 0)
            continue;
        seen = true;
        assert_true(fabs(json_number_value(json_object_get(factor, "weight")) - 20) < 1e-9);
        assert_true(fabs(json_number_value(json_object_get(factor, "points")) + 20) < 1e-9);
        assert_true(fabs(json_number_value(json_object_get(factor, "value")) - 97) < 1e-9);
    }
    assert_true(seen);
    json_decref(doc);
    assert_int_equal(
        gwt_call(test, "health.explain", "{\"kind\":\"gns3.node\",\"id\":\"?\"}", &reply), -ENOENT);
    gwt_free(test);
}

static void a_thing_is_explained_by_its_name_unless_two_have_it(void **state)
{
    (void)state;
    const char *by_name = "{\"kind\":\"gns3.project\",\"id\":\"net\"}";
    struct gwt *test = story_lab("", 1);
    const char *reply = NULL;
    assert_int_equal(gwt_call(test, "health.explain", by_name, &reply), 0);
    json_t *doc = json_loads(reply, 0, NULL);
    assert_string_equal(text_of(doc, "subject_id"), "p1");
    json_decref(doc);
    story_project(test, "lab", "p2", "net", true);
    gwt_run(test, 1000);
    assert_int_equal(gwt_call(test, "health.explain", by_name, &reply), -ENOENT);
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weeks_report_says_what_happened_and_goes_to_whom_it_should),
        cmocka_unit_test(a_report_waits_for_a_command_that_refuses_also_over_a_restart),
        cmocka_unit_test(what_was_due_while_nobody_was_there_is_made_once),
        cmocka_unit_test(at_most_a_hundred_reports_are_kept),
        cmocka_unit_test(a_report_that_cannot_be_is_refused_with_a_reason),
        cmocka_unit_test(hostile_names_are_text_on_the_page_and_in_the_mail),
        cmocka_unit_test(explain_shows_every_factor_with_weight_value_and_points),
        cmocka_unit_test(a_thing_is_explained_by_its_name_unless_two_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
