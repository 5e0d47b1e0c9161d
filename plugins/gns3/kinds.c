/* kinds.c - the objects' documents, described. */
#include "commands.h"

static const struct gw_row server_rows[] = {
    {.name = "name", .type = GW_STRING, .help = "Its name in the options"},
    {.name = "instance", .type = GW_STRING, .help = "The gns3 instance that watches it"},
    {.name = "url", .type = GW_STRING, .help = "Where it is"},
    {.name = "version", .type = GW_STRING, .help = "Version of GNS3, empty until known"},
    {.name = "api", .type = GW_STRING, .help = "v2, v3, or empty until known"},
    {.name = "status", .type = GW_ENUM, .choices = "up|down|unauthorized|connecting",
     .help = "Whether it answers"},
    {.name = "error", .type = GW_STRING, .help = "Why it does not; null while it does"},
    {.name = "breaker", .type = GW_ENUM, .choices = "closed|open|half-open",
     .help = "Circuit breaker; closed lets requests through"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "When the status began"},
    {.name = "computes", .type = GW_INT, .help = "Number of computes"},
    {.name = "projects", .type = GW_INT, .help = "Number of projects"},
    {.name = "projects_opened", .type = GW_INT, .help = "Number of opened projects"},
    {.name = "nodes", .type = GW_INT, .help = "Number of nodes of all projects"},
    {.name = "nodes_started", .type = GW_INT, .help = "Number of started nodes"},
    {.name = "links", .type = GW_INT, .help = "Number of links"},
    {.name = "snapshots", .type = GW_INT, .help = "Number of snapshots"},
    {.name = "feed", .type = GW_ENUM, .choices = "http|none",
     .help = "How the controller's feed is followed"},
    {0},
};

static const struct gw_row compute_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "compute_id", .type = GW_STRING, .help = "GNS3's id"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "host", .type = GW_STRING, .help = "Where the controller reaches it"},
    {.name = "connected", .type = GW_BOOL, .help = "Whether the controller reaches it"},
    {.name = "last_error", .type = GW_STRING, .help = "Why not, where GNS3 says it"},
    {0},
};

static const struct gw_row project_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "project_id", .type = GW_STRING, .help = "GNS3's id"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "status", .type = GW_ENUM, .choices = "opened|closed", .help = "Status"},
    {.name = "auto_close", .type = GW_BOOL,
     .help = "GNS3 closes it when the last client leaves its feed"},
    {.name = "auto_open", .type = GW_BOOL, .help = "Opened when GNS3 starts"},
    {.name = "auto_start", .type = GW_BOOL, .help = "Its nodes start when it is opened"},
    {.name = "path", .type = GW_STRING, .help = "Directory on the server"},
    {.name = "filename", .type = GW_STRING, .help = "Its file in that directory"},
    {.name = "node_count", .type = GW_INT, .help = "Nodes"},
    {.name = "started_count", .type = GW_INT, .help = "Started nodes"},
    {.name = "stopped_count", .type = GW_INT, .help = "Stopped nodes"},
    {.name = "suspended_count", .type = GW_INT, .help = "Suspended nodes"},
    {.name = "link_count", .type = GW_INT, .help = "Links"},
    {.name = "snapshot_count", .type = GW_INT, .help = "Snapshots"},
    {.name = "drawing_count", .type = GW_INT, .help = "Drawings; null until known"},
    {.name = "opened_at", .type = GW_TIME, .unit = "ms",
     .help = "When gnswatch first saw it opened; null while it is closed"},
    {.name = "scene_width", .type = GW_INT, .help = "Width of its canvas"},
    {.name = "scene_height", .type = GW_INT, .help = "Height of its canvas"},
    {.name = "followed", .type = GW_BOOL, .help = "Whether gnswatch follows its own feed"},
    {0},
};

static const struct gw_row port_rows[] = {
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "short_name", .type = GW_STRING, .help = "Short name"},
    {.name = "adapter_number", .type = GW_INT, .help = "Adapter"},
    {.name = "port_number", .type = GW_INT, .help = "Port of the adapter"},
    {.name = "link_type", .type = GW_STRING, .help = "ethernet or serial"},
    {0},
};

static const struct gw_row node_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "project", .type = GW_STRING, .help = "Id of its project's object"},
    {.name = "project_name", .type = GW_STRING, .help = "Name of its project"},
    {.name = "node_id", .type = GW_STRING, .help = "GNS3's id now; a restore may change it"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "node_type", .type = GW_STRING, .help = "vpcs, qemu, docker, ethernet_switch …"},
    {.name = "compute_id", .type = GW_STRING, .help = "Compute it runs on"},
    {.name = "template_id", .type = GW_STRING, .help = "Template it was made from; may be null"},
    {.name = "status", .type = GW_ENUM, .choices = "started|stopped|suspended|closed",
     .help = "Status; closed while its project is closed"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "When gnswatch saw the status begin"},
    {.name = "console", .type = GW_INT, .help = "TCP port of its console; may be null"},
    {.name = "console_type", .type = GW_STRING, .help = "telnet, vnc, none …"},
    {.name = "console_host", .type = GW_STRING, .help = "Address of its console"},
    {.name = "x", .type = GW_NUMBER, .help = "Place on the canvas, from the left"},
    {.name = "y", .type = GW_NUMBER, .help = "Place on the canvas, from the top"},
    {.name = "z", .type = GW_NUMBER, .help = "Layer"},
    {.name = "width", .type = GW_NUMBER, .help = "Width of its symbol"},
    {.name = "height", .type = GW_NUMBER, .help = "Height of its symbol"},
    {.name = "symbol", .type = GW_STRING, .help = "Its symbol"},
    {.name = "ports", .type = GW_TABLES, .rows = port_rows, .help = "Its ports"},
    {.name = "command_line", .type = GW_STRING, .help = "How its emulator was started"},
    {.name = "node_directory", .type = GW_STRING, .help = "Its directory on the compute"},
    {.name = "container_id", .type = GW_STRING, .help = "Docker container; null for others"},
    {0},
};

static const struct gw_row end_rows[] = {
    {.name = "node", .type = GW_STRING, .help = "Id of the node's object"},
    {.name = "name", .type = GW_STRING, .help = "Name of the node"},
    {.name = "adapter_number", .type = GW_INT, .help = "Adapter"},
    {.name = "port_number", .type = GW_INT, .help = "Port of the adapter"},
    {.name = "label", .type = GW_STRING, .help = "Text beside the end"},
    {0},
};

static const struct gw_row link_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "project", .type = GW_STRING, .help = "Id of its project's object"},
    {.name = "project_name", .type = GW_STRING, .help = "Name of its project"},
    {.name = "link_id", .type = GW_STRING, .help = "GNS3's id now; a restore may change it"},
    {.name = "name", .type = GW_STRING, .help = "Both ends: PC1 e0 – SW1 e1"},
    {.name = "link_type", .type = GW_STRING, .help = "ethernet or serial"},
    {.name = "status", .type = GW_ENUM, .choices = "up|suspended|closed",
     .help = "Status; closed while its project is closed"},
    {.name = "filters", .type = GW_JSON, .help = "Packet filters, as GNS3 has them"},
    {.name = "capturing", .type = GW_BOOL, .help = "Whether someone captures on it"},
    {.name = "nodes", .type = GW_TABLES, .rows = end_rows, .help = "Its two ends"},
    {0},
};

static const struct gw_row template_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "template_id", .type = GW_STRING, .help = "GNS3's id"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "template_type", .type = GW_STRING, .help = "Type of the nodes made from it"},
    {.name = "category", .type = GW_STRING, .help = "guest, router, switch, firewall …"},
    {.name = "compute_id", .type = GW_STRING, .help = "Where its nodes go; null: to be said"},
    {.name = "builtin", .type = GW_BOOL, .help = "Part of GNS3"},
    {.name = "symbol", .type = GW_STRING, .help = "Its symbol"},
    {0},
};

static const struct gw_row snapshot_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "project", .type = GW_STRING, .help = "Id of its project's object"},
    {.name = "project_name", .type = GW_STRING, .help = "Name of its project"},
    {.name = "snapshot_id", .type = GW_STRING, .help = "GNS3's id now; old versions change it"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "created_at", .type = GW_TIME, .unit = "ms", .help = "When it was taken"},
    {0},
};

const struct gw_kind gns3_kinds[] = {
    {"gns3.server", "servers", "A GNS3 server", server_rows},
    {"gns3.compute", "computes", "A compute of a GNS3 server", compute_rows},
    {"gns3.project", "projects", "A project", project_rows},
    {"gns3.node", "nodes", "A node of a project", node_rows},
    {"gns3.link", "links", "A link between two nodes", link_rows},
    {"gns3.template", "templates", "A template nodes are made from", template_rows},
    {"gns3.snapshot", "snapshots", "A snapshot of a project", snapshot_rows},
    {0},
};
