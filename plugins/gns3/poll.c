/* poll.c - see poll.h. Knows when a list is to be read, nothing of what is in it. */
#include "poll.h"

#include "inventory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLYING_MAX = 4,       /* reads under way at a server: it is one thread */
    CREDIT_MAX_MS = 400,  /* saved up while idle */
    CREDIT_WAIT_MS = 100, /* look again */
    FAILURE_WAIT_MAX_MS = 60000,
    URGENT_TIMEOUT_MS = 30000,
    SHORT_MS = 60000,      /* that long after it ran out, credit is short */
    LINKS_TURNS = 2,       /* links are read at every second turn of the nodes … */
    LINKS_TURNS_SHORT = 8, /* … or less, where not all can be read in time */
};

struct waiter {
    struct waiter *next;
    uint64_t needs; /* the read that will do: one begun after the question */
    poll_done_fn *on_done;
    void *data;
};

/* A read under way. Outlives its job when that goes: then job is NULL. */
struct fetch {
    struct job *job;
    struct server *server;
    uint64_t number;
    double cost_ms;
};

double poll_cost_ms(int api, enum job_kind kind, size_t bytes)
{
    double base = api == 2 ? 1.1 : 3.2;
    if (kind == JOB_STATISTICS)
        base = 6;
    return base + (double)bytes * 70e-6;
}

struct job *project_job(struct project *project, enum job_kind kind)
{
    return &project->jobs[kind - JOB_NODES];
}

struct job *server_job(struct server *server, enum job_kind kind)
{
    return &server->jobs[kind - JOB_PROJECTS];
}

static int64_t poll_now(const struct server *server)
{
    return gw_monotonic_ms(server->gns3->self);
}

void job_init(struct job *job, enum job_kind kind, struct server *server, struct project *project)
{
    *job = (struct job){.kind = kind, .server = server, .project = project};
}

static void job_tell(struct job *job, uint64_t number, int error, const char *text)
{
    struct waiter *waiting = job->waiters;
    struct waiter **keep_at = &job->waiters;
    struct waiter *ready = NULL;
    struct waiter **ready_at = &ready;
    job->waiters = NULL;
    for (struct waiter *next; waiting; waiting = next) {
        next = waiting->next;
        waiting->next = NULL;
        if (waiting->needs <= number) {
            *ready_at = waiting;
            ready_at = &waiting->next;
        } else {
            *keep_at = waiting;
            keep_at = &waiting->next;
        }
    }
    /* Only now: a callback may ask again, or end the job. */
    for (struct waiter *next; ready; ready = next) {
        next = ready->next;
        ready->on_done(ready->data, error, text);
        free(ready);
    }
}

void job_fini(struct job *job)
{
    if (job->fetch)
        job->fetch->job = NULL;
    job->fetch = NULL;
    job_tell(job, UINT64_MAX, -ENOENT, "It is gone.");
}

void job_forget(struct job *job)
{
    job->body_known = false;
}

static void poll_on_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct server *server = data;
    server->timer = NULL;
    poll_pump(server);
}

static void poll_wake_at(struct server *server, int64_t at_ms)
{
    if (server->timer && server->timer_ms <= at_ms)
        return;
    gw_timer_stop(server->timer);
    int64_t delay = at_ms - poll_now(server);
    server->timer_ms = at_ms;
    server->timer =
        gw_timer_start(server->gns3->self, delay > 1 ? delay : 1, 0, poll_on_time, server);
}

void job_soon(struct job *job, int64_t delay_ms)
{
    int64_t at = poll_now(job->server) + delay_ms;
    if (job->due_ms <= at)
        return;
    job->due_ms = at;
    poll_wake_at(job->server, at);
}

void job_ask(struct job *job, poll_done_fn *on_done, void *data)
{
    if (on_done) {
        struct waiter *waiter = malloc(sizeof *waiter);
        if (!waiter)
            return;
        *waiter = (struct waiter){.needs = job->started + 1, .on_done = on_done, .data = data};
        struct waiter **last = &job->waiters;
        while (*last)
            last = &(*last)->next;
        *last = waiter;
    }
    job->urgent = true;
    job->due_ms = 0;
    poll_wake_at(job->server, poll_now(job->server));
}

static int64_t links_turns(const struct server *server)
{
    bool is_short = server->short_ms && poll_now(server) - server->short_ms < SHORT_MS;
    return is_short ? LINKS_TURNS_SHORT : LINKS_TURNS;
}

/* How often a list is read; INT64_MAX: only when asked. With a feed to tell of changes, the polls
 * are only there for what the feed missed. */
static int64_t job_every(const struct job *job)
{
    const struct gns3 *gns3 = job->server->gns3;
    const struct project *project = job->project;
    bool feed = client_feed_open(job->server->client);
    bool followed = project && project->followed;
    if (project && !project->opened)
        return INT64_MAX;
    switch (job->kind) {
    case JOB_PROJECTS:
        return gns3->every_ms * (feed ? 3 : 1);
    case JOB_COMPUTES:
        return gns3->every_ms * (feed ? 6 : 2);
    case JOB_STATISTICS:
        return gns3->statistics_every_ms;
    case JOB_TEMPLATES:
        return gns3->templates_every_ms;
    case JOB_NODES:
        return gns3->every_ms * (followed ? 6 : 1);
    case JOB_LINKS:
        return gns3->every_ms * (followed ? 12 : links_turns(job->server));
    case JOB_SNAPSHOTS:
    case JOB_STATS:
        break;
    }
    return gns3->snapshots_every_ms;
}

static void job_path(const struct job *job, char *path, size_t size)
{
    static const char *const names[] = {
        [JOB_PROJECTS] = "/projects",
        [JOB_COMPUTES] = "/computes",
        [JOB_STATISTICS] = "/statistics",
        [JOB_TEMPLATES] = "/templates",
        [JOB_NODES] = "nodes",
        [JOB_LINKS] = "links",
        [JOB_SNAPSHOTS] = "snapshots",
        [JOB_STATS] = "stats",
    };
    if (job->project)
        snprintf(path, size, "/projects/%s/%s", job->project->project_id, names[job->kind]);
    else
        snprintf(path, size, "%s", names[job->kind]);
}

/* Said once, until the list can be read again. A project that is not there (404) has just been
 * deleted: the list of projects says so. */
static void job_failed(struct job *job, int status, const char *text)
{
    char path[512];
    job_path(job, path, sizeof path);
    if (job->failures++ == 0 && !(job->project && status == 404))
        gw_fail(job->server->gns3->self, -EIO, "server '%s': reading %s: %s", job->server->name,
                path, text);
    int64_t wait = job->server->gns3->every_ms << (job->failures < 5 ? job->failures : 5);
    job->due_ms = poll_now(job->server) + (wait < FAILURE_WAIT_MAX_MS ? wait : FAILURE_WAIT_MAX_MS);
}

/* Gives an answered list to who understands it, unless it reads as the last time. */
static int job_understand(struct job *job, const struct client_answer *answer, char *why,
                          size_t why_bytes)
{
    XXH128_hash_t body = XXH3_128bits(answer->body, answer->body_bytes);
    job->bytes = answer->body_bytes;
    if (job->body_known && XXH128_isEqual(body, job->body)) {
        inventory_same(job);
        return 0;
    }
    /* Set before, so that what is found inside can ask for another look (job_forget). */
    job->body = body;
    job->body_known = true;
    int error = inventory_read(job, answer->body, answer->body_bytes, why, why_bytes);
    if (error < 0)
        job->body_known = false;
    return error;
}

static int job_answer(struct job *job, const struct client_answer *answer, char *why,
                      size_t why_bytes)
{
    int64_t now = poll_now(job->server);
    int64_t every = job_every(job);
    job->due_ms = every == INT64_MAX ? INT64_MAX : now + every;
    if (answer->error) {
        snprintf(why, why_bytes, "%s", answer->text ? answer->text : strerror(-answer->error));
        job->due_ms = now + job->server->gns3->every_ms; /* the client says it, and when it is up */
        return answer->error;
    }
    if (answer->status >= 400) {
        snprintf(why, why_bytes, "%s", answer->text ? answer->text : "refused");
        inventory_refused(job, answer);
        job_failed(job, answer->status, why);
        return answer->status == 404 ? -ENOENT : -EIO;
    }
    int error = job_understand(job, answer, why, why_bytes);
    if (error < 0) {
        job_failed(job, 0, why);
        return error;
    }
    job->failures = 0;
    job->turn_ms = job->ok_ms ? now - job->ok_ms : 0;
    job->ok_ms = now;
    return 0;
}

static void poll_on_answer(struct client *client, const struct client_answer *answer, void *data)
{
    (void)client;
    struct fetch *fetch = data;
    struct server *server = fetch->server;
    struct job *job = fetch->job;
    server->flying--;
    if (job) {
        job->fetch = NULL;
        char why[600] = "";
        double guessed = fetch->cost_ms;
        int error = job_answer(job, answer, why, sizeof why);
        server->credit_ms += guessed - poll_cost_ms(client_api(client), job->kind, job->bytes);
        if (job->urgent) /* asked again meanwhile: this answer may be older than the question */
            job->due_ms = 0;
        job_tell(job, fetch->number, error, why);
    }
    free(fetch);
    if (!server->gns3->stopping)
        poll_pump(server);
}

static int job_send(struct job *job)
{
    struct server *server = job->server;
    struct fetch *fetch = malloc(sizeof *fetch);
    if (!fetch)
        return -ENOMEM;
    double cost = poll_cost_ms(client_api(server->client), job->kind, job->bytes);
    *fetch =
        (struct fetch){.job = job, .server = server, .number = job->started + 1, .cost_ms = cost};
    char path[512];
    job_path(job, path, sizeof path);
    struct client_ask ask = {.path = path,
                             .poll = !job->waiters,
                             .idempotent = true,
                             .timeout_ms = job->waiters ? URGENT_TIMEOUT_MS : 0,
                             .on_done = poll_on_answer,
                             .data = fetch};
    int error = client_send(server->client, &ask);
    if (error < 0) {
        free(fetch);
        return error;
    }
    job->fetch = fetch;
    job->started++;
    job->urgent = false;
    server->credit_ms -= cost;
    server->flying++;
    return 0;
}

/* How urgent a list that is due is: what somebody waits for, the few lists of the server, what has
 * never been read (nodes before the links that name them), then who has waited for most turns. */
static double poll_rank(const struct job *job, int64_t now)
{
    int64_t every = job_every(job);
    double rank = (double)(now - job->due_ms) / (double)(every < 600000 ? every : 600000);
    if (job->urgent)
        rank += 1e9;
    if (!job->project)
        return rank + 1e6;
    if (job->project->opened)
        rank += 1e3;
    if (job->ok_ms == 0 && job->failures == 0)
        rank += job->kind == JOB_NODES ? 300 : job->kind == JOB_LINKS ? 200 : 100;
    return rank;
}

/* The better of two jobs to send now. `*next_ms` gets when the next one is due. */
static struct job *poll_better(struct job *best, double *best_rank, struct job *job, int64_t now,
                               int64_t *next_ms)
{
    if (job->fetch || (job->project && job->project->busy && !job->waiters))
        return best;
    if (job->due_ms > now) {
        if (job->due_ms < *next_ms)
            *next_ms = job->due_ms;
        return best;
    }
    double rank = poll_rank(job, now);
    if (best && rank <= *best_rank)
        return best;
    *best_rank = rank;
    return job;
}

static struct job *poll_pick(struct server *server, int64_t now, int64_t *next_ms)
{
    struct job *best = NULL;
    double rank = 0;
    *next_ms = INT64_MAX;
    for (size_t i = 0; i < SERVER_JOBS; i++)
        best = poll_better(best, &rank, &server->jobs[i], now, next_ms);
    for (size_t p = 0; p < server->project_count; p++)
        for (size_t i = 0; i < PROJECT_JOBS; i++)
            best = poll_better(best, &rank, &server->projects[p]->jobs[i], now, next_ms);
    return best;
}

static void poll_earn(struct server *server, int64_t now)
{
    double percent = server->gns3->cost_percent;
    server->credit_ms += (double)(now - server->credit_at_ms) * percent / 100;
    server->credit_at_ms = now;
    if (server->credit_ms > CREDIT_MAX_MS)
        server->credit_ms = CREDIT_MAX_MS;
}

/* Nobody waits for a server that is down. */
static void poll_give_up(struct server *server)
{
    const char *why = client_why(server->client);
    char text[600];
    snprintf(text, sizeof text, "GNS3 server '%s' cannot be asked now: %s", server->name,
             why && *why ? why : "it has not answered yet");
    int error = server->state == CLIENT_UNAUTHORIZED ? -EPERM : -EIO;
    for (size_t i = 0; i < SERVER_JOBS; i++)
        job_tell(&server->jobs[i], server->jobs[i].started + 1, error, text);
    for (size_t p = 0; p < server->project_count; p++)
        for (size_t i = 0; i < PROJECT_JOBS; i++) {
            struct job *job = &server->projects[p]->jobs[i];
            job_tell(job, job->started + 1, error, text);
        }
}

void poll_pump(struct server *server)
{
    if (server->gns3->stopping)
        return;
    if (server->state != CLIENT_UP) {
        poll_give_up(server);
        return;
    }
    int64_t now = poll_now(server), next_ms = INT64_MAX;
    poll_earn(server, now);
    while (server->flying < FLYING_MAX) {
        struct job *job = poll_pick(server, now, &next_ms);
        if (!job)
            break;
        if (!job->urgent && server->credit_ms <= 0) {
            server->short_ms = now;
            next_ms = now + CREDIT_WAIT_MS;
            break;
        }
        if (job_send(job) < 0) {
            job->due_ms = now + server->gns3->every_ms;
            continue;
        }
    }
    if (server->flying < FLYING_MAX && next_ms != INT64_MAX)
        poll_wake_at(server, next_ms);
}

void poll_resync(struct server *server)
{
    for (size_t i = 0; i < SERVER_JOBS; i++)
        server->jobs[i].due_ms = 0;
    for (size_t p = 0; p < server->project_count; p++)
        for (size_t i = 0; i < PROJECT_JOBS; i++)
            server->projects[p]->jobs[i].due_ms = 0;
    poll_wake_at(server, poll_now(server));
}
