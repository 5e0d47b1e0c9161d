/* catalogue.c - all snapshots of all servers, with what we know of each: snapshot.copy objects, and
 * a series a project. */
#include "model.h"

#include "run.h"

#include <ctype.h>
#include <gnswatch/series.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORGET_MS = 3600 * 1000, SUSPECTS_MAX = 500, SUSPECT_MS = 2 * 3600 * 1000 };

static const struct gw_field project_fields[] = {
    {"age_s", GW_GAUGE, "s", "Age of the last verified snapshot"},
    {"count", GW_GAUGE, "1", "Snapshots on the server"},
    {"bytes", GW_GAUGE, "By", "Size of the archives that are known"},
    {"last_ok", GW_GAUGE, "1",
     "Whether the newest was found whole; no value: it has not been verified"},
    {"duration_s", GW_GAUGE, "s", "Duration of the last run"},
    {0},
};

json_t *copy_get(struct snap *snap, const char *id)
{
    return id ? json_object_get(snap->copies, id) : NULL;
}

void copy_put(struct snap *snap, const char *id)
{
    json_t *copy = copy_get(snap, id);
    if (copy)
        put_object(snap, "snapshot.copy", id, json_incref(copy));
    state_changed(snap);
}

void copy_forget(struct snap *snap, const char *id)
{
    const json_t *copy = copy_get(snap, id);
    if (!copy || json_is_true(json_object_get(copy, "on_server")) ||
        json_array_size(json_object_get(copy, "copies")) > 0)
        return;
    gw_object_delete(snap->self, "snapshot.copy", id);
    json_object_del(snap->copies, id);
    state_changed(snap);
}

/* ---- Snapshots that are not to be trusted ---------------------------------------------------- */

static void suspect_key(const char *project, const char *name, char *key, size_t size)
{
    snprintf(key, size, "%.400s/%.250s", project, name);
}

/* Why a name is suspect; NULL: it is not, or so long ago that it is somebody else's. */
static const char *suspicion(const struct snap *snap, const char *key)
{
    const json_t *suspect = json_object_get(snap->suspects, key);
    return member_whole(suspect, "until") > gw_now_ms(snap->self) ? member_text(suspect, "why")
                                                                  : NULL;
}

void copy_suspect(struct snap *snap, const char *project, const char *name, const char *why)
{
    char key[700];
    json_int_t until_ms = gw_now_ms(snap->self) + SUSPECT_MS;
    suspect_key(project, name, key, sizeof key);
    json_object_set_new(snap->suspects, key, json_pack("{s:s,s:I}", "why", why, "until", until_ms));
    while (json_object_size(snap->suspects) > SUSPECTS_MAX)
        json_object_del(snap->suspects, json_object_iter_key(json_object_iter(snap->suspects)));
    state_changed(snap);
}

bool copy_is_suspect(const struct snap *snap, const char *project, const char *name)
{
    char key[700];
    suspect_key(project, name, key, sizeof key);
    return suspicion(snap, key) != NULL;
}

static void deleted(struct snap *snap, int error, const json_t *answer, void *data)
{
    (void)answer;
    if (error < 0)
        gw_log(snap->self, GW_WARNING, "the torn snapshot %s is left on the server", (char *)data);
}

/* It came into being after the run that asked for it had given it up. */
static void condemn(struct snap *snap, const char *id, json_t *copy)
{
    char key[700];
    suspect_key(member_text(copy, "project"), member_text(copy, "name"), key, sizeof key);
    const char *why = suspicion(snap, key);
    if (!why || strcmp(member_text(copy, "verified"), "bad") == 0)
        return;
    json_object_set_new(copy, "verified", json_string("bad"));
    json_object_set_new(copy, "verify",
                        json_pack("{s:I,s:s,s:i,s:i,s:i,s:[s]}", "time",
                                  (json_int_t)gw_now_ms(snap->self), "text", why, "nodes", 0,
                                  "files", 0, "bytes", 0, "missing", why));
    emit(snap, GW_WARNING, "snapshot.damaged", copy,
         "Snapshot %s of project %s is torn and is deleted: %s", member_text(copy, "name"),
         member_text(copy, "project_name"), why);
    ask_for(snap, "gns3.snapshot.delete", json_pack("{s:s}", "id", id), deleted, strdup(id));
}

/* ---- Against the servers' lists -------------------------------------------------------------- */

/* What we put behind a name: -YYYYMMDD-HHMMSS, perhaps with more behind it. */
static bool is_time(const char *at)
{
    if (strlen(at) < 16 || at[0] != '-' || at[9] != '-' || (at[16] && at[16] != '-'))
        return false;
    for (size_t d = 1; d < 16; d++)
        if (d != 9 && !isdigit((unsigned char)at[d]))
            return false;
    return true;
}

/* The schedule that made it, by its name. NULL: none of ours. */
static const char *schedule_of(const struct snap *snap, const char *name)
{
    for (size_t i = 0; i < snap->schedule_count; i++) {
        const char *prefix = snap->schedules[i].name;
        if (strncmp(name, prefix, strlen(prefix)) == 0 && is_time(name + strlen(prefix)))
            return prefix;
    }
    return NULL;
}

bool copy_is_safety(const json_t *copy)
{
    const char *name = member_text(copy, "name"), *at = name + strlen(SAFETY_NAME);
    if (strncmp(name, SAFETY_NAME, strlen(SAFETY_NAME)) != 0)
        return false;
    size_t tries = *at == '-' ? strspn(at + 1, "0123456789") : 0; /* before-restore-2-… */
    return is_time(at) || (tries > 0 && tries < 4 && is_time(at + 1 + tries));
}

static json_t *copy_new(const struct snap *snap, const json_t *snapshot, const char *id)
{
    const char *schedule = schedule_of(snap, member_text(snapshot, "name"));
    json_t *copy = json_pack(
        "{s:s,s:b,s:s,s:n,s:n,s:b,s:{s:s,s:s},s:[],s:n}", "id", id, "on_server", 1, "verified",
        "unknown", "verify", "bytes", "pinned", 0, "keep", "decision", "keep", "text",
        schedule || copy_is_safety(snapshot) ? "not decided yet"
                                             : "made by no schedule of this file",
        "copies", "drill");
    json_object_set_new(copy, "schedule", schedule ? json_string(schedule) : json_null());
    return copy;
}

static void take_snapshot(struct snap *snap, const json_t *snapshot)
{
    static const char *const members[] = {"server", "project", "project_name", "name",
                                          "created_at"};
    const char *id = member_text(snapshot, "id");
    json_t *copy = copy_get(snap, id);
    if (!*id)
        return;
    if (!copy) {
        copy = copy_new(snap, snapshot, id);
        json_object_set_new(snap->copies, id, copy);
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set(copy, members[i], json_object_get(snapshot, members[i]));
    json_object_set_new(copy, "on_server", json_true());
    json_object_set_new(copy, "seen", json_true());
    json_object_del(copy, "missing_since");
    condemn(snap, id, copy);
}

static void sweep(struct snap *snap)
{
    const char *id;
    json_t *copy;
    void *next;
    json_object_foreach_safe(snap->copies, next, id, copy)
    {
        char kept[300];
        snprintf(kept, sizeof kept, "%s", id);
        if (json_object_del(copy, "seen") == 0) {
            put_object(snap, "snapshot.copy", kept, json_incref(copy));
            continue;
        }
        /* After a crash the list may lack what it has in a moment: pins must not go with it. */
        int64_t since_ms = member_whole(copy, "missing_since");
        json_object_set_new(copy, "on_server", json_false());
        if (!since_ms)
            json_object_set_new(copy, "missing_since", json_integer(gw_now_ms(snap->self)));
        put_object(snap, "snapshot.copy", kept, json_incref(copy));
        if (since_ms && gw_now_ms(snap->self) - since_ms > FORGET_MS)
            copy_forget(snap, kept);
    }
}

void catalogue_deleted(struct snap *snap, const char *id)
{
    json_t *copy = copy_get(snap, id);
    if (!copy)
        return;
    json_object_set_new(copy, "on_server", json_false());
    copy_put(snap, id);
    if (!json_object_get(copy, "removing")) /* prune.c has yet to say why, and remove its copies */
        copy_forget(snap, id);
}

void catalogue_look(struct snap *snap)
{
    json_t *list = objects_of(snap, "gns3.snapshot");
    size_t i;
    const json_t *snapshot;
    json_array_foreach(list, i, snapshot)
    {
        take_snapshot(snap, snapshot);
    }
    json_decref(list);
    sweep(snap);
    state_changed(snap);
}

/* ---- Series ---------------------------------------------------------------------------------- */

struct sum {
    const char *server, *name; /* borrowed of a copy */
    int64_t good_ms, newest_ms, count, bytes;
    double newest_ok; /* NaN: not verified yet */
};

static void sum_copy(struct sum *sum, const json_t *copy)
{
    int64_t created_ms = member_whole(copy, "created_at");
    bool ok = strcmp(member_text(copy, "verified"), "ok") == 0;
    sum->server = member_text(copy, "server");
    sum->name = member_text(copy, "project_name");
    sum->count += json_is_true(json_object_get(copy, "on_server"));
    sum->bytes += member_whole(copy, "bytes");
    if (ok && created_ms > sum->good_ms)
        sum->good_ms = created_ms;
    if (created_ms > sum->newest_ms) {
        sum->newest_ms = created_ms;
        sum->newest_ok = ok ? 1 : strcmp(member_text(copy, "verified"), "bad") == 0 ? 0 : NAN;
    }
}

static void write_one(struct snap *snap, const char *project, const struct sum *sum)
{
    const struct gw_label labels[] = {{"server", sum->server}, {"project", sum->name}, {0}};
    const json_t *duration = json_object_get(snap->durations, project);
    int64_t now = gw_now_ms(snap->self);
    double values[] = {
        sum->good_ms ? (double)(now - sum->good_ms) / 1000 : NAN,
        (double)sum->count,
        (double)sum->bytes,
        sum->newest_ok,
        duration ? (double)json_integer_value(duration) / 1000 : NAN,
    };
    gw_set(gw_series_get(snap->self, "snapshot.project", labels, project_fields, 0), values);
}

void series_write(struct snap *snap)
{
    json_t *done = json_object();
    const char *id, *other;
    json_t *copy, *each;
    json_object_foreach(snap->copies, id, copy)
    {
        const char *project = member_text(copy, "project");
        struct sum sum = {0};
        if (json_object_get(done, project))
            continue;
        json_object_set_new(done, project, json_true());
        json_object_foreach(snap->copies, other, each)
        {
            if (strcmp(member_text(each, "project"), project) == 0)
                sum_copy(&sum, each);
        }
        write_one(snap, project, &sum);
    }
    json_decref(done);
}

/* ---- Disks ----------------------------------------------------------------------------------- */

static bool fullest(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    (void)self;
    double *used = data;
    for (size_t i = 0; info->last && i < info->field_count; i++)
        if (strcmp(info->fields[i].name, "disk") == 0 && !isnan(info->last[i]) &&
            (isnan(*used) || info->last[i] > *used))
            *used = info->last[i];
    return true;
}

double server_disk(struct snap *snap, const char *server)
{
    double used = NAN;
    const struct gw_label labels[] = {{"server", server}, {0}};
    const struct gw_match match = {"gns3.compute", labels};
    gw_series_each(snap->self, &match, true, fullest, &used);
    return used;
}
