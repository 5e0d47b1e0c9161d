/* Series: names, identity, rings and their reuse. */
#include "metric/registry.h"
#include "metric/ring.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct gw_field fields[] = {
    {"cpu", GW_GAUGE, "%", "Load"},
    {"bytes", GW_COUNTER, "By", "Traffic"},
    {0},
};
static const struct gw_label pc1[] = {{"server", "a"}, {"node", "PC1"}, {0}};
static const struct gw_label pc2[] = {{"server", "a"}, {"node", "PC2"}, {0}};

struct fixture {
    struct fake_clock clock;
    struct metric *metric;
    int owner, other;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    fake_clock_init(&f->clock, 1700000000000);
    f->metric = metric_new(&f->clock.clock, &(struct metric_options){.ring_rows = 8});
    *state = f;
    return f->metric ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    metric_free(f->metric);
    free(f);
    return 0;
}

static struct gw_series *get(struct fixture *f, void *owner, const struct gw_label *labels,
                             int *error)
{
    return metric_get(f->metric, owner, "gns3.node", labels, fields, 1000, error);
}

static void set_rows(struct gw_series *series, int64_t from, int count)
{
    for (int i = 0; i < count; i++) {
        double row[2] = {(double)(from + i), 10.0 * (double)(from + i)};
        assert_int_equal(metric_set(series, 1000 * (from + i), row), 0);
    }
}

static void the_same_labels_give_the_same_handle(void **state)
{
    struct fixture *f = *state;
    int error;
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    assert_non_null(a);
    assert_ptr_equal(a, get(f, &f->owner, pc1, &error));
    assert_ptr_not_equal(a, get(f, &f->owner, pc2, &error));
}

static void a_live_series_of_another_owner_is_busy(void **state)
{
    struct fixture *f = *state;
    int error;
    assert_non_null(get(f, &f->owner, pc1, &error));
    assert_null(get(f, &f->other, pc1, &error));
    assert_int_equal(error, -EBUSY);
}

static void bad_names_and_other_fields_are_refused(void **state)
{
    struct fixture *f = *state;
    int error;
    static const struct gw_field upper[] = {{"CPU", GW_GAUGE, "%", ""}, {0}};
    static const struct gw_field one[] = {{"cpu", GW_GAUGE, "%", ""}, {0}};
    assert_non_null(get(f, &f->owner, pc1, &error));
    assert_null(metric_get(f->metric, &f->owner, "gns3.node", pc1, one, 0, &error));
    assert_int_equal(error, -EINVAL);
    const char *bad[] = {"", "A.b", ".a", "a.", "a..b", "a/b", NULL};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_null(metric_get(f->metric, &f->owner, bad[i], NULL, fields, 0, &error));
    assert_null(metric_get(f->metric, &f->owner, "a.b", NULL, upper, 0, &error));
    assert_int_equal(error, -EINVAL);
}

static void the_key_escapes_what_would_be_ambiguous(void **state)
{
    struct fixture *f = *state;
    int error;
    const struct gw_label odd[] = {{"node", "a\"b\\c\nd"}, {0}};
    assert_non_null(get(f, &f->owner, odd, &error));
    struct series_info info;
    assert_int_equal(metric_find(f->metric, "gns3.node{node=\"a\\\"b\\\\c\\nd\"}", &info), 0);
    assert_string_equal(info.labels[0].value, "a\"b\\c\nd");
    series_info_fini(&info);
    assert_int_equal(metric_find(f->metric, "1", &info), 0);
    series_info_fini(&info);
    assert_int_equal(metric_find(f->metric, "2", &info), -ENOENT);
}

static void rows_must_go_forward_in_time(void **state)
{
    struct fixture *f = *state;
    int error;
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    double row[2] = {1, 2};
    assert_int_equal(metric_set(a, 5000, row), 0);
    assert_int_equal(metric_set(a, 5000, row), -EEXIST);
    assert_int_equal(metric_set(a, 4999, row), -EEXIST);
    assert_int_equal(metric_set(a, 5001, row), 0);
    assert_int_equal(metric_set(NULL, 5002, row), -EINVAL);
}

static void a_full_ring_keeps_the_newest_rows(void **state)
{
    struct fixture *f = *state;
    int error;
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    set_rows(a, 1, 20);
    double *rows;
    size_t count;
    int64_t oldest;
    assert_int_equal(metric_recent(f->metric, 1, 0, INT64_MAX, &rows, &count, &oldest), 0);
    assert_int_equal(count, 7); /* one of the 8 may be being written */
    assert_int_equal(oldest, 14000);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(row_time_ms(rows + 3 * i), 1000 * (14 + (int64_t)i));
        assert_true(rows[3 * i + 1] == (double)(14 + i));
    }
    free(rows);
    assert_int_equal(metric_recent(f->metric, 1, 15000, 17000, &rows, &count, &oldest), 0);
    assert_int_equal(count, 2);
    free(rows);
    struct metric_counts counts;
    metric_count(f->metric, &counts);
    assert_int_equal(counts.rows, 20);
    assert_int_equal(counts.values, 40);
    assert_int_equal(counts.overrun_rows, 12);
}

static void a_relabelled_series_keeps_its_id_and_rows(void **state)
{
    struct fixture *f = *state;
    int error;
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    set_rows(a, 1, 3);
    assert_int_equal(metric_relabel(a, pc2), 0);
    struct series_info info;
    assert_int_equal(metric_find(f->metric, "gns3.node{server=\"a\",node=\"PC1\"}", &info),
                     -ENOENT);
    assert_int_equal(metric_find(f->metric, "gns3.node{server=\"a\",node=\"PC2\"}", &info), 0);
    assert_int_equal(info.id, 1);
    assert_true(info.last[0] == 3);
    series_info_fini(&info);
}

static void a_name_that_another_live_series_has_is_refused(void **state)
{
    struct fixture *f = *state;
    int error;
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    struct gw_series *b = get(f, &f->owner, pc2, &error);
    assert_int_equal(metric_relabel(a, pc2), -EEXIST);
    metric_end(b);
    assert_int_equal(metric_relabel(a, pc2), 0);
    struct metric_counts counts;
    metric_count(f->metric, &counts);
    assert_int_equal(counts.series, 1);
}

static void an_ended_series_takes_no_rows_and_can_come_back(void **state)
{
    struct fixture *f = *state;
    int error;
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    set_rows(a, 1, 3);
    metric_end(a);
    double row[2] = {0, 0};
    assert_int_equal(metric_set(a, 9000, row), -EINVAL);
    struct gw_series *again = get(f, &f->other, pc1, &error);
    assert_non_null(again);
    set_rows(again, 10, 1);
    double *rows;
    size_t count;
    int64_t oldest;
    assert_int_equal(metric_recent(f->metric, 1, 0, INT64_MAX, &rows, &count, &oldest), 0);
    assert_int_equal(count, 4); /* the store had not released the ring: it goes on */
    free(rows);
}

static void note_added(void *data, const struct series_info *info, size_t offset)
{
    (void)info;
    *(size_t *)data = offset;
}

static void released_rings_are_used_again_and_unreleased_ones_are_not(void **state)
{
    struct fixture *f = *state;
    int error;
    size_t offset = 0, first;
    metric_listen(f->metric, &(struct metric_listener){.added = note_added, .data = &offset});
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    first = offset;
    set_rows(a, 1, 3);
    struct ring *ring = a->ring;
    metric_release(f->metric, &f->owner);
    get(f, &f->owner, pc2, &error);
    assert_int_not_equal(offset, first); /* the store still reads it */
    metric_release(f->metric, &f->owner);
    atomic_store(&ring->ended, RING_RELEASED);
    metric_release(f->metric, &f->owner);
    const struct gw_label third[] = {{"node", "third"}, {0}};
    get(f, &f->owner, third, &error);
    assert_int_equal(offset, first);
    assert_int_equal(ring_head(ring), 0);
}

static void the_arena_has_a_limit(void **state)
{
    struct fixture *f = *state;
    struct metric *small = metric_new(
        &f->clock.clock, &(struct metric_options){.arena_max_bytes = 4096, .ring_rows = 64});
    int error;
    struct gw_series *a = metric_get(small, f, "a.b", pc1, fields, 1000, &error);
    assert_non_null(a);
    assert_non_null(metric_get(small, f, "a.b", pc2, fields, 1000, &error));
    const struct gw_label third[] = {{"node", "third"}, {0}};
    assert_null(metric_get(small, f, "a.b", third, fields, 1000, &error));
    assert_int_equal(error, -ENOSPC);
    metric_end(a);
    assert_non_null(metric_get(small, f, "a.b", third, fields, 1000, &error));
    metric_free(small);
}

static void a_restored_series_keeps_its_id_and_is_not_live(void **state)
{
    struct fixture *f = *state;
    char key[] = "gns3.node{server=\"a\",node=\"PC1\"}", measurement[] = "gns3.node";
    struct series_info old = {.id = 77,
                              .key = key,
                              .measurement = measurement,
                              .label_count = 2,
                              .labels = {pc1[0], pc1[1]},
                              .field_count = 2,
                              .fields = {fields[0], fields[1]},
                              .every_ms = 1000,
                              .last_ms = 5000};
    assert_int_equal(metric_restore(f->metric, &old), 0);
    assert_int_equal(metric_restore(f->metric, &old), -EEXIST);
    int error;
    struct gw_series *a = get(f, &f->owner, pc1, &error);
    double row[2] = {1, 2};
    assert_int_equal(metric_set(a, 4000, row), -EEXIST); /* older than what the store has */
    assert_int_equal(metric_set(a, 6000, row), 0);
    get(f, &f->owner, pc2, &error);
    struct series_info info;
    assert_int_equal(metric_find(f->metric, "78", &info), 0);
    series_info_fini(&info);
    metric_end(a);
    metric_forget(f->metric, 77);
    assert_int_equal(metric_find(f->metric, "77", &info), -ENOENT);
}

static void slow_series_get_small_rings_and_fast_ones_two_minutes(void **state)
{
    struct fixture *f = *state;
    struct metric *metric = metric_new(&f->clock.clock, NULL);
    int error;
    const struct {
        int64_t every_ms;
        uint32_t rows;
    } cases[] = {{1000, 128}, {5000, 32}, {60000, 32}, {100, 2048}, {1, 4096}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char name[] = {(char)('a' + i), 0};
        const struct gw_label labels[] = {{"n", name}, {0}};
        struct gw_series *s =
            metric_get(metric, f, "a.b", labels, fields, cases[i].every_ms, &error);
        assert_int_equal(s->ring->rows, cases[i].rows);
    }
    metric_free(metric);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(the_same_labels_give_the_same_handle),
        T(a_live_series_of_another_owner_is_busy),
        T(bad_names_and_other_fields_are_refused),
        T(the_key_escapes_what_would_be_ambiguous),
        T(rows_must_go_forward_in_time),
        T(a_full_ring_keeps_the_newest_rows),
        T(a_relabelled_series_keeps_its_id_and_rows),
        T(a_name_that_another_live_series_has_is_refused),
        T(an_ended_series_takes_no_rows_and_can_come_back),
        T(released_rings_are_used_again_and_unreleased_ones_are_not),
        T(the_arena_has_a_limit),
        T(a_restored_series_keeps_its_id_and_is_not_live),
        T(slow_series_get_small_rings_and_fast_ones_two_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
