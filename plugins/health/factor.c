/* factor.c - the tables of factor.h, and the options that go with them. */
#include "factor.h"

#include "lab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *unit;
} factors[] = {
    [FACTOR_AVAILABILITY] = {"availability", "1"},
    [FACTOR_STATE] = {"state", NULL},
    [FACTOR_LATENCY] = {"latency", "ms"},
    [FACTOR_ERRORS] = {"errors", "%"},
    [FACTOR_CPU] = {"cpu", "%"},
    [FACTOR_MEMORY] = {"memory", "%"},
    [FACTOR_DISK] = {"disk", "%"},
    [FACTOR_FLAPPING] = {"flapping", "/h"},
    [FACTOR_SNAPSHOTS] = {"snapshots", "s"},
    [FACTOR_ALERTS] = {"alerts", "1"},
    [FACTOR_FAULTS] = {"faults", NULL},
    [FACTOR_DROPS] = {"drops", "%"},
    [FACTOR_SERVERS] = {"servers", "1"},
    [FACTOR_COMPUTES] = {"computes", "1"},
    [FACTOR_PROJECTS] = {"projects", "1"},
    [FACTOR_NODES] = {"nodes", "1"},
    [FACTOR_LINKS] = {"links", "1"},
    [FACTOR_MORE] = {"more", NULL},
};

const char *factor_name(enum factor factor)
{
    return factors[factor].name;
}

const char *factor_unit(enum factor factor)
{
    return factors[factor].unit;
}

bool factor_rolls(enum factor factor)
{
    return factor >= FACTOR_SERVERS && factor <= FACTOR_LINKS;
}

size_t factors_of(int kind, const enum factor **out)
{
    static const enum factor whole[] = {FACTOR_SERVERS, 0};
    static const enum factor server[] = {
        FACTOR_AVAILABILITY, FACTOR_LATENCY,  FACTOR_ERRORS,   FACTOR_FLAPPING,
        FACTOR_ALERTS,       FACTOR_COMPUTES, FACTOR_PROJECTS, 0};
    static const enum factor compute[] = {
        FACTOR_AVAILABILITY, FACTOR_CPU, FACTOR_MEMORY, FACTOR_DISK, FACTOR_FLAPPING,
        FACTOR_ALERTS,       0};
    static const enum factor project[] = {FACTOR_NODES, FACTOR_LINKS, FACTOR_SNAPSHOTS,
                                          FACTOR_ALERTS, 0};
    static const enum factor node[] = {FACTOR_AVAILABILITY, FACTOR_STATE, FACTOR_FLAPPING,
                                       FACTOR_ALERTS, 0};
    static const enum factor link[] = {FACTOR_FAULTS, FACTOR_DROPS, FACTOR_ALERTS, 0};
    static const enum factor *const lists[] = {
        [THING_ALL] = whole,       [THING_SERVER] = server, [THING_COMPUTE] = compute,
        [THING_PROJECT] = project, [THING_NODE] = node,     [THING_LINK] = link,
    };
    size_t count = 0;
    *out = lists[kind];
    while ((*out)[count])
        count++;
    return count;
}

/* ---- Options --------------------------------------------------------------------------------- */

#define WEIGHT(factor, value, about)                                                            \
    {                                                                                           \
        .name = (factor), .type = GW_NUMBER, .unit = "1", .def = (value), .min = 0, .max = 100, \
        .help = (about)                                                                         \
    }

const struct gw_row weight_rows[] = {
    WEIGHT("availability", "100",
           "Points at most for a server that does not answer, a compute that is lost"),
    WEIGHT("state", "70", "Points at most for a node that ran and stopped without being asked"),
    WEIGHT("latency", "15", "Points at most for answers slower than usual"),
    WEIGHT("errors", "30", "Points at most for failing requests and an open circuit breaker"),
    WEIGHT("cpu", "15", "Points at most for CPU in use"),
    WEIGHT("memory", "25", "Points at most for memory in use"),
    WEIGHT("disk", "45", "Points at most for disk in use and soon full"),
    WEIGHT("flapping", "20", "Points at most for changing state again and again"),
    WEIGHT("snapshots", "15", "Points at most for snapshots that are old, failed or damaged"),
    WEIGHT("alerts", "30", "Points at most for open alerts"),
    WEIGHT("faults", "80", "Points at most for a link that carries nothing"),
    WEIGHT("drops", "20", "Points at most for packets that are lost"),
    WEIGHT("servers", "100", "Points at most for the servers, in the whole"),
    WEIGHT("computes", "100", "Points at most for its computes, in a server"),
    WEIGHT("projects", "100", "Points at most for its projects, in a server"),
    WEIGHT("nodes", "100", "Points at most for its nodes, in a project"),
    WEIGHT("links", "60", "Points at most for its links, in a project"),
    {0},
};

#define LIMIT(id, kind, of, value, least, most, about)                                             \
    {                                                                                              \
        .name = (id), .type = (kind), .unit = (of), .def = (value), .min = (least), .max = (most), \
        .help = (about)                                                                            \
    }

const struct gw_row level_rows[] = {
    LIMIT("cpu_from", GW_NUMBER, "%", "80", 1, 100, "CPU in use begins to cost points here"),
    LIMIT("cpu_full", GW_NUMBER, "%", "100", 1, 200, "and costs all of them here"),
    LIMIT("memory_from", GW_NUMBER, "%", "85", 1, 100, "The same for memory"),
    LIMIT("memory_full", GW_NUMBER, "%", "98", 1, 100, "The same for memory"),
    LIMIT("disk_from", GW_NUMBER, "%", "80", 1, 100, "The same for the disk"),
    LIMIT("disk_full", GW_NUMBER, "%", "97", 1, 100, "The same for the disk"),
    LIMIT("disk_soon", GW_DURATION, "ms", "24h", 60000, 2592000000,
          "A disk that will be full within this time costs points"),
    LIMIT("disk_now", GW_DURATION, "ms", "1h", 60000, 2592000000,
          "and within this time all of them"),
    LIMIT("latency_from", GW_NUMBER, "1", "4", 1, 1000,
          "Deviations above its own median at which latency begins to cost points"),
    LIMIT("latency_full", GW_NUMBER, "1", "20", 1, 1000, "and costs all of them"),
    LIMIT("latency_least", GW_NUMBER, "ms", "20", 0, 60000,
          "Answers quicker than this are never slow"),
    LIMIT("errors_full", GW_NUMBER, "%", "20", 0.1, 100,
          "Part of failing requests that costs all points of errors"),
    LIMIT("flapping_from", GW_NUMBER, "/h", "4", 0, 1000,
          "Changes of state an hour that are still normal"),
    LIMIT("flapping_full", GW_NUMBER, "/h", "16", 1, 1000, "and that cost all points"),
    LIMIT("drops_from", GW_NUMBER, "%", "0.5", 0, 100,
          "Part of packets lost at which a link loses points"),
    LIMIT("drops_full", GW_NUMBER, "%", "10", 0.1, 100, "and all of them"),
    LIMIT("snapshot_age", GW_DURATION, "ms", "2d", 60000, 31536000000,
          "Older than this, the last good snapshot of a scheduled project costs points; all of "
          "them at three times that"),
    {0},
};

static int pair(const struct gw_values *values, const char *from, const char *full, double out[2])
{
    out[0] = gw_number(values, from);
    out[1] = gw_number(values, full);
    return out[0] < out[1] ? 0 : -EINVAL;
}

int health_options_read(const struct gw_values *values, struct health_options *options)
{
    const struct gw_values *weights = gw_table_at(values, "weights", 0);
    const struct gw_values *levels = gw_table_at(values, "levels", 0);
    *options = (struct health_options){.least_coverage = gw_number(values, "coverage_min"),
                                       .hysteresis = gw_number(values, "hysteresis"),
                                       .accept_stops_ms = gw_int(values, "accept_stops"),
                                       .node_series = gw_bool(values, "node_series"),
                                       .link_series = gw_bool(values, "link_series")};
    for (enum factor factor = FACTOR_AVAILABILITY; factor <= FACTOR_LINKS; factor++)
        options->weights[factor] = gw_number(weights, factors[factor].name);
    options->latency_least_ms = gw_number(levels, "latency_least");
    options->snapshot_age_ms = gw_int(levels, "snapshot_age");
    options->error_rate[1] = gw_number(levels, "errors_full");
    options->full_in_ms[0] = (double)gw_int(levels, "disk_soon");
    options->full_in_ms[1] = (double)gw_int(levels, "disk_now");
    int error = pair(levels, "cpu_from", "cpu_full", options->cpu);
    error = error ? error : pair(levels, "memory_from", "memory_full", options->memory);
    error = error ? error : pair(levels, "disk_from", "disk_full", options->disk);
    error = error ? error : pair(levels, "latency_from", "latency_full", options->latency_sigmas);
    error = error ? error : pair(levels, "flapping_from", "flapping_full", options->flaps);
    error = error ? error : pair(levels, "drops_from", "drops_full", options->drops);
    return error || options->full_in_ms[0] <= options->full_in_ms[1] ? -EINVAL : 0;
}
