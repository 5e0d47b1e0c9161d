/* traffic.c - what flows, in which lab, and which one to look at (see README.md). This file is the
 * plugin's table of contents: its options, its start, turn and stop. */
#include "traffic.h"
#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVERY_MS = 2000,
    EVERY_MIN_MS = 200,
    ANSWER_MS = 250,        /* the sources have this long; what is later counts in the next turn */
    READ_AGAIN_MS = 300000, /* all objects: events of changes may have been dropped */
};

static const struct source *const sources[SOURCES] = {&ubridge_source, &capture_source};

static const struct gw_row watch_rows[] = {
    {.name = "project",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 255,
     .help = "Name or server/name, also with * and ?"},
    {.name = "priority",
     .type = GW_INT,
     .def = "5",
     .max = 10,
     .help = "1 to 10, the highest is looked at first; 0: not watched"},
    {0},
};

static const struct gw_row idle_rows[] = {
    {.name = "after",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "1h",
     .max = 3.2e10,
     .help = "A lab in which nothing has moved for this long is idle; 0s: never"},
    {.name = "action",
     .type = GW_ENUM,
     .choices = "none|suspend|stop|snapshot",
     .def = "none",
     .help = "What is done to an idle lab; snapshot stops it first, and leaves it stopped"},
    {.name = "warn",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "15m",
     .min = 1000,
     .max = 6e8,
     .help = "Between the warning and the action"},
    {.name = "cpu_below",
     .type = GW_NUMBER,
     .unit = "%",
     .def = "20",
     .max = 6400,
     .help = "A lab whose busiest node takes more of a core than this is in use"},
    {.name = "unknown_is_quiet",
     .type = GW_BOOL,
     .def = "no",
     .help = "Consoles and CPU that cannot be seen from this machine count as unused"},
    {0},
};

static const struct gw_row option_rows[] = {
    {.name = "active_above",
     .type = GW_NUMBER,
     .unit = "{packet}/s",
     .def = "1",
     .max = 1e9,
     .help = "A link with more packets than this is active, until it has half of it or less"},
    {.name = "counters",
     .type = GW_BOOL,
     .def = "yes",
     .help = "Ask uBridge and dynamips on this machine for their counters; they are only asked"},
    {.name = "captures",
     .type = GW_BOOL,
     .def = "no",
     .help = "Start captures where nothing else counts packets; their files stay on the GNS3 "
             "server and grow with the traffic"},
    {.name = "capture_servers",
     .type = GW_STRINGS,
     .max = 64,
     .help = "Only on these servers; without, on all"},
    {.name = "capture_protocols",
     .type = GW_BOOL,
     .def = "no",
     .help = "Start captures also where uBridge counts, to see protocols"},
    {.name = "captures_max",
     .type = GW_INT,
     .def = "8",
     .min = 1,
     .max = 64,
     .help = "Captures at once on one server"},
    {.name = "capture_rate_max",
     .type = GW_SIZE,
     .unit = "By/s",
     .def = "2MiB",
     .min = 1024,
     .max = 1e9,
     .help = "Bytes a second all captures of a server may bring; the busiest is let go beyond"},
    {.name = "capture_disk_max",
     .type = GW_SIZE,
     .unit = "By",
     .def = "1GiB",
     .min = 1048576,
     .max = 1e13,
     .help = "When the captures started here have filled this much of a server's disk, no more are "
             "started there"},
    {.name = "watch",
     .type = GW_TABLES,
     .rows = watch_rows,
     .max = 1000,
     .help = "The projects the traffic switch considers; the first row that fits counts; without, "
             "all with priority 5"},
    {.name = "mode",
     .type = GW_ENUM,
     .choices = "auto|manual|off",
     .def = "auto",
     .help = "Whether the selected project follows traffic, stays, or there is none"},
    {.name = "dwell",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "30s",
     .max = 86400000,
     .help = "A selected project with traffic is kept this long at least"},
    {.name = "leave_after",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "10s",
     .max = 86400000,
     .help = "A selected project without traffic for this long may be left"},
    {.name = "cooldown",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "1m",
     .max = 86400000,
     .help = "A project that was left is not selected again before, unless it is the only one"},
    {.name = "starve_after",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "10m",
     .max = 86400000,
     .help = "A project with traffic that has waited this long is selected next; 0s: never"},
    {.name = "margin",
     .type = GW_NUMBER,
     .def = "5",
     .max = 1000,
     .help = "By how much a score must be better to take over; a step of priority is 10"},
    {.name = "idle",
     .type = GW_TABLE,
     .rows = idle_rows,
     .def = "{}",
     .help = "Labs in which nothing moves"},
    {0},
};

static enum select_mode mode_of(const char *text)
{
    if (strcmp(text, "manual") == 0)
        return SELECT_MANUAL;
    return strcmp(text, "off") == 0 ? SELECT_OFF : SELECT_AUTO;
}

static enum idle_action action_of(const char *text)
{
    for (enum idle_action action = IDLE_NONE; action <= IDLE_SNAPSHOT; action++)
        if (strcmp(text, idle_action_name(action)) == 0)
            return action;
    return IDLE_NONE;
}

static void read_options(struct traffic *traffic)
{
    const struct gw_values *options = gw_options(traffic->self);
    const struct gw_values *idle = gw_table_at(options, "idle", 0);
    traffic->counters = gw_bool(options, "counters");
    traffic->active_above = gw_number(options, "active_above");
    traffic->rules = (struct select_rules){.dwell_ms = gw_int(options, "dwell"),
                                           .leave_ms = gw_int(options, "leave_after"),
                                           .cooldown_ms = gw_int(options, "cooldown"),
                                           .starve_ms = gw_int(options, "starve_after"),
                                           .margin = gw_number(options, "margin")};
    traffic->selection.mode = mode_of(gw_string(options, "mode"));
    traffic->idle = (struct idle_rules){.after_ms = gw_int(idle, "after"),
                                        .warn_ms = gw_int(idle, "warn"),
                                        .action = action_of(gw_string(idle, "action")),
                                        .cpu_below = gw_number(idle, "cpu_below"),
                                        .unknown_is_quiet = gw_bool(idle, "unknown_is_quiet")};
}

/* ---- What the gns3 plugin tells -------------------------------------------------------------- */

static void on_link_gone(struct link *link, void *data)
{
    struct traffic *traffic = data;
    capture_forget(link);
    gw_object_delete(traffic->self, "traffic.link", link->id);
}

static void on_project_gone(struct project *project, void *data)
{
    struct traffic *traffic = data;
    gw_object_delete(traffic->self, "traffic.project", project->id);
}

static void on_object(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct traffic *traffic = data;
    if (!event->kind || strncmp(event->kind, "gns3.", 5) != 0)
        return;
    bool put = strcmp(event->topic, "object.put") == 0;
    char *json = put ? gw_object_get(self, event->kind, event->id) : NULL;
    if (json || !put)
        lab_take(&traffic->lab, event->kind, event->id, json);
    gw_free(json);
}

/* Objects of ours whose link or project has gone while we were away. */
static void forget_old(struct traffic *traffic)
{
    static const char *const kinds[] = {"traffic.link", "traffic.project"};
    for (size_t k = 0; k < 2; k++) {
        char *text = gw_object_list(traffic->self, kinds[k]);
        json_t *list = text ? json_loads(text, 0, NULL) : NULL;
        const json_t *one;
        size_t i;
        gw_free(text);
        json_array_foreach(list, i, one)
        {
            const char *id = json_string_value(json_object_get(one, "id"));
            const void *there = k == 0 ? (void *)lab_link(&traffic->lab, id)
                                       : (void *)lab_project(&traffic->lab, id);
            if (id && !there)
                gw_object_delete(traffic->self, kinds[k], id);
        }
        json_decref(list);
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

static int traffic_start(struct gw_plugin *self, void **data)
{
    struct traffic *traffic = calloc(1, sizeof *traffic);
    if (!traffic)
        return -ENOMEM;
    *data = traffic;
    traffic->self = self;
    traffic->every_ms = EVERY_MS;
    lab_init(&traffic->lab, self);
    traffic->lab.on_link_gone = on_link_gone;
    traffic->lab.on_project_gone = on_project_gone;
    traffic->lab.data = traffic;
    read_options(traffic);
    for (size_t i = 0; i < SOURCES; i++)
        if (!(traffic->sources[i] = sources[i]->start(traffic)))
            return -ENOMEM;
    int error = gw_subscribe(self, "object.*", on_object, traffic);
    if (error < 0)
        return gw_fail(self, error, "subscribing to changes of objects");
    lab_read(&traffic->lab);
    traffic->lab_read_ms = gw_monotonic_ms(self);
    forget_old(traffic);
    switch_load(traffic);
    return 0;
}

static void on_answer_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct traffic *traffic = data;
    traffic->settle = NULL;
    turn_tell(traffic);
}

static int traffic_tick(struct gw_plugin *self, void *data)
{
    struct traffic *traffic = data;
    int64_t now_ms = gw_monotonic_ms(self), gap_ms = now_ms - traffic->turned_ms;
    if (traffic->turned_ms > 0 && gap_ms >= EVERY_MIN_MS)
        traffic->every_ms =
            gap_ms < traffic->every_ms ? gap_ms : (traffic->every_ms * 7 + gap_ms) / 8;
    traffic->turned_ms = now_ms;
    if (now_ms - traffic->lab_read_ms > READ_AGAIN_MS) {
        lab_read(&traffic->lab);
        traffic->lab_read_ms = now_ms;
    }
    lab_settle(&traffic->lab);
    for (size_t i = 0; i < SOURCES; i++)
        sources[i]->turn(traffic->sources[i]);
    if (!traffic->settle)
        traffic->settle = gw_timer_start(self, ANSWER_MS, 0, on_answer_time, traffic);
    return 0;
}

static void traffic_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct traffic *traffic = data;
    if (!traffic)
        return;
    for (size_t i = 0; i < SOURCES; i++)
        if (traffic->sources[i])
            sources[i]->stop(traffic->sources[i]);
    idling_fini(traffic);
    switch_fini(traffic);
    traffic->lab.on_link_gone = NULL; /* objects stay while we are away */
    traffic->lab.on_project_gone = NULL;
    lab_fini(&traffic->lab);
    free(traffic);
}

GW_PLUGIN(.name = "traffic", .version = "0.1.0",
          .summary = "What flows over links, in which lab, and which one to look at",
          .options = option_rows, .kinds = traffic_kinds, .commands = traffic_commands,
          .every_ms = EVERY_MS, .start = traffic_start, .tick = traffic_tick, .stop = traffic_stop);
