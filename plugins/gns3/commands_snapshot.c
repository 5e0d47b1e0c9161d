/* commands_snapshot.c - take, restore and delete snapshots.
 *
 * GNS3 uses a snapshot's name as a file's name unchecked, so names are checked here. It tests once
 * that no node runs, and its restore stops everything and may change all ids. */
#include "act.h"
#include "commands.h"
#include "events.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT_TIMEOUT_MS = 1800000, NAMES_SHOWN = 5 };

/* ---- create ---------------------------------------------------------------------------------- */

static bool name_sound(const char *name)
{
    if (!name || !*name || *name == '.' || *name == ' ' || name[strlen(name) - 1] == ' ')
        return false;
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f || strchr("/\\:*?\"<>|", *at))
            return false;
    return true;
}

/* Nodes of these types always run and do not hinder a snapshot. */
static bool always_runs(const char *type)
{
    static const char *const types[] = {"ethernet_switch",    "ethernet_hub", "cloud", "nat",
                                        "frame_relay_switch", "atm_switch"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

static size_t running(const struct project *project, struct text *names)
{
    size_t count = 0;
    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        if (node->status == NODE_STOPPED || node->status == NODE_CLOSED || always_runs(node->type))
            continue;
        if (count < NAMES_SHOWN)
            text_format(names, "%s%s", count ? ", " : "", node->name);
        count++;
    }
    if (count > NAMES_SHOWN)
        text_format(names, " and %zu more", count - NAMES_SHOWN);
    return count;
}

static void create_read(struct act *act)
{
    struct project *project = act_project(act);
    const char *name = gw_string(gw_call_params(act->call), "name");
    if (!project)
        return;
    const struct snapshot *newest = NULL;
    for (size_t i = 0; i < project->snapshot_count; i++) {
        const struct snapshot *snapshot = project->snapshots[i];
        if (name && strcmp(snapshot->name, name) == 0 &&
            (!newest || snapshot->created_ms > newest->created_ms))
            newest = snapshot;
    }
    if (newest)
        act_reply_object(act, "gns3.snapshot", newest->id);
    else
        act_refuse(act, -EIO, "GNS3 took the command, but the snapshot is not in its list");
}

static void create_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_SNAPSHOTS), create_read);
}

static void create_send(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    struct text names = {0};
    size_t count = running(project, &names);
    if (count > 0) {
        act_refuse(act, -EBUSY,
                   "project %s must be stopped for a snapshot, but %s %s running: GNS3 would tear "
                   "the image. Stop them first (gns3.project.stop_all); VPCS lose addresses that "
                   "are not saved.",
                   project->name, text_string(&names), count == 1 ? "is" : "are");
        text_fini(&names);
        return;
    }
    text_fini(&names);
    struct text body = {0};
    text_open(&body, NULL, '{');
    text_string_member(&body, "name", gw_string(gw_call_params(act->call), "name"));
    text_close(&body, '}');
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/snapshots", project->project_id);
    act_send(act,
             &(struct act_request){.method = "POST",
                                   .path = path,
                                   .body = text_string(&body),
                                   .timeout_ms = SNAPSHOT_TIMEOUT_MS},
             create_done);
    text_fini(&body);
}

int command_snapshot_create(struct gw_plugin *self, struct gw_call *call)
{
    struct project *project = find_project(gw_data(self), call, "project");
    if (!project)
        return 0;
    if (!name_sound(gw_string(gw_call_params(call), "name"))) {
        gw_refuse(call, -EINVAL,
                  "GNS3 makes a file of this name, so it must not begin with a dot "
                  "or a blank, end in a blank, or have any of / \\ : * ? \" < > |");
        return 0;
    }
    struct act *act = act_new(call, project->server, project->id, NULL);
    if (act)
        act_read(act, project_job(project, JOB_NODES), create_send);
    return 0;
}

/* ---- restore --------------------------------------------------------------------------------- */

struct restore {
    char *first_node_id; /* owned; GNS3's id of some node before; NULL: there was none */
    char *first_id;      /* its object's */
};

static void restore_free(void *data)
{
    struct restore *restore = data;
    free(restore->first_node_id);
    free(restore->first_id);
    free(restore);
}

static void restore_reply(struct act *act)
{
    struct project *project = act_project(act);
    const struct restore *restore = act->data;
    if (!project)
        return;
    const struct node *node = restore->first_id ? node_by_id(project, restore->first_id) : NULL;
    bool changed = node && strcmp(node->node_id, restore->first_node_id) != 0;
    struct text reply = {0};
    text_open(&reply, NULL, '{');
    text_string_member(&reply, "project", project->id);
    text_int_member(&reply, "nodes", (int64_t)project->node_count);
    text_int_member(&reply, "links", (int64_t)project->link_count);
    text_bool_member(&reply, "ids_changed", changed);
    text_string_member(&reply, "warning",
                       "A restore replaces everything in the project: all nodes are stopped, what "
                       "was not in the snapshot is gone, and with several computes nodes may have "
                       "moved to another one.");
    text_close(&reply, '}');
    act_reply(act, text_string(&reply));
    text_fini(&reply);
}

static void restore_links(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    act_read(act, project_job(project, JOB_LINKS), restore_reply);
    act_read(act, project_job(project, JOB_SNAPSHOTS), restore_reply);
}

static void restore_nodes(struct act *act)
{
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_NODES), restore_links);
}

static void restore_over(struct act *act, const struct client_answer *answer)
{
    for (size_t p = 0; p < act->server->project_count; p++) {
        struct project *project = act->server->projects[p];
        if (strcmp(project->id, act->project) != 0)
            continue;
        project->busy = 0;
        stops_forget(project);
        for (size_t i = 0; i < PROJECT_JOBS; i++) {
            job_forget(&project->jobs[i]);
            job_soon(&project->jobs[i], 0);
        }
    }
    job_forget(server_job(act->server, JOB_PROJECTS));
    if (answer->error || answer->status >= 400)
        act_refuse_answer(act, answer);
    else
        act_read(act, server_job(act->server, JOB_PROJECTS), restore_nodes);
}

static void restore_done(struct act *act, const struct client_answer *answer)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    const struct snapshot *snapshot = act->id ? snapshot_by_id(project, act->id) : NULL;
    if (!answer->error && answer->status < 400)
        say_restored(project, snapshot ? snapshot->name : NULL, "command");
    restore_over(act, answer);
}

/* Snapshots get new ids at every load in old versions, so the list is read just before. */
static void restore_send(struct act *act)
{
    struct project *project = act_project(act);
    const struct snapshot *snapshot = project && act->id ? snapshot_by_id(project, act->id) : NULL;
    if (!project)
        return;
    if (!snapshot) {
        act_refuse(act, -ENOENT, "the snapshot is gone");
        return;
    }
    struct restore *restore = calloc(1, sizeof *restore);
    if (!restore) {
        act_refuse(act, -ENOMEM, "out of memory");
        return;
    }
    act->data = restore;
    act->free_data = restore_free;
    if (project->node_count > 0) {
        keep(&restore->first_node_id, project->nodes[0]->node_id);
        keep(&restore->first_id, project->nodes[0]->id);
    }
    project->busy = 1;
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/snapshots/%s/restore", project->project_id,
             snapshot->snapshot_id);
    act_send(act,
             &(struct act_request){.method = "POST",
                                   .path = path,
                                   .body = "{}",
                                   .timeout_ms = SNAPSHOT_TIMEOUT_MS,
                                   .keep_refusals = true},
             restore_done);
}

static struct act *snapshot_act(struct gw_plugin *self, struct gw_call *call)
{
    struct snapshot *snapshot = find_snapshot(gw_data(self), call, "id");
    if (!snapshot)
        return NULL;
    struct project *project = snapshot->project;
    if (project->busy) {
        gw_refuse(call, -EBUSY, "a snapshot of project %s is being restored", project->name);
        return NULL;
    }
    struct act *act = act_new(call, project->server, project->id, snapshot->id);
    if (act)
        job_forget(project_job(project, JOB_SNAPSHOTS));
    return act;
}

int command_snapshot_restore(struct gw_plugin *self, struct gw_call *call)
{
    struct act *act = snapshot_act(self, call);
    struct project *project = act ? act_project(act) : NULL;
    if (project)
        act_read(act, project_job(project, JOB_SNAPSHOTS), restore_send);
    return 0;
}

/* ---- delete ---------------------------------------------------------------------------------- */

static void delete_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_SNAPSHOTS), act_reply_deleted);
}

static void delete_send(struct act *act)
{
    struct project *project = act_project(act);
    const struct snapshot *snapshot = project && act->id ? snapshot_by_id(project, act->id) : NULL;
    if (!project)
        return;
    if (!snapshot) {
        act_refuse(act, -ENOENT, "the snapshot is gone");
        return;
    }
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/snapshots/%s", project->project_id,
             snapshot->snapshot_id);
    act_send(act, &(struct act_request){.method = "DELETE", .path = path}, delete_done);
}

int command_snapshot_delete(struct gw_plugin *self, struct gw_call *call)
{
    struct act *act = snapshot_act(self, call);
    struct project *project = act ? act_project(act) : NULL;
    if (project)
        act_read(act, project_job(project, JOB_SNAPSHOTS), delete_send);
    return 0;
}
