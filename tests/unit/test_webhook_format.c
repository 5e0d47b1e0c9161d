/* What is sent: bodies for others, signatures, and what answers mean. */
#include "unit.h"

#include <webhook/hook.h>

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char notification[] =
    "{\"id\":\"n1\",\"kind\":\"firing\",\"receiver\":\"team\",\"time\":1795000000000,"
    "\"status\":\"firing\",\"severity\":\"critical\",\"title\":\"PC1 <down> & \\\"out\\\"\","
    "\"text\":\"plain\",\"url\":\"http://127.0.0.1:8088/#/alerts/a1\",\"alerts\":[{\"id\":\"a1\","
    "\"rule\":\"node_down\",\"severity\":\"critical\",\"labels\":{\"node\":\"PC1\",\"a-b\":\"x\","
    "\"severity\":\"critical\"},\"summary\":\"PC1 is <down>\",\"description\":\"it should run\","
    "\"since\":1795000000000,\"fired\":1795000060123,\"ended\":null,\"url\":\"http://x/a1\"}]}";

static json_t *body_as(const char *text, struct format_options options)
{
    char why[200];
    json_t *doc = json_loads(text, 0, NULL);
    assert_non_null(doc);
    options.now_ms = 1795000100000;
    options.hold_ms = 3600000;
    char *body = format_body(doc, &options, why, sizeof why);
    json_decref(doc);
    assert_non_null(body);
    json_t *json = json_loads(body, 0, NULL);
    free(body);
    assert_non_null(json);
    return json;
}

static const char *at(const json_t *json, const char *path)
{
    char *copy = strdup(path), *rest = NULL;
    for (char *part = strtok_r(copy, ".", &rest); part && json; part = strtok_r(NULL, ".", &rest))
        json = json_is_array(json) ? json_array_get(json, (size_t)strtoul(part, NULL, 10))
                                   : json_object_get(json, part);
    free(copy);
    const char *text = json_string_value(json);
    return text ? text : "(none)";
}

static void json_is_the_notification_itself(void **state)
{
    (void)state;
    json_t *body = body_as(notification, (struct format_options){.format = FORMAT_JSON});
    json_t *whole = json_loads(notification, 0, NULL);
    assert_true(json_equal(body, whole));
    json_decref(whole);
    json_decref(body);
}

static void slack_marks_are_escaped_and_the_link_is_there(void **state)
{
    (void)state;
    json_t *body = body_as(notification, (struct format_options){.format = FORMAT_SLACK});
    assert_string_equal(at(body, "text"), "PC1 &lt;down&gt; &amp; \"out\"");
    assert_string_equal(at(body, "attachments.0.fields.0.value"),
                        "PC1 is &lt;down&gt;: it should run");
    assert_string_equal(at(body, "attachments.0.title_link"), "http://127.0.0.1:8088/#/alerts/a1");
    assert_string_equal(at(body, "attachments.0.color"), "#cf222e");
    json_decref(body);
}

static void a_chat_shows_twenty_alerts_and_counts_the_rest(void **state)
{
    (void)state;
    json_t *doc = json_loads(notification, 0, NULL), *alerts = json_object_get(doc, "alerts");
    for (int i = 0; i < 30; i++)
        json_array_append(alerts, json_array_get(alerts, 0));
    char *text = json_dumps(doc, 0);
    json_t *body = body_as(text, (struct format_options){.format = FORMAT_SLACK});
    const json_t *fields =
        json_object_get(json_array_get(json_object_get(body, "attachments"), 0), "fields");
    assert_int_equal(json_array_size(fields), 21);
    assert_string_equal(at(fields, "20.value"), "and 11 more");
    json_decref(body);
    free(text);
    json_decref(doc);
}

static void teams_gets_an_adaptive_card(void **state)
{
    (void)state;
    json_t *body = body_as(notification, (struct format_options){.format = FORMAT_TEAMS});
    assert_string_equal(at(body, "attachments.0.contentType"),
                        "application/vnd.microsoft.card.adaptive");
    assert_string_equal(at(body, "attachments.0.content.body.0.text"), "PC1 <down> & \"out\"");
    assert_string_equal(at(body, "attachments.0.content.body.0.color"), "Attention");
    assert_string_equal(at(body, "attachments.0.content.body.1.text"),
                        "PC1 is <down>: it should run");
    assert_string_equal(at(body, "attachments.0.content.actions.0.url"),
                        "http://127.0.0.1:8088/#/alerts/a1");
    json_decref(body);
}

static void alertmanager_gets_labels_it_can_take_and_an_end(void **state)
{
    (void)state;
    json_t *body = body_as(notification, (struct format_options){.format = FORMAT_ALERTMANAGER});
    assert_int_equal(json_array_size(body), 1);
    assert_string_equal(at(body, "0.labels.alertname"), "node_down");
    assert_string_equal(at(body, "0.labels.a_b"), "x");
    assert_string_equal(at(body, "0.labels.severity"), "critical");
    assert_string_equal(at(body, "0.startsAt"), "2026-11-18T11:07:40.123Z");
    assert_string_equal(at(body, "0.endsAt"), "2026-11-18T12:08:20.000Z");
    json_decref(body);
}

static void a_new_severity_ends_the_alert_of_the_old_one_at_alertmanager(void **state)
{
    (void)state;
    json_t *doc = json_loads(notification, 0, NULL);
    json_object_set_new(doc, "kind", json_string("changed"));
    char *text = json_dumps(doc, 0);
    json_t *body = body_as(text, (struct format_options){.format = FORMAT_ALERTMANAGER});
    assert_int_equal(json_array_size(body), 3);
    assert_string_equal(at(body, "1.labels.severity"), "warning");
    assert_string_equal(at(body, "1.endsAt"), "2026-11-18T11:08:20.000Z");
    json_decref(body);
    free(text);
    json_decref(doc);
}

static void a_template_is_filled_with_what_json_may_hold(void **state)
{
    (void)state;
    json_t *body =
        body_as(notification,
                (struct format_options){.format = FORMAT_TEMPLATE,
                                        .template_json = true,
                                        .template_text = "{\"t\":\"{{title}}\",\"n\":[{{#alerts}}"
                                                         "\"{{labels.node}}\"{{/alerts}}]}"});
    assert_string_equal(at(body, "t"), "PC1 <down> & \"out\"");
    assert_string_equal(at(body, "n.0"), "PC1");
    json_decref(body);
}

/* The key, stamp and body of an example worked out with `openssl dgst -sha256 -hmac`. */
static void a_signature_is_hmac_sha256_of_time_and_body(void **state)
{
    (void)state;
    char signature[HOOK_SIGNATURE_BYTES];
    hook_sign("key", 1, "{}", signature);
    assert_string_equal(signature,
                        "sha256=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224");
}

static enum sink_outcome judged(int status, int error, const char *body, char *why)
{
    return hook_judge(&(struct gw_http_answer){.status = status,
                                               .error = error,
                                               .body = body,
                                               .text = error ? "nobody answers" : NULL},
                      why);
}

static void what_can_never_be_right_is_given_up_at_once_and_the_rest_is_tried_again(void **state)
{
    (void)state;
    char why[HOOK_WHY_BYTES];
    assert_int_equal(judged(204, 0, "", why), SINK_SENT);
    assert_int_equal(judged(404, 0, "no_team\nmore", why), SINK_REFUSED);
    assert_string_equal(why, "HTTP 404: no_team");
    assert_int_equal(judged(401, 0, "", why), SINK_LATER); /* someone may mend the token */
    assert_int_equal(judged(429, 0, "", why), SINK_LATER);
    assert_int_equal(judged(500, 0, "", why), SINK_LATER);
    assert_int_equal(judged(301, 0, "", why), SINK_LATER);
    assert_int_equal(judged(0, -ECONNREFUSED, "", why), SINK_AWAY);
    assert_string_equal(why, "nobody answers");
    assert_int_equal(judged(200, -EMSGSIZE, "", why), SINK_SENT); /* it chatters, but has it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_the_notification_itself),
        cmocka_unit_test(slack_marks_are_escaped_and_the_link_is_there),
        cmocka_unit_test(a_chat_shows_twenty_alerts_and_counts_the_rest),
        cmocka_unit_test(teams_gets_an_adaptive_card),
        cmocka_unit_test(alertmanager_gets_labels_it_can_take_and_an_end),
        cmocka_unit_test(a_new_severity_ends_the_alert_of_the_old_one_at_alertmanager),
        cmocka_unit_test(a_template_is_filled_with_what_json_may_hold),
        cmocka_unit_test(a_signature_is_hmac_sha256_of_time_and_body),
        cmocka_unit_test(what_can_never_be_right_is_given_up_at_once_and_the_rest_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
