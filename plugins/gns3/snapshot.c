/* snapshot.c - snapshots, known by name and time: GNS3 gives them new ids at every load. */
#include "events.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ID_MAX = 250 };

static void snapshot_id(const struct project *project, const char *name, int64_t created_ms,
                        char *id, size_t size)
{
    int length = snprintf(id, size, "%s/%s@%lld", project->id, name, (long long)created_ms);
    if (length > ID_MAX)
        snprintf(id, size, "%s/%016llx@%lld", project->id,
                 (unsigned long long)XXH3_64bits(name, strlen(name)), (long long)created_ms);
}

struct snapshot *snapshot_by_id(const struct project *project, const char *id)
{
    for (size_t i = 0; i < project->snapshot_count; i++)
        if (strcmp(project->snapshots[i]->id, id) == 0)
            return project->snapshots[i];
    return NULL;
}

struct snapshot *snapshot_add(struct project *project, const char *gns3_id, const char *name,
                              int64_t created_ms)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return NULL;
    char id[512];
    snapshot_id(project, name, created_ms, id, sizeof id);
    snapshot->project = project;
    snapshot->created_ms = created_ms;
    keep(&snapshot->id, id);
    keep(&snapshot->snapshot_id, gns3_id);
    keep(&snapshot->name, name);
    void *list = snapshot->id && snapshot->snapshot_id && snapshot->name
                     ? list_add(project->snapshots, &project->snapshot_count, snapshot)
                     : NULL;
    if (!list) {
        snapshot_free(snapshot);
        return NULL;
    }
    project->snapshots = list;
    project->dirty = true;
    return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    free(snapshot->id);
    free(snapshot->snapshot_id);
    free(snapshot->name);
    free(snapshot->filename);
    free(snapshot);
}

void snapshot_remove(struct snapshot *snapshot, bool told)
{
    struct project *project = snapshot->project;
    if (told)
        say_snapshot(snapshot, "gns3.snapshot.deleted", "was deleted");
    gw_object_delete(project->server->gns3->self, "gns3.snapshot", snapshot->id);
    for (size_t i = 0; i < project->snapshot_count; i++)
        if (project->snapshots[i] == snapshot) {
            list_remove(project->snapshots, &project->snapshot_count, i);
            break;
        }
    project->dirty = true;
    snapshot_free(snapshot);
}

/* 2.2.58 and later say it; before, and in 3.0, it is made of the name and the time in UTC. */
static void snapshot_file(struct snapshot *snapshot, const char *said)
{
    char text[512], when[32];
    time_t created = (time_t)(snapshot->created_ms / 1000);
    struct tm utc;
    if (!said && gmtime_r(&created, &utc)) {
        strftime(when, sizeof when, "%d%m%y_%H%M%S", &utc);
        int length = snprintf(text, sizeof text, "%s_%s.gns3project", snapshot->name, when);
        said = length > 0 && (size_t)length < sizeof text ? text : NULL;
    }
    bool plain = said && *said && *said != '.' && !strpbrk(said, "/\\");
    keep(&snapshot->filename, plain ? said : NULL);
}

static void snapshot_put(struct snapshot *snapshot)
{
    struct project *project = snapshot->project;
    struct text *text = &project->server->text;
    text_clear(text);
    text_open(text, NULL, '{');
    text_string_member(text, "server", project->server->name);
    text_string_member(text, "project", project->id);
    text_string_member(text, "project_name", project->name);
    text_string_member(text, "snapshot_id", snapshot->snapshot_id);
    text_string_member(text, "name", snapshot->name);
    text_int_member(text, "created_at", snapshot->created_ms);
    text_string_member(text, "filename", snapshot->filename);
    text_close(text, '}');
    gw_object_put(project->server->gns3->self, "gns3.snapshot", snapshot->id, text_string(text));
}

static bool snapshots_same(void *data, uint64_t hash, size_t place)
{
    (void)data;
    (void)hash;
    (void)place;
    return false; /* few, and rarely read */
}

static int snapshots_apply(void *data, const json_t *element, uint64_t hash, size_t place)
{
    (void)hash;
    (void)place;
    struct project *project = data;
    const char *gns3_id = member_id(element, "snapshot_id"), *name = member_name(element, "name");
    double created = member_real(element, "created_at");
    if (!gns3_id || !name || !(created >= 0 && created < 1e12))
        return -EPROTO;
    int64_t created_ms = (int64_t)(created * 1000);
    char id[512];
    snapshot_id(project, name, created_ms, id, sizeof id);
    struct snapshot *snapshot = snapshot_by_id(project, id);
    bool is_new = !snapshot;
    if (is_new && !(snapshot = snapshot_add(project, gns3_id, name, created_ms)))
        return -ENOMEM;
    keep(&snapshot->snapshot_id, gns3_id);
    snapshot_file(snapshot, member_name(element, "filename"));
    snapshot->seen = true;
    snapshot_put(snapshot);
    if (is_new && project_job(project, JOB_SNAPSHOTS)->ok_ms)
        say_snapshot(snapshot, "gns3.snapshot.created", "was taken");
    return 0;
}

int snapshots_read(struct project *project, const char *body, size_t bytes, char *why,
                   size_t why_bytes)
{
    for (size_t i = 0; i < project->snapshot_count; i++)
        project->snapshots[i]->seen = false;
    struct list_reader reader = {.same = snapshots_same, .apply = snapshots_apply, .data = project};
    int error = list_read(&reader, body, bytes, why, why_bytes);
    for (size_t i = project->snapshot_count; error == 0 && reader.left_out == 0 && i-- > 0;)
        if (!project->snapshots[i]->seen)
            snapshot_remove(project->snapshots[i], true);
    project_put(project);
    return error;
}
