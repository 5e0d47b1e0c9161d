/* One turn: see what has changed in the registry, copy new rows in batches, tell the ends. */
#include "metric/tail.h"

#include "metric/rates.h"
#include "metric/ring.h"
#include "metric/view.h"

#include <stdlib.h>

enum {
    BATCH_SERIES = 256,
    BATCH_VALUES = 16384, /* room for at least one row of each */
    HOLD_MS = 60000,      /* a tail that has not turned for so long holds no rings */
};

/* A series that is followed. */
struct entry {
    struct gw_series_info info; /* first: what is handed out; its texts are in `texts` */
    void *texts;                /* owned */
    struct gw_series *series;   /* NULL: it is gone; valid while tail->removals is the registry's */
    const struct schema *schema;
    struct ring *ring; /* where `next` counts; may be an orphan by now */
    uint64_t next;     /* the first row not read */
    uint64_t end;      /* of an ended one: the ring's head */
    uint32_t counters;
    bool news;                    /* `found` is due */
    uint64_t started, ring_since; /* of the series, as they were known */
    bool ended, has_before;
    bool left;       /* renamed to what does not match */
    bool ghost;      /* its end has been told; kept for its place in a ring that may go on */
    double before[]; /* the last row read, as in the ring */
};

struct piece { /* rows of one series in the batch */
    struct entry *entry;
    size_t first, rows;
};

struct tail {
    struct tail *following; /* in metric->tails, with the registry's lock */
    uint64_t done;          /* the generation up to which all rows are read; with the lock */
    int64_t turned_ns;      /* with the lock */

    struct metric *metric;
    struct tail_events events;
    struct gw_match match; /* texts and labels owned */
    bool raw, quiet, fresh, news;
    struct entry **entries; /* by id */
    size_t count;
    uint64_t generation, removals; /* of the registry, as the entries know it */
    _Atomic uint64_t lost;
    struct piece pieces[BATCH_SERIES];
    size_t piece_count, used;
    double batch[BATCH_VALUES];
};

bool tails_are_past(const struct metric *metric, uint64_t generation)
{
    int64_t least_ns = clock_monotonic_ns(metric->clock) - HOLD_MS * INT64_C(1000000);
    for (const struct tail *tail = metric->tails; tail; tail = tail->following) {
        if (tail->done < generation && tail->turned_ns > least_ns)
            return false;
    }
    return true;
}

/* ---- What there is to follow ----------------------------------------------------------------- */

static void entry_free(struct entry *entry)
{
    if (!entry)
        return;
    free(entry->texts);
    free(entry);
}

/* Also for one whose labels have changed. */
static bool put_texts(struct entry *entry, const struct gw_series *series)
{
    void *texts = malloc(view_bytes(series));
    if (!texts)
        return false;
    view_put(series, &entry->info, texts);
    free(entry->texts);
    entry->texts = texts;
    return true;
}

/* The row before the first one to read gives the first difference. */
static void read_before(struct entry *entry)
{
    if (entry->next == 0)
        return;
    ring_copy(entry->ring, entry->next - 1, entry->before);
    entry->has_before = entry->next - 1 >= ring_oldest(entry->ring, ring_head(entry->ring));
    if (entry->has_before) {
        entry->info.last_ms = row_time_ms(entry->before);
        entry->info.last = entry->before + 1;
    }
}

/* Where to begin: where its ghost left off, with the first row of a ring that is new since the last
 * look, else from now on. */
static uint64_t first_row(const struct tail *tail, const struct gw_series *series,
                          const struct entry *ghost)
{
    if (ghost && ghost->ring_since == series->ring_since)
        return ghost->next;
    if (ghost || (!tail->fresh && series->ring_since > tail->generation))
        return 0;
    return ring_head(series->ring);
}

static struct entry *entry_new(const struct tail *tail, struct gw_series *series,
                               const struct entry *ghost)
{
    size_t fields = series->schema->field_count;
    struct entry *entry = calloc(1, sizeof(*entry) + (fields + 1) * sizeof(double));
    if (!entry || !put_texts(entry, series)) {
        entry_free(entry);
        return NULL;
    }
    entry->series = series;
    entry->schema = series->schema;
    entry->ring = series->ring;
    entry->news = true;
    entry->started = series->started;
    entry->ring_since = series->ring_since;
    entry->next = first_row(tail, series, ghost);
    entry->counters = tail->raw ? 0 : field_counters(entry->info.fields, fields);
    read_before(entry);
    return entry;
}

static void end_entry(struct entry *entry)
{
    entry->ended = true;
    entry->end = UINT64_MAX;
    if (entry->series && entry->ring == entry->series->ring && entry->ring)
        entry->end = ring_head(entry->ring);
}

/* Brings an entry up to date. False: another look is needed. */
static bool look_again(const struct tail *tail, struct entry *entry, struct gw_series *series)
{
    entry->series = series;
    if (entry->ended)
        return true;
    if (series && series->schema == entry->schema)
        entry->started = series->started;
    if (!series || !series->owner || series->schema != entry->schema) {
        end_entry(entry);
        return !series || !series->owner; /* with other fields it is another series: found next */
    }
    entry->info.every_ms = series->every_ms;
    if (strcmp(series->key, entry->info.key) == 0)
        return true;
    if (!view_matches(series, &tail->match)) {
        end_entry(entry);
        entry->left = true;
        return true;
    }
    entry->news = true;
    return put_texts(entry, series);
}

struct look {
    struct entry **entries; /* the new list */
    size_t count;
    bool whole; /* memory was enough */
};

/* One that is not followed yet, or not any more: it may have begun since, and even ended again. */
static struct entry *look_for_new(struct tail *tail, struct look *look, struct gw_series *series,
                                  struct entry *ghost)
{
    bool may =
        series && series->ring && (ghost || series->changed > tail->generation || tail->fresh);
    if (!may || !view_matches(series, &tail->match)) {
        entry_free(ghost);
        return NULL;
    }
    if (ghost && series->started == ghost->started)
        return ghost;
    struct entry *entry = entry_new(tail, series, ghost);
    if (!entry) {
        look->whole = false;
        return ghost;
    }
    entry_free(ghost);
    entry->info.live = true; /* until its end is told */
    if (!series->owner)
        end_entry(entry);
    entry->ghost = tail->fresh && entry->ended; /* ended before we came: nobody hears of it */
    return entry;
}

static void look_at(struct tail *tail, struct look *look, struct gw_series *series,
                    struct entry *entry)
{
    if (entry && !entry->ghost)
        look->whole &= look_again(tail, entry, series);
    else
        entry = look_for_new(tail, look, series, entry);
    if (entry)
        look->entries[look->count++] = entry;
}

/* Both lists are sorted by id: one walk over both. */
static void merge(struct tail *tail, struct look *look)
{
    struct metric *metric = tail->metric;
    size_t s = 0, e = 0;
    while (s < metric->count || e < tail->count) {
        struct gw_series *series = s < metric->count ? metric->by_id[s] : NULL;
        struct entry *entry = e < tail->count ? tail->entries[e] : NULL;
        if (entry && series && entry->info.id != series->id) {
            if (entry->info.id < series->id)
                series = NULL; /* it has been removed */
            else
                entry = NULL;
        }
        s += series != NULL;
        e += entry != NULL;
        look_at(tail, look, series, entry);
    }
}

static void tell_found(struct tail *tail)
{
    for (size_t i = 0; i < tail->count && !tail->quiet; i++) {
        struct entry *entry = tail->entries[i];
        if (entry->news && !entry->ghost && tail->events.found)
            tail->events.found(tail->events.data, &entry->info);
        entry->news = false;
    }
}

/* Sees new, renamed and ended series when the registry says that there are any. Under the lock. */
static void look_around(struct tail *tail)
{
    struct metric *metric = tail->metric;
    struct look look = {.whole = true};
    if (tail->generation == metric->generation && !tail->fresh)
        return;
    look.entries = malloc((metric->count + tail->count + 1) * sizeof(struct entry *));
    if (!look.entries)
        return; /* the next turn tries again */
    merge(tail, &look);
    free(tail->entries);
    tail->entries = look.entries;
    tail->count = look.count;
    tail->removals = metric->removals;
    tail->fresh = false;
    tail->news = true;
    if (look.whole) /* else it looks again in its next turn */
        tail->generation = metric->generation;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static bool is_orphan(const struct metric *metric, const struct ring *ring, uint32_t id)
{
    for (size_t i = 0; i < metric->orphan_count; i++) {
        if (metric->orphans[i].ring == ring)
            return ring->series_id == id;
    }
    return false;
}

/* Copies what is new of the entry's ring. False: the batch is full before the ring's end. */
static bool take_rows(struct tail *tail, struct entry *entry)
{
    const struct ring *ring = entry->ring;
    size_t width = ring->fields + 1u;
    uint64_t head = ring_head(ring);
    if (entry->next > head) /* another ring at the same address */
        entry->next = 0;
    if (entry->ended && entry->end < head)
        head = entry->end;
    if (entry->next == head)
        return true;
    if (tail->piece_count == BATCH_SERIES || tail->used + width > BATCH_VALUES)
        return false;
    uint64_t first = ring_oldest(ring, ring_head(ring));
    if (first < entry->next)
        first = entry->next;
    size_t room = (BATCH_VALUES - tail->used) / width, rows = 0;
    uint64_t n = first;
    for (; n < head && rows < room; n++)
        ring_copy(ring, n, tail->batch + tail->used + rows++ * width);
    uint64_t whole = ring_oldest(ring, ring_head(ring)); /* what is older was overwritten */
    size_t torn = whole > first ? (size_t)(whole - first) : 0;
    torn = torn > rows ? rows : torn;
    atomic_fetch_add_explicit(&tail->lost, first + torn - entry->next, memory_order_relaxed);
    tail->pieces[tail->piece_count++] =
        (struct piece){entry, tail->used + torn * width, rows - torn};
    tail->used += rows * width;
    entry->next = n;
    return n == head;
}

/* All rings of a series, the one it had before a restart first. False: the batch is full. */
static bool take_series(struct tail *tail, struct entry *entry, bool sure)
{
    struct metric *metric = tail->metric;
    if (entry->ghost)
        return true;
    struct gw_series *series =
        sure ? entry->series : registry_find(metric, entry->info.id); /* some were freed */
    struct ring *now = series ? series->ring : NULL;
    if (entry->ring && entry->ring != now && !is_orphan(metric, entry->ring, entry->info.id))
        entry->ring = NULL;
    if (entry->ring && !take_rows(tail, entry))
        return false;
    if (entry->ring == now || !now || series->schema != entry->schema ||
        series->started != entry->started)
        return true;
    entry->ring = now;
    entry->ring_since = series->ring_since;
    entry->next = 0;
    return take_rows(tail, entry);
}

/* Fills the batch from entry `at` on; where to go on. */
static size_t fill(struct tail *tail, size_t at)
{
    struct metric *metric = tail->metric;
    tail->piece_count = tail->used = 0;
    pthread_mutex_lock(&metric->lock);
    bool sure = tail->removals == metric->removals;
    while (at < tail->count && take_series(tail, tail->entries[at], sure))
        at++;
    if (at == tail->count) {
        tail->done = tail->generation;
        tail->turned_ns = clock_monotonic_ns(metric->clock);
    }
    pthread_mutex_unlock(&metric->lock);
    return at;
}

static void give_row(struct tail *tail, struct entry *entry, const double *row)
{
    double rates[GW_FIELDS_MAX];
    const double *values = row + 1;
    int64_t time_ms = row_time_ms(row);
    size_t fields = entry->info.field_count;
    if (entry->counters) {
        bool near = entry->has_before &&
                    time_ms - row_time_ms(entry->before) <= RATES_SILENCE * entry->info.every_ms;
        row_rates(entry->counters, fields, near ? entry->before : NULL, row, rates);
        values = rates;
    }
    memcpy(entry->before, row, (fields + 1) * sizeof(*row));
    entry->has_before = true;
    entry->info.last_ms = time_ms;
    entry->info.last = entry->before + 1;
    if (tail->events.row && !tail->quiet)
        tail->events.row(tail->events.data, &entry->info, time_ms, values);
}

static size_t give_batch(struct tail *tail)
{
    size_t given = 0;
    for (size_t i = 0; i < tail->piece_count; i++) {
        const struct piece *piece = &tail->pieces[i];
        size_t width = piece->entry->info.field_count + 1;
        for (size_t row = 0; row < piece->rows; row++)
            give_row(tail, piece->entry, tail->batch + piece->first + row * width);
        given += piece->rows;
    }
    return given;
}

static void tell_ended(struct tail *tail)
{
    size_t kept = 0;
    for (size_t i = 0; i < tail->count; i++) {
        struct entry *entry = tail->entries[i];
        if (entry->ended && !entry->ghost) {
            entry->info.live = false;
            if (tail->events.ended)
                tail->events.ended(tail->events.data, &entry->info);
            free(entry->texts);
            entry->texts = NULL;
            entry->ghost = true;
        }
        if (entry->left)
            entry_free(entry);
        else
            tail->entries[kept++] = entry;
    }
    tail->count = kept;
}

size_t tail_turn(struct tail *tail)
{
    size_t given = 0;
    pthread_mutex_lock(&tail->metric->lock);
    look_around(tail);
    pthread_mutex_unlock(&tail->metric->lock);
    if (tail->news)
        tell_found(tail);
    tail->news = false;
    for (size_t at = 0; at < tail->count && !tail->quiet;) {
        at = fill(tail, at);
        given += give_batch(tail);
    }
    if (!tail->quiet) /* tail_free tells the rest */
        tell_ended(tail);
    return given;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static char *copy(const char *text, bool *whole)
{
    char *made = text ? strdup(text) : NULL;
    *whole &= !text || made;
    return made;
}

static bool copy_match(struct gw_match *out, const struct gw_match *match)
{
    bool whole = true;
    size_t count = 0;
    while (match->labels && match->labels[count].name)
        count++;
    out->measurement = copy(match->measurement, &whole);
    struct gw_label *labels = calloc(count + 1, sizeof(*labels));
    for (size_t i = 0; labels && i < count; i++)
        labels[i] = (struct gw_label){copy(match->labels[i].name, &whole),
                                      copy(match->labels[i].value, &whole)};
    out->labels = labels;
    return whole && labels;
}

static void free_match(struct gw_match *match)
{
    for (const struct gw_label *label = match->labels; label && label->name; label++) {
        free((char *)(uintptr_t)label->name);
        free((char *)(uintptr_t)label->value);
    }
    free((struct gw_label *)(uintptr_t)match->labels);
    free((char *)(uintptr_t)match->measurement);
}

static void release(struct tail *tail)
{
    free_match(&tail->match);
    free(tail->entries);
    free(tail);
}

struct tail *tail_new(struct metric *metric, const struct gw_match *match, bool raw,
                      const struct tail_events *events)
{
    struct tail *tail = calloc(1, sizeof(*tail));
    if (!tail)
        return NULL;
    if (!copy_match(&tail->match, match)) {
        release(tail);
        return NULL;
    }
    tail->metric = metric;
    tail->events = *events;
    tail->raw = raw;
    tail->fresh = true;
    pthread_mutex_lock(&metric->lock);
    tail->following = metric->tails;
    metric->tails = tail;
    tail->done = metric->generation;
    tail->turned_ns = clock_monotonic_ns(metric->clock);
    look_around(tail); /* rows from now on, though they are handed over in the first turn */
    pthread_mutex_unlock(&metric->lock);
    return tail;
}

void tail_free(struct tail *tail, bool told)
{
    if (!tail)
        return;
    pthread_mutex_lock(&tail->metric->lock);
    struct tail **at = &tail->metric->tails;
    while (*at != tail)
        at = &(*at)->following;
    *at = tail->following;
    pthread_mutex_unlock(&tail->metric->lock);
    for (size_t i = 0; i < tail->count; i++) {
        if (told && !tail->entries[i]->ghost && tail->events.ended)
            tail->events.ended(tail->events.data, &tail->entries[i]->info);
        entry_free(tail->entries[i]);
    }
    release(tail);
}

void tail_quiet(struct tail *tail)
{
    tail->quiet = true;
}

uint64_t tail_lost(const struct tail *tail)
{
    return atomic_load_explicit(&tail->lost, memory_order_relaxed);
}
