/* state.c - see state.h. One table of documents by kind and id: what they hold is known to those
 * who make them (save.c). */
#include "state.h"

#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEQUENCE_EVERY_MS = 60000 };

struct state {
    sqlite3 *db;
    sqlite3_stmt *put, *gone;
    json_t *deleted; /* [[kind, id]] since the last transaction */
    int64_t sequence, sequence_saved;
    int64_t letter_last_saved;
    int alive_fd;
    int64_t last_alive_ms, begun_ms;
    int64_t written_ms;
};

/* ---- Opening --------------------------------------------------------------------------------- */

static int database_open(struct world *world, const char *path)
{
    struct state *state = world->state;
    if (sqlite3_open_v2(path, &state->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ||
        sqlite3_exec(state->db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=500;"
                     "PRAGMA cache_size=-256;"
                     "CREATE TABLE IF NOT EXISTS thing(kind TEXT NOT NULL, id TEXT NOT NULL, "
                     "document TEXT NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID",
                     NULL, NULL, NULL) ||
        sqlite3_prepare_v2(state->db, "INSERT OR REPLACE INTO thing VALUES(?1, ?2, ?3)", -1,
                           &state->put, NULL) ||
        sqlite3_prepare_v2(state->db, "DELETE FROM thing WHERE kind = ?1 AND id = ?2", -1,
                           &state->gone, NULL))
        return sqlite3_errcode(state->db) ? sqlite3_errcode(state->db) : SQLITE_ERROR;
    return SQLITE_OK;
}

static void database_close(struct state *state)
{
    sqlite3_finalize(state->put);
    sqlite3_finalize(state->gone);
    sqlite3_close(state->db);
    state->put = state->gone = NULL;
    state->db = NULL;
}

static int aside(struct world *world, const char *path)
{
    char to[PATH_MAX + 40];
    snprintf(to, sizeof to, "%s.damaged-%lld", path, (long long)gw_now_ms(world->self));
    gw_log(world->self, GW_ERROR, "%s cannot be read: it is kept as %s and a new one is begun",
           path, to);
    return rename(path, to) ? -errno : 0;
}

static void alive_open(struct world *world)
{
    char path[PATH_MAX], text[32] = "";
    snprintf(path, sizeof path, "%s/alive", gw_state_dir(world->self));
    world->state->alive_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (world->state->alive_fd >= 0 && pread(world->state->alive_fd, text, sizeof text - 1, 0) > 0)
        world->state->last_alive_ms = strtoll(text, NULL, 10);
}

int state_open(struct world *world)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/alert.db", gw_state_dir(world->self));
    world->state = calloc(1, sizeof *world->state);
    if (!world->state)
        return gw_fail(world->self, -ENOMEM, "start");
    world->state->alive_fd = -1;
    world->state->deleted = json_array();
    int error = database_open(world, path);
    if (error == SQLITE_CORRUPT || error == SQLITE_NOTADB) {
        database_close(world->state);
        error = aside(world, path) ? error : database_open(world, path);
    }
    if (error)
        return gw_fail(world->self, -EIO, "open %s: %s", path, sqlite3_errmsg(world->state->db));
    alive_open(world);
    return 0;
}

void state_close(struct world *world)
{
    if (!world->state)
        return;
    database_close(world->state);
    if (world->state->alive_fd >= 0)
        close(world->state->alive_fd);
    json_decref(world->state->deleted);
    free(world->state);
    world->state = NULL;
}

/* ---- Reading --------------------------------------------------------------------------------- */

typedef void load_fn(struct world *world, const char *id, const json_t *document);

static int load(struct world *world, const char *kind, load_fn *each)
{
    sqlite3_stmt *all = NULL;
    sqlite3 *db = world->state->db;
    /* Letters in the order they were written: their ids are numbers of one width. */
    if (sqlite3_prepare_v2(db, "SELECT id, document FROM thing WHERE kind = ?1 ORDER BY id", -1,
                           &all, NULL) ||
        sqlite3_bind_text(all, 1, kind, -1, SQLITE_STATIC))
        return gw_fail(world->self, -EIO, "read the state: %s", sqlite3_errmsg(db));
    int step;
    while ((step = sqlite3_step(all)) == SQLITE_ROW) {
        json_t *document = json_loads((const char *)sqlite3_column_text(all, 1), 0, NULL);
        if (document)
            each(world, (const char *)sqlite3_column_text(all, 0), document);
        json_decref(document);
    }
    sqlite3_finalize(all);
    return step == SQLITE_DONE
               ? 0
               : gw_fail(world->self, -EIO, "read the state: %s", sqlite3_errmsg(db));
}

static void meta_load(struct world *world, const char *id, const json_t *document)
{
    int64_t value = json_integer_value(json_object_get(document, "value"));
    if (strcmp(id, "sequence") == 0)
        world->state->sequence = world->state->sequence_saved = value;
    if (strcmp(id, "begun") == 0)
        world->state->begun_ms = value;
    if (strcmp(id, "letter") == 0)
        world->letter_last = world->state->letter_last_saved = value;
    if (strcmp(id, "silence") == 0)
        world->silence_last = value;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int run(sqlite3_stmt *statement, const char *kind, const char *id, const char *document)
{
    sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, id, -1, SQLITE_STATIC);
    if (document)
        sqlite3_bind_text(statement, 3, document, -1, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return step == SQLITE_DONE ? 0 : -EIO;
}

static int put(struct world *world, const char *kind, const char *id, json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    int error = text ? run(world->state->put, kind, id, text) : -ENOMEM;
    free(text);
    json_decref(document);
    return error;
}

static int begin_state(struct world *world)
{
    if (world->state->begun_ms)
        return 0;
    world->state->begun_ms = world->now_ms;
    if (put(world, "meta", "begun", json_pack("{s:I}", "value", (json_int_t)world->now_ms)))
        return gw_fail(world->self, -EIO, "write the state: %s", sqlite3_errmsg(world->state->db));
    return 0;
}

int state_load(struct world *world)
{
    int error = load(world, "meta", meta_load);
    error = error ? error : load(world, "silence", save_silence_load);
    error = error ? error : load(world, "group", save_group_load);
    error = error ? error : load(world, "alert", save_alert_load);
    error = error ? error : load(world, "letter", save_letter_load);
    return error ? error : begin_state(world);
}

static void letter_key(int64_t id, char out[32])
{
    snprintf(out, 32, "%019lld", (long long)id);
}

static int write_deleted(struct world *world)
{
    size_t i;
    json_t *one;
    int error = 0;
    json_array_foreach(world->state->deleted, i, one) error =
        error ? error
              : run(world->state->gone, json_string_value(json_array_get(one, 0)),
                    json_string_value(json_array_get(one, 1)), NULL);
    return error;
}

static int write_alerts(struct world *world)
{
    int error = 0;
    for (size_t i = 0; i < world->alert_count && !error; i++)
        if (world->alerts[i]->dirty)
            error = put(world, "alert", world->alerts[i]->id, save_alert(world, world->alerts[i]));
    for (size_t i = 0; i < world->group_count && !error; i++)
        if (world->groups[i]->dirty)
            error = put(world, "group", world->groups[i]->key, save_group(world, world->groups[i]));
    return error;
}

static int write_others(struct world *world)
{
    char id[32];
    int error = 0;
    for (size_t i = 0; i < world->silence_count && !error; i++) {
        if (!world->silences[i]->dirty)
            continue;
        snprintf(id, sizeof id, "%lld", (long long)world->silences[i]->id);
        error = put(world, "silence", id, save_silence(world->silences[i]));
        error = error ? error
                      : put(world, "meta", "silence",
                            json_pack("{s:I}", "value", (json_int_t)world->silence_last));
    }
    for (size_t i = 0; i < world->letter_count && !error; i++) {
        if (world->letters[i]->saved)
            continue;
        letter_key(world->letters[i]->id, id);
        error = put(world, "letter", id, save_letter(world->letters[i]));
    }
    if (!error && world->letter_last != world->state->letter_last_saved)
        error = put(world, "meta", "letter",
                    json_pack("{s:I}", "value", (json_int_t)world->letter_last));
    if (!error && world->state->sequence != world->state->sequence_saved)
        error = put(world, "meta", "sequence",
                    json_pack("{s:I}", "value", (json_int_t)world->state->sequence));
    return error;
}

static bool anything(const struct world *world)
{
    /* The place in the events alone is worth a write once in a while. */
    bool dirty = json_array_size(world->state->deleted) > 0 ||
                 (world->state->sequence != world->state->sequence_saved &&
                  world->now_ms - world->state->written_ms >= SEQUENCE_EVERY_MS);
    for (size_t i = 0; i < world->alert_count && !dirty; i++)
        dirty = world->alerts[i]->dirty;
    for (size_t i = 0; i < world->group_count && !dirty; i++)
        dirty = world->groups[i]->dirty;
    for (size_t i = 0; i < world->silence_count && !dirty; i++)
        dirty = world->silences[i]->dirty;
    for (size_t i = 0; i < world->letter_count && !dirty; i++)
        dirty = !world->letters[i]->saved;
    return dirty;
}

static void all_clean(struct world *world)
{
    json_array_clear(world->state->deleted);
    for (size_t i = 0; i < world->alert_count; i++)
        world->alerts[i]->dirty = false;
    for (size_t i = 0; i < world->group_count; i++)
        world->groups[i]->dirty = false;
    for (size_t i = 0; i < world->silence_count; i++)
        world->silences[i]->dirty = false;
    for (size_t i = 0; i < world->letter_count; i++)
        world->letters[i]->saved = true;
    world->state->sequence_saved = world->state->sequence;
    world->state->letter_last_saved = world->letter_last;
    world->state->written_ms = world->now_ms;
}

static int failed(struct world *world, const char *what)
{
    char why[200];
    snprintf(why, sizeof why, "%s", sqlite3_errmsg(world->state->db));
    sqlite3_exec(world->state->db, "ROLLBACK", NULL, NULL, NULL);
    return gw_fail(world->self, -EIO,
                   "%s the state: %s; alerts go on, but a restart may repeat a notice", what, why);
}

int state_write(struct world *world)
{
    if (!anything(world))
        return 0;
    if (sqlite3_exec(world->state->db, "BEGIN IMMEDIATE", NULL, NULL, NULL))
        return failed(world, "begin to write");
    if (write_deleted(world) || write_alerts(world) || write_others(world))
        return failed(world, "write");
    if (sqlite3_exec(world->state->db, "COMMIT", NULL, NULL, NULL))
        return failed(world, "commit");
    all_clean(world);
    return 0;
}

static void gone(struct world *world, const char *kind, const char *id)
{
    json_array_append_new(world->state->deleted, json_pack("[s, s]", kind, id));
}

void state_delete_alert(struct world *world, const char *id)
{
    gone(world, "alert", id);
}

void state_delete_group(struct world *world, const char *key)
{
    gone(world, "group", key);
}

void state_delete_silence(struct world *world, int64_t id)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)id);
    gone(world, "silence", text);
}

void state_delete_letter(struct world *world, int64_t id)
{
    char text[32];
    letter_key(id, text);
    gone(world, "letter", text);
}

int64_t state_begun(const struct world *world)
{
    return world->state->begun_ms;
}

int64_t state_sequence(const struct world *world)
{
    return world->state->sequence;
}

void state_dealt(struct world *world, int64_t sequence)
{
    if (sequence > world->state->sequence)
        world->state->sequence = sequence;
}

void state_alive(struct world *world)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%-20lld\n", (long long)world->now_ms);
    if (world->state->alive_fd >= 0 &&
        pwrite(world->state->alive_fd, text, (size_t)length, 0) != length)
        gw_log(world->self, GW_DEBUG, "write alive");
}

int64_t state_last_alive(const struct world *world)
{
    return world->state->last_alive_ms;
}
