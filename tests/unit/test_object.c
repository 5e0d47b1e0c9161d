/* Objects in memory: changes, order, filters, pages. */
#include "unit.h"

#include "object/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gw_kind kinds[] = {
    {"lab.node", "nodes", "A node", NULL},
    {"lab.link", "links", "A link", NULL},
    {0},
};

struct seen {
    int count;
    int64_t version;
    char before[256], after[256], id[64], owner[64];
};

static void note(void *data, const struct object_change *change)
{
    struct seen *seen = data;
    seen->count++;
    seen->version = change->version;
    snprintf(seen->before, sizeof(seen->before), "%s", change->before ? change->before : "-");
    snprintf(seen->after, sizeof(seen->after), "%s", change->after ? change->after : "-");
    snprintf(seen->id, sizeof(seen->id), "%s", change->id);
    snprintf(seen->owner, sizeof(seen->owner), "%s", change->owner);
}

struct fixture {
    struct fake_clock clock;
    struct objects *objects;
    struct seen seen;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fake_clock_init(&fixture->clock, 1000);
    fixture->objects = objects_new(&fixture->clock.clock);
    assert_int_equal(objects_declare(fixture->objects, "lab", kinds), 0);
    assert_int_equal(objects_listen(fixture->objects, note, &fixture->seen), 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    objects_free(fixture->objects);
    free(fixture);
    return 0;
}

static int put(struct fixture *fixture, const char *id, const char *json)
{
    return objects_put(fixture->objects, "one", "lab.node", id, json);
}

static void the_same_text_again_is_no_change(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(put(f, "a", "{\"status\":\"stopped\",\"x\":1}"), 1);
    assert_int_equal(put(f, "a", "{\"status\":\"stopped\",\"x\":1}"), 0);
    assert_int_equal(put(f, "a", "{ \"status\": \"stopped\", \"x\": 1, \"id\":\"other\" }"), 0);
    assert_int_equal(put(f, "a", "{\"id\":\"a\",\"status\":\"stopped\",\"x\":1}"), 0);
    assert_int_equal(f->seen.count, 1);
    assert_int_equal(put(f, "a", "{\"x\":1}"), 1);
    assert_string_equal(f->seen.before, "{\"id\":\"a\",\"status\":\"stopped\",\"x\":1}");
    assert_string_equal(f->seen.after, "{\"id\":\"a\",\"x\":1}");
    assert_string_equal(f->seen.owner, "one");
    assert_int_equal(f->seen.version, 2);
    assert_int_equal(put(f, "a", "{}"), 1);
    assert_int_equal(put(f, "a", "{}"), 0);
}

static void a_tail_that_looks_the_same_is_a_change(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(put(f, "a", "{\"n\":\"x\",\"b\":2}"), 1);
    assert_int_equal(put(f, "a", "{\"b\":2}"), 1);
    assert_int_equal(put(f, "q\"", "{\"b\":2}"), 1);
    assert_int_equal(put(f, "q\"", "{\"b\":2}"), 0);
    char *text = objects_get(f->objects, "lab.node", "q\"");
    assert_string_equal(text, "{\"id\":\"q\\\"\",\"b\":2}");
    free(text);
}

static void what_is_no_object_of_a_known_kind_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(put(f, "a", "[1]"), -EILSEQ);
    assert_int_equal(put(f, "a", "{\"a\":"), -EILSEQ);
    assert_int_equal(put(f, "a", "{\"a\":1,\"a\":2}"), -EILSEQ);
    assert_int_equal(put(f, "", "{}"), -EINVAL);
    assert_int_equal(objects_put(f->objects, "one", "lab.other", "a", "{}"), -ENOENT);
    assert_int_equal(objects_declare(f->objects, "foreign", kinds), -EEXIST);
    assert_int_equal(objects_declare(f->objects, "lab", kinds), 0);
    assert_int_equal(f->seen.count, 0);
}

static void what_is_deleted_is_told_and_gone(void **state)
{
    struct fixture *f = *state;
    put(f, "a", "{\"x\":1}");
    assert_int_equal(objects_delete(f->objects, "lab.node", "a"), 0);
    assert_string_equal(f->seen.after, "-");
    assert_string_equal(f->seen.before, "{\"id\":\"a\",\"x\":1}");
    assert_int_equal(objects_delete(f->objects, "lab.node", "a"), -ENOENT);
    assert_null(objects_get(f->objects, "lab.node", "a"));
    assert_int_equal(objects_count(f->objects, "lab.node"), 0);
}

static void what_comes_from_disk_is_not_told_and_may_come_before_its_kind(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(objects_restore(f->objects, "old.thing", "1", "{\"id\":\"1\",\"x\":1}"), 0);
    assert_int_equal(objects_restore(f->objects, "lab.node", "a", "{\"id\":\"a\",\"x\":1}"), 0);
    assert_int_equal(f->seen.count, 0);
    assert_int_equal(put(f, "a", "{\"x\":1}"), 0);
    assert_null(objects_kind(f->objects, "old.thing"));
    assert_int_equal(objects_count(f->objects, "old.thing"), 1);
}

static char *query(struct fixture *f, const struct object_query *query, size_t *total)
{
    struct buf out;
    int64_t version;
    buf_init(&out, 1 << 20);
    assert_int_equal(objects_query(f->objects, query, &out, total, &version), 0);
    assert_int_equal(version, f->seen.version);
    return buf_take(&out);
}

static void fill(struct fixture *f)
{
    put(f, "c", "{\"name\":\"PC1\",\"status\":\"started\",\"port\":20,\"on\":true}");
    put(f, "a", "{\"name\":\"R1\",\"status\":\"stopped\",\"port\":3,\"on\":false}");
    put(f, "b", "{\"name\":\"R\\u0032\",\"status\":\"started\",\"port\":100,\"note\":\"started\"}");
}

static void filters_compare_members_as_text(void **state)
{
    struct fixture *f = *state;
    size_t total;
    fill(f);
    struct object_query q = {.kind = "lab.node", .limit = 10, .filter_count = 1};
    q.filters[0].member = "status";
    q.filters[0].value = "stopped";
    char *text = query(f, &q, &total);
    assert_int_equal(total, 1);
    assert_non_null(strstr(text, "\"R1\""));
    free(text);
    q.filters[0].value = "start";
    free(query(f, &q, &total));
    assert_int_equal(total, 0);
    q.filters[0].member = "on";
    q.filters[0].value = "true";
    free(query(f, &q, &total));
    assert_int_equal(total, 1);
    q.filters[0].member = "name";
    q.filters[0].value = "R2";
    free(query(f, &q, &total));
    assert_int_equal(total, 1);
}

static void a_page_counts_all_matches_in_order(void **state)
{
    struct fixture *f = *state;
    size_t total;
    fill(f);
    struct object_query q = {.kind = "lab.node", .offset = 1, .limit = 1};
    char *text = query(f, &q, &total);
    assert_int_equal(total, 3);
    assert_non_null(strstr(text, "\"id\":\"b\""));
    assert_null(strstr(text, "\"id\":\"c\""));
    free(text);
    q = (struct object_query){.kind = "lab.node", .limit = 10, .sort = "-port"};
    text = query(f, &q, &total);
    const char *a = strstr(text, ":\"a\""), *b = strstr(text, ":\"b\""),
               *c = strstr(text, ":\"c\"");
    assert_true(b < c && c < a);
    free(text);
    q = (struct object_query){.kind = "lab.node", .offset = 7, .limit = 10};
    text = query(f, &q, &total);
    assert_string_equal(text, "[]");
    free(text);
    q = (struct object_query){.kind = "lab.none", .limit = 10};
    struct buf out;
    int64_t version;
    buf_init(&out, 100);
    assert_int_equal(objects_query(f->objects, &q, &out, &total, &version), -ENOENT);
    buf_fini(&out);
}

static void search_finds_a_part_of_any_text(void **state)
{
    struct fixture *f = *state;
    size_t total;
    fill(f);
    struct object_query q = {.kind = "lab.node", .limit = 10, .search = "pc"};
    free(query(f, &q, &total));
    assert_int_equal(total, 1);
    q.search = "STARTED";
    free(query(f, &q, &total));
    assert_int_equal(total, 2);
    q.search = "port";
    free(query(f, &q, &total));
    assert_int_equal(total, 0);
}

static void no_more_than_a_hundred_thousand_are_kept(void **state)
{
    struct fixture *f = *state;
    char id[32];
    for (int i = 0; i < 100000; i++) {
        snprintf(id, sizeof(id), "%06d", i);
        assert_int_equal(objects_restore(f->objects, "lab.node", id, "{}"), 0);
    }
    assert_int_equal(put(f, "more", "{}"), -ENOSPC);
    assert_int_equal(put(f, "000005", "{\"x\":1}"), 1);
    assert_int_equal(objects_delete(f->objects, "lab.node", "000007"), 0);
    assert_int_equal(put(f, "more", "{}"), 1);
    char *text = objects_get(f->objects, "lab.node", "099999");
    assert_string_equal(text, "{\"id\":\"099999\"}");
    free(text);
}

static void one_plugin_leaves_others_room(void **state)
{
    struct fixture *f = *state;
    const struct gw_kind others[] = {{"other.node", "nodes", "Nodes of another", NULL}, {0}};
    char id[32];
    for (int i = 0; i < 100000; i++) {
        snprintf(id, sizeof(id), "%06d", i);
        assert_int_equal(objects_restore(f->objects, "lab.node", id, "{}"), 0);
    }
    assert_int_equal(put(f, "more", "{}"), -ENOSPC);
    assert_int_equal(objects_declare(f->objects, "other", others), 0);
    assert_int_equal(objects_put(f->objects, "other", "other.node", "1", "{}"), 1);
}

static void what_one_plugin_keeps_has_an_end_in_bytes(void **state)
{
    struct fixture *f = *state;
    enum { DOC_BYTES = 1000000, MOST = (128 << 20) / DOC_BYTES };
    char id[32], *doc = malloc(DOC_BYTES);
    assert_non_null(doc);
    memset(doc, 'x', DOC_BYTES);
    memcpy(doc, "{\"x\":\"", 6);
    memcpy(doc + DOC_BYTES - 20, "\"}", 3);
    int kept = 0, error = 1;
    for (int i = 0; i <= MOST && error == 1; i++) {
        snprintf(id, sizeof(id), "%06d", i);
        error = put(f, id, doc);
        kept += error == 1;
    }
    assert_int_equal(error, -ENOSPC);
    assert_in_range(kept, MOST - 2, MOST);
    assert_int_equal(put(f, "000001", "{}"), 1);
    assert_int_equal(put(f, "small", "{}"), 1);
    assert_int_equal(objects_delete(f->objects, "lab.node", "000002"), 0);
    assert_int_equal(put(f, "again", doc), 1);
    assert_int_equal(put(f, "000001", doc), 1);
    assert_int_equal(put(f, "small", doc), -ENOSPC); /* growing is as good as new */
    free(doc);
}

struct held {
    struct object *was, *is;
    const char *before, *after;
};

static void hold_both(void *data, const struct object_change *change)
{
    struct held *held = data;
    *held = (struct held){object_hold(change->was), object_hold(change->is), change->before,
                          change->after};
}

static void what_a_listener_holds_outlives_its_object(void **state)
{
    struct fixture *fixture = *state;
    struct held held = {0};
    assert_int_equal(put(fixture, "1", "{\"a\":1}"), 1);
    assert_int_equal(objects_listen(fixture->objects, hold_both, &held), 0);
    assert_int_equal(put(fixture, "1", "{\"a\":2}"), 1);
    objects_unlisten(fixture->objects, hold_both, &held);
    assert_int_equal(objects_delete(fixture->objects, "lab.node", "1"), 0);
    assert_string_equal(held.before, "{\"id\":\"1\",\"a\":1}");
    assert_string_equal(held.after, "{\"id\":\"1\",\"a\":2}");
    object_release(held.was);
    object_release(held.is);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_same_text_again_is_no_change),
        TEST(a_tail_that_looks_the_same_is_a_change),
        TEST(what_is_no_object_of_a_known_kind_is_refused),
        TEST(what_is_deleted_is_told_and_gone),
        TEST(what_comes_from_disk_is_not_told_and_may_come_before_its_kind),
        TEST(filters_compare_members_as_text),
        TEST(a_page_counts_all_matches_in_order),
        TEST(search_finds_a_part_of_any_text),
        TEST(no_more_than_a_hundred_thousand_are_kept),
        TEST(one_plugin_leaves_others_room),
        TEST(what_one_plugin_keeps_has_an_end_in_bytes),
        TEST(what_a_listener_holds_outlives_its_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
