/* Looking into JSON text without a tree. */
#include "unit.h"

#include "base/json_scan.h"
#include "base/json_sound.h"

#include <jansson.h>
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
    buf_clear(&out);
    json_changed("{\"a\":1,\"b\":2,\"gone\":3}", "{\"a\":1,\"b\":4}", &out);
    assert_string_equal(out.data, "{\"b\":[2,4],\"gone\":[3,null]}");
    buf_clear(&out);
    json_changed("{\"a\":1}", "{\"a\":1,\"new\":2}", &out);
    assert_string_equal(out.data, "{\"new\":[null,2]}");
    buf_clear(&out);
    json_changed("{\"a\":1,\"b\":2}", "{\"a\":3,\"b\":2}", &out);
    assert_string_equal(out.data, "{\"a\":[1,3]}");
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

static void sound_objects_are_known_without_a_parser(void **state)
{
    (void)state;
    struct json_sound sound;
    assert_true(json_is_sound("{}", &sound));
    assert_true(sound.compact && !sound.id && sound.bytes == 2);
    assert_true(
        json_is_sound("{\"a\":[1,-2.5e-3,true,null,{\"id\":\"caf\u00e9 \xc3\xa9\\n\"}]}", &sound));
    assert_true(sound.compact && !sound.id);
    assert_true(json_is_sound("{\"x\":{\"a\":1},\"y\":{\"a\":2},\"id\":\"7\"}", &sound));
    assert_true(sound.compact && sound.id);
    assert_true(json_is_sound(" {\"a\": 0}\n", &sound));
    assert_false(sound.compact);
}

static void what_a_parser_refuses_is_never_called_sound(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "12",
        "{",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":1e999}",
        "{\"a\":99999999999999999999}",
        "{\"a\":tru}",
        "{\"a\":[1,]}",
        "{\"a\":[1}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xc3\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"open}",
        "{\"a\":1,\"a\":2}",
        "{\"b\":{\"a\":1,\"c\":{},\"a\":2}}",
        "{\"a\":1,\"\\u0061\":2}",
    };
    struct json_sound sound;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *tree = json_loads(bad[i], JSON_REJECT_DUPLICATES, NULL);
        assert_false(json_is_object(tree));
        assert_false(json_is_sound(bad[i], &sound));
        json_decref(tree);
    }
}

static void depth_and_width_beyond_reason_are_left_to_the_parser(void **state)
{
    (void)state;
    struct json_sound sound;
    struct buf deep, wide;
    buf_init(&deep, 100000);
    buf_init(&wide, 100000);
    for (int i = 0; i < 5000; i++)
        buf_adds(&deep, "{\"a\":");
    for (int i = 0; i < 300; i++)
        buf_printf(&wide, "%s\"m%d\":1", i ? "," : "{", i);
    buf_addc(&wide, '}');
    assert_false(json_is_sound(deep.data, &sound));
    assert_false(json_is_sound(wide.data, &sound));
    buf_fini(&deep);
    buf_fini(&wide);
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
        cmocka_unit_test(sound_objects_are_known_without_a_parser),
        cmocka_unit_test(what_a_parser_refuses_is_never_called_sound),
        cmocka_unit_test(depth_and_width_beyond_reason_are_left_to_the_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
