/* alert_sink - a receiver for the alert flow tests: a line in a file for each notification, each id
 * once also over kills, or a refusal as long as a file named "refuse" stands beside it. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void path_of(struct gw_plugin *self, const char *name, char *out, size_t bytes)
{
    snprintf(out, bytes, "%s/%s", gw_string(gw_options(self), "folder"), name);
}

/* The id is the first member that is called so; the line is the whole notification. */
static bool taken_before(const char *path, const char *id, size_t length)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    bool found = false;
    while (file && !found && getline(&line, &size, file) > 0)
        found = memmem(line, strlen(line), id, length) != NULL;
    free(line);
    if (file)
        fclose(file);
    return found;
}

static int sink_send(struct gw_plugin *self, struct gw_call *call)
{
    const char *text = gw_string(gw_call_params(call), "notification");
    char path[1000];
    path_of(self, "refuse", path, sizeof path);
    if (access(path, F_OK) == 0)
        return gw_refuse(call, -EIO, "told to refuse");
    path_of(self, "notices", path, sizeof path);
    const char *id = strstr(text, "\"id\":\"alert-");
    const char *end = id ? strchr(id + 6, '"') : NULL;
    if (!end)
        return gw_refuse(call, -EINVAL, "a notification without an id");
    if (taken_before(path, id, (size_t)(end - id) + 1))
        return gw_reply(call, "{\"duplicate\":true}");
    FILE *file = fopen(path, "a");
    if (!file)
        return gw_refuse(call, -errno, "open %s", path);
    fprintf(file, "%s\n", text);
    fflush(file);
    fsync(fileno(file));
    fclose(file);
    return gw_reply(call, NULL);
}

static const struct gw_row options[] = {
    {.name = "folder", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Where the file goes"},
    {0},
};

static const struct gw_row params[] = {
    {.name = "to", .type = GW_STRING, .help = "Anything"},
    {.name = "notification", .type = GW_JSON, .flags = GW_REQUIRED, .help = "A notification"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "alert_sink.send",
     .help = "Writes a notification to the file",
     .role = GW_OPERATOR,
     .params = params,
     .run = sink_send},
    {0},
};

GW_PLUGIN(.name = "alert_sink", .version = "1.0", .summary = "Keeps notifications in a file",
          .options = options, .commands = commands);
