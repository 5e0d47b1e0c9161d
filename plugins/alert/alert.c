/* alert - rules watch series, events and objects; what they find is told to people. README.md says
 * how it fits together; world.h is what it knows, turn.c is what it does each second. */
#include "alerts.h"
#include "backtest.h"
#include "commands.h"
#include "document.h"
#include "group.h"
#include "inhibit.h"
#include "notify.h"
#include "options.h"
#include "route.h"
#include "silence.h"
#include "source.h"
#include "state.h"
#include "topology.h"
#include "turn.h"

#include <errno.h>
#include <stdlib.h>

static int64_t ms_of(const json_t *config, const char *name)
{
    return json_integer_value(json_object_get(config, name));
}

static int read_config(struct world *world)
{
    json_t *config = world->config = options_json(gw_options(world->self), alert_options);
    if (!config)
        return -ENOMEM;
    world->settle_ms = ms_of(config, "settle");
    world->history_ms = ms_of(config, "history");
    world->give_up_ms = ms_of(config, "give_up");
    world->alerts_max = (size_t)ms_of(config, "alerts_max");
    int error = rules_load(&world->rules, json_object_get(config, "rules"),
                           json_is_true(json_object_get(config, "defaults")));
    error = error ? error : receivers_load(world, config);
    error = error ? error : routes_load(world, config);
    error = error ? error : inhibits_load(world, json_object_get(config, "inhibit"));
    return error ? error : windows_load(world, json_object_get(config, "windows"));
}

static void say_rule_errors(struct world *world)
{
    for (size_t i = 0; i < world->rules.count; i++)
        if (world->rules.at[i].error)
            gw_fail(world->self, -EINVAL, "rule '%s' does not run: %s", world->rules.at[i].name,
                    world->rules.at[i].error);
}

static int alert_start(struct gw_plugin *self, void **data)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return gw_fail(self, -ENOMEM, "start");
    *data = world;
    world->self = self;
    world->now_ms = gw_now_ms(self);
    world->monotonic_ms = gw_monotonic_ms(self);
    world->topology = topology_new();
    if (!world->topology || read_config(world))
        return gw_fail(self, -ENOMEM, "start");
    say_rule_errors(world);
    int error = state_open(world);
    error = error ? error : state_load(world);
    if (error)
        return error;
    world_resume(world);
    world_tidy(world);
    documents_put(world); /* what was shown last may be older than what was written last */
    return sources_start(world);
}

static int alert_tick(struct gw_plugin *self, void *data)
{
    (void)self;
    world_turn(data);
    return 0;
}

static void alert_stop(struct gw_plugin *self, void *data)
{
    struct world *world = data;
    (void)self;
    if (!world)
        return;
    world->stopping = true;
    if (world->state && world->source)
        state_write(world);
    sources_stop(world);
    backtests_free(world);
    for (size_t i = 0; i < world->alert_count; i++)
        alert_free(world->alerts[i]);
    free(world->alerts);
    groups_free(world);
    letters_free(world);
    silences_free(world);
    windows_free(world);
    inhibits_free(world);
    routes_free(world);
    rules_fini(&world->rules);
    state_close(world);
    topology_free(world->topology);
    for (size_t i = 0; i < world->said_count; i++) {
        free(world->said[i].text);
        free(world->said[i].data);
    }
    free(world->said);
    json_decref(world->config);
    free(world);
}

/* ---- Kinds ----------------------------------------------------------------------------------- */

static const struct gw_row rule_fields[] = {
    {.name = "title", .type = GW_STRING, .help = "Its title, or its name"},
    {.name = "severity", .type = GW_STRING, .help = "warning or critical: the first it can be"},
    {.name = "kind", .type = GW_STRING, .help = "What it does"},
    {.name = "text", .type = GW_STRING, .help = "The rule as a sentence"},
    {.name = "labels", .type = GW_JSON, .help = "Labels it adds"},
    {.name = "enabled", .type = GW_BOOL, .help = "It runs"},
    {.name = "state",
     .type = GW_STRING,
     .help = "The worst of its alerts: ok, pending, unknown, warning, critical"},
    {.name = "pending", .type = GW_INT, .help = "Its alerts that may be about to fire"},
    {.name = "firing", .type = GW_INT, .help = "Its alerts that fire"},
    {.name = "evaluated", .type = GW_TIME, .help = "When it last looked, as of its last change"},
    {.name = "error", .type = GW_STRING, .help = "Why it does not run, or null"},
    {.name = "source", .type = GW_STRING, .help = "file, or default: built in"},
    {0},
};

static const struct gw_row alert_fields[] = {
    {.name = "rule", .type = GW_STRING, .help = "Name of its rule"},
    {.name = "state", .type = GW_STRING, .help = "pending, firing or resolved"},
    {.name = "severity", .type = GW_STRING, .help = "warning, critical or unknown"},
    {.name = "labels", .type = GW_JSON, .help = "What it is about"},
    {.name = "summary", .type = GW_STRING, .help = "One line"},
    {.name = "description", .type = GW_STRING, .help = "More about it"},
    {.name = "value", .type = GW_NUMBER, .help = "The value that made it, or null"},
    {.name = "unit", .type = GW_STRING, .help = "Of the value"},
    {.name = "threshold", .type = GW_STRING, .help = "What the value was compared with"},
    {.name = "since", .type = GW_TIME, .help = "When the condition began"},
    {.name = "fired", .type = GW_TIME, .help = "When it fired, or null"},
    {.name = "ended", .type = GW_TIME, .help = "When it was over, or null"},
    {.name = "subject", .type = GW_JSON, .help = "{kind, id, name}, or null"},
    {.name = "series", .type = GW_JSON, .help = "{id, key, field, measurement}, or null"},
    {.name = "acknowledged", .type = GW_JSON, .help = "{by, comment, time}, or null"},
    {.name = "silenced_by", .type = GW_JSON, .help = "Ids of silences"},
    {.name = "inhibited_by",
     .type = GW_STRING,
     .help = "Id of the alert that explains it, or null"},
    {.name = "window", .type = GW_STRING, .help = "Name of the maintenance window, or null"},
    {.name = "escalation", .type = GW_JSON, .help = "{step, next}, or null"},
    {.name = "notified", .type = GW_JSON, .help = "The last 20 notices of it"},
    {.name = "group", .type = GW_STRING, .help = "Key of its group"},
    {.name = "why_ended", .type = GW_STRING, .help = "Why, when its condition did not just pass"},
    {0},
};

static const struct gw_row silence_fields[] = {
    {.name = "matchers", .type = GW_JSON, .help = "[{label, op, value}]"},
    {.name = "author", .type = GW_STRING, .help = "Who made it"},
    {.name = "comment", .type = GW_STRING, .help = "Why"},
    {.name = "starts", .type = GW_TIME, .help = "When it begins"},
    {.name = "ends", .type = GW_TIME, .help = "When it ends"},
    {.name = "state", .type = GW_STRING, .help = "pending, active or ended"},
    {.name = "created", .type = GW_TIME, .help = "When it was made"},
    {0},
};

static const struct gw_row window_fields[] = {
    {.name = "matchers", .type = GW_JSON, .help = "[{label, op, value}]"},
    {.name = "schedule", .type = GW_STRING, .help = "When it begins, as cron"},
    {.name = "zone", .type = GW_STRING, .help = "Time zone of the schedule"},
    {.name = "duration", .type = GW_DURATION, .help = "How long it lasts"},
    {.name = "active", .type = GW_BOOL, .help = "It is open now"},
    {.name = "next_start", .type = GW_TIME, .help = "Beginning of this or the next one"},
    {.name = "next_end", .type = GW_TIME, .help = "End of this or the next one"},
    {0},
};

static const struct gw_row receiver_fields[] = {
    {.name = "sends", .type = GW_STRINGS, .help = "Commands it consists of"},
    {.name = "sent", .type = GW_INT, .help = "Notices handed over since the start"},
    {.name = "failed", .type = GW_INT, .help = "Notices given up since the start"},
    {.name = "waiting", .type = GW_INT, .help = "Notices that wait"},
    {.name = "last", .type = GW_JSON, .help = "{time, ok, text}, or null"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"alert.rule", "rules", "What is watched, and when it is bad", rule_fields},
    {"alert.alert", "alerts", "Problems, and those of the past", alert_fields},
    {"alert.silence", "silences", "When nobody is told, by people", silence_fields},
    {"alert.window", "windows", "Recurring maintenance", window_fields},
    {"alert.receiver", "receivers", "Who is told, and by what", receiver_fields},
    {0},
};

GW_PLUGIN(.name = "alert", .version = "1.0", .summary = "Rules, problems, and who is told",
          .options = alert_options, .kinds = kinds, .commands = alert_commands, .every_ms = 1000,
          .start = alert_start, .tick = alert_tick, .stop = alert_stop);
