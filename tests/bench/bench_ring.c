/* What does it cost to set a row? CPU per value from tick to ring, beside a bare memcpy of the same
 * rows into an array in the same run. And what does it cost another plugin to follow them all?
 *
 * usage: bench_ring [series [fields [rounds]]] */
#include "metric/metric.h"
#include "metric/tail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct gw_field *make_fields(int count)
{
    struct gw_field *fields = calloc((size_t)count + 1, sizeof(*fields));
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "f%d", i);
        fields[i] = (struct gw_field){strdup(name), GW_GAUGE, "1", "A number"};
    }
    return fields;
}

static struct gw_series **make_series(struct metric *metric, int count,
                                      const struct gw_field *fields)
{
    struct gw_series **series = calloc((size_t)count, sizeof(struct gw_series *));
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof(name), "node-%d", i);
        const struct gw_label labels[] = {{"server", "lab"}, {"node", name}, {0}};
        int error = 0;
        series[i] = metric_get(metric, metric, "bench.node", labels, fields, 1000, &error);
        if (error) {
            fprintf(stderr, "bench_ring: metric_get: %s\n", strerror(-error));
            exit(1);
        }
    }
    return series;
}

static double set_rows(struct gw_series **series, int count, int rounds, int64_t *now_ms,
                       const double *values)
{
    double begun = cpu_s();
    for (int r = 0; r < rounds; r++) {
        *now_ms += 1000;
        for (int i = 0; i < count; i++)
            metric_set(series[i], *now_ms, values);
    }
    return cpu_s() - begun;
}

/* The bound: the same bytes into as many rings of plain memory, and nothing else. */
static double copy_rows(char *memory, int count, int rounds, size_t row_bytes, const double *values)
{
    double begun = cpu_s();
    for (int r = 0; r < rounds; r++) {
        for (int i = 0; i < count; i++) {
            char *ring = memory + (size_t)i * 128 * row_bytes;
            memcpy(ring + (size_t)(r % 128) * row_bytes, values, row_bytes);
            __asm__ volatile("" ::: "memory");
        }
    }
    return cpu_s() - begun;
}

static void count_row(void *data, struct gw_series_info *info, int64_t time_ms,
                      const double *values)
{
    (void)info, (void)time_ms, (void)values;
    ++*(size_t *)data;
}

/* CPU of a turn that hands over one row of each series. */
static double follow_rows(struct metric *metric, struct gw_series **series, int count, int rounds,
                          int64_t *now_ms, const double *values)
{
    size_t rows = 0;
    double used = 0;
    const struct gw_match match = {"bench.*", NULL};
    struct tail *tail =
        tail_new(metric, &match, false, &(struct tail_events){.row = count_row, .data = &rows});
    for (int r = 0; r < rounds; r++) {
        set_rows(series, count, 1, now_ms, values);
        double begun = cpu_s();
        tail_turn(tail);
        used += cpu_s() - begun;
    }
    tail_free(tail, false);
    return rows == (size_t)count * (size_t)rounds ? used / rounds : -1;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000;
    int fields = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 300;
    if (count < 1 || fields < 1 || fields > GW_FIELDS_MAX || rounds < 1)
        return 2;
    double values[GW_FIELDS_MAX + 1];
    for (int i = 0; i <= fields; i++)
        values[i] = i * 1.5;
    struct metric *metric = metric_new(clock_system(), NULL);
    struct gw_series **series = make_series(metric, count, make_fields(fields));
    int64_t now_ms = 1700000000000;
    set_rows(series, count, 130, &now_ms, values); /* every page touched */
    double set_s = set_rows(series, count, rounds, &now_ms, values);
    size_t row_bytes = (size_t)(fields + 1) * sizeof(double);
    char *memory = malloc((size_t)count * 128 * row_bytes);
    copy_rows(memory, count, 130, row_bytes, values);
    double copy_s = copy_rows(memory, count, rounds, row_bytes, values);
    double all = (double)count * fields * rounds;
    printf("tick to ring: %.2f ns of CPU a value (%d series x %d fields, %.0f values)\n",
           set_s * 1e9 / all, count, fields, all);
    printf("bare memcpy:  %.2f ns a value; ratio %.2f\n", copy_s * 1e9 / all, set_s / copy_s);
    printf("budget:       100 ns a value: %s\n", set_s * 1e9 / all <= 100 ? "held" : "MISSED");
    double turn_ms = follow_rows(metric, series, count, rounds, &now_ms, values) * 1e3;
    bool quick = turn_ms >= 0 && turn_ms <= 5.0 * count / 10000 + 1;
    printf("following:    %.2f ms of CPU a turn with a row of each; budget 5 ms at 10,000: %s\n",
           turn_ms, quick ? "held" : "MISSED");
    bool held = quick && set_s * 1e9 / all <= 100;
    metric_free(metric);
    return held ? 0 : 1;
}
