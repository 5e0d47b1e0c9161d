/* usage.c - what the processes of a node take, and of a project; told as rows and objects. */
#include "match.h"
#include "node.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct gw_field node_fields[] = {
    {"cpu", GW_GAUGE, "%", "Of a core"},
    {"memory", GW_GAUGE, "By", "Resident memory (RSS), what is shared counted for each process"},
    {"pss", GW_GAUGE, "By", "The same, what is shared divided among those that share it"},
    {"processes", GW_GAUGE, "1", "Processes"},
    {"threads", GW_GAUGE, "1", "Threads"},
    {"open_files", GW_GAUGE, "1", "Open files"},
    {"read_bytes", GW_COUNTER, "By", "Read from disks"},
    {"write_bytes", GW_COUNTER, "By", "Written to disks"},
    {"directory_bytes", GW_GAUGE, "By", "Its directory on disk"},
    {"shared", GW_GAUGE, "1", "Nodes that share these processes; the figures are this one's part"},
    {0},
};

static const struct gw_field project_fields[] = {
    {"cpu", GW_GAUGE, "%", "Of a core, all nodes on this machine"},
    {"memory", GW_GAUGE, "By", "Resident memory (RSS)"},
    {"pss", GW_GAUGE, "By", "The same, what is shared divided among those that share it"},
    {"processes", GW_GAUGE, "1", "Processes"},
    {"threads", GW_GAUGE, "1", "Threads"},
    {"open_files", GW_GAUGE, "1", "Open files"},
    {"read_bytes", GW_COUNTER, "By", "Read from disks"},
    {"write_bytes", GW_COUNTER, "By", "Written to disks"},
    {"directory_bytes", GW_GAUGE, "By", "The project's directory on disk, with its snapshots"},
    {"running", GW_GAUGE, "1", "Nodes with processes on this machine"},
    {0},
};
enum { ROW = 10 };

/* ---- Sums ------------------------------------------------------------------------------------ */

/* The counters stay, the rest is summed anew. */
static void usage_clear(struct usage *usage)
{
    *usage = (struct usage){.read_bytes = usage->read_bytes, .written_bytes = usage->written_bytes};
}

static void usage_add(struct usage *to, const struct usage *from, double part)
{
    to->cpu_percent += from->cpu_percent * part;
    to->memory_bytes += from->memory_bytes * part;
    to->pss_bytes += from->pss_bytes * part;
    to->threads += from->threads * part;
    to->processes += from->processes * part;
    to->files += from->files * part;
    to->pss_known |= from->pss_known;
    to->files_known |= from->files_known;
    to->io_known |= from->io_known;
}

static void usage_take(struct nodes *nodes, struct usage *usage, const struct process *process)
{
    double seconds = (double)process->more_ticks / (double)sysconf(_SC_CLK_TCK);
    struct usage one = {.memory_bytes = process->memory_bytes,
                        .pss_bytes = isnan(process->pss_bytes) ? 0 : process->pss_bytes,
                        .threads = process->threads,
                        .processes = 1,
                        .files = isnan(process->files) ? 0 : process->files,
                        .pss_known = !isnan(process->pss_bytes),
                        .files_known = !isnan(process->files),
                        .io_known = process->io_known};
    if (nodes->gap_ms > 0)
        one.cpu_percent = seconds * 1e5 / (double)nodes->gap_ms;
    usage_add(usage, &one, 1);
    usage->read_bytes += (double)process->more_read;
    usage->written_bytes += (double)process->more_written;
}

static void add_pid(pid_t *pids, size_t *count, pid_t pid)
{
    if (*count < PIDS_MAX)
        pids[(*count)++] = pid;
}

static void take_process(struct nodes *nodes, struct process *process, int64_t now_ms)
{
    match_process(&nodes->lab, &nodes->processes, process);
    struct node *node = process->owner;
    struct project *sharer = node ? NULL : process->sharer;
    if (!node && !sharer)
        return;
    if (process->state == 'Z') {
        if (node)
            node->zombie = process->pid;
        return;
    }
    if (!process->measured) /* it has only just been recognised */
        process_measure(&nodes->processes, process, now_ms);
    struct project *project = sharer ? sharer : node->project;
    if (project) {
        project->usage.read_bytes += (double)process->more_read;
        project->usage.written_bytes += (double)process->more_written;
    }
    if (sharer) {
        usage_take(nodes, &sharer->shared, process);
        add_pid(sharer->shared_pids, &sharer->shared_count, process->pid);
        return;
    }
    usage_take(nodes, &node->usage, process);
    if (process->program == PROGRAM_UBRIDGE) {
        node->ubridge = true;
    } else if (node->how != NULL || node->pid_count == 0) {
        node->how = process->how;
    }
    if (process->program != PROGRAM_UBRIDGE)
        add_pid(node->pids, &node->pid_count, process->pid);
}

static void begin(struct nodes *nodes)
{
    struct project *project;
    struct node *node;
    TAILQ_FOREACH(project, &nodes->lab.projects, entry)
    {
        usage_clear(&project->usage);
        usage_clear(&project->shared);
        project->shared.read_bytes = project->shared.written_bytes = 0;
        project->shared_count = project->sharers = project->running = project->here = 0;
    }
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    {
        usage_clear(&node->usage);
        node->pid_count = 0;
        node->ubridge = false;
        node->how = NULL;
        node->zombie = 0;
    }
}

static bool is_served(const struct node *node)
{
    return node->state == NODE_STARTED && node->here && node->need == NEED_SHARED &&
           node->pid_count == 0;
}

/* A dynamips that may serve any router of its project: each has an equal part. */
static void share_out(struct nodes *nodes)
{
    struct node *node;
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    if (node->project && is_served(node))
        node->project->sharers++;
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    {
        struct project *project = node->project;
        if (!project || !is_served(node) || project->shared_count == 0)
            continue;
        double part = 1 / (double)project->sharers;
        usage_add(&node->usage, &project->shared, part);
        node->usage.read_bytes += project->shared.read_bytes * part;
        node->usage.written_bytes += project->shared.written_bytes * part;
    }
}

static void sum_projects(struct nodes *nodes)
{
    struct node *node;
    struct server *server;
    struct project *project;
    TAILQ_FOREACH(server, &nodes->lab.servers, entry)
    server->alive = false;
    TAILQ_FOREACH(project, &nodes->lab.projects, entry)
    if (project->sharers == 0) /* it serves switches only */
        usage_add(&project->usage, &project->shared, 1);
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    {
        project = node->project;
        if (!project || !node->here)
            continue;
        bool running = node->usage.processes > 0;
        project->running += running;
        usage_add(&project->usage, &node->usage, 1);
        if (running && project->owner)
            project->owner->alive = true;
    }
}

void usage_sum(struct nodes *nodes, int64_t now_ms)
{
    struct process *process;
    begin(nodes);
    TAILQ_FOREACH(process, &nodes->processes.list, entry)
    take_process(nodes, process, now_ms);
    share_out(nodes);
    sum_projects(nodes);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void fill_row(double row[ROW], const struct usage *usage, double directory, double last)
{
    double nan = (double)NAN;
    row[0] = usage->cpu_percent;
    row[1] = usage->memory_bytes;
    row[2] = usage->pss_known || usage->processes == 0 ? usage->pss_bytes : nan;
    row[3] = usage->processes;
    row[4] = usage->threads;
    row[5] = usage->files_known || usage->processes == 0 ? usage->files : nan;
    row[6] = usage->io_known || usage->processes == 0 ? usage->read_bytes : nan;
    row[7] = usage->io_known || usage->processes == 0 ? usage->written_bytes : nan;
    row[8] = directory;
    row[9] = last;
}

static double sharers_of(const struct node *node)
{
    const struct project *project = node->project;
    bool shared = project && is_served(node) && project->shared_count > 0;
    return shared ? (double)project->sharers : 1;
}

static void node_row(struct nodes *nodes, struct node *node)
{
    double row[ROW];
    struct gw_label labels[] = {
        {"server", node->server}, {"project", node->project->name}, {"node", node->name}, {0}};
    if (node->renamed && node->series)
        gw_series_relabel(node->series, labels);
    node->renamed = false;
    fill_row(row, &node->usage, node->directory_bytes, sharers_of(node));
    if (nodes->gap_ms == 0)
        row[0] = (double)NAN;
    system_row(nodes->system, &node->series, "system.node", labels, node_fields, row);
}

static void project_row(struct nodes *nodes, struct project *project)
{
    double row[ROW];
    struct gw_label labels[] = {{"server", project->server}, {"project", project->name}, {0}};
    if (project->renamed && project->series)
        gw_series_relabel(project->series, labels);
    fill_row(row, &project->usage, project->directory_bytes, (double)project->running);
    if (nodes->gap_ms == 0)
        row[0] = (double)NAN;
    system_row(nodes->system, &project->series, "system.project", labels, project_fields, row);
}

/* ---- Objects --------------------------------------------------------------------------------- */

static const char *status_name(enum node_status status)
{
    static const char *const names[] = {[STATUS_OFF] = "off",
                                        [STATUS_RUNNING] = "running",
                                        [STATUS_DEAD] = "dead",
                                        [STATUS_HIDDEN] = "hidden"};
    return names[status];
}

static const char *ubridge_name(enum ubridge_state state)
{
    static const char *const names[] = {[UBRIDGE_NONE] = "none",
                                        [UBRIDGE_RUNNING] = "running",
                                        [UBRIDGE_MISSING] = "missing",
                                        [UBRIDGE_HIDDEN] = "hidden"};
    return names[state];
}

static const char *why_hidden(const struct nodes *nodes)
{
    if (nodes->processes.hidden_emulators > 0)
        return "gnswatch may not see whose some processes are: root, or who runs GNS3, may";
    return "its directory is not seen on this machine";
}

static json_t *why(const struct nodes *nodes, const struct node *node)
{
    bool shared = sharers_of(node) > 1;
    if (node->zombie && node->pid_count == 0)
        return json_sprintf("process %d has ended, and its parent has not asked after it",
                            (int)node->zombie);
    if (node->status == STATUS_HIDDEN)
        return json_string(why_hidden(nodes));
    if (node->status == STATUS_DEAD)
        return json_string("no process or container is its own");
    if (node->status == STATUS_RUNNING && shared)
        return json_string("a dynamips of its project, which serves others, too");
    if (node->status == STATUS_RUNNING && node->how)
        return json_string(node->how);
    if (node->need == NEED_NOTHING)
        return json_string("a node of this kind has no process of its own");
    return json_string(node->state != NODE_STARTED ? "it is not started"
                       : node->seen                ? "its process has just gone"
                                                   : "none seen yet");
}

/* True: what its object says is what it said before. */
static bool is_old(const struct nodes *nodes, struct node *node)
{
    bool served = is_served(node) && node->project->shared_count > 0;
    int64_t facts[FACTS_MAX] = {node->status,
                                node->ubridge_state,
                                node->state,
                                (int64_t)sharers_of(node),
                                node->pid_count ? (intptr_t)node->how : 0,
                                node->zombie,
                                node->seen + 2 * (nodes->processes.hidden_emulators > 0),
                                served ? node->project->shared_pids[0] : 0};
    for (size_t i = 0; i < node->pid_count; i++)
        facts[FACTS_MAX - PIDS_MAX + i] = node->pids[i];
    bool old = node->has_object && memcmp(facts, node->facts, sizeof facts) == 0;
    memcpy(node->facts, facts, sizeof facts);
    return old;
}

static void put_object(struct nodes *nodes, struct node *node)
{
    json_t *pids = json_array();
    const pid_t *all = node->pid_count ? node->pids : node->project->shared_pids;
    size_t count = node->pid_count   ? node->pid_count
                   : is_served(node) ? node->project->shared_count
                                     : 0;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(pids, json_integer(all[i]));
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:i, s:s, s:o}", "server", node->server, "project",
                  node->project_id, "name", node->name, "status", status_name(node->status), "pids",
                  pids, "shared", (int)sharers_of(node), "ubridge",
                  ubridge_name(node->ubridge_state), "why", why(nodes, node));
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text && gw_object_put(nodes->system->self, "system.node", node->id, text) == 0)
        node->has_object = true;
    free(text);
    json_decref(json);
}

void usage_forget_node(struct nodes *nodes, struct node *node)
{
    if (node->has_object)
        gw_object_delete(nodes->system->self, "system.node", node->id);
    node->has_object = false;
    gw_series_end(node->series);
    node->series = NULL;
}

/* Objects of nodes that went while we were away. */
static void sweep(struct nodes *nodes)
{
    char *text = gw_object_list(nodes->system->self, "system.node");
    json_t *list = text ? json_loads(text, 0, NULL) : NULL, *here = json_object();
    const json_t *one;
    const struct node *node;
    size_t i;
    gw_free(text);
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    if (node->has_object)
        json_object_set_new(here, node->id, json_true());
    json_array_foreach(list, i, one)
    {
        const char *id = json_string_value(json_object_get(one, "id"));
        if (id && !json_object_get(here, id))
            gw_object_delete(nodes->system->self, "system.node", id);
    }
    json_decref(list);
    json_decref(here);
}

/* Of a simulator's nodes, or those of a server in a container of its own, nothing is to be seen. */
static bool is_shown(const struct nodes *nodes, const struct node *node)
{
    const struct project *project = node->project;
    if (!node->here || !project || !project->name || !node->name || !node->server)
        return false;
    bool known = nodes->processes.gns3 || (project->owner && project->owner->alive);
    return node->usage.processes > 0 ||
           (node->state != NODE_CLOSED && (known || node->status == STATUS_DEAD));
}

void usage_tell(struct nodes *nodes)
{
    struct node *node;
    struct project *project;
    TAILQ_FOREACH(node, &nodes->lab.nodes, entry)
    {
        if (!is_shown(nodes, node)) {
            usage_forget_node(nodes, node);
            continue;
        }
        bool renamed = node->renamed;
        node->renamed |= node->project->renamed;
        if (node->usage.processes > 0 ||
            (node->status != STATUS_HIDDEN && node->need != NEED_NOTHING)) {
            node->project->here++;
            node_row(nodes, node);
        }
        if (!is_old(nodes, node) || renamed)
            put_object(nodes, node);
    }
    TAILQ_FOREACH(project, &nodes->lab.projects, entry)
    {
        if (project->here > 0 && project->name && project->server &&
            (project->opened || project->running > 0))
            project_row(nodes, project);
        project->renamed = false;
    }
    if (nodes->gap_ms == 0)
        sweep(nodes);
}
