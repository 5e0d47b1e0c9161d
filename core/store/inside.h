/* What the files of core/store share in the daemon. Not for others. */
#ifndef GW_STORE_INSIDE_H
#define GW_STORE_INSIDE_H

#include "store/archive.h"
#include "store/store.h"

#include <stdatomic.h>

struct keeper;
struct link;

/* The options, read once. Texts belong to `values`. */
struct settings {
    struct gw_values *values; /* owned when made from defaults; NULL: the caller's */
    const char *archives, *rrdcached;
    struct archives resolutions; /* `archives`, parsed */
    int64_t flush_every_ms, retire_after_ms, disk_max_bytes;
    int64_t events_keep_ms, events_max, history_keep_ms, history_max;
};

int settings_read(struct settings *settings, const struct gw_values *values, char **why);
void settings_fini(struct settings *settings);

struct store {
    struct store_parts parts;
    struct settings settings;
    char *dir; /* owned, absolute */
    struct keeper *keeper;
    struct link *link;
    bool manual;
    int lock_fd; /* of dir/lock: one daemon a directory */
    _Atomic int64_t last_round_ms;
};

/* As store_open, but the process does its turns only when told to (link_tick): tests, benches. */
int store_open_manual(const struct store_parts *parts, struct store **out, char **why);

/* An event of the store's own, also a line in the log. */
void store_say(struct store *store, enum gw_severity severity, const char *topic,
               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* `format` as *why (the caller frees; a NULL `why` is fine); answers `error`. */
int store_why(char **why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
