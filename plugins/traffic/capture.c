/* capture.c - the source for what has no counters: captures on links, started by the gns3 plugin
 * and read through pipes. Only where the file says `captures: yes`.
 *
 * A capture is started once and left running; nothing here ever stops one: that can kill the link,
 * and a capture may be somebody else's. So what it costs is bounded before it starts: so many on a
 * server, and none any more when ours have filled so much of its disk. Which ones are ours, and how
 * large their files are, is kept in captures.json over restarts. */
#include "capture.h"

#include "captures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SETTLE_TURNS = 4, /* counters come first: the other source has this long */
    RETRY_MS = 10000, /* after a reading ended, or GNS3 said no */
    RETRY_MOST_MS = 3600000,
    BUSY_MS = 600000, /* one that brings too much is left alone this long */
    TELL_MS = 10000,  /* shares by protocol change all the time */
    STALE_MIN = 1,
    SAVE_MS = 30000,
};

/* ---- What others ask ------------------------------------------------------------------------- */

bool capture_fault(const struct link *link, char *text, size_t size)
{
    const struct capture *capture = link->capture;
    if (!capture || capture->tap.clock.stale < STALE_MIN)
        return false;
    snprintf(text, size,
             "a capture that was just started brings packets from before: its uBridge has ended; "
             "stop and start the nodes of this link");
    return true;
}

bool capture_sees(const struct link *link)
{
    return link->capture && link->capture->state == CAPTURE_READING;
}

bool capture_is_ours(const struct link *link)
{
    return link->capture && link->capture->ours;
}

const char *capture_why(const struct link *link)
{
    return link->capture ? link->capture->why : "captures are off";
}

json_t *capture_protocols(const struct link *link)
{
    return protocols_shares(link->capture ? link->capture->tap.protocols : NULL);
}

static void release(struct capture *capture)
{
    tap_fini(&capture->tap);
    free(capture->path);
    free(capture);
}

static void capture_free(struct capture *capture)
{
    if (!capture)
        return;
    TAILQ_REMOVE(&capture->captures->all, capture, entry);
    if (capture->waiting) { /* an answer comes yet: it is freed then */
        capture->link = NULL;
        tap_close(&capture->tap);
        return;
    }
    release(capture);
}

void capture_forget(struct link *link)
{
    capture_free(link->capture);
    link->capture = NULL;
}

/* ---- Which links ----------------------------------------------------------------------------- */

static void explain(struct capture *capture, const char *why)
{
    if (strcmp(capture->why, why) == 0)
        return;
    snprintf(capture->why, sizeof capture->why, "%s", why);
    if (capture->link)
        capture->link->changed = true;
}

static bool server_is_chosen(const struct captures *captures, const struct server *server)
{
    const struct gw_values *options = gw_options(captures->traffic->self);
    size_t count = gw_count(options, "capture_servers");
    for (size_t i = 0; i < count; i++)
        if (strcmp(gw_string_at(options, "capture_servers", i), server->name) == 0)
            return true;
    return count == 0;
}

static bool can_capture(const struct link *link)
{
    const struct project *project = link->project;
    if (!project || !project->owner || !project->owner->up || !project->opened || link->closed)
        return false;
    for (int i = 0; i < 2; i++)
        if (link->ends[i].node && link->ends[i].node->state == NODE_STARTED)
            return true;
    return false;
}

/* Somebody's who has better figures of it. */
static bool is_counted(const struct captures *captures, const struct link *link)
{
    if (captures->turns < SETTLE_TURNS)
        return true; /* not yet known */
    return !captures->protocols &&
           (link->source == SOURCE_UBRIDGE || link->source == SOURCE_DYNAMIPS);
}

static struct capture *capture_of(struct captures *captures, struct link *link)
{
    if (link->capture)
        return link->capture;
    struct capture *capture = calloc(1, sizeof *capture);
    if (!capture)
        return NULL;
    tap_init(&capture->tap, captures->traffic, link);
    capture->captures = captures;
    capture->link = link;
    capture->state = CAPTURE_OFF;
    capture->life = ++captures->lives;
    TAILQ_INSERT_TAIL(&captures->all, capture, entry);
    return link->capture = capture;
}

/* ---- Asking the gns3 plugin ------------------------------------------------------------------ */

static void put_off(struct capture *capture, const char *why)
{
    struct traffic *traffic = capture->captures->traffic;
    int64_t pause_ms = RETRY_MS;
    for (int i = 0; i < capture->failures && pause_ms < RETRY_MOST_MS; i++)
        pause_ms *= 2;
    capture->failures++;
    capture->state = CAPTURE_OFF;
    capture->retry_ms = gw_monotonic_ms(traffic->self) + pause_ms;
    tap_close(&capture->tap);
    explain(capture, why);
}

static bool answered(struct capture *capture, int error, const char *json, json_t **answer)
{
    capture->waiting = false;
    *answer = json ? json_loads(json, 0, NULL) : NULL;
    if (!capture->link) { /* the link has gone meanwhile */
        release(capture);
        return false;
    }
    if (error == 0)
        return true;
    const char *detail = json_string_value(json_object_get(*answer, "detail"));
    put_off(capture, detail ? detail : "the gns3 plugin cannot be asked");
    return false;
}

static void ask(struct capture *capture, const char *command, json_t *params,
                gw_result_fn *on_result)
{
    char *text = json_dumps(params, JSON_COMPACT);
    json_decref(params);
    capture->waiting = true;
    if (!text || gw_ask(capture->captures->traffic->self, command, text, on_result, capture) < 0) {
        capture->waiting = false;
        put_off(capture, "the gns3 plugin cannot be asked");
    }
    free(text);
}

static void begin_clock(struct capture *capture, bool fresh)
{
    struct traffic *traffic = capture->captures->traffic;
    const struct server *server = capture->link->project->owner;
    capture->tap.clock = (struct tap_clock){.offset_ms = server && server->here ? 0
                                                         : server ? server->capture_offset_ms
                                                                  : INT64_MIN,
                                            .since_ms = gw_now_ms(traffic->self),
                                            .ours = fresh};
}

static void on_reading(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct capture *capture = data;
    json_t *answer;
    unlink(capture->path); /* both ends are open, or it is of no use */
    if (answered(capture, error, json, &answer)) {
        if (tap_listen(&capture->tap) < 0) {
            put_off(capture, "out of memory");
        } else {
            capture->state = CAPTURE_READING;
            capture->read_ms = gw_monotonic_ms(self);
            capture->link->changed = true;
            explain(capture, "");
        }
    }
    json_decref(answer);
}

static int make_path(struct capture *capture)
{
    free(capture->path);
    capture->path = NULL;
    if (asprintf(&capture->path, "%s/capture-%llu.pipe",
                 gw_state_dir(capture->captures->traffic->self),
                 (unsigned long long)capture->life) < 0)
        capture->path = NULL;
    return capture->path ? 0 : -ENOMEM;
}

static void read_capture(struct capture *capture, bool fresh)
{
    struct traffic *traffic = capture->captures->traffic;
    bool first = !capture->tap.sides;
    begin_clock(capture, fresh);
    int error = make_path(capture);
    error = error < 0 ? error : tap_open(&capture->tap, capture->path);
    if (error < 0) {
        gw_fail(traffic->self, error, "the pipe of a capture cannot be made in %s",
                gw_state_dir(traffic->self));
        put_off(capture, "its pipe cannot be made: see the log");
        return;
    }
    for (int i = 0; first && i < 2; i++)
        if (capture->link->ends[i].node)
            sides_know(capture->tap.sides, i, capture->link->ends[i].node->mac);
    if (!capture->captures->dpi)
        capture->captures->dpi = dpi_new();
    capture->tap.dpi = capture->captures->dpi;
    capture->state = CAPTURE_ASKING;
    ask(capture, "gns3.link.capture_read",
        json_pack("{s:s,s:s}", "id", capture->link->id, "path", capture->path), on_reading);
}

static void on_started(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct capture *capture = data;
    json_t *answer;
    if (answered(capture, error, json, &answer)) {
        capture->ours = json_is_true(json_object_get(answer, "started"));
        if (capture->ours)
            captures_record(capture->captures, capture->link, gw_now_ms(self), 0);
        capture->link->changed = true;
        read_capture(capture, capture->ours);
    }
    json_decref(answer);
}

static void start_capture(struct capture *capture)
{
    struct captures *captures = capture->captures;
    const struct server *server = capture->link->project->owner;
    if (captures_disk(captures, server->name) >= captures->disk_max) {
        explain(capture, "captures have filled their share of the server's disk "
                         "(capture_disk_max): no more are started");
        captures_tell_full(captures, server);
        return;
    }
    capture->state = CAPTURE_ASKING;
    ask(capture, "gns3.link.capture", json_pack("{s:s}", "id", capture->link->id), on_started);
}

/* ---- Turns ----------------------------------------------------------------------------------- */

static void say_counts(struct capture *capture)
{
    struct link *link = capture->link;
    const struct tap *tap = &capture->tap;
    bool better = link->source == SOURCE_UBRIDGE || link->source == SOURCE_DYNAMIPS;
    if (better || capture->tap.clock.stale >= STALE_MIN)
        return;
    struct reading reading = {.wire = {.out = tap->sent[0], .in = tap->sent[1]}};
    source_says(capture->captures->traffic, SOURCE_CAPTURE, &link->ends[0], &reading,
                capture->life);
}

static void turn_reading(struct capture *capture, int64_t now_ms)
{
    struct link *link = capture->link;
    struct server *server = link->project ? link->project->owner : NULL;
    if (capture->tap.end != TAP_OPEN || !server || !server->up || link->closed) {
        put_off(capture, capture->tap.end == TAP_BROKEN ? "what its capture brings is no capture"
                                                        : "its capture has ended");
        link->changed = true;
        return;
    }
    if (server->capture_offset_ms == INT64_MIN && capture->tap.clock.offset_ms != INT64_MIN)
        server->capture_offset_ms = capture->tap.clock.offset_ms;
    if (now_ms - capture->read_ms > RETRY_MOST_MS)
        capture->failures = 0;
    if (capture->ours)
        captures_record(capture->captures, link, 0, capture->tap.bytes);
    if (capture->tap.protocols->count > 0 && now_ms - capture->told_ms > TELL_MS) {
        capture->told_ms = now_ms;
        link->changed = true;
    }
    say_counts(capture);
}

/* How fast all captures of a server bring bytes; the busiest is let go when that is too much. It
 * goes on capturing: nothing here stops it. */
static void hold_rate(struct captures *captures, const struct server *server, int64_t gap_ms)
{
    struct capture *capture, *busiest = NULL;
    uint64_t sum = 0;
    TAILQ_FOREACH(capture, &captures->all, entry)
    {
        if (!capture->link->project || capture->link->project->owner != server)
            continue;
        uint64_t grown = capture->tap.live_bytes - capture->seen_bytes;
        capture->seen_bytes = capture->tap.live_bytes;
        sum += grown;
        if (capture->state == CAPTURE_READING && (!busiest || grown > busiest->grown))
            busiest = capture;
        capture->grown = grown;
    }
    if (gap_ms <= 0 || !busiest || sum * 1000 / (uint64_t)gap_ms <= captures->rate_max)
        return;
    put_off(busiest, "it carries more than may be read (capture_rate_max); its capture still runs "
                     "and grows on the GNS3 server");
    busiest->retry_ms = gw_monotonic_ms(captures->traffic->self) + BUSY_MS;
    busiest->link->changed = true;
}

/* What is read or asked for, and what we have started and does not happen to be read. */
static size_t captures_at(const struct captures *captures, const struct server *server)
{
    const struct link *link;
    size_t count = 0;
    TAILQ_FOREACH(link, &captures->traffic->lab.links, entry)
    {
        if (!link->project || link->project->owner != server)
            continue;
        count += (link->capture && link->capture->state != CAPTURE_OFF) ||
                 (link->capturing && captures_owns(captures, link));
    }
    return count;
}

static void turn_off(struct captures *captures, struct link *link, int64_t now_ms)
{
    struct capture *capture = capture_of(captures, link);
    const struct server *server = link->project->owner;
    if (!capture || now_ms < capture->retry_ms)
        return;
    if (link->suspended && !link->capturing)
        return;
    capture->ours = link->capturing && captures_owns(captures, link);
    if (!capture->ours && captures_at(captures, server) >= captures->count_max)
        explain(capture, "as many captures as may be (captures_max) run on its server");
    else if (link->capturing)
        read_capture(capture, false);
    else
        start_capture(capture);
}

/* Links nothing else counts come before those of which only the protocols are wanted. */
static void turn_link(struct captures *captures, struct link *link, bool blind, int64_t now_ms)
{
    struct capture *capture = link->capture;
    bool counted = link->source == SOURCE_UBRIDGE || link->source == SOURCE_DYNAMIPS;
    if (blind == counted || (capture && capture->waiting))
        return;
    if (capture && capture->state == CAPTURE_READING)
        turn_reading(capture, now_ms);
    else if (can_capture(link) && server_is_chosen(captures, link->project->owner) &&
             !is_counted(captures, link))
        turn_off(captures, link, now_ms);
}

static void captures_turn(void *data)
{
    struct captures *captures = data;
    struct traffic *traffic = captures->traffic;
    struct link *link;
    struct server *server;
    int64_t now_ms = gw_monotonic_ms(traffic->self);
    if (!captures->on)
        return;
    captures->turns++;
    for (int pass = 0; pass < 2; pass++)
        TAILQ_FOREACH(link, &traffic->lab.links, entry)
    turn_link(captures, link, pass == 0, now_ms);
    TAILQ_FOREACH(server, &traffic->lab.servers, entry)
    hold_rate(captures, server, now_ms - captures->turned_ms);
    captures->turned_ms = now_ms;
    if (captures->changed && now_ms - captures->saved_ms > SAVE_MS) {
        captures->saved_ms = now_ms;
        captures_save(captures);
    }
}

static void *captures_start(struct traffic *traffic)
{
    const struct gw_values *options = gw_options(traffic->self);
    struct captures *captures = calloc(1, sizeof *captures);
    if (!captures)
        return NULL;
    captures->traffic = traffic;
    captures->protocols = gw_bool(options, "capture_protocols");
    captures->on = gw_bool(options, "captures") || captures->protocols;
    captures->count_max = (size_t)gw_int(options, "captures_max");
    captures->rate_max = (uint64_t)gw_int(options, "capture_rate_max");
    captures->disk_max = (uint64_t)gw_int(options, "capture_disk_max");
    TAILQ_INIT(&captures->all);
    captures_load(captures);
    return captures;
}

static void captures_stop(void *data)
{
    struct captures *captures = data;
    if (!captures)
        return;
    if (captures->changed)
        captures_save(captures);
    while (!TAILQ_EMPTY(&captures->all)) {
        struct capture *capture = TAILQ_FIRST(&captures->all);
        capture->waiting = false; /* no answer comes any more */
        capture_forget(capture->link);
    }
    dpi_free(captures->dpi);
    json_decref(captures->files);
    free(captures);
}

const struct source capture_source = {"capture", captures_start, captures_turn, captures_stop};
