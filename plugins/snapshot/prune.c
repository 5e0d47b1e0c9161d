/* prune.c - retention at work: decisions of retain.h on the catalogue, said, shown, and done. */
#include "model.h"

#include "run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct removing {
    char id[300];
};

static void removed(struct snap *snap, int error, const json_t *answer, void *data)
{
    const char *id = ((const struct removing *)data)->id;
    json_t *copy = copy_get(snap, id);
    json_object_del(copy, "removing");
    if (error < 0 && error != -ENOENT) {
        gw_log(snap->self, GW_WARNING, "snapshot %s could not be removed: %s", id,
               answer_text(answer, error));
    } else if (copy) {
        emit(snap, GW_INFO, "snapshot.removed", copy,
             "Snapshot %s of project %s on %s was removed: %s.", member_text(copy, "name"),
             member_text(copy, "project_name"), member_text(copy, "server"),
             member_text(json_object_get(copy, "keep"), "text"));
        offsite_remove(snap, copy, false);
        catalogue_deleted(snap, id);
    }
}

static void remove_copy(struct snap *snap, const char *id)
{
    struct removing *removing = calloc(1, sizeof *removing);
    if (!removing)
        return;
    snprintf(removing->id, sizeof removing->id, "%s", id);
    json_object_set_new(copy_get(snap, id), "removing", json_true());
    ask_for(snap, "gns3.snapshot.delete", json_pack("{s:s}", "id", id), removed, removing);
}

/* ---- One project ----------------------------------------------------------------------------- */

struct group {
    struct retain_item *items;
    json_t **copies; /* borrowed; in the order of the items once sorted by time */
    size_t count;
};

static int newest_first(const void *a, const void *b)
{
    const json_t *const *x = a, *const *y = b;
    int64_t x_ms = member_whole(*x, "created_at"), y_ms = member_whole(*y, "created_at");
    if (x_ms != y_ms)
        return x_ms < y_ms ? 1 : -1;
    return strcmp(member_text(*x, "id"), member_text(*y, "id"));
}

/* Whose snapshots are decided on, and by which rules. */
struct owner {
    const char *schedule; /* NULL: what restores have kept */
    const char *zone;
    struct retain_rules keep;
};

static bool owns(const struct owner *owner, const json_t *copy)
{
    return owner->schedule ? strcmp(member_text(copy, "schedule"), owner->schedule) == 0
                           : copy_is_safety(copy);
}

/* Its snapshots of the project that are on the server, newest first. */
static bool group_of(struct snap *snap, const struct owner *owner, const char *project,
                     struct group *group)
{
    size_t all = json_object_size(snap->copies);
    const char *id;
    json_t *copy;
    *group =
        (struct group){calloc(all, sizeof *group->items), calloc(all, sizeof *group->copies), 0};
    if (!group->items || !group->copies)
        return false;
    json_object_foreach(snap->copies, id, copy)
    {
        if (strcmp(member_text(copy, "project"), project) == 0 && owns(owner, copy) &&
            json_is_true(json_object_get(copy, "on_server")))
            group->copies[group->count++] = copy;
    }
    if (group->count > 1)
        qsort(group->copies, group->count, sizeof *group->copies, newest_first);
    for (size_t i = 0; i < group->count; i++) {
        const char *verified = member_text(group->copies[i], "verified");
        group->items[i] = (struct retain_item){
            .time_ms = member_whole(group->copies[i], "created_at"),
            .good = strcmp(verified, "bad") != 0,
            .proven = strcmp(verified, "ok") == 0,
            .pinned = json_is_true(json_object_get(group->copies[i], "pinned"))};
    }
    return true;
}

static void apply(struct snap *snap, struct group *group, bool dry, json_t *decisions)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct retain_item *item = &group->items[i];
        json_t *copy = group->copies[i];
        const char *id = member_text(copy, "id"), *decision = item->keep ? "keep" : "remove";
        json_array_append_new(decisions, json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:s}", "snapshot", id,
                                                   "name", member_text(copy, "name"), "server",
                                                   member_text(copy, "server"), "project_name",
                                                   member_text(copy, "project_name"), "created_at",
                                                   (json_int_t)item->time_ms, "decision", decision,
                                                   "text", item->text));
        json_object_set_new(copy, "keep",
                            json_pack("{s:s,s:s}", "decision", decision, "text", item->text));
        copy_put(snap, id);
        if (!item->keep && !dry)
            remove_copy(snap, id);
    }
}

static void prune_project(struct snap *snap, const struct owner *owner, const char *project,
                          const char *server, bool dry, json_t *decisions)
{
    struct group group;
    double used = server_disk(snap, server);
    size_t floor = !isnan(used) && used > 100 - snap->disk_floor;
    if (group_of(snap, owner, project, &group)) {
        retain_decide(&owner->keep, owner->zone, group.items, group.count, floor);
        apply(snap, &group, dry, decisions);
    }
    free(group.items);
    free(group.copies);
}

static json_t *prune_all(struct snap *snap, const struct owner *owner, bool dry)
{
    json_t *decisions = json_array(), *projects = json_object();
    const char *id, *project;
    json_t *copy, *server;
    json_object_foreach(snap->copies, id, copy)
    {
        if (owns(owner, copy))
            json_object_set(projects, member_text(copy, "project"),
                            json_object_get(copy, "server"));
    }
    json_object_foreach(projects, project, server)
    {
        prune_project(snap, owner, project, json_string_value(server), dry, decisions);
    }
    json_decref(projects);
    return decisions;
}

json_t *prune_schedule(struct snap *snap, const struct schedule *schedule, bool dry)
{
    return prune_all(snap, &(struct owner){schedule->name, schedule->zone, schedule->keep}, dry);
}

json_t *prune_safety(struct snap *snap, bool dry)
{
    struct owner owner = {.keep = {.last = snap->safety_last}};
    if (snap->safety_for_ms > 0)
        owner.keep.since_ms = gw_now_ms(snap->self) - snap->safety_for_ms;
    return prune_all(snap, &owner, dry);
}

void prune_turn(struct snap *snap)
{
    enum { HOUR_MS = 3600000 };
    int64_t now_ms = gw_monotonic_ms(snap->self);
    if (snap->safety_ms && now_ms - snap->safety_ms < HOUR_MS)
        return;
    snap->safety_ms = now_ms > 0 ? now_ms : 1;
    json_decref(prune_safety(snap, false));
}
