/* Events, objects and commands through SQLite and back. */
#include "store_fixture.h"

#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int setup(void **state)
{
    struct store_fixture *f = malloc(sizeof(*f));
    fixture_begin(f);
    fixture_open(f, NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct store_fixture *f = *state;
    if (f->store)
        fixture_close(f);
    fixture_end(f);
    free(f);
    return 0;
}

static int64_t say(struct store_fixture *f, const char *topic, enum gw_severity severity,
                   const char *text)
{
    return bus_emit(f->bus, &(struct gw_event){.topic = topic,
                                               .severity = severity,
                                               .source = "lab",
                                               .kind = "gns3.node",
                                               .id = "n1",
                                               .text = text});
}

static json_t *ask(struct store_fixture *f, const struct store_events_query *query)
{
    char *text = fixture_events(f, query);
    assert_non_null(text);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    free(text);
    json_t *items = json_incref(json_object_get(json, "items"));
    json_decref(json);
    return items;
}

static size_t count(struct store_fixture *f, const struct store_events_query *query)
{
    json_t *items = ask(f, query);
    size_t n = json_array_size(items);
    json_decref(items);
    return n;
}

static void reopen(struct store_fixture *f)
{
    fixture_close(f);
    fixture_open(f, NULL);
}

static void events_are_found_by_topic_severity_subject_and_words(void **state)
{
    struct store_fixture *f = *state;
    say(f, "gns3.node.crashed", GW_ERROR, "PC1 crashed: \"segmentation fault\"");
    say(f, "gns3.node.started", GW_INFO, "PC1 was started");
    say(f, "gns3.link.changed", GW_NOTICE, "A link of PC2 changed");
    reopen(f);
    assert_int_equal(count(f, &(struct store_events_query){.limit = 100}), 3);
    assert_int_equal(count(f, &(struct store_events_query){.topic = "gns3.node.*"}), 2);
    assert_int_equal(count(f, &(struct store_events_query){.severity_least = GW_NOTICE}), 2);
    assert_int_equal(count(f, &(struct store_events_query){.kind = "gns3.node", .id = "n1"}), 3);
    assert_int_equal(count(f, &(struct store_events_query){.search = "segm fau"}), 1);
    assert_int_equal(count(f, &(struct store_events_query){.search = "\"PC1"}), 2);
    assert_int_equal(count(f, &(struct store_events_query){.search = "AND OR ("}), 0);
    assert_int_equal(count(f, &(struct store_events_query){.limit = 2}), 2);
    assert_int_equal(count(f, &(struct store_events_query){.from_ms = f->clock.now_wall_ms + 1}),
                     0);
}

static void paging_back_goes_from_newest_to_oldest(void **state)
{
    struct store_fixture *f = *state;
    int64_t first = say(f, "a.b", GW_INFO, "one");
    say(f, "a.b", GW_INFO, "two");
    int64_t third = say(f, "a.b", GW_INFO, "three");
    reopen(f);
    json_t *items = ask(f, &(struct store_events_query){.before_sequence = third});
    assert_int_equal(json_array_size(items), 2);
    json_t *oldest = json_array_get(items, 1);
    assert_int_equal(json_integer_value(json_object_get(oldest, "sequence")), first);
    assert_string_equal(json_string_value(json_object_get(oldest, "text")), "one");
    json_decref(items);
}

static void a_burst_of_events_is_kept_whole_also_when_silence_follows(void **state)
{
    struct store_fixture *f = *state;
    enum { BURST = 12000 };
    for (int i = 0; i < BURST; i++)
        say(f, "gns3.node.started", GW_INFO, "one of many");
    struct store_events_query oldest = {.topic = "gns3.*", .limit = 10000};
    struct store_events_query newest = {.topic = "gns3.*", .limit = 1};
    int64_t first = 0;
    for (int tries = 0; tries < 500 && first == 0; tries++) { /* written behind, in batches */
        json_t *items = ask(f, &newest);
        if (json_array_size(items))
            first = json_integer_value(json_object_get(json_array_get(items, 0), "sequence"));
        json_decref(items);
        if (first < BURST)
            first = 0;
        usleep(20000);
    }
    assert_true(first >= BURST);
    assert_int_equal(count(f, &oldest), 10000);
    oldest.before_sequence = first - 9999;
    assert_int_equal(count(f, &oldest), BURST - 10000);
}

static void event_numbers_go_on_over_restarts(void **state)
{
    struct store_fixture *f = *state;
    int64_t last = say(f, "a.b", GW_INFO, "one");
    reopen(f);
    assert_int_equal(say(f, "a.b", GW_INFO, "two"), last + 1);
}

static void event_numbers_go_on_when_the_file_with_the_reserve_is_lost(void **state)
{
    struct store_fixture *f = *state;
    int64_t last = 0;
    for (int i = 0; i < 1000; i++)
        last = say(f, "a.b", GW_INFO, "one");
    fixture_close(f);
    char path[128];
    snprintf(path, sizeof(path), "%s/sequence", f->dir);
    assert_int_equal(unlink(path), 0);
    fixture_open(f, NULL);
    assert_true(say(f, "a.b", GW_INFO, "two") > last);
}

static void a_damaged_database_is_set_aside_and_numbers_still_go_on(void **state)
{
    struct store_fixture *f = *state;
    int64_t last = say(f, "a.b", GW_INFO, "one");
    fixture_close(f);
    char path[128], command[256];
    snprintf(path, sizeof(path), "%s/gnswatch.db", f->dir);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    char garbage[4096];
    memset(garbage, 0x5a, sizeof(garbage));
    for (int i = 0; i < 4; i++)
        assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
    close(fd);
    fixture_open(f, NULL);
    assert_true(say(f, "a.b", GW_INFO, "two") > last);
    snprintf(command, sizeof(command), "ls %s/aside | grep -q gnswatch.db", f->dir);
    assert_int_equal(system(command), 0);
    reopen(f);
    json_t *items = ask(f, &(struct store_events_query){.topic = "store.database.aside"});
    assert_int_equal(json_array_size(items), 1);
    json_decref(items);
}

static void objects_come_back_and_their_changes_are_kept(void **state)
{
    struct store_fixture *f = *state;
    objects_put(f->objects, "lab", "gns3.node", "n1", "{\"name\":\"PC1\",\"status\":\"stopped\"}");
    objects_put(f->objects, "lab", "gns3.node", "n1", "{\"name\":\"PC1\",\"status\":\"started\"}");
    objects_put(f->objects, "lab", "gns3.node", "n2", "{\"name\":\"PC2\"}");
    objects_delete(f->objects, "gns3.node", "n2");
    reopen(f);
    char *one = objects_get(f->objects, "gns3.node", "n1");
    assert_non_null(one);
    assert_non_null(strstr(one, "started"));
    free(one);
    assert_null(objects_get(f->objects, "gns3.node", "n2"));
    char *history = fixture_history(f, "gns3.node", "n1");
    assert_non_null(strstr(history, "\"changed\":{\"status\":[\"stopped\",\"started\"]}"));
    assert_non_null(strstr(history, "\"change\":\"new\""));
    free(history);
    history = fixture_history(f, "gns3.node", "n2");
    assert_non_null(strstr(history, "\"change\":\"delete\""));
    free(history);
}

static void series_keep_their_id_over_restarts(void **state)
{
    struct store_fixture *f = *state;
    fixture_rows(fixture_series(f, "PC1"), 1700000000, 3);
    fixture_series(f, "PC2");
    reopen(f);
    fixture_series(f, "PC3");
    struct series_info info;
    assert_int_equal(metric_find(f->metric, "gns3.node{server=\"a\",node=\"PC2\"}", &info), 0);
    assert_int_equal(info.id, 2);
    assert_false(info.live);
    series_info_fini(&info);
    assert_int_equal(metric_find(f->metric, "1", &info), 0);
    assert_int_equal(info.last_ms, 1700000002000);
    assert_string_equal(info.fields[1].help, "Traffic");
    series_info_fini(&info);
    assert_int_equal(metric_find(f->metric, "3", &info), 0);
    series_info_fini(&info);
}

static void two_daemons_do_not_share_a_directory(void **state)
{
    struct store_fixture *f = *state;
    struct store_parts parts = f->store->parts;
    struct store *second = NULL;
    char *why = NULL;
    assert_int_equal(store_open(&parts, &second, &why), -EBUSY);
    assert_non_null(strstr(why, "another gnswatch"));
    free(why);
}

static void health_is_json_and_says_well(void **state)
{
    struct store_fixture *f = *state;
    fixture_tick(f);
    struct buf out;
    buf_init(&out, 65536);
    bool well = false;
    store_health(f->store, &out, &well);
    assert_true(well);
    json_t *json = json_loads(out.data, 0, NULL);
    assert_non_null(json);
    assert_true(json_is_true(json_object_get(json, "well")));
    json_decref(json);
    buf_fini(&out);
}

static void wrong_archives_are_refused_with_a_sentence(void **state)
{
    struct store_fixture *f = *state;
    struct store_parts parts = f->store->parts;
    struct problems problems;
    problems_init(&problems);
    json_t *json = json_pack("{s:s}", "archives", "step:1h 5x:1d");
    struct gw_values *options = values_from_json(store_options, json, &problems);
    json_decref(json);
    problems_fini(&problems);
    parts.options = options;
    struct store *other = NULL;
    char *why = NULL;
    assert_int_equal(store_open(&parts, &other, &why), -EINVAL);
    assert_non_null(strstr(why, "\"5x:1d\""));
    free(why);
    values_free(options);
}

int main(int argc, char **argv)
{
    store_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(events_are_found_by_topic_severity_subject_and_words),
        T(paging_back_goes_from_newest_to_oldest),
        T(a_burst_of_events_is_kept_whole_also_when_silence_follows),
        T(event_numbers_go_on_over_restarts),
        T(event_numbers_go_on_when_the_file_with_the_reserve_is_lost),
        T(a_damaged_database_is_set_aside_and_numbers_still_go_on),
        T(objects_come_back_and_their_changes_are_kept),
        T(series_keep_their_id_over_restarts),
        T(two_daemons_do_not_share_a_directory),
        T(health_is_json_and_says_well),
        T(wrong_archives_are_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
