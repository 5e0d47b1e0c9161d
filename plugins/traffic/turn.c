/* turn.c - once a turn, when the sources have had time to answer: what links have carried since the
 * last one, their rates and status, and the sums of nodes and projects. */
#include "faults.h"
#include "protocols.h"
#include "status.h"
#include "traffic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STALE_TURNS = 3, TOLD_MS = 60000 };

static int64_t stale_ms(const struct traffic *traffic)
{
    return STALE_TURNS * traffic->every_ms;
}

void source_says(struct traffic *traffic, enum source_kind source, struct end *end,
                 const struct reading *reading, uint64_t life)
{
    int64_t now_ms = gw_monotonic_ms(traffic->self);
    struct meter *meter = &end->meter;
    if (end->source != source) /* other counters: they have a zero of their own */
        meter->known = false;
    /* What a killed server has left behind may still count beside its successor. */
    if (meter->known && life < meter->life && now_ms - meter->read_ms <= stale_ms(traffic))
        return;
    meter_add(meter, reading, life);
    meter->at_ms = gw_now_ms(traffic->self);
    meter->read_ms = now_ms;
    end->source = source;
    traffic->readings++;
}

static bool is_new(const struct end *end)
{
    return end->meter.known && end->meter.at_ms > end->taken_ms;
}

static void take_counts(struct counts *taken, const struct counts *now, struct counts *delta)
{
    *delta = (struct counts){now->packets - taken->packets, now->bytes - taken->bytes};
    *taken = *now;
}

struct taken {
    bool fresh[2];
    struct counts sent[2], got[2];
    uint64_t dropped[2];
};

static bool take_link(struct link *link, struct taken *taken)
{
    for (int i = 0; i < 2; i++) {
        struct end *end = &link->ends[i];
        taken->fresh[i] = is_new(end);
        if (!taken->fresh[i])
            continue;
        take_counts(&end->sent_taken, &end->meter.sent, &taken->sent[i]);
        take_counts(&end->got_taken, &end->meter.got, &taken->got[i]);
        taken->dropped[i] = end->meter.dropped - end->dropped_taken;
        end->dropped_taken = end->meter.dropped;
        end->taken_ms = end->meter.at_ms;
    }
    return taken->fresh[0] || taken->fresh[1];
}

static void add(struct counts *sum, const struct counts *more)
{
    sum->packets += more->packets;
    sum->bytes += more->bytes;
}

/* What a node has sent is what it put on the wire; where its own end does not count, what the other
 * end took off it. */
static void add_flows(struct link *link, const struct taken *taken, int64_t gap_ms)
{
    for (int i = 0; i < DIRECTIONS; i++) {
        const struct counts *delta = taken->fresh[i] ? &taken->sent[i] : &taken->got[1 - i];
        struct flow *flow = &link->flows[i];
        add(&flow->total, delta);
        flow->packets_s = gap_ms > 0 ? (double)delta->packets * 1000 / (double)gap_ms : NAN;
        flow->bytes_s = gap_ms > 0 ? (double)delta->bytes * 1000 / (double)gap_ms : NAN;
        struct node *from = link->ends[i].node, *to = link->ends[1 - i].node;
        if (from)
            add(&from->out, delta);
        if (to)
            add(&to->in, delta);
        if (link->project)
            add(&link->project->flow.total, delta);
    }
    for (int i = 0; i < 2; i++) {
        link->dropped += taken->dropped[i];
        if (link->ends[i].node)
            link->ends[i].node->dropped += taken->dropped[i];
        if (link->project)
            link->project->dropped += taken->dropped[i];
    }
}

static void choose_source(struct link *link, int64_t now_ms, int64_t stale)
{
    enum source_kind source = SOURCE_NONE;
    for (int i = 0; i < 2; i++) {
        const struct end *end = &link->ends[i];
        bool live = end->meter.known && now_ms - end->meter.read_ms <= stale;
        if (live && (source == SOURCE_NONE || end->source < source))
            source = end->source;
    }
    if (source != link->source) {
        link->source = source;
        link->changed = true;
    }
}

static void set_status(struct link *link, enum status status, int64_t wall_ms)
{
    if (link->status == status && link->since_ms > 0)
        return;
    link->status = status;
    link->since_ms = wall_ms;
    link->changed = true;
}

static void link_turn(struct traffic *traffic, struct link *link, int64_t now_ms, int64_t wall_ms)
{
    struct taken taken = {0};
    choose_source(link, now_ms, stale_ms(traffic));
    if (take_link(link, &taken)) {
        int64_t at_ms = link->ends[taken.fresh[0] ? 0 : 1].meter.at_ms;
        int64_t gap_ms = link->row_ms > 0 ? at_ms - link->row_ms : 0;
        add_flows(link, &taken, gap_ms);
        link->row_ms = at_ms;
        fault_hear(link, taken.fresh, taken.sent, taken.got, now_ms);
        series_link(traffic, link);
    } else if (link->source == SOURCE_NONE) {
        for (int i = 0; i < DIRECTIONS; i++)
            link->flows[i].packets_s = link->flows[i].bytes_s = NAN;
        link->row_ms = 0;
    }
    double packets_s = link->flows[0].packets_s + link->flows[1].packets_s;
    set_status(link, status_of_link(link->status, packets_s, traffic->active_above), wall_ms);
    fault_turn(traffic, link, now_ms);
}

/* ---- Projects -------------------------------------------------------------------------------- */

static bool is_built_in(const struct node *node)
{
    static const char *const types[] = {"ethernet_switch", "ethernet_hub", "frame_relay_switch",
                                        "atm_switch"};
    for (size_t i = 0; node && node->type && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(node->type, types[i]) == 0)
            return true;
    return false;
}

bool link_is_built_in(const struct link *link)
{
    return is_built_in(link->ends[0].node) && is_built_in(link->ends[1].node);
}

/* Nothing can flow there; or whatever does comes over another link, for built-in switches make no
 * packets of their own. */
static bool is_silent(const struct link *link)
{
    if (link->closed || link->suspended || link_is_built_in(link))
        return true;
    for (int i = 0; i < 2; i++)
        if (link->ends[i].node && link->ends[i].node->state != NODE_STARTED)
            return true;
    return false;
}

static void count_links(struct project *project, struct status_counts *counts)
{
    const struct link *link;
    bool any = false;
    project->flow.packets_s = project->flow.bytes_s = 0;
    TAILQ_FOREACH(link, &project->links, in_project)
    {
        counts->active += link->status == STATUS_ACTIVE;
        counts->idle += link->status == STATUS_IDLE;
        if (link->status == STATUS_NO_DATA) {
            bool silent = is_silent(link);
            counts->silent += silent;
            counts->blind += !silent;
            continue;
        }
        any = true;
        for (int i = 0; i < DIRECTIONS; i++) {
            project->flow.packets_s += link->flows[i].packets_s;
            project->flow.bytes_s += link->flows[i].bytes_s;
        }
    }
    if (!any)
        project->flow.packets_s = project->flow.bytes_s = NAN;
}

static void tell_status(struct traffic *traffic, const struct project *project)
{
    static const char *const texts[] = {[STATUS_ACTIVE] = "has traffic",
                                        [STATUS_IDLE] = "has no traffic",
                                        [STATUS_NO_DATA] = "cannot be seen: no data"};
    char topic[64], text[300];
    snprintf(topic, sizeof topic, "traffic.project.%s", status_name(project->status));
    snprintf(text, sizeof text, "%.200s %s", project->name, texts[project->status]);
    gw_emit(traffic->self, &(struct gw_event){.topic = topic,
                                              .severity = GW_INFO,
                                              .kind = "traffic.project",
                                              .id = project->id,
                                              .text = text});
}

static void project_turn(struct traffic *traffic, struct project *project, int64_t wall_ms)
{
    struct status_counts counts = {0};
    count_links(project, &counts);
    enum status status = project->opened ? status_of_project(&counts) : STATUS_NO_DATA;
    size_t no_data = counts.blind + counts.silent;
    if (counts.active != project->active || counts.idle != project->idle ||
        no_data != project->no_data)
        project->changed = true;
    project->active = counts.active;
    project->idle = counts.idle;
    project->no_data = no_data;
    if (status == STATUS_ACTIVE)
        project->last_traffic_ms = wall_ms;
    if (project->last_traffic_ms - project->last_told_ms >= TOLD_MS ||
        (status != project->status && project->last_traffic_ms > 0)) {
        project->last_told_ms = project->last_traffic_ms;
        project->changed = true;
    }
    if (status != STATUS_ACTIVE)
        project->active_since_ms = 0;
    else if (project->active_since_ms == 0)
        project->active_since_ms = wall_ms;
    if (status != project->status || project->since_ms == 0) {
        bool told = status != project->status;
        project->status = status;
        project->since_ms = wall_ms;
        project->changed = true;
        if (told)
            tell_status(traffic, project);
    }
    if (counts.active + counts.idle > 0)
        series_project(traffic, project);
    protocols_tell(traffic, project);
}

void turn_tell(struct traffic *traffic)
{
    struct lab *lab = &traffic->lab;
    struct link *link;
    struct node *node;
    struct project *project;
    int64_t now_ms = gw_monotonic_ms(traffic->self), wall_ms = gw_now_ms(traffic->self);
    lab_settle(lab);
    TAILQ_FOREACH(link, &lab->links, entry)
    link_turn(traffic, link, now_ms, wall_ms);
    TAILQ_FOREACH(project, &lab->projects, entry)
    project_turn(traffic, project, wall_ms);
    TAILQ_FOREACH(node, &lab->nodes, entry)
    series_node(traffic, node);
    switch_turn(traffic);
    idling_turn(traffic);
    TAILQ_FOREACH(link, &lab->links, entry)
    if (link->changed)
        object_link(traffic, link);
    TAILQ_FOREACH(project, &lab->projects, entry)
    {
        if (project->changed)
            object_project(traffic, project);
        project->renamed = false;
    }
}
