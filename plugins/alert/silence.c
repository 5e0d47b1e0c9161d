/* silence.c - see silence.h. */
#include "silence.h"

#include "alerts.h"
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct silence *silence_find(const struct world *world, int64_t id)
{
    for (size_t i = 0; i < world->silence_count; i++)
        if (world->silences[i]->id == id)
            return world->silences[i];
    return NULL;
}

struct silence *silence_add(struct world *world, int64_t id)
{
    if (world->silence_count == SILENCES_MAX)
        return NULL;
    if (world->silence_count == world->silence_size) {
        size_t size = world->silence_size ? 2 * world->silence_size : 16;
        struct silence **more = realloc(world->silences, size * sizeof *more);
        if (!more)
            return NULL;
        world->silences = more;
        world->silence_size = size;
    }
    struct silence *silence = calloc(1, sizeof *silence);
    if (!silence)
        return NULL;
    silence->id = id;
    silence->dirty = true;
    world->silence_last = id > world->silence_last ? id : world->silence_last;
    world->silences[world->silence_count++] = silence;
    return silence;
}

static void silence_free(struct silence *silence)
{
    matchers_fini(&silence->match);
    free(silence->author);
    free(silence->comment);
    free(silence);
}

void silences_free(struct world *world)
{
    for (size_t i = 0; i < world->silence_count; i++)
        silence_free(world->silences[i]);
    free(world->silences);
    world->silences = NULL;
    world->silence_count = 0;
}

enum silence_state silence_state(const struct silence *silence, int64_t now_ms)
{
    return now_ms >= silence->ends_ms     ? SILENCE_ENDED
           : now_ms >= silence->starts_ms ? SILENCE_ACTIVE
                                          : SILENCE_PENDING;
}

void silence_put(struct world *world, struct silence *silence)
{
    static const char *const names[] = {"", "pending", "active", "ended"};
    char id[32];
    enum silence_state state = silence_state(silence, world->now_ms);
    snprintf(id, sizeof id, "%lld", (long long)silence->id);
    json_t *document = json_pack(
        "{s:o, s:s, s:s, s:I, s:I, s:s, s:I}", "matchers", matchers_json(&silence->match), "author",
        silence->author ? silence->author : "", "comment", silence->comment ? silence->comment : "",
        "starts", (json_int_t)silence->starts_ms, "ends", (json_int_t)silence->ends_ms, "state",
        names[state], "created", (json_int_t)silence->created_ms);
    char *text = json_dumps(document, JSON_COMPACT);
    if (text)
        gw_object_put(world->self, "alert.silence", id, text);
    free(text);
    json_decref(document);
    silence->shown_state = (int)state;
}

static void say_ended(struct world *world, struct silence *silence)
{
    char id[32], *text = NULL;
    snprintf(id, sizeof id, "%lld", (long long)silence->id);
    if (asprintf(&text, "Silence %s of %s has ended", id, silence->author ? silence->author : "") <
        0)
        text = NULL;
    world_say(world, "alert.silence.ended", GW_INFO, id, text, NULL);
    silence->ended_said = silence->dirty = true;
}

static void silence_forget(struct world *world, size_t i)
{
    char id[32];
    struct silence *silence = world->silences[i];
    snprintf(id, sizeof id, "%lld", (long long)silence->id);
    gw_object_delete(world->self, "alert.silence", id);
    state_delete_silence(world, silence->id);
    silence_free(silence);
    world->silence_count--;
    memmove(&world->silences[i], &world->silences[i + 1],
            (world->silence_count - i) * sizeof *world->silences);
}

void silences_turn(struct world *world)
{
    for (size_t i = 0; i < world->silence_count;) {
        struct silence *silence = world->silences[i];
        enum silence_state state = silence_state(silence, world->now_ms);
        if (state == SILENCE_ENDED && world->now_ms - silence->ends_ms > world->history_ms) {
            silence_forget(world, i);
            continue;
        }
        if (state == SILENCE_ENDED && !silence->ended_said)
            say_ended(world, silence);
        if ((int)state != silence->shown_state)
            silence_put(world, silence);
        i++;
    }
}

/* ---- Maintenance windows --------------------------------------------------------------------- */

static void window_read(struct world *world, struct window *window, const json_t *json)
{
    char why[300] = "";
    window->name = json_string_value(json_object_get(json, "name"));
    window->schedule = json_string_value(json_object_get(json, "schedule"));
    window->zone = json_string_value(json_object_get(json, "zone"));
    window->duration_ms = json_integer_value(json_object_get(json, "duration"));
    int error = matchers_load(&window->match, json_object_get(json, "match"), why, sizeof why);
    if (!error)
        window->cron = gw_cron_new(window->schedule, window->zone, why, sizeof why);
    if (!window->cron)
        gw_fail(world->self, -EINVAL, "window '%s' does not apply: %s", window->name, why);
}

int windows_load(struct world *world, const json_t *list)
{
    size_t count = json_array_size(list), i;
    json_t *one;
    world->windows = calloc(count ? count : 1, sizeof *world->windows);
    if (!world->windows)
        return -ENOMEM;
    json_array_foreach(list, i, one)
        window_read(world, &world->windows[world->window_count++], one);
    return 0;
}

void windows_free(struct world *world)
{
    for (size_t i = 0; i < world->window_count; i++) {
        matchers_fini(&world->windows[i].match);
        gw_cron_free(world->windows[i].cron);
    }
    free(world->windows);
    world->windows = NULL;
    world->window_count = 0;
}

static void window_put(struct world *world, struct window *window)
{
    json_t *document =
        json_pack("{s:o, s:s, s:s, s:I, s:b, s:o, s:o}", "matchers", matchers_json(&window->match),
                  "schedule", window->schedule, "zone", window->zone ? window->zone : "",
                  "duration", (json_int_t)window->duration_ms, "active", window->active,
                  "next_start", window->start_ms ? json_integer(window->start_ms) : json_null(),
                  "next_end", window->start_ms ? json_integer(window->end_ms) : json_null());
    char *text = json_dumps(document, JSON_COMPACT);
    if (text)
        gw_object_put(world->self, "alert.window", window->name, text);
    free(text);
    json_decref(document);
    window->shown = true;
}

/* The window that is open now, else the next. Looked up only when that may have changed: also when
 * the clock was set back. */
static void window_turn(struct world *world, struct window *window)
{
    int64_t now = world->now_ms;
    bool known =
        window->shown && now < window->end_ms &&
        (window->active ? now >= window->start_ms
                        : now < window->start_ms && now >= window->start_ms - 90LL * 86400000);
    if (known || (window->shown && !window->start_ms))
        return;
    int64_t last = gw_cron_last(window->cron, now);
    window->active = last && now < last + window->duration_ms;
    window->start_ms = window->active ? last : gw_cron_next(window->cron, now);
    window->end_ms = window->start_ms + window->duration_ms;
    window_put(world, window);
}

void windows_turn(struct world *world)
{
    for (size_t i = 0; i < world->window_count; i++)
        if (world->windows[i].cron)
            window_turn(world, &world->windows[i]);
}

/* ---- Applying -------------------------------------------------------------------------------- */

static void labels_now(const struct alert *alert, struct labels *labels)
{
    labels_copy(labels, &alert->labels);
    labels_set(labels, "severity", alert_severity(alert));
}

void silences_apply(const struct world *world, struct alert *alert)
{
    size_t silenced = alert->silenced_count;
    const char *window = alert->window;
    struct labels labels = {0};
    labels_now(alert, &labels);
    alert->silenced_count = 0;
    alert->window = NULL;
    for (size_t i = 0; i < world->silence_count && alert->silenced_count < 8; i++) {
        const struct silence *silence = world->silences[i];
        if (silence_state(silence, world->now_ms) == SILENCE_ACTIVE &&
            matchers_fit(&silence->match, &labels))
            alert->silenced_by[alert->silenced_count++] = silence->id;
    }
    for (size_t i = 0; i < world->window_count && !alert->window; i++)
        if (world->windows[i].active && matchers_fit(&world->windows[i].match, &labels))
            alert->window = world->windows[i].name;
    labels_fini(&labels);
    if (silenced != alert->silenced_count || window != alert->window)
        alert->shown_stale = true;
}
