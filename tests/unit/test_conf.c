/* Every case of conf_bad.txt, word for word, and files that are good. */
#include "conf_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* "\n", "\t", "\\", "\"", "\x1b" as in C; anything else as it is. */
static void add_unescaped(struct buf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\\') {
            buf_addc(out, text[i]);
            continue;
        }
        static const char from[] = "ntr\\\"", to[] = "\n\t\r\\\"";
        const char *at = strchr(from, text[++i]);
        if (at && *at) {
            buf_addc(out, to[at - from]);
        } else {
            char hex[3] = {text[i + 1], text[i + 2], '\0'};
            buf_addc(out, (char)strtoul(hex, NULL, 16));
            i += 2;
        }
    }
}

struct bad_case {
    char *title;
    const char *file;
    struct buf text, expected;
};

static void check_case(struct bad_case *bad)
{
    struct problems problems;
    struct buf said;
    problems_init(&problems);
    buf_init(&said, 1 << 20);
    struct conf *conf =
        conf_parse(bad->file, bad->text.len ? bad->text.data : "", &test_tables, &problems);
    problems_print(&problems, &said);
    while (bad->expected.len && bad->expected.data[bad->expected.len - 1] == '\n')
        bad->expected.data[--bad->expected.len] = '\0';
    while (said.len && said.data[said.len - 1] == '\n')
        said.data[--said.len] = '\0';
    if (conf || !said.len || strcmp(said.data, bad->expected.data) != 0)
        fail_msg("%s\n--- expected\n%s\n--- said\n%s", bad->title, bad->expected.data,
                 said.len ? said.data : "nothing");
    assert_null(strstr(said.data, "hunter2"));
    conf_free(conf);
    buf_fini(&said);
    problems_fini(&problems);
}

static void end_case(struct bad_case *bad)
{
    if (bad->title)
        check_case(bad);
    free(bad->title);
    bad->title = NULL;
    buf_clear(&bad->text);
    buf_clear(&bad->expected);
}

static void begin_case(struct bad_case *bad, const char *line)
{
    bad->title = strdup(line + strlen("=== "));
    bad->title[strcspn(bad->title, "\n")] = '\0';
    char *at = strstr(bad->title, " @ ");
    bad->file = at ? at + 3 : "conf.d/gns3.yaml";
    if (at)
        *at = '\0';
}

static void every_bad_file_is_answered_word_for_word(void **state)
{
    (void)state;
    FILE *cases = fopen(CONF_BAD_FILE, "r");
    assert_non_null(cases);
    struct bad_case bad = {0};
    buf_init(&bad.text, 1 << 20);
    buf_init(&bad.expected, 1 << 20);
    char line[8192];
    size_t count = 0;
    while (fgets(line, sizeof(line), cases)) {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, "=== ", 4) == 0) {
            end_case(&bad);
            begin_case(&bad, line);
            count++;
        } else if (bad.title && bad.expected.len == 0 && line[0] == '"') {
            add_unescaped(&bad.text, line + 1, length - 2);
        } else if (bad.title) {
            buf_adds(&bad.expected, line);
        }
    }
    end_case(&bad);
    assert_true(count > 80);
    buf_fini(&bad.text);
    buf_fini(&bad.expected);
    fclose(cases);
}

static struct conf *good(const char *file, const char *text)
{
    struct problems problems;
    problems_init(&problems);
    struct conf *conf = conf_parse(file, text, &test_tables, &problems);
    if (!conf)
        fail_msg("%s: %s", problems.list[0].where, problems.list[0].what);
    assert_int_equal(problems.count, 0);
    problems_fini(&problems);
    return conf;
}

static void a_file_makes_an_instance_named_after_it(void **state)
{
    (void)state;
    struct conf *conf = good("conf.d/lab-1.yaml", "# our lab\nplugin: gns3\nevery: 2s\n"
                                                  "enabled: off\nbudget: 7\n");
    assert_int_equal(conf->count, 1);
    const struct conf_instance *instance = &conf->instances[0];
    assert_string_equal(instance->name, "lab-1");
    assert_string_equal(instance->plugin, "gns3");
    assert_string_equal(instance->file, "conf.d/lab-1.yaml");
    assert_int_equal(instance->line, 2);
    assert_false(instance->enabled);
    assert_int_equal(instance->every_ms, 2000);
    assert_int_equal(gw_int(instance->values, "budget"), 7);
    assert_int_equal(gw_int(conf->host, "port"), 8080);
    conf_free(conf);
}

static void an_empty_file_is_an_instance_with_defaults(void **state)
{
    (void)state;
    static const char *const texts[] = {"",  "# nothing yet\n", "---\n", "\xef\xbb\xbf", "~\n",
                                        "{}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct conf *conf = good("gns3.yaml", texts[i]);
        assert_string_equal(conf->instances[0].plugin, "gns3");
        assert_true(conf->instances[0].enabled);
        assert_int_equal(conf->instances[0].every_ms, 0);
        assert_int_equal(gw_int(conf->instances[0].values, "budget"), 20);
        conf_free(conf);
    }
}

static void values_of_every_type_are_read_from_yaml(void **state)
{
    (void)state;
    struct conf *conf = good("gns3.yaml", "servers:\n"
                                          "  - name: 3080\n"
                                          "    url: 'http://a:1'\n"
                                          "    password: |\n"
                                          "      two\n"
                                          "      lines\n"
                                          "  - {name: \"b\", url: http://b, timeout: 1m30s}\n"
                                          "share: 1.25e1\n"
                                          "mode: slow\n"
                                          "follow: No\n"
                                          "keep: 1.5MiB\n"
                                          "since: 2026-01-02 03:04:05Z\n"
                                          "tags: one\n"
                                          "token: 12345\n"
                                          "extra: {a: [1, yes, ~, 0.5, \"5\", x y]}\n");
    const struct gw_values *values = conf->instances[0].values;
    assert_int_equal(gw_count(values, "servers"), 2);
    const struct gw_values *a = gw_table_at(values, "servers", 0);
    assert_string_equal(gw_string(a, "name"), "3080");
    assert_string_equal(gw_string(a, "password"), "two\nlines\n");
    assert_int_equal(gw_int(a, "timeout"), 10000);
    assert_int_equal(gw_int(gw_table_at(values, "servers", 1), "timeout"), 90000);
    assert_true(gw_number(values, "share") >= 12.5 && gw_number(values, "share") <= 12.5);
    assert_string_equal(gw_string(values, "mode"), "slow");
    assert_false(gw_bool(values, "follow"));
    assert_int_equal(gw_int(values, "keep"), 3 << 19);
    assert_int_equal(gw_int(values, "since"), 1767323045000);
    assert_string_equal(gw_string_at(values, "tags", 0), "one");
    assert_string_equal(gw_string(values, "token"), "12345");
    assert_string_equal(gw_string(values, "extra"), "{\"a\":[1,true,null,0.5,\"5\",\"x y\"]}");
    conf_free(conf);
}

static void reload_sees_what_differs(void **state)
{
    (void)state;
    struct conf *a = good("gns3.yaml", "budget: 5\ntoken: abc\n");
    struct conf *same = good("gns3.yaml", "# moved\ntoken: 'abc'\n\nbudget: 5\nmode: fast\n");
    struct conf *secret = good("gns3.yaml", "budget: 5\ntoken: abd\n");
    struct conf *every = good("gns3.yaml", "budget: 5\ntoken: abc\nevery: 1s\n");
    struct conf *off = good("gns3.yaml", "budget: 5\ntoken: abc\nenabled: no\n");
    assert_true(conf_instance_equal(&a->instances[0], &same->instances[0]));
    assert_false(conf_instance_equal(&a->instances[0], &secret->instances[0]));
    assert_false(conf_instance_equal(&a->instances[0], &every->instances[0]));
    assert_false(conf_instance_equal(&a->instances[0], &off->instances[0]));
    conf_free(a);
    conf_free(same);
    conf_free(secret);
    conf_free(every);
    conf_free(off);
}

static void at_most_a_hundred_problems_are_kept(void **state)
{
    (void)state;
    struct problems problems;
    problems_init(&problems);
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 150; i++)
        buf_printf(&text, "zzzzzz%d: 1\n", i);
    assert_null(conf_parse("gns3.yaml", text.data, &test_tables, &problems));
    assert_int_equal(problems.count, 100);
    assert_int_equal(problems.left_off, 50);
    buf_clear(&text);
    problems_print(&problems, &text);
    assert_non_null(strstr(text.data, "\nand 50 more\n"));
    buf_fini(&text);
    problems_fini(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_file_is_answered_word_for_word),
        cmocka_unit_test(a_file_makes_an_instance_named_after_it),
        cmocka_unit_test(an_empty_file_is_an_instance_with_defaults),
        cmocka_unit_test(values_of_every_type_are_read_from_yaml),
        cmocka_unit_test(reload_sees_what_differs),
        cmocka_unit_test(at_most_a_hundred_problems_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
