/* stops.c - what a stop was: asked for, a crash, or a project that is closing.
 *
 * GNS3 says only "stopped". A stop we asked for is said at once. Any other is held back until the
 * next reads of the list: a project being closed stops its nodes one after another before it says
 * that it is closed, and a crash is told apart only by a log.error of the project's feed. */
#include "events.h"
#include "inventory.h"
#include "poll.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ASKED_MS = 60000, /* a stop this long after we asked for one is ours */
    CRASH_MS = 5000,  /* between a log.error and the stop it is about */
    LOOK_AGAIN_MS = 1500,
    CLOSING_MAX_MS = 30000, /* as long a project may take to stop its nodes */
};

static int64_t stops_now(const struct project *project)
{
    return gw_monotonic_ms(project->server->gns3->self);
}

static bool asked(const struct node *node, int64_t now)
{
    return node->asked_ms && now - node->asked_ms < ASKED_MS;
}

static void stop_say(struct node *node)
{
    /* A stop that was held back is judged by when it came. */
    int64_t when = node->stop_ms ? node->stop_ms : stops_now(node->project);
    node->stop_ms = 0;
    say_stopped(node, asked(node, when));
}

static void crash_say(struct node *node, const char *text)
{
    node->stop_ms = 0;
    say_node(node, GW_ERROR, "gns3.node.crashed", "crashed", text);
}

/* GNS3's message names the emulator, and only IOU's the node. */
static bool crash_fits(const struct node *node, const char *text)
{
    if (strstr(text, node->name))
        return true;
    return strncasecmp(text, node->type, strlen(node->type)) == 0;
}

static bool crash_waits(struct node *node, int64_t now)
{
    struct project *project = node->project;
    if (!project->crash_ms || now - project->crash_ms > CRASH_MS ||
        !crash_fits(node, project->crash_text))
        return false;
    project->crash_ms = 0;
    return true;
}

static void node_stopped(struct node *node)
{
    struct project *project = node->project;
    int64_t now = stops_now(project);
    if (asked(node, now)) {
        stop_say(node);
        return;
    }
    if (crash_waits(node, now)) {
        crash_say(node, project->crash_text);
        return;
    }
    node->stop_ms = now;
    node->stop_read = false;
    job_soon(project_job(project, JOB_NODES), LOOK_AGAIN_MS);
    job_soon(server_job(project->server, JOB_PROJECTS), LOOK_AGAIN_MS / 2);
}

void node_changed(struct node *node, enum node_status before)
{
    if (node->status == before || before == NODE_CLOSED || node->status == NODE_CLOSED ||
        node->project->busy)
        return;
    if (node->status == NODE_STOPPED) {
        node_stopped(node);
        return;
    }
    if (node->stop_ms) /* stopped and going again before it was said */
        stop_say(node);
    if (node->status == NODE_STARTED)
        say_node(node, GW_INFO, "gns3.node.started", "started", NULL);
    else
        say_node(node, GW_INFO, "gns3.node.suspended", "was suspended", NULL);
}

void stops_read(struct project *project)
{
    int64_t now = stops_now(project), oldest = now;
    size_t held = 0, fresh = 0;
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (!node->stop_ms)
            continue;
        held++;
        fresh += !node->stop_read;
        oldest = node->stop_ms < oldest ? node->stop_ms : oldest;
    }
    if (held == 0)
        return;
    bool closing = held > 1 && fresh > 0 && now - oldest < CLOSING_MAX_MS;
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (node->stop_ms && node->stop_read && !closing)
            stop_say(node);
        node->stop_read = true;
    }
    if (closing || fresh > 0) {
        job_soon(project_job(project, JOB_NODES), LOOK_AGAIN_MS);
        job_soon(server_job(project->server, JOB_PROJECTS), LOOK_AGAIN_MS / 2);
    }
}

/* The node a message is about: one held back that fits; of several the one that stopped last. */
static struct node *crash_node(const struct project *project, const char *text)
{
    struct node *best = NULL;
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (node->stop_ms && crash_fits(node, text) && (!best || node->stop_ms > best->stop_ms))
            best = node;
    }
    return best;
}

/* Our own stop that needed a SIGKILL gives a log.error too: that is no crash. */
static bool crash_is_ours(const struct project *project, const char *text, int64_t now)
{
    for (size_t i = 0; i < project->node_count; i++)
        if (asked(project->nodes[i], now) && crash_fits(project->nodes[i], text))
            return true;
    return false;
}

void stops_crash(struct project *project, const char *text)
{
    int64_t now = stops_now(project);
    if (!strstr(text, "process has stopped"))
        return;
    struct node *node = crash_node(project, text);
    if (node) {
        crash_say(node, text);
        return;
    }
    if (crash_is_ours(project, text, now))
        return;
    if (keep(&project->crash_text, text) || project->crash_text)
        project->crash_ms = now;
}

void stops_forget(struct project *project)
{
    for (size_t i = 0; i < project->node_count; i++)
        project->nodes[i]->stop_ms = 0;
    project->crash_ms = 0;
}
