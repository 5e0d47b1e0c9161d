/* turn.c - see turn.h. The order matters: nothing is let out before it is written. */
#include "turn.h"

#include "alerts.h"
#include "document.h"
#include "group.h"
#include "inhibit.h"
#include "notify.h"
#include "silence.h"
#include "source.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

enum { UNSAVED_TURNS_MAX = 3, SERIES_EVERY_MS = 5000, CLOCK_JUMP_MS = 2000 };

static void silence_all(struct world *world)
{
    silences_turn(world);
    windows_turn(world);
    for (size_t i = 0; i < world->alert_count; i++) {
        struct alert *alert = world->alerts[i];
        if (alert_active(alert))
            silences_apply(world, alert);
        else if (alert->silenced_count || alert->window) {
            alert->silenced_count = 0;
            alert->window = NULL;
            alert->shown_stale = true;
        }
    }
}

/* When the disk does not take the state, telling people goes first: a restart may then repeat a
 * notice, which is better than not to give it. */
static void write_state(struct world *world)
{
    if (state_write(world) == 0) {
        world->unsaved_turns = 0;
        return;
    }
    if (++world->unsaved_turns < UNSAVED_TURNS_MAX)
        return;
    for (size_t i = 0; i < world->letter_count; i++)
        world->letters[i]->saved = true;
}

static void say_all(struct world *world)
{
    for (size_t i = 0; i < world->said_count; i++) {
        struct said *said = &world->said[i];
        bool silence = strncmp(said->topic, "alert.silence", 13) == 0;
        struct gw_event event = {.topic = said->topic,
                                 .severity = said->severity,
                                 .kind = !*said->id ? NULL
                                         : silence  ? "alert.silence"
                                                    : "alert.alert",
                                 .id = *said->id ? said->id : NULL,
                                 .text = said->text,
                                 .data = said->data};
        gw_emit(world->self, &event);
        free(said->text);
        free(said->data);
    }
    world->said_count = 0;
}

static const struct gw_field count_fields[] = {
    {"pending", GW_GAUGE, "1", "Alerts that may be about to fire"},
    {"warning", GW_GAUGE, "1", "Alerts that fire as warning"},
    {"critical", GW_GAUGE, "1", "Alerts that fire as critical"},
    {"unknown", GW_GAUGE, "1", "Alerts that fire for want of data"},
    {"silenced", GW_GAUGE, "1", "Firing alerts that are silenced"},
    {"acknowledged", GW_GAUGE, "1", "Firing alerts that are acknowledged"},
    {0},
};

static void set_series(struct world *world)
{
    double row[6] = {0};
    for (size_t i = 0; i < world->alert_count; i++) {
        const struct alert *alert = world->alerts[i];
        bool fires = alert->eval.level > LEVEL_OK;
        row[0] += eval_pending(&alert->eval);
        row[1] += alert->eval.level == LEVEL_WARNING;
        row[2] += alert->eval.level == LEVEL_CRITICAL;
        row[3] += alert->eval.level == LEVEL_UNKNOWN;
        row[4] += fires && alert->silenced_count > 0;
        row[5] += fires && alert->ack_by;
    }
    if (!world->count_series)
        world->count_series =
            gw_series_get(world->self, "alert.count", NULL, count_fields, SERIES_EVERY_MS);
    gw_set(world->count_series, row);
}

static void moment_shift(int64_t *moment, int64_t by_ms)
{
    *moment = *moment ? *moment + by_ms : 0;
}

/* The clock was set, or the machine slept: that is no time in which anything held or was silent. */
static void clock_jumped(struct world *world, int64_t by_ms)
{
    gw_log(world->self, GW_NOTICE, "the clock jumped by %lld s", (long long)(by_ms / 1000));
    source_series_shift(world, by_ms);
    for (size_t i = 0; i < world->alert_count; i++) {
        eval_shift(&world->alerts[i]->eval, by_ms);
        moment_shift(&world->alerts[i]->held_until_ms, by_ms);
        moment_shift(&world->alerts[i]->orphan_ms, by_ms);
    }
    for (size_t i = 0; i < world->group_count; i++) {
        moment_shift(&world->groups[i]->first_ms, by_ms);
        moment_shift(&world->groups[i]->flushed_ms, by_ms);
        moment_shift(&world->groups[i]->notified_ms, by_ms);
        world->groups[i]->dirty = true;
    }
}

static void look_at_clock(struct world *world)
{
    int64_t now = gw_now_ms(world->self), monotonic = gw_monotonic_ms(world->self);
    int64_t jump = now - world->turn_ms - (monotonic - world->monotonic_ms);
    if (world->turn_ms && (jump > CLOCK_JUMP_MS || jump < -CLOCK_JUMP_MS))
        clock_jumped(world, jump);
    world->now_ms = world->turn_ms = now;
    world->monotonic_ms = monotonic;
}

void world_turn(struct world *world)
{
    look_at_clock(world);
    sources_turn(world);
    alerts_turn(world);
    silence_all(world);
    inhibit_turn(world);
    groups_turn(world);
    write_state(world);
    state_alive(world);
    documents_put(world);
    receivers_put(world);
    say_all(world);
    if (world->monotonic_ms - world->series_ms >= SERIES_EVERY_MS) {
        set_series(world);
        world->series_ms = world->monotonic_ms;
    }
    letters_turn(world);
}

void world_resume(struct world *world)
{
    int64_t alive = state_last_alive(world);
    int64_t away = alive ? world->now_ms - alive : 0;
    if (away <= 0)
        return;
    for (size_t i = 0; i < world->alert_count; i++)
        eval_shift(&world->alerts[i]->eval, away);
}

/* ---- Objects of an earlier run --------------------------------------------------------------- */

static bool stands(const struct world *world, const char *kind, const char *id)
{
    if (strcmp(kind, "alert.alert") == 0)
        return alerts_find(world, id) != NULL;
    if (strcmp(kind, "alert.rule") == 0)
        return rules_find(&world->rules, id) != NULL;
    if (strcmp(kind, "alert.silence") == 0)
        return silence_find(world, strtoll(id, NULL, 10)) != NULL;
    for (size_t i = 0; i < world->window_count && strcmp(kind, "alert.window") == 0; i++)
        if (strcmp(world->windows[i].name, id) == 0)
            return true;
    for (size_t i = 0; i < world->receiver_count && strcmp(kind, "alert.receiver") == 0; i++)
        if (strcmp(world->receivers[i].name, id) == 0)
            return true;
    return false;
}

void world_tidy(struct world *world)
{
    static const char *const kinds[] = {"alert.alert", "alert.rule", "alert.silence",
                                        "alert.window", "alert.receiver"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char *text = gw_object_list(world->self, kinds[i]);
        json_t *list = text ? json_loads(text, 0, NULL) : NULL, *one;
        size_t j;
        json_array_foreach(list, j, one)
        {
            const char *id = json_string_value(json_object_get(one, "id"));
            if (id && !stands(world, kinds[i], id))
                gw_object_delete(world->self, kinds[i], id);
        }
        json_decref(list);
        gw_free(text);
    }
}
