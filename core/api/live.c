/* The feed: from notes of changes to numbered messages. */
#include "api/live_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FLUSH_MS = 50, EVENTS_WAITING = 4096, MESSAGE_MAX_BYTES = 4 << 20 };

struct message *message_new(const struct buf *text, int64_t sequence, const char *kind)
{
    if (buf_error(text))
        return NULL;
    size_t kind_bytes = kind ? strlen(kind) + 1 : 0;
    struct message *message = malloc(sizeof(*message) + LWS_PRE + text->len + kind_bytes);
    if (!message)
        return NULL;
    *message = (struct message){.references = 1, .sequence = sequence, .bytes = text->len};
    message->text = (char *)(message + 1) + LWS_PRE;
    memcpy(message->text, text->data, text->len);
    if (kind) {
        message->kind = message->text + text->len;
        memcpy(message->kind, kind, kind_bytes);
    }
    return message;
}

void message_unref(struct message *message)
{
    if (message && --message->references == 0)
        free(message);
}

/* ---- The ring ------------------------------------------------------------------------------- */

static void ring_drop_first(struct live *live)
{
    struct message **slot = &live->ring[live->first % LIVE_RING_MESSAGES];
    if (*slot)
        live->ring_bytes -= (*slot)->bytes;
    message_unref(*slot);
    *slot = NULL;
    live->first++;
}

/* Takes `message` (NULL after a failure: its number is then a gap that clients are told of). */
static void ring_add(struct live *live, struct message *message)
{
    while (live->next - live->first >= LIVE_RING_MESSAGES ||
           (live->first < live->next && live->ring_bytes > LIVE_RING_BYTES))
        ring_drop_first(live);
    live->ring[live->next % LIVE_RING_MESSAGES] = message;
    if (message) {
        live->ring_bytes += message->bytes;
        message->since_ms = clock_monotonic_ms(live->parts->clock);
    }
    live->next++;
    live->counts.messages++;
}

static void ring_forget_old(struct live *live)
{
    int64_t oldest_ms = clock_monotonic_ms(live->parts->clock) - LIVE_RING_AGE_MS;
    while (live->first < live->next) {
        const struct message *message = live->ring[live->first % LIVE_RING_MESSAGES];
        if (message && message->since_ms >= oldest_ms)
            return;
        ring_drop_first(live);
    }
}

/* ---- Changes of objects --------------------------------------------------------------------- */

/* Any thread, under the lock of the objects: takes a note only. */
static void note_object(void *data, const struct object_change *change)
{
    struct live *live = data;
    struct buf key;
    buf_init(&key, 1024);
    buf_printf(&key, "%s\n%s", change->kind, change->id);
    pthread_mutex_lock(&live->lock);
    bool first = live->changed.count == 0;
    if (!buf_error(&key))
        map_put(&live->changed, key.data, live);
    pthread_mutex_unlock(&live->lock);
    buf_fini(&key);
    if (first)
        inbox_wake(live->inbox);
}

static struct map take_changes(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    struct map changes = live->changed;
    map_init(&live->changed);
    pthread_mutex_unlock(&live->lock);
    return changes;
}

static void say_object(struct live *live, struct buf *text, char *key)
{
    char *id = strchr(key, '\n');
    *id++ = '\0';
    char *document = objects_get(live->parts->objects, key, id);
    buf_clear(text);
    buf_printf(text,
               "{\"type\":\"%s\",\"sequence\":%" PRId64 ",\"kind\":", document ? "put" : "delete",
               live->next);
    buf_json_string(text, key);
    buf_adds(text, ",\"id\":");
    buf_json_string(text, id);
    if (document) {
        buf_adds(text, ",\"object\":");
        buf_adds(text, document);
    }
    buf_addc(text, '}');
    free(document);
    ring_add(live, message_new(text, live->next, key));
}

static void flush_objects(struct live *live)
{
    struct map changes = take_changes(live);
    struct buf text;
    buf_init(&text, MESSAGE_MAX_BYTES);
    for (size_t i = 0; i < changes.count; i++)
        say_object(live, &text, changes.entries[i].key);
    buf_fini(&text);
    bool any = changes.count > 0;
    map_fini(&changes);
    if (any)
        live_wake_all(live);
}

/* ---- Events --------------------------------------------------------------------------------- */

static void wake_for_event(void *data)
{
    struct live *live = data;
    inbox_wake(live->inbox);
}

static bool take_events(struct live *live)
{
    bool any = false;
    struct buf text;
    buf_init(&text, MESSAGE_MAX_BYTES);
    for (struct gw_event *event; (event = bus_take(live->events)); event_free(event)) {
        if (event->sequence == 0)
            continue; /* changes of objects are said as such */
        buf_clear(&text);
        buf_printf(&text, "{\"type\":\"event\",\"sequence\":%" PRId64 ",\"event\":", live->next);
        event_json(event, &text);
        buf_addc(&text, '}');
        ring_add(live, message_new(&text, live->next, NULL));
        any = true;
    }
    buf_fini(&text);
    return any;
}

/* ---- Time ----------------------------------------------------------------------------------- */

static void on_flush(uv_timer_t *timer)
{
    struct live *live = timer->data;
    live->flush_armed = false;
    flush_objects(live);
}

static void on_quarter(uv_timer_t *timer)
{
    struct live *live = timer->data;
    live->quarters++;
    if (live->quarters % 4 == 0)
        live_say_rows(live);
    if (live->quarters % 2 == 0 || live->jobs.count > 0)
        live_say_jobs(live);
    if (live->quarters % 8 == 0) {
        live_say_plugins(live);
        ring_forget_old(live);
    }
}

void live_wake_all(struct live *live)
{
    for (struct live_client *client = live->clients; client; client = client->following)
        client->wake(client->data);
}

void live_turn(struct live *live)
{
    if (live->events && take_events(live))
        live_wake_all(live);
    pthread_mutex_lock(&live->lock);
    bool waits = live->changed.count > 0;
    pthread_mutex_unlock(&live->lock);
    if (waits && !live->flush_armed) {
        live->flush_armed = true;
        uv_timer_start(&live->flush, on_flush, FLUSH_MS, 0);
    }
}

/* ---- Life ----------------------------------------------------------------------------------- */

struct live *live_new(const struct api_parts *parts, uv_loop_t *loop, struct inbox *inbox)
{
    struct live *live = calloc(1, sizeof(*live));
    if (!live)
        return NULL;
    live->parts = parts;
    live->inbox = inbox;
    /* Numbers of another run are never taken for ours. */
    live->first = live->next = clock_wall_ms(parts->clock);
    pthread_mutex_init(&live->lock, NULL);
    map_init(&live->changed);
    map_init(&live->series);
    map_init(&live->jobs);
    uv_timer_init(loop, &live->flush);
    uv_timer_init(loop, &live->quarter);
    live->flush.data = live->quarter.data = live;
    uv_timer_start(&live->quarter, on_quarter, 250, 250);
    objects_listen(parts->objects, note_object, live);
    live->events = bus_subscribe(parts->bus, "*", EVENTS_WAITING, wake_for_event, live);
    return live;
}

void live_stop(struct live *live)
{
    objects_unlisten(live->parts->objects, note_object, live);
    if (live->events)
        bus_unsubscribe(live->events);
    live->events = NULL;
    uv_close((uv_handle_t *)&live->flush, NULL);
    uv_close((uv_handle_t *)&live->quarter, NULL);
}

void live_free(struct live *live)
{
    if (!live)
        return;
    while (live->first < live->next)
        ring_drop_first(live);
    for (size_t i = 0; i < live->series.count; i++)
        free(live->series.entries[i].value);
    map_fini(&live->series);
    for (size_t i = 0; i < live->jobs.count; i++)
        free(live->jobs.entries[i].value);
    map_fini(&live->jobs);
    map_fini(&live->changed);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

int64_t live_sequence(const struct live *live)
{
    return live->next - 1;
}

void live_count(const struct live *live, struct live_counts *out)
{
    *out = live->counts;
    out->dropped += live->events ? bus_dropped(live->events) : 0;
}
