/* What every instance's file may say: isolation, run_as, limits. */
#include "conf_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct gw_row own_rows[] = {
    {"limits", GW_INT, .def = "3", .max = 9, .help = "Its own"},
    {0},
};

/* The plugin "old" has an option of its own named limits. */
static int plugin_table(void *data, const char *plugin, enum conf_isolation isolation,
                        const struct gw_row **table, const char **known)
{
    (void)data, (void)isolation;
    *table = strcmp(plugin, "old") == 0 ? own_rows : test_rows;
    *known = "";
    return 0;
}

static const struct conf_tables tables = {.host = test_host_rows, .plugin_table = plugin_table};

static struct conf *good(const char *name, const char *text)
{
    struct problems problems;
    struct buf said;
    problems_init(&problems);
    buf_init(&said, 1 << 20);
    struct conf *conf = conf_parse(name, text, &tables, &problems);
    problems_print(&problems, &said);
    if (!conf)
        fail_msg("%s", said.data);
    buf_fini(&said);
    problems_fini(&problems);
    return conf;
}

static void without_a_word_there_is_no_isolation_but_there_are_limits(void **state)
{
    (void)state;
    struct conf *conf = good("gns3.yaml", "");
    const struct conf_instance *instance = &conf->instances[0];
    assert_int_equal(instance->isolation, 0);
    assert_null(instance->run_as);
    assert_int_equal(instance->limits.memory_bytes, 256 << 20);
    assert_true(instance->limits.cpu_percent > 99.9 && instance->limits.cpu_percent < 100.1);
    assert_int_equal(instance->limits.files, 256);
    assert_int_equal(instance->limits.series, 10000);
    assert_int_equal(instance->limits.processes, 0);
    assert_int_equal(instance->limits.hang_ms, 30000);
    conf_free(conf);
}

static void limits_are_read_with_and_without_their_units(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "isolation: process\nrun_as: nobody\nlimits:\n  memory: 64MiB\n  cpu: 50%\n  files: 32\n"
        "  series: 7\n  events: 20/s\n  processes: 3\n  hang: 5s\n",
        "run_as: nobody\nlimits: {memory: 67108864, cpu: 50, files: 32, series: 7, events: 20,"
        " processes: 3, hang: 5s}\n",
        "run_as: nobody\nlimits: {memory: 64MiB, cpu: 50 %, files: 32, series: 7, events: 20 /s,"
        " processes: 3, hang: 5s}\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct conf *conf = good("gns3.yaml", texts[i]);
        const struct conf_instance *instance = &conf->instances[0];
        assert_int_equal(instance->isolation, CONF_PROCESS);
        assert_string_equal(instance->run_as, "nobody");
        assert_int_equal(instance->limits.memory_bytes, 64 << 20);
        assert_int_equal((int)(instance->limits.cpu_percent * 10 + 0.5), 500);
        assert_int_equal(instance->limits.files, 32);
        assert_int_equal(instance->limits.series, 7);
        assert_int_equal((int)(instance->limits.events_per_s * 10 + 0.5), 200);
        assert_int_equal(instance->limits.processes, 3);
        assert_int_equal(instance->limits.hang_ms, 5000);
        conf_free(conf);
    }
}

static void a_changed_limit_is_a_difference(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "isolation: thread",
                                        "isolation: process",
                                        "run_as: nobody",
                                        "limits: {hang: 5s}",
                                        "limits: {cpu: 10%}",
                                        "limits: {events: 5}"};
    enum { TEXTS = sizeof(texts) / sizeof(*texts) };
    for (size_t i = 0; i < TEXTS; i++) {
        for (size_t j = 0; j < TEXTS; j++) {
            struct conf *a = good("gns3.yaml", texts[i]), *b = good("gns3.yaml", texts[j]);
            assert_int_equal(conf_instance_equal(&a->instances[0], &b->instances[0]), i == j);
            conf_free(a);
            conf_free(b);
        }
    }
}

static void a_plugin_s_own_option_of_that_name_comes_first(void **state)
{
    (void)state;
    struct conf *conf = good("old.yaml", "limits: 5\nisolation: process\n");
    assert_int_equal(gw_int(conf->instances[0].values, "limits"), 5);
    assert_int_equal(conf->instances[0].isolation, CONF_PROCESS);
    assert_int_equal(conf->instances[0].limits.files, 256);
    conf_free(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_there_is_no_isolation_but_there_are_limits),
        cmocka_unit_test(limits_are_read_with_and_without_their_units),
        cmocka_unit_test(a_changed_limit_is_a_difference),
        cmocka_unit_test(a_plugin_s_own_option_of_that_name_comes_first),
    };
    return cmocka_run_group_tests_name("conf_common", tests, NULL, NULL);
}
