/* meter.c - see meter.h. */
#include "meter.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECENT_MS = 15000,
    RECENT_SIZE = 40,
    PAST_LATENCY_MS = 60000,
    PAST_LATENCY_SIZE = 720,
    PAST_DISK_MS = 300000,
    PAST_DISK_SIZE = 72,
    LATENCY_LEAST = 10, /* minutes of past before "slower than usual" means anything */
    DISK_LEAST = 4,
    ERRORS_MS = 180000, /* the weight of a request is halved in about two thirds of this */
    SEEDS_AT_ONCE = 16,
};

struct seed {
    struct meters *meters;
    uint32_t id;
    struct seed *next;
};

struct meters {
    struct lab *lab;
    struct gw_follow *follows[5];
    size_t seeding;
    struct seed *seeds; /* under way; owned */
    bool snapshots;
};

/* ---- Fields by name: positions are the other plugin's business ------------------------------- */

static double field(const struct gw_series_info *info, const double *values, const char *name)
{
    for (size_t i = 0; i < info->field_count; i++)
        if (strcmp(info->fields[i].name, name) == 0)
            return values[i];
    return (double)NAN;
}

static const char *label(const struct gw_series_info *info, const char *name)
{
    for (size_t i = 0; i < info->label_count; i++)
        if (strcmp(info->labels[i].name, name) == 0)
            return info->labels[i].value;
    return "";
}

/* ---- One meter ------------------------------------------------------------------------------- */

static struct meter *meter_of(struct thing *thing)
{
    struct meter *meter = thing->meter ? thing->meter : calloc(1, sizeof *meter);
    if (!meter || thing->meter)
        return meter;
    meter->breaker = meter->up = meter->age_s = meter->last_ok = (double)NAN;
    meter->requests = meter->failures = meter->packets = meter->drops = (double)NAN;
    meter->full_in_ms = (double)NAN;
    size_t recent = thing->kind == THING_SERVER ? 1 : thing->kind == THING_COMPUTE ? 3 : 0;
    int error = 0;
    for (size_t i = 0; i < recent; i++)
        error = error ? error : history_init(&meter->recent[i], RECENT_MS, RECENT_SIZE);
    if (thing->kind == THING_SERVER && !error)
        error = history_init(&meter->past, PAST_LATENCY_MS, PAST_LATENCY_SIZE);
    if (thing->kind == THING_COMPUTE && !error)
        error = history_init(&meter->past, PAST_DISK_MS, PAST_DISK_SIZE);
    if (error) {
        meter_free(meter);
        return NULL;
    }
    meter->seeded = recent == 0;
    thing->meter = meter;
    return meter;
}

void meter_free(struct meter *meter)
{
    if (!meter)
        return;
    for (size_t i = 0; i < 3; i++)
        history_fini(&meter->recent[i]);
    history_fini(&meter->past);
    free(meter->source.key);
    free(meter->api.key);
    free(meter);
}

bool meter_fresh(const struct source *source, int64_t now_ms)
{
    int64_t late = 5 * (source->every_ms > 2000 ? source->every_ms : 2000);
    return source->row_ms && now_ms - source->row_ms <= (late > 60000 ? late : 60000);
}

double meter_recent(const struct meter *meter, size_t which, int64_t ms, int64_t now_ms)
{
    double values[RECENT_SIZE + 1];
    const struct history *history = &meter->recent[which];
    if (!history->at || now_ms - history->at * history->bucket_ms > 6 * (int64_t)RECENT_MS)
        return (double)NAN;
    size_t count = history_values(history, (size_t)(ms / RECENT_MS), values, NULL);
    if (history->added)
        values[count++] = history->sum / (double)history->added;
    return robust_median(values, count);
}

bool meter_usual(const struct meter *meter, double *median, double *deviation)
{
    double values[PAST_LATENCY_SIZE];
    size_t count = history_values(&meter->past, 0, values, NULL);
    if (count < LATENCY_LEAST)
        return false;
    *median = robust_median(values, count);
    *deviation = robust_deviation(values, count, *median);
    return true;
}

/* When the disk is full at the pace of the last hours. */
static void forecast(struct meter *meter, double now_percent)
{
    double values[PAST_DISK_SIZE], ages[PAST_DISK_SIZE];
    if (meter->forecast_at == meter->past.at)
        return;
    meter->forecast_at = meter->past.at;
    size_t count = history_values(&meter->past, 0, values, ages);
    for (size_t i = 0; i < count; i++)
        ages[i] = -ages[i];
    double slope = count >= DISK_LEAST ? robust_slope(ages, values, count) : (double)NAN;
    /* Less than half a percent over all that was seen may be anything. */
    bool rises = slope * -ages[0] >= 0.5;
    meter->full_in_ms = isnan(slope) ? (double)NAN
                        : rises      ? fmax(100 - now_percent, 0) / slope
                                     : (double)INFINITY;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static bool keep_source(struct source *source, const struct gw_series_info *info, int64_t time_ms)
{
    source->id = info->id;
    source->row_ms = time_ms;
    source->every_ms = info->every_ms;
    return keep_text(&source->key, info->key);
}

/* Where a row of a server's series goes; NULL: not in the lab. */
static struct meter *server_meter(struct meters *meters, const struct gw_series_info *info)
{
    struct thing *thing = lab_find(meters->lab, "gns3.server", label(info, "server"));
    if (thing)
        thing_dirty(meters->lab, thing);
    return thing ? meter_of(thing) : NULL;
}

static void on_server(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                      const double *values, void *data)
{
    struct meter *meter = server_meter(data, info);
    (void)self;
    if (!meter)
        return;
    double latency = field(info, values, "latency_ms"), breaker = field(info, values, "breaker");
    keep_source(&meter->source, info, time_ms);
    history_add(&meter->recent[0], time_ms, latency);
    history_add(&meter->past, time_ms, latency);
    meter->breaker = breaker;
    meter->up = field(info, values, "up");
}

/* A mean that forgets: what came before weighs exp(-dt / tau). */
static double forget(double mean, double value, double dt_ms)
{
    double keep = exp(-dt_ms / ERRORS_MS);
    return isnan(mean) ? value : isnan(value) ? mean * keep : mean * keep + value * (1 - keep);
}

static void on_api(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    struct meter *meter = server_meter(data, info);
    (void)self;
    if (!meter)
        return;
    double dt = meter->api.row_ms ? (double)(time_ms - meter->api.row_ms) : 0;
    meter->requests = forget(meter->requests, field(info, values, "requests"), dt);
    meter->failures = forget(meter->failures, field(info, values, "failures"), dt);
    keep_source(&meter->api, info, time_ms);
}

static void on_compute(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                       const double *values, void *data)
{
    static const char *const names[] = {"cpu", "memory", "disk"};
    struct meters *meters = data;
    char id[320];
    int length = snprintf(id, sizeof id, "%s/%s", label(info, "server"), label(info, "compute"));
    struct thing *thing = length > 0 ? lab_find(meters->lab, "gns3.compute", id) : NULL;
    struct meter *meter = thing ? meter_of(thing) : NULL;
    (void)self;
    if (!meter)
        return;
    keep_source(&meter->source, info, time_ms);
    for (size_t i = 0; i < 3; i++)
        history_add(&meter->recent[i], time_ms, field(info, values, names[i]));
    double disk = field(info, values, "disk");
    history_add(&meter->past, time_ms, disk);
    if (!isnan(disk))
        forecast(meter, disk);
    thing_dirty(meters->lab, thing);
}

/* Names are looked for once; after that `mine` is the link's key. */
static struct thing *link_of(struct meters *meters, struct gw_series_info *info)
{
    struct thing *thing = info->mine ? lab_find_key(meters->lab, info->mine) : NULL;
    if (thing)
        return thing;
    struct thing *project =
        lab_named_project(meters->lab, label(info, "server"), label(info, "project"));
    thing = lab_named(project, THING_LINK, label(info, "link"));
    free(info->mine);
    info->mine = thing ? strdup(thing->key) : NULL;
    return thing;
}

static void on_link_series(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self;
    (void)data;
    free(info->mine); /* it may have a new name */
    info->mine = NULL;
}

static void on_link(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                    const double *values, void *data)
{
    struct meters *meters = data;
    struct thing *thing = link_of(meters, info);
    struct meter *meter = thing ? meter_of(thing) : NULL;
    (void)self;
    if (!meter)
        return;
    double packets = field(info, values, "ab_packets") + field(info, values, "ba_packets");
    double dt = meter->source.row_ms ? (double)(time_ms - meter->source.row_ms) : 0;
    double before = meter->drops;
    meter->packets = forget(meter->packets, packets, dt);
    meter->drops = forget(meter->drops, field(info, values, "drops"), dt);
    bool first = !meter->source.row_ms;
    keep_source(&meter->source, info, time_ms);
    if (first || meter->drops > 0 || before > 0)
        thing_dirty(meters->lab, thing);
}

static void on_snapshots(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                         const double *values, void *data)
{
    struct meters *meters = data;
    struct thing *thing =
        lab_named_project(meters->lab, label(info, "server"), label(info, "project"));
    struct meter *meter = thing ? meter_of(thing) : NULL;
    (void)self;
    meters->snapshots = true;
    if (!meter)
        return;
    keep_source(&meter->source, info, time_ms);
    meter->age_s = field(info, values, "age_s");
    meter->last_ok = field(info, values, "last_ok");
    thing_dirty(meters->lab, thing);
}

/* ---- The past -------------------------------------------------------------------------------- */

/* The past goes in first, so what came meanwhile is put behind it again. */
static void seed_history(struct history *history, const struct gw_rows *rows, size_t which)
{
    struct history fresh;
    if (which >= rows->fields || history_init(&fresh, history->bucket_ms, history->size) < 0)
        return;
    for (size_t i = 0; i < rows->count; i++)
        if (!history->at || rows->times_ms[i] / history->bucket_ms < history->at)
            history_add(&fresh, rows->times_ms[i], rows->values[which * rows->count + i]);
    if (history->at)
        history_add(&fresh, history->at * history->bucket_ms,
                    history->added ? history->sum / (double)history->added : (double)NAN);
    history_fini(history);
    *history = fresh;
}

static struct thing *thing_with_series(const struct lab *lab, uint32_t id)
{
    static const enum thing_kind kinds[] = {THING_SERVER, THING_COMPUTE};
    for (size_t k = 0; k < 2; k++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &lab->of[kinds[k]], entry)
        if (thing->meter && thing->meter->source.id == id)
            return thing;
    }
    return NULL;
}

struct wanted {
    const char *name;
    size_t place;
    bool found;
};

static bool find_field(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    struct wanted *wanted = data;
    (void)self;
    for (size_t i = 0; i < info->field_count; i++)
        if (strcmp(info->fields[i].name, wanted->name) == 0) {
            wanted->place = i;
            wanted->found = true;
            return false;
        }
    return true;
}

static void on_past(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    struct seed *seed = data;
    struct meters *meters = seed->meters;
    struct thing *thing = thing_with_series(meters->lab, seed->id);
    struct seed **at = &meters->seeds;
    while (*at != seed)
        at = &(*at)->next;
    *at = seed->next;
    meters->seeding--;
    free(seed);
    if (thing && !rows->error) {
        bool server = thing->kind == THING_SERVER;
        struct wanted wanted = {.name = server ? "latency_ms" : "disk"};
        const struct gw_match match = {.measurement = server ? "gns3.server" : "gns3.compute"};
        gw_series_each(self, &match, false, find_field, &wanted);
        if (wanted.found)
            seed_history(&thing->meter->past, rows, wanted.place);
        thing->meter->forecast_at = 0;
        thing_dirty(meters->lab, thing);
    }
    meters_seed(meters);
}

static bool seed_one(struct meters *meters, struct thing *thing)
{
    struct meter *meter = thing->meter;
    int64_t now = gw_now_ms(meters->lab->self);
    struct seed *seed = calloc(1, sizeof *seed);
    if (!seed)
        return false;
    *seed = (struct seed){.meters = meters, .id = meter->source.id};
    const struct gw_query query = {.size = sizeof query,
                                   .id = meter->source.id,
                                   .from_ms =
                                       now - meter->past.bucket_ms * (int64_t)meter->past.size,
                                   .to_ms = now,
                                   .points = meter->past.size};
    int error = gw_query(meters->lab->self, &query, on_past, seed);
    if (error) {
        free(seed);
        return error != -EAGAIN;
    }
    seed->next = meters->seeds;
    meters->seeds = seed;
    meters->seeding++;
    return true;
}

void meters_seed(struct meters *meters)
{
    static const enum thing_kind kinds[] = {THING_SERVER, THING_COMPUTE};
    for (size_t k = 0; k < 2; k++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &meters->lab->of[kinds[k]], entry)
        {
            struct meter *meter = thing->meter;
            if (meters->seeding >= SEEDS_AT_ONCE)
                return;
            if (meter && !meter->seeded && meter->source.row_ms)
                meter->seeded = seed_one(meters, thing);
        }
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

struct meters *meters_new(struct lab *lab)
{
    struct meters *meters = calloc(1, sizeof *meters);
    if (meters)
        meters->lab = lab;
    return meters;
}

int meters_start(struct meters *meters)
{
    static const struct {
        const char *measurement;
        void (*on_row)(struct gw_plugin *, struct gw_series_info *, int64_t, const double *,
                       void *);
    } all[] = {
        {"gns3.server", on_server},         {"gns3.api", on_api},
        {"gns3.compute", on_compute},       {"traffic.link", on_link},
        {"snapshot.project", on_snapshots},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct gw_follow_options options = {.size = sizeof options,
                                            .match = {.measurement = all[i].measurement},
                                            .on_row = all[i].on_row,
                                            .data = meters};
        bool link = all[i].on_row == on_link;
        options.on_series = link ? on_link_series : NULL;
        options.on_end = link ? on_link_series : NULL;
        meters->follows[i] = gw_follow_start(meters->lab->self, &options);
        if (!meters->follows[i])
            return -EIO;
    }
    return 0;
}

void meters_free(struct meters *meters)
{
    if (!meters)
        return;
    while (meters->seeds) {
        struct seed *seed = meters->seeds;
        meters->seeds = seed->next;
        free(seed);
    }
    free(meters);
}

bool meters_snapshots(const struct meters *meters)
{
    return meters->snapshots;
}
