/* skeleton - how many files lie in a directory.
 *
 * Begin at the end: the tables there are the documentation, the check of conf.d/skeleton.yaml, the
 * REST interface and the buttons of the dashboard. <gnswatch/plugin.h> is the manual. */
#include <gnswatch/plugin.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct skeleton { /* what this instance remembers */
    long files;
    bool many; /* skeleton.many was said and skeleton.few was not yet */
};

static const struct gw_field fields[] = {
    {"files", GW_GAUGE, "1", "Files in the directory"},
    {0},
};

static const char *path_of(const struct gw_plugin *self)
{
    return gw_string(gw_options(self), "path");
}

/* The number of files, or a negative errno. */
static long count_files(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    long count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static int say(struct gw_plugin *self, const struct skeleton *mine)
{
    char text[96];
    snprintf(text, sizeof(text), "There are %ld files in the directory", mine->files);
    struct gw_event event = {.topic = mine->many ? "skeleton.many" : "skeleton.few",
                             .severity = mine->many ? GW_WARNING : GW_INFO,
                             .kind = "skeleton.directory",
                             .id = path_of(self),
                             .text = text};
    return gw_emit(self, &event);
}

static int put_object(struct gw_plugin *self, const struct skeleton *mine)
{
    char json[64];
    snprintf(json, sizeof(json), "{\"files\":%ld,\"many\":%s}", mine->files,
             mine->many ? "true" : "false");
    return gw_object_put(self, "skeleton.directory", path_of(self), json);
}

static int look(struct gw_plugin *self, struct skeleton *mine)
{
    long files = count_files(path_of(self));
    if (files < 0)
        return gw_fail(self, (int)files, "read %s", path_of(self));
    mine->files = files;
    bool many = files > gw_int(gw_options(self), "warn_above");
    bool changed = many != mine->many;
    mine->many = many;
    if (changed)
        say(self, mine);
    return put_object(self, mine);
}

/* One row every tick. */
static int skeleton_tick(struct gw_plugin *self, void *data)
{
    struct skeleton *mine = data;
    int error = look(self, mine);
    if (error)
        return error;
    const struct gw_label labels[] = {{"path", path_of(self)}, {0}};
    double row[] = {(double)mine->files};
    return gw_set(gw_series_get(self, "skeleton.directory", labels, fields, 0), row);
}

/* A call is answered once: by gw_reply, gw_refuse, or an error that is returned. */
static int skeleton_count(struct gw_plugin *self, struct gw_call *call)
{
    struct skeleton *mine = gw_data(self);
    int error = look(self, mine);
    if (error)
        return error;
    char json[64];
    snprintf(json, sizeof(json), "{\"files\":%ld}", mine->files);
    return gw_reply(call, json);
}

static int skeleton_start(struct gw_plugin *self, void **data)
{
    *data = calloc(1, sizeof(struct skeleton));
    return *data ? 0 : gw_fail(self, -ENOMEM, "start");
}

/* Also after a start that failed. What the host handed out, it takes back by itself. */
static void skeleton_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    free(data);
}

/* ---- What it offers ---- */

static const struct gw_row options[] = {
    {.name = "path",
     .type = GW_STRING,
     .def = "/tmp",
     .min = 1,
     .max = 255,
     .help = "The directory to look into"},
    {.name = "warn_above",
     .type = GW_INT,
     .unit = "1",
     .def = "100",
     .min = 0,
     .max = 1000000,
     .help = "More files than this are worth an event"},
    {0},
};

static const struct gw_row directory_fields[] = {
    {.name = "files", .type = GW_INT, .unit = "1", .help = "Files in the directory"},
    {.name = "many", .type = GW_BOOL, .help = "More than warn_above"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"skeleton.directory", "directories", "A directory; its id is the path", directory_fields},
    {0},
};

static const struct gw_row count_result[] = {
    {.name = "files", .type = GW_INT, .unit = "1", .help = "Files in the directory"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "skeleton.count",
     .help = "Counts the files now",
     .role = GW_OPERATOR,
     .result = count_result,
     .run = skeleton_count},
    {0},
};

GW_PLUGIN(.name = "skeleton", .version = "0.1", .summary = "Files in a directory",
          .options = options, .kinds = kinds, .commands = commands, .every_ms = 10000,
          .start = skeleton_start, .tick = skeleton_tick, .stop = skeleton_stop);
