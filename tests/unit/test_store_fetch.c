/* Rows read without librrd against librrd itself: random windows of a file that is written on and
 * on, at every step, must read the same. */
#include "store/file_rows.h"
#include "store/number.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000, FIELDS = 2, WINDOWS = 300 };

struct fixture {
    const struct rrd_module *rrd;
    char dir[64], path[128];
    struct archives archives;
    struct rrd_shape shape;
    uint64_t seed;
    int64_t last_s;
    size_t compared, left;
};

static const char *const names[FIELDS] = {"cpu", "rate"};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    void *module = dlopen(RRD_MODULE, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(module);
    f->rrd = dlsym(module, RRD_MODULE_SYMBOL);
    snprintf(f->dir, sizeof(f->dir), "/tmp/gw-fetch-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof(f->path), "%s/a.rrd", f->dir);
    assert_null(archives_parse("step:10m 20s:2h 1m:5h 1h:3d", &f->archives));
    f->shape = (struct rrd_shape){1, FIELDS, names, &f->archives};
    f->seed = 7;
    f->last_s = T0 + 17;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    rmdir(f->dir);
    free(f);
    return 0;
}

static uint32_t any(struct fixture *f, uint32_t below)
{
    f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(f->seed >> 33) % below;
}

static void add_rows(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        char text[FIELDS * 40 + 32];
        const char *line = text;
        f->last_s += f->shape.step_s * (any(f, 20) == 0 ? 1 + any(f, 9) : 1);
        char *at = number_write_int(text, (uint64_t)f->last_s);
        for (size_t k = 0; k < FIELDS; k++) {
            *at++ = ':';
            at = number_write(at, any(f, 20) == 0 ? NAN : (double)any(f, 2000000) / 1000);
        }
        *at = '\0';
        assert_int_equal(f->rrd->update(f->path, 1, &line), 0);
    }
}

static void compare_rows(const struct rrd_rows *ours, const struct rrd_rows *theirs, const char *as)
{
    assert_int_equal(ours->fields, theirs->fields);
    assert_int_equal(ours->start_s, theirs->start_s);
    assert_int_equal(ours->step_s, theirs->step_s);
    assert_int_equal(ours->count, theirs->count);
    for (size_t i = 0; i < ours->count * FIELDS; i++) {
        double a = ours->values[i], b = theirs->values[i];
        if (memcmp(&a, &b, sizeof(a)) != 0 && !(isnan(a) && isnan(b)))
            fail_msg("%s at %lld, %zu of %zu: %.17g, librrd has %.17g", as, (long long)ours->step_s,
                     i, ours->count * FIELDS, a, b);
    }
}

static void compare(struct fixture *f, const char *as, int64_t start_s, int64_t end_s,
                    int64_t step_s)
{
    struct file_rows file;
    struct rrd_rows ours, theirs;
    assert_int_equal(file_rows_open(&file, f->path, FIELDS), 0);
    assert_int_equal(file_rows_last_s(&file), f->last_s);
    int error = file_rows_fetch(&file, as, start_s, end_s, step_s, &ours);
    assert_true(file_rows_unchanged(&file));
    file_rows_close(&file);
    assert_true(error == 0 || error == -EAGAIN);
    f->left += error != 0;
    if (error)
        return;
    assert_int_equal(f->rrd->fetch(f->path, as, start_s, end_s, step_s, &theirs), 0);
    compare_rows(&ours, &theirs, as);
    f->compared++;
    f->rrd->free_rows(&theirs);
    free(ours.values);
}

static void compare_any(struct fixture *f)
{
    static const char *const all[] = {"AVERAGE", "MIN", "MAX"};
    static const int64_t steps[] = {1, 7, 20, 45, 60, 600, 3600};
    static const uint32_t spans[] = {30, 700, 8000, 20000, 300000};
    for (int i = 0; i < WINDOWS; i++) {
        int64_t start = f->last_s + 30 - any(f, spans[any(f, 5)]) * f->shape.step_s;
        int64_t end = start + 1 + any(f, spans[any(f, 4)]) * f->shape.step_s;
        compare(f, all[any(f, 3)], start, end, steps[any(f, 7)]);
    }
}

static void any_window_reads_as_with_librrd(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(f->rrd->create(f->path, &f->shape, f->last_s, NULL), 0);
    for (int i = 0; i < 12; i++) {
        add_rows(f, 1 + (int)any(f, 400)); /* round the finest archive more than once */
        compare_any(f);
    }
    assert_true(f->compared > 3000);
}

static void files_of_other_steps_read_the_same(void **state)
{
    struct fixture *f = *state;
    f->shape.step_s = 10;
    assert_int_equal(f->rrd->create(f->path, &f->shape, f->last_s - f->last_s % 10, NULL), 0);
    for (int i = 0; i < 5; i++) {
        add_rows(f, 1 + (int)any(f, 200));
        compare_any(f);
    }
    assert_true(f->compared > 1000);
}

static void a_write_in_between_is_noticed(void **state)
{
    struct fixture *f = *state;
    struct file_rows file;
    assert_int_equal(f->rrd->create(f->path, &f->shape, f->last_s, NULL), 0);
    add_rows(f, 10);
    assert_int_equal(file_rows_open(&file, f->path, FIELDS), 0);
    assert_true(file_rows_unchanged(&file));
    add_rows(f, 1);
    assert_false(file_rows_unchanged(&file));
    file_rows_close(&file);
}

static void damage(const struct fixture *f, const char *bytes, size_t count, off_t at)
{
    int fd = open(f->path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, bytes, count, at), count);
    close(fd);
}

static void what_is_not_understood_is_left_to_the_process(void **state)
{
    struct fixture *f = *state;
    struct file_rows file;
    struct rrd_rows rows;
    assert_int_equal(file_rows_open(&file, "/nonexistent/x.rrd", FIELDS), -EAGAIN);
    assert_int_equal(f->rrd->create(f->path, &f->shape, f->last_s, NULL), 0);
    add_rows(f, 10);
    assert_int_equal(file_rows_open(&file, f->path, FIELDS + 1), -EAGAIN);
    assert_int_equal(file_rows_open(&file, f->path, FIELDS), 0);
    size_t head_bytes = file.head_bytes;
    assert_int_equal(file_rows_fetch(&file, "HWPREDICT", T0, T0 + 10, 1, &rows), -EAGAIN);
    assert_int_equal(file_rows_fetch(&file, "AVERAGE", 0, T0, 1, &rows), -EAGAIN); /* too much */
    file_rows_close(&file);
    /* The last archive's cursor, beyond its rows. */
    damage(f, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, (off_t)head_bytes - 8);
    assert_int_equal(file_rows_open(&file, f->path, FIELDS), -EAGAIN);
    assert_int_equal(truncate(f->path, (off_t)head_bytes - 1), 0);
    assert_int_equal(file_rows_open(&file, f->path, FIELDS), -EAGAIN);
    damage(f, "XRD", 3, 0);
    assert_int_equal(file_rows_open(&file, f->path, FIELDS), -EAGAIN);
}

static void a_file_that_is_too_short_gives_no_rows(void **state)
{
    struct fixture *f = *state;
    struct file_rows file;
    struct rrd_rows rows;
    assert_int_equal(f->rrd->create(f->path, &f->shape, f->last_s, NULL), 0);
    add_rows(f, 30);
    assert_int_equal(file_rows_open(&file, f->path, FIELDS), 0);
    assert_int_equal(truncate(f->path, (off_t)file.head_bytes), 0);
    assert_int_equal(file_rows_fetch(&file, "AVERAGE", f->last_s - 20, f->last_s, 1, &rows),
                     -EAGAIN);
    assert_null(rows.values);
    file_rows_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_window_reads_as_with_librrd, setup, teardown),
        cmocka_unit_test_setup_teardown(files_of_other_steps_read_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_write_in_between_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_understood_is_left_to_the_process, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_too_short_gives_no_rows, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
