/* Series that a child follows: a tail for each of its followers, turned when it asks. */
#include "worker/proxy.h"

#include "metric/tail.h"
#include "worker/series_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct proxy_follow {
    struct tail *tail;
    struct buf turn;   /* records of this one */
    uint64_t left_out; /* rows that were too many for an answer */
};

static void add(struct proxy_follow *follow, enum turn_kind kind, uint32_t id, int64_t time_ms,
                const void *bytes, size_t count)
{
    static const char zeros[8];
    const struct turn_record record = {
        .kind = kind, .id = id, .bytes = (uint32_t)count, .time_ms = time_ms};
    if (follow->turn.len + sizeof(record) + count + 8 > follow->turn.max) {
        follow->left_out += kind == TURN_ROW;
        return;
    }
    buf_add(&follow->turn, &record, sizeof(record));
    buf_add(&follow->turn, bytes, count);
    buf_add(&follow->turn, zeros, (8 - count % 8) % 8);
}

static void on_found(void *data, struct gw_series_info *info)
{
    struct buf text;
    buf_init(&text, WIRE_MAX);
    series_text(info, &text);
    add(data, TURN_FOUND, info->id, 0, text.data, text.len);
    buf_fini(&text);
}

static void on_row(void *data, struct gw_series_info *info, int64_t time_ms, const double *values)
{
    add(data, TURN_ROW, info->id, time_ms, values, info->field_count * sizeof(double));
}

static void on_end(void *data, struct gw_series_info *info)
{
    add(data, TURN_ENDED, info->id, 0, "", 0);
}

static struct proxy_follow *follow_of(const struct proxy *proxy, const struct wire_frame *frame)
{
    int64_t id = wire_int(frame, "follow");
    return id >= 0 && id < PROXY_FOLLOWS_MAX ? proxy->follows[id] : NULL;
}

static int begin(struct proxy *proxy, const struct wire_frame *frame, int *id)
{
    struct gw_label labels[GW_LABELS_MAX + 1];
    struct gw_match match;
    for (*id = 0; *id < PROXY_FOLLOWS_MAX && proxy->follows[*id];)
        ++*id;
    if (*id == PROXY_FOLLOWS_MAX ||
        !match_read(json_object_get(frame->json, "match"), &match, labels))
        return -EINVAL;
    struct proxy_follow *follow = calloc(1, sizeof(*follow));
    if (!follow)
        return -ENOMEM;
    const struct tail_events events = {on_found, on_row, on_end, follow};
    buf_init(&follow->turn, WIRE_LARGE_MAX - 4096);
    follow->tail =
        tail_new(proxy->self->parts->metric, &match, wire_int(frame, "raw") != 0, &events);
    if (!follow->tail) {
        free(follow);
        return -ENOMEM;
    }
    proxy->follows[*id] = follow;
    return 0;
}

void proxy_follow(struct proxy *proxy, const struct wire_frame *frame)
{
    struct buf json;
    int id;
    int error = begin(proxy, frame, &id);
    wire_begin(&json);
    wire_add_int(&json, "follow", id);
    proxy_answer(proxy, frame->id, error, &json, NULL, 0);
}

void proxy_turn(struct proxy *proxy, const struct wire_frame *frame)
{
    struct proxy_follow *follow = follow_of(proxy, frame);
    struct buf json;
    if (!follow) {
        proxy_answer(proxy, frame->id, -ENOENT, NULL, NULL, 0);
        return;
    }
    buf_clear(&follow->turn);
    tail_turn(follow->tail);
    wire_begin(&json);
    wire_add_int(&json, "lost", (int64_t)(tail_lost(follow->tail) + follow->left_out));
    proxy_answer(proxy, frame->id, buf_error(&follow->turn), &json, follow->turn.data,
                 follow->turn.len);
}

static void end(struct proxy_follow **at)
{
    if (!*at)
        return;
    tail_free((*at)->tail, false);
    buf_fini(&(*at)->turn);
    free(*at);
    *at = NULL;
}

void proxy_unfollow(struct proxy *proxy, const struct wire_frame *frame)
{
    if (follow_of(proxy, frame))
        end(&proxy->follows[wire_int(frame, "follow")]);
}

void proxy_end_follows(struct proxy *proxy)
{
    for (size_t i = 0; i < PROXY_FOLLOWS_MAX; i++)
        end(&proxy->follows[i]);
}
