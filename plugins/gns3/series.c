/* series.c - see series.h. A row is what is known now; what is not known (a server that is down, a
 * list that is late) gives no row, so that charts show a gap. */
#include "series.h"

#include "operation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FRESH_TURNS = 4 }; /* a list older than this many of its turns is no knowledge */

static const struct gw_field server_fields[] = {
    {"up", GW_GAUGE, "1", "1 while the server answers"},
    {"latency_ms", GW_GAUGE, "ms", "Mean time of an answer"},
    {"breaker", GW_GAUGE, "1", "Circuit breaker: 0 closed, 1 half-open, 2 open"},
    {"projects", GW_GAUGE, "1", "Projects"},
    {"projects_opened", GW_GAUGE, "1", "Opened projects"},
    {"nodes", GW_GAUGE, "1", "Nodes of all projects"},
    {"nodes_started", GW_GAUGE, "1", "Started nodes"},
    {"links", GW_GAUGE, "1", "Links of all projects"},
    {0},
};

static const struct gw_field compute_fields[] = {
    {"connected", GW_GAUGE, "1", "1 while the controller reaches the compute"},
    {"cpu", GW_GAUGE, "%", "CPU in use, of the whole machine"},
    {"memory", GW_GAUGE, "%", "Memory in use"},
    {"swap", GW_GAUGE, "%", "Swap in use"},
    {"disk", GW_GAUGE, "%", "Disk of the projects in use"},
    {"load1", GW_GAUGE, "%", "Load of the last minute, percent of the cores"},
    {"load5", GW_GAUGE, "%", "Load of the last 5 minutes, percent of the cores"},
    {"load15", GW_GAUGE, "%", "Load of the last 15 minutes, percent of the cores"},
    {"memory_used_bytes", GW_GAUGE, "By", "Memory in use"},
    {"memory_total_bytes", GW_GAUGE, "By", "Memory of the machine"},
    {0},
};

static const struct gw_field project_fields[] = {
    {"opened", GW_GAUGE, "1", "1 while the project is opened"},
    {"nodes", GW_GAUGE, "1", "Nodes"},
    {"started", GW_GAUGE, "1", "Started nodes"},
    {"stopped", GW_GAUGE, "1", "Stopped nodes"},
    {"suspended", GW_GAUGE, "1", "Suspended nodes"},
    {"links", GW_GAUGE, "1", "Links"},
    {"snapshots", GW_GAUGE, "1", "Snapshots"},
    {"open_seconds", GW_GAUGE, "s", "Time since the project was opened, as seen by gnswatch"},
    {0},
};

static const struct gw_field node_fields[] = {
    {"started", GW_GAUGE, "1", "1 while the node is started"},
    {"suspended", GW_GAUGE, "1", "1 while the node is suspended"},
    {"state_seconds", GW_GAUGE, "s", "Time in this state, as seen by gnswatch"},
    {0},
};

/* ---- Labels: a handle must have one writer, so a second thing of the same name gets none ----- */

static bool project_name_taken(const struct project *project)
{
    const struct server *server = project->server;
    for (size_t i = 0; i < server->project_count; i++) {
        const struct project *other = server->projects[i];
        if (other != project && other->series && strcmp(other->name, project->name) == 0)
            return true;
    }
    return false;
}

static bool node_name_taken(const struct node *node)
{
    const struct project *project = node->project;
    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *other = project->nodes[i];
        if (other != node && other->series && strcmp(other->name, node->name) == 0)
            return true;
    }
    return false;
}

static void series_project(struct project *project)
{
    const struct gw_label labels[] = {
        {"server", project->server->name}, {"project", project->name}, {0}};
    if (!project->series && !project_name_taken(project))
        project->series =
            gw_series_get(project->server->gns3->self, "gns3.project", labels, project_fields, 0);
}

static void series_node(struct node *node)
{
    struct project *project = node->project;
    const struct gw_label labels[] = {
        {"server", project->server->name}, {"project", project->name}, {"node", node->name}, {0}};
    /* Without the project's own handle its name is another one's: so are those of its nodes. */
    if (!node->series && project->series && !node_name_taken(node))
        node->series =
            gw_series_get(project->server->gns3->self, "gns3.node", labels, node_fields, 0);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static double seconds_since(const struct server *server, int64_t since_ms)
{
    double seconds = (double)(gw_now_ms(server->gns3->self) - since_ms) / 1000;
    return since_ms && seconds > 0 ? seconds : 0;
}

/* With a hundred opened projects a turn takes longer than `every`. */
static bool fresh(const struct job *job)
{
    const struct gns3 *gns3 = job->server->gns3;
    int64_t turn = job->turn_ms > gns3->every_ms ? job->turn_ms : gns3->every_ms;
    return job->ok_ms && gw_monotonic_ms(gns3->self) - job->ok_ms < FRESH_TURNS * turn;
}

static void row_node(struct node *node)
{
    series_node(node);
    double row[] = {node->status == NODE_STARTED, node->status == NODE_SUSPENDED,
                    seconds_since(node->project->server, node->since_ms)};
    gw_set(node->series, row);
}

static void row_project(struct project *project, size_t *started)
{
    size_t counts[NODE_CLOSED + 1] = {0};
    for (size_t i = 0; i < project->node_count; i++)
        counts[project->nodes[i]->status]++;
    *started += counts[NODE_STARTED];
    series_project(project);
    double row[] = {project->opened,
                    (double)project->node_count,
                    (double)counts[NODE_STARTED],
                    (double)counts[NODE_STOPPED],
                    (double)counts[NODE_SUSPENDED],
                    (double)project->link_count,
                    (double)project->snapshot_count,
                    project->opened ? seconds_since(project->server, project->opened_ms) : 0};
    if (project->jobs[0].ok_ms)
        gw_set(project->series, row);
    if (project->opened && fresh(&project->jobs[0]))
        for (size_t i = 0; i < project->node_count; i++)
            if (project->nodes[i]->status != NODE_CLOSED)
                row_node(project->nodes[i]);
}

static void row_compute(struct compute *compute)
{
    struct server *server = compute->server;
    struct gns3 *gns3 = server->gns3;
    if (!compute->known)
        return;
    const struct gw_label labels[] = {
        {"server", server->name}, {"compute", compute->compute_id}, {0}};
    if (!compute->series)
        compute->series = gw_series_get(gns3->self, "gns3.compute", labels, compute_fields, 0);
    int64_t now = gw_monotonic_ms(gns3->self), old = 3 * gns3->statistics_every_ms;
    bool statistics = compute->statistics_ms && now - compute->statistics_ms < old;
    bool feed = statistics || (compute->feed_ms && now - compute->feed_ms < old);
    double row[] = {compute->connected,
                    feed ? compute->cpu : NAN,
                    feed ? compute->memory : NAN,
                    statistics ? compute->swap : NAN,
                    feed ? compute->disk : NAN,
                    statistics ? compute->load[0] : NAN,
                    statistics ? compute->load[1] : NAN,
                    statistics ? compute->load[2] : NAN,
                    statistics ? compute->used_bytes : NAN,
                    statistics ? compute->total_bytes : NAN};
    gw_set(compute->series, row);
}

static double breaker_number(const struct client *client)
{
    enum breaker_state state = client_breaker(client);
    return state == BREAKER_OPEN ? 2 : state == BREAKER_HALF_OPEN ? 1 : 0;
}

static void row_server(struct server *server, size_t started)
{
    const struct gw_label labels[] = {{"server", server->name}, {0}};
    if (!server->series)
        server->series = gw_series_get(server->gns3->self, "gns3.server", labels, server_fields, 0);
    bool up = server->state == CLIENT_UP, known = up && server->jobs[0].ok_ms;
    size_t opened = 0, nodes = 0, links = 0;
    for (size_t i = 0; i < server->project_count; i++) {
        opened += server->projects[i]->opened;
        nodes += server->projects[i]->node_count;
        links += server->projects[i]->link_count;
    }
    double row[] = {up,
                    up ? client_latency_ms(server->client) : NAN,
                    breaker_number(server->client),
                    known ? (double)server->project_count : NAN,
                    known ? (double)opened : NAN,
                    known ? (double)nodes : NAN,
                    known ? (double)started : NAN,
                    known ? (double)links : NAN};
    gw_set(server->series, row);
}

void series_tick(struct server *server)
{
    size_t started = 0;
    if (server->state == CLIENT_UP) {
        for (size_t i = 0; i < server->project_count; i++)
            row_project(server->projects[i], &started);
        for (size_t i = 0; i < server->compute_count; i++)
            row_compute(server->computes[i]);
    }
    row_server(server, started);
    operation_tick(server);
    client_report(server->client);
}

/* ---- New names, ends ------------------------------------------------------------------------- */

void series_rename_node(struct node *node)
{
    struct project *project = node->project;
    if (!node->series)
        return;
    const struct gw_label labels[] = {
        {"server", project->server->name}, {"project", project->name}, {"node", node->name}, {0}};
    if (node_name_taken(node) || gw_series_relabel(node->series, labels) < 0)
        series_end_node(node); /* two nodes change names: the next row finds the right history */
}

void series_rename_project(struct project *project)
{
    if (!project->series)
        return;
    const struct gw_label labels[] = {
        {"server", project->server->name}, {"project", project->name}, {0}};
    bool taken = project_name_taken(project) || gw_series_relabel(project->series, labels) < 0;
    for (size_t i = 0; i < project->node_count; i++)
        if (taken)
            series_end_node(project->nodes[i]);
        else
            series_rename_node(project->nodes[i]);
    if (taken)
        series_end_project(project);
}

void series_end_project(struct project *project)
{
    if (project->series)
        gw_series_end(project->series);
    project->series = NULL;
}

void series_end_node(struct node *node)
{
    if (node->series)
        gw_series_end(node->series);
    node->series = NULL;
}

void series_end_compute(struct compute *compute)
{
    if (compute->series)
        gw_series_end(compute->series);
    compute->series = NULL;
}
