/* A sink's life, what goes in, and the commands. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct sink *sink_new(struct gw_plugin *self, const struct sink_options *options)
{
    struct sink *sink = calloc(1, sizeof *sink);
    if (!sink) {
        gw_fail(self, -ENOMEM, "queue '%s'", options->queue);
        return NULL;
    }
    sink->self = self;
    sink->options = *options;
    dice_init(&sink->dice);
    sink->queue =
        gw_queue_open(self, &(struct gw_queue_options){.size = sizeof(struct gw_queue_options),
                                                       .name = options->queue,
                                                       .items_max = options->items_max,
                                                       .bytes_max = options->bytes_max,
                                                       .dead_max = options->dead_max,
                                                       .item_bytes_max = options->item_bytes_max,
                                                       .commit_ms = options->commit_ms,
                                                       .drop_oldest = options->drop_oldest});
    if (!sink->queue || sink_show_begin(sink)) {
        sink_free(sink);
        return NULL;
    }
    sink_show_soon(sink);
    sink_pump_in(sink, 0);
    return sink;
}

void sink_free(struct sink *sink)
{
    if (!sink)
        return;
    gw_timer_stop(sink->pump_timer);
    gw_timer_stop(sink->show_timer);
    gw_queue_close(sink->queue);
    for (size_t i = 0; i < sink->lane_count; i++)
        free(sink->lanes[i]);
    free(sink->shown);
    free(sink);
}

void sink_key(char key[SINK_KEY_BYTES], const char *lane, const char *id, const char *more)
{
    XXH3_state_t *state = XXH3_createState();
    XXH128_hash_t hash = {0};
    if (state && XXH3_128bits_reset(state) == XXH_OK) {
        XXH3_128bits_update(state, id, strlen(id) + 1);
        if (more)
            XXH3_128bits_update(state, more, strlen(more) + 1);
        hash = XXH3_128bits_digest(state);
    }
    XXH3_freeState(state);
    snprintf(key, SINK_KEY_BYTES, "%.63s%s%016llx%016llx", lane ? lane : "", lane ? "|" : "",
             (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

int sink_put(struct sink *sink, const char *key, const void *bytes, size_t count, int64_t *id)
{
    int error = gw_queue_put(sink->queue, key, bytes, count, id);
    if (error)
        return error;
    sink->stale = true;
    sink_pump_in(sink, 0);
    return 0;
}

static int refuse_put(struct sink *sink, struct gw_call *call, int error)
{
    const char *noun = sink->options.noun;
    if (error == -ENOSPC)
        gw_refuse(call, -EBUSY, "the queue is full, or the disk is: this %s is not taken", noun);
    else if (error == -EMSGSIZE)
        gw_refuse(call, -EINVAL, "this %s is too large", noun);
    else
        gw_refuse(call, error, "this %s cannot be kept: %s", noun, strerror(-error));
    return 0;
}

int sink_accept(struct sink *sink, struct gw_call *call, const char *key, const void *bytes,
                size_t count)
{
    int64_t id = 0;
    int error = sink_put(sink, key, bytes, count, &id);
    if (!error || error == -EEXIST) {
        int unsafe = sink->options.commit_ms ? gw_queue_flush(sink->queue) : 0;
        error = unsafe ? unsafe : error;
    }
    if (error == -EEXIST) {
        gw_reply(call, "{\"duplicate\":true}");
        return 0;
    }
    if (error)
        return refuse_put(sink, call, error);
    char answer[64];
    snprintf(answer, sizeof answer, "{\"id\":\"%lld\",\"duplicate\":false}", (long long)id);
    gw_reply(call, answer);
    return 0;
}

void sink_count(const struct sink *sink, struct gw_queue_counts *out)
{
    gw_queue_count(sink->queue, out);
}

/* ---- Commands ---- */

const struct gw_row sink_id_rows[] = {
    {.name = "id",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 20,
     .help = "Its number"},
    {0},
};

const struct gw_row sink_accept_rows[] = {
    {.name = "id",
     .type = GW_STRING,
     .help = "Its number in the queue; not when it is a duplicate"},
    {.name = "duplicate",
     .type = GW_BOOL,
     .help = "Whether it was taken before and nothing was done"},
    {0},
};

static int64_t call_id(struct gw_call *call)
{
    const char *text = gw_string(gw_call_params(call), "id");
    char *end = NULL;
    long long id = text ? strtoll(text, &end, 10) : 0;
    return end && end != text && !*end && id > 0 ? (int64_t)id : 0;
}

static int answer(struct sink *sink, struct gw_call *call, int error)
{
    if (error == -ENOENT)
        gw_refuse(call, error, "there is no such %s", sink->options.noun);
    else if (error)
        gw_refuse(call, error, "the queue: %s", strerror(-error));
    else
        gw_reply(call, NULL);
    sink_show_soon(sink);
    sink_pump_in(sink, 0);
    return 0;
}

int sink_run_retry(struct sink *sink, struct gw_call *call)
{
    int64_t id = call_id(call);
    for (size_t i = 0; i < sink->lane_count; i++)
        sink->lanes[i]->again_ms = 0; /* who asks for it wants it tried now */
    return answer(sink, call, id ? gw_queue_revive(sink->queue, id) : -ENOENT);
}

int sink_run_delete(struct sink *sink, struct gw_call *call)
{
    int64_t id = call_id(call);
    if (id && sink_in_flight(sink, id)) {
        gw_refuse(call, -EBUSY, "this %s is being sent just now", sink->options.noun);
        return 0;
    }
    return answer(sink, call, id ? gw_queue_done(sink->queue, id) : -ENOENT);
}
