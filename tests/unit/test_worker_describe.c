/* A plugin's tables as a child tells them: all bundled plugins, plugins made to be bad, and JSON
 * that lies. */
#include "worker_self.h"

#include "plugin/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void assert_same_rows(const struct gw_row *a, const struct gw_row *b);

static void assert_same_text(const char *a, const char *b)
{
    if (a && b)
        assert_string_equal(a, b);
    else
        assert_true(a == b);
}

static void assert_same_row(const struct gw_row *a, const struct gw_row *b)
{
    bool nested = a->type == GW_TABLE || a->type == GW_TABLES;
    assert_same_text(a->name, b->name);
    assert_same_text(a->unit, b->unit);
    assert_same_text(a->def, b->def);
    assert_same_text(a->help, b->help);
    assert_same_text(a->choices, b->choices);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->flags, b->flags);
    assert_memory_equal(&a->min, &b->min, sizeof(a->min));
    assert_memory_equal(&a->max, &b->max, sizeof(a->max));
    assert_same_rows(nested ? a->rows : NULL, b->rows);
}

static void assert_same_rows(const struct gw_row *a, const struct gw_row *b)
{
    assert_int_equal(a != NULL, b != NULL);
    for (; a && a->name; a++, b++)
        assert_same_row(a, b);
    assert_true(!b || !b->name);
}

static void assert_same_kinds(const struct gw_kind *a, const struct gw_kind *b)
{
    for (; a && a->name; a++, b++) {
        assert_same_text(a->name, b->name);
        assert_same_text(a->plural, b->plural);
        assert_same_text(a->help, b->help);
        assert_same_rows(a->fields, b->fields);
    }
    assert_true(!b || !b->name);
}

static void assert_same_commands(const struct gw_command *a, const struct gw_command *b)
{
    for (; a && a->name; a++, b++) {
        assert_same_text(a->name, b->name);
        assert_same_text(a->help, b->help);
        assert_int_equal(a->role, b->role);
        assert_int_equal(a->deadline_ms, b->deadline_ms);
        assert_non_null(b->run);
        assert_same_rows(a->params, b->params);
        assert_same_rows(a->result, b->result);
    }
    assert_true(!b || !b->name);
}

static void assert_same_pages(const struct gw_page *a, const struct gw_page *b)
{
    for (; a && a->path; a++, b++) {
        assert_same_text(a->path, b->path);
        assert_same_text(a->help, b->help);
        assert_same_text(a->types, b->types);
        assert_int_equal(a->role, b->role);
        assert_int_equal(a->deadline_ms, b->deadline_ms);
        assert_same_rows(a->params, b->params);
    }
    assert_true(!b || !b->path);
}

static void compare(void *data, const char *name, const char *path)
{
    size_t *count = data;
    const char *const own[] = {BUNDLED_DIR, NULL};
    char *why = NULL;
    struct plugin *plugin = plugin_load(own, name, &why);
    if (!plugin)
        fail_msg("%s: %s", name, why);
    struct gw_descriptor *told = worker_describe(path, &why);
    if (!told)
        fail_msg("%s: %s", name, why);
    const struct gw_descriptor *here = &plugin->descriptor;
    assert_string_equal(told->name, here->name);
    assert_string_equal(told->version, here->version);
    assert_string_equal(told->summary, here->summary);
    assert_int_equal(told->every_ms, here->every_ms);
    assert_int_equal(told->deadline_ms, here->deadline_ms);
    assert_int_equal(told->start != NULL, here->start != NULL);
    assert_int_equal(told->tick != NULL, here->tick != NULL);
    assert_int_equal(told->stop != NULL, here->stop != NULL);
    assert_same_rows(here->options, told->options);
    assert_same_kinds(here->kinds, told->kinds);
    assert_same_commands(here->commands, told->commands);
    assert_same_pages(here->pages, told->pages);
    descriptor_free(told);
    plugin_free(plugin);
    (*count)++;
}

static void all_bundled_plugins_are_told_as_they_are(void **state)
{
    (void)state;
    const char *const own[] = {BUNDLED_DIR, NULL};
    size_t count = 0;
    plugin_each(own, compare, &count);
    assert_true(count >= 10);
}

/* Its sentence has each of these words. */
static void refused(const char *dir, const char *name, const char *words)
{
    char path[4096];
    char *why = NULL;
    snprintf(path, sizeof(path), "%s/%s.so", dir, name);
    assert_null(worker_describe(path, &why));
    assert_non_null(why);
    if (!strstr(why, words))
        fail_msg("'%s' is not in: %s", words, why);
    free(why);
}

static void a_plugin_that_crashes_as_it_is_loaded_costs_a_sentence(void **state)
{
    (void)state;
    refused(WORKER_BAD_DIR, "load_crash", "killed by signal 11 (Segmentation fault)");
    refused(WORKER_BAD_DIR, "load_crash", "crash: signal 11 (Segmentation fault) at address 0x");
}

static void a_plugin_that_ends_the_process_costs_a_sentence(void **state)
{
    (void)state;
    refused(WORKER_BAD_DIR, "load_exit", "exit code 3; it said: I leave");
    refused(WORKER_BAD_DIR, "load_fork", "fork: Operation not permitted");
}

static void a_plugin_that_hangs_as_it_is_loaded_is_killed(void **state)
{
    (void)state;
    char *why = NULL;
    assert_null(describe_within(WORKER_BAD_DIR "/load_hang.so", 300, &why));
    assert_non_null(why);
    assert_non_null(strstr(why, "does not tell what it is within 0.3 s"));
    free(why);
}

static void what_a_plugin_prints_is_not_taken_for_its_tables(void **state)
{
    (void)state;
    char path[4096];
    char *why = NULL;
    snprintf(path, sizeof(path), "%s/load_junk.so", WORKER_BAD_DIR);
    struct gw_descriptor *told = worker_describe(path, &why);
    assert_non_null(told);
    assert_string_equal(told->name, "load_junk");
    descriptor_free(told);
}

static void what_the_host_refuses_is_refused_in_the_same_words(void **state)
{
    (void)state;
    refused(TEST_PLUGIN_DIR, "abi_major", "was built for plugin interface 2.0");
    refused(TEST_PLUGIN_DIR, "no_descriptor", "has no descriptor; end the file with GW_PLUGIN(…)");
    refused(TEST_PLUGIN_DIR, "no_symbol", "needs the symbol");
    refused(TEST_PLUGIN_DIR, "bad_default", "which it would not accept itself");
    refused(TEST_PLUGIN_DIR, "nowhere", "no nowhere.so in");
}

static const char good[] = "{\"name\":\"a\",\"version\":\"1\",\"summary\":\"s\"}";

static void bad_json(const char *json, const char *words)
{
    char *why = NULL;
    assert_null(descriptor_from_json(json, strlen(json), &why));
    assert_non_null(why);
    if (!strstr(why, words))
        fail_msg("'%s' is not in: %s", words, why);
    free(why);
}

static void json_that_lies_is_refused(void **state)
{
    (void)state;
    char *why = NULL;
    struct gw_descriptor *told = descriptor_from_json(good, strlen(good), &why);
    assert_non_null(told);
    assert_null(told->tick);
    descriptor_free(told);
    bad_json("", "no JSON");
    bad_json("[]", "no 'name'");
    bad_json("{\"name\":\"a\",\"version\":\"1\"}", "no 'summary'");
    bad_json("{\"name\":\"a\",\"version\":\"1\",\"summary\":7}", "no text in 'summary'");
    bad_json("{\"name\":\"a\",\"version\":\"1\",\"summary\":\"s\",\"more\":1}",
             "an unknown member");
    bad_json("{\"name\":\"a\",\"version\":\"1\",\"summary\":\"s\",\"every_ms\":-1}", "every_ms");
    bad_json("{\"name\":\"a\",\"version\":\"1\",\"summary\":\"s\",\"options\":{}}", "no list");
    bad_json("{\"name\":\"a\",\"version\":\"1\",\"summary\":\"s\",\"options\":[7]}", "no 'name'");
    bad_json("{\"name\":\"a\",\"version\":\"1\",\"summary\":\"s\",\"options\":"
             "[{\"name\":\"x\",\"type\":99}]}",
             "no number that is possible in 'type'");
    bad_json("{\"name\":\"a\",\"version\":\"1\",\"summary\":\"s\",\"tick\":false}", "not 'true'");
}

static void bounds_without_an_end_are_told(void **state)
{
    (void)state;
    const struct gw_row rows[] = {{.name = "x",
                                   .type = GW_NUMBER,
                                   .min = -__builtin_inf(),
                                   .max = __builtin_inf(),
                                   .help = "Any \"number\" \xe2\x82\xac"},
                                  {0}};
    const struct gw_descriptor descriptor = {
        .name = "a", .version = "1", .summary = "s", .options = rows};
    char *why = NULL, *json = descriptor_to_json(&descriptor);
    assert_non_null(json);
    struct gw_descriptor *told = descriptor_from_json(json, strlen(json), &why);
    assert_non_null(told);
    assert_same_rows(rows, told->options);
    descriptor_free(told);
    free(json);
}

int main(int argc, char **argv)
{
    if (is_describe(argc, argv))
        return describe_child(argv[4], true);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_bundled_plugins_are_told_as_they_are),
        cmocka_unit_test(a_plugin_that_crashes_as_it_is_loaded_costs_a_sentence),
        cmocka_unit_test(a_plugin_that_ends_the_process_costs_a_sentence),
        cmocka_unit_test(a_plugin_that_hangs_as_it_is_loaded_is_killed),
        cmocka_unit_test(what_a_plugin_prints_is_not_taken_for_its_tables),
        cmocka_unit_test(what_the_host_refuses_is_refused_in_the_same_words),
        cmocka_unit_test(json_that_lies_is_refused),
        cmocka_unit_test(bounds_without_an_end_are_told),
    };
    return cmocka_run_group_tests_name("worker_describe", tests, NULL, NULL);
}
