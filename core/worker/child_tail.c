/* Following series from a child: the tail is in the daemon, and each turn of it is a question.
 *
 * As metric/tail.h has it for its own process: what is found, rows and ends in their order. */
#include "worker/child.h"

#include "worker/series_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct followed {            /* by id */
    struct series_read read; /* first: its info is what is handed out */
    double before[GW_FIELDS_MAX];
};

struct tail {
    struct child *child;
    struct tail_events events;
    uint32_t id; /* of the daemon's */
    struct followed **list;
    size_t count, cap;
    uint64_t lost;
    bool quiet;
};

struct tail *child_tail_new(struct gw_plugin *self, const struct gw_match *match, bool raw,
                            const struct tail_events *events)
{
    struct tail *tail = calloc(1, sizeof(*tail));
    struct child_answer answer = {0};
    struct buf json, text;
    if (!tail)
        return NULL;
    tail->child = child_of(self);
    tail->events = *events;
    buf_init(&text, WIRE_MAX);
    match_text(match, &text);
    wire_begin(&json);
    wire_add_json(&json, "match", text.data);
    wire_add_int(&json, "raw", raw);
    buf_fini(&text);
    if (child_question(tail->child, WIRE_FOLLOW, &json, &answer)) {
        free(tail);
        return NULL;
    }
    tail->id = (uint32_t)json_integer_value(json_object_get(answer.json, "follow"));
    child_answer_fini(&answer);
    return tail;
}

/* ---- What is followed ------------------------------------------------------------------------ */

static struct followed **find(const struct tail *tail, uint32_t id)
{
    for (size_t i = 0; i < tail->count; i++) { /* most rows come in the order of the list */
        if (tail->list[i]->read.info.id == id)
            return &tail->list[i];
    }
    return NULL;
}

static struct followed *add(struct tail *tail)
{
    if (tail->count == tail->cap) {
        size_t cap = tail->cap ? tail->cap * 2 : 64;
        struct followed **more = realloc(tail->list, cap * sizeof(*more));
        if (!more)
            return NULL;
        tail->list = more;
        tail->cap = cap;
    }
    struct followed *followed = calloc(1, sizeof(*followed));
    if (followed)
        tail->list[tail->count++] = followed;
    return followed;
}

static void fix(struct followed *followed)
{
    followed->read.info.labels = followed->read.labels;
    followed->read.info.fields = followed->read.fields;
    if (followed->read.info.last)
        followed->read.info.last = followed->read.last;
}

/* A new one, or one with a new name: its `mine` stays. Takes `tree`. */
static void found(struct tail *tail, uint32_t id, json_t *tree)
{
    struct followed **at = find(tail, id), *followed = at ? *at : NULL;
    struct series_read read;
    if (!series_read(tree, &read) || (!followed && !(followed = add(tail)))) {
        json_decref(tree);
        return;
    }
    void *mine = followed->read.info.mine;
    json_decref(followed->read.tree);
    followed->read = read;
    followed->read.info.mine = mine;
    fix(followed);
    if (!tail->quiet && tail->events.found)
        tail->events.found(tail->events.data, &followed->read.info);
}

static void take_row(struct tail *tail, const struct turn_record *record, const char *bytes)
{
    struct followed **at = find(tail, record->id);
    double values[GW_FIELDS_MAX];
    if (!at || record->bytes != (*at)->read.info.field_count * sizeof(double))
        return;
    memcpy(values, bytes, record->bytes);
    struct gw_series_info *info = &(*at)->read.info;
    if (!tail->quiet && tail->events.row)
        tail->events.row(tail->events.data, info, record->time_ms, values);
    memcpy((*at)->read.last, values, record->bytes);
    info->last = (*at)->read.last;
    info->last_ms = record->time_ms;
}

static void ended(struct tail *tail, struct followed **at, bool told)
{
    struct followed *followed = *at;
    if (told && !tail->quiet && tail->events.ended)
        tail->events.ended(tail->events.data, &followed->read.info);
    json_decref(followed->read.tree);
    free(followed);
}

static void end_one(struct tail *tail, const struct turn_record *record)
{
    struct followed **at = find(tail, record->id);
    if (!at)
        return;
    (*at)->read.info.live = false;
    ended(tail, at, true);
    memmove(at, at + 1, (size_t)(tail->list + --tail->count - at) * sizeof(*at));
}

/* ---- Turns ----------------------------------------------------------------------------------- */

static size_t take_record(struct tail *tail, const struct turn_record *record, const char *bytes)
{
    if (record->kind == TURN_FOUND)
        found(tail, record->id, json_loadb(bytes, record->bytes, 0, NULL));
    else if (record->kind == TURN_ROW)
        take_row(tail, record, bytes);
    else
        end_one(tail, record);
    return record->kind == TURN_ROW;
}

static size_t take_all(struct tail *tail, const struct child_answer *answer)
{
    struct turn_record record;
    size_t rows = 0;
    for (size_t at = 0; answer->raw_bytes - at >= sizeof(record);) {
        memcpy(&record, answer->raw + at, sizeof(record));
        at += sizeof(record);
        if (record.bytes > answer->raw_bytes - at)
            break;
        rows += take_record(tail, &record, answer->raw + at);
        at += (record.bytes + 7u) & ~(size_t)7u;
        if (at > answer->raw_bytes)
            break;
    }
    return rows;
}

static size_t turn(struct tail *tail)
{
    struct child_answer answer = {0};
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "follow", tail->id);
    if (child_question(tail->child, WIRE_TURN, &json, &answer))
        return 0;
    tail->lost = (uint64_t)json_integer_value(json_object_get(answer.json, "lost"));
    size_t rows = take_all(tail, &answer);
    child_answer_fini(&answer);
    return rows;
}

static void free_tail(struct tail *tail, bool told)
{
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "follow", tail->id);
    child_say(tail->child, WIRE_UNFOLLOW, 0, wire_end(&json), NULL, 0);
    buf_fini(&json);
    for (size_t i = 0; i < tail->count; i++)
        ended(tail, &tail->list[i], told);
    free(tail->list);
    free(tail);
}

static void quieten(struct tail *tail)
{
    tail->quiet = true;
}

static uint64_t lost(const struct tail *tail)
{
    return tail->lost;
}

const struct remote_tail child_tails = {turn, free_tail, quieten, lost};
