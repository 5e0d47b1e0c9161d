/* Bodies have a table of their own, so that "later" does not write a large item again. */
#include "store/queue_db.h"

#include <errno.h>
#include <stddef.h>

enum { APPLICATION = 0x67775131, VERSION = 1, CHECK_BYTES_MAX = 32 << 20, SHRINK_PAGES = 256 };

static const char schema[] =
    "CREATE TABLE items(id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, put_ms INTEGER NOT NULL, "
    "due_ms INTEGER NOT NULL, tries INTEGER NOT NULL, dead_ms INTEGER NOT NULL, size INTEGER NOT "
    "NULL, why TEXT) STRICT;"
    "CREATE INDEX items_turn ON items(id, due_ms) WHERE dead_ms = 0;"
    "CREATE INDEX items_dead ON items(dead_ms, id) WHERE dead_ms > 0;"
    "CREATE TABLE bodies(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE keys(key TEXT PRIMARY KEY, finished_ms INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
    "CREATE INDEX keys_finished ON keys(finished_ms) WHERE finished_ms > 0;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
    "INSERT INTO meta VALUES ('dropped', 0);";

static const char *const texts[QUEUE_STATEMENTS] = {
    [QUEUE_BEGIN] = "BEGIN IMMEDIATE",
    [QUEUE_COMMIT] = "COMMIT",
    [QUEUE_ROLLBACK] = "ROLLBACK",
    [QUEUE_PUT] = ("INSERT INTO items(put_ms, due_ms, tries, dead_ms, size, key) "
                   "VALUES (?1, ?1, 0, 0, ?2, ?3)"),
    [QUEUE_BODY_PUT] = "INSERT INTO bodies VALUES (?1, ?2)",
    [QUEUE_KEY_GET] = "SELECT finished_ms FROM keys WHERE key = ?1",
    [QUEUE_KEY_PUT] = "INSERT OR REPLACE INTO keys VALUES (?1, 0)",
    [QUEUE_KEY_FINISH] = ("UPDATE keys SET finished_ms = ?2 "
                          "WHERE key = (SELECT key FROM items WHERE id = ?1)"),
    [QUEUE_KEY_FORGET] = "DELETE FROM keys WHERE key = (SELECT key FROM items WHERE id = ?1)",
    [QUEUE_KEYS_TIDY] = "DELETE FROM keys WHERE finished_ms > 0 AND finished_ms < ?1",
    [QUEUE_KEYS_TRIM] = ("DELETE FROM keys WHERE key IN (SELECT key FROM keys WHERE finished_ms > "
                         "0 ORDER BY finished_ms DESC LIMIT -1 OFFSET ?1)"),
    [QUEUE_DELETE] = "DELETE FROM items WHERE id = ?1",
    [QUEUE_BODY_DELETE] = "DELETE FROM bodies WHERE id = ?1",
    [QUEUE_STATE] = "SELECT dead_ms, size FROM items WHERE id = ?1",
    [QUEUE_NEXT] = ("SELECT id FROM items WHERE dead_ms = 0 AND id > ?1 AND due_ms <= ?2 "
                    "ORDER BY id LIMIT 1"),
    [QUEUE_DUE] = "SELECT coalesce(min(due_ms), 0) FROM items WHERE dead_ms = 0 AND due_ms > ?1",
    [QUEUE_FIRST] = "SELECT id, size, put_ms FROM items WHERE dead_ms = 0 ORDER BY id LIMIT 1",
    [QUEUE_SHOW] = ("SELECT key, put_ms, due_ms, tries, why, bytes FROM items LEFT JOIN bodies "
                    "USING (id) WHERE id = ?1"),
    [QUEUE_LATER] = ("UPDATE items SET due_ms = ?2, tries = tries + 1, why = ?3 "
                     "WHERE id = ?1 AND dead_ms = 0"),
    [QUEUE_BURY] = ("UPDATE items SET dead_ms = ?2, tries = tries + 1, why = ?3 "
                    "WHERE id = ?1 AND dead_ms = 0"),
    [QUEUE_REVIVE] = ("UPDATE items SET tries = iif(dead_ms > 0, 0, tries), dead_ms = 0, "
                      "due_ms = ?2 WHERE id = ?1 OR (?1 = 0 AND dead_ms > 0)"),
    [QUEUE_DEAD_SUM] = ("SELECT count(*), coalesce(sum(size), 0) FROM items "
                        "WHERE dead_ms > 0 AND (?1 = 0 OR id = ?1)"),
    [QUEUE_DEAD_IDS] = "SELECT id FROM items WHERE dead_ms > 0 ORDER BY dead_ms DESC, id DESC",
    [QUEUE_WAITING_IDS] = "SELECT id FROM items WHERE dead_ms = 0 ORDER BY id",
    [QUEUE_DEAD_FIRST] = ("SELECT id, size FROM items WHERE dead_ms > 0 "
                          "ORDER BY dead_ms, id LIMIT 1"),
    [QUEUE_DROPPED_PUT] = "UPDATE meta SET value = ?1 WHERE name = 'dropped'",
    [QUEUE_COUNT] = ("SELECT count(*) FILTER (WHERE dead_ms = 0), "
                     "coalesce(sum(size) FILTER (WHERE dead_ms = 0), 0), "
                     "count(*) FILTER (WHERE dead_ms > 0), "
                     "coalesce(sum(size) FILTER (WHERE dead_ms > 0), 0), "
                     "(SELECT value FROM meta WHERE name = 'dropped') FROM items"),
    [QUEUE_VACUUM] = "PRAGMA incremental_vacuum(256)",
};

int queue_db_error(const struct queue_db *db, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_TOOBIG:
        return -EMSGSIZE;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    default:
        break;
    }
    int error = db->handle ? sqlite3_system_errno(db->handle) : 0;
    if ((code & 0xff) == SQLITE_IOERR && (error == ENOSPC || error == EDQUOT))
        return -ENOSPC;
    return (code & 0xff) == SQLITE_CANTOPEN && error ? -error : -EIO;
}

void queue_db_reset(struct queue_db *db, enum queue_statement which)
{
    sqlite3_reset(db->statements[which]);
    sqlite3_clear_bindings(db->statements[which]);
}

int queue_db_numbers(struct queue_db *db, enum queue_statement which, int count,
                     const int64_t *values, int columns, int64_t *out)
{
    sqlite3_stmt *statement = db->statements[which];
    for (int i = 0; i < count; i++)
        sqlite3_bind_int64(statement, i + 1, values[i]);
    int code = sqlite3_step(statement);
    for (int i = 0; code == SQLITE_ROW && i < columns; i++)
        out[i] = sqlite3_column_int64(statement, i);
    while (columns == 0 && code == SQLITE_ROW)
        code = sqlite3_step(statement);
    queue_db_reset(db, which);
    return code;
}

int queue_db_run(struct queue_db *db, enum queue_statement which, int count, const int64_t *values)
{
    int code = queue_db_numbers(db, which, count, values, 0, NULL);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int64_t number(struct queue_db *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static int run_text(struct queue_db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

/* A file without anything in it becomes a queue; one of others is left as it is. */
static int make_tables(struct queue_db *db)
{
    int64_t tables = number(db, "SELECT count(*) FROM sqlite_schema");
    if (tables < 0)
        return sqlite3_errcode(db->handle);
    int64_t application = number(db, "PRAGMA application_id");
    if (tables > 0 && application != APPLICATION)
        return SQLITE_NOTADB;
    if (tables > 0)
        return number(db, "PRAGMA user_version") > VERSION ? SQLITE_MISMATCH : SQLITE_OK;
    char marks[96];
    sqlite3_snprintf(sizeof(marks), marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                     APPLICATION, VERSION);
    int code = run_text(db, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK)
        code = run_text(db, schema);
    if (code == SQLITE_OK)
        code = run_text(db, marks);
    return code == SQLITE_OK ? run_text(db, "COMMIT") : code;
}

/* Every page is read, as long as that takes no time to speak of; damage elsewhere shows when it is
 * met. */
static int check_pages(struct queue_db *db)
{
    if (number(db, "PRAGMA page_count") * number(db, "PRAGMA page_size") > CHECK_BYTES_MAX)
        return SQLITE_OK;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const char *said = (const char *)sqlite3_column_text(statement, 0);
        code = said && sqlite3_stricmp(said, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    }
    sqlite3_finalize(statement);
    return code;
}

static int prepare(struct queue_db *db)
{
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < QUEUE_STATEMENTS; i++)
        code = sqlite3_prepare_v3(db->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                  &db->statements[i], NULL);
    /* A queue whose tables are not ours is not one of ours. */
    return code == SQLITE_ERROR ? SQLITE_NOTADB : code;
}

/* The exclusive lock keeps a second opener out and needs no shared memory file. secure_delete:
 * Debian's build turns it on, which doubles the cost of writing. */
int queue_db_open(struct queue_db *db, const char *path, bool each_synced)
{
    *db = (struct queue_db){0};
    int code = sqlite3_open_v2(
        path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = run_text(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = INCREMENTAL;"
                            "PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF;"
                            "PRAGMA cache_size = -256; PRAGMA journal_size_limit = 8388608;"
                            "PRAGMA temp_store = MEMORY;");
    if (code == SQLITE_OK)
        code =
            run_text(db, each_synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (code == SQLITE_OK)
        code = make_tables(db);
    if (code == SQLITE_OK)
        code = check_pages(db);
    if (code == SQLITE_OK)
        code = prepare(db);
    return code;
}

void queue_db_close(struct queue_db *db)
{
    for (int i = 0; i < QUEUE_STATEMENTS; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->handle);
    *db = (struct queue_db){0};
}

void queue_db_shrink(struct queue_db *db)
{
    if (number(db, "PRAGMA freelist_count") > SHRINK_PAGES)
        queue_db_run(db, QUEUE_VACUUM, 0, NULL);
}

void queue_db_checkpoint(struct queue_db *db)
{
    sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}
