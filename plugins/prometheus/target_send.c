/* target_send.c - one request after the other, in order; what an answer means. */
#include "target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DOWN_AFTER = 2, /* once is a hiccup */
    RETRY_MS = 500,
    PAUSE_LEAST_MS = 100,
    REQUEST_MAX_BYTES = 32 << 20,
};

/* ---- What is said ---------------------------------------------------------------------------- */

static void say(struct target *target, const char *topic, enum gw_severity severity,
                const char *text, double samples)
{
    json_t *about = json_pack("{s:s, s:s, s:f}", "target", target->name, "why", target->why,
                              "samples", samples);
    char *data = about ? json_dumps(about, JSON_COMPACT) : NULL;
    gw_emit(target->self, &(struct gw_event){.topic = topic,
                                             .severity = severity,
                                             .kind = "prometheus.target",
                                             .id = target->name,
                                             .text = text,
                                             .data = data});
    free(data);
    json_decref(about);
}

static void set_state(struct target *target, enum target_state state)
{
    char text[WHY_BYTES + 100];
    enum target_state before = target->state;
    target->state = state;
    if (before == state)
        return;
    if (state == TARGET_DOWN) {
        snprintf(text, sizeof text, "target %s is away: %s; its samples wait", target->name,
                 target->why);
        say(target, "prometheus.down", GW_ERROR, text, 0);
    } else if (before == TARGET_DOWN) {
        snprintf(text, sizeof text, "target %s is back", target->name);
        say(target, "prometheus.up", GW_NOTICE, text, 0);
    }
    target_show(target);
}

/* ---- Outcomes -------------------------------------------------------------------------------- */

static void on_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct target *target = data;
    target->timer = NULL;
    target_pump(target);
}

static void pump_in(struct target *target, int64_t delay_ms)
{
    gw_timer_stop(target->timer);
    target->timer = gw_timer_start(target->self, delay_ms, 0, on_time, target);
}

static void taken(struct target *target)
{
    for (size_t i = 0; i < target->id_count; i++) {
        gw_queue_done(target->queue, target->ids[i]); /* it may have been dropped meanwhile */
        target->sent++;
        target->samples_sent += target->item_samples[i];
    }
    target->apart -= target->apart ? 1 : 0;
    target->tries = 0;
    if (target->state != TARGET_UP)
        target->why_ms = 0;
    set_state(target, TARGET_UP);
}

static void later(struct target *target, int64_t retry_after_ms)
{
    int64_t pause_ms =
        retry_pause_ms(RETRY_MS, gw_int(target->values, "retry_longest"),
                       target->tries < 40 ? (int)target->tries : 40, dice_roll(&target->dice));
    pause_ms = pause_ms < PAUSE_LEAST_MS ? PAUSE_LEAST_MS : pause_ms;
    target->tries++;
    target->why_ms = gw_now_ms(target->self);
    target->again_ms =
        gw_monotonic_ms(target->self) + (retry_after_ms > pause_ms ? retry_after_ms : pause_ms);
    if (target->tries >= DOWN_AFTER)
        set_state(target, TARGET_DOWN);
}

static void refused(struct target *target)
{
    target->tries = 0;
    if (target->id_count > 1) { /* which of them was it? */
        target->apart = target->id_count;
        return;
    }
    target->apart -= target->apart ? 1 : 0;
    char text[WHY_BYTES + 100];
    double samples = target->item_samples[0];
    gw_queue_bury(target->queue, target->ids[0], target->why);
    target->failed++;
    target->samples_failed += samples;
    target->why_ms = gw_now_ms(target->self);
    snprintf(text, sizeof text, "target %s refuses %.0f samples: %s", target->name, samples,
             target->why);
    gw_fail(target->self, -EPROTO, "%s", text);
    say(target, "prometheus.failed", GW_WARNING, text, samples);
    set_state(target, TARGET_UP);
}

static void write_why(struct target *target, const struct gw_http_answer *answer)
{
    if (answer->error) {
        snprintf(target->why, sizeof target->why, "%s", answer->text ? answer->text : "no answer");
        return;
    }
    const char *body = answer->body ? answer->body : "";
    int words = (int)strcspn(body, "\r\n");
    snprintf(target->why, sizeof target->why, "HTTP %d%s%.*s", answer->status, words ? ": " : "",
             words < 200 ? words : 200, body);
    json_t *text = json_string(target->why); /* cut within a letter, or no UTF-8 at all */
    if (!text)
        snprintf(target->why, sizeof target->why, "HTTP %d", answer->status);
    json_decref(text);
}

static void on_done(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self;
    struct target *target = data;
    int status = answer->status;
    if (target->stopping)
        return;
    bool good = status >= 200 && status < 300 && (!answer->error || answer->error == -EMSGSIZE);
    target->busy = false;
    if (good) {
        taken(target);
    } else {
        write_why(target, answer);
        if (answer->error || status == 429 || status >= 500)
            later(target, answer->retry_after_ms);
        else
            refused(target);
    }
    pump_in(target, 0);
}

/* ---- Requests -------------------------------------------------------------------------------- */

/* Adds an item to the request, or buries it when it is damaged; false: it does not fit. */
static bool join(struct target *target, const struct gw_queue_item *item)
{
    uint32_t samples = 0, all = 0;
    size_t before = target->request.len;
    for (size_t i = 0; i < target->id_count; i++)
        all += target->item_samples[i];
    if (item->count > sizeof samples)
        memcpy(&samples, item->bytes, sizeof samples);
    if (target->id_count && (target->apart || target->id_count == JOINED_MAX ||
                             all + samples > (uint32_t)gw_int(target->values, "batch")))
        return false;
    int error = item->count <= sizeof samples
                    ? -EILSEQ
                    : wire_uncompress(&target->request, (const char *)item->bytes + sizeof samples,
                                      item->count - sizeof samples);
    if (error) {
        target->request.len = before;
        target->request.failed = false;
        if (error == -EILSEQ)
            gw_queue_bury(target->queue, item->id, "it is damaged");
        return error == -EILSEQ;
    }
    target->ids[target->id_count] = item->id;
    target->item_samples[target->id_count++] = samples;
    return true;
}

static int gather(struct target *target)
{
    struct gw_queue_item item;
    int64_t after = 0;
    target->id_count = 0;
    target->request.max = REQUEST_MAX_BYTES;
    bytes_reset(&target->request);
    while (gw_queue_next(target->queue, after, &item) == 0) {
        after = item.id;
        if (!join(target, &item))
            break;
    }
    if (!target->id_count)
        return -ENOENT;
    bytes_reset(&target->packed);
    return wire_compress(&target->packed, target->request.data, target->request.len);
}

void target_pump(struct target *target)
{
    int64_t now_ms = gw_monotonic_ms(target->self);
    if (target->busy || target->stopping || !target->queue)
        return;
    if (target->again_ms > now_ms) {
        if (!target->timer)
            pump_in(target, target->again_ms - now_ms);
        return;
    }
    if (gather(target))
        return;
    const struct gw_http_ask ask = {.method = "POST",
                                    .path = target->path,
                                    .body = target->packed.data,
                                    .body_bytes = target->packed.len,
                                    .headers = (const char *const *)target->headers,
                                    .timeout_ms = gw_int(target->values, "timeout"),
                                    .on_done = on_done,
                                    .data = target};
    target->busy = gw_http_send(target->http, &ask) != NULL;
    if (!target->busy) {
        snprintf(target->why, sizeof target->why, "the request could not be made");
        later(target, 0);
        pump_in(target, target->again_ms - now_ms);
    }
}
