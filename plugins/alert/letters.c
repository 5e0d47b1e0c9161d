/* letters.c - the outbox: each letter is offered to its command until that takes it. Letters of one
 * thread to one command go in their order; others do not wait for them. */
#include "alerts.h"
#include "notify.h"
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACK_OFF_MS = 1000, BACK_OFF_MAX_MS = 30000, ASKED_MAX = 16, SAY_AFTER_TRIES = 4 };

static void letter_free(struct letter *letter)
{
    char *texts[] = {letter->notice, letter->receiver, letter->command, letter->thread,
                     letter->kind,   letter->params,   letter->why};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    json_decref(letter->alerts);
    free(letter);
}

void letters_free(struct world *world)
{
    for (size_t i = 0; i < world->letter_count; i++)
        letter_free(world->letters[i]);
    free(world->letters);
    world->letters = NULL;
    world->letter_count = 0;
}

struct letter *letter_add(struct world *world, int64_t id)
{
    if (world->letter_count == OUTBOX_MAX) {
        if (world->letters_dropped++ == 0)
            gw_fail(world->self, -ENOSPC, "%d notifications wait: further ones are dropped",
                    OUTBOX_MAX);
        return NULL;
    }
    if (world->letter_count == world->letter_size) {
        size_t size = world->letter_size ? 2 * world->letter_size : 16;
        struct letter **more = realloc(world->letters, size * sizeof *more);
        if (!more)
            return NULL;
        world->letters = more;
        world->letter_size = size;
    }
    struct letter *letter = calloc(1, sizeof *letter);
    if (!letter)
        return NULL;
    letter->id = id;
    world->letter_last = id > world->letter_last ? id : world->letter_last;
    world->letters[world->letter_count++] = letter;
    return letter;
}

/* By their ids, which only grow. */
static struct letter *letter_of(const struct world *world, int64_t id)
{
    size_t low = 0, high = world->letter_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (world->letters[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < world->letter_count && world->letters[low]->id == id ? world->letters[low] : NULL;
}

void letter_queue(struct world *world, struct letter *letter)
{
    letter->behind = 0;
    for (size_t i = world->letter_count; i-- > 0;) {
        const struct letter *other = world->letters[i];
        if (other != letter && strcmp(other->thread, letter->thread) == 0 &&
            strcmp(other->command, letter->command) == 0 &&
            strcmp(other->receiver, letter->receiver) == 0) {
            letter->behind = other->id;
            return;
        }
    }
}

static struct receiver *receiver_of(const struct world *world, const struct letter *letter)
{
    for (size_t i = 0; i < world->receiver_count; i++)
        if (strcmp(world->receivers[i].name, letter->receiver) == 0)
            return &world->receivers[i];
    return NULL;
}

static void letter_remove(struct world *world, struct letter *letter)
{
    size_t i = 0;
    while (i < world->letter_count && world->letters[i] != letter)
        i++;
    if (i == world->letter_count)
        return;
    state_delete_letter(world, letter->id);
    world->letter_count--;
    memmove(&world->letters[i], &world->letters[i + 1],
            (world->letter_count - i) * sizeof *world->letters);
    letter_free(letter);
}

/* ---- How it went ----------------------------------------------------------------------------- */

static void note_on_alerts(struct world *world, const struct letter *letter, bool ok,
                           const char *text)
{
    size_t i, j;
    json_t *id, *one;
    json_array_foreach(letter->alerts, i, id)
    {
        struct alert *alert = alerts_find(world, json_string_value(id));
        if (!alert)
            continue;
        json_array_foreach(alert->notified, j, one)
        {
            const char *notice = json_string_value(json_object_get(one, "notice"));
            if (!notice || strcmp(notice, letter->notice) != 0)
                continue;
            json_object_set_new(one, "ok", json_boolean(ok));
            json_object_set_new(one, "text", json_string(text));
            alert->dirty = alert->shown_stale = true;
        }
    }
}

static void note_on_receiver(struct world *world, const struct letter *letter, bool ok,
                             const char *text)
{
    struct receiver *receiver = receiver_of(world, letter);
    if (!receiver)
        return;
    receiver->last_ms = gw_now_ms(world->self);
    receiver->last_ok = ok;
    snprintf(receiver->last_text, sizeof receiver->last_text, "%s", text);
    receiver->shown_stale = true;
}

static void say_failed(struct world *world, struct letter *letter, bool given_up)
{
    char *text = NULL;
    const char *alert = json_string_value(json_array_get(letter->alerts, 0));
    if (asprintf(&text, "Notice to %s by %s %s: %s", letter->receiver, letter->command,
                 given_up ? "was given up" : "cannot be handed over, it is tried again",
                 letter->why ? letter->why : "") < 0)
        text = NULL;
    world_say(world, "alert.notify.failed", GW_ERROR, alert ? alert : "", text, NULL);
    letter->failed_said = true;
}

static int64_t back_off(unsigned tries)
{
    int64_t ms = BACK_OFF_MS;
    for (unsigned i = 1; i < tries && ms < BACK_OFF_MAX_MS; i++)
        ms *= 2;
    return ms < BACK_OFF_MAX_MS ? ms : BACK_OFF_MAX_MS;
}

static void refused(struct world *world, struct letter *letter, int error, const char *json)
{
    json_t *answer = json_loads(json ? json : "", 0, NULL);
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    struct receiver *receiver = receiver_of(world, letter);
    letter->tries++;
    letter->due_ms = gw_monotonic_ms(world->self) + back_off(letter->tries);
    keep(&letter->why, detail ? detail : strerror(-error));
    json_decref(answer);
    note_on_alerts(world, letter, false, letter->why ? letter->why : "refused");
    note_on_receiver(world, letter, false, letter->why ? letter->why : "refused");
    if (letter->tries >= SAY_AFTER_TRIES && !letter->failed_said)
        say_failed(world, letter, false);
    if (gw_now_ms(world->self) - letter->put_ms < world->give_up_ms)
        return;
    say_failed(world, letter, true);
    if (receiver)
        receiver->failed++;
    letter_remove(world, letter);
}

static void taken(struct world *world, struct letter *letter)
{
    struct receiver *receiver = receiver_of(world, letter);
    note_on_alerts(world, letter, true, "handed over");
    note_on_receiver(world, letter, true, letter->kind);
    if (receiver)
        receiver->sent++;
    letter_remove(world, letter);
}

/* ---- Handing over ---------------------------------------------------------------------------- */

struct asked {
    int64_t letter;
};

static void on_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct world *world = gw_data(self);
    struct asked *asked = data;
    struct letter *letter = world ? letter_of(world, asked->letter) : NULL;
    free(asked);
    if (!letter)
        return;
    letter->asked = false;
    if (error)
        refused(world, letter, error, json);
    else
        taken(world, letter);
    letters_turn(world); /* the next of its thread */
}

static void ask(struct world *world, struct letter *letter)
{
    struct asked *asked = malloc(sizeof *asked);
    if (!asked)
        return;
    asked->letter = letter->id;
    letter->asked = true;
    int error = gw_ask(world->self, letter->command, letter->params, on_result, asked);
    if (!error)
        return;
    free(asked);
    letter->asked = false;
    refused(world, letter, error, NULL);
}

void letters_turn(struct world *world)
{
    size_t asked = 0;
    int64_t now = gw_monotonic_ms(world->self);
    for (size_t i = 0; i < world->letter_count; i++)
        asked += world->letters[i]->asked;
    for (size_t i = 0; i < world->letter_count && asked < ASKED_MAX; i++) {
        struct letter *letter = world->letters[i];
        size_t before = world->letter_count;
        if (letter->asked || now < letter->due_ms || !letter->saved ||
            (letter->behind && letter_of(world, letter->behind)))
            continue;
        ask(world, letter);
        asked += 1;
        if (world->letter_count < before)
            i--; /* it was given up at once */
    }
}

/* ---- Receivers as objects and series --------------------------------------------------------- */

static const struct gw_field notify_fields[] = {
    {"sent", GW_COUNTER, "1", "Notifications handed over"},
    {"failed", GW_COUNTER, "1", "Notifications given up"},
    {"waiting", GW_GAUGE, "1", "Notifications that wait"},
    {0},
};

static void receiver_put(struct world *world, struct receiver *receiver)
{
    json_t *sends = json_array();
    for (size_t i = 0; i < receiver->send_count; i++)
        json_array_append_new(sends, json_string(receiver->sends[i].command));
    json_t *last = receiver->last_ms
                       ? json_pack("{s:I, s:b, s:s}", "time", (json_int_t)receiver->last_ms, "ok",
                                   receiver->last_ok, "text", receiver->last_text)
                       : json_null();
    json_t *document = json_pack("{s:o, s:I, s:I, s:I, s:o}", "sends", sends, "sent",
                                 (json_int_t)receiver->sent, "failed", (json_int_t)receiver->failed,
                                 "waiting", (json_int_t)receiver->waiting, "last", last);
    char *text = json_dumps(document, JSON_COMPACT);
    if (text)
        gw_object_put(world->self, "alert.receiver", receiver->name, text);
    free(text);
    json_decref(document);
    receiver->shown_stale = false;
}

void receivers_put(struct world *world)
{
    for (size_t i = 0; i < world->receiver_count; i++) {
        struct receiver *receiver = &world->receivers[i];
        size_t waiting = 0;
        for (size_t j = 0; j < world->letter_count; j++)
            waiting += strcmp(world->letters[j]->receiver, receiver->name) == 0;
        receiver->shown_stale = receiver->shown_stale || waiting != receiver->waiting;
        receiver->waiting = waiting;
        if (receiver->shown_stale)
            receiver_put(world, receiver);
    }
    if (world->monotonic_ms - world->series_ms < 5000)
        return;
    for (size_t i = 0; i < world->receiver_count; i++) {
        struct receiver *receiver = &world->receivers[i];
        struct gw_label labels[] = {{"receiver", receiver->name}, {0}};
        double row[] = {(double)receiver->sent, (double)receiver->failed,
                        (double)receiver->waiting};
        if (!receiver->series)
            receiver->series =
                gw_series_get(world->self, "alert.notify", labels, notify_fields, 5000);
        gw_set(receiver->series, row);
    }
}
