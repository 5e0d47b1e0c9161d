/* dialect.h - what a foreign plugin's output means, apart from how its process is run.
 *
 * A dialect is fed the output of one run, or of a stream, line by line, and says what it found to a
 * `struct heard`. It knows nothing of processes and of the host: time is an argument, text goes in,
 * calls come out, so each is tested on text alone. Names and texts are handed on as they were
 * written (only valid UTF-8 is promised); exec makes series of them (naming.h). */
#ifndef EXEC_DIALECT_H
#define EXEC_DIALECT_H

#include <gnswatch/plugin.h>

/* One value's description. Everything is borrowed for the call. */
struct metric {
    const char *group; /* what belongs together: a chart's context, a collectd plugin and
                          type, a measurement, a metric family */
    const char *name;  /* within the group; "value" when there is but one */
    const char *title, *unit, *help; /* NULL: not said */
    const struct gw_label *labels;   /* which one of its kind; ends with {0}; NULL: none */
    enum gw_field_kind kind;         /* GW_COUNTER: ever growing, the host makes the rate */
    double scale;                    /* the value was already multiplied by it; 1: as it came */
    double min, max; /* limits the author gave; NaN: none. What is outside is not said */
    const char *warning, *critical; /* ranges as Nagios writes them; NULL: none */
    int64_t every_ms;               /* how often it is measured; 0: once in the item's interval */
};

/* The outcome of a check, or a notification. */
struct verdict {
    const char *subject; /* the check, "plugin/type" of a notification; NULL: the whole item */
    enum gw_severity severity; /* GW_INFO: well again */
    int state;               /* Nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; -1: an event only */
    int64_t time_ms;         /* 0: now */
    const char *text, *more; /* a sentence, and long output; NULL: none */
    const struct gw_label *labels;
};

enum wish {
    WISH_DISABLE = 1, /* it asks not to be started again */
    WISH_EXIT,        /* it ends of itself; the usual policy holds */
    WISH_ALIVE,       /* nothing to say, but at work */
};

/* Whom a dialect tells. Every member is set. */
struct heard {
    void *data;
    /* `time_ms` 0: now. Values between two `turn`s were measured together. NaN: none this time. */
    void (*value)(void *data, const struct metric *metric, int64_t time_ms, double value);
    void (*turn)(void *data);
    void (*gone)(void *data, const struct metric *metric); /* it will not come again */
    void (*verdict)(void *data, const struct verdict *verdict);
    /* Our own lines only (jsonl.c). `json` is a JSON object; NULL: it is gone. */
    void (*object)(void *data, const char *kind, const char *id, const char *json);
    void (*event)(void *data, const struct gw_event *event);
    void (*wish)(void *data, enum wish wish);
    /* What could not be read: where (counted from 1), why, and the line itself (cut). */
    void (*error)(void *data, unsigned line, unsigned column, const char *why, const char *text);
};

struct dialect_options { /* borrowed as long as the dialect lives */
    const char *item;    /* the name of what is run */
    int64_t every_ms;
    const char *const *types; /* files like collectd's types.db; ends with NULL; NULL: none */
    int64_t precision_ns;     /* of InfluxDB's time stamps; 0: 1 */
    bool openmetrics;         /* by the content type of a scrape */
    bool no_timestamps;       /* a textfile: they are an error */
};

struct dialect; /* what one item's reader remembers */

/* One protocol. `name` is what the file says: "netdata", "collectd", "munin", "nagios", "influx",
 * "prometheus", "jsonl". */
struct dialect_kind {
    const char *name;
    struct dialect *(*open)(const struct dialect_options *options, const struct heard *heard);
    /* A line without its end, UTF-8, without NUL. Munin's `config` and fetch are two runs: `run`
     * counts from 0 within one turn of the item (munin: 0 config, 1 fetch). */
    void (*line)(struct dialect *dialect, unsigned run, const char *line, int64_t now_ms);
    /* The run has ended: exit status 0..255, or -signal. A stream calls it when it has ended. */
    void (*end)(struct dialect *dialect, unsigned run, int status, int64_t now_ms);
    void (*close)(struct dialect *dialect); /* NULL is fine */
};

extern const struct dialect_kind dialect_netdata, dialect_collectd, dialect_munin, dialect_nagios,
    dialect_influx, dialect_prometheus, dialect_jsonl;

#endif
