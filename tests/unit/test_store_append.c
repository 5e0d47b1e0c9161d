/* The quick way into an RRD file against librrd itself: the same rows, by both, into two files, and
 * every archive must read the same. */
#include "store/number.h"
#include "store/rrd/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000, FIELDS = 3, BATCH = 200 };

struct fixture {
    const struct rrd_module *rrd;
    char dir[64], ours[128], theirs[128];
    struct archives archives;
    struct rrd_shape shape;
    uint64_t seed;
    int64_t last_s;
    size_t appended, left;
};

static const char *const names[FIELDS] = {"cpu", "rate", "odd"};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    void *module = dlopen(RRD_MODULE, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(module);
    f->rrd = dlsym(module, RRD_MODULE_SYMBOL);
    snprintf(f->dir, sizeof(f->dir), "/tmp/gw-append-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->ours, sizeof(f->ours), "%s/ours.rrd", f->dir);
    snprintf(f->theirs, sizeof(f->theirs), "%s/theirs.rrd", f->dir);
    assert_null(archives_parse("step:10m 20s:2h 1m:5h 1h:3d", &f->archives));
    f->shape = (struct rrd_shape){1, FIELDS, names, &f->archives};
    f->seed = 42;
    f->last_s = T0 + 17;
    assert_int_equal(f->rrd->create(f->ours, &f->shape, f->last_s, NULL), 0);
    assert_int_equal(f->rrd->create(f->theirs, &f->shape, f->last_s, NULL), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->ours);
    unlink(f->theirs);
    rmdir(f->dir);
    free(f);
    return 0;
}

static uint32_t any(struct fixture *f, uint32_t below)
{
    f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(f->seed >> 33) % below;
}

static int update(struct fixture *f, const char *path, size_t count, const int64_t *seconds,
                  const double *values)
{
    static char text[BATCH][FIELDS * 40 + 32];
    static const char *lines[BATCH];
    for (size_t i = 0; i < count; i++) {
        char *at = number_write_int(text[i], (uint64_t)seconds[i]);
        for (size_t k = 0; k < FIELDS; k++) {
            *at++ = ':';
            at = number_write(at, values[i * FIELDS + k]);
        }
        *at = '\0';
        lines[i] = text[i];
    }
    return f->rrd->update(path, (int)count, lines);
}

/* Rows with gaps up to `gap` seconds and here and there no value; into both files. */
static void add_batch(struct fixture *f, size_t count, uint32_t gap)
{
    int64_t seconds[BATCH];
    double values[BATCH * FIELDS];
    for (size_t i = 0; i < count; i++) {
        f->last_s += 1 + (gap && any(f, 10) == 0 ? any(f, gap + 1) : 0);
        seconds[i] = f->last_s;
        for (size_t k = 0; k < FIELDS; k++)
            values[i * FIELDS + k] =
                any(f, 20) == 0 ? NAN : (double)((int64_t)any(f, 2000000) - 1000000) / 1000;
    }
    assert_int_equal(update(f, f->theirs, count, seconds, values), 0);
    int error = f->rrd->append(f->ours, FIELDS, count, seconds, values);
    f->appended += error == 0;
    f->left += error == -EAGAIN;
    if (error == -EAGAIN)
        error = update(f, f->ours, count, seconds, values);
    assert_int_equal(error, 0);
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * (1 + fabs(a));
}

static void compare(struct fixture *f, const char *as, int64_t step_s, int64_t back_s)
{
    struct rrd_rows a, b;
    int64_t start = f->last_s - back_s, end = f->last_s;
    assert_int_equal(f->rrd->fetch(f->ours, as, start, end, step_s, &a), 0);
    assert_int_equal(f->rrd->fetch(f->theirs, as, start, end, step_s, &b), 0);
    assert_int_equal(a.start_s, b.start_s);
    assert_int_equal(a.step_s, b.step_s);
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count * FIELDS; i++) {
        if (!same(a.values[i], b.values[i]))
            fail_msg("%s at step %lld, %zu: %.17g, librrd has %.17g", as, (long long)a.step_s, i,
                     a.values[i], b.values[i]);
    }
    f->rrd->free_rows(&a);
    f->rrd->free_rows(&b);
}

static void compare_all(struct fixture *f)
{
    static const char *const all[] = {"AVERAGE", "MIN", "MAX"};
    compare(f, "AVERAGE", 1, 500);
    for (size_t i = 0; i < 3; i++) {
        compare(f, all[i], 20, 7000);
        compare(f, all[i], 60, 17000);
        compare(f, all[i], 3600, 200000);
    }
    int64_t ours, theirs;
    assert_int_equal(f->rrd->check(f->ours, &f->shape, &ours), 0);
    assert_int_equal(f->rrd->check(f->theirs, &f->shape, &theirs), 0);
    assert_int_equal(ours, theirs);
}

static void rows_each_second_read_the_same(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 300; i++) {
        add_batch(f, 1 + any(f, BATCH - 1), 0);
        if (i % 10 == 0)
            compare_all(f);
    }
    compare_all(f);
    assert_int_equal(f->left, 0);
}

static void gaps_within_the_heartbeat_read_the_same(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 300; i++) {
        add_batch(f, 1 + any(f, BATCH - 1), 4);
        if (i % 10 == 0)
            compare_all(f);
    }
    compare_all(f);
    assert_int_equal(f->left, 0);
}

static void both_ways_take_turns_and_read_the_same(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 300; i++) {
        add_batch(f, 1 + any(f, 50), any(f, 2) ? 30 : 3); /* beyond the heartbeat: librrd's */
        compare_all(f);
    }
    assert_true(f->appended > 50);
    assert_true(f->left > 50);
}

static void other_files_and_older_rows_are_left_to_librrd(void **state)
{
    struct fixture *f = *state;
    const double values[FIELDS] = {1, 2, 3};
    int64_t second = f->last_s;
    assert_int_equal(f->rrd->append(f->ours, FIELDS, 1, &second, values), -EAGAIN);
    second++;
    assert_int_equal(f->rrd->append(f->ours, FIELDS - 1, 1, &second, values), -EAGAIN);
    assert_int_equal(f->rrd->append("/nonexistent/x.rrd", FIELDS, 1, &second, values), -ENOENT);
    unlink(f->ours);
    f->shape.step_s = 5;
    assert_int_equal(f->rrd->create(f->ours, &f->shape, second - 1, NULL), 0);
    assert_int_equal(f->rrd->append(f->ours, FIELDS, 1, &second, values), -EAGAIN);
}

static void a_file_that_is_too_short_is_not_touched(void **state)
{
    struct fixture *f = *state;
    const double values[FIELDS] = {1, 2, 3};
    int64_t second = f->last_s + 1;
    struct stat status;
    assert_int_equal(stat(f->ours, &status), 0);
    assert_int_equal(truncate(f->ours, status.st_size - 1), 0);
    assert_int_equal(f->rrd->append(f->ours, FIELDS, 1, &second, values), -EAGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(rows_each_second_read_the_same),
        T(gaps_within_the_heartbeat_read_the_same),
        T(both_ways_take_turns_and_read_the_same),
        T(other_files_and_older_rows_are_left_to_librrd),
        T(a_file_that_is_too_short_is_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
