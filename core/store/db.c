/* Tables grow by migrations only: add one at the end, never change one that was released. */
#include "store/db.h"

#include "store/aside.h"
#include "store/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const migrations[] = {
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
    "CREATE TABLE series(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, measurement TEXT NOT "
    "NULL, labels TEXT NOT NULL, fields TEXT NOT NULL, every_ms INTEGER NOT NULL, last_ms INTEGER "
    "NOT NULL) STRICT;"
    "CREATE TABLE objects(kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, time_ms "
    "INTEGER NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID, STRICT;"
    "CREATE TABLE changes(n INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, kind TEXT NOT NULL, id "
    "TEXT NOT NULL, owner TEXT, op TEXT NOT NULL, members TEXT NOT NULL) STRICT;"
    "CREATE INDEX changes_of ON changes(kind, id, n);"
    "CREATE TABLE events(sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, topic TEXT NOT "
    "NULL, severity INTEGER NOT NULL, source TEXT, kind TEXT, id TEXT, text TEXT, data TEXT) "
    "STRICT;"
    "CREATE INDEX events_of ON events(kind, id, sequence) WHERE id IS NOT NULL;"
    "CREATE INDEX events_time ON events(time_ms);"
    "CREATE VIRTUAL TABLE events_text USING fts5(text, topic, id, content='events', "
    "content_rowid='sequence');"
    "CREATE TRIGGER events_added AFTER INSERT ON events BEGIN INSERT INTO events_text(rowid, text, "
    "topic, id) VALUES (new.sequence, new.text, new.topic, new.id); END;"
    "CREATE TRIGGER events_removed AFTER DELETE ON events BEGIN INSERT INTO "
    "events_text(events_text, rowid, text, topic, id) VALUES ('delete', old.sequence, old.text, "
    "old.topic, old.id); END;"
    "CREATE TABLE commands(n INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, json TEXT NOT NULL) "
    "STRICT;",
};

enum { SCHEMA_VERSION = sizeof(migrations) / sizeof(*migrations) };

static const char *const texts[DB_STATEMENTS] = {
    [DB_SERIES_PUT] = "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?, ?)",
    [DB_SERIES_LAST] = "UPDATE series SET last_ms = ?2 WHERE id = ?1 AND last_ms < ?2",
    [DB_SERIES_FORGET] = "DELETE FROM series WHERE id = ?",
    [DB_OBJECT_PUT] = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)",
    [DB_OBJECT_DELETE] = "DELETE FROM objects WHERE kind = ? AND id = ?",
    [DB_CHANGE_ADD] = ("INSERT INTO changes(time_ms, kind, id, owner, op, members) "
                       "VALUES (?, ?, ?, ?, ?, ?)"),
    [DB_EVENT_ADD] = "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [DB_COMMAND_ADD] = "INSERT INTO commands(time_ms, json) VALUES (?, ?)",
    [DB_META_PUT] = "INSERT OR REPLACE INTO meta VALUES (?, ?)",
};

int db_exec(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

bool db_is_damage(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

int64_t db_number(struct db *db, const char *sql, int64_t otherwise)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = otherwise;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

int64_t db_meta(struct db *db, const char *name, int64_t otherwise)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = otherwise;
    if (sqlite3_prepare_v2(db->handle, "SELECT value FROM meta WHERE name = ?", -1, &statement,
                           NULL) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) == SQLITE_ROW)
            number = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return number;
}

int db_run(struct db *db, enum db_statement which)
{
    int code = sqlite3_step(db->statements[which]);
    sqlite3_reset(db->statements[which]);
    sqlite3_clear_bindings(db->statements[which]);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int db_meta_put(struct db *db, const char *name, int64_t value)
{
    sqlite3_bind_text(db->statements[DB_META_PUT], 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(db->statements[DB_META_PUT], 2, value);
    return db_run(db, DB_META_PUT);
}

static int migrate(struct db *db)
{
    int64_t version = db_number(db, "PRAGMA user_version", 0);
    if (version > SCHEMA_VERSION)
        return SQLITE_MISMATCH;
    int code = SQLITE_OK;
    for (; code == SQLITE_OK && version < SCHEMA_VERSION; version++) {
        char set[64];
        sqlite3_snprintf(sizeof(set), set, "PRAGMA user_version = %lld", (long long)version + 1);
        code = db_exec(db, "BEGIN IMMEDIATE");
        if (code == SQLITE_OK)
            code = db_exec(db, migrations[version]);
        if (code == SQLITE_OK)
            code = db_exec(db, set);
        if (code == SQLITE_OK)
            code = db_exec(db, "COMMIT");
    }
    return code;
}

static int prepare(struct db *db)
{
    for (int i = 0; i < DB_STATEMENTS; i++) {
        int code = sqlite3_prepare_v3(db->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &db->statements[i], NULL);
        if (code != SQLITE_OK)
            return code;
    }
    return SQLITE_OK;
}

/* secure_delete: Debian's build turns it on, which doubles the cost of writing. */
static int try_open(struct db *db, const char *path)
{
    *db = (struct db){0};
    int code = sqlite3_open_v2(
        path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(db->handle, 2000);
        /* A new file has nothing to lose yet: its tables are not waited for. */
        if (db_number(db, "PRAGMA user_version", 0) == 0)
            db_exec(db, "PRAGMA synchronous = OFF");
        code = db_exec(
            db, "PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF; PRAGMA cache_size = -1024;"
                "PRAGMA journal_size_limit = 8388608; PRAGMA temp_store = MEMORY;");
    }
    if (code == SQLITE_OK)
        code = migrate(db);
    if (code == SQLITE_OK)
        code = db_exec(db, "PRAGMA synchronous = NORMAL");
    if (code == SQLITE_OK)
        code = prepare(db);
    /* Reads every page of the small trees, so that damage shows now and not in the middle. */
    if (code == SQLITE_OK && db_number(db, "SELECT count(*) FROM objects", -1) < 0)
        code = sqlite3_errcode(db->handle);
    return code;
}

void db_close(struct db *db)
{
    for (int i = 0; i < DB_STATEMENTS; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->handle);
    *db = (struct db){0};
}

static void remove_beside(const char *path, const char *suffix)
{
    char *name = sqlite3_mprintf("%s%s", path, suffix);
    if (name)
        unlink(name);
    sqlite3_free(name);
}

static int open_path(struct db *db, const char *dir, const char *path, int64_t now_ms,
                     char **set_aside, char **why)
{
    int code = try_open(db, path);
    if (db_is_damage(code)) {
        db_close(db);
        int error = aside_move(dir, "gnswatch.db", now_ms, set_aside);
        if (error)
            return store_why(why, error, "%s is damaged and cannot be moved aside: %s", path,
                             strerror(-error));
        remove_beside(path, "-wal");
        remove_beside(path, "-shm");
        code = try_open(db, path);
    }
    if (code == SQLITE_OK)
        return 0;
    int error = code == SQLITE_MISMATCH ? -EPROTO : -EIO;
    if (code == SQLITE_MISMATCH)
        store_why(why, error, "%s was written by a newer gnswatch; run that one, or move the file",
                  path);
    else
        store_why(why, error, "cannot open %s: %s", path,
                  db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
    db_close(db);
    return error;
}

int db_open(struct db *db, const char *dir, int64_t now_ms, char **set_aside, char **why)
{
    *set_aside = NULL;
    char *path = sqlite3_mprintf("%s/gnswatch.db", dir);
    if (!path)
        return store_why(why, -ENOMEM, "no memory");
    int error = open_path(db, dir, path, now_ms, set_aside, why);
    sqlite3_free(path);
    return error;
}
