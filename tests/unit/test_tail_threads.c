/* Writers, restarts and renames on their threads while others follow: each row is seen or counted
 * as lost, in order. For ThreadSanitizer too. */
#include "unit.h"

#include "metric/tail.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WRITERS = 3,
    FOLLOWERS = 2,
    ROWS = 2000,
    RESTART_EACH = 500,
    RENAME_EACH = 130,
    TURN_EACH = 16
};

static const struct gw_field fields[] = {{"n", GW_GAUGE, "1", "Number of the row"}, {0}};

/* Followers turn when something was written, as timers have them do: turns without an end would
 * keep a lock that is not fair from the writers. */
struct pace {
    pthread_mutex_t lock;
    pthread_cond_t more;
    unsigned written;
    bool ended;
};

static void pace_go_on(struct pace *pace, bool ended)
{
    pthread_mutex_lock(&pace->lock);
    pace->written++;
    pace->ended |= ended;
    pthread_cond_broadcast(&pace->more);
    pthread_mutex_unlock(&pace->lock);
}

/* Waits for more than `*written`; true: nothing comes any more. */
static bool pace_wait(struct pace *pace, unsigned *written)
{
    pthread_mutex_lock(&pace->lock);
    while (pace->written == *written && !pace->ended)
        pthread_cond_wait(&pace->more, &pace->lock);
    *written = pace->written;
    bool ended = pace->ended;
    pthread_mutex_unlock(&pace->lock);
    return ended;
}

struct writer {
    struct pace *pace;
    pthread_t thread;
    struct metric *metric;
    int number;
};

struct follower {
    pthread_t thread;
    struct metric *metric;
    struct pace *pace;
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
        if (i % TURN_EACH == 0)
            pace_go_on(writer->pace, false);
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
    unsigned written = 0;
    pthread_barrier_wait(follower->ready);
    do {
        last = pace_wait(follower->pace, &written);
        tail_turn(tail);
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
    struct pace pace = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};
    pthread_barrier_t ready;
    pthread_barrier_init(&ready, NULL, FOLLOWERS + 1);
    for (int i = 0; i < FOLLOWERS; i++) {
        followers[i] = (struct follower){.metric = metric, .pace = &pace, .ready = &ready};
        pthread_create(&followers[i].thread, NULL, follow_rows, &followers[i]);
    }
    pthread_barrier_wait(&ready);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.pace = &pace, .metric = metric, .number = i};
        pthread_create(&writers[i].thread, NULL, write_rows, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++) {
        void *fine = NULL;
        pthread_join(writers[i].thread, &fine);
        assert_non_null(fine);
    }
    pace_go_on(&pace, true);
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
