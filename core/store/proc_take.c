/* From the rings into the journal: a copy of the rows that are new, and one write for all. */
#include "store/proc.h"

static size_t entry_bytes(size_t body)
{
    return (sizeof(struct journal_entry) + body + 7) & ~(size_t)7;
}

static void put_entry(char *room, size_t bytes, enum journal_kind kind,
                      const struct proc_series *series, uint32_t more)
{
    struct journal_entry entry = {.bytes = (uint32_t)bytes,
                                  .kind = (uint16_t)kind,
                                  .fields = (uint16_t)series->fields,
                                  .id = series->id,
                                  .more = more,
                                  .every_ms = series->every_ms};
    memcpy(room, &entry, sizeof(entry));
}

/* Room in a record of the current segment, making both when needed. */
static char *make_room(struct proc *proc, size_t bytes)
{
    struct journal *journal = &proc->journal;
    if (journal_full(journal, bytes) && journal_commit(journal))
        return NULL;
    return journal_ready(journal) ? NULL : journal_room(journal, bytes);
}

/* Says what the series is. Called first for a segment, so room in the same segment follows. */
static bool describe(struct proc *proc, struct proc_series *series, const char *from)
{
    size_t path = strlen(series->path) + 1, names = strlen(series->names) + 1;
    size_t before = from ? strlen(from) + 1 : 0;
    size_t bytes = entry_bytes(path + names + before);
    char *room = make_room(proc, bytes);
    if (!room)
        return false;
    put_entry(room, bytes, from ? JOURNAL_RENAMED : JOURNAL_SERIES, series, series->counters);
    room += sizeof(struct journal_entry);
    memcpy(room, series->path, path);
    memcpy(room + path, series->names, names);
    if (from)
        memcpy(room + path + names, from, before);
    series->described = proc->journal.number;
    return true;
}

void proc_describe_rename(struct proc *proc, struct proc_series *series, const char *from)
{
    describe(proc, series, from);
}

/* Rows [first, end) into the journal; false: it cannot be written now. */
static bool journal_rows(struct proc *proc, struct proc_series *series, uint64_t first,
                         uint64_t end)
{
    const struct ring *ring = series->ring;
    size_t bytes = entry_bytes((size_t)(end - first) * ring->row_bytes);
    if (journal_full(&proc->journal, bytes + 1024) && journal_commit(&proc->journal))
        return false;
    if (journal_ready(&proc->journal))
        return false;
    if (series->described != proc->journal.number && !describe(proc, series, NULL))
        return false;
    char *room = make_room(proc, bytes);
    if (!room)
        return false;
    put_entry(room, bytes, JOURNAL_ROWS, series, (uint32_t)(end - first));
    double *rows = (double *)(void *)(room + sizeof(struct journal_entry));
    for (uint64_t n = first; n < end; n++, rows += ring->fields + 1)
        ring_copy(ring, n, rows);
    if (ring_oldest(ring, ring_head(ring)) > first) /* overwritten under our hands */
        put_entry(room, bytes, JOURNAL_ROWS, series, 0);
    if (series->first_segment == 0)
        series->first_segment = proc->journal.number;
    return true;
}

static void note_lost(struct proc *proc, struct proc_series *series, uint64_t oldest)
{
    if (oldest <= series->taken)
        return;
    proc->stats.rows_lost += oldest - series->taken;
    if (series->filed < series->taken)
        series->behind = true;
    series->taken = oldest;
    if (!series->behind)
        series->filed = oldest;
}

void proc_take(struct proc *proc, struct proc_series *series)
{
    struct ring *ring = series->ring;
    uint64_t head = ring_head(ring);
    if (head == series->taken)
        return;
    note_lost(proc, series, ring_oldest(ring, head));
    uint64_t chunk = JOURNAL_RECORD_MAX / 4 / ring->row_bytes;
    if (series->filed == series->taken)
        series->waiting_ms = proc->wall_ms;
    while (series->taken < head) {
        uint64_t end = head - series->taken > chunk ? series->taken + chunk : head;
        /* Without a journal rows are only as safe as the ring; they are filed all the same. */
        journal_rows(proc, series, series->taken, end);
        proc->stats.rows_taken += end - series->taken;
        proc->stats.values_taken += (end - series->taken) * ring->fields;
        series->taken = end;
    }
    atomic_store_explicit(&ring->taken, head, memory_order_release);
}

static void note_journal(struct proc *proc)
{
    bool failing = proc->journal.error != 0;
    if (failing && !proc->stats.journal_failing)
        proc_note(proc, GW_ERROR, "store.journal.failing",
                  "The journal cannot be written: %s; rows go straight to their files, and what "
                  "is only in memory would be lost in a crash",
                  strerror(-proc->journal.error));
    if (!failing && proc->stats.journal_failing)
        proc_note(proc, GW_NOTICE, "store.journal.recovered", "The journal can be written again");
    proc->stats.journal_failing = failing;
}

/* The oldest segment that some series still needs. */
static uint32_t needed_segment(const struct proc *proc)
{
    uint32_t needed = proc->journal.number;
    for (size_t i = 0; i < proc->count; i++) {
        uint32_t first = proc->series[i]->first_segment;
        if (first && first < needed)
            needed = first;
    }
    return needed;
}

/* Beyond its bound the journal gives up what is oldest: the disk is worth more. */
static uint32_t bounded(struct proc *proc, uint32_t needed)
{
    if (proc->journal.number - needed < JOURNAL_SEGMENTS_MAX)
        return needed;
    needed = proc->journal.number - JOURNAL_SEGMENTS_MAX + 1;
    for (size_t i = 0; i < proc->count; i++) {
        struct proc_series *series = proc->series[i];
        if (series->first_segment && series->first_segment < needed)
            series->first_segment = needed;
    }
    return needed;
}

/* What was filed is in the page cache, and so safe from a crash of ours but not of the machine:
 * segments go only after the file system has been synced since. */
static void release_segments(struct proc *proc)
{
    uint32_t needed = bounded(proc, needed_segment(proc));
    if (proc->synced_needed && proc_synced(proc))
        journal_release(&proc->journal, proc->synced_needed);
    proc->synced_needed = needed;
    proc_sync_files(proc);
}

void proc_take_all(struct proc *proc)
{
    uint32_t number = proc->journal.number;
    uint64_t commits = proc->journal.commits;
    for (size_t i = 0; i < proc->count; i++) {
        if (proc->series[i]->ring)
            proc_take(proc, proc->series[i]);
    }
    journal_commit(&proc->journal);
    note_journal(proc);
    if (proc->journal.commits != commits)
        proc->stats.last_commit_ms = proc->wall_ms;
    if (proc->journal.number != number)
        release_segments(proc);
    proc->stats.journal_bytes = proc->journal.bytes;
    proc->stats.commits = proc->journal.commits;
    proc->stats.journal_segments = proc->journal.number - proc->journal.first + 1;
}
