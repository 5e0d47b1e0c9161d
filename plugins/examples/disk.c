/* disk - how full file systems are: options, labels, objects, an event and a command.
 *
 * Everything a plugin usually needs, once each. Read it from the end: the tables come last. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

struct path {
    const char *name;         /* the option's: lives as long as the instance */
    struct gw_series *series; /* made at the first good reading */
    double used_percent;
    bool low; /* disk.low was said and disk.ok was not yet */
};

struct disk {
    size_t count;
    struct path paths[];
};

static const struct gw_field fields[] = {
    {"total", GW_GAUGE, "By", "Size of the file system"},
    {"free", GW_GAUGE, "By", "Room for ordinary users"},
    {"used", GW_GAUGE, "%", "Share that is used"},
    {0},
};

static void say(struct gw_plugin *self, const struct path *path, bool low)
{
    char text[256];
    snprintf(text, sizeof(text), "%s is %.1f %% full", path->name, path->used_percent);
    struct gw_event event = {.topic = low ? "disk.low" : "disk.ok",
                             .severity = low ? GW_WARNING : GW_INFO,
                             .kind = "disk.filesystem",
                             .id = path->name,
                             .text = text};
    gw_emit(self, &event);
}

/* Above the limit it is low; it must fall by two more percent to be well again (hysteresis), so a
 * value that swings around the limit does not fill the timeline. */
static void judge(struct gw_plugin *self, struct path *path)
{
    double limit = gw_number(gw_options(self), "warn_above");
    bool low = path->used_percent > (path->low ? limit - 2 : limit);
    if (low != path->low)
        say(self, path, low);
    path->low = low;
}

static int put_object(struct gw_plugin *self, const struct path *path)
{
    char json[128];
    snprintf(json, sizeof(json), "{\"used_percent\":%.0f,\"low\":%s}", path->used_percent,
             path->low ? "true" : "false");
    return gw_object_put(self, "disk.filesystem", path->name, json);
}

static int scan_path(struct gw_plugin *self, struct path *path)
{
    struct statvfs fs;
    if (statvfs(path->name, &fs))
        return gw_fail(self, -errno, "statvfs %s", path->name);
    double total = (double)fs.f_blocks * (double)fs.f_frsize;
    double available = (double)fs.f_bavail * (double)fs.f_frsize;
    double used = (double)(fs.f_blocks - fs.f_bfree) * (double)fs.f_frsize;
    path->used_percent = used + available > 0 ? 100 * used / (used + available) : 0;
    if (!path->series) {
        struct gw_label labels[] = {{"path", path->name}, {0}};
        path->series = gw_series_get(self, "disk.filesystem", labels, fields, 0);
    }
    judge(self, path);
    double row[] = {total, available, path->used_percent};
    int error = gw_set(path->series, row);
    return error == -EEXIST ? put_object(self, path) /* scanned twice within a millisecond */
           : error          ? gw_fail(self, error, "set %s", path->name)
                            : put_object(self, path);
}

/* One that fails does not keep the others from being read. */
static int disk_tick(struct gw_plugin *self, void *data)
{
    struct disk *disk = data;
    int error = 0;
    for (size_t i = 0; i < disk->count; i++) {
        int failed = scan_path(self, &disk->paths[i]);
        error = error ? error : failed;
    }
    return error;
}

static int disk_scan(struct gw_plugin *self, struct gw_call *call)
{
    struct disk *disk = gw_data(self);
    const char *wanted = gw_string(gw_call_params(call), "path");
    for (size_t i = 0; i < disk->count; i++) {
        struct path *path = &disk->paths[i];
        if (strcmp(path->name, wanted) != 0)
            continue;
        int error = scan_path(self, path);
        if (error)
            return error;
        char json[64];
        snprintf(json, sizeof(json), "{\"used_percent\":%.1f}", path->used_percent);
        return gw_reply(call, json);
    }
    return gw_refuse(call, -ENOENT, "%s is not one of this instance's paths", wanted);
}

static int disk_start(struct gw_plugin *self, void **data)
{
    const struct gw_values *options = gw_options(self);
    size_t count = gw_count(options, "paths");
    struct disk *disk = calloc(1, sizeof(*disk) + count * sizeof(disk->paths[0]));
    if (!disk)
        return gw_fail(self, -ENOMEM, "start");
    *data = disk;
    disk->count = count;
    for (size_t i = 0; i < count; i++)
        disk->paths[i].name = gw_string_at(options, "paths", i);
    return 0;
}

static void disk_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    free(data); /* series and the rest are released by the host */
}

static const struct gw_row options[] = {
    {.name = "paths",
     .type = GW_STRINGS,
     .def = "/",
     .min = 1,
     .max = 64,
     .help = "A path on each file system to watch"},
    {.name = "warn_above",
     .type = GW_NUMBER,
     .unit = "%",
     .def = "90",
     .min = 2,
     .max = 100,
     .help = "Fuller than this is worth an event"},
    {0},
};

static const struct gw_row filesystem_fields[] = {
    {.name = "used_percent", .type = GW_NUMBER, .unit = "%", .help = "Share that is used, rounded"},
    {.name = "low", .type = GW_BOOL, .help = "Fuller than warn_above"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"disk.filesystem", "filesystems", "A watched file system; its id is the path",
     filesystem_fields},
    {0},
};

static const struct gw_row scan_params[] = {
    {.name = "path", .type = GW_STRING, .flags = GW_REQUIRED, .help = "One of the option's paths"},
    {0},
};

static const struct gw_row scan_result[] = {
    {.name = "used_percent", .type = GW_NUMBER, .unit = "%", .help = "Share that is used"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "disk.scan",
     .help = "Reads one file system now",
     .role = GW_OPERATOR,
     .params = scan_params,
     .result = scan_result,
     .run = disk_scan},
    {0},
};

GW_PLUGIN(.name = "disk", .version = "1.0", .summary = "How full the file systems are",
          .options = options, .kinds = kinds, .commands = commands, .every_ms = 10000,
          .start = disk_start, .tick = disk_tick, .stop = disk_stop);
