/* project.c - projects: their list, their life, their objects. What is in them is the business of
 * node.c, link.c and snapshot.c. */
#include "events.h"
#include "identity.h"
#include "inventory.h"
#include "poll.h"
#include "series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 2000, MISSING_MAX = 2 };

struct project *project_of(const struct server *server, const char *project_id)
{
    for (size_t i = 0; i < server->project_count; i++)
        if (strcmp(server->projects[i]->project_id, project_id) == 0)
            return server->projects[i];
    return NULL;
}

/* The lists of many projects are read at different times of a turn. */
static void project_jobs(struct project *project)
{
    struct server *server = project->server;
    int64_t now = gw_monotonic_ms(server->gns3->self);
    for (enum job_kind kind = JOB_NODES; kind <= JOB_STATS; kind++) {
        struct job *job = project_job(project, kind);
        job_init(job, kind, server, project);
        job->due_ms = kind == JOB_NODES ? 0 : now + kind;
    }
}

struct project *project_add(struct server *server, const char *id, const char *project_id,
                            const char *name)
{
    struct project *project = calloc(1, sizeof *project);
    if (!project)
        return NULL;
    project->server = server;
    project->drawings = -1;
    project->dirty = true;
    project_jobs(project);
    keep(&project->id, id);
    keep(&project->project_id, project_id);
    keep(&project->name, name);
    void *list = list_add(server->projects, &server->project_count, project);
    if (!list || !project->id || !project->project_id || !project->name) {
        if (list)
            server->project_count--;
        server->projects = list ? list : server->projects;
        project_free(project);
        return NULL;
    }
    server->projects = list;
    return project;
}

void project_free(struct project *project)
{
    if (!project)
        return;
    for (size_t i = 0; i < PROJECT_JOBS; i++)
        job_fini(&project->jobs[i]);
    for (size_t i = 0; i < project->node_count; i++)
        node_free(project->nodes[i]);
    for (size_t i = 0; i < project->link_count; i++)
        link_free(project->links[i]);
    for (size_t i = 0; i < project->snapshot_count; i++)
        snapshot_free(project->snapshots[i]);
    for (size_t i = 0; i < project->grave_count; i++) {
        free(project->graves[i].key);
        free(project->graves[i].id);
    }
    free(project->nodes);
    free(project->links);
    free(project->snapshots);
    free(project->graves);
    free(project->id);
    free(project->project_id);
    free(project->name);
    free(project->path);
    free(project->filename);
    free(project->crash_text);
    free(project);
}

static void project_remove_objects(struct project *project)
{
    while (project->link_count > 0)
        link_remove(project->links[project->link_count - 1], false);
    while (project->node_count > 0)
        node_remove(project->nodes[project->node_count - 1], false);
    while (project->snapshot_count > 0)
        snapshot_remove(project->snapshots[project->snapshot_count - 1], false);
}

void project_remove(struct project *project, bool told)
{
    struct server *server = project->server;
    if (told)
        say_project(project, "gns3.project.deleted", "was deleted");
    if (project->followed) /* it is gone at GNS3 too */
        client_unfollow_project(server->client, project->project_id);
    project_remove_objects(project);
    series_end_project(project);
    gw_object_delete(server->gns3->self, "gns3.project", project->id);
    for (size_t i = 0; i < server->project_count; i++)
        if (server->projects[i] == project) {
            list_remove(server->projects, &server->project_count, i);
            break;
        }
    project_free(project);
}

static void project_count(const struct project *project, size_t counts[NODE_CLOSED + 1])
{
    memset(counts, 0, (NODE_CLOSED + 1) * sizeof *counts);
    for (size_t i = 0; i < project->node_count; i++)
        counts[project->nodes[i]->status]++;
}

void project_put(struct project *project)
{
    if (!project->dirty)
        return;
    project->dirty = false;
    size_t counts[NODE_CLOSED + 1];
    project_count(project, counts);
    struct text *text = &project->server->text;
    text_clear(text);
    text_open(text, NULL, '{');
    text_string_member(text, "server", project->server->name);
    text_string_member(text, "project_id", project->project_id);
    text_string_member(text, "name", project->name);
    text_string_member(text, "status", project->opened ? "opened" : "closed");
    text_bool_member(text, "auto_close", project->auto_close);
    text_bool_member(text, "auto_open", project->auto_open);
    text_bool_member(text, "auto_start", project->auto_start);
    text_string_member(text, "path", project->path);
    text_string_member(text, "filename", project->filename);
    text_int_member(text, "node_count", (int64_t)project->node_count);
    text_int_member(text, "started_count", (int64_t)counts[NODE_STARTED]);
    text_int_member(text, "stopped_count", (int64_t)counts[NODE_STOPPED]);
    text_int_member(text, "suspended_count", (int64_t)counts[NODE_SUSPENDED]);
    text_int_member(text, "link_count", (int64_t)project->link_count);
    text_int_member(text, "snapshot_count", (int64_t)project->snapshot_count);
    if (project->drawings >= 0)
        text_int_member(text, "drawing_count", project->drawings);
    else
        text_json_member(text, "drawing_count", NULL);
    if (project->opened_ms)
        text_int_member(text, "opened_at", project->opened_ms);
    else
        text_json_member(text, "opened_at", NULL);
    text_int_member(text, "scene_width", project->scene_width);
    text_int_member(text, "scene_height", project->scene_height);
    text_bool_member(text, "followed", project->followed);
    text_close(text, '}');
    gw_object_put(project->server->gns3->self, "gns3.project", project->id, text_string(text));
}

/* A project's feed is never opened while auto_close is true: GNS3 closes such a project, stopping
 * every node, 5 s after its last listener left, and a restart of ours counts as leaving. */
void project_follow(struct project *project)
{
    struct server *server = project->server;
    bool may = server->project_feeds && project->opened && !project->auto_close;
    if (may && !project->followed) {
        project->followed = client_follow_project(server->client, project->project_id) == 0;
        project->dirty = true;
    } else if (!project->opened && project->followed) {
        client_unfollow_project(server->client, project->project_id);
        project->followed = false;
        project->dirty = true;
    } else if (project->followed && project->auto_close && !project->warned_auto_close) {
        /* Leaving now would close it if no one else listens; staying harms nobody. */
        project->warned_auto_close = true;
        gw_log(server->gns3->self, GW_WARNING,
               "server '%s': auto_close of project '%s' was switched on while its feed is "
               "followed; GNS3 will close it when gnswatch stops and no one else listens",
               server->name, project->name);
    }
}

static void project_opened(struct project *project, bool told)
{
    project->opened = true;
    project->opened_ms = gw_now_ms(project->server->gns3->self);
    if (told)
        say_project(project, "gns3.project.opened", "was opened");
    for (size_t i = 0; i < PROJECT_JOBS; i++) {
        job_forget(&project->jobs[i]);
        job_soon(&project->jobs[i], 0);
    }
}

static void project_closed(struct project *project, bool told)
{
    project->opened = false;
    project->opened_ms = 0;
    project->warned_auto_close = false;
    if (told)
        say_project(project, "gns3.project.closed", "was closed");
    stops_forget(project);
    nodes_closed(project);
    links_closed(project);
    for (size_t i = 0; i < PROJECT_JOBS; i++) {
        job_forget(&project->jobs[i]);
        job_soon(&project->jobs[i], LOOK_AGAIN_MS);
    }
}

static void project_renamed(struct project *project)
{
    series_rename_project(project);
    for (size_t i = 0; i < project->node_count; i++)
        node_patch(project->nodes[i]);
    links_again(project);
    job_forget(project_job(project, JOB_SNAPSHOTS));
    job_soon(project_job(project, JOB_SNAPSHOTS), 0);
}

static bool project_update(struct project *project, const json_t *element)
{
    bool changed = keep(&project->path, member_text(element, "path"));
    changed |= keep(&project->filename, member_text(element, "filename"));
    bool auto_close = member_true(element, "auto_close"),
         auto_open = member_true(element, "auto_open"),
         auto_start = member_true(element, "auto_start");
    int64_t width = member_whole(element, "scene_width", 0),
            height = member_whole(element, "scene_height", 0);
    changed |= auto_close != project->auto_close || auto_open != project->auto_open ||
               auto_start != project->auto_start || width != project->scene_width ||
               height != project->scene_height;
    project->auto_close = auto_close;
    project->auto_open = auto_open;
    project->auto_start = auto_start;
    project->scene_width = width;
    project->scene_height = height;
    return changed;
}

static struct project *project_create(struct server *server, const char *project_id,
                                      const char *name)
{
    char *id = identity_claim(server, "gns3.project", project_id);
    struct project *project = id ? project_add(server, id, project_id, name) : NULL;
    free(id);
    return project;
}

int project_apply(struct server *server, const json_t *element, uint64_t hash, bool told)
{
    const char *project_id = member_id(element, "project_id"), *name = member_name(element, "name");
    const char *status = member_text(element, "status");
    if (!project_id || !name || !status)
        return -EPROTO;
    struct project *project = project_of(server, project_id);
    bool created = !project;
    if (created && !(project = project_create(server, project_id, name)))
        return -ENOMEM;
    bool changed = project_update(project, element);
    bool renamed = keep(&project->name, name);
    /* While our restore runs, GNS3 closes and opens it: that is no news. */
    bool opened = project->busy ? project->opened : strcmp(status, "opened") == 0;
    if (created && told)
        say_project(project, "gns3.project.created", "was created");
    if (opened && !project->opened)
        project_opened(project, told && !created);
    else if (!opened && project->opened)
        project_closed(project, told);
    else if ((changed || renamed) && !created && project->hash)
        say_project(project, "gns3.project.updated", "was changed");
    if (renamed && !created)
        project_renamed(project);
    project->hash = project->busy ? 0 : hash;
    project->seen = true;
    project->missing = 0;
    project->dirty = true;
    project_follow(project);
    project_put(project);
    return 0;
}

static bool projects_same(void *data, uint64_t hash, size_t place)
{
    struct server *server = data;
    for (size_t i = 0; i < server->project_count; i++) {
        struct project *project = server->projects[(place + i) % server->project_count];
        if (project->hash == hash) {
            project->missing = 0;
            return project->seen = true;
        }
    }
    return false;
}

static int projects_apply(void *data, const json_t *element, uint64_t hash, size_t place)
{
    (void)place;
    struct server *server = data;
    return project_apply(server, element, hash, server_job(server, JOB_PROJECTS)->ok_ms != 0);
}

/* What the list no longer names is gone when it is missing twice: a server that has just started
 * may not have loaded its projects yet. */
static void projects_sweep(struct server *server)
{
    bool again = false;
    for (size_t i = server->project_count; i-- > 0;) {
        struct project *project = server->projects[i];
        if (project->seen)
            continue;
        if (++project->missing >= MISSING_MAX)
            project_remove(project, true);
        else
            again = true;
    }
    if (again) {
        job_forget(server_job(server, JOB_PROJECTS));
        job_soon(server_job(server, JOB_PROJECTS), LOOK_AGAIN_MS);
    }
}

int projects_read(struct server *server, const char *body, size_t bytes, char *why,
                  size_t why_bytes)
{
    for (size_t i = 0; i < server->project_count; i++)
        server->projects[i]->seen = false;
    struct list_reader reader = {.same = projects_same, .apply = projects_apply, .data = server};
    int error = list_read(&reader, body, bytes, why, why_bytes);
    if (error == 0 && reader.left_out == 0)
        projects_sweep(server);
    server_put(server);
    return error;
}

int project_stats(struct project *project, const char *body, size_t bytes, char *why,
                  size_t why_bytes)
{
    json_error_t json_error;
    json_t *json = json_loadb(body, bytes, 0, &json_error);
    int64_t drawings = member_whole(json, "drawings", -1);
    int64_t snapshots = member_whole(json, "snapshots", -1);
    if (drawings < 0)
        snprintf(why, why_bytes, "no number of drawings in the answer");
    json_decref(json);
    if (drawings < 0)
        return -EPROTO;
    if (drawings != project->drawings) {
        project->drawings = drawings;
        project->dirty = true;
        project_put(project);
    }
    if (snapshots >= 0 && (size_t)snapshots != project->snapshot_count)
        job_soon(project_job(project, JOB_SNAPSHOTS), 0);
    return 0;
}
