/* An event as one block of memory, and as JSON. A block is shared by all queues it stands in. */
#include "event/event_block.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/pattern.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct block {
    _Atomic int refs;
    struct gw_event event; /* what is handed out; its texts follow it */
};

static struct block *block_of(struct gw_event *event)
{
    return (struct block *)((char *)event - offsetof(struct block, event));
}

static size_t text_bytes(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static const char *put_text(char **at, const char *text)
{
    if (!text)
        return NULL;
    size_t bytes = strlen(text) + 1;
    char *start = memcpy(*at, text, bytes);
    *at += bytes;
    return start;
}

struct gw_event *event_copy(const struct gw_event *event)
{
    const char *text = event->text ? event->text : "";
    const char *data = event->data ? event->data : "{}";
    const char *source = event->source ? event->source : "gnswatch";
    struct block *block = malloc(sizeof(*block) + text_bytes(event->topic) + text_bytes(source) +
                                 text_bytes(event->kind) + text_bytes(event->id) +
                                 text_bytes(text) + text_bytes(data));
    if (!block)
        return NULL;
    atomic_init(&block->refs, 1);
    char *at = (char *)(block + 1);
    block->event = *event;
    block->event.topic = put_text(&at, event->topic);
    block->event.source = put_text(&at, source);
    block->event.kind = put_text(&at, event->kind);
    block->event.id = put_text(&at, event->id);
    block->event.text = put_text(&at, text);
    block->event.data = put_text(&at, data);
    return &block->event;
}

struct gw_event *event_ref(struct gw_event *event)
{
    atomic_fetch_add_explicit(&block_of(event)->refs, 1, memory_order_relaxed);
    return event;
}

void event_free(struct gw_event *event)
{
    if (event && atomic_fetch_sub_explicit(&block_of(event)->refs, 1, memory_order_acq_rel) == 1)
        free(block_of(event));
}

bool topic_matches(const char *pattern, const char *topic)
{
    return pattern_matches(pattern, topic);
}

void event_json(const struct gw_event *event, struct buf *out)
{
    buf_adds(out, "{\"sequence\":");
    buf_json_int(out, event->sequence);
    buf_adds(out, ",\"time\":");
    buf_json_int(out, event->time_ms);
    buf_adds(out, ",\"topic\":");
    buf_json_string(out, event->topic);
    buf_printf(out, ",\"severity\":\"%s\",\"source\":", severity_name(event->severity));
    buf_json_string(out, event->source);
    buf_adds(out, ",\"kind\":");
    buf_json_string(out, event->kind);
    buf_adds(out, ",\"id\":");
    buf_json_string(out, event->id);
    buf_adds(out, ",\"text\":");
    buf_json_string(out, event->text ? event->text : "");
    buf_adds(out, ",\"data\":");
    buf_adds(out, event->data && *event->data ? event->data : "{}");
    buf_addc(out, '}');
}
