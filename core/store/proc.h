/* What the files of the store process (proc_*.c) share. Nothing here is used by the daemon.
 *
 * One thread does it all - rings into the journal, rows into files, answers - because librrd slows
 * every other thread of its process; only fdatasync has a thread of its own, as it can stall. */
#ifndef GW_STORE_PROC_H
#define GW_STORE_PROC_H

#include "metric/ring.h"
#include "store/archive.h"
#include "store/frame.h"
#include "store/journal.h"
#include "store/rrd/module.h"

#include <pthread.h>

enum { PROC_BATCH_ROWS = 512 };
#define PROC_NEVER INT64_MIN /* a time that is not known; too small for an enum */

enum proc_file { FILE_UNKNOWN = 1, FILE_READY };

struct proc_series {
    uint32_t id, fields, counters;
    uint32_t due;           /* so many rows waiting are filed */
    uint32_t described;     /* the segment that says what it is */
    uint32_t first_segment; /* the oldest with rows that are not filed; 0: none */
    struct ring *ring;      /* in the arena; NULL: none */
    uint64_t taken, filed;  /* rows of the ring: in the journal, in the file */
    int64_t every_ms;
    int64_t last_s;                 /* of the file; PROC_NEVER: not known, or no file */
    int64_t waiting_ms;             /* since when rows wait (wall clock) */
    int64_t retry_ms;               /* not before, after a failure */
    char *path, *names;             /* owned */
    double *before;                 /* owned, replay only: the row before, for counters */
    uint32_t refs_first, refs_last; /* replay: list of rows in the segment being read, 1-based */
    enum proc_file file;
    bool ending; /* its ring goes back when all is filed */
    bool behind; /* rows have left the ring that only the journal has */
};

struct proc {
    int socket;
    char *arena;
    size_t arena_bytes; /* mapped */
    const char *dir;
    struct archives archives;
    const struct rrd_module *rrd;
    bool remote; /* an rrdcached elsewhere has the files; paths are relative to its own base */
    bool manual, quit, eof, replayed;
    int64_t flush_ms, disk_max;
    int64_t wall_ms; /* of this turn */

    struct journal journal;
    struct proc_series **series; /* by id, ascending */
    size_t count, cap;
    struct process_stats stats;

    double *scratch;  /* PROC_BATCH_ROWS rows of 1 + GW_FIELDS_MAX */
    double *values;   /* of those that are filed, as rates and gauges */
    int64_t *seconds; /* and their times */
    char *text;       /* both as librrd wants them */
    const char **lines;

    struct buf in, out; /* frames */
    size_t sent;
    int64_t note_ms; /* when a failing file was last spoken of */
    int64_t catch_up_ms;
    struct replay *replay;

    pthread_t syncer;
    pthread_mutex_t sync_lock;
    pthread_cond_t sync_wake;
    int sync_fd; /* a duplicate to be synced; -1: none */
    bool sync_over, sync_files;
    uint32_t synced_needed; /* segments before it go after the next sync of all files */
};

/* proc_series.c: the table. */
struct proc_series *proc_find(struct proc *proc, uint32_t id);
struct proc_series *proc_add(struct proc *proc, uint32_t id); /* or the one that is there; NULL */
void proc_series_clear(struct proc_series *series);
int proc_series_set(struct proc_series *series, const char *path, const char *names);
void proc_series_every(struct proc_series *series, int64_t every_ms);
void proc_attach(struct proc *proc, struct proc_series *series, struct ring *ring);
void proc_free_all(struct proc *proc);

/* proc_take.c: rings into the journal. */
void proc_take(struct proc *proc, struct proc_series *series);
void proc_take_all(struct proc *proc); /* and commits */
void proc_describe_rename(struct proc *proc, struct proc_series *series, const char *from);

/* proc_file.c: files and what is wrong with them. */
int proc_file_ready(struct proc *proc, struct proc_series *series, int64_t first_s,
                    int64_t newest_s);
void proc_file_failed(struct proc *proc, struct proc_series *series, int error);
void proc_file_rename(struct proc *proc, struct proc_series *series, const char *path);
void proc_file_remove(struct proc *proc, const char *path);
void proc_file_path(const struct proc *proc, const char *path, struct buf *out);
void proc_count_files(struct proc *proc);
size_t proc_shape(const struct proc_series *series, char *names, const char **list);

/* proc_flush.c: rows into files. */
int proc_flush(struct proc *proc, struct proc_series *series); /* all that waits */
void proc_flush_due(struct proc *proc, void (*between)(struct proc *proc));
/* `count` rows in scratch; `before` is the row before them or NULL, and is set to the last one
 * when it is not NULL. */
int proc_file_rows(struct proc *proc, struct proc_series *series, size_t count, double *before,
                   bool *has_before);
bool proc_flush_all(struct proc *proc, int64_t until_ns); /* true: nothing waits */

/* proc_replay.c */
void proc_replay(struct proc *proc, void (*between)(struct proc *proc));
void proc_catch_up(struct proc *proc); /* series whose rows only the journal has */

/* proc_answer.c */
void proc_answer(struct proc *proc, const struct frame_read *read, const char *path);

/* proc_sync.c: the thread that waits for the disk. */
int proc_sync_start(struct proc *proc);
void proc_sync_stop(struct proc *proc);
void proc_sync_journal(struct proc *proc); /* soon, without waiting */
void proc_sync_files(struct proc *proc);   /* the whole file system */
bool proc_synced(struct proc *proc);       /* the last sync of all files is over */

/* process.c */
void proc_note(struct proc *proc, enum gw_severity severity, const char *topic, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

#endif
