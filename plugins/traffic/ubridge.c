/* ubridge.c - the source for labs of this machine: finds the hypervisors GNS3 has started (uBridge:
 * one a node; dynamips: one for several routers and switches) in /proc, keeps a connection to each,
 * and asks for counters once a turn.
 *
 * A uBridge belongs to the node in whose directory it runs, or whose id is in its bridges' names:
 * with file capabilities its directory is hidden from all but root. */
#include "station.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCAN_MS = 4000,
    LIST_MS = 10000,
    RETRY_MS = 5000,
    STRANGER_MS = 60000, /* one that serves nobody we know is asked this seldom */
    BUSY_TURNS_MAX = 4,
    STATIONS_MAX = 4096,
};

struct ubridge {
    struct traffic *traffic;
    TAILQ_HEAD(, station) stations;
    size_t count;
    int64_t scanned_ms; /* monotonic; 0: scan now */
};

static void station_free(struct ubridge *ubridge, struct station *station)
{
    TAILQ_REMOVE(&ubridge->stations, station, entry);
    ubridge->count--;
    hyper_free(station->hyper);
    free(station->bridges);
    free(station->listed);
    free(station->asked);
    free(station);
}

/* ---- For bridge.c and dynamips.c ------------------------------------------------------------- */

static const char *directory_id(const char *cwd, char id[NODE_ID_BYTES])
{
    const char *slash = strrchr(cwd, '/');
    if (!slash || !is_node_id(slash + 1, strlen(slash + 1)))
        return "";
    memcpy(id, slash + 1, NODE_ID_BYTES);
    return id;
}

struct node *station_node(struct station *station, const char *node_id)
{
    char id[NODE_ID_BYTES];
    const char *cwd = station->proc.cwd;
    struct node *best = NULL;
    if (!*node_id)
        node_id = directory_id(cwd, id);
    if (!*node_id)
        return NULL;
    for (struct node *at = lab_node(&station->traffic->lab, node_id); at; at = at->twin) {
        if (!at->here)
            continue;
        if (*cwd && at->directory && strcmp(at->directory, cwd) == 0)
            return at;
        if (!best || (at->state == NODE_STARTED && best->state != NODE_STARTED))
            best = at;
    }
    return best;
}

bool station_list(struct station *station, const struct bridge *bridge)
{
    if (station->listed_count >= BRIDGES_MAX)
        return false;
    if (!station->listed)
        station->listed = calloc(BRIDGES_MAX, sizeof *station->listed);
    if (!station->listed)
        return false;
    station->listed[station->listed_count++] = *bridge;
    return true;
}

static void serve(struct node *node)
{
    if (!node)
        return;
    node->has_ubridge = true;
    node->had_ubridge = true;
}

/* Marks whom a station serves. */
static void station_serves(struct station *station)
{
    struct node *node = station_node(station, "");
    station->ours = node != NULL;
    if (station->proc.kind == PROC_DYNAMIPS)
        station->ours = strstr(station->proc.cwd, "/project-files") || !*station->proc.cwd;
    else
        serve(node);
    for (size_t i = 0; i < station->count; i++) {
        struct bridge_name name;
        bool named = station->proc.kind == PROC_UBRIDGE &&
                     bridge_name(station->bridges[i].name, &name) && *name.node_id;
        if (!named || !(node = station_node(station, name.node_id)))
            continue;
        station->ours = true;
        serve(node);
    }
}

void station_listed(struct station *station)
{
    free(station->bridges);
    station->bridges = NULL;
    station->count = 0;
    if (station->listed_count > 0)
        station->bridges = malloc(station->listed_count * sizeof *station->bridges);
    if (!station->bridges)
        return;
    memcpy(station->bridges, station->listed, station->listed_count * sizeof *station->bridges);
    station->count = station->listed_count;
    station_serves(station);
}

void station_ask(struct station *station, uint64_t tag, const char *format, ...)
{
    char command[ANSWER_NAME_MAX + 64];
    va_list list;
    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    if (station->hyper)
        hyper_ask(station->hyper, command, tag);
}

void answer_lines(const char *lines, void (*take)(const char *line, void *data), void *data)
{
    char line[512];
    while (*lines) {
        size_t bytes = strcspn(lines, "\n");
        if (bytes < sizeof line) {
            memcpy(line, lines, bytes);
            line[bytes] = '\0';
            take(line, data);
        }
        lines += bytes + (lines[bytes] == '\n');
    }
}

/* ---- Which there are ------------------------------------------------------------------------- */

static bool same_process(const struct proc *a, const struct proc *b)
{
    return a->pid == b->pid && a->started == b->started;
}

static void found_station(struct ubridge *ubridge, const struct proc *proc)
{
    struct station *station;
    TAILQ_FOREACH(station, &ubridge->stations, entry)
    if (same_process(&station->proc, proc)) {
        station->seen = true;
        return;
    }
    if (ubridge->count >= STATIONS_MAX || !(station = calloc(1, sizeof *station)))
        return;
    station->traffic = ubridge->traffic;
    station->proc = *proc;
    station->life = proc->started << 22 | ((uint64_t)proc->pid & 0x3fffff); /* later is larger */
    station->seen = true;
    if (proc->kind == PROC_DYNAMIPS &&
        !(station->asked = calloc(BRIDGES_MAX, sizeof(struct bridge)))) {
        free(station);
        return;
    }
    TAILQ_INSERT_TAIL(&ubridge->stations, station, entry);
    ubridge->count++;
}

/* CPU of whatever runs in a node's directory. */
static void found_other(struct ubridge *ubridge, const struct proc *proc)
{
    char id[NODE_ID_BYTES];
    const char *node_id = directory_id(proc->cwd, id);
    struct node *node = *node_id ? lab_node(&ubridge->traffic->lab, node_id) : NULL;
    for (; node; node = node->twin)
        if (node->here && node->directory && strcmp(node->directory, proc->cwd) == 0) {
            node->cpu_now += proc->cpu_ticks;
            node->cpu_processes++;
        }
}

static void on_proc(const struct proc *proc, void *data)
{
    struct ubridge *ubridge = data;
    if (proc->kind == PROC_OTHER)
        found_other(ubridge, proc);
    else if (ubridge->traffic->counters)
        found_station(ubridge, proc);
}

static void scan(struct ubridge *ubridge)
{
    struct station *station, *next;
    struct node *node;
    TAILQ_FOREACH(station, &ubridge->stations, entry)
    station->seen = false;
    TAILQ_FOREACH(node, &ubridge->traffic->lab.nodes, entry)
    {
        node->has_ubridge = false;
        node->cpu_now = 0;
        node->cpu_processes = 0;
    }
    procs_scan("/proc", on_proc, ubridge);
    int64_t now_ms = gw_monotonic_ms(ubridge->traffic->self);
    for (station = TAILQ_FIRST(&ubridge->stations); station; station = next) {
        next = TAILQ_NEXT(station, entry);
        if (station->seen)
            station_serves(station);
        else
            station_free(ubridge, station);
    }
    TAILQ_FOREACH(node, &ubridge->traffic->lab.nodes, entry)
    if (node->has_ubridge || !node->had_ubridge)
        node->ubridge_gone_ms = 0;
    else if (node->ubridge_gone_ms == 0)
        node->ubridge_gone_ms = now_ms;
    host_processes(ubridge->traffic);
}

/* ---- Turns ----------------------------------------------------------------------------------- */

static void station_turn(struct ubridge *ubridge, struct station *station, int64_t now_ms)
{
    if (station->hyper && (hyper_broken(station->hyper) || station->busy_turns > BUSY_TURNS_MAX)) {
        gw_log(ubridge->traffic->self, GW_DEBUG, "hypervisor %s:%d of process %d: %s",
               station->proc.host, station->proc.port, (int)station->proc.pid,
               hyper_broken(station->hyper) ? hyper_why(station->hyper) : "it does not answer");
        hyper_free(station->hyper);
        station->hyper = NULL;
        station->busy_turns = 0;
        station->retry_ms = now_ms + RETRY_MS;
        ubridge->scanned_ms = 0; /* has it died? */
    }
    if (now_ms < station->retry_ms)
        return;
    bool ubridge_kind = station->proc.kind == PROC_UBRIDGE;
    if (!station->hyper) {
        station->hyper = hyper_new(ubridge->traffic->self, station->proc.host, station->proc.port,
                                   ubridge_kind ? bridge_answer : dynamips_answer, station);
        station->list_ms = 0;
    }
    if (!station->hyper)
        return;
    if (hyper_waiting(station->hyper) > 0) {
        station->busy_turns++;
        return;
    }
    station->busy_turns = 0;
    bool list = station->list_ms == 0 || now_ms - station->list_ms >= LIST_MS;
    if (list)
        station->list_ms = now_ms;
    if (ubridge_kind)
        bridge_turn(station, list);
    else
        dynamips_turn(station, list);
}

static bool any_here(const struct lab *lab)
{
    const struct node *node;
    TAILQ_FOREACH(node, &lab->nodes, entry)
    if (node->here && node->state != NODE_CLOSED)
        return true;
    return false;
}

/* NOLINTBEGIN(clang-analyzer-unix.Malloc): what is freed has left the list before */
static void ubridge_turn(void *data)
{
    struct ubridge *ubridge = data;
    int64_t now_ms = gw_monotonic_ms(ubridge->traffic->self);
    struct station *station;
    if (!any_here(&ubridge->traffic->lab) && ubridge->count == 0)
        return;
    if (ubridge->scanned_ms == 0 || now_ms - ubridge->scanned_ms >= SCAN_MS) {
        scan(ubridge);
        ubridge->scanned_ms = now_ms;
    }
    TAILQ_FOREACH(station, &ubridge->stations, entry)
    {
        bool stranger = !station->ours && station->list_ms != 0;
        if (!stranger || now_ms - station->list_ms >= STRANGER_MS)
            station_turn(ubridge, station, now_ms);
        else if (station->hyper && hyper_waiting(station->hyper) == 0) {
            hyper_free(station->hyper); /* nothing of ours */
            station->hyper = NULL;
        }
    }
}

static void *ubridge_start(struct traffic *traffic)
{
    struct ubridge *ubridge = calloc(1, sizeof *ubridge);
    if (!ubridge)
        return NULL;
    ubridge->traffic = traffic;
    TAILQ_INIT(&ubridge->stations);
    return ubridge;
}

static void ubridge_stop(void *data)
{
    struct ubridge *ubridge = data;
    while (ubridge && !TAILQ_EMPTY(&ubridge->stations))
        station_free(ubridge, TAILQ_FIRST(&ubridge->stations));
    free(ubridge);
}

/* NOLINTEND(clang-analyzer-unix.Malloc) */

const struct source ubridge_source = {"ubridge", ubridge_start, ubridge_turn, ubridge_stop};
