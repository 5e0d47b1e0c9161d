/* Writers, restarts and renames on their threads while others follow: each row is seen or counted
 * as lost, in order. For ThreadSanitizer too. */
#include "unit.h"

#include "metric/tail.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { WRITERS = 3, FOLLOWERS = 2, ROWS = 2000, RESTART_EACH = 500, RENAME_EACH = 130 };

static const struct gw_field fields[] = {{"n", GW_GAUGE, "1", "Number of the row"}, {0}};

struct writer {
    pthread_t thread;
    struct metric *metric;
    int number;
};

struct follower {
    pthread_t thread;
    struct metric *metric;
    atomic_bool *ended;
    pthread_barrier_t *ready;
    double last[WRITERS];
    uint64_t seen, lost;
    int found, gone;
    bool backwards;
};

static void *write_rows(void *data)
{
    struct writer *writer = data;
    struct gw_series *series = NULL;
    char name[16], other[16];
    snprintf(name, sizeof(name), "%d", writer->number);
    for (int i = 1; i <= ROWS; i++) {
        int error = 0;
        const struct gw_label labels[] = {{"w", name}, {0}};
        if (!series)
            series = metric_get(writer->metric, writer, "t.row", labels, fields, 1000, &error);
        const double row = i;
        if (!series || metric_set(series, i, &row))
            return NULL;
        if (i % RENAME_EACH == 0) {
            snprintf(other, sizeof(other), "%d.%d", writer->number, i);
            metric_relabel(series, (const struct gw_label[]){{"w", other}, {0}});
            metric_relabel(series, labels);
        }
        if (i % RESTART_EACH == 0) {
            metric_release(writer->metric, writer);
            series = NULL;
        }
    }
    metric_release(writer->metric, writer);
    return writer;
}

static void on_found(void *data, struct gw_series_info *info)
{
    (void)info;
    ((struct follower *)data)->found++;
}

static void on_row(void *data, struct gw_series_info *info, int64_t time_ms, const double *values)
{
    struct follower *follower = data;
    long at = strtol(info->labels[0].value, NULL, 10);
    follower->backwards |= values[0] <= follower->last[at] || (double)time_ms != values[0];
    follower->last[at] = values[0];
    follower->seen++;
}

static void on_ended(void *data, struct gw_series_info *info)
{
    (void)info;
    ((struct follower *)data)->gone++;
}

static void *follow_rows(void *data)
{
    struct follower *follower = data;
    const struct tail_events events = {on_found, on_row, on_ended, follower};
    const struct gw_match match = {"t.*", NULL};
    struct tail *tail = tail_new(follower->metric, &match, false, &events);
    bool last;
    pthread_barrier_wait(follower->ready);
    do {
        last = atomic_load(follower->ended);
        tail_turn(tail);
        sched_yield(); /* the lock is not fair, and a machine may have fewer cores than threads */
    } while (!last);
    follower->lost = tail_lost(tail);
    tail_free(tail, true);
    return NULL;
}

static void rows_are_seen_in_order_or_counted_as_lost(void **state)
{
    (void)state;
    struct metric *metric = metric_new(clock_system(), &(struct metric_options){.ring_rows = 64});
    struct writer writers[WRITERS];
    struct follower followers[FOLLOWERS];
    atomic_bool ended = false;
    pthread_barrier_t ready;
    pthread_barrier_init(&ready, NULL, FOLLOWERS + 1);
    for (int i = 0; i < FOLLOWERS; i++) {
        followers[i] = (struct follower){.metric = metric, .ended = &ended, .ready = &ready};
        pthread_create(&followers[i].thread, NULL, follow_rows, &followers[i]);
    }
    pthread_barrier_wait(&ready);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.metric = metric, .number = i};
        pthread_create(&writers[i].thread, NULL, write_rows, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++) {
        void *fine = NULL;
        pthread_join(writers[i].thread, &fine);
        assert_non_null(fine);
    }
    atomic_store(&ended, true);
    for (int i = 0; i < FOLLOWERS; i++) {
        pthread_join(followers[i].thread, NULL);
        assert_false(followers[i].backwards);
        assert_int_equal(followers[i].seen + followers[i].lost, WRITERS * ROWS);
        assert_true(followers[i].gone <= followers[i].found);
        for (int w = 0; w < WRITERS; w++) /* the end was reached */
            assert_true(followers[i].last[w] == ROWS);
    }
    pthread_barrier_destroy(&ready);
    metric_free(metric);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_seen_in_order_or_counted_as_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
