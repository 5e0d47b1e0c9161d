/* commands.c - acknowledge, silence, test a receiver. What they change is written at once: the
 * answer comes after it is on disk. */
#include "commands.h"

#include "alerts.h"
#include "notify.h"
#include "silence.h"
#include "turn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_or(const struct gw_values *params, const char *name, const char *none)
{
    const char *text = gw_string(params, name);
    return text && *text ? text : none;
}

static int answer_object(struct gw_plugin *self, struct gw_call *call, const char *kind,
                         const char *id)
{
    char *text = gw_object_get(self, kind, id);
    int error = gw_reply(call, text);
    gw_free(text);
    return error;
}

/* ---- Acknowledging --------------------------------------------------------------------------- */

static int acknowledge(struct gw_plugin *self, struct gw_call *call)
{
    struct world *world = gw_data(self);
    const struct gw_values *params = gw_call_params(call);
    struct alert *alert = alerts_find(world, gw_string(params, "id"));
    if (!alert)
        return gw_refuse(call, -ENOENT, "There is no alert '%s'", gw_string(params, "id"));
    if (alert->eval.level == LEVEL_OK)
        return gw_refuse(call, -EINVAL, "%s does not fire: there is nothing to acknowledge",
                         alert->rule_name);
    keep(&alert->ack_by, text_or(params, "by", gw_call_caller(call)));
    keep(&alert->ack_comment, gw_string(params, "comment"));
    alert->ack_ms = gw_now_ms(self);
    alert->dirty = alert->shown_stale = true;
    alert_say(world, alert, "alert.acknowledged", GW_INFO, "%s acknowledges %s%s%s", alert->ack_by,
              alert->rule_name, alert->ack_comment ? ": " : "",
              alert->ack_comment ? alert->ack_comment : "");
    char id[ID_MAX];
    snprintf(id, sizeof id, "%s", alert->id);
    world_turn(world);
    return answer_object(self, call, "alert.alert", id);
}

static int unacknowledge(struct gw_plugin *self, struct gw_call *call)
{
    struct world *world = gw_data(self);
    const char *wanted = gw_string(gw_call_params(call), "id");
    struct alert *alert = alerts_find(world, wanted);
    if (!alert)
        return gw_refuse(call, -ENOENT, "There is no alert '%s'", wanted);
    keep(&alert->ack_by, NULL);
    keep(&alert->ack_comment, NULL);
    alert->ack_ms = 0;
    alert->dirty = alert->shown_stale = true;
    char id[ID_MAX];
    snprintf(id, sizeof id, "%s", alert->id);
    world_turn(world);
    return answer_object(self, call, "alert.alert", id);
}

/* ---- Silences -------------------------------------------------------------------------------- */

static int64_t end_of(const struct gw_values *params, int64_t starts_ms)
{
    if (gw_has(params, "ends"))
        return gw_int(params, "ends");
    return gw_has(params, "duration") ? starts_ms + gw_int(params, "duration") : 0;
}

static int silence_answer(struct gw_plugin *self, struct gw_call *call, struct world *world,
                          struct silence *silence)
{
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)silence->id);
    silence->dirty = true;
    silence->shown_state = 0;
    world_turn(world);
    return answer_object(self, call, "alert.silence", id);
}

static int silence_create(struct gw_plugin *self, struct gw_call *call)
{
    struct world *world = gw_data(self);
    const struct gw_values *params = gw_call_params(call);
    struct matchers match = {0};
    char why[300] = "";
    int64_t now = gw_now_ms(self);
    int64_t starts = gw_has(params, "starts") ? gw_int(params, "starts") : now;
    int64_t ends = end_of(params, starts);
    int error = 0;
    if (!ends)
        return gw_refuse(call, -EINVAL, "A silence needs an end: give `ends` or `duration`");
    if (ends <= starts || ends <= now)
        return gw_refuse(call, -EINVAL, "It would end before it begins, or has ended already");
    for (size_t i = 0; i < gw_count(params, "matchers") && !error; i++)
        error = matchers_add(&match, gw_string_at(params, "matchers", i), why, sizeof why);
    if (error) {
        matchers_fini(&match);
        return gw_refuse(call, -EINVAL, "%s", why);
    }
    struct silence *silence = silence_add(world, world->silence_last + 1);
    if (!silence) {
        matchers_fini(&match);
        return gw_refuse(call, -EBUSY, "There are %d silences already: end some", SILENCES_MAX);
    }
    silence->match = match;
    keep(&silence->author, text_or(params, "author", gw_call_caller(call)));
    keep(&silence->comment, gw_string(params, "comment"));
    silence->starts_ms = starts;
    silence->ends_ms = ends;
    silence->created_ms = now;
    char id[32], *text = NULL;
    snprintf(id, sizeof id, "%lld", (long long)silence->id);
    if (asprintf(&text, "Silence %s by %s%s%s", id, silence->author ? silence->author : "",
                 silence->comment ? ": " : "", silence->comment ? silence->comment : "") < 0)
        text = NULL;
    world_say(world, "alert.silence.created", GW_INFO, id, text, NULL);
    return silence_answer(self, call, world, silence);
}

static struct silence *silence_asked(struct world *world, struct gw_call *call)
{
    const char *id = gw_string(gw_call_params(call), "id");
    struct silence *silence = silence_find(world, strtoll(id, NULL, 10));
    if (!silence)
        gw_refuse(call, -ENOENT, "There is no silence '%s'", id);
    return silence;
}

static int silence_update(struct gw_plugin *self, struct gw_call *call)
{
    struct world *world = gw_data(self);
    const struct gw_values *params = gw_call_params(call);
    int64_t now = gw_now_ms(self), ends = end_of(params, now);
    struct silence *silence = silence_asked(world, call);
    if (!silence)
        return 0;
    if (silence_state(silence, now) == SILENCE_ENDED)
        return gw_refuse(call, -EINVAL, "Silence %lld has ended: make a new one",
                         (long long)silence->id);
    if (ends && ends <= now)
        return gw_refuse(call, -EINVAL, "That end has passed; delete it to end it now");
    silence->ends_ms = ends ? ends : silence->ends_ms;
    if (gw_has(params, "comment"))
        keep(&silence->comment, gw_string(params, "comment"));
    return silence_answer(self, call, world, silence);
}

static int silence_delete(struct gw_plugin *self, struct gw_call *call)
{
    struct world *world = gw_data(self);
    struct silence *silence = silence_asked(world, call);
    int64_t now = gw_now_ms(self);
    if (!silence)
        return 0;
    if (silence->ends_ms > now)
        silence->ends_ms = now;
    return silence_answer(self, call, world, silence);
}

/* ---- Receivers ------------------------------------------------------------------------------- */

static int receiver_test(struct gw_plugin *self, struct gw_call *call)
{
    struct world *world = gw_data(self);
    const char *id = gw_string(gw_call_params(call), "id");
    size_t i = 0;
    while (i < world->receiver_count && strcmp(world->receivers[i].name, id) != 0)
        i++;
    if (i == world->receiver_count)
        return gw_refuse(call, -ENOENT, "There is no receiver '%s'", id);
    world->now_ms = gw_now_ms(self);
    size_t letters = notify_test(world, i);
    world_turn(world);
    char json[80];
    snprintf(json, sizeof json, "{\"letters\":%zu}", letters);
    return gw_reply(call, json);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

#define ID_ROW(what)                                                                      \
    {                                                                                     \
        .name = "id", .type = GW_STRING, .max = 255, .flags = GW_REQUIRED, .help = (what) \
    }

static const struct gw_row acknowledge_params[] = {
    ID_ROW("The alert"),
    {.name = "comment", .type = GW_STRING, .max = 1000, .help = "Why, or what is being done"},
    {.name = "by", .type = GW_STRING, .max = 100, .help = "Who; the caller unless given"},
    {0},
};

static const struct gw_row id_params[] = {
    ID_ROW("The alert"),
    {0},
};

static const struct gw_row silence_create_params[] = {
    {.name = "matchers",
     .type = GW_STRINGS,
     .min = 1,
     .max = MATCHERS_MAX,
     .flags = GW_REQUIRED,
     .help = "Labels of the alerts: node=PC1, project=~net-.*, severity!=critical"},
    {.name = "comment", .type = GW_STRING, .max = 1000, .help = "Why"},
    {.name = "author", .type = GW_STRING, .max = 100, .help = "Who; the caller unless given"},
    {.name = "starts", .type = GW_TIME, .help = "When it begins; now unless given"},
    {.name = "ends", .type = GW_TIME, .help = "When it ends"},
    {.name = "duration",
     .type = GW_DURATION,
     .min = 1000,
     .max = 31536000000,
     .help = "Or how long it lasts, from its beginning"},
    {0},
};

static const struct gw_row silence_update_params[] = {
    ID_ROW("The silence"),
    {.name = "ends", .type = GW_TIME, .help = "When it ends"},
    {.name = "duration",
     .type = GW_DURATION,
     .min = 1000,
     .max = 31536000000,
     .help = "Or how long from now"},
    {.name = "comment", .type = GW_STRING, .max = 1000, .help = "Why"},
    {0},
};

static const struct gw_row silence_params[] = {
    ID_ROW("The silence"),
    {0},
};

static const struct gw_row receiver_params[] = {
    ID_ROW("The receiver"),
    {0},
};

static const struct gw_row receiver_result[] = {
    {.name = "letters", .type = GW_INT, .help = "Commands it is handed to"},
    {0},
};

static const struct gw_row test_params[] = {
    {.name = "rule", .type = GW_STRING, .max = 80, .flags = GW_REQUIRED, .help = "Name of a rule"},
    {.name = "from", .type = GW_TIME, .help = "Beginning; a day ago unless given"},
    {.name = "to", .type = GW_TIME, .help = "End; now unless given"},
    {0},
};

static const struct gw_row test_result[] = {
    {.name = "evaluated", .type = GW_INT, .help = "Rows that were looked at"},
    {.name = "series", .type = GW_INT, .help = "Series that were looked at"},
    {.name = "fired",
     .type = GW_JSON,
     .help = "When it would have fired: [{labels, from, to or null, severity, peak}]"},
    {.name = "text", .type = GW_STRING, .help = "The same in a sentence"},
    {0},
};

const struct gw_command alert_commands[] = {
    {.name = "alert.alert.acknowledge",
     .help = "Stops reminders and escalation until the problem ends",
     .role = GW_OPERATOR,
     .params = acknowledge_params,
     .run = acknowledge},
    {.name = "alert.alert.unacknowledge",
     .help = "Takes an acknowledgement back",
     .role = GW_OPERATOR,
     .params = id_params,
     .run = unacknowledge},
    {.name = "alert.silence.create",
     .help = "Nobody is told of alerts with these labels for a while",
     .role = GW_OPERATOR,
     .params = silence_create_params,
     .run = silence_create},
    {.name = "alert.silence.update",
     .help = "Changes the end or the comment of a silence",
     .role = GW_OPERATOR,
     .params = silence_update_params,
     .run = silence_update},
    {.name = "alert.silence.delete",
     .help = "Ends a silence now",
     .role = GW_OPERATOR,
     .params = silence_params,
     .run = silence_delete},
    {.name = "alert.receiver.test",
     .help = "Sends a test notification to a receiver",
     .role = GW_OPERATOR,
     .params = receiver_params,
     .result = receiver_result,
     .run = receiver_test},
    {.name = "alert.test",
     .help = "Runs a rule over stored history and shows when it would have fired",
     .role = GW_VIEWER,
     .params = test_params,
     .result = test_result,
     .run = alert_test_run,
     .deadline_ms = 300000},
    {0},
};
