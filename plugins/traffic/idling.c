/* idling.c - idle labs: gathers the facts, tells, and does what the file says, by commands of the
 * gns3 plugin. Without `idle: action` in the file nothing is ever done. */
#include "traffic.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 5000 };

/* A lab that is being put to rest, step by step. */
struct stopping {
    struct stopping *next;
    struct traffic *traffic;
    char *project; /* id; owned */
    char **nodes;  /* still to be suspended; owned */
    size_t node_count, at;
    bool snapshot; /* to be taken once it is stopped */
};

static bool always_runs(const struct node *node)
{
    static const char *const types[] = {"ethernet_switch",    "ethernet_hub", "cloud", "nat",
                                        "frame_relay_switch", "atm_switch"};
    for (size_t i = 0; node->type && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(node->type, types[i]) == 0)
            return true;
    return false;
}

static void gather(struct traffic *traffic, const struct project *project, struct idle_facts *facts)
{
    const struct node *node;
    bool hidden = false;
    *facts = (struct idle_facts){.status = project->status, .cpu_percent = 0};
    if (!project->opened)
        return;
    TAILQ_FOREACH(node, &traffic->lab.nodes, entry)
    {
        if (node->project != project || node->state != NODE_STARTED || always_runs(node))
            continue;
        facts->running = true;
        if (isnan(node->cpu_percent) || node->cpu_processes == 0)
            hidden = true;
        else if (node->cpu_percent > facts->cpu_percent)
            facts->cpu_percent = node->cpu_percent;
    }
    facts->consoles = host_consoles(traffic, project);
    /* One that is busy is enough to know; for quiet all must be seen. */
    if (hidden && facts->cpu_percent <= traffic->idle.cpu_below)
        facts->cpu_percent = NAN;
}

static void tell(struct traffic *traffic, const struct project *project, const char *topic,
                 enum gw_severity severity, const char *what)
{
    char text[600];
    snprintf(text, sizeof text, "%.200s %.350s", project->name, what);
    gw_emit(traffic->self, &(struct gw_event){.topic = topic,
                                              .severity = severity,
                                              .kind = "traffic.project",
                                              .id = project->id,
                                              .text = text});
}

/* ---- Doing ----------------------------------------------------------------------------------- */

static void stopping_end(struct stopping *stopping, const char *failed)
{
    struct traffic *traffic = stopping->traffic;
    const struct project *project = lab_project(&traffic->lab, stopping->project);
    char text[400];
    snprintf(text, sizeof text, "was idle, but could not be put to rest: %.300s",
             failed ? failed : "");
    if (project && failed)
        tell(traffic, project, "traffic.lab.failed", GW_ERROR, text);
    else if (project)
        tell(traffic, project, "traffic.lab.acted", GW_NOTICE,
             traffic->idle.action == IDLE_SUSPEND ? "was idle and has been suspended"
             : stopping->snapshot ? "was idle, has been stopped, and a snapshot was taken"
                                  : "was idle and has been stopped");
    for (struct stopping **at = &traffic->stoppings; *at; at = &(*at)->next)
        if (*at == stopping) {
            *at = stopping->next;
            break;
        }
    for (size_t i = 0; i < stopping->node_count; i++)
        free(stopping->nodes[i]);
    free(stopping->nodes);
    free(stopping->project);
    free(stopping);
}

static bool ask(struct stopping *stopping, const char *command, json_t *params,
                gw_result_fn *on_result)
{
    char *text = json_dumps(params, JSON_COMPACT);
    json_decref(params);
    int error = text ? gw_ask(stopping->traffic->self, command, text, on_result, stopping) : -1;
    free(text);
    if (error < 0)
        stopping_end(stopping, "the gns3 plugin cannot be asked");
    return error >= 0;
}

static bool went_wrong(struct stopping *stopping, int error, const char *json)
{
    if (error == 0)
        return false;
    json_t *answer = json ? json_loads(json, 0, NULL) : NULL;
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    stopping_end(stopping, detail ? detail : "the gns3 plugin gave no reason");
    json_decref(answer);
    return true;
}

static void on_done(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)self;
    if (!went_wrong(data, error, json))
        stopping_end(data, NULL);
}

static void on_stopped(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct stopping *stopping = data;
    char name[64];
    struct tm tm;
    if (went_wrong(stopping, error, json))
        return;
    if (!stopping->snapshot) {
        stopping_end(stopping, NULL);
        return;
    }
    time_t now = (time_t)(gw_now_ms(self) / 1000);
    gmtime_r(&now, &tm);
    strftime(name, sizeof name, "idle-%Y%m%d-%H%M%S", &tm);
    ask(stopping, "gns3.snapshot.create",
        json_pack("{s:s,s:s}", "project", stopping->project, "name", name), on_done);
}

static void suspend_next(struct stopping *stopping);

static void on_suspended(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)self;
    struct stopping *stopping = data;
    if (went_wrong(stopping, error, json))
        return;
    stopping->at++;
    suspend_next(stopping);
}

static void suspend_next(struct stopping *stopping)
{
    if (stopping->at == stopping->node_count)
        stopping_end(stopping, NULL);
    else
        ask(stopping, "gns3.node.suspend", json_pack("{s:s}", "id", stopping->nodes[stopping->at]),
            on_suspended);
}

static void list_nodes(struct stopping *stopping, const struct project *project)
{
    const struct node *node;
    size_t count = 0;
    TAILQ_FOREACH(node, &stopping->traffic->lab.nodes, entry)
    count += node->project == project;
    stopping->nodes = calloc(count ? count : 1, sizeof *stopping->nodes);
    TAILQ_FOREACH(node, &stopping->traffic->lab.nodes, entry)
    if (stopping->nodes && node->project == project && node->state == NODE_STARTED &&
        !always_runs(node) && (stopping->nodes[stopping->node_count] = strdup(node->id)))
        stopping->node_count++;
}

static void act(struct traffic *traffic, struct project *project)
{
    struct stopping *stopping = calloc(1, sizeof *stopping);
    if (!stopping || !(stopping->project = strdup(project->id))) {
        free(stopping);
        return;
    }
    stopping->traffic = traffic;
    stopping->next = traffic->stoppings;
    traffic->stoppings = stopping;
    if (traffic->idle.action == IDLE_SUSPEND) {
        list_nodes(stopping, project);
        suspend_next(stopping);
        return;
    }
    stopping->snapshot = traffic->idle.action == IDLE_SNAPSHOT;
    ask(stopping, "gns3.project.stop_all", json_pack("{s:s}", "id", project->id), on_stopped);
}

void idling_fini(struct traffic *traffic)
{
    while (traffic->stoppings) {
        struct stopping *stopping = traffic->stoppings;
        traffic->stoppings = stopping->next;
        for (size_t i = 0; i < stopping->node_count; i++)
            free(stopping->nodes[i]);
        free(stopping->nodes);
        free(stopping->project);
        free(stopping);
    }
}

/* ---- Turns ----------------------------------------------------------------------------------- */

static void project_idles(struct traffic *traffic, struct project *project, int64_t now_ms)
{
    struct idle_facts facts;
    enum idle_step step;
    char text[200];
    gather(traffic, project, &facts);
    while ((step = idle_next(&traffic->idle, &facts, &project->idling, now_ms)) != IDLE_STEP_NONE) {
        project->changed = true;
        if (step == IDLE_STEP_IDLE) {
            snprintf(text, sizeof text, "has been idle for %lld minutes",
                     (long long)((now_ms - project->idling.since_ms) / 60000));
            tell(traffic, project, "traffic.lab.idle", GW_NOTICE, text);
        } else if (step == IDLE_STEP_WARN) {
            snprintf(text, sizeof text,
                     "is idle: %s in %lld minutes unless it is used, or kept "
                     "(traffic.project.keep)",
                     idle_action_name(traffic->idle.action),
                     (long long)(traffic->idle.warn_ms / 60000));
            tell(traffic, project, "traffic.lab.warning", GW_WARNING, text);
        } else if (step == IDLE_STEP_ACT) {
            act(traffic, project);
        }
    }
}

void idling_turn(struct traffic *traffic)
{
    struct project *project;
    int64_t now_ms = gw_now_ms(traffic->self);
    if (traffic->idle.after_ms == 0 || now_ms - traffic->idled_ms < LOOK_MS)
        return;
    traffic->idled_ms = now_ms;
    TAILQ_FOREACH(project, &traffic->lab.projects, entry)
    project_idles(traffic, project, now_ms);
}
