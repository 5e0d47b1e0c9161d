/* state.c - what must outlive us, in one file that is always whole: the catalogue, when schedules
 * were last dealt with, the number of the next run. What a run owes is in journal.c. */
#include "model.h"

#include "pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOON_MS = 500 };

static void state_path(const struct snap *snap, char *path, size_t size)
{
    snprintf(path, size, "%s/state.json", gw_state_dir(snap->self));
}

static json_t *object_or_new(const json_t *json, const char *name)
{
    json_t *member = json_object_get(json, name);
    return json_is_object(member) ? json_incref(member) : json_object();
}

static void load_schedule(struct schedule *schedule, const json_t *json)
{
    schedule->handled_ms = member_whole(json, "handled");
    schedule->last_ms = member_whole(json, "last");
    schedule->last_ok = json_is_true(json_object_get(json, "ok"));
    snprintf(schedule->last_text, sizeof schedule->last_text, "%s", member_text(json, "text"));
}

int state_load(struct snap *snap)
{
    char path[PATH_BYTES], aside[PATH_BYTES + 8];
    state_path(snap, path, sizeof path);
    json_t *json = json_load_file(path, 0, NULL);
    if (!json && access(path, F_OK) == 0) {
        snprintf(aside, sizeof aside, "%s.bad", path);
        gw_log(snap->self, GW_WARNING, "%s cannot be read and is put aside; pins are lost", path);
        rename(path, aside);
    }
    snap->copies = object_or_new(json, "copies");
    snap->suspects = object_or_new(json, "suspects");
    snap->durations = object_or_new(json, "durations");
    json_t *ended = json_object_get(json, "ended");
    json_t *recent = json_object_get(json, "recent");
    snap->ended = json_is_array(ended) ? json_incref(ended) : json_array();
    snap->recent = json_is_array(recent) ? json_incref(recent) : json_array();
    snap->next_number = member_whole(json, "next") > 0 ? member_whole(json, "next") : 1;
    const json_t *schedules = json_object_get(json, "schedules");
    for (size_t i = 0; i < snap->schedule_count; i++)
        load_schedule(&snap->schedules[i], json_object_get(schedules, snap->schedules[i].name));
    const json_t *drills = json_object_get(json, "drills");
    for (size_t i = 0; i < snap->drill_count; i++)
        snap->drills[i].handled_ms =
            json_integer_value(json_object_get(drills, snap->drills[i].name));
    json_decref(json);
    return snap->copies && snap->suspects && snap->durations && snap->ended && snap->recent ? 0
                                                                                            : -1;
}

int state_save(struct snap *snap)
{
    char path[PATH_BYTES];
    json_t *schedules = json_object(), *drills = json_object();
    for (size_t i = 0; i < snap->schedule_count; i++) {
        const struct schedule *schedule = &snap->schedules[i];
        json_object_set_new(schedules, schedule->name,
                            json_pack("{s:I,s:I,s:b,s:s}", "handled",
                                      (json_int_t)schedule->handled_ms, "last",
                                      (json_int_t)schedule->last_ms, "ok", schedule->last_ok,
                                      "text", schedule->last_text));
    }
    for (size_t i = 0; i < snap->drill_count; i++)
        json_object_set_new(drills, snap->drills[i].name, json_integer(snap->drills[i].handled_ms));
    json_t *json = json_pack(
        "{s:O,s:O,s:O,s:O,s:O,s:I,s:o,s:o}", "copies", snap->copies, "suspects", snap->suspects,
        "durations", snap->durations, "ended", snap->ended, "recent", snap->recent, "next",
        (json_int_t)snap->next_number, "schedules", schedules, "drills", drills);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    state_path(snap, path, sizeof path);
    int error = text ? write_whole(path, text, strlen(text)) : -1;
    free(text);
    return error < 0 ? gw_fail(snap->self, error, "write %s: %s", path, strerror(-error)) : 0;
}

static void on_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct snap *snap = data;
    snap->save_timer = NULL;
    state_save(snap);
}

void state_changed(struct snap *snap)
{
    if (!snap->save_timer && !snap->stopping)
        snap->save_timer = gw_timer_start(snap->self, SOON_MS, 0, on_time, snap);
}
