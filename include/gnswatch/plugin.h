/* gnswatch/plugin.h - the one header a plugin needs.
 *
 * A plugin is a shared object with one descriptor, made by GW_PLUGIN() at the end of its file. The
 * host makes an *instance* of it for each file in conf.d. Everything is said with six nouns:
 *
 *   option   a typed setting, from a table     object   a thing that exists, as a JSON document
 *   series   rows of numbers over time         event    a fact at an instant
 *   command  something one can ask for         tick     the instance's turn
 *
 * Threads: all callbacks of an instance run on that instance's own thread and never overlap, so a
 * plugin needs no locks. Every gw_ function must be called from a callback of the instance it is
 * given; the exceptions (gw_post) say so. Callbacks must return soon: one that takes longer
 * than its deadline is reported by name. Waiting is done with timers, watches and gnswatch/http.h.
 *
 * Ownership: arguments are borrowed for the call and copied by the host. What the host hands out
 * (handles, values) belongs to the host until `stop` returns; then everything the instance made -
 * series, timers, watches, subscriptions, calls - is released, also when `start` failed. The one
 * thing a plugin frees is text from gw_object_get and gw_object_list, with gw_free.
 *
 * Errors: 0 or a negative errno; a handle or NULL. Functions that take a handle accept NULL and
 * answer -EINVAL, so results can be passed on unchecked. Text is UTF-8. Times are milliseconds
 * since 1970 UTC. Doubles: NaN says "no value".
 */
#ifndef GNSWATCH_PLUGIN_H
#define GNSWATCH_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_ABI_MAJOR 1 /* another major is refused */
#define GW_ABI_MINOR 1 /* a newer minor than the host's is refused */

#define GW_API          __attribute__((visibility("default")))
#define GW_PRINTF(f, a) __attribute__((format(printf, f, a)))

struct gw_plugin; /* an instance */
struct gw_series;
struct gw_timer;
struct gw_watch;
struct gw_call;
struct gw_values; /* checked option or parameter values */

/* ---- The table language: options, command parameters, object fields ------------------------ */

enum gw_type {
    GW_BOOL = 1,
    GW_INT,
    GW_NUMBER,
    GW_STRING,
    GW_SECRET, /* text never shown or logged; in files also NAME_file: PATH or NAME_env: VARIABLE */
    GW_ENUM,   /* one of `choices` */
    GW_DURATION, /* "500ms", "5s", "2m", "1h", "7d"; read as milliseconds */
    GW_SIZE,     /* "64KiB", "10GB", plain bytes; read as bytes */
    GW_TIME,     /* RFC 3339 or milliseconds since 1970 */
    GW_STRINGS,  /* a list of strings; a single string counts as a list of one */
    GW_TABLE,    /* a map described by `rows` */
    GW_TABLES,   /* a list of such maps */
    GW_JSON,     /* any JSON value, handed on as text */
    GW_CRON,     /* 1.1: when, as gnswatch/cron.h reads it; text */
    GW_ZONE,     /* 1.1: a time zone's name, "Europe/Paris"; "" is the machine's own; text */
};

enum gw_row_flag {
    GW_REQUIRED = 1 << 0,
    GW_UNIQUE = 1 << 1, /* in GW_TABLES: no two maps may have the same value here */
};

/* One row of a table; a table ends with {0}. */
struct gw_row {
    const char *name;
    enum gw_type type;
    const char *unit;          /* UCUM ("s", "By", "%", "1"); NULL: none */
    const char *def;           /* default, as in a file, a list as JSON; NULL: none */
    double min, max;           /* inclusive; both 0: unbounded. Durations in ms, sizes in bytes,
                                  strings and lists by length */
    const char *help;          /* one sentence; shown everywhere */
    const char *choices;       /* GW_ENUM: "a|b|c" */
    const struct gw_row *rows; /* GW_TABLE, GW_TABLES */
    unsigned flags;            /* enum gw_row_flag */
};

/* Values follow their table: every row with a default has a value. Unknown names are programmer
 * errors and answer like an absent value. Strings live as long as the values. */
GW_API const struct gw_values *gw_options(const struct gw_plugin *self);
GW_API bool gw_has(const struct gw_values *values, const char *name);
GW_API bool gw_bool(const struct gw_values *values, const char *name);     /* absent: false */
GW_API int64_t gw_int(const struct gw_values *values, const char *name);   /* also ms, bytes; 0 */
GW_API double gw_number(const struct gw_values *values, const char *name); /* absent: NaN */
GW_API const char *gw_string(const struct gw_values *values, const char *name); /* absent: NULL */
GW_API size_t gw_count(const struct gw_values *values, const char *name);       /* of a list */
GW_API const char *gw_string_at(const struct gw_values *values, const char *name, size_t i);
GW_API const struct gw_values *gw_table_at(const struct gw_values *values, const char *name,
                                           size_t i); /* GW_TABLE: i = 0 */

/* ---- Series --------------------------------------------------------------------------------- */

enum gw_field_kind {
    GW_GAUGE = 1, /* the value is the fact */
    GW_COUNTER,   /* ever growing; stored and shown as a rate per second; a fall is a reset */
};

struct gw_field {
    const char *name; /* [a-z0-9_], at most 19 characters */
    enum gw_field_kind kind;
    const char *unit;
    const char *help;
};

struct gw_label {
    const char *name, *value;
};

enum { GW_FIELDS_MAX = 32, GW_LABELS_MAX = 8 };

/* The series of `measurement` with these labels (ends with {0}; NULL: none), made at the first
 * call, the same handle after. `measurement` is "plugin.thing"; its fields must be the same at
 * every call. `every_ms` is how often rows are expected (0: the instance's tick); silence of five
 * times that is shown as missing data. History is kept by the label values: a thing that keeps its
 * names keeps its history. NULL: a bad name, too many fields or the instance's limit (logged). */
GW_API struct gw_series *gw_series_get(struct gw_plugin *self, const char *measurement,
                                       const struct gw_label *labels, const struct gw_field *fields,
                                       int64_t every_ms);

/* One row, a value for each field in their order. Now, or at `time_ms`, which must be later than
 * the last row's (-EEXIST otherwise). No allocation, no lock, no formatting. */
GW_API int gw_set(struct gw_series *series, const double *values);
GW_API int gw_set_at(struct gw_series *series, int64_t time_ms, const double *values);

/* The thing has a new name: its history goes on under the new labels. */
GW_API int gw_series_relabel(struct gw_series *series, const struct gw_label *labels);

/* The thing is gone: no more rows. History stays until retention ends. The handle is dead. */
GW_API void gw_series_end(struct gw_series *series);

/* ---- Objects -------------------------------------------------------------------------------- */

/* A kind of object, in the descriptor's table. `name` is "plugin.thing"; REST reads it at
 * /api/<plugin>/<plural>. `fields` document the JSON document. */
struct gw_kind {
    const char *name;
    const char *plural;
    const char *help;
    const struct gw_row *fields;
};

/* Objects are JSON objects as text. Putting the same text again costs a comparison and is no
 * change. `id` is unique within the kind, at most 255 bytes, and should stay when the thing stays.
 * The host adds "id" to the document. Objects not put again survive the instance and a restart;
 * whoever owns a kind deletes what is gone. -EILSEQ: not a JSON object; -EPERM: not our kind;
 * -EMSGSIZE: more than 1 MiB; -ENOSPC: a plugin's have no room beyond 100,000, or 128 MiB. */
GW_API int gw_object_put(struct gw_plugin *self, const char *kind, const char *id,
                         const char *json);
GW_API int gw_object_delete(struct gw_plugin *self, const char *kind, const char *id);

/* Any kind, also of other plugins. The document, or a JSON array of all documents of the kind (in
 * order of id); NULL: none. The caller frees it with gw_free. */
GW_API char *gw_object_get(struct gw_plugin *self, const char *kind, const char *id);
GW_API char *gw_object_list(struct gw_plugin *self, const char *kind);
GW_API void gw_free(char *text);

/* ---- Events --------------------------------------------------------------------------------- */

enum gw_severity { GW_DEBUG = 1, GW_INFO, GW_NOTICE, GW_WARNING, GW_ERROR, GW_CRITICAL };

struct gw_event {
    int64_t sequence; /* grows by one over all events; kept over restarts */
    int64_t time_ms;
    const char *topic; /* "gns3.node.crashed" */
    enum gw_severity severity;
    const char *source;    /* instance that said it */
    const char *kind, *id; /* subject object; NULL: none */
    const char *text;      /* one sentence for a person */
    const char *data;      /* a JSON object; "{}" when empty */
};

/* Says `event` (sequence, source and, when 0, time_ms are the host's to fill in; text and data may
 * be NULL). Its topic is a word of plain characters, at most 255, as are kind and id (-EINVAL), and
 * none of the host's own, which are gnswatch.*, object.* and store.* (-EPERM); its text has at most
 * 16 KiB, its data 256 KiB (-EMSGSIZE); what is refused is logged. */
GW_API int gw_emit(struct gw_plugin *self, const struct gw_event *event);

/* Calls `on_event` for events whose topic matches `pattern` ("gns3.node.*", "*"), also our own. The
 * queue holds 1,024 events; older ones are dropped and counted. Every object change is an event
 * too, topic "object.put" or "object.delete", its data {"changed":{member:[before,after]}}: those
 * go only to patterns that begin with "object.". */
typedef void gw_event_fn(struct gw_plugin *self, const struct gw_event *event, void *data);
GW_API int gw_subscribe(struct gw_plugin *self, const char *pattern, gw_event_fn *on_event,
                        void *data);

/* 1.1: the same, after the stored events that match and come after `sequence` (oldest first, at
 * most the last 10,000): whoever keeps the sequence of the last event it has dealt with misses none
 * over its own restart. A queue that overflows is filled again from the store, not dropped. */
GW_API int gw_subscribe_since(struct gw_plugin *self, const char *pattern, int64_t sequence,
                              gw_event_fn *on_event, void *data);

/* ---- Commands ------------------------------------------------------------------------------- */

enum gw_role { GW_VIEWER = 1, GW_OPERATOR, GW_ADMIN };

/* `name` is "plugin.thing.verb" or "plugin.verb". When plugin.thing is a kind, REST has
 *   POST   /api/<plugin>/<plural>              for verb create
 *   PATCH  /api/<plugin>/<plural>/{id}         for verb update
 *   DELETE /api/<plugin>/<plural>/{id}         for verb delete
 *   POST   /api/<plugin>/<plural>/{id}/<verb>  for others with a required parameter "id"
 *   POST   /api/<plugin>/<plural>/<verb>       for others without
 * and every command is at POST /api/v1/commands/<name>. */
struct gw_command {
    const char *name;
    const char *help;
    enum gw_role role;
    const struct gw_row *params; /* NULL: none */
    const struct gw_row *result; /* documents the answer; NULL: {} */
    int (*run)(struct gw_plugin *self, struct gw_call *call);
    int64_t deadline_ms; /* for the whole call, also when it goes on after `run`; 0: 60 s */
};

/* A call is answered exactly once, in `run` or later: gw_reply, or gw_refuse with a negative errno
 * (-ENOENT 404, -EINVAL 400, -EEXIST 409, -EBUSY 409, -EPERM 403, -ETIMEDOUT 504, -EIO 502, others
 * 500) and a sentence. `run` returning an error refuses the call with it. After the deadline or a
 * cancel the host refuses it; gw_reply then answers -ECANCELED and does nothing. What runs over one
 * second is shown as a job with progress and log. `json` NULL is {}. */
GW_API const struct gw_values *gw_call_params(const struct gw_call *call);
GW_API const char *gw_call_command(const struct gw_call *call); /* 1.1: its name; a page's path */
/* 1.1: who asks: a token's name, "local", or the instance that asked. */
GW_API const char *gw_call_caller(const struct gw_call *call);
GW_API bool gw_call_cancelled(const struct gw_call *call);
GW_API int gw_reply(struct gw_call *call, const char *json);
GW_API int gw_refuse(struct gw_call *call, int error, const char *format, ...) GW_PRINTF(3, 4);
GW_API int gw_progress(struct gw_call *call, double done, const char *format, ...)
    GW_PRINTF(3, 4); /* done: 0 to 1; the sentence goes to the job's log (last 100 lines kept) */

/* Asks for a command of any plugin; `on_result` gets 0 and the answer, or the error and {"detail"}.
 * It runs with the caller's name in the history and with admin rights. */
typedef void gw_result_fn(struct gw_plugin *self, int error, const char *json, void *data);
GW_API int gw_ask(struct gw_plugin *self, const char *command, const char *params_json,
                  gw_result_fn *on_result, void *data);
/* 1.1: the enum gw_role a command needs, for who asks on behalf of others; -ENOENT: there is no
 * such command. */
GW_API int gw_command_role(struct gw_plugin *self, const char *command);

/* ---- Pages (1.1) ----------------------------------------------------------------------------- */

/* What a plugin serves by HTTP GET beyond objects and commands: "/metrics", a report as HTML. It is
 * answered like a command, by gw_reply_as or gw_refuse, and is no job. */
struct gw_page {
    const char *path; /* "/metrics" or below "/api/<plugin>/"; {name} takes what stands there and
                         is then a parameter of this name */
    const char *help;
    enum gw_role role;           /* 0: everybody, without a token */
    const struct gw_row *params; /* of the query and the path; NULL: none */
    const char *types; /* "text/plain|application/json": what it can answer, the first by default */
    int (*run)(struct gw_plugin *self, struct gw_call *call);
    int64_t deadline_ms; /* 0: 10 s */
};

/* The header Accept of who asked; "" when there was none or the call is no page's. */
GW_API const char *gw_call_accept(const struct gw_call *call);
/* Answers a page: at most 64 MiB. HTML is served with a policy that allows no script and nothing
 * from elsewhere but pictures in data: addresses and style in the page. -EINVAL: not a page's. */
GW_API int gw_reply_as(struct gw_call *call, const char *content_type, const char *body,
                       size_t bytes);

/* ---- Time, waiting, telling ----------------------------------------------------------------- */

GW_API int64_t gw_now_ms(struct gw_plugin *self);       /* wall clock */
GW_API int64_t gw_monotonic_ms(struct gw_plugin *self); /* for differences */

typedef void gw_timer_fn(struct gw_plugin *self, void *data);
/* After `delay_ms`, then each `repeat_ms` (0: once; it is freed after its turn). */
GW_API struct gw_timer *gw_timer_start(struct gw_plugin *self, int64_t delay_ms, int64_t repeat_ms,
                                       gw_timer_fn *on_time, void *data);
GW_API void gw_timer_stop(struct gw_timer *timer); /* NULL is fine; the handle is dead */

enum gw_watch_flag { GW_READ = 1, GW_WRITE = 2, GW_HANGUP = 4 };
typedef void gw_watch_fn(struct gw_plugin *self, int fd, unsigned flags, void *data);
/* Watches a descriptor of the plugin's (not taken over). */
GW_API struct gw_watch *gw_watch_start(struct gw_plugin *self, int fd, unsigned flags,
                                       gw_watch_fn *on_ready, void *data);
GW_API int gw_watch_change(struct gw_watch *watch, unsigned flags);
GW_API void gw_watch_stop(struct gw_watch *watch);

/* From any thread the plugin made itself: `fn` runs soon on the instance's thread. At most 1,024
 * wait (-EAGAIN beyond). */
GW_API int gw_post(struct gw_plugin *self, gw_timer_fn *fn, void *data);

/* A line in the log, as the instance. ERROR: the operator must act; WARNING: handled, worth
 * knowing; INFO: a state changed; DEBUG: for developers. */
GW_API void gw_log(struct gw_plugin *self, enum gw_severity level, const char *format, ...)
    GW_PRINTF(3, 4);

/* Records the instance's last error and logs it (the same sentence is folded for a minute), then
 * returns `error`, so a callback can end with `return gw_fail(self, -errno, "open %s", path)`. */
GW_API int gw_fail(struct gw_plugin *self, int error, const char *format, ...) GW_PRINTF(3, 4);

GW_API const char *gw_name(const struct gw_plugin *self); /* the instance's name */
/* 1.1: the dashboard's address without a slash at its end, for links in messages: what
 * `api.public_url` says, else where it listens. */
GW_API const char *gw_dashboard(const struct gw_plugin *self);
GW_API const char *gw_state_dir(const struct gw_plugin *self); /* a directory of its own, made */
GW_API void *gw_data(const struct gw_plugin *self);            /* what `start` put in *data */

/* ---- The descriptor ------------------------------------------------------------------------- */

struct gw_descriptor {
    unsigned abi_major, abi_minor;
    size_t size; /* sizeof(struct gw_descriptor) when built */
    const char *name, *version, *summary;
    const struct gw_row *options;      /* ends with {0}; NULL: none */
    const struct gw_kind *kinds;       /* ends with {0}; NULL: none */
    const struct gw_command *commands; /* ends with {0}; NULL: none */
    int64_t every_ms;                  /* default tick interval; 0: no ticks */
    int64_t deadline_ms;               /* of one callback; 0: 1 s */
    /* Sets *data, which every later callback gets. After an error `stop` is called all the same,
     * so it must take NULL and half-built data. The host tries again with back-off. */
    int (*start)(struct gw_plugin *self, void **data);
    int (*tick)(struct gw_plugin *self, void *data); /* an error is counted and shown */
    void (*stop)(struct gw_plugin *self, void *data);
    const struct gw_page *pages; /* 1.1: ends with {0}; NULL: none */
};

#define GW_PLUGIN(...)                                                                  \
    GW_API extern const struct gw_descriptor gnswatch_plugin;                           \
    const struct gw_descriptor gnswatch_plugin = {.abi_major = GW_ABI_MAJOR,            \
                                                  .abi_minor = GW_ABI_MINOR,            \
                                                  .size = sizeof(struct gw_descriptor), \
                                                  __VA_ARGS__}

#ifdef __cplusplus
}
#endif
#endif
