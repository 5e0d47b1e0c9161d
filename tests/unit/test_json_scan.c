/* Looking into JSON text without a tree. */
#include "unit.h"

#include "base/json_scan.h"

#include <string.h>

static const char doc[] =
    "{ \"name\" : \"PC \\\"1\\\"\" , \"n\":12, \"deep\":{\"name\":\"no\",\"a\":[1,\"}\"]},"
    "\"on\":true,\"none\":null,\"u\":\"caf\\u00e9 \\ud83d\\ude00\"}";

static void a_member_is_found_at_the_top_only(void **state)
{
    (void)state;
    struct json_slice value;
    assert_true(json_member(doc, "deep", &value));
    assert_int_equal(value.bytes, strlen("{\"name\":\"no\",\"a\":[1,\"}\"]}"));
    assert_false(json_member(doc, "a", &value));
    assert_null(value.at);
    assert_true(json_member(doc, "n", &value));
    assert_true(json_is(value, "12"));
    assert_false(json_is(value, "1"));
}

static void text_is_compared_without_its_escapes(void **state)
{
    (void)state;
    struct json_slice value;
    assert_true(json_member(doc, "name", &value));
    assert_true(json_is(value, "PC \"1\""));
    assert_true(json_member(doc, "u", &value));
    assert_true(json_is(value, "caf\xc3\xa9 \xf0\x9f\x98\x80"));
    assert_true(json_member(doc, "on", &value));
    assert_true(json_is(value, "true"));
}

static void search_sees_texts_at_any_depth_but_no_names(void **state)
{
    (void)state;
    assert_true(json_has_text(doc, "NO"));
    assert_true(json_has_text(doc, "pc \"1"));
    assert_false(json_has_text(doc, "deep"));
    assert_false(json_has_text(doc, "none"));
}

static void blanks_between_tokens_go_and_those_in_texts_stay(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    json_compact(" { \"a b\" : [ 1 , \"x \\\" y\" ] ,\n\t\"c\" : { } } ", &out);
    assert_string_equal(out.data, "{\"a b\":[1,\"x \\\" y\"],\"c\":{}}");
    buf_fini(&out);
}

static void a_change_names_what_came_went_and_differs(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    json_changed("{\"id\":\"1\",\"a\":1,\"b\":[2],\"gone\":true}",
                 "{\"id\":\"1\",\"b\":[3],\"a\":1,\"new\":\"x\"}", &out);
    assert_string_equal(out.data, "{\"b\":[[2],[3]],\"new\":[null,\"x\"],\"gone\":[true,null]}");
    buf_fini(&out);
}

static void text_cut_anywhere_is_left_alone(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof(doc); cut++) {
        char part[sizeof(doc)];
        memcpy(part, doc, cut);
        part[cut] = '\0';
        struct json_slice value;
        struct buf out;
        buf_init(&out, 10000);
        if (json_member(part, "u", &value))
            assert_true(value.at + value.bytes <= part + cut);
        json_has_text(part, "zz");
        json_compact(part, &out);
        json_changed(part, doc, &out);
        json_changed(doc, part, &out);
        assert_int_equal(buf_error(&out), 0);
        buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_found_at_the_top_only),
        cmocka_unit_test(text_is_compared_without_its_escapes),
        cmocka_unit_test(search_sees_texts_at_any_depth_but_no_names),
        cmocka_unit_test(blanks_between_tokens_go_and_those_in_texts_stay),
        cmocka_unit_test(a_change_names_what_came_went_and_differs),
        cmocka_unit_test(text_cut_anywhere_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
