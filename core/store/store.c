/* Wiring: the keeper (SQLite), the link (the store process) and the registry's notes to both. */
#include "store/keeper.h"
#include "store/link.h"

#include "metric/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int store_why(char **why, int error, const char *format, ...)
{
    if (!why || *why)
        return error;
    va_list args;
    va_start(args, format);
    if (vasprintf(why, format, args) < 0)
        *why = NULL;
    va_end(args);
    return error;
}

void store_say(struct store *store, enum gw_severity severity, const char *topic,
               const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct gw_event event = {
        .topic = topic, .severity = severity, .source = "store", .text = text, .data = "{}"};
    bus_emit(store->parts.bus, &event); /* the host makes log lines of the grave ones */
}

/* ---- Notes from the registry, under its lock ------------------------------------------------- */

static void on_added(void *data, const struct series_info *info, size_t ring_offset)
{
    struct store *store = data;
    link_series(store->link, info, ring_offset, false);
    keeper_series(store->keeper, info);
}

static void on_relabelled(void *data, uint32_t id, const struct series_info *now)
{
    (void)id;
    struct store *store = data;
    link_renamed(store->link, now);
    keeper_series(store->keeper, now);
}

static void on_ended(void *data, uint32_t id)
{
    struct store *store = data;
    struct metric *metric = store->parts.metric;
    const struct gw_series *series = registry_find(metric, id);
    if (!series)
        return;
    struct series_info info;
    registry_info(series, &info);
    keeper_series_last(store->keeper, id, info.last_ms);
    link_ended(store->link, id, (size_t)((const char *)series->ring - metric->shm.base));
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static int make_dirs(const char *dir, char **why)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path))
        return store_why(why, -ENAMETOOLONG, "%s: the name is too long", dir);
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(path, 0750) && errno != EEXIST)
            return store_why(why, -errno,
                             "cannot make the state directory %s: %s; make it, or name another one",
                             path, strerror(errno));
        if (!slash)
            return 0;
        *slash = '/';
    }
}

static int lock_dir(struct store *store, char **why)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof(path), "%s/lock", store->dir);
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (store->lock_fd < 0)
        return store_why(why, -errno, "cannot write in the state directory: %s: %s", path,
                         strerror(errno));
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB))
        return store_why(why, -EBUSY,
                         "another gnswatch uses %s; stop it, or choose another state directory",
                         store->dir);
    return 0;
}

static int open_dir(struct store *store, char **why)
{
    int error = make_dirs(store->parts.dir, why);
    if (error)
        return error;
    store->dir = realpath(store->parts.dir, NULL);
    if (!store->dir)
        return store_why(why, -errno, "%s: %s", store->parts.dir, strerror(errno));
    return lock_dir(store, why);
}

static void release(struct store *store)
{
    settings_fini(&store->settings);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store->dir);
    free(store);
}

static int open_store(const struct store_parts *parts, bool manual, struct store **out, char **why)
{
    *out = NULL;
    if (why)
        *why = NULL;
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return store_why(why, -ENOMEM, "no memory for the store");
    store->parts = *parts;
    store->manual = manual;
    store->lock_fd = -1;
    atomic_store(&store->last_round_ms, clock_wall_ms(parts->clock));
    int error = settings_read(&store->settings, parts->options, why);
    if (!error)
        error = open_dir(store, why);
    if (!error)
        error = keeper_new(store, &store->keeper, why);
    if (!error)
        error = link_new(store, &store->link, why);
    if (error) {
        keeper_free(store->keeper, 1000);
        release(store);
        return error;
    }
    metric_listen(parts->metric,
                  &(struct metric_listener){on_added, on_relabelled, on_ended, store});
    *out = store;
    return 0;
}

int store_open(const struct store_parts *parts, struct store **out, char **why)
{
    return open_store(parts, false, out, why);
}

int store_open_manual(const struct store_parts *parts, struct store **out, char **why)
{
    return open_store(parts, true, out, why);
}

static bool note_last(void *data, const struct series_info *info)
{
    struct store *store = data;
    if (info->live)
        keeper_series_last(store->keeper, info->id, info->last_ms);
    return true;
}

int store_close(struct store *store, int64_t deadline_ms)
{
    if (!store)
        return 0;
    int64_t end_ms = clock_monotonic_ms(clock_system()) + deadline_ms;
    metric_each(store->parts.metric, note_last, store);
    metric_listen(store->parts.metric, NULL);
    int link_error = link_free(store->link, deadline_ms);
    int64_t left_ms = end_ms - clock_monotonic_ms(clock_system());
    int keeper_error = keeper_free(store->keeper, left_ms < 200 ? 200 : left_ms);
    release(store);
    return link_error ? link_error : keeper_error;
}
