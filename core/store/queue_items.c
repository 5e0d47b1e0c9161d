/* Items go in behind, come out when due, wait, are buried and revived. */
#include "store/queue_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Putting -------------------------------------------------------------------------------- */

/* SQLITE_DONE: the key is free. SQLITE_ROW: it is taken. */
static int key_state(struct queue_file *file, const char *key, int64_t now_ms)
{
    int64_t finished_ms = 0;
    sqlite3_bind_text(file->db.statements[QUEUE_KEY_GET], 1, key, -1, SQLITE_STATIC);
    int code = queue_db_numbers(&file->db, QUEUE_KEY_GET, 0, NULL, 1, &finished_ms);
    bool forgotten = finished_ms > 0 && finished_ms + file->limits.keys_keep_ms < now_ms;
    return code == SQLITE_ROW && forgotten ? SQLITE_DONE : code;
}

static int remove_item(struct queue_file *file, int64_t id)
{
    int code = queue_db_run(&file->db, QUEUE_BODY_DELETE, 1, &id);
    return code == SQLITE_OK ? queue_db_run(&file->db, QUEUE_DELETE, 1, &id) : code;
}

/* A dropped item was never finished, so its key may come again. */
static int drop_first(struct queue_file *file)
{
    int64_t first[3];
    int code = queue_db_numbers(&file->db, QUEUE_FIRST, 0, NULL, 3, first);
    if (code != SQLITE_ROW)
        return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
    code = queue_db_run(&file->db, QUEUE_KEY_FORGET, 1, first);
    if (code == SQLITE_OK)
        code = remove_item(file, first[0]);
    const int64_t dropped[] = {(int64_t)++file->counts.dropped};
    if (code == SQLITE_OK)
        code = queue_db_run(&file->db, QUEUE_DROPPED_PUT, 1, dropped);
    file->counts.items--;
    file->counts.bytes -= first[1];
    return code;
}

static bool fits(const struct queue_file *file, int64_t items, int64_t bytes)
{
    return file->counts.items + items <= file->limits.items &&
           file->counts.bytes + bytes <= file->limits.bytes;
}

static int insert(struct queue_file *file, const char *key, const void *bytes, size_t count,
                  int64_t now_ms, int64_t *id)
{
    struct queue_db *db = &file->db;
    int code = SQLITE_OK;
    if (key) {
        sqlite3_bind_text(db->statements[QUEUE_KEY_PUT], 1, key, -1, SQLITE_STATIC);
        code = queue_db_run(db, QUEUE_KEY_PUT, 0, NULL);
    }
    if (code != SQLITE_OK)
        return code;
    const int64_t numbers[] = {now_ms, (int64_t)count};
    sqlite3_bind_text(db->statements[QUEUE_PUT], 3, key, -1, SQLITE_STATIC);
    code = queue_db_run(db, QUEUE_PUT, 2, numbers);
    if (code != SQLITE_OK)
        return code;
    *id = sqlite3_last_insert_rowid(db->handle);
    sqlite3_bind_blob64(db->statements[QUEUE_BODY_PUT], 2, count ? bytes : "", count,
                        SQLITE_STATIC);
    return queue_db_run(db, QUEUE_BODY_PUT, 1, id);
}

static int put_once(struct queue_file *file, const char *key, const void *bytes, size_t count,
                    int64_t *id)
{
    int error = queue_begin(file);
    if (error)
        return error;
    int64_t now_ms = clock_wall_ms(file->clock);
    int code = key ? key_state(file, key, now_ms) : SQLITE_DONE;
    if (code == SQLITE_ROW)
        return queue_end(file, SQLITE_OK) ? -EIO : -EEXIST;
    code = code == SQLITE_DONE ? SQLITE_OK : code;
    bool full = !fits(file, 1, (int64_t)count);
    if (code == SQLITE_OK && full && !file->limits.drop_oldest)
        return queue_end(file, SQLITE_OK) ? -EIO : -ENOSPC;
    while (code == SQLITE_OK && file->counts.items && !fits(file, 1, (int64_t)count))
        code = drop_first(file);
    if (code == SQLITE_OK)
        code = insert(file, key, bytes, count, now_ms, id);
    error = queue_end(file, code);
    if (!error) {
        file->counts.items++;
        file->counts.bytes += (int64_t)count;
    }
    return error;
}

int queue_file_put(struct queue_file *file, const char *key, const void *bytes, size_t count,
                   int64_t *id)
{
    if ((!bytes && count) || (key && strlen(key) > QUEUE_KEY_BYTES_MAX))
        return -EINVAL;
    if ((uint64_t)count > (uint64_t)file->limits.item_bytes)
        return -EMSGSIZE;
    int64_t made = 0;
    int error = put_once(file, key, bytes, count, &made);
    if (!error && id)
        *id = made;
    return error;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static void *copy(const void *bytes, size_t count)
{
    char *made = malloc(count + 1);
    if (!made)
        return NULL;
    if (count)
        memcpy(made, bytes, count);
    made[count] = '\0';
    return made;
}

static char *copy_text(sqlite3_stmt *statement, int column)
{
    const void *text = sqlite3_column_text(statement, column);
    return text ? copy(text, (size_t)sqlite3_column_bytes(statement, column)) : NULL;
}

/* Into file->shown, whose texts it replaces. */
static int show(struct queue_file *file, int64_t id)
{
    sqlite3_stmt *statement = file->db.statements[QUEUE_SHOW];
    struct gw_queue_item *item = &file->shown;
    free((void *)(uintptr_t)item->key);
    free((void *)(uintptr_t)item->why);
    free((void *)(uintptr_t)item->bytes);
    *item = (struct gw_queue_item){.id = id};
    sqlite3_bind_int64(statement, 1, id);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        item->key = copy_text(statement, 0);
        item->put_ms = sqlite3_column_int64(statement, 1);
        item->due_ms = sqlite3_column_int64(statement, 2);
        item->tries = (unsigned)sqlite3_column_int64(statement, 3);
        item->why = copy_text(statement, 4);
        const void *bytes = sqlite3_column_blob(statement, 5);
        item->count = (size_t)sqlite3_column_bytes(statement, 5);
        item->bytes = copy(bytes, item->count);
        code = item->bytes ? SQLITE_OK : SQLITE_NOMEM;
    }
    queue_db_reset(&file->db, QUEUE_SHOW);
    return code;
}

int queue_file_next(struct queue_file *file, int64_t after, struct gw_queue_item *item)
{
    *item = (struct gw_queue_item){0};
    int error = queue_begin(file);
    if (error)
        return error;
    const int64_t now_ms = clock_wall_ms(file->clock), turn[] = {after, now_ms};
    int64_t id = 0;
    int code = queue_db_numbers(&file->db, QUEUE_NEXT, 2, turn, 1, &id);
    bool found = code == SQLITE_ROW;
    if (found)
        code = show(file, id);
    else if (code == SQLITE_DONE)
        code = queue_db_numbers(&file->db, QUEUE_DUE, 1, &now_ms, 1, &item->due_ms);
    code = code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
    if (code == SQLITE_OK && found)
        *item = file->shown;
    queue_db_run(&file->db, QUEUE_ROLLBACK, 0, NULL); /* nothing was written */
    if (code != SQLITE_OK)
        return queue_end(file, code);
    return found ? 0 : -ENOENT;
}

static int walk(struct queue_file *file, enum queue_statement which, int64_t room,
                gw_queue_fn *visit, void *data)
{
    if (!file->db.handle)
        return -EIO;
    size_t count = 0, most = (size_t)room;
    int64_t *ids = calloc(most ? most : 1, sizeof(*ids));
    if (!ids)
        return -ENOMEM;
    sqlite3_stmt *statement = file->db.statements[which];
    int code = SQLITE_ROW;
    while (count < most && (code = sqlite3_step(statement)) == SQLITE_ROW)
        ids[count++] = sqlite3_column_int64(statement, 0);
    queue_db_reset(&file->db, which);
    bool more = true;
    for (size_t i = 0; more && i < count; i++) {
        code = show(file, ids[i]);
        if (code == SQLITE_OK) /* else `visit` changed it */
            more = visit(data, &file->shown);
        else if (code != SQLITE_DONE)
            break;
    }
    free(ids);
    return queue_db_error(&file->db, code);
}

int queue_file_dead(struct queue_file *file, gw_queue_fn *visit, void *data)
{
    return walk(file, QUEUE_DEAD_IDS, file->counts.dead, visit, data);
}

int queue_file_waiting(struct queue_file *file, gw_queue_fn *visit, void *data)
{
    return walk(file, QUEUE_WAITING_IDS, file->counts.items, visit, data);
}

void queue_file_count(const struct queue_file *file, struct gw_queue_counts *out)
{
    *out = file->counts;
    if (!file->db.handle)
        return;
    struct queue_db db = file->db; /* the same statements; asking changes none of it */
    int64_t first[3] = {0};
    if (queue_db_numbers(&db, QUEUE_FIRST, 0, NULL, 3, first) == SQLITE_ROW)
        out->oldest_ms = first[2];
}

/* ---- Changing ------------------------------------------------------------------------------- */

struct change {
    int64_t id, dead_ms, size;
};

/* Begins a change of an item; -ENOENT without one. */
static int begin_change(struct queue_file *file, int64_t id, struct change *change)
{
    int error = queue_begin(file);
    if (error)
        return error;
    int64_t state[2] = {0};
    int code = queue_db_numbers(&file->db, QUEUE_STATE, 1, &id, 2, state);
    *change = (struct change){id, state[0], state[1]};
    if (code == SQLITE_ROW)
        return 0;
    error = queue_end(file, code == SQLITE_DONE ? SQLITE_OK : code);
    return error ? error : -ENOENT;
}

/* On a full disk the log's own room is made free once, so that what is done can leave. */
static int retry_when_full(struct queue_file *file, int error, int *tries)
{
    if (error != -ENOSPC || (*tries)++ > 0 || !file->db.handle)
        return error;
    queue_db_checkpoint(&file->db);
    return -EAGAIN;
}

static int done_once(struct queue_file *file, int64_t id)
{
    struct change change;
    int error = begin_change(file, id, &change);
    if (error)
        return error;
    const int64_t finish[] = {id, clock_wall_ms(file->clock)};
    int code = queue_db_run(&file->db, QUEUE_KEY_FINISH, 2, finish);
    if (code == SQLITE_OK)
        code = remove_item(file, id);
    error = queue_end(file, code);
    if (error)
        return error;
    *(change.dead_ms ? &file->counts.dead : &file->counts.items) -= 1;
    *(change.dead_ms ? &file->dead_bytes : &file->counts.bytes) -= change.size;
    return 0;
}

int queue_file_done(struct queue_file *file, int64_t id)
{
    int error, tries = 0;
    do {
        error = retry_when_full(file, done_once(file, id), &tries);
    } while (error == -EAGAIN);
    return error;
}

static void bind_why(struct queue_file *file, enum queue_statement which, const char *why)
{
    size_t count = why ? strlen(why) : 0;
    if (count > QUEUE_WHY_BYTES_MAX) {
        count = QUEUE_WHY_BYTES_MAX;
        while (count && ((unsigned char)why[count] & 0xc0) == 0x80)
            count--; /* not within a character */
    }
    sqlite3_bind_text(file->db.statements[which], 3, why, (int)count, SQLITE_STATIC);
}

static int later_once(struct queue_file *file, int64_t id, int64_t due_ms, const char *why)
{
    struct change change;
    int error = begin_change(file, id, &change);
    if (error)
        return error;
    const int64_t numbers[] = {id, due_ms};
    int code = SQLITE_OK;
    if (!change.dead_ms) {
        bind_why(file, QUEUE_LATER, why);
        code = queue_db_run(&file->db, QUEUE_LATER, 2, numbers);
    }
    error = queue_end(file, code);
    return !error && change.dead_ms ? -ENOENT : error;
}

int queue_file_later(struct queue_file *file, int64_t id, int64_t due_ms, const char *why)
{
    int error, tries = 0;
    do {
        error = retry_when_full(file, later_once(file, id, due_ms, why), &tries);
    } while (error == -EAGAIN);
    return error;
}

/* The oldest of the dead make room; they count as finished, so that they do not come again. */
static int trim_dead(struct queue_file *file)
{
    int code = SQLITE_OK;
    while (code == SQLITE_OK && file->counts.dead > 1 &&
           (file->counts.dead > file->limits.dead || file->dead_bytes > file->limits.bytes)) {
        int64_t first[2];
        code = queue_db_numbers(&file->db, QUEUE_DEAD_FIRST, 0, NULL, 2, first);
        if (code != SQLITE_ROW)
            return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
        const int64_t finish[] = {first[0], clock_wall_ms(file->clock)};
        code = queue_db_run(&file->db, QUEUE_KEY_FINISH, 2, finish);
        if (code == SQLITE_OK)
            code = remove_item(file, first[0]);
        file->counts.dead--;
        file->dead_bytes -= first[1];
    }
    return code;
}

static int bury_once(struct queue_file *file, int64_t id, const char *why)
{
    struct change change;
    int error = begin_change(file, id, &change);
    if (error)
        return error;
    if (change.dead_ms) {
        error = queue_end(file, SQLITE_OK);
        return error ? error : -ENOENT;
    }
    const int64_t numbers[] = {id, clock_wall_ms(file->clock)};
    bind_why(file, QUEUE_BURY, why);
    int code = queue_db_run(&file->db, QUEUE_BURY, 2, numbers);
    file->counts.items--;
    file->counts.bytes -= change.size;
    file->counts.dead++;
    file->dead_bytes += change.size;
    if (code == SQLITE_OK)
        code = trim_dead(file);
    return queue_end(file, code); /* which counts anew when it went wrong */
}

int queue_file_bury(struct queue_file *file, int64_t id, const char *why)
{
    int error, tries = 0;
    do {
        error = retry_when_full(file, bury_once(file, id, why), &tries);
    } while (error == -EAGAIN);
    return error;
}

int queue_file_revive(struct queue_file *file, int64_t id)
{
    int error = queue_begin(file);
    if (error)
        return error;
    int64_t sum[2] = {0};
    const int64_t numbers[] = {id, clock_wall_ms(file->clock)};
    int code = queue_db_numbers(&file->db, QUEUE_DEAD_SUM, 1, &id, 2, sum);
    code = code == SQLITE_ROW ? SQLITE_OK : code;
    bool room = fits(file, sum[0], sum[1]);
    int changed = 0;
    if (code == SQLITE_OK && room) {
        code = queue_db_run(&file->db, QUEUE_REVIVE, 2, numbers);
        changed = sqlite3_changes(file->db.handle);
    }
    error = queue_end(file, code);
    if (error || !room)
        return error ? error : -ENOSPC;
    file->counts.items += sum[0];
    file->counts.bytes += sum[1];
    file->counts.dead -= sum[0];
    file->dead_bytes -= sum[1];
    return changed == 0 && id ? -ENOENT : 0;
}
