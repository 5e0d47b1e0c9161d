/* The plugin host with real shared objects. argv[1] is the directory of the test plugins. */
#include "host_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- loading ---- */

static void assert_refused(struct fixture *f, const char *plugin, const char *sentence)
{
    char *why = NULL;
    assert_null(host_load(f->host, plugin, &why));
    assert_non_null(why);
    if (!strstr(why, sentence))
        fail_msg("'%s' does not say '%s'", why, sentence);
    free(why);
}

static void a_plugin_of_another_major_is_refused_with_both_versions(void **state)
{
    assert_refused(*state, "abi_major",
                   "plugin 'abi_major' was built for plugin interface 2.0, this gnswatch has 1.1; "
                   "update gnswatch");
}

static void a_plugin_of_a_newer_minor_is_refused_with_both_versions(void **state)
{
    assert_refused(*state, "abi_minor",
                   "plugin 'abi_minor' was built for plugin interface 1.2, this gnswatch has 1.1; "
                   "update gnswatch");
}

static void a_smaller_descriptor_is_copied_into_a_zeroed_one(void **state)
{
    struct fixture *f = *state;
    char *why = NULL;
    const struct gw_descriptor *descriptor = host_load(f->host, "abi_small", &why);
    assert_null(why);
    assert_non_null(descriptor);
    assert_string_equal(descriptor->summary, "Of another version");
    assert_null(descriptor->stop); /* set in the plugin, but beyond the size it gave */
    assert_ptr_equal(host_load(f->host, "abi_small", &why), descriptor);
}

static void a_plugin_of_before_pages_has_none(void **state)
{
    struct fixture *f = *state;
    char *why = NULL;
    const struct gw_descriptor *descriptor = host_load(f->host, "abi_before", &why);
    assert_null(why);
    assert_non_null(descriptor);
    assert_null(descriptor->pages);
}

static void a_descriptor_of_an_impossible_size_is_refused(void **state)
{
    assert_refused(*state, "abi_tiny", "its descriptor has 16 bytes");
    assert_refused(*state, "abi_large", "rebuild it");
}

static void a_missing_symbol_is_named(void **state)
{
    assert_refused(*state, "no_symbol",
                   "needs the symbol 'gw_not_yet_invented', which this gnswatch does not have");
}

static void what_is_not_there_or_no_plugin_is_refused(void **state)
{
    assert_refused(*state, "nowhere", "plugin 'nowhere': no nowhere.so in ");
    assert_refused(*state, "no_descriptor", "has no descriptor; end the file with GW_PLUGIN");
    assert_refused(*state, "../steady", "a name has only a-z");
}

static void a_mistake_in_a_table_is_refused_with_a_sentence(void **state)
{
    assert_refused(*state, "bad_help", "plugin 'bad_help': option 'size' has no help");
    assert_refused(*state, "bad_default", "option 'size' has the default \"12\"");
    assert_refused(*state, "bad_list",
                   "\"[big, small]\", which is no list it would accept itself; "
                   "write it as JSON: [\"a\", \"b\"]");
    assert_refused(*state, "bad_twice", "option 'size' is there twice");
    assert_refused(*state, "bad_reserved", "option 'every': every instance has one");
    assert_refused(*state, "bad_enum", "option 'size' is a choice without choices");
    assert_refused(*state, "bad_prefix",
                   "command 'other.do': its name must begin with 'bad_prefix.'");
    assert_refused(*state, "bad_role", "command 'bad_role.do' has no role");
    assert_refused(*state, "bad_run", "command 'bad_run.do' has no function to run");
    assert_refused(*state, "bad_path", "its path must be /metrics or below /api/bad_path/");
    assert_refused(*state, "bad_capture", "{day} is no parameter that takes one text");
    assert_refused(*state, "bad_types", "page '/metrics' has no types");
}

/* ---- running ---- */

static void an_instance_has_its_turns_and_they_never_overlap(void **state)
{
    struct fixture *f = *state;
    assert_false(host_ready(f->host));
    write_conf(f, "one", "plugin: steady\n");
    write_conf(f, "two", "plugin: steady\nword: there\n");
    apply(f);
    const char *const names[] = {"one", "two"};
    for (int i = 0; i < 2; i++) {
        wait_number(f, names[i], "ticks", true, 5);
        wait_number(f, names[i], "timers", true, 3);
        wait_number(f, names[i], "once", true, 1);
        wait_number(f, names[i], "watches", true, 1);
        wait_number(f, names[i], "posts", true, 5);
        wait_number(f, names[i], "events", true, 1);
        wait_number(f, names[i], "answers", true, 2);
        char *doc = objects_get(f->objects, "steady.state", names[i]);
        assert_non_null(strstr(doc, "\"timers\":3,"));
        assert_non_null(strstr(doc, "\"overlapped\":false"));
        free(doc);
    }
    assert_true(host_ready(f->host));
    assert_true(host_says(f, "\"instance\":\"two\",\"plugin\":\"steady\",\"version\":\"1.0\""));
    assert_true(host_says(f, "\"options\":{\"word\":\"there\"}"));
    struct series_info info;
    assert_int_equal(metric_find(f->metric, "steady.ticks{instance=\"one\"}", &info), 0);
    assert_true(info.live);
    series_info_fini(&info);
}

static void commands_are_answered_by_the_instance_they_name(void **state)
{
    struct fixture *f = *state;
    struct buf answer;
    write_conf(f, "one", "plugin: steady\n");
    write_conf(f, "two", "plugin: steady\nword: there\n");
    apply(f);
    wait_number(f, "two", "ticks", false, 1);
    wait_number(f, "one", "ticks", false, 1);
    assert_int_equal(call(f, "steady.word", "two", &answer), 0);
    assert_string_equal(answer.data, "{\"word\":\"there\"}");
    buf_fini(&answer);
    assert_int_equal(call(f, "steady.fail", "one", &answer), -EBUSY);
    assert_non_null(strstr(answer.data, "{\"detail\":\"the thing is taken: "));
    buf_fini(&answer);
    assert_true(host_says(f, "\"text\":\"the thing is taken: "));
}

static void a_start_that_failed_is_cleaned_up_and_tried_again(void **state)
{
    struct fixture *f = *state;
    write_conf(f, "failing", "");
    apply(f);
    struct gw_event *event = wait_event(f, "failing.stopped");
    assert_string_equal(event->text, "half built");
    event_free(event);
    event = wait_event(f, "gnswatch.instance.failed");
    assert_non_null(strstr(event->text, "connect to nothing: "));
    event_free(event);
    event_free(wait_event(f, "gnswatch.instance.recovered"));
    assert_true(host_says(f, "\"state\":\"running\""));
    assert_int_equal((int)number_of(f, "failing", "restarts", false), 1);
    struct series_info info;
    assert_int_equal(metric_find(f->metric, "failing.x", &info), 0);
    assert_false(info.live);
    series_info_fini(&info);
    assert_int_equal(host_stop(f->host, WAIT_MS), 0);
    for (; (event = bus_take(f->events)); event_free(event))
        assert_string_not_equal(event->topic, "failing.leaked");
}

static void a_callback_beyond_its_deadline_is_reported_while_others_go_on(void **state)
{
    struct fixture *f = *state;
    write_conf(f, "slow", "");
    write_conf(f, "steady", "");
    apply(f);
    struct gw_event *event = wait_event(f, "gnswatch.instance.late");
    assert_string_equal(event->source, "slow");
    assert_non_null(strstr(event->text, "tick of instance 'slow' has been running for"));
    event_free(event);
    double ticks = number_of(f, "steady", "ticks", false);
    wait_number(f, "steady", "ticks", false, ticks + 3);
    wait_number(f, "slow", "ticks", false, 3);
    double late = number_of(f, "slow", "late", false); /* the report, and about six missed turns */
    assert_true(late >= 2 && late < 20);
}

static void a_reload_restarts_only_what_differs(void **state)
{
    struct fixture *f = *state;
    write_conf(f, "one", "plugin: steady\n");
    write_conf(f, "two", "plugin: steady\n");
    write_conf(f, "three", "plugin: steady\n");
    apply(f);
    wait_number(f, "one", "ticks", false, 10);
    wait_number(f, "two", "ticks", false, 10);
    write_conf(f, "two", "plugin: steady\nword: changed\n");
    write_conf(f, "three", NULL);
    apply(f);
    assert_true(number_of(f, "one", "ticks", false) >= 10);
    assert_true(number_of(f, "two", "ticks", false) < 10);
    assert_true(number_of(f, "three", "ticks", false) < 0);
    wait_host_says(f, "\"word\":\"changed\"");
    write_conf(f, "two", "plugin: steady\nwrod: mistake\n");
    assert_int_equal(try_apply(f), -EINVAL);
    assert_true(host_says(f, "\"word\":\"changed\""));
    write_conf(f, "two", "plugin: steady\nenabled: no\n");
    apply(f);
    assert_true(host_says(f, "\"state\":\"stopped\""));
    assert_true(host_ready(f->host));
}

static void a_restart_begins_anew_at_once(void **state)
{
    struct fixture *f = *state;
    write_conf(f, "one", "plugin: steady\n");
    apply(f);
    wait_number(f, "one", "ticks", true, 20);
    assert_int_equal(host_restart(f->host, "one"), 0);
    wait_number(f, "one", "restarts", false, 1);
    int64_t until_ms = 0;
    while (number_of(f, "one", "ticks", true) >= 20)
        assert_true(again(&until_ms));
    wait_number(f, "one", "answers", true, 2);
    assert_int_equal(host_restart(f->host, "none"), -ENOENT);
}

/* ---- reading others ---- */

struct page {
    pthread_mutex_t lock;
    char *body; /* owned */
    int error;
    bool done;
};

static void on_page(void *data, struct gw_call *call)
{
    struct page *page = data;
    int error = 0;
    call_done(call, &error);
    struct page_answer answer = call_page_answer(call);
    pthread_mutex_lock(&page->lock);
    page->error = error;
    page->body = error ? NULL : strndup(answer.body, answer.bytes);
    page->done = true;
    pthread_mutex_unlock(&page->lock);
}

static bool page_done(struct page *page)
{
    pthread_mutex_lock(&page->lock);
    bool done = page->done;
    pthread_mutex_unlock(&page->lock);
    return done;
}

/* The page as JSON; NULL: it was refused. */
static json_t *get_page(struct fixture *f, const char *path)
{
    struct page page = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const struct caller caller = {"test", "page", GW_ADMIN};
    struct problems problems;
    problems_init(&problems);
    int error =
        commands_call_page(f->commands, path, NULL, "", &caller, on_page, &page, &problems, NULL);
    problems_fini(&problems);
    int64_t until_ms = 0;
    while (!error && !page_done(&page))
        assert_true(again(&until_ms));
    json_t *json = page.body ? json_loads(page.body, 0, NULL) : NULL;
    free(page.body);
    return json;
}

static int64_t followed(struct fixture *f, const char *member)
{
    json_t *json = get_page(f, "/api/reader/follow");
    int64_t value = json ? json_integer_value(json_object_get(json, member)) : -1;
    json_decref(json);
    return value;
}

static void a_plugin_follows_the_series_of_others_to_their_end(void **state)
{
    struct fixture *f = *state;
    write_conf(f, "reader", "plugin: reader\nmeasurement: steady.*\n");
    write_conf(f, "one", "plugin: steady\n");
    write_conf(f, "two", "plugin: steady\n");
    apply(f);
    int64_t until_ms = 0;
    while (followed(f, "rows") < 20)
        assert_true(again(&until_ms));
    assert_int_equal(followed(f, "found"), 2);
    write_conf(f, "two", NULL);
    apply(f);
    until_ms = 0;
    while (followed(f, "ended") < 1)
        assert_true(again(&until_ms));
    assert_int_equal(followed(f, "found"), 2);
    assert_int_equal(followed(f, "freed"), 1);
    assert_int_equal(followed(f, "lost"), 0);
}

static void calls_left_unanswered_at_stop_are_refused(void **state)
{
    struct fixture *f = *state;
    struct problems problems;
    struct gw_call *kept = NULL;
    int error = 0;
    int64_t until_ms = 0;
    write_conf(f, "steady", "");
    apply(f);
    wait_number(f, "steady", "ticks", false, 1);
    struct caller caller = {"test", "rest", GW_ADMIN};
    problems_init(&problems);
    assert_int_equal(
        commands_call(f->commands, "steady.keep", NULL, &caller, NULL, NULL, &problems, &kept), 0);
    struct buf json;
    buf_init(&json, 10000);
    do {
        buf_clear(&json);
        call_json(kept, &json);
        assert_true(again(&until_ms));
    } while (!strstr(json.data, "\"half way\""));
    assert_int_equal(host_stop(f->host, WAIT_MS), 0);
    assert_true(call_done(kept, &error));
    assert_int_equal(error, -ECANCELED);
    event_free(wait_event(f, "steady.too_late"));
    call_unref(kept);
    buf_fini(&json);
    problems_fini(&problems);
}

static void object_changes_reach_those_who_subscribe(void **state)
{
    struct fixture *f = *state;
    bus_unsubscribe(f->events); /* "*" does not stand for the changes of objects */
    f->events = bus_subscribe(f->bus, "object.*", 10000, NULL, NULL);
    write_conf(f, "steady", "");
    apply(f);
    struct gw_event *event = wait_event(f, "object.put");
    assert_string_equal(event->data, "{\"new\":true}");
    assert_string_equal(event->kind, "steady.state");
    assert_int_equal(event->sequence, 0);
    event_free(event);
    event = wait_event(f, "object.put");
    assert_non_null(strstr(event->data, "{\"changed\":{\""));
    event_free(event);
}

static void an_instance_that_cannot_be_loaded_is_shown_as_failed(void **state)
{
    struct fixture *f = *state;
    struct conf *conf = calloc(1, sizeof(*conf));
    conf->instances = calloc(1, sizeof(*conf->instances));
    conf->count = 1;
    conf->instances[0] = (struct conf_instance){.name = strdup("x"),
                                                .plugin = strdup("nowhere"),
                                                .file = strdup("x.yaml"),
                                                .enabled = true};
    assert_int_equal(host_apply(f->host, conf), 0);
    assert_true(host_says(f, "\"state\":\"failed\""));
    assert_true(host_ready(f->host));
    assert_int_equal(host_restart(f->host, "x"), -EINVAL);
}

/* Last: its thread hangs until the process ends, so nothing that it knows is freed. */
static void an_instance_that_hangs_is_left_behind_in_time(void **state)
{
    struct fixture *f = *state;
    write_conf(f, "slow", "hang: yes\n");
    write_conf(f, "steady", "");
    apply(f);
    wait_number(f, "steady", "ticks", false, 1);
    wait_number(f, "slow", "ticks", false, 2);
    int64_t begin_ms = clock_monotonic_ms(clock_system());
    assert_int_equal(host_stop(f->host, 300), -ETIMEDOUT);
    assert_true(clock_monotonic_ms(clock_system()) - begin_ms < WAIT_MS);
    host_free(f->host);
    remove_dir(f);
}

int main(int argc, char **argv)
{
    int code;
    if (fixture_begin(argc, argv, &code))
        return code;
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_plugin_of_another_major_is_refused_with_both_versions),
        TEST(a_plugin_of_a_newer_minor_is_refused_with_both_versions),
        TEST(a_smaller_descriptor_is_copied_into_a_zeroed_one),
        TEST(a_plugin_of_before_pages_has_none),
        TEST(a_descriptor_of_an_impossible_size_is_refused),
        TEST(a_plugin_follows_the_series_of_others_to_their_end),
        TEST(a_missing_symbol_is_named),
        TEST(what_is_not_there_or_no_plugin_is_refused),
        TEST(a_mistake_in_a_table_is_refused_with_a_sentence),
        TEST(an_instance_has_its_turns_and_they_never_overlap),
        TEST(commands_are_answered_by_the_instance_they_name),
        TEST(a_start_that_failed_is_cleaned_up_and_tried_again),
        TEST(a_callback_beyond_its_deadline_is_reported_while_others_go_on),
        TEST(a_reload_restarts_only_what_differs),
        TEST(a_restart_begins_anew_at_once),
        TEST(calls_left_unanswered_at_stop_are_refused),
        TEST(object_changes_reach_those_who_subscribe),
        TEST(an_instance_that_cannot_be_loaded_is_shown_as_failed),
        cmocka_unit_test_setup(an_instance_that_hangs_is_left_behind_in_time, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
