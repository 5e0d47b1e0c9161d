/* health - one number for everything, with its reasons.
 *
 * What is known comes in by objects (lab_read.c, alerts.c), series (meter.c) and events
 * (chronicle.c); each marks things dirty. A turn (health_turn) judges those (judge.c, score.c,
 * rollup.c) and puts what differs (publish.c). This file is the options, the turn and the tables.
 */
#include "health.h"

#include "explain.h"
#include "publish.h"
#include "reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    TURN_MS = 1000,
    YOUNG_MS = 90000,
    READ_MS = 600000, /* all objects are read again after this, in case news were lost */
    LACKS_MS = 60000, /* and after this, when numbers say that they were */
    EVERY_MS = 30000,
};

struct world health_world(const struct health *health)
{
    int64_t age = gw_monotonic_ms(health->self) - health->started_ms;
    union {
        const struct lab *in;
        struct lab *out;
    } lab = {.in = &health->lab};
    return (struct world){.lab = lab.out,
                          .options = &health->options,
                          .now_ms = gw_now_ms(health->self),
                          .alerts = alerts_there(health->alerts),
                          .snapshots = meters_snapshots(health->meters),
                          .young = age < YOUNG_MS};
}

void health_settle(struct health *health)
{
    struct world world = health_world(health);
    judge_all(&world);
}

static void health_turn(struct gw_plugin *self, void *data)
{
    struct health *health = data;
    (void)self;
    if (!health->lab.news)
        return;
    struct world world = health_world(health);
    judge_all(&world);
    health->lab.news = publish_some(&world);
}

/* What depends on the time that passes: values that get old, changes that are long ago. */
static void look_again(struct health *health)
{
    struct lab *lab = &health->lab;
    for (enum thing_kind kind = THING_SERVER; kind <= THING_LINK; kind++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &lab->of[kind], entry)
        if (thing->flaps || thing->meter || thing->stop == STOP_UNASKED || thing->unpublished)
            thing_dirty(lab, thing);
    }
    thing_dirty(lab, lab->whole);
}

static int health_tick(struct gw_plugin *self, void *data)
{
    struct health *health = data;
    int64_t now = gw_monotonic_ms(self);
    bool lacks = lab_lacks(&health->lab), again = lacks && health->lacks;
    health->lacks = lacks;
    if (now - health->read_ms > (again ? LACKS_MS : READ_MS)) {
        health->read_ms = now;
        lab_read(&health->lab);
        alerts_read(health->alerts);
    }
    look_again(health);
    health_turn(self, health);
    struct world world = health_world(health);
    publish_series(&world);
    meters_seed(health->meters);
    reports_tick(health->reports);
    return chronicle_save(health->chronicle, false);
}

/* ---- What comes ------------------------------------------------------------------------------ */

static void on_object(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct health *health = data;
    bool gone = strcmp(event->topic, "object.delete") == 0;
    bool ours = thing_kind_of(event->kind) > THING_ALL, alert = alerts_takes(event->kind);
    if (!ours && !alert)
        return;
    if (ours && gone) {
        lab_drop(&health->lab, event->kind, event->id);
        return;
    }
    char *json = gone ? NULL : gw_object_get(self, event->kind, event->id);
    if (ours && json)
        lab_take(&health->lab, event->kind, event->id, json);
    else if (alert)
        alerts_take(health->alerts, event->kind, event->id, json);
    gw_free(json);
}

static void on_new(struct thing *thing, void *data)
{
    struct health *health = data;
    if (health->alerts)
        alerts_new_thing(health->alerts, thing);
}

static void on_gone(struct thing *thing, void *data)
{
    struct health *health = data;
    if (health->alerts)
        alerts_gone_thing(health->alerts, thing);
    meter_free(thing->meter);
    thing->meter = NULL;
    if (health->ready && thing->kind != THING_ALL) {
        struct world world = health_world(health);
        publish_gone(&world, thing);
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

static int health_open(struct health *health)
{
    struct gw_plugin *self = health->self;
    int error = lab_init(&health->lab, self, &health->options);
    if (error)
        return error;
    health->alerts = alerts_new(&health->lab);
    health->meters = meters_new(&health->lab);
    health->chronicle = chronicle_new(&health->lab);
    if (!health->alerts || !health->meters || !health->chronicle)
        return -ENOMEM;
    health->lab.on_new = on_new;
    health->lab.on_gone = on_gone;
    health->lab.data = health;
    error = gw_subscribe(self, "object.*", on_object, health);
    if (error)
        return error;
    lab_read(&health->lab);
    alerts_read(health->alerts);
    error = chronicle_start(health->chronicle);
    error = error ? error : meters_start(health->meters);
    health->reports = error ? NULL : reports_new(health);
    if (!error && !health->reports)
        error = -EIO;
    return error ? error : reports_start(health->reports);
}

static int health_start(struct gw_plugin *self, void **data)
{
    struct health *health = calloc(1, sizeof *health);
    if (!health)
        return -ENOMEM;
    *data = health;
    health->self = self;
    health->started_ms = health->read_ms = gw_monotonic_ms(self);
    if (health_options_read(gw_options(self), &health->options) < 0)
        return gw_fail(self, -EINVAL,
                       "levels: each *_from must be less than its *_full, and "
                       "disk_now less than disk_soon");
    int error = health_open(health);
    if (error)
        return gw_fail(self, error, "start: %s", strerror(-error));
    struct world world = health_world(health);
    publish_recall(&world);
    health->ready = true;
    health->timer = gw_timer_start(self, TURN_MS, TURN_MS, health_turn, health);
    return health->timer ? 0 : -ENOMEM;
}

static void health_stop(struct gw_plugin *self, void *data)
{
    struct health *health = data;
    (void)self;
    if (!health)
        return;
    if (health->ready)
        chronicle_save(health->chronicle, true);
    health->ready = false;
    reports_free(health->reports);
    if (health->lab.whole)
        lab_fini(&health->lab);
    meters_free(health->meters);
    alerts_free(health->alerts);
    chronicle_free(health->chronicle);
    free(health);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static const struct gw_row options[] = {
    {.name = "weights",
     .type = GW_TABLE,
     .def = "{}",
     .rows = weight_rows,
     .help = "How many points each factor may cost"},
    {.name = "levels",
     .type = GW_TABLE,
     .def = "{}",
     .rows = level_rows,
     .help = "From which value on points are lost, and where all are"},
    {.name = "coverage_min",
     .type = GW_NUMBER,
     .unit = "%",
     .def = "50",
     .min = 0,
     .max = 100,
     .help = "With less of the weight known the score is unknown"},
    {.name = "hysteresis",
     .type = GW_NUMBER,
     .unit = "1",
     .def = "3",
     .min = 0,
     .max = 20,
     .help = "Points above its threshold that a level needs to get better"},
    {.name = "accept_stops",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "1h",
     .min = 0,
     .max = 2592000000,
     .help = "A node that stopped without a command of gnswatch's, in a project GNS3 tells no "
             "crashes of, counts as stopped by a person after this; 0s: at once"},
    {.name = "reports",
     .type = GW_TABLES,
     .max = 20,
     .rows = report_option_rows,
     .help =
         "Reports that are made by themselves; without this one a day, which is sent to nobody"},
    {.name = "zone",
     .type = GW_ZONE,
     .def = "",
     .help = "Time zone of the times on reports' pages"},
    {.name = "node_series",
     .type = GW_BOOL,
     .def = "no",
     .help = "Keep the history of each node's score, too"},
    {.name = "link_series",
     .type = GW_BOOL,
     .def = "no",
     .help = "Keep the history of each link's score, too"},
    {0},
};

static const struct gw_row score_rows[] = {
    {.name = "subject_kind", .type = GW_STRING, .help = "Kind of what the score is of, or all"},
    {.name = "subject_id", .type = GW_STRING, .help = "Its id"},
    {.name = "name", .type = GW_STRING, .help = "Its name"},
    {.name = "server", .type = GW_STRING, .help = "The server it is on; null for the whole"},
    {.name = "project", .type = GW_STRING, .help = "Object id of its project, or null"},
    {.name = "score", .type = GW_INT, .help = "0 to 100; null: too little is known"},
    {.name = "level",
     .type = GW_ENUM,
     .choices = "good|fair|poor|bad|unknown",
     .help = "good from 90, fair from 70, poor from 40"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "Since when it has this level"},
    {.name = "coverage", .type = GW_INT, .unit = "%", .help = "Part of the weight that is known"},
    {.name = "reasons",
     .type = GW_JSON,
     .help = "What took points, the heaviest first: factor, points (negative; together score - "
             "100), text, value, unit, series, subject"},
    {.name = "unknown", .type = GW_JSON, .help = "Factors of which nothing is known"},
    {0},
};

static int run_explain(struct gw_plugin *self, struct gw_call *call)
{
    return explain_run(gw_data(self), call);
}

static int run_create(struct gw_plugin *self, struct gw_call *call)
{
    return reports_create(gw_data(self), call);
}

static int run_page(struct gw_plugin *self, struct gw_call *call)
{
    return reports_page(gw_data(self), call);
}

static const struct gw_row explain_params[] = {
    {.name = "kind",
     .type = GW_ENUM,
     .choices = "all|gns3.server|gns3.compute|gns3.project|gns3.node|gns3.link",
     .def = "all",
     .help = "Kind of the thing"},
    {.name = "id",
     .type = GW_STRING,
     .def = "all",
     .help = "Its object's id, or its name where no other of the kind has it"},
    {0},
};

static const struct gw_row explain_result[] = {
    {.name = "score", .type = GW_INT, .help = "And the other members of a health.score"},
    {.name = "factors",
     .type = GW_JSON,
     .help = "Every factor: weight, known (percent), value, unit, points, text, series"},
    {0},
};

static const struct gw_row create_params[] = {
    {.name = "from", .type = GW_TIME, .help = "What it covers; a day before `to` without it"},
    {.name = "to", .type = GW_TIME, .help = "Until when; now without it"},
    {.name = "title",
     .type = GW_STRING,
     .def = "Health report",
     .min = 1,
     .max = 120,
     .help = "What it is called"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "health.explain",
     .help = "Says how the score of a thing is made now, also of what costs nothing.",
     .role = GW_VIEWER,
     .params = explain_params,
     .result = explain_result,
     .run = run_explain},
    {.name = "health.report.create",
     .help = "Makes a report on the health of everything.",
     .role = GW_OPERATOR,
     .params = create_params,
     .result = report_fields,
     .run = run_create},
    {0},
};

static const struct gw_row page_params[] = {
    {.name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Of the report"},
    {0},
};

static const struct gw_page pages[] = {
    {.path = "/api/health/reports/{id}/page",
     .help = "A report to read and print",
     .role = GW_VIEWER,
     .params = page_params,
     .types = "text/html",
     .run = run_page},
    {0},
};

static const struct gw_kind kinds[] = {
    {"health.score", "scores", "The health of one thing, with its reasons", score_rows},
    {"health.report", "reports", "What happened to the health of everything", report_fields},
    {0},
};

GW_PLUGIN(.name = "health", .version = "1.0",
          .summary = "One number for everything, with its reasons", .options = options,
          .kinds = kinds, .commands = commands, .pages = pages, .every_ms = EVERY_MS,
          .start = health_start, .tick = health_tick, .stop = health_stop);
