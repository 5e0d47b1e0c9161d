/* gnswatch.db: the connection, its tables and their migrations. One thread. Knows nothing of
 * queues. */
#ifndef GW_STORE_DB_H
#define GW_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum db_statement {
    DB_SERIES_PUT = 0,
    DB_SERIES_LAST,
    DB_SERIES_FORGET,
    DB_OBJECT_PUT,
    DB_OBJECT_DELETE,
    DB_CHANGE_ADD,
    DB_EVENT_ADD,
    DB_COMMAND_ADD,
    DB_META_PUT,
    DB_STATEMENTS,
};

struct db {
    sqlite3 *handle;
    sqlite3_stmt *statements[DB_STATEMENTS];
};

/* Opens or makes dir/gnswatch.db. A damaged file is moved to dir/aside and a new one made; then
 * *set_aside is where it went (the caller frees). 0, or an error with *why. */
int db_open(struct db *db, const char *dir, int64_t now_ms, char **set_aside, char **why);
void db_close(struct db *db);
int db_exec(struct db *db, const char *sql); /* an SQLite code */
/* Runs a bound statement to its end and makes it ready again; an SQLite code. */
int db_run(struct db *db, enum db_statement which);
bool db_is_damage(int code);

/* A number in `meta`; `otherwise` when it is not there. */
int64_t db_meta(struct db *db, const char *name, int64_t otherwise);
int db_meta_put(struct db *db, const char *name, int64_t value);
int64_t db_number(struct db *db, const char *sql, int64_t otherwise);

#endif
