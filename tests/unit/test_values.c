/* Parameters as JSON: values by name, and every sentence a caller may read. */
#include "conf/values.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct gw_row server_rows[] = {
    {"name", GW_STRING, .help = "How it is called", .flags = GW_REQUIRED | GW_UNIQUE},
    {"url", GW_STRING, .min = 8, .max = 40, .help = "Where it is"},
    {"weight", GW_INT, .def = "1"},
    {0},
};

static const struct gw_row rows[] = {
    {"force", GW_BOOL, .def = "no"},
    {"parallel", GW_INT, .def = "4", .min = 1, .max = 10, .help = "How many at once"},
    {"share", GW_NUMBER, "%", .min = 0, .max = 100},
    {"id", GW_STRING, .help = "Which one"},
    {"password", GW_SECRET, .min = 4, .max = 20},
    {"mode", GW_ENUM, .def = "fast", .choices = "fast|careful|slow"},
    {"pause", GW_DURATION, "s", .def = "1500ms", .max = 60000},
    {"limit", GW_SIZE, "By", .def = "64KiB"},
    {"at", GW_TIME},
    {"tags", GW_STRINGS, .def = "[\"a\", \"b\"]", .max = 3},
    {"position", GW_TABLE, .rows = server_rows},
    {"servers", GW_TABLES, .rows = server_rows},
    {"extra", GW_JSON},
    {0},
};

static struct gw_values *read_values(const struct gw_row *table, const char *text,
                                     struct problems *problems)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    problems_init(problems);
    struct gw_values *values = values_from_json(table, json, problems);
    json_decref(json);
    return values;
}

static struct gw_values *good(const char *text)
{
    struct problems problems;
    struct gw_values *values = read_values(rows, text, &problems);
    if (problems.count)
        fail_msg("%s: %s", problems.list[0].where, problems.list[0].what);
    assert_non_null(values);
    problems_fini(&problems);
    return values;
}

static void expect_problems(const struct gw_row *table, const char *text, const char *expected)
{
    struct problems problems;
    struct gw_values *values = read_values(table, text, &problems);
    assert_null(values);
    struct buf out;
    buf_init(&out, 65536);
    problems_print(&problems, &out);
    assert_string_equal(out.data, expected);
    buf_fini(&out);
    problems_fini(&problems);
}

static void every_row_with_a_default_has_a_value(void **state)
{
    (void)state;
    struct gw_values *values = good("{}");
    assert_true(gw_has(values, "force"));
    assert_false(gw_bool(values, "force"));
    assert_int_equal(gw_int(values, "parallel"), 4);
    assert_string_equal(gw_string(values, "mode"), "fast");
    assert_int_equal(gw_int(values, "pause"), 1500);
    assert_int_equal(gw_int(values, "limit"), 65536);
    assert_int_equal(gw_count(values, "tags"), 2);
    assert_string_equal(gw_string_at(values, "tags", 1), "b");
    assert_null(gw_string_at(values, "tags", 2));
    values_free(values);
}

static void an_absent_value_answers_with_nothing(void **state)
{
    (void)state;
    struct gw_values *values = good("{\"id\": null}");
    assert_false(gw_has(values, "id"));
    assert_null(gw_string(values, "id"));
    assert_true(isnan(gw_number(values, "share")));
    assert_int_equal(gw_count(values, "servers"), 0);
    assert_null(gw_table_at(values, "servers", 0));
    assert_null(gw_table_at(values, "position", 0));
    assert_false(gw_has(values, "no such name"));
    assert_int_equal(gw_int(values, "mode"), 0); /* of another type */
    assert_null(gw_string(NULL, "id"));
    assert_false(gw_has(values, NULL));
    values_free(values);
}

static void values_of_every_type_are_read(void **state)
{
    (void)state;
    struct gw_values *values =
        good("{\"force\": true, \"parallel\": 10, \"share\": 12.5, \"id\": \"n1\","
             "\"password\": \"hunter2\", \"mode\": \"slow\", \"pause\": \"1m\", \"limit\": 10,"
             "\"at\": \"2026-01-02T03:04:05.678+01:00\", \"tags\": \"one\","
             "\"position\": {\"name\": \"x\"},"
             "\"servers\": [{\"name\": \"a\"}, {\"name\": \"b\", \"weight\": 3}],"
             "\"extra\": {\"k\": [1, null, \"t\", 0.5, true]}}");
    assert_true(gw_bool(values, "force"));
    assert_int_equal(gw_int(values, "parallel"), 10);
    assert_true(gw_number(values, "share") >= 12.5 && gw_number(values, "share") <= 12.5);
    assert_string_equal(gw_string(values, "password"), "hunter2");
    assert_int_equal(gw_int(values, "pause"), 60000);
    assert_int_equal(gw_int(values, "limit"), 10);
    assert_int_equal(gw_int(values, "at"), 1767319445678);
    assert_int_equal(gw_count(values, "tags"), 1);
    assert_string_equal(gw_string(gw_table_at(values, "position", 0), "name"), "x");
    assert_int_equal(gw_count(values, "servers"), 2);
    assert_int_equal(gw_int(gw_table_at(values, "servers", 0), "weight"), 1);
    assert_int_equal(gw_int(gw_table_at(values, "servers", 1), "weight"), 3);
    assert_string_equal(gw_string(values, "extra"), "{\"k\":[1,null,\"t\",0.5,true]}");
    values_free(values);
}

static void values_go_to_json_and_back(void **state)
{
    (void)state;
    struct gw_values *values =
        good("{\"share\": 1, \"password\": \"hunter2\", \"at\": 1767319445678, \"position\":"
             "{\"name\": \"\\u00e9\"}, \"servers\": [{\"name\": \"a\"}], \"extra\": null}");
    struct buf out;
    buf_init(&out, 65536);
    values_json(values, false, &out);
    assert_string_equal(
        out.data,
        "{\"force\":false,\"parallel\":4,\"share\":1,\"password\":\"***\",\"mode\":\"fast\","
        "\"pause\":\"1500ms\",\"limit\":65536,\"at\":\"2026-01-02T02:04:05.678Z\","
        "\"tags\":[\"a\",\"b\"],\"position\":{\"name\":\"é\",\"weight\":1},"
        "\"servers\":[{\"name\":\"a\",\"weight\":1}]}");
    buf_clear(&out);
    values_json(values, true, &out);
    struct gw_values *again = good(out.data);
    assert_true(values_equal(values, again));
    struct gw_values *other = good("{}");
    assert_false(values_equal(values, other));
    values_free(values);
    values_free(again);
    values_free(other);
    buf_fini(&out);
}

static void a_value_over_the_maximum_is_named_with_the_maximum(void **state)
{
    (void)state;
    expect_problems(rows, "{\"parallel\": 50}",
                    "parameter 'parallel': 50 is over the maximum of 10\n");
    expect_problems(rows, "{\"parallel\": 0}",
                    "parameter 'parallel': 0 is under the minimum of 1\n");
    expect_problems(rows, "{\"share\": 100.5}",
                    "parameter 'share': 100.5 is over the maximum of 100 %\n");
    expect_problems(rows, "{\"pause\": \"2m\"}",
                    "parameter 'pause': 2m is over the maximum of 1m\n");
    expect_problems(rows, "{\"password\": \"abc\"}",
                    "parameter 'password': has 3 characters; the minimum is 4\n");
    expect_problems(rows, "{\"tags\": [\"a\", \"b\", \"c\", \"d\"]}",
                    "parameter 'tags': has 4 entries; the maximum is 3\n");
}

static void a_wrong_type_is_told_what_was_expected(void **state)
{
    (void)state;
    expect_problems(rows, "{\"force\": \"yes\"}",
                    "parameter 'force': expected true or false, not 'yes'\n");
    expect_problems(rows, "{\"parallel\": \"5\"}",
                    "parameter 'parallel': expected a whole number from 1 to 10, not '5'\n");
    expect_problems(rows, "{\"parallel\": 2.5}",
                    "parameter 'parallel': expected a whole number from 1 to 10, not 2.5\n");
    expect_problems(rows, "{\"id\": 5}", "parameter 'id': expected text, not 5\n");
    expect_problems(rows, "{\"password\": 5555}",
                    "parameter 'password': expected text of 4 to 20 characters, not a "
                    "number\n");
    expect_problems(rows, "{\"mode\": \"carefull\"}",
                    "parameter 'mode': expected fast, careful or slow, not 'carefull'; did you "
                    "mean 'careful'?\n");
    expect_problems(rows, "{\"pause\": 5}",
                    "parameter 'pause': expected a duration from 0s to 1m (such as 500ms, 5s, 2m, "
                    "1h, 7d), not 5\n");
    expect_problems(rows, "{\"at\": \"2026-02-30T00:00:00Z\"}",
                    "parameter 'at': there is no such day or time\n");
    expect_problems(rows, "{\"position\": [1]}",
                    "parameter 'position': expected a map, not a list\n");
    expect_problems(rows, "{\"servers\": [\"a\"]}",
                    "parameter 'servers[0]': expected a map, not text\n");
    expect_problems(rows, "{\"tags\": [\"a\", 5]}",
                    "parameter 'tags[1]': expected text, not a number\n");
    expect_problems(rows, "[]", "parameters: expected an object, not a list\n");
}

static void all_problems_are_told_at_once(void **state)
{
    (void)state;
    expect_problems(rows,
                    "{\"paralel\": 5, \"colour\": 1, \"position\": {},"
                    "\"servers\": [{\"name\": \"a\"}, {\"name\": \"a\", \"url\": \"x\"}]}",
                    "parameter 'paralel': unknown parameter; did you mean 'parallel'?\n"
                    "\n"
                    "parameter 'colour': unknown parameter; known here: force, parallel, share, "
                    "id, password, mode, pause, limit, at, tags, position, servers, …\n"
                    "\n"
                    "parameter 'position.name': required, and missing: How it is called\n"
                    "\n"
                    "parameter 'servers[1].url': has 1 character; the minimum is 8\n"
                    "\n"
                    "parameter 'servers[1].name': must differ from every other; the same is in "
                    "entry [0]\n");
}

static void a_secret_is_never_in_a_sentence(void **state)
{
    (void)state;
    expect_problems(rows, "{\"password\": \"hunter2 hunter2 hunter2\"}",
                    "parameter 'password': has 23 characters; the maximum is 20\n");
    expect_problems(rows, "{\"password_file\": \"/etc/shadow\"}",
                    "parameter 'password_file': unknown parameter; known here: force, parallel, "
                    "share, id, password, mode, pause, limit, at, tags, position, servers, …\n");
}

static void a_table_without_rows_takes_nothing(void **state)
{
    (void)state;
    struct problems problems;
    struct gw_values *values = read_values(NULL, "{}", &problems);
    assert_non_null(values);
    values_free(values);
    expect_problems(NULL, "{\"x\": 1}",
                    "parameter 'x': unknown parameter; there are no parameters here\n");
    values = values_from_json(rows, NULL, &problems);
    assert_non_null(values);
    values_free(values);
}

static void a_default_that_does_not_fit_its_row_is_reported(void **state)
{
    (void)state;
    static const struct gw_row bad[] = {{"n", GW_INT, .def = "many"}, {0}};
    expect_problems(bad, "{}",
                    "parameter 'n': the default in the table, 'many', does not fit its own type or "
                    "range; set the value here and tell the plugin's author\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_with_a_default_has_a_value),
        cmocka_unit_test(an_absent_value_answers_with_nothing),
        cmocka_unit_test(values_of_every_type_are_read),
        cmocka_unit_test(values_go_to_json_and_back),
        cmocka_unit_test(a_value_over_the_maximum_is_named_with_the_maximum),
        cmocka_unit_test(a_wrong_type_is_told_what_was_expected),
        cmocka_unit_test(all_problems_are_told_at_once),
        cmocka_unit_test(a_secret_is_never_in_a_sentence),
        cmocka_unit_test(a_table_without_rows_takes_nothing),
        cmocka_unit_test(a_default_that_does_not_fit_its_row_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
