/* The queue, the thread and its turns. What a job means to SQL is in write.c. */
#include "store/keeper.h"

#include "base/log.h"
#include "store/job.h"
#include "store/restore.h"
#include "store/sequence.h"
#include "store/write.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUEUE_JOBS_MAX = 50000,
    QUEUE_BYTES_MAX = 64 << 20,
    EVENTS_MAX = 32768,
    EVENTS_HURRY = 2048, /* so many at once do not wait for company */
    ASKS_MAX = 256,
    BATCH_MAX = 5000,
    GATHER_MS = 500,
    RETRY_MS = 1000,
    TIDY_MS = 600000,
    SEQUENCES_AHEAD = 100000,
};

struct ask {
    keeper_ask_fn *fn;
    void *data;
    bool fresh;
};

struct keeper {
    struct store *store;
    struct db db;
    struct subscription *events;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    /* Under the lock: */
    struct job_list queue;
    struct ask asks[ASKS_MAX];
    size_t ask_first, ask_count;
    int64_t due_ms;     /* when the next batch is written; 0: nothing waits */
    size_t events_wait; /* at least so many */
    bool stopping;
    int64_t stop_by_ms;
    bool objects_lost; /* some were dropped: write all again */
    struct keeper_counts counts;
    /* The thread's own: */
    struct job_list batch;
    int64_t sequence, sequence_reserved;
    int64_t tidy_ms;
};

static int64_t now_ms(void)
{
    return clock_monotonic_ms(clock_system()); /* real waits, whatever clock the data has */
}

static void due_soon(struct keeper *keeper)
{
    if (keeper->due_ms == 0) {
        keeper->due_ms = now_ms() + GATHER_MS;
        pthread_cond_signal(&keeper->wake);
    }
}

/* ---- What others call ------------------------------------------------------------------------ */

static void add(struct keeper *keeper, struct job *job)
{
    pthread_mutex_lock(&keeper->lock);
    bool room = job && keeper->queue.count < QUEUE_JOBS_MAX &&
                keeper->queue.bytes + job->bytes <= QUEUE_BYTES_MAX;
    if (room) {
        jobs_push(&keeper->queue, job);
        due_soon(keeper);
    } else {
        keeper->counts.dropped++;
        keeper->objects_lost |= !job || job->kind == JOB_OBJECT;
    }
    pthread_mutex_unlock(&keeper->lock);
    if (!room)
        job_free(job);
}

static void on_object(void *data, const struct object_change *change)
{
    add(data, job_of_change(change));
}

static void on_command(void *data, const char *json)
{
    struct keeper *keeper = data;
    add(keeper, job_new(JOB_COMMAND, clock_wall_ms(keeper->store->parts.clock),
                        (const char *[JOB_TEXTS]){json}));
}

static void on_event(void *data)
{
    struct keeper *keeper = data;
    pthread_mutex_lock(&keeper->lock);
    keeper->events_wait++;
    due_soon(keeper);
    if (keeper->events_wait == EVENTS_HURRY) {
        keeper->due_ms = now_ms();
        pthread_cond_signal(&keeper->wake);
    }
    pthread_mutex_unlock(&keeper->lock);
}

void keeper_series(struct keeper *keeper, const struct series_info *info)
{
    struct buf labels, fields;
    buf_init(&labels, 64 * 1024);
    buf_init(&fields, 64 * 1024);
    write_labels_json(info, &labels);
    write_fields_json(info, &fields);
    struct job *job = NULL;
    if (!buf_error(&labels) && !buf_error(&fields))
        job = job_new(
            JOB_SERIES, info->last_ms,
            (const char *[JOB_TEXTS]){info->key, info->measurement, labels.data, fields.data});
    if (job) {
        job->number = info->id;
        job->more = info->every_ms;
    }
    add(keeper, job);
    buf_fini(&labels);
    buf_fini(&fields);
}

static void add_number(struct keeper *keeper, enum job_kind kind, uint32_t id, int64_t more)
{
    struct job *job = job_new(kind, 0, NULL);
    if (job) {
        job->number = id;
        job->more = more;
    }
    add(keeper, job);
}

void keeper_series_last(struct keeper *keeper, uint32_t id, int64_t last_ms)
{
    add_number(keeper, JOB_SERIES_LAST, id, last_ms);
}

void keeper_series_forget(struct keeper *keeper, uint32_t id)
{
    add_number(keeper, JOB_SERIES_FORGET, id, 0);
}

static int add_ask(struct keeper *keeper, struct ask ask)
{
    int error = -EAGAIN;
    pthread_mutex_lock(&keeper->lock);
    if (keeper->ask_count < ASKS_MAX && !keeper->stopping) {
        size_t at = (keeper->ask_first + keeper->ask_count++) % ASKS_MAX;
        keeper->asks[at] = ask;
        pthread_cond_signal(&keeper->wake);
        error = 0;
    }
    pthread_mutex_unlock(&keeper->lock);
    return error;
}

int keeper_ask(struct keeper *keeper, keeper_ask_fn *ask, void *data)
{
    return add_ask(keeper, (struct ask){ask, data, false});
}

int keeper_ask_fresh(struct keeper *keeper, keeper_ask_fn *ask, void *data)
{
    return add_ask(keeper, (struct ask){ask, data, true});
}

void keeper_count(struct keeper *keeper, struct keeper_counts *out)
{
    pthread_mutex_lock(&keeper->lock);
    *out = keeper->counts;
    out->waiting = keeper->queue.count;
    out->waiting_bytes = keeper->queue.bytes;
    pthread_mutex_unlock(&keeper->lock);
    out->events_dropped = bus_dropped(keeper->events);
}

/* ---- The thread ------------------------------------------------------------------------------ */

static void take_events(struct keeper *keeper)
{
    struct gw_event *event;
    while (keeper->batch.count < BATCH_MAX && (event = bus_take(keeper->events))) {
        if (event->sequence <= 0) { /* changes of objects come from on_object */
            event_free(event);
            continue;
        }
        struct job *job = job_new(JOB_EVENT, event->time_ms, NULL);
        if (!job) {
            event_free(event);
            continue;
        }
        job->event = event;
        if (event->sequence > keeper->sequence)
            keeper->sequence = event->sequence;
        jobs_push(&keeper->batch, job);
    }
}

static void take_jobs(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    keeper->events_wait = 0;
    while (keeper->batch.count < BATCH_MAX && keeper->queue.first)
        jobs_push(&keeper->batch, jobs_pop(&keeper->queue));
    pthread_mutex_unlock(&keeper->lock);
    take_events(keeper);
}

static void reserve_sequences(struct keeper *keeper)
{
    if (keeper->sequence + SEQUENCES_AHEAD / 2 <= keeper->sequence_reserved)
        return;
    int64_t reserve = keeper->sequence + SEQUENCES_AHEAD;
    if (sequence_write(keeper->store->dir, reserve) == 0)
        keeper->sequence_reserved = reserve;
}

static void note_result(struct keeper *keeper, int code, size_t written)
{
    bool failing = code != SQLITE_OK, was_failing;
    bool left = bus_waiting(keeper->events) > 0; /* more than a batch; the bus's lock comes first */
    pthread_mutex_lock(&keeper->lock);
    struct keeper_counts *counts = &keeper->counts;
    was_failing = counts->failing;
    counts->failing = failing;
    counts->failures += failing;
    counts->written += written;
    if (written)
        counts->last_write_ms = clock_wall_ms(keeper->store->parts.clock);
    sqlite3_snprintf(sizeof(counts->problem), counts->problem, "%s",
                     failing ? sqlite3_errstr(code) : "");
    bool more = keeper->queue.count || keeper->events_wait || keeper->batch.count || left;
    keeper->due_ms = failing ? now_ms() + RETRY_MS : more ? now_ms() : 0;
    pthread_mutex_unlock(&keeper->lock);
    if (failing && !was_failing)
        store_say(keeper->store, GW_ERROR, "store.database.failing",
                  "The database cannot be written (%s); it is tried again each second",
                  sqlite3_errstr(code));
    if (!failing && was_failing)
        store_say(keeper->store, GW_NOTICE, "store.database.recovered",
                  "The database can be written again");
}

/* Damage while running: as at start, a new file, and objects from memory. */
static void replace_database(struct keeper *keeper)
{
    char *set_aside = NULL, *why = NULL;
    db_close(&keeper->db);
    int error = db_open(&keeper->db, keeper->store->dir, clock_wall_ms(keeper->store->parts.clock),
                        &set_aside, &why);
    if (error)
        log_line(GW_ERROR, "store", "%s", why ? why : "no database");
    if (set_aside) {
        store_say(keeper->store, GW_ERROR, "store.database.aside",
                  "The database was damaged; it was moved to %s and a new one begun", set_aside);
        pthread_mutex_lock(&keeper->lock);
        keeper->objects_lost = true;
        pthread_mutex_unlock(&keeper->lock);
    }
    free(set_aside);
    free(why);
}

static void write_batch(struct keeper *keeper)
{
    take_jobs(keeper);
    reserve_sequences(keeper);
    if (!keeper->db.handle)
        replace_database(keeper);
    size_t count = keeper->batch.count;
    int code = keeper->db.handle ? write_jobs(&keeper->db, &keeper->batch) : SQLITE_CANTOPEN;
    if (code == SQLITE_OK)
        jobs_free(&keeper->batch);
    else if (db_is_damage(code))
        replace_database(keeper);
    note_result(keeper, code, code == SQLITE_OK ? count : 0);
}

static void write_lost_objects(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    bool lost = keeper->objects_lost && keeper->queue.count == 0;
    if (lost)
        keeper->objects_lost = false;
    pthread_mutex_unlock(&keeper->lock);
    if (!lost || !keeper->db.handle)
        return;
    if (write_all_objects(&keeper->db, keeper->store->parts.objects,
                          clock_wall_ms(keeper->store->parts.clock)) == SQLITE_OK)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->objects_lost = true;
    pthread_mutex_unlock(&keeper->lock);
}

static void tidy(struct keeper *keeper)
{
    if (now_ms() < keeper->tidy_ms || !keeper->db.handle)
        return;
    keeper->tidy_ms = now_ms() + TIDY_MS;
    write_retention(&keeper->db, &keeper->store->settings,
                    clock_wall_ms(keeper->store->parts.clock));
}

static void wait_until(struct keeper *keeper, int64_t at_ms)
{
    struct timespec at = {at_ms / 1000, (at_ms % 1000) * 1000000};
    pthread_cond_timedwait(&keeper->wake, &keeper->lock, &at);
}

/* Waits for something to do; false: it is time to end. */
static bool wait_for_work(struct keeper *keeper, struct ask *ask, bool *write)
{
    pthread_mutex_lock(&keeper->lock);
    for (;;) {
        int64_t now = now_ms();
        *ask = (struct ask){0};
        if (keeper->ask_count) {
            *ask = keeper->asks[keeper->ask_first];
            keeper->ask_first = (keeper->ask_first + 1) % ASKS_MAX;
            keeper->ask_count--;
        }
        bool waits = keeper->due_ms != 0;
        *write = waits && (keeper->due_ms <= now || keeper->queue.count >= BATCH_MAX ||
                           (keeper->stopping && !keeper->counts.failing));
        bool over = keeper->stopping && !ask->fn && (!waits || now >= keeper->stop_by_ms);
        if (ask->fn || *write || over) {
            pthread_mutex_unlock(&keeper->lock);
            return !over;
        }
        int64_t until = waits ? keeper->due_ms : now + 60000;
        wait_until(keeper,
                   keeper->stopping && keeper->stop_by_ms < until ? keeper->stop_by_ms : until);
    }
}

/* Writes what waits; false: the database does not take it. */
static bool catch_up(struct keeper *keeper)
{
    do {
        write_batch(keeper);
    } while (!keeper->batch.count && bus_waiting(keeper->events) > 0);
    return !keeper->batch.count;
}

static void answer_ask(struct keeper *keeper, const struct ask *ask)
{
    bool ready = !ask->fresh || catch_up(keeper);
    ask->fn(ready && keeper->db.handle ? &keeper->db : NULL, ask->data);
}

static void *run(void *data)
{
    struct keeper *keeper = data;
    struct ask ask;
    bool write;
    while (wait_for_work(keeper, &ask, &write)) {
        if (ask.fn)
            answer_ask(keeper, &ask);
        if (write) {
            write_batch(keeper);
            write_lost_objects(keeper);
            tidy(keeper);
        }
    }
    return NULL;
}

/* ---- Birth and death ------------------------------------------------------------------------- */

static int restore_all(struct keeper *keeper, char **why)
{
    struct store *store = keeper->store;
    int error = restore_series(&keeper->db, store->parts.metric);
    if (!error)
        error = restore_objects(&keeper->db, store->parts.objects);
    if (error)
        return store_why(why, error, "cannot read the database: %s",
                         sqlite3_errmsg(keeper->db.handle));
    int64_t written = db_number(&keeper->db, "SELECT max(sequence) FROM events", 0);
    int64_t reserved = sequence_read(store->dir);
    keeper->sequence = written > reserved ? written : reserved;
    bus_set_last_sequence(store->parts.bus, keeper->sequence);
    keeper->sequence_reserved = keeper->sequence + SEQUENCES_AHEAD;
    error = sequence_write(store->dir, keeper->sequence_reserved);
    if (error)
        log_line(GW_WARNING, "store", "%s/sequence: %s; event numbers may repeat after a crash",
                 store->dir, strerror(-error));
    return 0;
}

static int start(struct keeper *keeper, char **why)
{
    const struct store_parts *parts = &keeper->store->parts;
    keeper->events = bus_subscribe(parts->bus, "*", EVENTS_MAX, on_event, keeper);
    if (!keeper->events)
        return store_why(why, -ENOMEM, "no memory for the store's subscription");
    int error = objects_listen(parts->objects, on_object, keeper);
    if (error)
        return store_why(why, error, "cannot listen to objects");
    commands_listen(parts->commands, on_command, keeper);
    error = -pthread_create(&keeper->thread, NULL, run, keeper);
    if (error)
        return store_why(why, error, "cannot start a thread: %s", strerror(-error));
    pthread_setname_np(keeper->thread, "gw-database");
    return 0;
}

static void release(struct keeper *keeper)
{
    if (keeper->events)
        bus_unsubscribe(keeper->events);
    jobs_free(&keeper->queue);
    jobs_free(&keeper->batch);
    db_close(&keeper->db);
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

int keeper_new(struct store *store, struct keeper **out, char **why)
{
    struct keeper *keeper = calloc(1, sizeof(*keeper));
    if (!keeper)
        return store_why(why, -ENOMEM, "no memory for the store");
    keeper->store = store;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&keeper->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&keeper->lock, NULL);
    char *set_aside = NULL;
    int error =
        db_open(&keeper->db, store->dir, clock_wall_ms(store->parts.clock), &set_aside, why);
    if (!error)
        error = restore_all(keeper, why);
    if (!error)
        error = start(keeper, why);
    if (error)
        release(keeper);
    else
        *out = keeper;
    if (!error && set_aside)
        store_say(store, GW_ERROR, "store.database.aside",
                  "The database was damaged; it was moved to %s and a new one begun", set_aside);
    free(set_aside);
    return error;
}

int keeper_free(struct keeper *keeper, int64_t deadline_ms)
{
    if (!keeper)
        return 0;
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    keeper->stop_by_ms = now_ms() + deadline_ms;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    bool all = !keeper->batch.count && !keeper->queue.count;
    if (all && keeper->db.handle)
        sequence_write(keeper->store->dir, keeper->sequence);
    release(keeper);
    return all ? 0 : -ETIMEDOUT;
}
