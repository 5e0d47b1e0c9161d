/* Topics out of names that may hold anything, and the documents Home Assistant reads. */
#include "unit.h"

#include <discovery.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <topic.h>

static const char *level(const char *name)
{
    static struct topic topic;
    topic_begin(&topic, "p");
    topic_add_name(&topic, name);
    assert_false(topic.too_long);
    assert_true(topic_is_sound(topic.text));
    assert_int_equal(strncmp(topic.text, "p/", 2), 0);
    assert_null(strchr(topic.text + 2, '/'));
    return topic.text + 2;
}

static void a_name_is_one_level_whatever_it_holds(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"PC1", "PC1"},
        {"gns3.node", "gns3.node"},
        {"lab/local", "lab%2Flocal"},
        {"a+b#c%d", "a%2Bb%23c%25d"},
        {"$SYS", "%24SYS"},
        {"a$b", "a$b"},
        {"", "%"},
        {"%", "%25"},
        {"%25", "%2525"},
        {"a\x01\x1f\x7f", "a%01%1F%7F"},
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xc2\x85", "%C2%85"},          /* a control character beyond ASCII */
        {"\xef\xbf\xbf", "%EF%BF%BF"},   /* no character */
        {"\xed\xa0\x80", "%ED%A0%80"},   /* a surrogate */
        {"\xc0\xaf", "%C0%AF"},          /* '/' written too long */
        {"\xc0\x80", "%C0%80"},          /* zero written too long */
        {"a\xff\xe2\x82", "a%FF%E2%82"}, /* cut in the middle */
        {"../../status", "..%2F..%2Fstatus"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(level(names[i][0]), names[i][1]);
}

static void long_names_are_cut_at_a_character_and_stay_apart(void **state)
{
    (void)state;
    char one[1001], two[1001], first[TOPIC_BYTES];
    memset(one, 'a', sizeof one - 1);
    memset(two, 'a', sizeof two - 1);
    one[1000] = two[1000] = '\0';
    two[999] = 'b';
    snprintf(first, sizeof first, "%s", level(one));
    assert_true(strlen(first) <= TOPIC_LEVEL_MAX);
    assert_string_not_equal(first, level(two));
    for (size_t shift = 0; shift < 4; shift++) { /* a cut may not fall into a character */
        memset(one, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof one; i += 3)
            memcpy(one + i, "\xe2\x82\xac", 3);
        one[shift + 300] = '\0';
        assert_true(strlen(level(one)) <= TOPIC_LEVEL_MAX);
    }
    memset(one, '/', sizeof one - 1);
    assert_true(strlen(level(one)) <= TOPIC_LEVEL_MAX);
}

static void any_bytes_make_a_sound_level_and_no_two_the_same(void **state)
{
    (void)state;
    static char seen[256][16];
    for (int byte = 1; byte < 256; byte++) {
        char name[2] = {(char)byte, '\0'};
        snprintf(seen[byte], sizeof seen[byte], "%s", level(name));
        for (int other = 1; other < byte; other++)
            assert_string_not_equal(seen[byte], seen[other]);
    }
    unsigned random = 4711;
    for (int turn = 0; turn < 20000; turn++) {
        char name[64];
        size_t length = (size_t)turn % sizeof name;
        for (size_t i = 0; i < length; i++) {
            random = random * 1103515245U + 12345U;
            name[i] = (char)(random >> 16 & 0xff);
            name[i] = (char)(name[i] ? name[i] : '/');
        }
        name[length] = '\0';
        level(name);
    }
}

static void too_much_is_said_and_never_written(void **state)
{
    (void)state;
    struct topic topic;
    char name[200];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    topic_begin(&topic, "prefix");
    for (int i = 0; i < 20; i++)
        topic_add_name(&topic, name);
    assert_true(topic.too_long);
    assert_true(topic.length < TOPIC_BYTES && strlen(topic.text) == topic.length);
    topic_begin(&topic, "prefix");
    assert_false(topic.too_long);
}

static void parts_of_an_events_topic_are_levels(void **state)
{
    (void)state;
    struct topic topic;
    topic_begin(&topic, "a/b");
    topic_add(&topic, "events");
    topic_add_dotted(&topic, "gns3.node.crashed");
    assert_string_equal(topic.text, "a/b/events/gns3/node/crashed");
    topic_begin(&topic, "p");
    topic_add_dotted(&topic, "a..#.");
    assert_string_equal(topic.text, "p/a/%/%23/%");
}

static void what_nobody_may_publish_to_is_refused(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "a/b", "/a", "a/$b", "caf\xc3\xa9"};
    static const char *const bad[] = {"", "a/#", "+", "a+b", "$SYS/x", "a\nb", "\xff", "\xc2\x85"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(topic_is_sound(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(topic_is_sound(bad[i]));
    assert_true(topic_is_below("a/b/c", "a/b"));
    assert_true(topic_is_below("a/b", "a/b"));
    assert_false(topic_is_below("a/bc", "a/b"));
    assert_true(topic_fits("gns3.node.*", "gns3.node.crashed"));
    assert_true(topic_fits("*", "x.y"));
    assert_false(topic_fits("gns3.node.*", "gns3.link.created"));
}

static json_t *document(const struct entity *entity, struct topic *topic)
{
    const struct discovery discovery = {.root = "homeassistant",
                                        .home_id = "gnswatch_0123",
                                        .status_topic = "p/status",
                                        .dashboard = NULL};
    discovery_topic(&discovery, entity, topic);
    char *text = discovery_document(&discovery, entity);
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    assert_non_null(doc);
    return doc;
}

static const char *member(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));
    return text ? text : "(none)";
}

static void a_binary_sensor_says_all_that_home_assistant_needs(void **state)
{
    (void)state;
    struct topic topic;
    json_t *doc = document(&(struct entity){.component = "binary_sensor",
                                            .what = "node",
                                            .kind = "gns3.node",
                                            .id = "../+/#",
                                            .name = "net / {{ 1 }} \"x\"",
                                            .state_topic = "p/objects/n",
                                            .template = "{{ value_json.status }}",
                                            .device_class = "running",
                                            .device_id = "lab",
                                            .device_name = "GNS3 lab",
                                            .device_model = "GNS3 server"},
                           &topic);
    assert_true(topic_is_sound(topic.text));
    assert_int_equal(strspn(topic.text, "abcdefghijklmnopqrstuvwxyz0123456789_/"),
                     strlen(topic.text));
    assert_int_equal(strncmp(topic.text, "homeassistant/binary_sensor/gnswatch_0123/node_", 46), 0);
    assert_string_equal(member(doc, "availability_topic"), "p/status");
    assert_string_equal(member(doc, "payload_on"), "ON");
    assert_string_equal(member(doc, "name"), "net / {{ 1 }} \"x\"");
    assert_string_equal(member(doc, "unit_of_measurement"), "(none)");
    assert_int_equal(strncmp(member(doc, "unique_id"), "gnswatch_0123_node_", 19), 0);
    json_decref(doc);
}

static void entities_of_things_with_other_ids_or_kinds_stay_apart(void **state)
{
    (void)state;
    struct topic one, two, three;
    struct entity entity = {.component = "sensor",
                            .what = "cpu",
                            .kind = "gns3.compute",
                            .id = "a/b",
                            .name = "n",
                            .state_topic = "s",
                            .template = "t",
                            .unit = "%",
                            .device_id = "d",
                            .device_name = "d",
                            .device_model = "m"};
    json_t *doc = document(&entity, &one);
    assert_string_equal(member(doc, "state_class"), "measurement");
    assert_string_equal(member(doc, "payload_on"), "(none)");
    json_decref(doc);
    entity.id = "a_b";
    json_decref(document(&entity, &two));
    entity.kind = "gns3.computer";
    json_decref(document(&entity, &three));
    assert_string_not_equal(one.text, two.text);
    assert_string_not_equal(two.text, three.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_one_level_whatever_it_holds),
        cmocka_unit_test(long_names_are_cut_at_a_character_and_stay_apart),
        cmocka_unit_test(any_bytes_make_a_sound_level_and_no_two_the_same),
        cmocka_unit_test(too_much_is_said_and_never_written),
        cmocka_unit_test(parts_of_an_events_topic_are_levels),
        cmocka_unit_test(what_nobody_may_publish_to_is_refused),
        cmocka_unit_test(a_binary_sensor_says_all_that_home_assistant_needs),
        cmocka_unit_test(entities_of_things_with_other_ids_or_kinds_stay_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
