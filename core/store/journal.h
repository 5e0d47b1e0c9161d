/* The journal of the store process: rows on disk before they are in their RRD files.
 *
 * Segments of fixed size, preallocated and used again. A segment is a head and records; a record
 * is a head with a CRC-32C (seeded with the segment's number, so what an earlier use left behind is
 * not taken for ours) and entries: what a series is, or rows of one. Each segment says again what
 * the series in it are, so it can be read alone. Reading stops at the first record that is not
 * whole: the torn tail of a crash.
 * Knows nothing of rings or RRD files. One thread, apart from journal_sync. */
#ifndef GW_STORE_JOURNAL_H
#define GW_STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JOURNAL_SEGMENT_BYTES = 16 << 20,
    JOURNAL_RECORD_MAX = 256 << 10,
    JOURNAL_SEGMENTS_MAX = 64,
    JOURNAL_SPARE_MAX = 4,
};

enum journal_kind { JOURNAL_SERIES = 1, JOURNAL_RENAMED, JOURNAL_ROWS };

/* Before each entry. Then, for a series: path, names and (when renamed) the path before, each with
 * its NUL. For rows: `more` of them as in the ring. Padded to 8 bytes. */
struct journal_entry {
    uint32_t bytes; /* with this head */
    uint16_t kind, fields;
    uint32_t id, more; /* of a series: its counters */
    int64_t every_ms;
};

struct journal {
    char *dir;   /* owned: DIR/journal */
    int fd;      /* of the current segment; -1: none */
    int lock_fd; /* one store process a directory */
    uint32_t number;
    size_t offset;
    char *record; /* owned, JOURNAL_RECORD_MAX */
    size_t used;
    uint32_t first, spares; /* oldest kept segment; files that may be used again */
    uint64_t bytes, commits;
    int error; /* of the last write; 0: fine */
};

/* Takes the lock (-EBUSY: another process has it) and finds the segments that are there. */
int journal_open(struct journal *journal, const char *dir);
void journal_close(struct journal *journal);

/* Room for an entry of `bytes` (with its head, at most JOURNAL_RECORD_MAX / 2) in the record being
 * made; NULL: the journal cannot be written. May begin another segment. */
void *journal_room(struct journal *journal, size_t bytes);
bool journal_full(const struct journal *journal, size_t bytes); /* the next room needs a commit */
int journal_commit(struct journal *journal);                    /* the record into the file */
int journal_fd(const struct journal *journal);
/* Makes sure that the next room is found in the current segment, or begins another one. */
int journal_ready(struct journal *journal);

/* Segments before `number` are no longer needed. */
void journal_release(struct journal *journal, uint32_t number);
/* Everything is filed: begins anew. */
void journal_reset(struct journal *journal);

typedef void journal_visit_fn(void *data, uint32_t segment, const struct journal_entry *entry,
                              const char *body);
/* All entries of a segment, in order; `done` is told when it is over, with its mapping still
 * there. -ENOENT: no such segment. */
int journal_read(const struct journal *journal, uint32_t number, journal_visit_fn *visit,
                 void (*done)(void *data, uint32_t segment), void *data);

#endif
