/* The life of a queue: open, put aside what cannot be read, transactions, flush, tidy.
 *
 * Each change is a transaction of its own, written before its function returns; with commit_ms only
 * the wait for the disk is put off. So a full disk is known at once and nothing has to be taken
 * back later. */
#include "store/queue_inside.h"

#include "base/buf.h"
#include "store/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIDY_MS = 60000, NOTE_BYTES_MAX = 2048, DAY_MS = 86400000 };

/* ---- Notes ---------------------------------------------------------------------------------- */

static void say(char **note, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(char **note, const char *format, ...)
{
    struct buf text;
    buf_init(&text, NOTE_BYTES_MAX);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    free(*note);
    *note = buf_take(&text);
    buf_fini(&text);
}

char *queue_file_note(struct queue_file *file)
{
    char *note = file->note;
    file->note = NULL;
    return note;
}

/* ---- Opening -------------------------------------------------------------------------------- */

static bool is_damage(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

int queue_load_counts(struct queue_file *file)
{
    int64_t n[5] = {0};
    int code = queue_db_numbers(&file->db, QUEUE_COUNT, 0, NULL, 5, n);
    if (code != SQLITE_ROW)
        return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
    file->counts = (struct gw_queue_counts){
        .items = n[0], .bytes = n[1], .dead = n[2], .dropped = (uint64_t)n[4]};
    file->dead_bytes = n[3];
    return SQLITE_OK;
}

static int try_open(struct queue_file *file)
{
    int code = queue_db_open(&file->db, file->path, file->limits.commit_ms == 0);
    return code == SQLITE_OK ? queue_load_counts(file) : code;
}

/* The log of a file goes with it: it may hold the newest items. */
static int put_aside(struct queue_file *file, int code)
{
    char reason[160], *to = NULL;
    snprintf(reason, sizeof(reason), "%s",
             (code & 0xff) == SQLITE_NOTADB ? "is not a queue of this program" : "is damaged");
    queue_db_close(&file->db);
    int64_t now_ms = clock_wall_ms(file->clock);
    struct buf log;
    buf_init(&log, 4096);
    buf_printf(&log, "%s-wal", file->name);
    int error = aside_move(file->dir, file->name, now_ms, &to);
    if (!error && !buf_error(&log))
        aside_move(file->dir, log.data, now_ms, NULL);
    buf_fini(&log);
    if (error)
        say(&file->note, "%s %s and cannot be put aside: %s", file->path, reason, strerror(-error));
    else
        say(&file->note, "%s %s; it was put aside as %s and a new one begun", file->path, reason,
            to ? to : "aside/");
    free(to);
    return error;
}

static int open_or_renew(struct queue_file *file)
{
    int code = try_open(file);
    if (is_damage(code)) {
        int error = put_aside(file, code);
        if (error)
            return error;
        code = try_open(file);
    }
    if (code == SQLITE_OK)
        return 0;
    int error = queue_db_error(&file->db, code);
    if (code == SQLITE_MISMATCH)
        error = -EPROTO;
    if (code == SQLITE_MISMATCH)
        say(&file->note, "%s was written by a newer gnswatch; run that one, or move the file",
            file->path);
    else if (error == -EBUSY)
        say(&file->note, "%s is open already; a queue is opened once", file->path);
    else
        say(&file->note, "cannot open %s: %s", file->path,
            file->db.handle ? sqlite3_errmsg(file->db.handle) : sqlite3_errstr(code));
    return error;
}

static int64_t or_else(int64_t value, int64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static void set_limits(struct queue_limits *limits, const struct gw_queue_options *options)
{
    *limits = (struct queue_limits){
        .items = or_else(options->items_max, 10000),
        .bytes = or_else(options->bytes_max, INT64_C(64) << 20),
        .dead = or_else(options->dead_max, 1000),
        .item_bytes = or_else(options->item_bytes_max, INT64_C(8) << 20),
        .keys_keep_ms = or_else(options->keys_keep_ms, INT64_C(7) * DAY_MS),
        .commit_ms = or_else(options->commit_ms, 0),
        .drop_oldest = options->drop_oldest,
    };
    if (limits->item_bytes > limits->bytes)
        limits->item_bytes = limits->bytes;
    limits->keys = limits->items * 10 < 100000 ? 100000 : limits->items * 10;
}

static bool is_name(const char *name)
{
    size_t length = name ? strlen(name) : 0;
    return length > 0 && length <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static int set_names(struct queue_file *file, const char *dir, const char *name)
{
    struct buf text;
    buf_init(&text, 8192);
    buf_printf(&text, "%s/%s.queue", dir, name);
    file->path = buf_take(&text);
    file->dir = strdup(dir);
    file->name = file->path && file->dir ? strdup(file->path + strlen(dir) + 1) : NULL;
    buf_fini(&text);
    return file->name ? 0 : -ENOMEM;
}

int queue_file_open(const char *dir, const struct gw_queue_options *options,
                    const struct clock *clock, struct queue_file **file, char **note)
{
    *file = NULL;
    *note = NULL;
    struct gw_queue_options known = {0}; /* an older plugin's struct is shorter */
    memcpy(&known, options, options->size < sizeof(known) ? options->size : sizeof(known));
    if (!is_name(known.name)) {
        say(note, "the name of a queue is 1 to 64 of a-z, 0-9 and _");
        return -EINVAL;
    }
    struct queue_file *made = calloc(1, sizeof(*made));
    if (!made)
        return -ENOMEM;
    made->clock = clock;
    set_limits(&made->limits, &known);
    int error = set_names(made, dir, known.name);
    if (!error)
        error = open_or_renew(made);
    *note = queue_file_note(made);
    if (error) {
        queue_file_close(made);
        return error;
    }
    *file = made;
    return 0;
}

static void forget_shown(struct queue_file *file)
{
    free((void *)(uintptr_t)file->shown.key);
    free((void *)(uintptr_t)file->shown.why);
    free((void *)(uintptr_t)file->shown.bytes);
    file->shown = (struct gw_queue_item){0};
}

void queue_file_close(struct queue_file *file)
{
    if (!file)
        return;
    if (file->db.handle)
        queue_file_flush(file);
    queue_db_close(&file->db);
    forget_shown(file);
    free(file->dir);
    free(file->name);
    free(file->path);
    free(file->note);
    free(file);
}

void queue_heal(struct queue_file *file)
{
    file->unsynced_since_ms = 0;
    if (put_aside(file, SQLITE_CORRUPT) == 0 && try_open(file) != SQLITE_OK)
        queue_db_close(&file->db);
}

/* ---- Transactions --------------------------------------------------------------------------- */

/* What finished long ago is forgotten, and room in the file given back, now and then. */
static void tidy(struct queue_file *file)
{
    int64_t now_ms = clock_monotonic_ms(file->clock);
    if (file->tidied_ms && now_ms - file->tidied_ms < TIDY_MS)
        return;
    file->tidied_ms = now_ms;
    const int64_t before[] = {clock_wall_ms(file->clock) - file->limits.keys_keep_ms};
    queue_db_run(&file->db, QUEUE_KEYS_TIDY, 1, before);
    queue_db_run(&file->db, QUEUE_KEYS_TRIM, 1, &file->limits.keys);
    queue_db_shrink(&file->db);
}

/* A file that could not be renewed is tried again. */
int queue_begin(struct queue_file *file)
{
    if (!file->db.handle) {
        int error = open_or_renew(file);
        if (error) {
            queue_db_close(&file->db);
            return error;
        }
    }
    tidy(file);
    int code = queue_db_run(&file->db, QUEUE_BEGIN, 0, NULL);
    return code == SQLITE_OK ? 0 : queue_end(file, code);
}

int queue_end(struct queue_file *file, int code)
{
    if (code == SQLITE_OK)
        code = queue_db_run(&file->db, QUEUE_COMMIT, 0, NULL);
    if (code == SQLITE_OK) {
        if (file->limits.commit_ms && !file->unsynced_since_ms)
            file->unsynced_since_ms = clock_monotonic_ms(file->clock);
        return 0;
    }
    int error = queue_db_error(&file->db, code);
    if (!sqlite3_get_autocommit(file->db.handle))
        queue_db_run(&file->db, QUEUE_ROLLBACK, 0, NULL);
    if (is_damage(code)) {
        queue_heal(file);
        return error;
    }
    queue_load_counts(file);
    return error;
}

/* ---- Flush ---------------------------------------------------------------------------------- */

int64_t queue_file_flush_due_ms(const struct queue_file *file)
{
    return file->unsynced_since_ms ? file->unsynced_since_ms + file->limits.commit_ms : 0;
}

/* What was written is in the write-ahead log or, when that was emptied, in the file, and then it
 * was synced before. No lock of SQLite's is on the log, so that closing it here takes none away. */
int queue_file_flush(struct queue_file *file)
{
    if (!file->unsynced_since_ms)
        return 0;
    struct buf path;
    buf_init(&path, 8192);
    buf_printf(&path, "%s-wal", file->path);
    int error = buf_error(&path);
    int fd = error ? -1 : open(path.data, O_RDONLY | O_CLOEXEC);
    if (!error && fd < 0 && errno != ENOENT)
        error = -errno;
    if (fd >= 0 && fdatasync(fd))
        error = -errno;
    if (fd >= 0)
        close(fd);
    buf_fini(&path);
    if (!error)
        file->unsynced_since_ms = 0;
    return error;
}
