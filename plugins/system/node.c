/* node.c - the node part: its turn, and how it is cut into slices that block nobody. See node.h. */
#include "node.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLICE = 64, /* processes looked at without a pause */
    SLICE_PAUSE_MS = 5,
    STEP = 200, /* files of a walk */
    STEP_PAUSE_MS = 100,
    READ_AGAIN_MS = 300000, /* all objects: events of changes may have been dropped */
};

static const struct gw_field count_fields[] = {
    {"total", GW_GAUGE, "1", "Processes"},
    {"threads", GW_GAUGE, "1", "Threads of all processes"},
    {"running", GW_GAUGE, "1", "Processes that run or want to"},
    {"sleeping", GW_GAUGE, "1", "Processes that wait for something"},
    {"waiting", GW_GAUGE, "1", "Processes that wait for a disk and cannot be interrupted"},
    {"stopped", GW_GAUGE, "1", "Processes that were stopped"},
    {"zombies", GW_GAUGE, "1", "Processes that have ended and nobody has asked after"},
    {"idle", GW_GAUGE, "1", "Idle threads of the kernel"},
    {0},
};

/* ---- What the gns3 plugin tells -------------------------------------------------------------- */

static void on_object(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct nodes *nodes = data;
    if (!event->kind || strncmp(event->kind, "gns3.", 5) != 0)
        return;
    bool put = strcmp(event->topic, "object.put") == 0;
    char *json = put ? gw_object_get(self, event->kind, event->id) : NULL;
    if (json || !put)
        lab_take(&nodes->lab, event->kind, event->id, json);
    gw_free(json);
}

static void on_node_gone(struct node *node, void *data)
{
    struct nodes *nodes = data;
    walk_stop(&nodes->walk);
    processes_forget(&nodes->processes, node, NULL);
    usage_forget_node(nodes, node);
}

static void on_project_gone(struct project *project, void *data)
{
    struct nodes *nodes = data;
    walk_stop(&nodes->walk);
    processes_forget(&nodes->processes, NULL, project);
}

/* ---- Directories ----------------------------------------------------------------------------- */

static void on_step(struct gw_plugin *self, void *data)
{
    struct nodes *nodes = data;
    nodes->step = NULL;
    lab_settle(&nodes->lab, gw_monotonic_ms(self));
    if (!walk_step(&nodes->walk, STEP))
        nodes->step = gw_timer_start(self, STEP_PAUSE_MS, 0, on_step, nodes);
}

static void walk_when_due(struct nodes *nodes, int64_t now_ms)
{
    int64_t every_ms = gw_int(gw_options(nodes->system->self), "directories_every");
    bool due = nodes->walk.began_ms == 0 || now_ms - nodes->walk.began_ms >= every_ms;
    if (every_ms <= 0 || !due || nodes->step || TAILQ_EMPTY(&nodes->lab.projects))
        return;
    walk_begin(&nodes->walk, now_ms);
    nodes->step = gw_timer_start(nodes->system->self, STEP_PAUSE_MS, 0, on_step, nodes);
}

/* ---- Processes ------------------------------------------------------------------------------- */

static void scan_ended(struct nodes *nodes, int64_t now_ms)
{
    const struct counts *counts = &nodes->processes.counted;
    double row[] = {counts->total,   counts->threads, counts->running, counts->sleeping,
                    counts->waiting, counts->stopped, counts->zombies, counts->idle};
    system_row(nodes->system, &nodes->counts, "system.processes", NULL, count_fields, row);
    nodes->gap_ms = nodes->scanned_ms ? now_ms - nodes->scanned_ms : 0;
    nodes->scanned_ms = now_ms;
    lab_settle(&nodes->lab, now_ms);
    usage_sum(nodes, now_ms);
    judge_nodes(nodes, now_ms);
    strays_judge(nodes, now_ms);
    usage_tell(nodes);
}

static void on_slice(struct gw_plugin *self, void *data)
{
    struct nodes *nodes = data;
    nodes->slice = NULL;
    int64_t now_ms = gw_monotonic_ms(self);
    if (processes_step(&nodes->processes, SLICE, now_ms))
        scan_ended(nodes, now_ms);
    else
        nodes->slice = gw_timer_start(self, SLICE_PAUSE_MS, 0, on_slice, nodes);
}

static void node_turn(struct system *system, void *data)
{
    struct nodes *nodes = data;
    if (system->now_ms - nodes->lab_read_ms > READ_AGAIN_MS) {
        lab_read(&nodes->lab);
        nodes->lab_read_ms = system->now_ms;
    }
    lab_settle(&nodes->lab, system->now_ms);
    walk_when_due(nodes, system->now_ms);
    if (!nodes->slice && processes_begin(&nodes->processes) == 0)
        on_slice(system->self, nodes);
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* Nodes that were told dead in an earlier life. */
static void read_dead(struct nodes *nodes)
{
    struct node *node;
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    {
        json_t *before = system_before(nodes->system, "system.node", node->id);
        const char *status = json_string_value(json_object_get(before, "status"));
        node->dead_told = status && strcmp(status, "dead") == 0;
        json_decref(before);
    }
}

static void *node_start(struct system *system)
{
    struct nodes *nodes = calloc(1, sizeof *nodes);
    if (!nodes)
        return NULL;
    nodes->system = system;
    lab_init(&nodes->lab, system->self);
    nodes->lab.on_node_gone = on_node_gone;
    nodes->lab.on_project_gone = on_project_gone;
    nodes->lab.data = nodes;
    processes_init(&nodes->processes, system->roots.proc);
    nodes->processes.pss_every_ms = gw_int(gw_options(system->self), "pss_every");
    walk_init(&nodes->walk, &nodes->lab, system->roots.root);
    gw_subscribe(system->self, "object.*", on_object, nodes);
    lab_read(&nodes->lab);
    read_dead(nodes);
    nodes->lab_read_ms = system->now_ms;
    return nodes;
}

static void node_stop(void *data)
{
    struct nodes *nodes = data;
    if (!nodes)
        return;
    walk_stop(&nodes->walk);
    processes_fini(&nodes->processes);
    lab_fini(&nodes->lab); /* objects stay while we are away */
    free(nodes);
}

const struct part node_part = {"node", node_start, node_turn, node_stop};
