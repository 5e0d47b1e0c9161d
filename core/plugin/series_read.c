/* gnswatch/series.h: what there is, its newest row, and the past from the store. */
#include "plugin/instance.h"
#include "plugin/remote.h"

#include "metric/view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERIES_MAX = 64, POINTS_MAX = 10000 };

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
                      gw_series_fn *visit, void *data)
{
    if (!instance_here(self, "gw_series_each") || !visit)
        return 0;
    if (self->parts->remote)
        return self->parts->remote->series_each(self, match, live_only, visit, data);
    struct visit one = {self, visit, data};
    int64_t seen = view_each(self->parts->metric, match, live_only, visit_one, &one);
    return seen > 0 ? (size_t)seen : 0;
}

int gw_series_last(struct gw_plugin *self, uint32_t id, double *rates, int64_t *time_ms)
{
    if (!instance_here(self, "gw_series_last"))
        return -EPERM;
    if (rates && self->parts->remote)
        return self->parts->remote->series_last(self, id, rates, time_ms);
    return rates ? view_last(self->parts->metric, id, rates, time_ms) : -EINVAL;
}

/* ---- The past -------------------------------------------------------------------------------- */

struct query {
    struct mailbox *mailbox; /* a reference */
    unsigned run;
    gw_rows_fn *on_rows;
    void *data;
};

struct answer { /* one block, in mail->json */
    struct gw_rows rows;
    gw_rows_fn *on_rows;
    double numbers[]; /* times, then values */
};

static void deliver(struct gw_plugin *self, struct mail *mail)
{
    const struct answer *answer = (const struct answer *)(void *)mail->json;
    answer->on_rows(self, &answer->rows, mail->data);
}

static struct answer *answer_new(const struct store_rows *from, int error)
{
    size_t count = error ? 0 : from->count, values = error ? 0 : count * from->fields;
    _Static_assert(sizeof(int64_t) == sizeof(double), "times and values share a block");
    struct answer *answer = malloc(sizeof(*answer) + (count + values) * sizeof(double));
    if (!answer)
        return NULL;
    answer->rows = (struct gw_rows){.error = error};
    if (error)
        return answer;
    if (count > 0) {
        memcpy(answer->numbers, from->times_ms, count * sizeof(int64_t));
        memcpy(answer->numbers + count, from->values, values * sizeof(double));
    }
    answer->rows.step_ms = from->step_ms;
    answer->rows.count = count;
    answer->rows.fields = from->fields;
    answer->rows.times_ms = (const int64_t *)(const void *)answer->numbers;
    answer->rows.values = answer->numbers + count;
    return answer;
}

/* Any thread. Takes `query`. */
static void give(struct query *query, const struct store_rows *rows, int error)
{
    struct answer *answer = answer_new(rows, error);
    struct mail *mail = answer ? calloc(1, sizeof(*mail)) : NULL;
    if (mail) {
        answer->on_rows = query->on_rows;
        *mail = (struct mail){
            .kind = MAIL_ROWS, .data = query->data, .json = (char *)answer, .deliver = deliver};
    } else {
        free(answer);
    }
    mailbox_answer(query->mailbox, MAIL_ROWS, query->run, mail);
    free(query);
}

/* A series that is known but not in a file yet has no rows, which is no error. */
static void on_store_rows(void *data, const struct store_rows *rows)
{
    static const struct store_rows none = {0};
    bool empty = rows->error == -ENOENT;
    give(data, empty ? &none : rows, empty ? 0 : rows->error);
}

static bool query_fits(const struct gw_query *query)
{
    return query && query->size >= offsetof(struct gw_query, as) + sizeof(query->as) &&
           query->size <= sizeof(*query) && (query->id || query->key) && query->points >= 1 &&
           query->points <= POINTS_MAX && query->from_ms < query->to_ms &&
           (!query->as || (query->as >= GW_AVERAGE && query->as <= GW_MAX));
}

static enum store_consolidation consolidation(enum gw_consolidation as)
{
    return as == GW_MIN ? STORE_MIN : as == GW_MAX ? STORE_MAX : STORE_AVERAGE;
}

/* The id of what is asked for; 0: there is none. */
static uint32_t find_id(struct gw_plugin *self, const struct gw_query *query)
{
    char name[16];
    struct series_info info;
    snprintf(name, sizeof(name), "%" PRIu32, query->id);
    if (metric_find(self->parts->metric, query->id ? name : query->key, &info))
        return 0;
    uint32_t id = info.id;
    series_info_fini(&info);
    return id;
}

static int ask_store(struct gw_plugin *self, const struct gw_query *query, struct query *asked)
{
    if (self->parts->remote)
        return self->parts->remote->query(self, query, on_store_rows, asked);
    const struct store_read read = {.series_id = find_id(self, query),
                                    .from_ms = query->from_ms,
                                    .to_ms = query->to_ms,
                                    .points_max = query->points,
                                    .as = consolidation(query->as)};
    return read.series_id ? store_query(self->parts->store, &read, on_store_rows, asked) : -ENOENT;
}

int gw_query(struct gw_plugin *self, const struct gw_query *query, gw_rows_fn *on_rows, void *data)
{
    if (!instance_here(self, "gw_query"))
        return -EPERM;
    if (!on_rows || !query_fits(query))
        return -EINVAL;
    if (!self->parts->store && !self->parts->remote)
        return -ENOSYS;
    struct query *asked = calloc(1, sizeof(*asked));
    if (!asked)
        return -ENOMEM;
    *asked = (struct query){.mailbox = self->mailbox, .on_rows = on_rows, .data = data};
    if (!mailbox_ask(self->mailbox, MAIL_ROWS, QUERIES_MAX, &asked->run)) {
        free(asked);
        return -EAGAIN;
    }
    int error = ask_store(self, query, asked);
    if (error == -ENOENT) { /* answered like the rest, by callback */
        give(asked, NULL, error);
        error = 0;
    } else if (error) {
        mailbox_answer(self->mailbox, MAIL_ROWS, asked->run, NULL);
        free(asked);
    }
    return error;
}
