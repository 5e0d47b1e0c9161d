/* The bus: numbers, patterns, bounded queues. */
#include "unit.h"

#include "base/buf.h"
#include "event/event.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct fake_clock clock;
    struct bus *bus;
    int woken;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    fake_clock_init(&f->clock, 5000);
    f->bus = bus_new(&f->clock.clock, 41);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    bus_free(f->bus);
    free(f);
    return 0;
}

static void wake(void *data)
{
    (*(int *)data)++;
}

static int64_t say(struct bus *bus, const char *topic)
{
    struct gw_event event = {
        .topic = topic, .severity = GW_INFO, .source = "me", .text = "a \"sentence\""};
    return bus_emit(bus, &event);
}

static void a_star_matches_any_text(void **state)
{
    (void)state;
    assert_true(topic_matches("*", "a.b"));
    assert_true(topic_matches("gns3.node.*", "gns3.node.crashed"));
    assert_true(topic_matches("*.crashed", "gns3.node.crashed"));
    assert_true(topic_matches("g*n*d", "gns3.node.crashed"));
    assert_true(topic_matches("a", "a"));
    assert_false(topic_matches("gns3.node.*", "gns3.link.changed"));
    assert_false(topic_matches("a", "ab"));
    assert_false(topic_matches("", "a"));
    assert_true(topic_matches("a*", "a"));
}

static void subscribers_get_what_matches_numbered_and_dated(void **state)
{
    struct fixture *f = *state;
    struct subscription *s = bus_subscribe(f->bus, "lab.*", 10, wake, &f->woken);
    assert_int_equal(say(f->bus, "lab.up"), 42);
    assert_int_equal(say(f->bus, "other"), 43);
    assert_int_equal(f->woken, 1);
    assert_int_equal(bus_waiting(s), 1);
    struct gw_event *event = bus_take(s);
    assert_int_equal(event->sequence, 42);
    assert_int_equal(event->time_ms, 5000);
    assert_string_equal(event->source, "me");
    assert_string_equal(event->data, "{}");
    assert_null(event->kind);
    struct buf json;
    buf_init(&json, 1000);
    event_json(event, &json);
    assert_string_equal(json.data,
                        "{\"sequence\":42,\"time\":5000,\"topic\":\"lab.up\",\"severity\":"
                        "\"info\",\"source\":\"me\",\"kind\":null,\"id\":null,\"text\":"
                        "\"a \\\"sentence\\\"\",\"data\":{}}");
    buf_fini(&json);
    event_free(event);
    assert_null(bus_take(s));
    bus_unsubscribe(s);
}

static void object_changes_are_not_numbered_and_only_made_when_wanted(void **state)
{
    struct fixture *f = *state;
    assert_false(bus_wanted(f->bus, "object.put"));
    struct subscription *s = bus_subscribe(f->bus, "object.*", 10, NULL, NULL);
    assert_true(bus_wanted(f->bus, "object.put"));
    assert_int_equal(say(f->bus, "object.put"), 0);
    assert_int_equal(say(f->bus, "lab.up"), 42);
    bus_unsubscribe(s);
    assert_false(bus_wanted(f->bus, "object.put"));
}

static void a_full_queue_drops_its_oldest_and_counts_it(void **state)
{
    struct fixture *f = *state;
    struct subscription *slow = bus_subscribe(f->bus, "*", 20, NULL, NULL);
    struct subscription *other = bus_subscribe(f->bus, "*", 100, NULL, NULL);
    for (int i = 0; i < 50; i++)
        say(f->bus, "x");
    assert_int_equal(bus_dropped(slow), 30);
    assert_int_equal(bus_waiting(slow), 20);
    for (int64_t sequence = 72; sequence <= 91; sequence++) {
        struct gw_event *event = bus_take(slow);
        assert_int_equal(event->sequence, sequence);
        event_free(event);
    }
    assert_null(bus_take(slow));
    assert_int_equal(bus_dropped(other), 0);
    bus_unsubscribe(slow);
    bus_unsubscribe(other); /* with 50 waiting: they are freed */
}

static void an_event_without_topic_or_severity_is_refused(void **state)
{
    struct fixture *f = *state;
    struct gw_event event = {.topic = "x"};
    assert_int_equal(bus_emit(f->bus, &event), -EINVAL);
    event = (struct gw_event){.severity = GW_INFO};
    assert_int_equal(bus_emit(f->bus, &event), -EINVAL);
    bus_set_last_sequence(f->bus, 100);
    bus_set_last_sequence(f->bus, 7); /* never backwards */
    assert_int_equal(say(f->bus, "x"), 101);
}

static void *emit_many(void *bus)
{
    for (int i = 0; i < 2000; i++)
        say(bus, "many");
    return NULL;
}

static void threads_emit_at_once_and_nothing_is_lost(void **state)
{
    struct fixture *f = *state;
    struct subscription *s = bus_subscribe(f->bus, "many", 10000, NULL, NULL);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, emit_many, f->bus), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    int64_t expected = 42;
    for (struct gw_event *event; (event = bus_take(s)); event_free(event))
        assert_int_equal(event->sequence, expected++);
    assert_int_equal(expected, 42 + 8000);
    bus_unsubscribe(s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_matches_any_text),
        TEST(subscribers_get_what_matches_numbered_and_dated),
        TEST(object_changes_are_not_numbered_and_only_made_when_wanted),
        TEST(a_full_queue_drops_its_oldest_and_counts_it),
        TEST(an_event_without_topic_or_severity_is_refused),
        TEST(threads_emit_at_once_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
