/* report.c - see report.h. Collects the past of scores; report_document.c puts it into words. */
#include "report.h"

#include "report_document.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_MAX = 16 };

struct asked {
    struct job *job;
    size_t trend;
};

struct job {
    TAILQ_ENTRY(job) entry;
    struct reporting *reporting;
    struct story story;
    struct asked asked[REPORT_TRENDS]; /* one for each trend; given to gw_query */
    size_t next;                       /* the trend asked for next */
    size_t waits;
    struct gw_timer *timer;
    report_fn *on_done;
    void *data;
};

struct reporting {
    struct health *health;
    TAILQ_HEAD(, job) jobs;
    size_t count;
};

static void job_free(struct job *job)
{
    TAILQ_REMOVE(&job->reporting->jobs, job, entry);
    job->reporting->count--;
    gw_timer_stop(job->timer);
    story_fini(&job->story);
    free(job);
}

static void job_end(struct job *job)
{
    struct health *health = job->reporting->health;
    health_settle(health);
    struct world world = health_world(health);
    json_t *document = report_document(&world, health->chronicle, &job->story);
    job->on_done(health, document, document ? 0 : -ENOMEM, job->data);
    job_free(job);
}

/* ---- The past -------------------------------------------------------------------------------- */

static void take_rows(struct trend *trend, const struct gw_rows *rows)
{
    for (size_t i = 0; i < rows->count && trend->count < REPORT_POINTS; i++) {
        double value = rows->values[i]; /* score is the first field */
        trend->times_ms[trend->count] = rows->times_ms[i];
        trend->values[trend->count++] = value;
        if (isnan(value))
            continue;
        if (isnan(trend->before))
            trend->before = value;
        trend->least = fmin(trend->least, value); /* of NaN and a number: the number */
        trend->most = fmax(trend->most, value);
    }
}

static void on_rows(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    struct asked *asked = data;
    struct job *job = asked->job;
    (void)self;
    if (!rows->error && rows->fields)
        take_rows(&job->story.trends[asked->trend], rows);
    job->waits--;
    if (!job->timer && job->waits == 0 && job->next == job->story.trend_count)
        job_end(job);
}

/* False: too much is under way, later again. */
static bool ask(struct job *job)
{
    struct trend *trend = &job->story.trends[job->next];
    struct asked *asked = &job->asked[job->next];
    *asked = (struct asked){.job = job, .trend = job->next};
    const struct gw_query query = {.size = sizeof query,
                                   .id = trend->series,
                                   .from_ms = job->story.from_ms,
                                   .to_ms = job->story.to_ms,
                                   .points = REPORT_POINTS};
    int error = gw_query(job->reporting->health->self, &query, on_rows, asked);
    if (error == -EAGAIN)
        return false;
    job->waits += error == 0; /* without its past the thing is left out of "what changed" */
    job->next++;
    return true;
}

static void on_later(struct gw_plugin *self, void *data)
{
    struct job *job = data;
    (void)self;
    job->timer = NULL;
    while (job->next < job->story.trend_count && ask(job))
        ;
    if (job->next < job->story.trend_count)
        job->timer = gw_timer_start(self, 100, 0, on_later, job);
    else if (job->waits == 0)
        job_end(job);
}

/* Which series there are, whether written now or not. */
static bool take_series(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    struct job *job = data;
    struct story *story = &job->story;
    (void)self;
    enum thing_kind kind = thing_kind_of(info->labels[0].value);
    if (info->label_count < 4 || !kind || kind > THING_PROJECT)
        return true;
    bool whole = kind == THING_ALL;
    if (!whole && story->trend_count >= REPORT_TRENDS)
        return true;
    struct trend *trend = whole ? &story->trends[0] : &story->trends[story->trend_count];
    trend->series = info->id;
    trend->kind = kind;
    keep_text(&trend->server, info->labels[1].value);
    keep_text(&trend->name, info->labels[3].value);
    story->trend_count += !whole;
    return true;
}

int report_begin(struct reporting *reporting, const struct report_request *request)
{
    struct gw_plugin *self = reporting->health->self;
    struct job *job = reporting->count < JOBS_MAX ? calloc(1, sizeof *job) : NULL;
    if (!job)
        return reporting->count < JOBS_MAX ? -ENOMEM : -EBUSY;
    job->reporting = reporting;
    job->on_done = request->on_done;
    job->data = request->data;
    TAILQ_INSERT_TAIL(&reporting->jobs, job, entry);
    reporting->count++;
    int error = story_init(&job->story, request->title, request->period, REPORT_TRENDS);
    if (error) {
        job_free(job);
        return error;
    }
    job->story.from_ms = request->from_ms;
    job->story.to_ms = request->to_ms;
    job->story.trend_count = 1; /* the whole is the first */
    const struct gw_match match = {.measurement = "health.score"};
    gw_series_each(self, &match, false, take_series, job);
    if (!job->story.trends[0].series) /* nothing was written yet */
        job->next = 1;
    job->timer = gw_timer_start(self, 0, 0, on_later, job);
    if (job->timer)
        return 0;
    job_free(job);
    return -ENOMEM;
}

struct reporting *reporting_new(struct health *health)
{
    struct reporting *reporting = calloc(1, sizeof *reporting);
    if (!reporting)
        return NULL;
    reporting->health = health;
    TAILQ_INIT(&reporting->jobs);
    return reporting;
}

void reporting_free(struct reporting *reporting)
{
    if (!reporting)
        return;
    struct job *job, *next;
    for (job = TAILQ_FIRST(&reporting->jobs); job; job = next) {
        next = TAILQ_NEXT(job, entry);
        job_free(job);
    }
    free(reporting);
}
