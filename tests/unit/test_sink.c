/* The sink, in a plugin that does as it is told: what is sent when, what dies, what is shown. */
#include "unit.h"

#include <errno.h>
#include <gnswatch/testing.h>
#include <sink/sink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENT_MAX = 200 };

/* The test tells the plugin what to say; it outlives its lives. */
struct script {
    struct sink *sink;
    struct sink_options options;
    enum sink_outcome outcome; /* 0: none yet */
    const char *why;
    int64_t not_before_ms;
    int64_t sent[SENT_MAX];
    int64_t at_ms[SENT_MAX];
    size_t count;
    bool with_lanes;
};

static struct script script;

static const char *lane_of(void *data, const struct gw_queue_item *item)
{
    (void)data;
    static char lane[8];
    snprintf(lane, sizeof lane, "%.*s", (int)strcspn(item->key, "|"), item->key);
    return lane;
}

static json_t *describe(void *data, const struct gw_queue_item *item)
{
    (void)data;
    return json_pack("{s:s%}", "what", (const char *)item->bytes, item->count);
}

static void send_one(struct sink *sink, const struct gw_queue_item *item, void *data)
{
    struct gw_plugin *self = data;
    assert_true(script.count < SENT_MAX);
    script.sent[script.count] = item->id;
    script.at_ms[script.count++] = gw_monotonic_ms(self);
    if (script.outcome)
        sink_outcome(sink, item->id, script.outcome, script.why, script.not_before_ms);
}

static int give(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    const char *text = gw_string(gw_call_params(call), "text"), *lane = NULL;
    char key[SINK_KEY_BYTES];
    if (script.with_lanes)
        lane = gw_string(gw_call_params(call), "lane");
    sink_key(key, lane, text, NULL);
    return sink_accept(script.sink, call, key, text, strlen(text));
}

static int again(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return sink_run_retry(script.sink, call);
}

static int away(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return sink_run_delete(script.sink, call);
}

static int start(struct gw_plugin *self, void **data)
{
    (void)data;
    struct sink_options options = script.options;
    options.plugin = "post";
    options.queue = "things";
    options.kind = "post.thing";
    options.noun = "thing";
    options.send = send_one;
    options.describe = describe;
    options.lane = script.with_lanes ? lane_of : NULL;
    options.data = self;
    script.sink = sink_new(self, &options);
    return script.sink ? 0 : -EIO;
}

static int tick(struct gw_plugin *self, void *data)
{
    (void)self;
    (void)data;
    sink_tick(script.sink);
    return 0;
}

static void stop(struct gw_plugin *self, void *data)
{
    (void)self;
    (void)data;
    sink_free(script.sink);
    script.sink = NULL;
}

static const struct gw_row give_rows[] = {
    {.name = "text", .type = GW_STRING, .flags = GW_REQUIRED, .help = "What to send"},
    {.name = "lane", .type = GW_STRING, .def = "a", .help = "Where to"},
    {0},
};
static const struct gw_row thing_rows[] = {
    {.name = "what", .type = GW_STRING, .help = "What it is"},
    {.name = "state", .type = GW_STRING, .help = "How it is"},
    {.name = "tries", .type = GW_INT, .help = "How often"},
    {.name = "why", .type = GW_STRING, .help = "Why not"},
    {.name = "put", .type = GW_TIME, .help = "Since when"},
    {.name = "due", .type = GW_TIME, .help = "When next"},
    {0},
};
static const struct gw_kind kinds[] = {
    {.name = "post.thing", .plural = "things", .help = "Things", .fields = thing_rows},
    {0},
};
static const struct gw_command commands[] = {
    {.name = "post.give",
     .help = "Takes one",
     .role = GW_OPERATOR,
     .params = give_rows,
     .result = sink_accept_rows,
     .run = give},
    {.name = "post.thing.retry",
     .help = "Again",
     .role = GW_OPERATOR,
     .params = sink_id_rows,
     .run = again},
    {.name = "post.thing.delete",
     .help = "Away",
     .role = GW_ADMIN,
     .params = sink_id_rows,
     .run = away},
    {0},
};

GW_PLUGIN(.name = "post", .version = "1", .summary = "For this test", .kinds = kinds,
          .commands = commands, .every_ms = 5000, .start = start, .tick = tick, .stop = stop);

static struct gwt *begin(struct script as)
{
    script = as;
    struct gwt *test = gwt_new(&gnswatch_plugin, "", 0);
    assert_non_null(test);
    assert_int_equal(gwt_start(test), 0);
    return test;
}

static void end(struct gwt *test)
{
    gwt_stop(test);
    gwt_free(test);
}

static int take(struct gwt *test, const char *text, const char *lane)
{
    char params[200];
    snprintf(params, sizeof params, "{\"text\":\"%s\",\"lane\":\"%s\"}", text, lane);
    return gwt_call(test, "post.give", params, NULL);
}

static void give_many(struct gwt *test, int count)
{
    for (int i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof text, "t%d", i);
        assert_int_equal(take(test, text, "a"), 0);
    }
}

/* ---- Tests ---- */

static void a_bucket_gives_its_burst_and_then_its_rate(void **state)
{
    (void)state;
    struct sink_bucket bucket;
    sink_bucket_init(&bucket, 60, 3, 1000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sink_bucket_take(&bucket, 1000), 0);
    assert_int_equal(sink_bucket_take(&bucket, 1000), 1000);
    assert_int_equal(sink_bucket_take(&bucket, 1400), 600);
    assert_int_equal(sink_bucket_take(&bucket, 2000), 0);
    assert_int_equal(sink_bucket_take(&bucket, 500), 1000); /* a clock that goes back gives none */
    for (int i = 0; i < 3; i++)
        assert_int_equal(sink_bucket_take(&bucket, 1000000), 0);
    assert_true(sink_bucket_take(&bucket, 1000000) > 0);
    sink_bucket_init(&bucket, 0, 1, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(sink_bucket_take(&bucket, 0), 0);
}

static void keys_differ_with_lane_id_and_more(void **state)
{
    (void)state;
    char a[SINK_KEY_BYTES], b[SINK_KEY_BYTES];
    static const char *const other[][3] = {{"l", "idx", "m"},
                                           {"l", "id", "xm"},
                                           {"k", "id", "m"},
                                           {NULL, "id", "m"},
                                           {"l", "id", NULL}};
    sink_key(a, "l", "id", "m");
    sink_key(b, "l", "id", "m");
    assert_string_equal(a, b);
    assert_int_equal(strncmp(a, "l|", 2), 0);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        sink_key(b, other[i][0], other[i][1], other[i][2]);
        assert_string_not_equal(a, b);
    }
}

static void what_is_sent_is_counted_and_comes_once(void **state)
{
    (void)state;
    struct gwt *test = begin((struct script){.outcome = SINK_SENT});
    give_many(test, 3);
    assert_int_equal(take(test, "t1", "a"), 0);
    gwt_run(test, 6000);
    assert_int_equal(script.count, 3);
    assert_float_equal(gwt_value(test, "post.queue", "", "sent"), 3, 0);
    assert_float_equal(gwt_value(test, "post.queue", "", "waiting"), 0, 0);
    assert_int_equal(gwt_objects(test, "post.thing"), 0);
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(take(test, "t2", "a"), 0);
    gwt_run(test, 6000);
    assert_int_equal(script.count, 3);
    end(test);
}

static void refused_for_now_is_tried_later_and_later_and_dies_in_the_end(void **state)
{
    (void)state;
    struct gwt *test = begin(
        (struct script){.options = {.tries_max = 5, .retry_ms = 1000, .retry_longest_ms = 4000},
                        .outcome = SINK_LATER,
                        .why = "busy \xff\r\nnow"});
    give_many(test, 1);
    gwt_run(test, 60000);
    assert_int_equal(script.count, 5);
    static const int64_t most[] = {1000, 2000, 4000, 4000};
    for (size_t i = 0; i < 4; i++) {
        int64_t pause = script.at_ms[i + 1] - script.at_ms[i];
        assert_in_range(pause, 100, most[i] + 10);
    }
    assert_string_equal(gwt_member(test, "post.thing", "1", "state"), "dead");
    assert_string_equal(gwt_member(test, "post.thing", "1", "why"), "busy ?  now (try 5 of 5)");
    assert_string_equal(gwt_member(test, "post.thing", "1", "what"), "t0");
    assert_int_equal(gwt_events(test, "post.failed"), 1);
    assert_int_equal(gwt_events(test, "post.down"), 0);
    assert_float_equal(gwt_value(test, "post.queue", "", "failed"), 1, 0);
    script.outcome = SINK_SENT;
    assert_int_equal(gwt_call(test, "post.thing.retry", "{\"id\":\"1\"}", NULL), 0);
    gwt_run(test, 6000);
    assert_int_equal(script.count, 6);
    assert_int_equal(gwt_objects(test, "post.thing"), 0);
    assert_int_equal(gwt_call(test, "post.thing.retry", "{\"id\":\"1\"}", NULL), -ENOENT);
    assert_int_equal(gwt_call(test, "post.thing.delete", "{\"id\":\"x\"}", NULL), -ENOENT);
    end(test);
}

static void an_outage_costs_no_tries_one_item_probes_and_it_is_told_once(void **state)
{
    (void)state;
    struct gwt *test = begin(
        (struct script){.options = {.tries_max = 2, .retry_ms = 1000, .retry_longest_ms = 60000},
                        .outcome = SINK_AWAY,
                        .why = "no route"});
    give_many(test, 5);
    gwt_run(test, 3600000);
    for (size_t i = 0; i < script.count; i++)
        assert_int_equal(script.sent[i], 1);
    assert_in_range(script.count, 60, 190); /* full jitter under a minute: some 120 in an hour */
    assert_int_equal(gwt_events(test, "post.down"), 1);
    assert_int_equal(gwt_objects(test, "post.thing"), 5);
    assert_string_equal(gwt_member(test, "post.thing", "3", "why"), "no route");
    assert_string_equal(gwt_member(test, "post.thing", "3", "tries"), "0");
    script.outcome = SINK_SENT;
    script.count = 0;
    gwt_run(test, 61000);
    assert_int_equal(script.count, 5);
    assert_int_equal(gwt_events(test, "post.up"), 1);
    assert_int_equal(gwt_events(test, "post.failed"), 0);
    assert_int_equal(gwt_objects(test, "post.thing"), 0);
    end(test);
}

static void one_receivers_outage_holds_up_nobody_else(void **state)
{
    (void)state;
    struct gwt *test = begin((struct script){.with_lanes = true});
    assert_int_equal(take(test, "x", "a"), 0);
    gwt_run(test, 10);
    assert_int_equal(script.count, 1);
    sink_outcome(script.sink, script.sent[0], SINK_AWAY, "gone", 0);
    sink_hold(script.sink, "c", "not connected");
    assert_int_equal(take(test, "z", "c"), 0);
    script.outcome = SINK_SENT;
    assert_int_equal(take(test, "y", "b"), 0);
    gwt_run(test, 50);
    assert_int_equal(script.count, 2);
    assert_int_equal(script.sent[1], 3);
    assert_true(sink_is_down(script.sink, "c"));
    assert_false(sink_is_down(script.sink, "b"));
    gwt_run(test, 60000);
    assert_int_equal(script.count, 3);
    sink_open(script.sink, "c");
    gwt_run(test, 100);
    assert_int_equal(script.count, 4);
    assert_int_equal(gwt_events(test, "post.up"), 1);
    end(test);
}

static void what_waited_too_long_dies_also_in_an_outage(void **state)
{
    (void)state;
    struct gwt *test = begin(
        (struct script){.options = {.age_max_ms = 3600000}, .outcome = SINK_AWAY, .why = "gone"});
    give_many(test, 3);
    gwt_run(test, 3590000);
    assert_int_equal(gwt_events(test, "post.failed"), 0);
    gwt_run(test, 30000);
    assert_int_equal(gwt_events(test, "post.failed"), 3);
    assert_string_equal(gwt_member(test, "post.thing", "2", "state"), "dead");
    assert_string_equal(gwt_member(test, "post.thing", "2", "why"), "it waited for 1.0 hours");
    end(test);
}

static void what_was_under_way_when_it_was_killed_is_sent_again(void **state)
{
    (void)state;
    struct gwt *test = begin((struct script){.outcome = 0});
    give_many(test, 2);
    gwt_run(test, 6000);
    assert_int_equal(script.count, 1); /* one at a time */
    assert_int_equal(gwt_call(test, "post.thing.delete", "{\"id\":\"1\"}", NULL), -EBUSY);
    gwt_kill(test);
    script.outcome = SINK_SENT;
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 6000);
    assert_int_equal(script.count, 3);
    assert_int_equal(gwt_objects(test, "post.thing"), 0); /* those of the last life are gone too */
    end(test);
}

static void a_full_queue_refuses(void **state)
{
    (void)state;
    struct gwt *test =
        begin((struct script){.options = {.items_max = 2}, .outcome = SINK_AWAY, .why = "gone"});
    give_many(test, 2);
    assert_int_equal(take(test, "third", "a"), -EBUSY);
    assert_int_equal(take(test, "t0", "a"), 0);
    end(test);
}

static void parts_of_an_item_fare_by_themselves(void **state)
{
    (void)state;
    struct gwt *test = begin((struct script){.options = {.retry_ms = 1000}});
    give_many(test, 1);
    gwt_run(test, 10);
    for (int twice = 0; twice < 2; twice++)
        assert_int_equal(
            sink_split(script.sink, script.sent[0], "k1", "dead", 4, SINK_REFUSED, "no"), 0);
    assert_int_equal(
        sink_split(script.sink, script.sent[0], "k2", "later", 5, SINK_LATER, "not now"), 0);
    sink_outcome(script.sink, script.sent[0], SINK_SENT, NULL, 0);
    script.outcome = SINK_SENT;
    gwt_run(test, 6000);
    assert_int_equal(script.count, 2);
    assert_int_equal(gwt_objects(test, "post.thing"), 1);
    assert_int_equal(gwt_events(test, "post.failed"), 1);
    assert_float_equal(gwt_value(test, "post.queue", "", "sent"), 2, 0);
    end(test);
}

static void a_named_time_is_kept(void **state)
{
    (void)state;
    struct gwt *test = begin((struct script){.outcome = SINK_LATER, .why = "busy"});
    script.not_before_ms = gwt_now_ms(test) + 600000;
    give_many(test, 1);
    gwt_run(test, 590000);
    assert_int_equal(script.count, 1);
    script.outcome = SINK_SENT;
    gwt_run(test, 20000);
    assert_int_equal(script.count, 2);
    end(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_gives_its_burst_and_then_its_rate),
        cmocka_unit_test(keys_differ_with_lane_id_and_more),
        cmocka_unit_test(what_is_sent_is_counted_and_comes_once),
        cmocka_unit_test(refused_for_now_is_tried_later_and_later_and_dies_in_the_end),
        cmocka_unit_test(an_outage_costs_no_tries_one_item_probes_and_it_is_told_once),
        cmocka_unit_test(one_receivers_outage_holds_up_nobody_else),
        cmocka_unit_test(what_waited_too_long_dies_also_in_an_outage),
        cmocka_unit_test(what_was_under_way_when_it_was_killed_is_sent_again),
        cmocka_unit_test(a_full_queue_refuses),
        cmocka_unit_test(parts_of_an_item_fare_by_themselves),
        cmocka_unit_test(a_named_time_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
