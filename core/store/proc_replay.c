/* From the journal into the files: at start all of it, later for series that have lost rows from
 * their rings. Rows that a file has already are passed over, so replaying twice does no harm. */
#include "store/proc.h"

#include <errno.h>
#include <stdlib.h>

/* A run of rows of one series in the segment being read. */
struct ref {
    const char *rows;
    uint32_t count, next; /* index + 1 of the series' next one; 0: last */
};

struct rename {
    uint32_t id;
    char *from, *to; /* owned */
};

struct replay {
    struct proc *proc;
    bool only_behind;
    struct ref *refs;
    size_t ref_count, ref_cap;
    struct rename *renames;
    size_t rename_count;
    uint64_t failed;
    void (*between)(struct proc *proc);
};

/* ---- Names ----------------------------------------------------------------------------------- */

static const char *next_text(const char **at, const char *end)
{
    const char *text = *at;
    const char *nul = memchr(text, '\0', (size_t)(end - text));
    if (!nul)
        return NULL;
    *at = nul + 1;
    return text;
}

static void visit_rename(void *data, uint32_t segment, const struct journal_entry *entry,
                         const char *body)
{
    (void)segment;
    struct replay *replay = data;
    const char *end = body + entry->bytes - sizeof(*entry);
    if (entry->kind != JOURNAL_RENAMED)
        return;
    const char *to = next_text(&body, end);
    const char *names = to ? next_text(&body, end) : NULL;
    const char *from = names ? next_text(&body, end) : NULL;
    struct rename *more =
        from ? realloc(replay->renames, (replay->rename_count + 1) * sizeof(*more)) : NULL;
    if (!more)
        return;
    replay->renames = more;
    more[replay->rename_count] = (struct rename){entry->id, strdup(from), strdup(to)};
    if (more[replay->rename_count].from && more[replay->rename_count].to)
        replay->rename_count++;
}

/* Where the rows of a series that was at `path` go now. */
static const char *renamed(const struct replay *replay, uint32_t id, const char *path)
{
    for (size_t i = 0; i < replay->rename_count; i++) {
        const struct rename *rename = &replay->renames[i];
        if (rename->id == id && strcmp(rename->from, path) == 0)
            path = rename->to;
    }
    return path;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static int file_scratch(struct replay *replay, struct proc_series *series, size_t count)
{
    bool has_before = series->before != NULL;
    double before[1 + GW_FIELDS_MAX];
    size_t bytes = (series->fields + 1) * sizeof(double);
    if (has_before)
        memcpy(before, series->before, bytes);
    uint64_t filed = replay->proc->stats.rows_filed;
    int error = proc_file_rows(replay->proc, series, count, before, &has_before);
    replay->proc->stats.rows_replayed += replay->proc->stats.rows_filed - filed;
    if (!error && has_before && !series->before)
        series->before = malloc(bytes);
    if (!error && has_before && series->before)
        memcpy(series->before, before, bytes);
    return error;
}

/* What the segment has of the series, in order. */
static int file_refs(struct replay *replay, struct proc_series *series)
{
    size_t width = series->fields + 1, count = 0;
    int error = 0;
    for (uint32_t at = series->refs_first; at && !error; at = replay->refs[at - 1].next) {
        const struct ref *ref = &replay->refs[at - 1];
        for (uint32_t i = 0; i < ref->count && !error; i++) {
            memcpy(replay->proc->scratch + count * width, ref->rows + i * width * sizeof(double),
                   width * sizeof(double));
            if (++count == PROC_BATCH_ROWS) {
                error = file_scratch(replay, series, count);
                count = 0;
            }
        }
    }
    if (!error)
        error = file_scratch(replay, series, count);
    series->refs_first = series->refs_last = 0;
    return error;
}

static void add_ref(struct replay *replay, struct proc_series *series, const char *rows,
                    uint32_t count)
{
    if (replay->ref_count == replay->ref_cap) {
        size_t cap = replay->ref_cap ? replay->ref_cap * 2 : 4096;
        struct ref *more = realloc(replay->refs, cap * sizeof(*more));
        if (!more)
            return;
        replay->refs = more;
        replay->ref_cap = cap;
    }
    replay->refs[replay->ref_count++] = (struct ref){rows, count, 0};
    uint32_t at = (uint32_t)replay->ref_count;
    if (series->refs_last)
        replay->refs[series->refs_last - 1].next = at;
    else
        series->refs_first = at;
    series->refs_last = at;
}

static void visit_series(struct replay *replay, uint32_t segment, const struct journal_entry *entry,
                         const char *body)
{
    const char *end = body + entry->bytes - sizeof(*entry);
    const char *path = next_text(&body, end);
    const char *names = path ? next_text(&body, end) : NULL;
    if (!names || replay->only_behind || entry->fields < 1 || entry->fields > GW_FIELDS_MAX)
        return;
    struct proc_series *series = proc_add(replay->proc, entry->id);
    if (!series)
        return;
    path = renamed(replay, entry->id, path);
    if (series->path && (strcmp(series->path, path) != 0 || strcmp(series->names, names) != 0))
        file_refs(replay, series); /* the id was another series' until here */
    proc_series_set(series, path, names);
    series->fields = entry->fields;
    series->counters = entry->more;
    proc_series_every(series, entry->every_ms);
    if (series->first_segment == 0)
        series->first_segment = segment;
}

static void visit(void *data, uint32_t segment, const struct journal_entry *entry, const char *body)
{
    struct replay *replay = data;
    if (entry->kind == JOURNAL_SERIES || entry->kind == JOURNAL_RENAMED) {
        visit_series(replay, segment, entry, body);
        return;
    }
    struct proc_series *series =
        entry->kind == JOURNAL_ROWS ? proc_find(replay->proc, entry->id) : NULL;
    size_t room = (entry->bytes - sizeof(*entry)) / sizeof(double);
    if (!series || !series->path || series->fields != entry->fields ||
        (replay->only_behind && !series->behind) ||
        room < (size_t)entry->more * (entry->fields + 1u))
        return;
    add_ref(replay, series, body, entry->more);
}

/* While the segment is still mapped: its rows go into their files. */
static void segment_done(void *data, uint32_t segment)
{
    struct replay *replay = data;
    struct proc *proc = replay->proc;
    for (size_t i = 0; i < proc->count; i++) {
        struct proc_series *series = proc->series[i];
        if (!series->refs_first)
            continue;
        if (file_refs(replay, series)) {
            replay->failed++;
            series->behind = true;
            if (series->first_segment == 0 || series->first_segment > segment)
                series->first_segment = segment;
        }
        if (replay->between)
            replay->between(proc);
    }
    replay->ref_count = 0;
}

static void replay_fini(struct replay *replay)
{
    for (size_t i = 0; i < replay->rename_count; i++) {
        free(replay->renames[i].from);
        free(replay->renames[i].to);
    }
    free(replay->renames);
    free(replay->refs);
}

static void read_segments(struct replay *replay, uint32_t first, uint32_t last)
{
    const struct journal *journal = &replay->proc->journal;
    for (uint32_t number = first; number <= last; number++)
        journal_read(journal, number, visit_rename, NULL, replay);
    for (uint32_t number = first; number <= last; number++)
        journal_read(journal, number, visit, segment_done, replay);
}

void proc_replay(struct proc *proc, void (*between)(struct proc *proc))
{
    struct replay replay = {.proc = proc, .between = between};
    read_segments(&replay, proc->journal.first, proc->journal.number);
    for (size_t i = 0; i < proc->count; i++) {
        struct proc_series *series = proc->series[i];
        free(series->before);
        series->before = NULL;
        if (!series->behind)
            series->first_segment = 0;
    }
    if (!replay.failed)
        journal_reset(&proc->journal);
    if (proc->stats.rows_replayed)
        proc_note(proc, GW_NOTICE, "store.replayed", "%llu rows of an earlier run were filed",
                  (unsigned long long)proc->stats.rows_replayed);
    replay_fini(&replay);
}

/* ---- Later ----------------------------------------------------------------------------------- */

static bool worth_trying(const struct proc *proc)
{
    bool any = false;
    for (size_t i = 0; i < proc->count && !any; i++)
        any = proc->series[i]->behind && proc->wall_ms >= proc->series[i]->retry_ms;
    return any;
}

/* The journal had what it had: the series goes on with what its ring holds. */
static void resume(struct proc *proc, struct proc_series *series)
{
    series->behind = false;
    series->first_segment = 0;
    free(series->before);
    series->before = NULL;
    if (!series->ring)
        return;
    uint64_t n = ring_oldest(series->ring, ring_head(series->ring));
    while (n < series->taken && ring_time(series->ring, n) / 1000 <= series->last_s)
        n++;
    series->filed = n;
    proc_flush(proc, series);
}

void proc_catch_up(struct proc *proc)
{
    if (proc->wall_ms < proc->catch_up_ms || !worth_trying(proc))
        return;
    proc->catch_up_ms = proc->wall_ms + 10000;
    journal_commit(&proc->journal);
    struct replay replay = {.proc = proc, .only_behind = true};
    uint32_t first = proc->journal.number;
    for (size_t i = 0; i < proc->count; i++) {
        struct proc_series *series = proc->series[i];
        if (series->behind && series->first_segment && series->first_segment < first)
            first = series->first_segment;
        series->retry_ms = series->behind ? 0 : series->retry_ms;
    }
    read_segments(&replay, first, proc->journal.number);
    for (size_t i = 0; i < proc->count; i++) {
        struct proc_series *series = proc->series[i];
        if (series->behind && series->retry_ms == 0) /* no failure set it again */
            resume(proc, series);
    }
    replay_fini(&replay);
}
