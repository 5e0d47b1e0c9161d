/* source_series.c - rules on series. A series is matched to its rules once, when it is found; a row
 * then costs a comparison for each of them. See source.h. */
#include "source.h"

#include "alerts.h"
#include "topology.h"
#include "value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SILENT_INTERVALS = 5, SILENT_LEAST_MS = 5000, PREFILL_LEAST_MS = 60000, PREFILLS_MAX = 16 };

struct watch { /* one rule on one series */
    struct rule *rule;
    struct samples *samples; /* owned; NULL: the rule needs none */
    char *alert;             /* owned: id of its alert; NULL: none was ever needed */
    int64_t seen_ms, patience_ms;
    unsigned field;
    bool counter, silent, fill; /* fill: its window is to be filled from history */
};

struct watched {                /* one series; hangs at gw_series_info.mine */
    struct watched *next, **at; /* in its feed */
    struct feed *feed;
    const struct gw_series_info *info;
    int64_t patience_ms; /* the least of its watches */
    int64_t seen_ms;     /* of the watch that was seen longest ago, or earlier */
    unsigned fills;      /* questions to history under way */
    bool ended;
    size_t count;
    struct watch watch[];
};

struct feed {
    struct feed *next;
    struct world *world;
    const char *pattern; /* a rule's */
    struct gw_follow *follow;
    struct watched *series;  /* owned list */
    struct watched *filling; /* the next that may want history */
    struct fill *asked;      /* owned list: questions to history under way */
    unsigned fills;
    size_t to_fill; /* watches whose window is to be filled */
};

/* ---- A rule's alert -------------------------------------------------------------------------- */

static void labels_of(const struct gw_series_info *info, struct labels *out)
{
    for (size_t i = 0; i < info->label_count; i++)
        labels_set(out, info->labels[i].name, info->labels[i].value);
}

static void alert_about(struct world *world, struct alert *alert, const struct watched *series,
                        const struct watch *watch)
{
    const char *kind, *id;
    struct labels labels = {0};
    labels_of(series->info, &labels);
    topology_subject(world->topology, &labels, &kind, &id);
    if (kind)
        alert_subject(world, alert, kind, id);
    labels_fini(&labels);
    keep(&alert->series_key, series->info->key);
    keep(&alert->series_field,
         series->info->field_count ? series->info->fields[watch->field].name : "");
    alert->series_id = series->info->id;
}

static struct alert *alert_of(struct world *world, struct watched *series, struct watch *watch,
                              bool make)
{
    struct alert *alert = watch->alert ? alerts_find(world, watch->alert) : NULL;
    if (alert || !make)
        return alert;
    struct labels labels = {0};
    labels_of(series->info, &labels);
    alert = alerts_take(world, watch->rule, &labels,
                        strpbrk(watch->rule->series, "*?") ? series->info->key : NULL);
    labels_fini(&labels);
    if (alert) {
        keep(&watch->alert, alert->id);
        alert_about(world, alert, series, watch);
    }
    return alert;
}

/* One of an earlier run. */
static void claim(struct world *world, struct watched *series, struct watch *watch)
{
    char id[ID_MAX];
    struct labels labels = {0};
    labels_of(series->info, &labels);
    alert_make_id(watch->rule, &labels,
                  strpbrk(watch->rule->series, "*?") ? series->info->key : NULL, id);
    labels_fini(&labels);
    struct alert *alert = alerts_find(world, id);
    if (!alert)
        return;
    keep(&watch->alert, id);
    alert->rule = watch->rule;
    alert->claimed = true;
    alert->orphan_ms = 0;
}

static void want(struct world *world, struct watched *series, struct watch *watch,
                 enum level wanted, double value)
{
    struct alert *alert = alert_of(world, series, watch, wanted > LEVEL_OK);
    if (alert)
        alert_want(world, alert, wanted, value);
}

static void row(struct world *world, struct watched *series, struct watch *watch, int64_t time_ms,
                double raw)
{
    if (isnan(raw) && watch->rule->kind != RULE_ABSENCE)
        return;
    watch->seen_ms = world->now_ms;
    watch->silent = false;
    watch->rule->evaluated_ms = world->now_ms;
    if (watch->rule->kind == RULE_ABSENCE) {
        if (watch->alert)
            want(world, series, watch, LEVEL_OK, NAN);
        return;
    }
    double value = value_step(watch->rule, watch->counter, watch->samples, time_ms, raw);
    if (isnan(value))
        return;
    struct alert *alert = watch->alert ? alerts_find(world, watch->alert) : NULL;
    enum level wanted = value_level(watch->rule, value, alert ? alert->eval.level : LEVEL_OK);
    if (wanted > LEVEL_OK || alert)
        want(world, series, watch, wanted, value);
}

/* ---- Following ------------------------------------------------------------------------------- */

static unsigned field_of(const struct gw_series_info *info, const char *name)
{
    unsigned i = 0;
    while (i < info->field_count && strcmp(info->fields[i].name, name) != 0)
        i++;
    return i;
}

static bool applies(const struct feed *feed, const struct rule *rule,
                    const struct gw_series_info *info, const struct labels *labels)
{
    return rule->enabled && rule_of_series(rule) && strcmp(rule->series, feed->pattern) == 0 &&
           (rule->kind == RULE_ABSENCE || field_of(info, rule->field) < info->field_count) &&
           matchers_fit(&rule->match, labels);
}

static void watch_init(struct world *world, struct watched *series, struct watch *watch,
                       struct rule *rule)
{
    const struct gw_series_info *info = series->info;
    int64_t over_ms, five = SILENT_INTERVALS * info->every_ms;
    watch->rule = rule;
    watch->field = rule->kind == RULE_ABSENCE ? 0 : field_of(info, rule->field);
    watch->counter = rule->kind != RULE_ABSENCE && info->fields[watch->field].kind == GW_COUNTER;
    watch->seen_ms = world->now_ms;
    watch->patience_ms = rule->kind == RULE_ABSENCE && rule->over_ms ? rule->over_ms
                         : rule->no_data_ms                          ? rule->no_data_ms
                         : five > SILENT_LEAST_MS                    ? five
                                                                     : SILENT_LEAST_MS;
    if (rule_needs_samples(rule, &over_ms)) {
        watch->samples = samples_new(over_ms);
        watch->fill = watch->samples && over_ms >= PREFILL_LEAST_MS;
        series->feed->to_fill += watch->fill;
    }
    if (!rule->unit && rule->kind != RULE_ABSENCE && info->fields[watch->field].unit) {
        rule->unit = strdup(info->fields[watch->field].unit);
        char *text = rule_sentence(rule);
        free(rule->text);
        rule->text = text;
        rule->shown_stale = true;
    }
    claim(world, series, watch);
}

static void link_series(struct feed *feed, struct watched *series)
{
    series->next = feed->series;
    series->at = &feed->series;
    if (series->next)
        series->next->at = &series->next;
    feed->series = series;
}

static struct watched *watched_new(struct feed *feed, struct gw_series_info *info)
{
    struct world *world = feed->world;
    struct labels labels = {0};
    size_t count = 0;
    labels_of(info, &labels);
    for (size_t i = 0; i < world->rules.count; i++)
        count += applies(feed, &world->rules.at[i], info, &labels);
    struct watched *series =
        count ? calloc(1, sizeof *series + count * sizeof series->watch[0]) : NULL;
    if (series) {
        series->feed = feed;
        series->info = info;
        series->seen_ms = world->now_ms;
        series->patience_ms = INT64_MAX;
        for (size_t i = 0; i < world->rules.count; i++)
            if (applies(feed, &world->rules.at[i], info, &labels)) {
                struct watch *watch = &series->watch[series->count++];
                watch_init(world, series, watch, &world->rules.at[i]);
                if (watch->patience_ms < series->patience_ms)
                    series->patience_ms = watch->patience_ms;
            }
        link_series(feed, series);
    }
    labels_fini(&labels);
    return series;
}

/* Found, renamed or back: a renamed one keeps its alerts under the names they began with. */
static void on_series(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    struct feed *feed = data;
    struct watched *series = info->mine;
    feed->world->now_ms = gw_now_ms(self);
    if (!series && info->live)
        series = info->mine = watched_new(feed, info);
    for (size_t i = 0; series && i < series->count; i++) {
        struct watch *watch = &series->watch[i];
        struct alert *alert = watch->alert ? alerts_find(feed->world, watch->alert) : NULL;
        watch->seen_ms = feed->world->now_ms;
        if (alert) {
            alert->orphan_ms = 0;
            alert->claimed = true;
        }
    }
}

static void on_row(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    struct feed *feed = data;
    struct watched *series = info->mine;
    if (!series) { /* it was not alive when it was found */
        on_series(self, info, data);
        series = info->mine;
    }
    if (!series)
        return;
    struct world *world = feed->world;
    world->now_ms = gw_now_ms(self);
    int64_t oldest = world->now_ms;
    for (size_t i = 0; i < series->count; i++) {
        struct watch *watch = &series->watch[i];
        row(world, series, watch, time_ms, info->field_count ? values[watch->field] : NAN);
        oldest = watch->seen_ms < oldest ? watch->seen_ms : oldest;
    }
    series->seen_ms = oldest;
}

static void watched_free(struct watched *series)
{
    for (size_t i = 0; i < series->count; i++) {
        free(series->watch[i].samples);
        free(series->watch[i].alert);
    }
    free(series);
}

/* Its alerts wait a while: an instance that starts again ends and finds its series. */
static void on_end(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    struct feed *feed = data;
    struct watched *series = info->mine;
    info->mine = NULL;
    if (!series)
        return;
    for (size_t i = 0; i < series->count && !feed->world->stopping; i++) {
        struct alert *alert =
            series->watch[i].alert ? alerts_find(feed->world, series->watch[i].alert) : NULL;
        if (alert)
            alert->orphan_ms = gw_now_ms(self);
    }
    for (size_t i = 0; i < series->count; i++)
        feed->to_fill -= series->watch[i].fill;
    if (feed->filling == series)
        feed->filling = series->next;
    *series->at = series->next;
    if (series->next)
        series->next->at = series->at;
    series->ended = true;
    series->info = NULL;
    if (!series->fills)
        watched_free(series);
}

/* ---- Windows filled from history ------------------------------------------------------------- */

struct fill {
    struct fill *next;
    struct watched *series; /* lives as long as its fills */
    struct watch *watch;
};

/* What came meanwhile goes behind what history knows. */
static void fill_samples(struct watch *watch, const struct gw_rows *rows)
{
    struct samples *now = watch->samples, *filled = samples_new(now->over_ms);
    if (!filled)
        return;
    int64_t until = now->begun_ms ? now->begun_ms : INT64_MAX;
    for (size_t i = 0; i < rows->count && watch->field < rows->fields; i++)
        if (rows->times_ms[i] < until)
            samples_add(filled, rows->times_ms[i], rows->values[watch->field * rows->count + i]);
    for (unsigned i = 0; i < now->count; i++) {
        const struct bucket *bucket = &now->at[(now->first + i) % SAMPLES];
        samples_add(filled, bucket->last_ms, bucket->sum / bucket->count);
    }
    free(now);
    watch->samples = filled;
}

static void fill_done(struct feed *feed, struct fill *fill)
{
    struct fill **at = &feed->asked;
    struct watched *series = fill->series;
    while (*at != fill)
        at = &(*at)->next;
    *at = fill->next;
    free(fill);
    feed->fills--;
    if (--series->fills == 0 && series->ended)
        watched_free(series);
}

static void on_rows(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    struct fill *fill = data;
    (void)self;
    if (!rows->error && !fill->series->ended)
        fill_samples(fill->watch, rows);
    fill_done(fill->series->feed, fill);
}

static int fill_ask(struct world *world, struct watched *series, struct watch *watch)
{
    int64_t over_ms;
    rule_needs_samples(watch->rule, &over_ms);
    struct fill *fill = malloc(sizeof *fill);
    if (!fill)
        return -ENOMEM;
    *fill = (struct fill){NULL, series, watch};
    struct gw_query query = {.size = sizeof query,
                             .id = series->info->id,
                             .from_ms = world->now_ms - over_ms,
                             .to_ms = world->now_ms,
                             .points = 2 * SAMPLES};
    int error = gw_query(world->self, &query, on_rows, fill);
    if (error == -EAGAIN) {
        free(fill);
        return error;
    }
    watch->fill = false;
    series->feed->to_fill--;
    if (error) { /* then it fills as rows come */
        free(fill);
        return 0;
    }
    fill->next = series->feed->asked;
    series->feed->asked = fill;
    series->fills++;
    series->feed->fills++;
    return 0;
}

static void fill_some(struct world *world, struct feed *feed)
{
    if (!feed->to_fill)
        return;
    if (!feed->filling)
        feed->filling = feed->series;
    for (struct watched *series = feed->filling; series; series = series->next) {
        feed->filling = series;
        for (size_t i = 0; i < series->count; i++) {
            if (!series->watch[i].fill)
                continue;
            if (feed->fills >= PREFILLS_MAX || fill_ask(world, series, &series->watch[i]))
                return;
        }
    }
    feed->filling = NULL;
}

/* ---- Silence --------------------------------------------------------------------------------- */

static void fell_silent(struct world *world, struct watched *series, struct watch *watch)
{
    struct alert *alert = alert_of(world, series, watch, false);
    watch->silent = true;
    if (watch->rule->kind == RULE_ABSENCE)
        want(world, series, watch, watch->rule->severity, NAN);
    else if (watch->rule->no_data == NO_DATA_UNKNOWN)
        want(world, series, watch, LEVEL_UNKNOWN, NAN);
    else if (alert && watch->rule->no_data == NO_DATA_RESOLVE)
        alert_end(world, alert, "no more data");
    else if (alert && alert->eval.level == LEVEL_OK && eval_pending(&alert->eval))
        alert_want(world, alert, LEVEL_OK, NAN); /* nothing says that it still holds */
}

/* A lab that is closed has no rows, and nothing wrong with it. */
static void stays_silent(struct world *world, struct watched *series, struct watch *watch)
{
    struct alert *alert = alert_of(world, series, watch, false);
    if (alert && alert->eval.level > LEVEL_OK && topology_closed(world->topology, &alert->place))
        alert_end(world, alert, "its project is closed");
}

static void look_for_silence(struct world *world, struct watched *series)
{
    if (world->now_ms - series->seen_ms <= series->patience_ms)
        return;
    for (size_t i = 0; i < series->count; i++) {
        struct watch *watch = &series->watch[i];
        if (world->now_ms - watch->seen_ms <= watch->patience_ms)
            continue;
        if (watch->silent)
            stays_silent(world, series, watch);
        else
            fell_silent(world, series, watch);
    }
}

void source_series_turn(struct world *world)
{
    for (struct feed *feed = world->source->feeds; feed; feed = feed->next) {
        for (struct watched *series = feed->series, *next; series; series = next) {
            next = series->next;
            look_for_silence(world, series);
        }
        fill_some(world, feed);
    }
}

void source_series_shift(struct world *world, int64_t by_ms)
{
    for (struct feed *feed = world->source->feeds; feed; feed = feed->next)
        for (struct watched *series = feed->series; series; series = series->next) {
            series->seen_ms += by_ms;
            for (size_t i = 0; i < series->count; i++)
                series->watch[i].seen_ms += by_ms;
        }
}

/* ---- Life ------------------------------------------------------------------------------------ */

static int feed_start(struct world *world, const char *pattern)
{
    for (struct feed *feed = world->source->feeds; feed; feed = feed->next)
        if (strcmp(feed->pattern, pattern) == 0)
            return 0;
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return -ENOMEM;
    feed->world = world;
    feed->pattern = pattern;
    feed->next = world->source->feeds;
    world->source->feeds = feed;
    struct gw_follow_options options = {.size = sizeof options,
                                        .match = {.measurement = pattern},
                                        .on_row = on_row,
                                        .on_series = on_series,
                                        .on_end = on_end,
                                        .data = feed};
    feed->follow = gw_follow_start(world->self, &options);
    return feed->follow ? 0 : gw_fail(world->self, -EINVAL, "follow the series '%s'", pattern);
}

int source_series_start(struct world *world)
{
    int error = 0;
    for (size_t i = 0; i < world->rules.count && error != -ENOMEM; i++)
        if (world->rules.at[i].enabled && rule_of_series(&world->rules.at[i]))
            error = feed_start(world, world->rules.at[i].series);
    return error == -ENOMEM ? error : 0;
}

void source_series_stop(struct world *world)
{
    while (world->source->feeds) {
        struct feed *feed = world->source->feeds;
        world->source->feeds = feed->next;
        gw_follow_stop(feed->follow);
        while (feed->asked) /* never answered any more */
            fill_done(feed, feed->asked);
        free(feed);
    }
}
