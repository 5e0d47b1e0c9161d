/* The database of one gnswatch/queue.h: its connection, tables and statements. One thread. Knows
 * nothing of limits, clocks or instances. */
#ifndef GW_STORE_QUEUE_DB_H
#define GW_STORE_QUEUE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum queue_statement {
    QUEUE_BEGIN = 0,
    QUEUE_COMMIT,
    QUEUE_ROLLBACK,
    QUEUE_PUT,
    QUEUE_BODY_PUT,
    QUEUE_KEY_GET,
    QUEUE_KEY_PUT,
    QUEUE_KEY_FINISH,
    QUEUE_KEY_FORGET,
    QUEUE_KEYS_TIDY,
    QUEUE_KEYS_TRIM,
    QUEUE_DELETE,
    QUEUE_BODY_DELETE,
    QUEUE_STATE,
    QUEUE_NEXT,
    QUEUE_DUE,
    QUEUE_FIRST,
    QUEUE_SHOW,
    QUEUE_LATER,
    QUEUE_BURY,
    QUEUE_REVIVE,
    QUEUE_DEAD_SUM,
    QUEUE_DEAD_IDS,
    QUEUE_WAITING_IDS,
    QUEUE_DEAD_FIRST,
    QUEUE_DROPPED_PUT,
    QUEUE_COUNT,
    QUEUE_VACUUM,
    QUEUE_STATEMENTS,
};

struct queue_db {
    sqlite3 *handle;
    sqlite3_stmt *statements[QUEUE_STATEMENTS];
};

/* `each_synced`: a commit returns when it is on disk; else when the system has it, so that it
 * survives the process but not yet the machine. An SQLite code: SQLITE_NOTADB when the file is no
 * queue, SQLITE_CORRUPT when it is damaged, SQLITE_MISMATCH when a newer gnswatch wrote it. */
int queue_db_open(struct queue_db *db, const char *path, bool each_synced);
void queue_db_close(struct queue_db *db);

/* Binds the values, runs the statement to its end and makes it ready again; an SQLite code. */
int queue_db_run(struct queue_db *db, enum queue_statement which, int count, const int64_t *values);
/* The same for a statement with one row of numbers: SQLITE_ROW with out[0..columns), SQLITE_DONE
 * without a row, or an error. */
int queue_db_numbers(struct queue_db *db, enum queue_statement which, int count,
                     const int64_t *values, int columns, int64_t *out);
/* Makes a statement ready again after its own use of sqlite3_step. */
void queue_db_reset(struct queue_db *db, enum queue_statement which);
/* Gives pages that are free back to the file system, a share of them. */
void queue_db_shrink(struct queue_db *db);
/* Empties the write-ahead log into the file, so that its room can be used again. */
void queue_db_checkpoint(struct queue_db *db);
int queue_db_error(const struct queue_db *db, int code); /* a negative errno */

#endif
