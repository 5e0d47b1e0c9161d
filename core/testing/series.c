/* Reading series: what there is (gw_series_each), every row as it comes (gw_follow_start), and the
 * past (gw_query) out of all rows since the test began. */
#include "testing/inside.h"

#include "metric/rates.h"
#include "metric/tail.h"
#include "metric/view.h"
#include "store/bins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What there is --------------------------------------------------------------------------- */

struct visit {
    struct gw_plugin *self;
    gw_series_fn *fn;
    void *data;
};

static bool visit_one(void *data, const struct gw_series_info *info)
{
    const struct visit *visit = data;
    return visit->fn(visit->self, info, visit->data);
}

size_t gw_series_each(struct gw_plugin *self, const struct gw_match *match, bool live_only,
                      gw_series_fn *fn, void *data)
{
    gwt_here(self, "gw_series_each");
    if (!self || !fn)
        return 0;
    struct visit visit = {self, fn, data};
    int64_t count = view_each(self->test->metric, match, live_only, visit_one, &visit);
    return count > 0 ? (size_t)count : 0;
}

int gw_series_last(struct gw_plugin *self, uint32_t id, double *rates, int64_t *time_ms)
{
    gwt_here(self, "gw_series_last");
    return self && rates ? view_last(self->test->metric, id, rates, time_ms) : -EINVAL;
}

/* ---- Every row as it comes ------------------------------------------------------------------- */

struct gw_follow {
    struct keep keep; /* first */
    LIST_ENTRY(gw_follow) entry;
    struct gw_plugin *self;
    struct gw_follow_options options; /* `match` is the tail's */
    struct gw_timer *timer;
    struct tail *tail; /* NULL: ended */
    uint64_t lost;     /* when it ended */
    bool turning, stopped;
};

static void on_found(void *data, struct gw_series_info *info)
{
    struct gw_follow *follow = data;
    if (follow->options.on_series)
        follow->options.on_series(follow->self, info, follow->options.data);
}

static void on_row(void *data, struct gw_series_info *info, int64_t time_ms, const double *values)
{
    struct gw_follow *follow = data;
    if (follow->options.on_row)
        follow->options.on_row(follow->self, info, time_ms, values, follow->options.data);
}

static void on_ended(void *data, struct gw_series_info *info)
{
    struct gw_follow *follow = data;
    if (follow->self->dead)
        gwt_spare(info->mine);
    else if (follow->options.on_end)
        follow->options.on_end(follow->self, info, follow->options.data);
}

static void end(struct gw_follow *follow, bool told)
{
    struct tail *tail = follow->tail;
    if (!tail)
        return;
    follow->tail = NULL;
    follow->lost = tail_lost(tail);
    gw_timer_stop(follow->timer);
    LIST_REMOVE(follow, entry);
    tail_free(tail, told);
}

static void follow_release(struct keep *keep)
{
    struct gw_follow *follow = (struct gw_follow *)keep;
    if (follow->self->dead)
        gwt_spare(follow->options.data);
    end(follow, follow->self->dead);
    free(follow);
}

static void follow_free(struct gw_follow *follow)
{
    end(follow, true);
    keep_drop(&follow->keep);
    free(follow);
}

static void follow_turn(struct gw_plugin *self, void *data)
{
    struct gw_follow *follow = data;
    follow->turning = true;
    turn_enter(self, "follow");
    size_t rows = tail_turn(follow->tail);
    if (rows > 0 && !follow->stopped && follow->options.on_turn)
        follow->options.on_turn(self, follow->options.data);
    turn_leave(self, 0);
    follow->turning = false;
    if (follow->stopped)
        follow_free(follow);
}

struct gw_follow *gw_follow_start(struct gw_plugin *self, const struct gw_follow_options *options)
{
    gwt_here(self, "gw_follow_start");
    if (!self || !options)
        return NULL;
    if (options->size != sizeof(*options))
        gwt_die("gw_follow_start: size is not sizeof(struct gw_follow_options)");
    struct gw_follow *follow = gwt_need(calloc(1, sizeof(*follow)));
    const struct tail_events events = {on_found, on_row, on_ended, follow};
    follow->self = self;
    follow->options = *options;
    int64_t every_ms = options->every_ms <= 0 ? 1000 : options->every_ms;
    every_ms = every_ms < 100 ? 100 : every_ms;
    follow->timer = timer_add(self, 0, every_ms, follow_turn, follow);
    follow->tail = gwt_need(tail_new(self->test->metric, &options->match, options->raw, &events));
    follow->options.match = (struct gw_match){0};
    LIST_INSERT_HEAD(&self->follows, follow, entry);
    keep_add(&self->keeps, &follow->keep, follow_release);
    return follow;
}

void gw_follow_stop(struct gw_follow *follow)
{
    if (!follow)
        return;
    gwt_here(follow->self, "gw_follow_stop");
    if (!follow->turning) {
        follow_free(follow);
        return;
    }
    follow->stopped = true; /* from one of its own callbacks */
    tail_quiet(follow->tail);
}

uint64_t gw_follow_lost(const struct gw_follow *follow)
{
    return !follow ? 0 : follow->tail ? tail_lost(follow->tail) : follow->lost;
}

void follows_end(struct gw_plugin *self)
{
    while (!LIST_EMPTY(&self->follows)) {
        turn_enter(self, "stop");
        end(LIST_FIRST(&self->follows), true);
        turn_leave(self, 0);
    }
}

/* ---- The past -------------------------------------------------------------------------------- */

enum { QUERIES_MAX = 64 };

struct query_deed {
    struct deed deed;
    struct gw_query query;
    char *key; /* owned; NULL: by id */
    gw_rows_fn *on_rows;
    void *data;
};

static enum store_consolidation as_of(enum gw_consolidation as)
{
    return as == GW_MIN ? STORE_MIN : as == GW_MAX ? STORE_MAX : STORE_AVERAGE;
}

/* The bins of what was kept, as the store makes them of rings and files. */
static void fill(const struct rows *rows, const struct series_info *info, struct bins *bins)
{
    struct bins_feed feed = {.bins = bins,
                             .counters = field_counters(info->fields, info->field_count)};
    for (size_t i = 0; rows && i < rows->count; i++)
        bins_feed_row(&feed, rows->list + i * rows->width);
    bins_finish(bins);
}

static void tell_rows(struct gw_plugin *self, const struct query_deed *mine,
                      const struct bins *bins)
{
    int64_t *times = gwt_need(malloc((bins->count + 1) * sizeof(*times)));
    for (size_t i = 0; i < bins->count; i++)
        times[i] = bins->start_ms + bins->step_ms * (int64_t)i;
    const struct gw_rows rows = {.step_ms = bins->step_ms,
                                 .count = bins->count,
                                 .fields = bins->fields,
                                 .times_ms = times,
                                 .values = bins->values};
    mine->on_rows(self, &rows, mine->data);
    free(times);
}

static void query_answer(struct gw_plugin *self, const struct query_deed *mine)
{
    struct series_info info;
    char id[16];
    snprintf(id, sizeof(id), "%u", (unsigned)mine->query.id);
    if (metric_find(self->test->metric, mine->key ? mine->key : id, &info)) {
        const struct gw_rows none = {.error = -ENOENT};
        mine->on_rows(self, &none, mine->data);
        return;
    }
    struct bins bins = {.fields = info.field_count, .as = as_of(mine->query.as)};
    bins_plan(info.every_ms, mine->query.from_ms, mine->query.to_ms, mine->query.points, &bins);
    if (bins_init(&bins))
        gwt_die("out of memory");
    fill(rows_of(self->test, info.id), &info, &bins);
    tell_rows(self, mine, &bins);
    bins_fini(&bins);
    series_info_fini(&info);
}

static void query_act(struct gw_plugin *self, struct deed *deed)
{
    struct query_deed *mine = (struct query_deed *)deed;
    if (self) {
        self->queries--;
        turn_enter(self, "query");
        query_answer(self, mine);
        turn_leave(self, 0);
    }
    free(mine->key);
    free(mine);
}

int gw_query(struct gw_plugin *self, const struct gw_query *query, gw_rows_fn *on_rows, void *data)
{
    gwt_here(self, "gw_query");
    if (!self || !query || !on_rows || query->size != sizeof(*query) ||
        query->to_ms <= query->from_ms || query->points < 1 || query->points > BINS_POINTS_MAX ||
        (!query->id && !query->key))
        return -EINVAL;
    if (self->queries >= QUERIES_MAX)
        return -EAGAIN;
    struct query_deed *mine = gwt_need(calloc(1, sizeof(*mine)));
    *mine = (struct query_deed){
        .deed = {.act = query_act}, .query = *query, .on_rows = on_rows, .data = data};
    if (!query->id)
        mine->key = gwt_need(strdup(query->key));
    self->queries++;
    deed_put(self, &mine->deed);
    return 0;
}
