/* Rings under a writer and readers at once; run it under the thread sanitizer too. */
#include "metric/ring.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROWS = 200000 };

static const struct gw_field fields[] = {
    {"a", GW_GAUGE, "1", ""}, {"b", GW_GAUGE, "1", ""}, {"c", GW_GAUGE, "1", ""}, {0}};

struct shared {
    struct metric *metric;
    struct gw_series *series;
    atomic_bool done;
};

static void *write_rows(void *data)
{
    struct shared *s = data;
    for (int64_t i = 1; i <= ROWS; i++) {
        double row[3] = {(double)i, (double)(2 * i), (double)(3 * i)};
        metric_set(s->series, i, row);
    }
    atomic_store(&s->done, true);
    return NULL;
}

/* Every row that comes back is one that was written, and they follow one another. */
static size_t check_rows(struct shared *s)
{
    double *rows;
    size_t count;
    int64_t oldest;
    assert_int_equal(metric_recent(s->metric, 1, 0, INT64_MAX, &rows, &count, &oldest), 0);
    for (size_t i = 0; i < count; i++) {
        int64_t time_ms = row_time_ms(rows + 4 * i);
        assert_true(rows[4 * i + 1] == (double)time_ms);
        assert_true(rows[4 * i + 2] == 2 * (double)time_ms);
        assert_true(rows[4 * i + 3] == 3 * (double)time_ms);
        assert_int_equal(time_ms, row_time_ms(rows) + (int64_t)i);
        assert_true(time_ms >= oldest);
    }
    free(rows);
    return count;
}

static void readers_never_see_half_a_row(void **state)
{
    (void)state;
    struct shared s = {.metric =
                           metric_new(clock_system(), &(struct metric_options){.ring_rows = 16})};
    int error;
    s.series = metric_get(s.metric, &s, "a.b", NULL, fields, 1000, &error);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_rows, &s), 0);
    while (!atomic_load(&s.done))
        check_rows(&s);
    pthread_join(writer, NULL);
    assert_int_equal(check_rows(&s), 15);
    metric_free(s.metric);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(readers_never_see_half_a_row)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
