/* A picture needs the series of an alert, asked for by its key. Asking takes as long as the store
 * likes, so it ends after WAIT_MS with what there is. */
#include "email.h"

#include "utf8.h"

#include <gnswatch/series.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAIT_MS = 4000,
    POINTS = 600, /* about one a pixel */
    WINDOW_LEAST_MS = 3600 * 1000,
    WINDOW_MOST_MS = 24 * 3600 * 1000,
};

struct want { /* one picture to be */
    struct history *history;
    size_t item, alert, field; /* field: its place in the series */
    char *key;
    int64_t from_ms, to_ms, since_ms;
    double threshold;
    char title[160], unit[24];
};

struct history {
    struct history *next, **link;
    struct email *email;
    struct job *job; /* NULL: it has gone on without us */
    history_done_fn *on_done;
    struct gw_timer *timer;
    struct want wants[WORKER_PICTURES_MAX];
    size_t want_count, open;
};

static void history_free(struct history *history)
{
    *history->link = history->next;
    if (history->next)
        history->next->link = history->link;
    gw_timer_stop(history->timer);
    job_free(history->job);
    for (size_t i = 0; i < history->want_count; i++)
        free(history->wants[i].key);
    free(history);
}

/* The job goes on once, with the last answer or when it is time; late answers find it gone. */
static void go_on(struct history *history)
{
    struct job *job = history->job;
    history->job = NULL;
    if (job)
        history->on_done(history->email, job);
}

static void on_late(struct gw_plugin *self, void *data)
{
    struct history *history = data;
    history->timer = NULL;
    gw_log(self, GW_INFO, "the store has not answered within %d s: a mail goes without a picture",
           WAIT_MS / 1000);
    go_on(history);
}

/* ---- What came ---- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static char *picture_input(const struct want *want, const struct gw_rows *rows)
{
    json_t *times = json_array(), *values = json_array();
    size_t known = 0;
    for (size_t i = 0; i < rows->count; i++) {
        double value = rows->values[want->field * rows->count + i];
        known += isfinite(value) ? 1 : 0;
        json_array_append_new(times, json_integer((json_int_t)rows->times_ms[i]));
        json_array_append_new(values, number(value));
    }
    json_t *input =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o}", "title", want->title, "unit",
                  want->unit, "from", (json_int_t)want->from_ms, "to", (json_int_t)want->to_ms,
                  "since", (json_int_t)want->since_ms, "threshold", number(want->threshold),
                  "times", times, "values", values);
    char *text = input && known > 1 ? json_dumps(input, JSON_COMPACT) : NULL;
    json_decref(input);
    return text;
}

static void on_rows(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    (void)self;
    struct want *want = data;
    struct history *history = want->history;
    struct job *job = history->job;
    char *input = job && !rows->error && rows->count > 1 && want->field < rows->fields
                      ? picture_input(want, rows)
                      : NULL;
    if (input)
        job->pictures[job->picture_count++] =
            (struct job_picture){.item = want->item, .alert = want->alert, .input = input};
    if (--history->open)
        return;
    go_on(history);
    history_free(history);
}

/* ---- What to ask for ---- */

struct find {
    const char *key, *field;
    size_t place;
    bool found;
};

static bool find_field(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    (void)self;
    struct find *find = data;
    if (strcmp(info->key, find->key) != 0)
        return true;
    for (size_t i = 0; i < info->field_count && !find->found; i++)
        if (!strcmp(info->fields[i].name, find->field)) {
            find->place = i;
            find->found = true;
        }
    return false;
}

static bool find_place(struct email *email, const char *key, const char *field, size_t *place)
{
    struct find find = {.key = key, .field = field};
    char measurement[128];
    snprintf(measurement, sizeof measurement, "%.*s", (int)strcspn(key, "{"), key);
    gw_series_each(email->self, &(struct gw_match){.measurement = measurement}, false, find_field,
                   &find);
    *place = find.place;
    return find.found;
}

/* "> 95 %": the number in it. */
static double threshold_of(const json_t *alert)
{
    const char *text = json_string_value(json_object_get(alert, "threshold"));
    const char *at = text ? strpbrk(text, "0123456789") : NULL;
    if (!at)
        return (double)NAN;
    if (at > text && at[-1] == '-')
        at--;
    return strtod(at, NULL);
}

static void set_window(struct want *want, const json_t *alert, int64_t time_ms)
{
    want->since_ms = (int64_t)json_number_value(json_object_get(alert, "since"));
    want->to_ms = time_ms;
    int64_t window_ms = want->since_ms > 0 ? 2 * (time_ms - want->since_ms) : 0;
    window_ms = window_ms < WINDOW_LEAST_MS  ? WINDOW_LEAST_MS
                : window_ms > WINDOW_MOST_MS ? WINDOW_MOST_MS
                                             : window_ms;
    want->from_ms = time_ms - window_ms;
}

static bool set_want(struct email *email, struct want *want, const json_t *alert, int64_t time_ms)
{
    const json_t *series = json_object_get(alert, "series");
    const char *key = json_string_value(json_object_get(series, "key"));
    const char *field = json_string_value(json_object_get(series, "field"));
    const char *summary = json_string_value(json_object_get(alert, "summary"));
    const char *unit = json_string_value(json_object_get(alert, "unit"));
    if (!key || !field || !find_place(email, key, field, &want->field))
        return false;
    want->key = strdup(key);
    want->threshold = threshold_of(alert);
    set_window(want, alert, time_ms);
    utf8_copy(want->title, sizeof want->title, summary ? summary : field);
    utf8_copy(want->unit, sizeof want->unit, unit && strcmp(unit, "1") != 0 ? unit : "");
    return want->key != NULL;
}

static void collect(struct history *history, const json_t *const *notifications, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *alerts = json_object_get(notifications[i], "alerts");
        int64_t time_ms = (int64_t)json_number_value(json_object_get(notifications[i], "time"));
        for (size_t k = 0; k < json_array_size(alerts) && k < CONTENT_ALERTS_MAX; k++) {
            if (history->want_count == WORKER_PICTURES_MAX)
                return;
            struct want *want = &history->wants[history->want_count];
            *want = (struct want){.history = history, .item = i, .alert = k};
            if (time_ms > 0 && set_want(history->email, want, json_array_get(alerts, k), time_ms))
                history->want_count++;
        }
    }
}

static void ask(struct history *history)
{
    for (size_t i = 0; i < history->want_count; i++) {
        struct want *want = &history->wants[i];
        struct gw_query query = {.size = sizeof query,
                                 .key = want->key,
                                 .from_ms = want->from_ms,
                                 .to_ms = want->to_ms,
                                 .points = POINTS};
        if (!gw_query(history->email->self, &query, on_rows, want))
            history->open++;
    }
}

void history_fill(struct email *email, struct job *job, const json_t *const *notifications,
                  size_t count, history_done_fn *on_done)
{
    struct history *history = email->charts ? calloc(1, sizeof *history) : NULL;
    if (!history) {
        on_done(email, job);
        return;
    }
    history->email = email;
    history->job = job;
    history->on_done = on_done;
    history->next = email->histories;
    history->link = &email->histories;
    if (history->next)
        history->next->link = &history->next;
    email->histories = history;
    collect(history, notifications, count);
    ask(history);
    if (history->open) {
        history->timer = gw_timer_start(email->self, WAIT_MS, 0, on_late, history);
        return;
    }
    go_on(history);
    history_free(history);
}

void history_stop_all(struct email *email)
{
    for (struct history *history = email->histories, *next; history; history = next) {
        next = history->next;
        history_free(history);
    }
}
