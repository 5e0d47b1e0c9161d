/* series.c - the rows. Counters never fall while the instance runs; they begin at zero with it. */
#include "traffic.h"

static const struct gw_field link_fields[] = {
    {"ab_packets", GW_COUNTER, "{packet}", "Packets from the link's first end to its second"},
    {"ab_bytes", GW_COUNTER, "By", "Bytes from the link's first end to its second"},
    {"ba_packets", GW_COUNTER, "{packet}", "Packets from the link's second end to its first"},
    {"ba_bytes", GW_COUNTER, "By", "Bytes from the link's second end to its first"},
    {"drops", GW_COUNTER, "{packet}", "Packets lost at its ends: taken in and not given out"},
    {0},
};

static const struct gw_field node_fields[] = {
    {"in_packets", GW_COUNTER, "{packet}", "Packets its links brought it"},
    {"in_bytes", GW_COUNTER, "By", "Bytes its links brought it"},
    {"out_packets", GW_COUNTER, "{packet}", "Packets it sent over its links"},
    {"out_bytes", GW_COUNTER, "By", "Bytes it sent over its links"},
    {"drops", GW_COUNTER, "{packet}", "Packets lost at its ends of links"},
    {0},
};

static const struct gw_field project_fields[] = {
    {"packets", GW_COUNTER, "{packet}", "Packets over all its links"},
    {"bytes", GW_COUNTER, "By", "Bytes over all its links"},
    {"drops", GW_COUNTER, "{packet}", "Packets lost at its links' ends"},
    {"active", GW_GAUGE, "1", "1 while it has traffic, 0 while it is idle"},
    {0},
};

static struct gw_series *series(struct traffic *traffic, struct gw_series **place,
                                const char *measurement, const char *thing, const char *name,
                                const struct project *project, const struct gw_field *fields,
                                bool renamed)
{
    struct gw_label labels[] = {
        {"server", project->server}, {"project", project->name}, {thing, name}, {0}};
    if (!thing)
        labels[2] = (struct gw_label){0};
    if (!*place)
        *place = gw_series_get(traffic->self, measurement, labels, fields, 0);
    else if (renamed)
        gw_series_relabel(*place, labels);
    return *place;
}

void series_link(struct traffic *traffic, struct link *link)
{
    const struct counts *ab = &link->flows[0].total, *ba = &link->flows[1].total;
    if (!link->project)
        return;
    const double row[] = {(double)ab->packets, (double)ab->bytes, (double)ba->packets,
                          (double)ba->bytes, (double)link->dropped};
    gw_set_at(series(traffic, &link->series, "traffic.link", "link", link->name, link->project,
                     link_fields, link->renamed || link->project->renamed),
              link->row_ms, row);
    link->renamed = false;
}

static bool node_has_data(const struct node *node)
{
    for (size_t i = 0; i < node->end_count; i++)
        if (node->links[i]->status != STATUS_NO_DATA)
            return true;
    return false;
}

void series_node(struct traffic *traffic, struct node *node)
{
    if (!node->project || !node->name || !node_has_data(node))
        return;
    const double row[] = {(double)node->in.packets, (double)node->in.bytes,
                          (double)node->out.packets, (double)node->out.bytes,
                          (double)node->dropped};
    gw_set(series(traffic, &node->series, "traffic.node", "node", node->name, node->project,
                  node_fields, node->renamed || node->project->renamed),
           row);
    node->renamed = false;
}

void series_project(struct traffic *traffic, struct project *project)
{
    const double row[] = {(double)project->flow.total.packets, (double)project->flow.total.bytes,
                          (double)project->dropped, project->status == STATUS_ACTIVE};
    gw_set(series(traffic, &project->series, "traffic.project", NULL, NULL, project, project_fields,
                  project->renamed),
           row);
}
