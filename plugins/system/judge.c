/* judge.c - nodes that GNS3 shows as started and that are dead, and uBridges that are missing. GNS3
 * itself does not look whether a container still runs, nor after uBridge. */
#include "node.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    /* Later than traffic says that links are dead because of it, which says more. */
    UBRIDGE_AFTER_MS = 30000,
};

static void say(struct nodes *nodes, const struct node *node, const char *topic,
                enum gw_severity severity, const char *what)
{
    char data[128];
    snprintf(data, sizeof data, "{\"pid\":%d}", node->pid_count ? (int)node->pids[0] : -1);
    system_say(nodes->system, topic, severity, "system.node", node->id, data, "%.100s in %.100s %s",
               node->name, node->project ? node->project->name : "", what);
}

/* A directory of its own on this disk, and a GNS3 server among the processes we see: then its
 * process would be seen, too. Neither a simulator nor a container of our own looks like that. */
static bool would_be_seen(const struct nodes *nodes, const struct node *node)
{
    char path[PATH_MAX_TEXT];
    bool server = nodes->processes.gns3 ||
                  (node->project && node->project->owner && node->project->owner->alive);
    if (!server || !node->directory || !*node->directory || nodes->processes.hidden_emulators > 0)
        return false;
    snprintf(path, sizeof path, "%s%s", nodes->system->roots.root, node->directory);
    return access(path, F_OK) == 0;
}

static bool is_alive(const struct node *node)
{
    bool shared = node->need == NEED_SHARED && node->project && node->project->shared_count > 0;
    return node->pid_count > 0 || shared;
}

/* The GNS3 server's word is not old: it is there. */
static bool may_judge(const struct node *node)
{
    return node->here && node->state == NODE_STARTED && node->project && node->project->opened &&
           node->project->owner && node->project->owner->up;
}

/* Nothing is decided while nobody tells what should be. */
static bool is_silent(const struct node *node)
{
    return node->project && node->project->owner && !node->project->owner->up;
}

static enum node_status status_of(struct nodes *nodes, struct node *node, int64_t now_ms)
{
    int64_t after_ms = gw_int(gw_options(nodes->system->self), "dead_after");
    if (is_alive(node)) {
        node->seen = node->seen || node->state == NODE_STARTED;
        node->gone_ms = 0;
        return STATUS_RUNNING;
    }
    if (node->need == NEED_NOTHING || !may_judge(node))
        return node->ubridge ? STATUS_RUNNING : STATUS_OFF;
    if (node->gone_ms == 0)
        node->gone_ms = now_ms;
    bool gone = now_ms - node->gone_ms >= after_ms;
    if (node->seen)
        return gone ? STATUS_DEAD : STATUS_OFF;
    bool counts = node->need == NEED_OWN || node->need == NEED_SHARED;
    if (counts && would_be_seen(nodes, node))
        return gone ? STATUS_DEAD : STATUS_OFF;
    return STATUS_HIDDEN;
}

static void judge_dead(struct nodes *nodes, struct node *node)
{
    if (node->status == STATUS_DEAD && !node->dead_told) {
        say(nodes, node, "system.node.dead", GW_ERROR,
            node->zombie ? "is dead: GNS3 shows it as started, but its process has ended; stop and "
                           "start it"
                         : "is dead: GNS3 shows it as started, but no process or container is its "
                           "own; stop and start it");
        node->dead_told = true;
    } else if (node->dead_told && node->status == STATUS_RUNNING) {
        say(nodes, node, "system.node.recovered", GW_NOTICE, "runs again");
        node->dead_told = false;
    } else if (node->dead_told && node->state != NODE_STARTED) {
        say(nodes, node, "system.node.recovered", GW_NOTICE,
            "is no longer shown as started: GNS3 knows");
        node->dead_told = false;
    }
}

/* ---- uBridge --------------------------------------------------------------------------------- */

/* traffic has told of it: a link of this node is dead. */
static bool traffic_told(const struct nodes *nodes, const struct node *node)
{
    const struct link *link;
    TAILQ_FOREACH(link, &nodes->lab.links, entry)
    {
        bool ours = (link->ends[0] && strcmp(link->ends[0], node->id) == 0) ||
                    (link->ends[1] && strcmp(link->ends[1], node->id) == 0);
        char *text = ours ? gw_object_get(nodes->system->self, "traffic.link", link->id) : NULL;
        json_t *json = text ? json_loads(text, 0, NULL) : NULL;
        bool dead = json_is_string(json_object_get(json, "fault"));
        json_decref(json);
        gw_free(text);
        if (dead)
            return true;
    }
    return false;
}

static enum ubridge_state ubridge_of(struct nodes *nodes, struct node *node, int64_t now_ms)
{
    if (node->ubridge) {
        node->had_ubridge = true;
        node->ubridge_gone_ms = 0;
        return UBRIDGE_RUNNING;
    }
    if (!may_judge(node) || !node_needs_ubridge(node) || node->status == STATUS_DEAD)
        return UBRIDGE_NONE;
    if (nodes->processes.hidden_ubridges > 0)
        return UBRIDGE_HIDDEN;
    if (!node->had_ubridge && !(would_be_seen(nodes, node) && is_alive(node)))
        return UBRIDGE_HIDDEN;
    if (node->ubridge_gone_ms == 0)
        node->ubridge_gone_ms = now_ms;
    return now_ms - node->ubridge_gone_ms >= UBRIDGE_AFTER_MS ? UBRIDGE_MISSING : UBRIDGE_NONE;
}

static void judge_ubridge(struct nodes *nodes, struct node *node)
{
    bool missing = node->ubridge_state == UBRIDGE_MISSING;
    if (missing && !node->ubridge_missed) {
        node->ubridge_missed = true;
        node->ubridge_told = !traffic_told(nodes, node);
        if (node->ubridge_told)
            say(nodes, node, "system.node.ubridge", GW_ERROR,
                "has no uBridge process: its links carry nothing until it is stopped and started");
    } else if (!missing && node->ubridge_missed) {
        node->ubridge_missed = false;
        if (node->ubridge_told && !node->dead_told)
            say(nodes, node, "system.node.recovered", GW_NOTICE,
                node->ubridge ? "has its uBridge process again"
                              : "needs no uBridge process any more");
    }
}

void judge_nodes(struct nodes *nodes, int64_t now_ms)
{
    struct node *node;
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    {
        if (is_silent(node)) {
            node->status = is_alive(node) ? STATUS_RUNNING : STATUS_OFF;
            node->ubridge_state = node->ubridge ? UBRIDGE_RUNNING : UBRIDGE_NONE;
            node->gone_ms = node->ubridge_gone_ms = 0;
            continue;
        }
        node->status = status_of(nodes, node, now_ms);
        node->ubridge_state = ubridge_of(nodes, node, now_ms);
        judge_dead(nodes, node);
        judge_ubridge(nodes, node);
    }
}
