/* strays.c - processes of labs that belong to no running node, such as those a killed GNS3 server
 * has left behind, and processes that have ended without anybody asking after them. They are told,
 * with what to do; nothing is ever ended here. */
#include "match.h"
#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZOMBIE_AFTER_MS = 60000, LISTED_MAX = 20 };

/* ---- Whose a process is not ------------------------------------------------------------------ */

/* Nobody that knows of labs is above it: the GNS3 server that started it has gone. */
static bool is_left_alone(const struct nodes *nodes, const struct process *process)
{
    const struct process *parent = processes_find(&nodes->processes, process->parent);
    return !parent || (!parent->gns3 && parent->program == PROGRAM_OTHER &&
                       (process->parent == 1 || strcmp(parent->name, "systemd") == 0));
}

/* Why nobody needs it; NULL: somebody may. */
static const char *reason(const struct nodes *nodes, const struct process *process)
{
    const struct node *node = process->owner;
    bool lab_path = false;
    const struct project *project = process->sharer;
    if (process->state == 'Z' || *process->container)
        return NULL;
    if (node) {
        bool known = node->project && node->project->owner && node->project->owner->up;
        return !known                        ? NULL
               : node->state == NODE_STOPPED ? "GNS3 shows its node as stopped"
               : node->state == NODE_CLOSED  ? "its project is closed"
                                             : NULL;
    }
    if (!project)
        project =
            match_project(&nodes->lab, process->cwd ? process->cwd : process->command, &lab_path);
    if (project) {
        if (!project->owner || !project->owner->up || !project->owner->here)
            return NULL;
        return !project->opened                                    ? "its project is closed"
               : process->program == PROGRAM_DYNAMIPS || !lab_path ? NULL
               : process->program == PROGRAM_OTHER                 ? NULL
                                                                   : "its node is no more";
    }
    return lab_path && process->program != PROGRAM_OTHER && is_left_alone(nodes, process)
               ? "no project known here is its own, and its GNS3 server has gone"
               : NULL;
}

/* ---- Orphans --------------------------------------------------------------------------------- */

static json_t *describe(const struct process *process, const char *why)
{
    const struct node *node = process->owner;
    return json_pack("{s:i, s:s, s:o, s:s}", "pid", (int)process->pid, "name", process->name,
                     "node", node && node->name ? json_string(node->name) : json_null(), "why",
                     why);
}

static void tell_orphans(struct nodes *nodes, size_t count, json_t *list)
{
    json_t *json = json_pack("{s:i, s:O}", "count", (int)count, "processes", list);
    char *data = json ? json_dumps(json, JSON_COMPACT) : NULL;
    const json_t *first = json_array_get(list, 0);
    const char *name = json_string_value(json_object_get(first, "name"));
    const char *why = json_string_value(json_object_get(first, "why"));
    int pid = (int)json_integer_value(json_object_get(first, "pid"));
    system_say(nodes->system, "system.orphan", GW_WARNING, "system.host", "host", data,
               "%zu process%s of labs belong%s to no running node: %s (process %d): %s%s. Have a "
               "look, and end what nobody needs: kill %d",
               count, count > 1 ? "es" : "", count > 1 ? "" : "s", name ? name : "", pid,
               why ? why : "", count > 1 ? "; and others" : "", pid);
    free(data);
    json_decref(json);
}

/* The first time a process is found, all that are there are told, so that one event says it all. */
static void judge_orphans(struct nodes *nodes, int64_t now_ms)
{
    int64_t after_ms = gw_int(gw_options(nodes->system->self), "orphan_after");
    json_t *list = json_array();
    size_t count = 0;
    bool news = false;
    struct process *process;
    TAILQ_FOREACH(process, &nodes->processes.list, entry)
    {
        if (process->state == 'Z' || (!process->cwd && !process->command))
            continue;
        const char *why = reason(nodes, process);
        if (!why) {
            process->since_ms = 0;
            process->told = false;
            continue;
        }
        if (process->since_ms == 0)
            process->since_ms = now_ms;
        if (now_ms - process->since_ms < after_ms)
            continue;
        count++;
        news |= !process->told;
        process->told = true;
        if (json_array_size(list) < LISTED_MAX)
            json_array_append_new(list, describe(process, why));
    }
    if (news)
        tell_orphans(nodes, count, list);
    else if (count == 0 && nodes->orphans > 0)
        system_say(nodes->system, "system.orphan.gone", GW_NOTICE, "system.host", "host", NULL,
                   "No process of a lab is without a running node any more");
    nodes->orphans = count;
    json_decref(list);
}

/* ---- Zombies --------------------------------------------------------------------------------- */

static void tell_zombies(struct nodes *nodes, size_t count, const struct process *first)
{
    const struct process *parent = processes_find(&nodes->processes, first->parent);
    system_say(nodes->system, "system.zombies", GW_NOTICE, "system.host", "host", NULL,
               "%zu processes have ended and nobody has asked after them, the first is %s (process "
               "%d): its parent %s (process %d) should, and they go when it ends",
               count, first->name, (int)first->pid, parent ? parent->name : "", (int)first->parent);
}

static void judge_zombies(struct nodes *nodes, int64_t now_ms)
{
    const struct process *first = NULL;
    struct process *process;
    size_t count = 0, limit = (size_t)gw_int(gw_options(nodes->system->self), "zombies_above");
    TAILQ_FOREACH(process, &nodes->processes.list, entry)
    {
        if (process->state != 'Z')
            continue;
        if (process->since_ms == 0)
            process->since_ms = now_ms;
        if (now_ms - process->since_ms < ZOMBIE_AFTER_MS)
            continue;
        first = first ? first : process;
        count++;
    }
    if (count > limit && !nodes->zombies_told)
        tell_zombies(nodes, count, first);
    else if (count <= limit / 2 && nodes->zombies_told)
        system_say(nodes->system, "system.zombies.gone", GW_NOTICE, "system.host", "host", NULL,
                   "Of the processes nobody had asked after %zu are left", count);
    nodes->zombies_told = count > limit || (nodes->zombies_told && count > limit / 2);
}

void strays_judge(struct nodes *nodes, int64_t now_ms)
{
    judge_orphans(nodes, now_ms);
    judge_zombies(nodes, now_ms);
}
