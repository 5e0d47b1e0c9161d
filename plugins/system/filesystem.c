/* filesystem.c - how full file systems are and will be, and whether they can be written to. Only
 * those of this machine's disks: asking a server that does not answer would block. */
#include "forecast.h"
#include "item.h"
#include "mounts.h"

#include <gnswatch/series.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum {
    FORECAST_MS = 60000,     /* between forecasts of one */
    HISTORY_WAIT_MS = 60000, /* for the past; then it begins now */
    HISTORY_POINTS = FORECAST_DAYS * 48 * 4,
    FREE = 2 /* its place in the fields */
};

enum state { STATE_OK = 1, STATE_FILLING, STATE_FULL };

struct filesystem {
    struct item item;
    struct mount mount;
    struct forecast forecast;
    bool loaded;         /* the past has come, or is not waited for */
    int64_t asked_ms;    /* monotonic */
    int64_t forecast_ms; /* the same, of the last one */
    double full_in_s;    /* NaN: not foreseen */
    double used_percent, inodes_percent;
    enum state state;
};

/* A question for the past of one; it may have gone when the answer comes. */
struct ask {
    LIST_ENTRY(ask) entry;
    struct filesystems *all;
    char path[sizeof((struct mount *)NULL)->path];
};

struct filesystems {
    struct items items;
    LIST_HEAD(, ask) asks; /* under way; owned */
    struct file mounts;
    struct system *system;
};

static const struct gw_field fields[] = {
    {"size", GW_GAUGE, "By", "Size of the file system"},
    {"used", GW_GAUGE, "By", "What is used"},
    {"free", GW_GAUGE, "By", "Room for ordinary users"},
    {"used_percent", GW_GAUGE, "%", "Used, of what ordinary users could have"},
    {"inodes", GW_GAUGE, "1", "Files it can hold"},
    {"inodes_used", GW_GAUGE, "1", "Files it holds"},
    {"inodes_percent", GW_GAUGE, "%", "Used, of these"},
    {"read_only", GW_GAUGE, "1", "1: cannot be written to"},
    {"full_in", GW_GAUGE, "s", "When it will be full if it goes on like this; none: not foreseen"},
    {0},
};

static const char *state_name(enum state state)
{
    static const char *const names[] = {
        [STATE_OK] = "ok", [STATE_FILLING] = "filling", [STATE_FULL] = "full"};
    return names[state];
}

/* ---- The past -------------------------------------------------------------------------------- */

static void ask_free(struct ask *ask)
{
    LIST_REMOVE(ask, entry);
    free(ask);
}

static void on_past(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    (void)self;
    struct ask *ask = data;
    struct filesystem *one = (struct filesystem *)items_find(&ask->all->items, ask->path);
    if (one && !one->loaded && rows->error == 0 && rows->fields > FREE)
        for (size_t i = 0; i < rows->count; i++)
            forecast_add(&one->forecast, rows->times_ms[i], rows->values[FREE * rows->count + i]);
    if (one)
        one->loaded = true;
    ask_free(ask);
}

static bool found_series(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    (void)self;
    *(uint32_t *)data = info->id;
    return false;
}

/* What the store has of the last days. The series has just been made under the name it always had.
 */
static void ask_past(struct filesystems *all, struct filesystem *one)
{
    struct gw_plugin *self = all->system->self;
    struct gw_label labels[] = {{"mount", one->item.name}, {0}};
    struct gw_match match = {"system.filesystem", labels};
    uint32_t id = 0;
    int64_t now_ms = gw_now_ms(self);
    struct ask *ask = calloc(1, sizeof *ask);
    one->asked_ms = all->system->now_ms;
    gw_series_each(self, &match, false, found_series, &id);
    struct gw_query query = {.size = sizeof query,
                             .id = id,
                             .from_ms = now_ms - FORECAST_DAYS * INT64_C(86400000),
                             .to_ms = now_ms,
                             .points = HISTORY_POINTS};
    one->loaded = !ask || id == 0;
    if (!ask)
        return;
    ask->all = all;
    snprintf(ask->path, sizeof ask->path, "%s", one->item.name);
    LIST_INSERT_HEAD(&all->asks, ask, entry);
    if (id == 0 || gw_query(self, &query, on_past, ask) < 0) {
        ask_free(ask);
        one->loaded = true;
    }
}

/* ---- Judging --------------------------------------------------------------------------------- */

static void put_object(struct system *system, const struct filesystem *one)
{
    double hours = one->full_in_s / 3600;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o}", "mount", one->item.name, "device",
        one->mount.source, "type", one->mount.type, "read_only", one->mount.read_only, "status",
        state_name(one->state), "used_percent", json_integer((json_int_t)lround(one->used_percent)),
        "inodes_percent",
        isnan(one->inodes_percent) ? json_null()
                                   : json_integer((json_int_t)lround(one->inodes_percent)),
        "full_in_hours",
        isnan(hours) ? json_null() : json_integer((json_int_t)lround(fmin(hours, 1e6))));
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text)
        gw_object_put(system->self, "system.filesystem", one->item.name, text);
    free(text);
    json_decref(json);
}

static enum state judge(const struct system *system, const struct filesystem *one)
{
    const struct gw_values *options = gw_options(system->self);
    double limit = gw_number(options, "full_at") - (one->state == STATE_FULL ? 2 : 0);
    double within_s = (double)gw_int(options, "full_within") / 1000;
    within_s *= one->state == STATE_OK ? 1 : 1.5; /* a forecast swings */
    if (one->used_percent >= limit || one->inodes_percent >= limit)
        return STATE_FULL;
    if (one->state == STATE_FILLING && !one->loaded)
        return STATE_FILLING; /* of an earlier life; the past will tell */
    return one->full_in_s <= within_s ? STATE_FILLING : STATE_OK;
}

static void tell_state(struct system *system, const struct filesystem *one)
{
    const char *name = one->item.name;
    bool inodes = one->inodes_percent > one->used_percent;
    char data[128];
    snprintf(data, sizeof data, "{\"hours\":%.1f,\"used_percent\":%.1f}",
             isnan(one->full_in_s) ? -1 : one->full_in_s / 3600, one->used_percent);
    if (one->state == STATE_FILLING)
        system_say(system, "system.filesystem.filling", GW_WARNING, "system.filesystem", name, data,
                   "%s will be full in %.1f hours if it goes on like this; it is %.0f %% full",
                   name, one->full_in_s / 3600, one->used_percent);
    else if (one->state == STATE_FULL)
        system_say(system, "system.filesystem.full", GW_ERROR, "system.filesystem", name, NULL,
                   "%s is %.0f %% full%s: delete something or make it larger", name,
                   inodes ? one->inodes_percent : one->used_percent,
                   inodes ? " of files (inodes)" : "");
    else
        system_say(system, "system.filesystem.ok", GW_NOTICE, "system.filesystem", name, NULL,
                   "%s has room again; it is %.0f %% full", name, one->used_percent);
}

static void look_ahead(struct system *system, struct filesystem *one, double free_bytes)
{
    int64_t waited_ms = system->now_ms - one->asked_ms;
    if (!one->loaded && (one->asked_ms == 0 || waited_ms < HISTORY_WAIT_MS))
        return;
    one->loaded = true; /* a past that comes later is older than what is added now */
    forecast_add(&one->forecast, gw_now_ms(system->self), free_bytes);
    if (one->forecast_ms > 0 && system->now_ms - one->forecast_ms < FORECAST_MS)
        return;
    one->forecast_ms = system->now_ms;
    one->full_in_s = forecast_seconds(&one->forecast, free_bytes, one->used_percent >= 50);
    if (one->mount.read_only)
        one->full_in_s = (double)NAN;
}

static void measure(struct filesystems *all, struct filesystem *one, const struct statvfs *fs)
{
    double block = (double)fs->f_frsize, size = (double)fs->f_blocks * block;
    double used = ((double)fs->f_blocks - (double)fs->f_bfree) * block;
    double room = (double)fs->f_bavail * block, files = (double)fs->f_files;
    double files_used = files - (double)fs->f_ffree;
    one->used_percent = percent(used, used + room);
    one->inodes_percent = files > 0 ? percent(files_used, files) : (double)NAN;
    if (isnan(one->used_percent))
        one->used_percent = 0;
    look_ahead(all->system, one, room);
    double row[] = {size,
                    used,
                    room,
                    one->used_percent,
                    files > 0 ? files : (double)NAN,
                    files_used,
                    one->inodes_percent,
                    one->mount.read_only,
                    one->full_in_s};
    struct gw_label labels[] = {{"mount", one->item.name}, {0}};
    system_row(all->system, &one->item.series, "system.filesystem", labels, fields, row);
    if (one->asked_ms == 0)
        ask_past(all, one);
    enum state state = judge(all->system, one);
    bool changed = state != one->state;
    one->state = state;
    if (changed)
        tell_state(all->system, one);
    put_object(all->system, one);
}

/* ---- Which there are ------------------------------------------------------------------------- */

static void tell_read_only(struct system *system, const struct mount *mount)
{
    if (mount->read_only)
        system_say(system, "system.filesystem.readonly", GW_ERROR, "system.filesystem", mount->path,
                   NULL,
                   "%s can no longer be written to: its disk (%s) may be failing, see `journalctl "
                   "-k`",
                   mount->path, mount->source);
    else
        system_say(system, "system.filesystem.writable", GW_NOTICE, "system.filesystem",
                   mount->path, NULL, "%s can be written to again", mount->path);
}

/* Of a device that is mounted more than once, the first place counts. */
static bool is_twice(const struct filesystems *all, const struct mount *mount)
{
    const struct item *item;
    TAILQ_FOREACH(item, &all->items.list, entry)
    if (item->seen && strcmp(((const struct filesystem *)item)->mount.device, mount->device) == 0)
        return true;
    return false;
}

static bool is_wanted(const struct system *system, const struct mount *mount)
{
    bool root = strcmp(mount->path, "/") == 0 && strcmp(mount->type, "overlay") == 0;
    return root || (!system_listed(system, "filesystems_without", mount->type) &&
                    !system_listed(system, "mounts_without", mount->path));
}

/* How it was when it was last seen, in this life or another. */
static void make(struct system *system, struct filesystem *one, const struct mount *mount)
{
    json_t *before = system_before(system, "system.filesystem", mount->path);
    const json_t *read_only = json_object_get(before, "read_only");
    const char *status = json_string_value(json_object_get(before, "status"));
    one->mount.read_only = read_only ? json_is_true(read_only) : mount->read_only;
    one->state = STATE_OK;
    for (enum state state = STATE_OK; status && state <= STATE_FULL; state++)
        if (strcmp(status, state_name(state)) == 0)
            one->state = state;
    one->full_in_s = (double)NAN;
    if (forecast_init(&one->forecast) < 0)
        one->loaded = true; /* without a forecast, then */
    json_decref(before);
}

static void take_mount(struct filesystems *all, const struct mount *mount)
{
    char path[sizeof mount->path + sizeof all->system->roots.root];
    struct statvfs fs;
    struct stat what;
    snprintf(path, sizeof path, "%s%s", all->system->roots.root, mount->path);
    if (!is_wanted(all->system, mount) || is_twice(all, mount) || stat(path, &what) < 0 ||
        !S_ISDIR(what.st_mode) || statvfs(path, &fs) < 0 || fs.f_blocks == 0)
        return;
    struct filesystem *one = (struct filesystem *)items_take(&all->items, mount->path);
    if (!one)
        return;
    if (one->item.fresh)
        make(all->system, one, mount);
    bool turned = one->mount.read_only != mount->read_only;
    one->mount = *mount;
    if (turned)
        tell_read_only(all->system, mount);
    measure(all, one, &fs);
}

static void filesystem_turn(struct system *system, void *data)
{
    struct filesystems *all = data;
    const char *line = system_read(system, &all->mounts);
    struct mount mount;
    if (!line)
        return;
    items_begin(&all->items);
    for (; line; line = text_next_line(line))
        if (mount_read(line, &mount))
            take_mount(all, &mount);
    items_end(&all->items, system);
}

static void filesystem_fini(struct item *item)
{
    forecast_fini(&((struct filesystem *)item)->forecast);
}

static void *filesystem_start(struct system *system)
{
    struct filesystems *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    all->system = system;
    LIST_INIT(&all->asks);
    items_init(&all->items, sizeof(struct filesystem), "system.filesystem");
    all->items.fini = filesystem_fini;
    /* Of another /proc, what its process 1 sees. */
    bool other = strcmp(system->roots.proc, "/proc") != 0;
    file_init(&all->mounts, system->roots.proc, other ? "1/mountinfo" : "self/mountinfo");
    return all;
}

static void filesystem_stop(void *data)
{
    struct filesystems *all = data;
    if (!all)
        return;
    /* NOLINTBEGIN(clang-analyzer-unix.Malloc): each leaves the list before it is freed */
    while (!LIST_EMPTY(&all->asks))
        ask_free(LIST_FIRST(&all->asks));
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
    items_fini(&all->items);
    file_fini(&all->mounts);
    free(all);
}

const struct part filesystem_part = {"filesystem", filesystem_start, filesystem_turn,
                                     filesystem_stop};
