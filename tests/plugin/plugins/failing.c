/* failing - its start fails while the option says so, leaving things behind for the host. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const struct gw_field fields[] = {{"x", GW_GAUGE, "1", "Nothing"}, {0}};

static void never(struct gw_plugin *self, void *data)
{
    (void)data;
    struct gw_event event = {.topic = "failing.leaked", .severity = GW_ERROR};
    gw_emit(self, &event);
}

static void never_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)event;
    never(self, data);
}

/* Fails until its state directory holds the file "ready"; makes it at the first try. */
static int failing_start(struct gw_plugin *self, void **data)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/ready", gw_state_dir(self));
    if (access(path, F_OK) == 0)
        return 0;
    *data = NULL;
    gw_timer_start(self, 10, 10, never, NULL);
    gw_subscribe(self, "failing.stopped", never_event, NULL);
    gw_series_get(self, "failing.x", NULL, fields, 1000);
    gw_post(self, never, NULL);
    FILE *file = fopen(path, "we");
    if (file)
        fclose(file);
    return gw_fail(self, -ECONNREFUSED, "connect to nothing");
}

static void failing_stop(struct gw_plugin *self, void *data)
{
    struct gw_event event = {
        .topic = "failing.stopped", .severity = GW_INFO, .text = data ? "built" : "half built"};
    gw_emit(self, &event);
}

GW_PLUGIN(.name = "failing", .version = "1.0", .summary = "Fails once", .start = failing_start,
          .stop = failing_stop);
