/* A table as a sample file, as text and as JSON Schema. */
#include "conf_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct gw_row entry_rows[] = {
    {"name", GW_STRING, .help = "How it is called", .flags = GW_REQUIRED | GW_UNIQUE},
    {"password", GW_SECRET, .help = "Its password"},
    {0},
};

static const struct gw_row sample_rows[] = {
    {"url", GW_STRING, .help = "Where it is", .flags = GW_REQUIRED},
    {"timeout", GW_DURATION, "s", .def = "10s", .min = 1000, .max = 300000,
     .help = "How long an answer may take before the request counts as failed and is tried again."},
    {"entries", GW_TABLES, .rows = entry_rows, .help = "More of them"},
    {"mode", GW_ENUM, .def = "fast", .choices = "fast|slow"},
    {"greeting", GW_STRING, .def = "hello: world", .help = "What to say"},
    {0},
};

static const struct {
    const char *yaml, *text;
} expected = {
    .yaml = "# Where it is. Text; required.\n"
            "url:\n"
            "\n"
            "# How long an answer may take before the request counts as failed and is tried again. "
            "A duration\n"
            "# from 1s to 5m (such as 500ms, 5s, 2m, 1h, 7d); default 10s.\n"
            "#timeout: 10s\n"
            "\n"
            "# More of them. A list of maps.\n"
            "#entries:\n"
            "#  -\n"
            "#    # How it is called. Text; required; different in every entry.\n"
            "#    name:\n"
            "#\n"
            "#    # Its password. Text.\n"
            "#    #password:\n"
            "#    #password_file: PATH      # instead: read it from a file that only you can read\n"
            "#    #password_env: VARIABLE   # instead: read it from the environment\n"
            "\n"
            "# fast or slow; default fast.\n"
            "#mode: fast\n"
            "\n"
            "# What to say. Text; default hello: world.\n"
            "#greeting: \"hello: world\"\n",
    .text = "  url       text; required\n"
            "            Where it is\n"
            "  timeout   a duration from 1s to 5m (such as 500ms, 5s, 2m, 1h, 7d); default 10s\n"
            "            How long an answer may take before the request counts as failed and is "
            "tried again.\n"
            "  entries   a list of maps\n"
            "            More of them\n"
            "    name      text; required; different in every entry\n"
            "              How it is called\n"
            "    password  text; also password_file or password_env\n"
            "              Its password\n"
            "  mode      fast or slow; default fast\n"
            "  greeting  text; default hello: world\n"
            "            What to say\n",
};

static void a_sample_shows_every_option_with_its_help(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 65536);
    table_yaml(sample_rows, 0, &out);
    assert_string_equal(out.data, expected.yaml);
    buf_fini(&out);
}

static void a_description_aligns_the_names(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 65536);
    table_text(sample_rows, 2, &out);
    assert_string_equal(out.data, expected.text);
    buf_fini(&out);
}

static void check_sample(const char *text)
{
    struct problems problems;
    problems_init(&problems);
    struct conf *conf = conf_parse("gns3.yaml", text, &test_tables, &problems);
    if (!conf)
        fail_msg("%s: %s\n%s\n%s", problems.list[0].where, problems.list[0].what,
                 problems.list[0].source, text);
    conf_free(conf);
    problems_fini(&problems);
}

/* Takes away the first '#' of lines that set a default. */
static void uncomment_defaults(const char *text, struct buf *out)
{
    while (*text) {
        size_t length = strcspn(text, "\n") + 1;
        size_t name = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_");
        bool sets = text[0] == '#' && name && text[1 + name] == ':' && text[2 + name] == ' ';
        bool asks = sets && (strncmp(text + 2 + name, " PATH", 5) == 0 ||
                             strncmp(text + 2 + name, " VARIABLE", 9) == 0);
        buf_add(out, text + (sets && !asks), length - (sets && !asks));
        text += length;
    }
}

static void a_sample_is_a_good_file_with_and_without_its_defaults(void **state)
{
    (void)state;
    struct buf sample, set;
    buf_init(&sample, 65536);
    buf_init(&set, 65536);
    table_yaml(test_rows, 0, &sample);
    check_sample(sample.data);
    uncomment_defaults(sample.data, &set);
    assert_non_null(strstr(set.data, "\nbudget: 20\n"));
    assert_non_null(strstr(set.data, "\nkeep: 1MiB\n"));
    assert_non_null(strstr(set.data, "\nnightly: \"30 3 * * *\"\n"));
    assert_non_null(strstr(set.data, "\nzone: \"\"\n"));
    check_sample(set.data);
    buf_fini(&sample);
    buf_fini(&set);
}

static json_t *schema_of(const struct gw_row *rows, bool input)
{
    struct buf out;
    buf_init(&out, 65536);
    table_schema(rows, input, &out);
    assert_int_equal(buf_error(&out), 0);
    json_t *json = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    buf_fini(&out);
    return json;
}

static void expect_schema(json_t *schema, const char *name, const char *text)
{
    json_t *is = json_object_get(json_object_get(schema, "properties"), name);
    json_t *should = json_loads(text, 0, NULL);
    assert_non_null(should);
    if (!json_equal(is, should)) {
        char *shown = json_dumps(is, JSON_ENCODE_ANY);
        fail_msg("%s: %s", name, shown ? shown : "absent");
    }
    json_decref(should);
}

static void a_schema_of_input_says_what_is_taken(void **state)
{
    (void)state;
    json_t *schema = schema_of(test_rows, true);
    assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
    assert_null(json_object_get(schema, "required"));
    expect_schema(schema, "budget",
                  "{\"type\":\"integer\",\"minimum\":1,\"maximum\":100,\"default\":20,"
                  "\"description\":\"Requests\",\"x-unit\":\"1/s\"}");
    expect_schema(schema, "mode",
                  "{\"type\":\"string\",\"enum\":[\"fast\",\"careful\",\"slow\"],"
                  "\"default\":\"fast\",\"description\":\"How\"}");
    expect_schema(schema, "token",
                  "{\"type\":\"string\",\"format\":\"password\",\"writeOnly\":true,"
                  "\"description\":\"A token\"}");
    expect_schema(schema, "tags",
                  "{\"type\":[\"array\",\"string\"],\"items\":{\"type\":\"string\"},"
                  "\"minItems\":0,\"maxItems\":3,\"description\":\"Words\"}");
    expect_schema(schema, "extra", "{\"description\":\"Anything\"}");
    expect_schema(schema, "nightly",
                  "{\"type\":\"string\",\"format\":\"cron\","
                  "\"examples\":[\"30 3 * * mon-fri\"],\"description\":\"When to tidy\","
                  "\"default\":\"30 3 * * *\"}");
    expect_schema(schema, "zone",
                  "{\"type\":\"string\",\"format\":\"time-zone\","
                  "\"examples\":[\"Europe/Paris\"],\"description\":\"Where that is\","
                  "\"default\":\"\"}");
    json_t *servers = json_object_get(json_object_get(schema, "properties"), "servers");
    json_t *required = json_object_get(json_object_get(servers, "items"), "required");
    assert_int_equal(json_array_size(required), 2);
    json_decref(schema);
}

static void a_schema_of_output_has_no_defaults_and_may_be_null(void **state)
{
    (void)state;
    json_t *schema = schema_of(test_rows, false);
    assert_null(json_object_get(schema, "additionalProperties"));
    expect_schema(schema, "follow",
                  "{\"type\":[\"boolean\",\"null\"],\"description\":\"Whether to follow\"}");
    expect_schema(schema, "mode",
                  "{\"type\":[\"string\",\"null\"],\"description\":\"How\","
                  "\"enum\":[\"fast\",\"careful\",\"slow\",null]}");
    expect_schema(schema, "tags",
                  "{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\"},\"minItems\":0,"
                  "\"maxItems\":3,\"description\":\"Words\"}");
    json_decref(schema);
    json_t *empty = schema_of(NULL, true);
    assert_int_equal(json_object_size(json_object_get(empty, "properties")), 0);
    json_decref(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_shows_every_option_with_its_help),
        cmocka_unit_test(a_description_aligns_the_names),
        cmocka_unit_test(a_sample_is_a_good_file_with_and_without_its_defaults),
        cmocka_unit_test(a_schema_of_input_says_what_is_taken),
        cmocka_unit_test(a_schema_of_output_has_no_defaults_and_may_be_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
