/* commands_archive.c - a project as it is now, in one answer, and a snapshot's archive into a file.
 *
 * GNS3 has no request for a snapshot's archive, but it hands out any file of a project's folder. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FETCH_TIMEOUT_MS = 3600000, PATH_BYTES = 4096 };

/* ---- sync ------------------------------------------------------------------------------------ */

static void add_object(struct act *act, struct text *text, const char *name, const char *kind,
                       const char *id)
{
    char *json = gw_object_get(act->gns3->self, kind, id);
    if (json || name)
        text_json_member(text, name, json);
    gw_free(json);
}

static void sync_reply(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    struct text reply = {0};
    text_open(&reply, NULL, '{');
    add_object(act, &reply, "project", "gns3.project", project->id);
    text_open(&reply, "nodes", '[');
    for (size_t i = 0; i < project->node_count; i++)
        add_object(act, &reply, NULL, "gns3.node", project->nodes[i]->id);
    text_close(&reply, ']');
    text_open(&reply, "snapshots", '[');
    for (size_t i = 0; i < project->snapshot_count; i++)
        add_object(act, &reply, NULL, "gns3.snapshot", project->snapshots[i]->id);
    text_close(&reply, ']');
    text_close(&reply, '}');
    const char *json = text_string(&reply);
    if (json)
        act_reply(act, json);
    else
        act_refuse(act, -EMSGSIZE, "project %s is too large for one answer", project->name);
    text_fini(&reply);
}

static void sync_listed(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    act_read(act, project_job(project, JOB_NODES), sync_reply);
    act_read(act, project_job(project, JOB_SNAPSHOTS), sync_reply);
}

int command_project_sync(struct gw_plugin *self, struct gw_call *call)
{
    struct project *project = find_project(gw_data(self), call, "id");
    struct act *act = project ? act_new(call, project->server, project->id, NULL) : NULL;
    if (act)
        act_read(act, server_job(act->server, JOB_PROJECTS), sync_listed);
    return 0;
}

/* ---- fetch ----------------------------------------------------------------------------------- */

static void fetch_done(struct act *act, const struct client_answer *answer)
{
    const char *file = act->data;
    struct stat about;
    if (!answer->error && answer->status == 404) {
        act_refuse(act, -ENOENT,
                   "GNS3 server %s lists this snapshot but has no file of it: it was deleted or "
                   "renamed on the server's disk",
                   act->server->name);
    } else if (answer->error || answer->status >= 400) {
        act_refuse_answer(act, answer);
    } else if (stat(file, &about) < 0) {
        act_refuse(act, -EIO, "%s: %s", file, strerror(errno));
    } else {
        struct text reply = {0};
        text_open(&reply, NULL, '{');
        text_string_member(&reply, "path", file);
        text_int_member(&reply, "bytes", about.st_size);
        text_close(&reply, '}');
        act_reply(act, text_string(&reply));
        text_fini(&reply);
    }
}

static void fetch_send(struct act *act)
{
    struct project *project = act_project(act);
    const struct snapshot *snapshot = project && act->id ? snapshot_by_id(project, act->id) : NULL;
    if (!project)
        return;
    if (!snapshot || !snapshot->filename) {
        act_refuse(act, -ENOENT, "%s",
                   snapshot ? "the name of the snapshot's file is not known"
                            : "the snapshot is gone");
        return;
    }
    struct text path = {0};
    text_format(&path, "/projects/%s/files/snapshots/", project->project_id);
    text_encoded(&path, snapshot->filename);
    act_send(act,
             &(struct act_request){.path = text_string(&path),
                                   .save_file = act->data,
                                   .timeout_ms = FETCH_TIMEOUT_MS,
                                   .keep_refusals = true},
             fetch_done);
    text_fini(&path);
}

int command_snapshot_fetch(struct gw_plugin *self, struct gw_call *call)
{
    struct snapshot *snapshot = find_snapshot(gw_data(self), call, "id");
    char file[PATH_BYTES * 2];
    if (!snapshot || command_file_path(self, call, file, sizeof file) < 0)
        return 0;
    struct project *project = snapshot->project;
    struct act *act = act_new(call, project->server, project->id, snapshot->id);
    if (!act)
        return 0;
    act->data = strdup(file);
    act->free_data = free;
    if (act->data)
        act_read(act, project_job(project, JOB_SNAPSHOTS), fetch_send);
    else
        act_refuse(act, -ENOMEM, "out of memory");
    return 0;
}
