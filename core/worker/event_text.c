/* Events as frames have them. */
#include "worker/event_text.h"

enum { BURST_S = 10 };

void event_tell(const struct gw_event *event, struct buf *json)
{
    wire_add_int(json, "sequence", event->sequence);
    wire_add_int(json, "time_ms", event->time_ms);
    wire_add_text(json, "topic", event->topic);
    wire_add_int(json, "severity", event->severity);
    wire_add_text(json, "source", event->source);
    wire_add_text(json, "kind", event->kind);
    wire_add_text(json, "id", event->id);
    wire_add_text(json, "text", event->text);
}

bool event_read(const struct wire_frame *frame, struct gw_event *out)
{
    int64_t severity = wire_int(frame, "severity");
    *out = (struct gw_event){
        .sequence = wire_int(frame, "sequence"),
        .time_ms = wire_int(frame, "time_ms"),
        .topic = wire_text(frame, "topic"),
        .severity = (enum gw_severity)severity,
        .source = wire_text(frame, "source"),
        .kind = wire_text(frame, "kind"),
        .id = wire_text(frame, "id"),
        .text = wire_text(frame, "text"),
        .data = frame->raw,
    };
    return out->topic && *out->topic && severity >= GW_DEBUG && severity <= GW_CRITICAL;
}

bool bucket_take(struct bucket *bucket, int64_t now_ns)
{
    if (bucket->per_s <= 0)
        return true;
    double most = bucket->per_s * BURST_S < 1 ? 1 : bucket->per_s * BURST_S;
    bucket->left += (double)(now_ns - bucket->since_ns) / 1e9 * bucket->per_s;
    if (!bucket->since_ns || bucket->left > most)
        bucket->left = most;
    bucket->since_ns = now_ns;
    if (bucket->left < 1)
        return false;
    bucket->left -= 1;
    return true;
}
