/* options.c - the tables of the plugin's file, and what it says. */
#include "model.h"

#include "s3.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off: one row a line reads better */
static const struct gw_row keep_rows[] = {
    {.name = "last", .type = GW_INT, .def = "0", .max = 1000, .help = "The newest ones"},
    {.name = "hourly",
     .type = GW_INT,
     .def = "0",
     .max = 1000,
     .help = "The newest of each of so many hours"},
    {.name = "daily",
     .type = GW_INT,
     .def = "0",
     .max = 1000,
     .help = "The newest of each of so many days"},
    {.name = "weekly",
     .type = GW_INT,
     .def = "0",
     .max = 1000,
     .help = "The newest of each of so many weeks"},
    {.name = "monthly",
     .type = GW_INT,
     .def = "0",
     .max = 1000,
     .help = "The newest of each of so many months"},
    {.name = "yearly",
     .type = GW_INT,
     .def = "0",
     .max = 1000,
     .help = "The newest of each of so many years"},
    {0},
};

/* NOLINTBEGIN(bugprone-macro-parentheses): they make initialisers */
#define NAME(text)                                                                                \
    {                                                                                             \
        .name = "name", .type = GW_STRING, .flags = GW_REQUIRED | GW_UNIQUE, .min = 1, .max = 40, \
        .help = text                                                                              \
    }
#define WHEN                                                     \
    {                                                            \
        .name = "cron", .type = GW_CRON, .flags = GW_REQUIRED,   \
        .help = "When: minute hour day month weekday, or @daily" \
    }
#define ZONE                                                                       \
    {                                                                              \
        .name = "zone", .type = GW_ZONE, .def = "",                                \
        .help = "Time zone of `cron` and of retention; without, the machine's own" \
    }
#define SERVER                                                                                \
    {                                                                                         \
        .name = "server", .type = GW_STRING, .def = "*", .help = "Name or pattern of servers" \
    }
#define PROJECTS                                                         \
    {                                                                    \
        .name = "projects", .type = GW_STRINGS, .def = "*", .max = 1000, \
        .help = "Names or patterns of projects, also as server/project"  \
    }
#define CATCH_UP                                                                              \
    {                                                                                         \
        .name = "catch_up", .type = GW_DURATION, .unit = "ms", .def = "1h", .max = 604800000, \
        .help = "A time missed while gnswatch was not running is made up for so long after"   \
    }
#define HOW                                                                                      \
    {.name = "order",                                                                            \
     .type = GW_STRINGS,                                                                         \
     .max = 1000,                                                                                \
     .help =                                                                                     \
         "Order in which nodes are started: types, names or patterns; the stop goes backwards"}, \
        {.name = "parallel",                                                                     \
         .type = GW_INT,                                                                         \
         .def = "3",                                                                             \
         .min = 1,                                                                               \
         .max = 10,                                                                              \
         .help = "How many nodes stop or start at once"},                                        \
        {.name = "pause",                                                                        \
         .type = GW_DURATION,                                                                    \
         .unit = "ms",                                                                           \
         .def = "0s",                                                                            \
         .max = 3600000,                                                                         \
         .help = "Wait after each group of the order"},                                          \
        {.name = "stop_within",                                                                  \
         .type = GW_DURATION,                                                                    \
         .unit = "ms",                                                                           \
         .def = "5m",                                                                            \
         .min = 1000,                                                                            \
         .max = 86400000,                                                                        \
         .help = "Deadline of the stop; then all is started again"},                             \
        {.name = "start_within",                                                                 \
         .type = GW_DURATION,                                                                    \
         .unit = "ms",                                                                           \
         .def = "15m",                                                                           \
         .min = 1000,                                                                            \
         .max = 86400000,                                                                        \
         .help = "Deadline of the start; it stands still while the server is away"},             \
        {.name = "ready_within",                                                                 \
         .type = GW_DURATION,                                                                    \
         .unit = "ms",                                                                           \
         .def = "1m",                                                                            \
         .max = 86400000,                                                                        \
         .help = "How long consoles are waited for after the start"},                            \
    {                                                                                            \
        .name = "retries", .type = GW_INT, .def = "1", .max = 10,                                \
        .help = "How often a snapshot that somebody tore by starting a node is taken again"      \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct gw_row schedule_rows[] = {
    NAME("Shown everywhere; snapshots are called NAME-YYYYMMDD-HHMMSS"),
    {.name = "enabled", .type = GW_BOOL, .def = "yes", .help = "Whether it runs by itself"},
    WHEN,
    ZONE,
    SERVER,
    PROJECTS,
    {.name = "mode",
     .type = GW_ENUM,
     .def = "stopped",
     .choices = "stopped|quiesce",
     .help = "stopped: only when nothing runs; quiesce: stop the nodes, take it, start again "
             "exactly what ran"},
    {.name = "closed",
     .type = GW_ENUM,
     .def = "skip",
     .choices = "skip|open",
     .help = "What to do with a closed project: nothing, or open it and close it again"},
    {.name = "keep",
     .type = GW_TABLE,
     .rows = keep_rows,
     .help = "What to keep on the server; without, everything"},
    {.name = "verify",
     .type = GW_BOOL,
     .def = "yes",
     .help = "Read each archive and compare it with the project"},
    {.name = "targets",
     .type = GW_STRINGS,
     .max = 16,
     .help = "Names of targets each snapshot is copied to"},
    HOW,
    CATCH_UP,
    {0},
};

static const struct gw_row safety_rows[] = {
    {.name = "last",
     .type = GW_INT,
     .def = "3",
     .min = 1,
     .max = 1000,
     .help = "The newest ones of each project stay"},
    {.name = "for",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "30d",
     .max = 3.2e11,
     .help = "And all that are younger than this"},
    {0},
};

static const struct gw_row s3_rows[] = {
    {.name = "endpoint", .type = GW_STRING, .flags = GW_REQUIRED, .help = "https://host:port"},
    {.name = "bucket",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 200,
     .help = "Bucket; it must exist"},
    {.name = "region",
     .type = GW_STRING,
     .def = "us-east-1",
     .max = 60,
     .help = "Region of the signature"},
    {.name = "prefix", .type = GW_STRING, .def = "", .max = 400, .help = "Before each key"},
    {.name = "access_key", .type = GW_SECRET, .flags = GW_REQUIRED, .help = "Access key"},
    {.name = "secret_key", .type = GW_SECRET, .flags = GW_REQUIRED, .help = "Secret key"},
    {.name = "ca_file",
     .type = GW_STRING,
     .help = "PEM of the authority that signed the certificate"},
    {.name = "insecure", .type = GW_BOOL, .def = "no", .help = "Do not verify the certificate"},
    {0},
};

static const struct gw_row target_rows[] = {
    NAME("Shown everywhere"),
    {.name = "directory", .type = GW_STRING, .help = "A directory, best on another machine's disk"},
    {.name = "s3", .type = GW_TABLE, .rows = s3_rows, .help = "S3-compatible storage"},
    {.name = "level",
     .type = GW_INT,
     .def = "3",
     .min = 1,
     .max = 19,
     .help = "How hard zstd tries"},
    {.name = "follow",
     .type = GW_BOOL,
     .def = "yes",
     .help = "Remove a copy with its snapshot; no: copies stay for ever"},
    {0},
};

static const struct gw_row drill_rows[] = {
    NAME("Shown in runs"),
    WHEN,
    ZONE,
    SERVER,
    PROJECTS,
    {.name = "start",
     .type = GW_BOOL,
     .def = "no",
     .help = "Also start the copy's nodes; never where it has a cloud or NAT"},
    CATCH_UP,
    {0},
};

const struct gw_row snapshot_options[] = {
    {.name = "schedules",
     .type = GW_TABLES,
     .rows = schedule_rows,
     .max = 200,
     .help = "When snapshots are taken"},
    {.name = "targets",
     .type = GW_TABLES,
     .rows = target_rows,
     .max = 16,
     .help = "Where copies go"},
    {.name = "drills",
     .type = GW_TABLES,
     .rows = drill_rows,
     .max = 100,
     .help =
         "When the newest snapshots are tried by restoring them into a project of another name"},
    {.name = "before_restore",
     .type = GW_TABLE,
     .rows = safety_rows,
     .def = "{}",
     .help = "How long what a restore kept of the state before it stays on the server"},
    {.name = "disk_floor",
     .type = GW_NUMBER,
     .unit = "%",
     .def = "10",
     .max = 90,
     .help = "Percent of a server's disk that stays free: less, and nothing is taken and the "
             "oldest go"},
    HOW,
    {0},
};
/* clang-format on */

/* ---- Reading --------------------------------------------------------------------------------- */

static struct quiesce_how how_of(const struct gw_values *values)
{
    return (struct quiesce_how){.values = values,
                                .parallel = gw_int(values, "parallel"),
                                .pause_ms = gw_int(values, "pause"),
                                .stop_ms = gw_int(values, "stop_within"),
                                .start_ms = gw_int(values, "start_within"),
                                .ready_ms = gw_int(values, "ready_within"),
                                .retries = gw_int(values, "retries")};
}

static struct gw_cron *cron_of(struct snap *snap, const char *what, const struct gw_values *values)
{
    char why[200] = "";
    struct gw_cron *cron =
        gw_cron_new(gw_string(values, "cron"), gw_string(values, "zone"), why, sizeof why);
    if (!cron)
        gw_fail(snap->self, -EINVAL, "%s %s: cron: %s", what, gw_string(values, "name"), why);
    return cron;
}

static int read_schedule(struct snap *snap, struct schedule *schedule,
                         const struct gw_values *values)
{
    const struct gw_values *keep = gw_table_at(values, "keep", 0);
    *schedule = (struct schedule){.values = values,
                                  .name = gw_string(values, "name"),
                                  .zone = gw_string(values, "zone"),
                                  .cron_text = gw_string(values, "cron"),
                                  .server = gw_string(values, "server"),
                                  .mode = gw_string(values, "mode"),
                                  .how = how_of(values),
                                  .enabled = gw_bool(values, "enabled"),
                                  .verify = gw_bool(values, "verify"),
                                  .catch_up_ms = gw_int(values, "catch_up")};
    if (keep)
        schedule->keep = (struct retain_rules){gw_int(keep, "last"),    gw_int(keep, "hourly"),
                                               gw_int(keep, "daily"),   gw_int(keep, "weekly"),
                                               gw_int(keep, "monthly"), gw_int(keep, "yearly")};
    schedule->open_closed = strcmp(gw_string(values, "closed"), "open") == 0;
    schedule->cron = cron_of(snap, "schedule", values);
    if (!schedule->cron)
        return -EINVAL;
    if (strcmp(schedule->name, SAFETY_NAME) == 0)
        return gw_fail(snap->self, -EINVAL,
                       "schedule " SAFETY_NAME ": what restores keep is called so; choose another "
                       "name");
    schedule->next_ms = gw_cron_next(schedule->cron, gw_now_ms(snap->self));
    for (size_t i = 0; i < gw_count(values, "targets"); i++)
        if (!target_find(snap, gw_string_at(values, "targets", i)))
            return gw_fail(snap->self, -EINVAL, "schedule %s: there is no target called '%s'",
                           schedule->name, gw_string_at(values, "targets", i));
    return 0;
}

static int read_drill(struct snap *snap, struct drill *drill, const struct gw_values *values)
{
    *drill = (struct drill){.values = values,
                            .name = gw_string(values, "name"),
                            .server = gw_string(values, "server"),
                            .start = gw_bool(values, "start"),
                            .catch_up_ms = gw_int(values, "catch_up"),
                            .cron = cron_of(snap, "drill", values)};
    return drill->cron ? 0 : -EINVAL;
}

static int read_s3(struct snap *snap, struct target *target, const struct gw_values *s3)
{
    char host[256];
    struct gw_http_options options = {.size = sizeof options,
                                      .base = gw_string(s3, "endpoint"),
                                      .ca_file = gw_string(s3, "ca_file"),
                                      .insecure = gw_bool(s3, "insecure"),
                                      .connections_max = 2};
    target->bucket = gw_string(s3, "bucket");
    target->region = gw_string(s3, "region");
    target->prefix = gw_string(s3, "prefix");
    s3_host(options.base, host, sizeof host);
    target->host = strdup(host);
    target->http = gw_http_new(snap->self, &options);
    if (target->host && target->http)
        return 0;
    return gw_fail(snap->self, -EINVAL,
                   "target %s: endpoint '%s' is no http:// or https:// address", target->name,
                   options.base);
}

static int read_target(struct snap *snap, struct target *target, const struct gw_values *values)
{
    const struct gw_values *s3 = gw_table_at(values, "s3", 0);
    *target = (struct target){.values = values,
                              .name = gw_string(values, "name"),
                              .directory = gw_string(values, "directory"),
                              .level = (int)gw_int(values, "level"),
                              .follow = gw_bool(values, "follow")};
    if (s3 && !target->directory)
        return read_s3(snap, target, s3);
    if (!s3 && target->directory && target->directory[0] == '/')
        return 0;
    return gw_fail(snap->self, -EINVAL,
                   "target %s: say either `directory`, beginning with a slash, or `s3`",
                   target->name);
}

int options_read(struct snap *snap)
{
    const struct gw_values *options = gw_options(snap->self);
    size_t schedules = gw_count(options, "schedules"), drills = gw_count(options, "drills");
    size_t targets = gw_count(options, "targets");
    const struct gw_values *safety = gw_table_at(options, "before_restore", 0);
    snap->disk_floor = gw_number(options, "disk_floor");
    snap->safety_last = gw_int(safety, "last");
    snap->safety_for_ms = gw_int(safety, "for");
    snap->defaults = how_of(options);
    snap->schedules = calloc(schedules + 1, sizeof *snap->schedules);
    snap->drills = calloc(drills + 1, sizeof *snap->drills);
    snap->targets = calloc(targets + 1, sizeof *snap->targets);
    if (!snap->schedules || !snap->drills || !snap->targets)
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; i < targets && error == 0; i++, snap->target_count++)
        error = read_target(snap, &snap->targets[i], gw_table_at(options, "targets", i));
    for (size_t i = 0; i < schedules && error == 0; i++, snap->schedule_count++)
        error = read_schedule(snap, &snap->schedules[i], gw_table_at(options, "schedules", i));
    for (size_t i = 0; i < drills && error == 0; i++, snap->drill_count++)
        error = read_drill(snap, &snap->drills[i], gw_table_at(options, "drills", i));
    return error;
}

void targets_close(struct snap *snap)
{
    for (size_t i = 0; i < snap->target_count; i++) {
        gw_http_free(snap->targets[i].http);
        snap->targets[i].http = NULL;
    }
}

void options_free(struct snap *snap)
{
    targets_close(snap);
    for (size_t i = 0; i < snap->schedule_count; i++)
        gw_cron_free(snap->schedules[i].cron);
    for (size_t i = 0; i < snap->drill_count; i++)
        gw_cron_free(snap->drills[i].cron);
    for (size_t i = 0; i < snap->target_count; i++)
        free(snap->targets[i].host);
    free(snap->schedules);
    free(snap->drills);
    free(snap->targets);
}

static bool is(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

struct schedule *schedule_find(const struct snap *snap, const char *name)
{
    for (size_t i = 0; i < snap->schedule_count; i++)
        if (is(snap->schedules[i].name, name))
            return &snap->schedules[i];
    return NULL;
}

struct target *target_find(const struct snap *snap, const char *name)
{
    for (size_t i = 0; i < snap->target_count; i++)
        if (is(snap->targets[i].name, name))
            return &snap->targets[i];
    return NULL;
}
