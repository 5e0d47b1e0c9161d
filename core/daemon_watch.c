/* A file that is written, renamed or removed takes effect by itself, once it has been quiet for a
 * moment. One with mistakes leaves its instance as it is and does not keep others from theirs. */
#include "daemon_watch.h"

#include "base/log.h"
#include "daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    CONF_QUIET_MS = 200,
    CONF_AT_MOST_MS = 700, /* something there never gets quiet: what there is by then */
    PLUGIN_QUIET_MS = 400, /* a linker takes its time */
    PLUGIN_AT_MOST_MS = 3000,
    LOOK_MS = 1000,
    AGAIN_LOOKS = 30,
};

/* ---- what is refused ---- */

struct refresh {
    struct daemon *daemon;
    const char **kept; /* instances whose files are refused; ends with NULL; owned, as its names */
    size_t count;
};

static void keep(struct refresh *refresh, const char *file)
{
    const char **grown = realloc(refresh->kept, (refresh->count + 2) * sizeof(*grown));
    const char *end = strrchr(file, '.');
    if (!grown)
        return;
    refresh->kept = grown;
    grown[refresh->count] = strndup(file, end ? (size_t)(end - file) : strlen(file));
    refresh->count += grown[refresh->count] != NULL;
    grown[refresh->count] = NULL;
}

static void say(struct daemon *daemon, const char *topic, const char *file, size_t mistakes,
                const struct buf *text)
{
    struct buf data;
    buf_init(&data, 8192);
    buf_adds(&data, "{\"file\":");
    buf_json_string(&data, file);
    buf_printf(&data, ",\"mistakes\":%zu}", mistakes);
    struct gw_event event = {
        .topic = topic,
        .severity = mistakes ? GW_ERROR : GW_NOTICE,
        .source = "gnswatch",
        .text = text->data,
        .data = buf_error(&data) ? NULL : data.data,
    };
    bus_emit(daemon->nouns.bus, &event);
    buf_fini(&data);
}

static void say_refused(struct daemon *daemon, const char *file, const struct problems *problems)
{
    struct buf text;
    size_t count = problems->count + problems->left_off;
    buf_init(&text, 4096);
    buf_printf(&text, "%s: %.1000s; %s%s", problems->list[0].where, problems->list[0].what,
               count > 1 ? "there are more mistakes; " : "",
               strcmp(file, "gnswatch.yaml") == 0 ? "the settings stay as they were"
                                                  : "its instance stays as it was");
    say(daemon, "gnswatch.conf.refused", file, count, &text);
    daemon_print_problems(problems);
    buf_fini(&text);
}

static void say_accepted(struct daemon *daemon, const char *file)
{
    struct buf text;
    buf_init(&text, 1024);
    buf_printf(&text, "%s is well again", file);
    say(daemon, "gnswatch.conf.accepted", file, 0, &text);
    buf_fini(&text);
}

/* Each mistake is told once, not with every change of another file. */
static void on_refused(void *data, const char *file, const struct problems *problems)
{
    struct refresh *refresh = data;
    struct map *known = &refresh->daemon->watch.refused;
    struct buf text;
    keep(refresh, file);
    buf_init(&text, 1 << 20);
    problems_print(problems, &text);
    const char *before = map_get(known, file);
    if (!before || !text.data || strcmp(before, text.data) != 0) {
        say_refused(refresh->daemon, file, problems);
        char *said = buf_take(&text);
        free(map_get(known, file));
        if (!said || map_put(known, file, said)) {
            map_remove(known, file);
            free(said);
        }
    }
    buf_fini(&text);
}

static void forget_mended(struct daemon *daemon, const struct refresh *refresh)
{
    struct map *known = &daemon->watch.refused;
    for (size_t i = known->count; i-- > 0;) {
        const char *file = known->entries[i].key;
        bool still = false;
        for (size_t j = 0; refresh->kept && j < refresh->count && !still; j++) {
            size_t bytes = strlen(refresh->kept[j]);
            still = strncmp(refresh->kept[j], file, bytes) == 0 && file[bytes] == '.';
        }
        if (still)
            continue;
        say_accepted(daemon, file);
        free(known->entries[i].value);
        map_remove(known, file);
    }
}

/* ---- reading again ---- */

static void take_host_values(struct daemon *daemon, struct gw_values *now)
{
    struct daemon_watch *watch = &daemon->watch;
    const struct gw_values *before = watch->seen ? watch->seen : daemon->host_values;
    if (now && !values_equal(before, now)) {
        daemon_say_host_changes(now);
        values_free(watch->seen);
        watch->seen = now;
    } else {
        values_free(now);
    }
}

static void refresh(struct daemon *daemon)
{
    struct refresh one = {.daemon = daemon, .kept = calloc(1, sizeof(char *))};
    struct problems problems;
    problems_init(&problems);
    struct conf_tables tables = host_tables(daemon->nouns.host, host_options);
    struct conf *conf =
        conf_load_each(daemon->setup->conf_dir, &tables, &problems, on_refused, &one);
    if (conf && one.kept) {
        struct gw_values *now = conf->host;
        conf->host = NULL;
        take_host_values(daemon, now);
        forget_mended(daemon, &one);
        host_apply_but(daemon->nouns.host, conf, one.kept);
    } else {
        log_line(GW_ERROR, "host", "%s; everything goes on as before",
                 problems.count ? problems.list[0].what : "out of memory");
        conf_free(conf);
    }
    for (size_t i = 0; one.kept && i < one.count; i++)
        free((char *)(uintptr_t)one.kept[i]);
    free(one.kept);
    problems_fini(&problems);
}

/* ---- noticing ---- */

static void on_change(uv_fs_event_t *handle, const char *name, int events, int status);

static void unwatch(struct watch_dir *dir)
{
    uv_fs_event_stop(&dir->handle);
    dir->on = false;
}

/* Watches what is at the path now. True: it had not been watched before. */
static bool rewatch(struct watch_dir *dir)
{
    struct stat about;
    bool there = stat(dir->path, &about) == 0;
    if (dir->on && there && about.st_dev == dir->device && about.st_ino == dir->inode)
        return false;
    if (dir->on)
        unwatch(dir);
    if (!there)
        return false;
    int error = uv_fs_event_start(&dir->handle, on_change, dir->path, 0);
    if (error) {
        log_line(GW_WARNING, "host", "changes in %s are not noticed (%s); after one, send SIGHUP",
                 dir->path, uv_strerror(error));
        return false;
    }
    dir->on = true;
    dir->device = about.st_dev;
    dir->inode = about.st_ino;
    return true;
}

static void on_settled(uv_timer_t *timer)
{
    struct daemon_watch *watch = timer->data;
    watch->first_ms = 0;
    for (size_t i = 0; i < watch->count; i++)
        rewatch(&watch->dirs[i]);
    if (watch->plugins_changed)
        host_look_at_files(watch->daemon->nouns.host);
    watch->plugins_changed = false;
    refresh(watch->daemon);
}

static void settle(struct daemon_watch *watch, bool plugins)
{
    uint64_t now_ms = uv_now(&watch->daemon->loop);
    if (!watch->first_ms)
        watch->first_ms = now_ms;
    watch->plugins_changed |= plugins;
    bool slow = watch->plugins_changed;
    uint64_t quiet_ms = now_ms + (slow ? PLUGIN_QUIET_MS : CONF_QUIET_MS);
    uint64_t last_ms = watch->first_ms + (slow ? PLUGIN_AT_MOST_MS : CONF_AT_MOST_MS);
    uint64_t due_ms = quiet_ms < last_ms ? quiet_ms : last_ms;
    uv_timer_start(&watch->settle, on_settled, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

static void on_change(uv_fs_event_t *handle, const char *name, int events, int status)
{
    struct watch_dir *dir = handle->data;
    (void)events;
    if (dir->plugins && name && !ends_with(name, ".so"))
        return; /* what a linker and an installer write besides */
    if (status >= 0)
        settle(dir->watch, dir->plugins);
}

/* A directory that was moved away or came back is no event of itself. */
static void on_look(uv_timer_t *timer)
{
    struct daemon_watch *watch = timer->data;
    watch->looks++;
    if (watch->refused.count && watch->looks % AGAIN_LOOKS == 0)
        settle(watch, false); /* a plugin that could not be loaded may be by now */
    for (size_t i = 0; i < watch->count; i++) {
        if (rewatch(&watch->dirs[i]))
            settle(watch, watch->dirs[i].plugins);
    }
}

static void add_dir(struct daemon_watch *watch, const char *path, bool plugins)
{
    if (watch->count == WATCH_DIRS_MAX)
        return;
    struct watch_dir *dir = &watch->dirs[watch->count++];
    *dir = (struct watch_dir){.watch = watch, .path = path, .plugins = plugins};
    uv_fs_event_init(&watch->daemon->loop, &dir->handle);
    dir->handle.data = dir;
    rewatch(dir);
}

void daemon_watch_start(struct daemon *daemon)
{
    struct daemon_watch *watch = &daemon->watch;
    if (!gw_bool(daemon->host_values, "watch_files"))
        return;
    watch->daemon = daemon;
    map_init(&watch->refused);
    uv_timer_init(&daemon->loop, &watch->settle);
    uv_timer_init(&daemon->loop, &watch->look);
    watch->settle.data = watch->look.data = watch;
    add_dir(watch, daemon->setup->conf_dir, false);
    for (char **dir = daemon->setup->plugin_dirs; *dir; dir++)
        add_dir(watch, *dir, true);
    uv_timer_start(&watch->look, on_look, LOOK_MS, LOOK_MS);
    settle(watch, false); /* what has changed since it was read */
}

void daemon_watch_stop(struct daemon *daemon)
{
    struct daemon_watch *watch = &daemon->watch;
    if (!watch->daemon)
        return;
    for (size_t i = 0; i < watch->count; i++)
        unwatch(&watch->dirs[i]);
    uv_timer_stop(&watch->settle);
    uv_timer_stop(&watch->look);
    for (size_t i = 0; i < watch->refused.count; i++)
        free(watch->refused.entries[i].value);
    map_fini(&watch->refused);
    values_free(watch->seen);
    watch->seen = NULL;
    watch->daemon = NULL;
}
