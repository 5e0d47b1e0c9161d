/* Objects, events, commands and questions on the test host: the plugin and the others. */
#include "testing_probe.h"

#include <gnswatch/queue.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Objects ---- */

static void note_change(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)self;
    struct notes *notes = data;
    size_t length = strlen(notes->text);
    snprintf(notes->text + length, sizeof(notes->text) - length, "%s %s %s %s; ", event->topic,
             event->kind, event->id, event->data);
}

static void others_objects_are_seen_as_from_the_real_host(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    struct gw_plugin *self = gwt_self(test);
    notes_begin(&notes, test);
    gwt_put(test, "gns3.server", "lab", "{\"name\":\"lab\"}");
    assert_int_equal(gw_subscribe(self, "object.*", note_change, &notes), 0);
    gwt_put(test, "gns3.node", "n1", "{\"status\":\"stopped\",\"x\":1.5}");
    gwt_put(test, "gns3.node", "n1", "{\"status\":\"started\",\"x\":1.5}");
    gwt_put(test, "gns3.node", "n1", "{\"status\":\"started\",\"x\":1.5}");
    gwt_delete(test, "gns3.node", "n1");
    gwt_run(test, 0);
    assert_string_equal(notes.text,
                        "object.put gns3.node n1 {\"new\":true}; object.put gns3.node n1 "
                        "{\"changed\":{\"status\":[\"stopped\",\"started\"]}}; "
                        "object.delete gns3.node n1 {}; ");
    assert_int_equal(gw_object_put(self, "gns3.node", "n1", "{}"), -EPERM);
    assert_int_equal(gw_object_put(self, "probe.state", "n1", "[]"), -EILSEQ);
    char *list = gw_object_list(self, "gns3.server");
    assert_string_equal(list, "[{\"id\":\"lab\",\"name\":\"lab\"}]");
    gw_free(list);
    gwt_free(test);
}

static void members_are_read_with_dots_and_numbers(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    gwt_put(test, "a.thing", "1",
            "{\"share\":0.1,\"n\":12,\"on\":true,\"none\":null,\"list\":[{\"name\":\"x\"},3]}");
    assert_string_equal(gwt_member(test, "a.thing", "1", "share"), "0.1");
    assert_string_equal(gwt_member(test, "a.thing", "1", "n"), "12");
    assert_string_equal(gwt_member(test, "a.thing", "1", "on"), "true");
    assert_string_equal(gwt_member(test, "a.thing", "1", "none"), "null");
    assert_string_equal(gwt_member(test, "a.thing", "1", "list.0.name"), "x");
    assert_string_equal(gwt_member(test, "a.thing", "1", "list.1"), "3");
    assert_string_equal(gwt_member(test, "a.thing", "1", "list"), "[{\"name\":\"x\"},3]");
    assert_string_equal(gwt_member(test, "a.thing", "1", "list.7.name"), "");
    assert_string_equal(gwt_member(test, "a.thing", "2", "n"), "");
    gwt_free(test);
}

/* ---- Events ---- */

static void note_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)self;
    struct notes *notes = data;
    size_t length = strlen(notes->text);
    notes->count++;
    snprintf(notes->text + length, sizeof(notes->text) - length, "%d %s %s; ", (int)event->sequence,
             event->topic, event->source);
}

static void events_of_all_are_numbered_and_matched(void **state)
{
    (void)state;
    struct notes all, some;
    struct gwt *test = probe_new("");
    struct gw_plugin *self = gwt_self(test);
    notes_begin(&all, test);
    notes_begin(&some, test);
    gw_subscribe(self, "*", note_event, &all);
    gw_subscribe(self, "gns3.node.*", note_event, &some);
    gwt_say(test, "gns3.node.crashed", GW_ERROR, "gns3.node", "n1", "It crashed", NULL);
    gwt_put(test, "gns3.node", "n1", "{}");
    struct gw_event own = {.topic = "probe.said", .severity = GW_INFO, .text = "So it is"};
    assert_int_equal(gw_emit(self, &own), 0);
    struct gw_event bad = {.topic = "probe.said", .severity = GW_INFO, .data = "[]"};
    assert_int_equal(gw_emit(self, &bad), -EILSEQ);
    gwt_run(test, 0);
    assert_string_equal(all.text, "1 gns3.node.crashed gns3; 2 probe.said probe; ");
    assert_string_equal(some.text, "1 gns3.node.crashed gns3; ");
    assert_int_equal(gwt_events(test, "*"), 1);
    assert_string_equal(gwt_event(test, "probe.*", 0)->text, "So it is");
    assert_string_equal(gwt_event(test, "probe.*", -1)->data, "{}");
    assert_null(gwt_event(test, "probe.*", 1));
    gwt_free(test);
}

static void who_was_killed_hears_again_what_came_since(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    notes_begin(&notes, test);
    assert_int_equal(gw_subscribe_since(gwt_self(test), "a.*", 0, note_event, &notes), 0);
    gwt_say(test, "a.one", GW_INFO, NULL, NULL, "one", NULL);
    gwt_say(test, "b.two", GW_INFO, NULL, NULL, "two", NULL);
    gwt_run(test, 0);
    gwt_say(test, "a.three", GW_INFO, NULL, NULL, "three", NULL);
    gwt_kill(test);
    gwt_say(test, "a.four", GW_INFO, NULL, NULL, "four", NULL);
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(gw_subscribe_since(gwt_self(test), "a.*", 1, note_event, &notes), 0);
    gwt_say(test, "a.five", GW_INFO, NULL, NULL, "five", NULL);
    gwt_run(test, 0);
    assert_string_equal(notes.text, "1 a.one a; 3 a.three a; 4 a.four a; 5 a.five a; ");
    gwt_free(test);
}

static void a_full_queue_drops_its_oldest_and_since_drops_none(void **state)
{
    (void)state;
    struct notes plain, since;
    struct gwt *test = probe_new("");
    notes_begin(&plain, test);
    notes_begin(&since, test);
    gw_subscribe(gwt_self(test), "a.*", note_event, &plain);
    gw_subscribe_since(gwt_self(test), "a.*", 0, note_event, &since);
    for (int i = 0; i < 2000; i++)
        gwt_say(test, "a.thing", GW_INFO, NULL, NULL, "again", NULL);
    gwt_run(test, 0);
    assert_int_equal(plain.count, 1024);
    assert_int_equal(since.count, 2000);
    gwt_free(test);
}

/* ---- Commands ---- */

static int probe_do(struct gwt *test, const char *how, const char **reply)
{
    char json[64];
    snprintf(json, sizeof(json), "{\"how\":\"%s\"}", how);
    return gwt_call(test, "probe.do", json, reply);
}

static void calls_are_checked_run_and_answered(void **state)
{
    (void)state;
    const char *reply;
    struct gwt *test = probe_new("");
    assert_int_equal(probe_do(test, "well", &reply), 0);
    assert_string_equal(reply, "{}");
    assert_int_equal(probe_do(test, "fail", &reply), -EIO);
    assert_string_equal(reply, "the disk: Input/output error");
    assert_int_equal(probe_do(test, "error", &reply), -EBUSY);
    assert_string_equal(reply, "Device or resource busy");
    assert_int_equal(probe_do(test, "refuse", &reply), -ENOENT);
    assert_string_equal(reply, "no such thing here");
    assert_int_equal(gwt_call(test, "probe.do", "{\"hwo\":1}", &reply), -EINVAL);
    assert_non_null(strstr(reply, "did you mean 'how'"));
    assert_int_equal(gwt_call(test, "probe.done", NULL, &reply), -ENOENT);
    assert_non_null(strstr(reply, "no command 'probe.done'"));
    gwt_free(test);
}

static void a_late_answer_takes_its_time_and_a_too_late_one_is_a_timeout(void **state)
{
    (void)state;
    const char *reply;
    struct gwt *test = probe_new("");
    int64_t begin_ms = gwt_now_ms(test);
    assert_int_equal(probe_do(test, "later", &reply), 0);
    assert_string_equal(reply, "{\"late\":true}");
    assert_int_equal(gwt_now_ms(test) - begin_ms, 20000);
    assert_int_equal(probe_do(test, "late", &reply), -ETIMEDOUT);
    assert_int_equal(gwt_now_ms(test) - begin_ms, 50000);
    gwt_run(test, 5000);
    gwt_free(test);
}

static void forget_a_call(struct gwt *test)
{
    probe_do(test, "forget", NULL);
    gwt_stop(test);
}

static void a_call_that_is_forgotten_ends_the_process(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    assert_dies(forget_a_call, test, "'probe.do' was never answered");
    gwt_free(test);
}

static void an_instance_that_does_not_run_takes_no_calls(void **state)
{
    (void)state;
    const char *reply;
    struct gwt *test = gwt_new(&gnswatch_plugin, "", 0);
    assert_int_equal(probe_do(test, "well", &reply), -EAGAIN);
    assert_non_null(strstr(reply, "not running"));
    gwt_free(test);
}

static void a_page_has_parameters_from_path_and_query(void **state)
{
    (void)state;
    const char *type, *body;
    struct gwt *test = probe_new("");
    assert_int_equal(gwt_page(test, "/api/probe/reports/a%20b/text?count=3&tags=x&tags=y", "text/*",
                              &type, &body),
                     0);
    assert_string_equal(type, "text/plain");
    assert_string_equal(body, "a b 3 2 text/*");
    assert_int_equal(gwt_page(test, "/api/probe/reports/none/text", NULL, &type, &body), -ENOENT);
    assert_string_equal(body, "no such report");
    assert_string_equal(type, "");
    assert_int_equal(gwt_page(test, "/api/probe/reports/x/text?cuont=3", NULL, NULL, &body),
                     -EINVAL);
    assert_non_null(strstr(body, "did you mean 'count'"));
    gwt_free(test);
}

/* ---- Questions ---- */

static void note_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)self;
    struct notes *notes = data;
    size_t length = strlen(notes->text);
    snprintf(notes->text + length, sizeof(notes->text) - length, "%d %s; ", error, json);
}

static int answer_with(void *data, const char *params, char **reply)
{
    (void)params;
    *reply = data ? strdup(data) : NULL;
    return data ? 0 : -ENOENT;
}

static int answer_later(void *data, const char *params, char **reply)
{
    (void)data, (void)params, (void)reply;
    return -EINPROGRESS;
}

static void questions_are_answered_by_whoever_offers_the_command(void **state)
{
    (void)state;
    struct notes notes;
    char yes[] = "{\"yes\":true}";
    struct gwt *test = probe_new("");
    struct gw_plugin *self = gwt_self(test);
    notes_begin(&notes, test);
    gwt_offer(test, "gns3.node.start", answer_with, yes);
    gwt_offer(test, "gns3.node.stop", answer_with, NULL);
    assert_int_equal(gw_ask(self, "gns3.node.start", "{\"id\":\"n1\"}", note_result, &notes), 0);
    assert_string_equal(notes.text, "");
    gwt_run(test, 0);
    gw_ask(self, "gns3.node.stop", NULL, note_result, &notes);
    gw_ask(self, "gns3.node.strat", NULL, note_result, &notes);
    gw_ask(self, "probe.do", "{\"how\":\"well\"}", note_result, &notes);
    assert_int_equal(gw_ask(self, "probe.do", "[]", note_result, &notes), -EINVAL);
    gwt_run(test, 0);
    assert_string_equal(notes.text,
                        "0 {\"yes\":true}; -2 {\"detail\":\"No such file or directory\"}; "
                        "-2 {\"detail\":\"no command 'gns3.node.strat'\"}; 0 {}; ");
    assert_int_equal(gwt_asked(test, "gns3.node.*"), 3);
    assert_int_equal(gwt_asked(test, "gns3.node.start"), 1);
    assert_string_equal(gwt_asked_params(test, "gns3.node.start", -1), "{\"id\":\"n1\"}");
    gwt_free(test);
}

static void an_answer_may_come_later_but_not_to_another_life(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    notes_begin(&notes, test);
    gwt_offer(test, "slow.thing", answer_later, NULL);
    gw_ask(gwt_self(test), "slow.thing", NULL, note_result, &notes);
    gw_ask(gwt_self(test), "slow.thing", NULL, note_result, &notes);
    gwt_run(test, 60000);
    gwt_answer(test, "slow.thing", -EIO, "{\"detail\":\"broken\"}");
    gwt_run(test, 0);
    assert_string_equal(notes.text, "-5 {\"detail\":\"broken\"}; ");
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    gwt_answer(test, "slow.thing", 0, NULL);
    gwt_run(test, 60000);
    assert_string_equal(notes.text, "-5 {\"detail\":\"broken\"}; ");
    gwt_free(test);
}

/* ---- Queues ---- */

static void a_queue_is_there_after_a_kill(void **state)
{
    (void)state;
    struct gw_queue_options options = {.size = sizeof(options), .name = "out"};
    struct gw_queue_item item;
    struct gwt *test = probe_new("");
    struct gw_queue *queue = gw_queue_open(gwt_self(test), &options);
    assert_non_null(queue);
    assert_int_equal(gw_queue_put(queue, "k", "text", 4, NULL), 0);
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    queue = gw_queue_open(gwt_self(test), &options);
    assert_int_equal(gw_queue_next(queue, 0, &item), 0);
    assert_int_equal(item.put_ms, INT64_C(1772445600000));
    assert_memory_equal(item.bytes, "text", 4);
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_objects_are_seen_as_from_the_real_host),
        cmocka_unit_test(members_are_read_with_dots_and_numbers),
        cmocka_unit_test(events_of_all_are_numbered_and_matched),
        cmocka_unit_test(who_was_killed_hears_again_what_came_since),
        cmocka_unit_test(a_full_queue_drops_its_oldest_and_since_drops_none),
        cmocka_unit_test(calls_are_checked_run_and_answered),
        cmocka_unit_test(a_late_answer_takes_its_time_and_a_too_late_one_is_a_timeout),
        cmocka_unit_test(a_call_that_is_forgotten_ends_the_process),
        cmocka_unit_test(an_instance_that_does_not_run_takes_no_calls),
        cmocka_unit_test(a_page_has_parameters_from_path_and_query),
        cmocka_unit_test(questions_are_answered_by_whoever_offers_the_command),
        cmocka_unit_test(an_answer_may_come_later_but_not_to_another_life),
        cmocka_unit_test(a_queue_is_there_after_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
