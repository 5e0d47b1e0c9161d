/* notice.c - what the feeds say. The controller's feed only says where to look; a project's feed
 * brings whole nodes and links, which are taken as they are. */
#include "events.h"
#include "inventory.h"
#include "poll.h"

#include <stdlib.h>
#include <string.h>

enum { SOON_MS = 20 }; /* several notices of one thing make one read */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* project.created, .opened, .closed, .updated, .deleted: the list says the same of all. */
static void notice_project(struct server *server, const char *action, const json_t *event)
{
    job_soon(server_job(server, JOB_PROJECTS), SOON_MS);
    const char *project_id = member_id(event, "project_id");
    struct project *project = project_id ? project_of(server, project_id) : NULL;
    if (!project)
        return;
    if (strcmp(action, "project.deleted") == 0)
        project->missing = 1; /* the next list decides */
    if (strcmp(action, "project.updated") == 0)
        job_soon(project_job(project, JOB_STATS), SOON_MS);
}

static void notice_compute(struct server *server, const char *action, const json_t *event)
{
    if (strcmp(action, "compute.deleted") != 0) {
        compute_apply(server, event);
        return;
    }
    const char *compute_id = member_id(event, "compute_id");
    struct compute *compute = compute_id ? compute_of(server, compute_id) : NULL;
    if (compute)
        compute_remove(compute);
}

static void notice_log(struct server *server, struct project *project, const char *action,
                       const json_t *event)
{
    const char *message = member_text(event, "message");
    bool error = strcmp(action, "log.error") == 0;
    if (!message || (!error && strcmp(action, "log.warning") != 0))
        return;
    struct text data = {0};
    text_open(&data, NULL, '{');
    text_string_member(&data, "server", server->name);
    text_string_member(&data, "project", project ? project->id : NULL);
    text_string_member(&data, "message", message);
    text_close(&data, '}');
    say(server, error ? GW_ERROR : GW_WARNING, error ? "gns3.log.error" : "gns3.log.warning",
        project ? "gns3.project" : "gns3.server", project ? project->id : server->name,
        text_string(&data), "GNS3 server %s says: %s", server->name, message);
    text_fini(&data);
    if (error && project)
        stops_crash(project, message);
}

/* The list must agree before it says the same again, so the hash is left unknown. */
static void notice_node(struct project *project, const char *action, const json_t *event)
{
    const char *node_id = member_id(event, "node_id");
    struct node *node = node_id ? node_of(project, node_id) : NULL;
    if (strcmp(action, "node.deleted") == 0) {
        if (node)
            node_remove(node, true);
        job_soon(project_job(project, JOB_LINKS), SOON_MS);
    } else if (json_object_get(event, "status") && project->opened) {
        node_apply(project, event, 0, project->node_count);
    }
    job_forget(project_job(project, JOB_NODES));
    project_put(project);
}

static void notice_link(struct project *project, const char *action, const json_t *event)
{
    const char *link_id = member_id(event, "link_id");
    struct link *link = link_id ? link_of(project, link_id) : NULL;
    if (strcmp(action, "link.deleted") == 0) {
        if (link)
            link_remove(link, true);
    } else if (project->opened) {
        link_apply(project, event, 0, project->link_count);
    }
    job_forget(project_job(project, JOB_LINKS));
    project_put(project);
}

static void notice_restored(struct project *project, const json_t *event)
{
    if (!project->busy)
        say_restored(project, member_text(event, "name"), "feed");
    stops_forget(project);
    for (size_t i = 0; i < PROJECT_JOBS; i++) {
        job_forget(&project->jobs[i]);
        job_soon(&project->jobs[i], SOON_MS);
    }
}

static void notice_of_project(struct project *project, const char *action, const json_t *event)
{
    if (begins(action, "log."))
        notice_log(project->server, project, action, event);
    else if (project->busy)
        return; /* our restore is under way: all is read when it is over */
    else if (begins(action, "node."))
        notice_node(project, action, event);
    else if (begins(action, "link."))
        notice_link(project, action, event);
    else if (begins(action, "drawing."))
        job_soon(project_job(project, JOB_STATS), 1000);
    else if (strcmp(action, "snapshot.restored") == 0)
        notice_restored(project, event);
    else if (begins(action, "project."))
        notice_project(project->server, action, event);
}

void notice_feed(struct server *server, const char *project_id, const char *action,
                 const char *event_json)
{
    if (strcmp(action, "ping") == 0)
        return;
    json_t *event = json_loads(event_json, 0, NULL);
    struct project *project = project_id ? project_of(server, project_id) : NULL;
    if (project && event)
        notice_of_project(project, action, event);
    else if (event && begins(action, "project."))
        notice_project(server, action, event);
    else if (event && begins(action, "compute."))
        notice_compute(server, action, event);
    else if (event && begins(action, "template."))
        job_soon(server_job(server, JOB_TEMPLATES), 1000);
    else if (event && begins(action, "log."))
        notice_log(server, NULL, action, event);
    json_decref(event);
}

void notice_feed_open(struct server *server, const char *project_id)
{
    struct project *project = project_id ? project_of(server, project_id) : NULL;
    if (!project_id)
        poll_resync(server);
    for (size_t i = 0; project && i < PROJECT_JOBS; i++)
        job_soon(&project->jobs[i], 0);
}
