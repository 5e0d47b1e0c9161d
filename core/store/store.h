/* The store: series in RRD files by a process of its own, the rest in SQLite by a thread.
 *
 * Nothing here blocks the caller: writes are taken from listeners and rings, reads answer by
 * callback (hand over and return) on one of the store's threads, store_query also before it
 * returns.
 * Files below `dir`: rrd/<measurement>/<label values…>.rrd, journal/, gnswatch.db, aside/. */
#ifndef GW_STORE_STORE_H
#define GW_STORE_STORE_H

#include "base/buf.h"
#include "base/clock.h"
#include "command/command.h"
#include "event/event.h"
#include "metric/metric.h"
#include "object/object.h"

struct store;

/* The rows of the host's table in gnswatch.yaml under `store:`; values made by conf. */
extern const struct gw_row store_options[];

struct store_parts {
    const struct clock *clock;
    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    const char *dir;        /* the state directory; made if missing */
    const char *exe;        /* the gnswatch program, to run its hidden subcommand; NULL: itself */
    const char *rrd_module; /* path of gnswatch-rrd.so */
    const struct gw_values *options; /* of store_options; NULL: defaults */
};

/* Restores series, objects and the last event's number, replays the journal, starts the process.
 * 0, or an error with a sentence in *why (the caller frees). */
int store_open(const struct store_parts *parts, struct store **out, char **why);
/* Writes everything that is waiting, at most `deadline_ms`. -ETIMEDOUT: the journal has the rest.
 * Called when nothing changes objects or ends calls any more (it listens to them to the end) and
 * before the parts are freed. */
int store_close(struct store *store, int64_t deadline_ms);

/* The hidden subcommand: `gnswatch store-process`, with its socket as descriptor 3. */
int store_process_main(int argc, char **argv);

enum store_consolidation { STORE_AVERAGE = 1, STORE_MIN, STORE_MAX };

struct store_read {
    uint32_t series_id;
    int64_t from_ms, to_ms;
    size_t points_max; /* 1 to 10,000 */
    enum store_consolidation as;
};
/* Column arrays: times_ms[count]; values[f * count + i], NaN where there is none. */
struct store_rows {
    int error; /* 0, -ENOENT, -ETIMEDOUT, -EIO */
    int64_t step_ms;
    size_t count, fields;
    const int64_t *times_ms;
    const double *values;
};
typedef void store_rows_fn(void *data, const struct store_rows *rows);
int store_query(struct store *store, const struct store_read *read, store_rows_fn *on_rows,
                void *data); /* -EAGAIN: 256 are waiting */

/* Timeline, history: answers {"items":[…]} by callback, newest first, shaped as
 * core/api/README.md says. */
struct store_events_query {
    const char *topic;              /* pattern or NULL */
    int severity_least;             /* 0: any */
    const char *kind, *id, *search; /* NULL: any; search is full text */
    int64_t from_ms, to_ms;         /* 0: open */
    int64_t before_sequence;        /* for paging back; 0: from the newest */
    int64_t after_sequence;         /* only later ones; 0: any */
    size_t limit;
};
typedef void store_json_fn(void *data, int error, const char *json);
int store_events(struct store *store, const struct store_events_query *query,
                 store_json_fn *on_json, void *data);
/* Those after a sequence as events, oldest first: at most `limit` of the last 10,000 that match;
 * what still waits to be written is written first. The receiver frees each event and the list. */
typedef void store_events_fn(void *data, int error, struct gw_event **events, size_t count);
int store_events_since(struct store *store, const struct store_events_query *query,
                       store_events_fn *on_events, void *data);
int store_object_history(struct store *store, const char *kind, const char *id, size_t limit,
                         store_json_fn *on_json, void *data);
int store_command_history(struct store *store, size_t limit, store_json_fn *on_json, void *data);

/* How it is: process state, rows waiting, journal bytes, last write, drops, disk; as JSON. */
void store_health(struct store *store, struct buf *out, bool *well);

#endif
