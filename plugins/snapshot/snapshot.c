/* snapshot - snapshots that are there, whole, and can be restored. See README.md. */
#include "commands.h"
#include "model.h"
#include "run.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 5000, LOOK_SOON_MS = 200 };

/* ---- What others say ------------------------------------------------------------------------- */

static void on_look(struct gw_plugin *self, void *data)
{
    (void)self;
    struct snap *snap = data;
    snap->look_timer = NULL;
    catalogue_look(snap);
}

static void on_object(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct snap *snap = data;
    if (!event->kind || strcmp(event->kind, "gns3.snapshot") != 0)
        return;
    if (strcmp(event->topic, "object.delete") == 0 && event->id)
        catalogue_deleted(snap, event->id);
    else if (!snap->look_timer)
        snap->look_timer = gw_timer_start(self, LOOK_SOON_MS, 0, on_look, snap);
}

static void on_started(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)self;
    json_t *json = json_loads(event->data ? event->data : "{}", 0, NULL);
    take_on_started(data, member_text(json, "project"), event->text ? event->text : "");
    json_decref(json);
}

static void on_warning(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)self;
    json_t *json = json_loads(event->data ? event->data : "{}", 0, NULL);
    take_on_warning(data, member_text(json, "server"), member_text(json, "project"),
                    member_text(json, "message"));
    json_decref(json);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static int listen(struct snap *snap)
{
    int error = gw_subscribe(snap->self, "object.*", on_object, snap);
    if (error == 0)
        error = gw_subscribe(snap->self, "gns3.node.started", on_started, snap);
    if (error == 0)
        error = gw_subscribe(snap->self, "gns3.log.warning", on_warning, snap);
    return error;
}

static int snapshot_start(struct gw_plugin *self, void **data)
{
    struct snap *snap = calloc(1, sizeof *snap);
    if (!snap)
        return gw_fail(self, -ENOMEM, "out of memory");
    *data = snap;
    snap->self = self;
    if (sodium_init() < 0)
        return gw_fail(self, -EIO, "libsodium does not start");
    int error = options_read(snap);
    if (error < 0)
        return error;
    if (state_load(snap) < 0)
        return gw_fail(self, -ENOMEM, "out of memory");
    snap->files = work_new(self);
    snap->consoles = work_new(self);
    if (!snap->files || !snap->consoles)
        return gw_fail(self, -EAGAIN, "no thread for archives");
    if ((error = listen(snap)) < 0)
        return gw_fail(self, error, "subscribe: %s", strerror(-error));
    archives_clear(snap);
    catalogue_look(snap);
    schedules_begin(snap);
    runs_put_recent(snap);
    runs_recover(snap);
    return 0;
}

static int snapshot_tick(struct gw_plugin *self, void *data)
{
    (void)self;
    struct snap *snap = data;
    schedules_look(snap);
    runs_pump(snap);
    prune_turn(snap);
    series_write(snap);
    return 0;
}

static void snapshot_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct snap *snap = data;
    if (!snap)
        return;
    snap->stopping = true;
    work_free(snap->consoles);
    work_free(snap->files);
    if (snap->copies && snap->recent)
        state_save(snap);
    asks_free(snap);
    targets_close(snap); /* ends what is under way, while there are runs to tell */
    runs_free(snap);
    options_free(snap);
    json_decref(snap->copies);
    json_decref(snap->suspects);
    json_decref(snap->durations);
    json_decref(snap->ended);
    json_decref(snap->recent);
    free(snap);
}

GW_PLUGIN(.name = "snapshot", .version = "1.0",
          .summary = "Snapshots that are there, whole, and can be restored",
          .options = snapshot_options, .kinds = snapshot_kinds, .commands = snapshot_commands,
          .every_ms = EVERY_MS, .start = snapshot_start, .tick = snapshot_tick,
          .stop = snapshot_stop);
