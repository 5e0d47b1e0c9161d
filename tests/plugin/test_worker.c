/* Plugins that crash, hang, lie and flood, each in a child: what is told, what is kept, and that
 * others go on. argv[1] is the directory of the test plugins. */
#include "host_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int do_it(struct fixture *f, const char *how, struct buf *answer)
{
    struct problems problems;
    struct gw_call *call = NULL;
    int error = 0;
    int64_t until_ms = 0;
    const struct caller caller = {"test", "rest", GW_ADMIN};
    json_t *params = json_pack("{s:s}", "how", how);
    problems_init(&problems);
    do
        error =
            commands_call(f->commands, "wild.do", params, &caller, NULL, NULL, &problems, &call);
    while (error == -EAGAIN && again(&until_ms)); /* it is just being started */
    assert_int_equal(error, 0);
    while (!call_done(call, &error))
        assert_true(again(&until_ms));
    buf_init(answer, 10000);
    call_result(call, answer);
    call_unref(call);
    json_decref(params);
    problems_fini(&problems);
    return error;
}

/* The number it answers with. */
static int count_of(struct fixture *f, const char *how)
{
    struct buf answer;
    int count = -1;
    int error = do_it(f, how, &answer);
    if (error)
        fail_msg("%s: %s", how, answer.data);
    assert_int_equal(sscanf(answer.data, "{\"count\":%d}", &count), 1);
    buf_fini(&answer);
    return count;
}

static void begin(struct fixture *f, const char *text)
{
    write_conf(f, "wild", text);
    write_conf(f, "steady", "");
    apply(f);
    wait_number(f, "wild", "ticks", false, 2);
}

/* Asks for it, and waits until it has happened and all goes on. */
static struct gw_event *crash(struct fixture *f, const char *how, const char *sentence)
{
    struct buf answer;
    double restarts = number_of(f, "wild", "restarts", false);
    double ticks = number_of(f, "steady", "ticks", false);
    assert_int_equal(do_it(f, how, &answer), -EIO);
    struct gw_event *event = wait_event(f, "gnswatch.instance.crashed");
    if (!strstr(event->text, sentence) || !strstr(answer.data, sentence))
        fail_msg("%s: '%s' and '%s' do not say '%s'", how, event->text, answer.data, sentence);
    buf_fini(&answer);
    assert_int_equal(host_restart(f->host, "wild"), 0); /* which does not wait */
    wait_number(f, "wild", "restarts", false, restarts + 1);
    event_free(wait_event(f, "gnswatch.instance.recovered"));
    wait_number(f, "steady", "ticks", false, ticks + 1);
    return event;
}

static void a_crash_is_told_and_kept_with_its_backtrace(void **state)
{
    struct fixture *f = *state;
    begin(f, "isolation: process\n");
    struct gw_event *event = crash(f, "segv", "killed by signal 11 (Segmentation fault)");
    assert_int_equal(event->severity, GW_ERROR);
    assert_string_equal(event->source, "wild");
    assert_non_null(strstr(event->data, "\"signal\":11"));
    assert_non_null(strstr(event->data, "wild.so"));
    event_free(event);
    event_free(crash(f, "abort", "killed by signal 6 (Aborted)"));
    event_free(crash(f, "stack", "killed by signal 11"));
    event_free(crash(f, "exit", "it ended with exit code 7"));
    assert_true(host_says(f, "\"crashes\":4"));
    char path[256];
    struct stat about;
    for (int i = 1; i <= 4; i++) {
        snprintf(path, sizeof(path), "%s/plugins/wild/crash-%d.txt", f->dir, i);
        assert_int_equal(stat(path, &about), 0);
    }
}

static void what_an_instance_made_outlives_its_crash(void **state)
{
    struct fixture *f = *state;
    struct series_info before, after;
    const char *key = "wild.row{instance=\"wild\",n=\"-1\"}";
    begin(f, "isolation: process\n");
    assert_int_equal(metric_find(f->metric, key, &before), 0);
    event_free(crash(f, "segv", "killed by signal 11"));
    int64_t until_ms = 0;
    bool goes_on = false;
    while (!goes_on) {
        assert_true(again(&until_ms));
        assert_int_equal(metric_find(f->metric, key, &after), 0);
        goes_on = after.live && after.last_ms > before.last_ms;
        assert_int_equal(after.id, before.id);
        series_info_fini(&after);
    }
    series_info_fini(&before);
    char *doc = objects_get(f->objects, "wild.thing", "kept");
    assert_string_equal(doc, "{\"id\":\"kept\",\"kept\":true}");
    free(doc);
}

static void a_crash_is_followed_by_a_start_that_waits_longer_each_time(void **state)
{
    struct fixture *f = *state;
    int64_t last_ms = 0, gap_ms = 0;
    write_conf(f, "wild", "isolation: process\nat_start: segv\n");
    write_conf(f, "steady", "");
    apply(f);
    for (int i = 0; i < 3; i++) {
        struct gw_event *event = wait_event(f, "gnswatch.instance.crashed");
        if (i > 0)
            assert_true(event->time_ms - last_ms >= (i == 1 ? 1000 : 2000));
        gap_ms = event->time_ms - last_ms;
        last_ms = event->time_ms;
        event_free(event);
    }
    assert_true(gap_ms < 20000);
    assert_true(host_says(f, "\"state\":\"waiting\""));
    write_conf(f, "wild", "isolation: process\n");
    apply(f);
    wait_number(f, "wild", "ticks", false, 1);
}

static void a_callback_that_hangs_is_ended(void **state)
{
    struct fixture *f = *state;
    begin(f, "limits:\n  hang: 1s\n");
    struct gw_event *event = crash(f, "hang", "its command had been running for 1.");
    assert_non_null(strstr(event->data, "crash: signal 6"));
    event_free(event);
    event_free(crash(f, "spin", "its command had been running for 1."));
}

static void a_stop_that_hangs_is_ended_in_time(void **state)
{
    struct fixture *f = *state;
    begin(f, "isolation: process\nat_stop: hang\n");
    assert_int_equal(host_stop(f->host, WAIT_MS), 0);
}

static void whoever_lies_is_ended_with_what_it_did(void **state)
{
    struct fixture *f = *state;
    begin(f, "isolation: process\n");
    event_free(crash(f, "junk", "it sent a frame of the unknown type 200"));
    event_free(crash(f, "no_json", "it sent a frame of type 35 that is not as frames are"));
    event_free(crash(f, "no_series", "it ended a series that it does not have"));
    event_free(crash(f, "no_kind", "it put an object that its own host must have refused"));
    event_free(crash(f, "ring_head", "what it wrote into its ring of rows are none"));
    event_free(crash(f, "ring_series", "it wrote a row of 2 values of a series that has not"));
    event_free(crash(f, "close", "its process "));
    event_free(crash(f, "shutdown", "its process has ended"));
}

static size_t count_events(struct fixture *f, const char *topic)
{
    size_t count = 0;
    for (struct gw_event *event; (event = bus_take(f->events)); event_free(event))
        count += strcmp(event->topic, topic) == 0;
    return count;
}

static void floods_are_bounded_and_the_rest_goes_on(void **state)
{
    struct fixture *f = *state;
    begin(f, "limits:\n  events: 10\n  series: 120\n  hang: 60s\n");
    int lost = count_of(f, "rows");
    wait_number(f, "wild", "ticks", false, number_of(f, "wild", "ticks", false) + 2);
    struct buf text;
    buf_init(&text, 1 << 20);
    host_json(f->host, &text);
    if (lost)
        assert_null(strstr(text.data, "\"dropped_rows\":0,\"paused\""));
    buf_fini(&text);
    count_events(f, "");
    int refused = count_of(f, "events");
    assert_in_range(refused, 19000, 19999);
    assert_int_equal(count_events(f, "wild.said"), 20000 - refused);
    assert_true(count_of(f, "series") > 0);
    assert_int_equal(count_of(f, "objects"), 0);
    assert_int_equal(count_of(f, "lines"), 0);
    int64_t until_ms = 0;
    char *doc = objects_get(f->objects, "wild.thing", "99");
    for (; !doc || !strstr(doc, "19999"); doc = objects_get(f->objects, "wild.thing", "99")) {
        free(doc);
        assert_true(again(&until_ms));
    }
    free(doc);
    double ticks = number_of(f, "steady", "ticks", false);
    wait_number(f, "steady", "ticks", false, ticks + 2);
    assert_int_equal((int)number_of(f, "wild", "restarts", false), 0);
}

static void memory_and_processes_are_what_the_file_says(void **state)
{
    struct fixture *f = *state;
    struct buf answer;
    begin(f, "limits:\n  memory: 64MiB\n");
    assert_int_equal(count_of(f, "fork"), 1);
    int error = do_it(f, "memory", &answer); /* refused in there, or ended from here */
    assert_true(error == 0 || strstr(answer.data, "memory"));
    buf_fini(&answer);
}

int main(int argc, char **argv)
{
    int code;
    if (fixture_begin(argc, argv, &code))
        return code;
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_crash_is_told_and_kept_with_its_backtrace),
        TEST(what_an_instance_made_outlives_its_crash),
        TEST(a_crash_is_followed_by_a_start_that_waits_longer_each_time),
        TEST(a_callback_that_hangs_is_ended),
        TEST(a_stop_that_hangs_is_ended_in_time),
        TEST(whoever_lies_is_ended_with_what_it_did),
        TEST(floods_are_bounded_and_the_rest_goes_on),
        TEST(memory_and_processes_are_what_the_file_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
