/* Every single allocation of conf fails once: no crash, no leak, and never neither values nor
 * problems. libfyaml and jansson keep theirs; only our own files are linked with the wrappers. */
#include "conf_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static size_t calls, failing; /* the failing-th call fails; 0: none */

static bool fails(void)
{
    return ++calls == failing;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return fails() ? NULL : __real_realloc(old, bytes);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t bytes)
{
    return fails() ? NULL : __real_strndup(text, bytes);
}

/* Fails the first allocation, the second, and so on, until `run` asks for no more. */
static void fail_each(void (*run)(void))
{
    size_t needed;
    failing = 0;
    do {
        failing++;
        calls = 0;
        run();
        needed = calls;
    } while (failing <= needed);
    failing = 0;
    assert_true(needed > 10);
}

static void parse(const char *text, bool good)
{
    struct problems problems;
    problems_init(&problems);
    struct conf *conf = conf_parse("conf.d/gns3.yaml", text, &test_tables, &problems);
    bool told = problems.count + problems.left_off > 0;
    assert_true((conf != NULL) != told);
    assert_true(good || !conf);
    if (calls < failing)
        assert_true((conf != NULL) == good);
    conf_free(conf);
    problems_fini(&problems);
}

static void parse_good(void)
{
    parse("servers:\n  - {name: a, url: http://a, password: secret}\n  - name: b\n"
          "    url: http://b:1\ntags: [a, b]\nextra: {a: [1, x]}\nmode: slow\ntoken: t\n",
          true);
}

static void parse_bad(void)
{
    parse("servers:\n  - {name: a, url: http://a, pasword: secret}\n  - name: a\n"
          "tags: [a, b, c, d]\nextra: {a: 1, a: 2}\nmode: slwo\nbudget: 500\n",
          false);
}

static void parse_broken(void)
{
    parse("token: \"hunter2\nservers: [\n", false);
}

static void read_json(void)
{
    json_t *json = json_loads("{\"servers\":[{\"name\":\"a\",\"url\":\"http://a\"}],\"tags\":"
                              "[\"x\"],\"extra\":{\"a\":[1,2]},\"mode\":\"slow\"}",
                              0, NULL);
    assert_non_null(json);
    struct problems problems;
    problems_init(&problems);
    struct gw_values *values = values_from_json(test_rows, json, &problems);
    assert_true((values != NULL) != (problems.count + problems.left_off > 0));
    values_free(values);
    problems_fini(&problems);
    json_decref(json);
}

static void a_good_file_survives_each_failing_allocation(void **state)
{
    (void)state;
    fail_each(parse_good);
}

static void a_bad_file_survives_each_failing_allocation(void **state)
{
    (void)state;
    fail_each(parse_bad);
}

static void a_broken_file_survives_each_failing_allocation(void **state)
{
    (void)state;
    fail_each(parse_broken);
}

static void parameters_survive_each_failing_allocation(void **state)
{
    (void)state;
    fail_each(read_json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_survives_each_failing_allocation),
        cmocka_unit_test(a_bad_file_survives_each_failing_allocation),
        cmocka_unit_test(a_broken_file_survives_each_failing_allocation),
        cmocka_unit_test(parameters_survive_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
