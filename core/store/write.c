/* Each kind of job has a function that binds and runs its statements. */
#include "store/write.h"

#include "store/changed.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC); /* NULL binds NULL */
}

static int write_series(struct db *db, const struct job *job)
{
    sqlite3_stmt *statement = db->statements[DB_SERIES_PUT];
    sqlite3_bind_int64(statement, 1, job->number);
    for (int i = 0; i < 4; i++)
        bind_text(statement, 2 + i, job->texts[i]);
    sqlite3_bind_int64(statement, 6, job->more);
    sqlite3_bind_int64(statement, 7, job->time_ms);
    return db_run(db, DB_SERIES_PUT);
}

static int write_series_last(struct db *db, const struct job *job)
{
    sqlite3_bind_int64(db->statements[DB_SERIES_LAST], 1, job->number);
    sqlite3_bind_int64(db->statements[DB_SERIES_LAST], 2, job->more);
    return db_run(db, DB_SERIES_LAST);
}

static int write_series_forget(struct db *db, const struct job *job)
{
    sqlite3_bind_int64(db->statements[DB_SERIES_FORGET], 1, job->number);
    return db_run(db, DB_SERIES_FORGET);
}

static int put_object(struct db *db, const char *kind, const char *id, const char *json,
                      int64_t time_ms)
{
    sqlite3_stmt *statement = db->statements[DB_OBJECT_PUT];
    bind_text(statement, 1, kind);
    bind_text(statement, 2, id);
    bind_text(statement, 3, json);
    sqlite3_bind_int64(statement, 4, time_ms);
    return db_run(db, DB_OBJECT_PUT);
}

static int write_change(struct db *db, const struct job *job)
{
    const char *before = job->texts[3], *after = job->texts[4];
    char *members = changed_members(before, after);
    if (!members)
        return SQLITE_OK; /* not worth losing the batch */
    sqlite3_stmt *statement = db->statements[DB_CHANGE_ADD];
    sqlite3_bind_int64(statement, 1, job->time_ms);
    bind_text(statement, 2, job->texts[0]);
    bind_text(statement, 3, job->texts[1]);
    bind_text(statement, 4, job->texts[2]);
    bind_text(statement, 5, !after ? "delete" : before ? "put" : "new");
    bind_text(statement, 6, members);
    int code = db_run(db, DB_CHANGE_ADD);
    free(members);
    return code;
}

static int write_object(struct db *db, const struct job *job)
{
    int code;
    if (job->texts[4]) {
        code = put_object(db, job->texts[0], job->texts[1], job->texts[4], job->time_ms);
    } else {
        bind_text(db->statements[DB_OBJECT_DELETE], 1, job->texts[0]);
        bind_text(db->statements[DB_OBJECT_DELETE], 2, job->texts[1]);
        code = db_run(db, DB_OBJECT_DELETE);
    }
    return code == SQLITE_OK ? write_change(db, job) : code;
}

static int write_event(struct db *db, const struct job *job)
{
    const struct gw_event *event = job->event;
    sqlite3_stmt *statement = db->statements[DB_EVENT_ADD];
    sqlite3_bind_int64(statement, 1, event->sequence);
    sqlite3_bind_int64(statement, 2, event->time_ms);
    bind_text(statement, 3, event->topic);
    sqlite3_bind_int(statement, 4, (int)event->severity);
    bind_text(statement, 5, event->source);
    bind_text(statement, 6, event->kind);
    bind_text(statement, 7, event->id);
    bind_text(statement, 8, event->text);
    bind_text(statement, 9, event->data);
    return db_run(db, DB_EVENT_ADD);
}

static int write_command(struct db *db, const struct job *job)
{
    sqlite3_bind_int64(db->statements[DB_COMMAND_ADD], 1, job->time_ms);
    bind_text(db->statements[DB_COMMAND_ADD], 2, job->texts[0]);
    return db_run(db, DB_COMMAND_ADD);
}

int write_jobs(struct db *db, const struct job_list *jobs)
{
    static int (*const writers[])(struct db *, const struct job *) = {
        [JOB_SERIES] = write_series, [JOB_SERIES_LAST] = write_series_last,
        [JOB_OBJECT] = write_object, [JOB_SERIES_FORGET] = write_series_forget,
        [JOB_EVENT] = write_event,   [JOB_COMMAND] = write_command,
    };
    if (!jobs->first)
        return SQLITE_OK;
    int code = db_exec(db, "BEGIN IMMEDIATE");
    for (const struct job *job = jobs->first; job && code == SQLITE_OK; job = job->next) {
        code = writers[job->kind](db, job);
        /* One that the tables refuse would be refused for ever: the others go on. */
        if ((code & 0xff) == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG)
            code = SQLITE_OK;
    }
    if (code == SQLITE_OK)
        code = db_exec(db, "COMMIT");
    if (code != SQLITE_OK && !sqlite3_get_autocommit(db->handle))
        db_exec(db, "ROLLBACK");
    return code;
}

/* ---- All objects again ----------------------------------------------------------------------- */

struct all_objects {
    struct db *db;
    struct objects *objects;
    int64_t now_ms;
    const char **kinds;
    size_t count;
    int code;
};

static void note_kind(void *data, const struct gw_kind *kind)
{
    struct all_objects *all = data;
    const char **more = realloc(all->kinds, (all->count + 1) * sizeof(*more));
    if (!more)
        return;
    all->kinds = more;
    all->kinds[all->count++] = kind->name;
}

static void put_kind(struct all_objects *all, const char *kind)
{
    char *text = objects_list(all->objects, kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    size_t i;
    json_t *object;
    json_array_foreach(list, i, object)
    {
        char *json = json_dumps(object, JSON_COMPACT);
        const char *id = json_string_value(json_object_get(object, "id"));
        if (json && id && all->code == SQLITE_OK)
            all->code = put_object(all->db, kind, id, json, all->now_ms);
        free(json);
    }
    json_decref(list);
    free(text);
}

int write_all_objects(struct db *db, struct objects *objects, int64_t now_ms)
{
    struct all_objects all = {.db = db, .objects = objects, .now_ms = now_ms};
    objects_each_kind(objects, note_kind, &all);
    all.code = db_exec(db, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < all.count && all.code == SQLITE_OK; i++) {
        char *sql = sqlite3_mprintf("DELETE FROM objects WHERE kind = %Q", all.kinds[i]);
        all.code = sql ? db_exec(db, sql) : SQLITE_NOMEM;
        sqlite3_free(sql);
        if (all.code == SQLITE_OK)
            put_kind(&all, all.kinds[i]);
    }
    if (all.code == SQLITE_OK)
        all.code = db_exec(db, "COMMIT");
    if (all.code != SQLITE_OK && !sqlite3_get_autocommit(db->handle))
        db_exec(db, "ROLLBACK");
    free(all.kinds);
    return all.code;
}

/* ---- Retention ------------------------------------------------------------------------------- */

/* At most 5,000 rows a turn, so that nobody waits long for the thread. */
static void trim(struct db *db, const char *table, const char *key, int64_t oldest_ms, int64_t max)
{
    char *sql = sqlite3_mprintf(
        "DELETE FROM %s WHERE %s IN (SELECT %s FROM %s WHERE time_ms < %lld OR %s <= (SELECT "
        "max(%s) FROM %s) - %lld ORDER BY %s LIMIT 5000)",
        table, key, key, table, (long long)oldest_ms, key, key, table, (long long)max, key);
    if (sql)
        db_exec(db, sql);
    sqlite3_free(sql);
}

void write_retention(struct db *db, const struct settings *settings, int64_t now_ms)
{
    trim(db, "events", "sequence", now_ms - settings->events_keep_ms, settings->events_max);
    trim(db, "changes", "n", now_ms - settings->history_keep_ms, settings->history_max);
    trim(db, "commands", "n", now_ms - settings->history_keep_ms, settings->history_max);
}

/* ---- Series ---------------------------------------------------------------------------------- */

void write_labels_json(const struct series_info *info, struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < info->label_count; i++) {
        buf_adds(out, i ? ",[" : "[");
        buf_json_string(out, info->labels[i].name);
        buf_addc(out, ',');
        buf_json_string(out, info->labels[i].value);
        buf_addc(out, ']');
    }
    buf_addc(out, ']');
}

void write_fields_json(const struct series_info *info, struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < info->field_count; i++) {
        buf_adds(out, i ? ",[" : "[");
        buf_json_string(out, info->fields[i].name);
        buf_printf(out, ",%d,", (int)info->fields[i].kind);
        buf_json_string(out, info->fields[i].unit);
        buf_addc(out, ',');
        buf_json_string(out, info->fields[i].help);
        buf_addc(out, ']');
    }
    buf_addc(out, ']');
}
