/* commands.c - the table of commands: names, parameters, roles, results. What they do is in the
 * files commands_*.c. */
#include "commands.h"

enum {
    SECOND = 1000,
    NODE_MS = 250 * SECOND,
    PROJECT_MS = 300 * SECOND,
    SNAPSHOT_MS = 1860 * SECOND,
    FILE_MS = 3660 * SECOND,
};

/* NOLINTBEGIN(bugprone-macro-parentheses): what they make are initialisers */
#define ID(text)                                                                                  \
    {                                                                                             \
        .name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .min = 1, .max = 255, .help = text \
    }
#define PROJECT_ID ID("The project, by id, unique name or server/name")
#define NODE_ID    ID("The node, by id, unique name or project/name")
#define LINK_ID    ID("The link, by id, unique name or project/name")
#define SERVER                                                                                 \
    {                                                                                          \
        .name = "server", .type = GW_STRING, .flags = GW_REQUIRED, .help = "The server's name" \
    }
#define PROJECT                                                     \
    {                                                               \
        .name = "project", .type = GW_STRING, .flags = GW_REQUIRED, \
        .help = "The project, by id, unique name or server/name"    \
    }
#define NAME(text)                                                                     \
    {                                                                                  \
        .name = "name", .type = GW_STRING, .flags = GW_REQUIRED, .min = 1, .max = 100, \
        .help = text                                                                   \
    }
#define FORCE                                                                     \
    {                                                                             \
        .name = "force", .type = GW_BOOL, .def = "no",                            \
        .help = "Also where GNS3 3.0.0 to 3.0.6 will not be able to take it back" \
    }
#define FLAG(flag, text)                            \
    {                                               \
        .name = flag, .type = GW_BOOL, .help = text \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct gw_row server_id[] = {ID("The server's name"), {0}};
static const struct gw_row project_id[] = {PROJECT_ID, {0}};
static const struct gw_row node_id[] = {NODE_ID, {0}};
static const struct gw_row link_id[] = {LINK_ID, {0}};
static const struct gw_row snapshot_id[] = {ID("The snapshot, by id, unique name or project/name"),
                                            {0}};
static const struct gw_row server_only[] = {SERVER, {0}};

static const struct gw_row project_create[] = {
    SERVER,
    NAME("Its name; GNS3 refuses one that exists"),
    FLAG("auto_close", "GNS3 closes it when the last client leaves; GNS3's default is yes"),
    FLAG("auto_open", "Opened when GNS3 starts"),
    FLAG("auto_start", "Its nodes start when it is opened"),
    {0},
};

static const struct gw_row project_update[] = {
    PROJECT_ID,
    {.name = "name", .type = GW_STRING, .min = 1, .max = 100, .help = "A new name"},
    FLAG("auto_close", "GNS3 closes it when the last client leaves"),
    FLAG("auto_open", "Opened when GNS3 starts"),
    FLAG("auto_start", "Its nodes start when it is opened"),
    {0},
};

static const struct gw_row project_duplicate[] = {PROJECT_ID, NAME("Name of the copy"), {0}};

static const struct gw_row project_start_all[] = {
    PROJECT_ID,
    {.name = "order",
     .type = GW_STRINGS,
     .max = 1000,
     .help = "Names or types of nodes, in the order they are started; the others come last"},
    {.name = "parallel",
     .type = GW_INT,
     .def = "3",
     .min = 1,
     .max = 10,
     .help = "How many start at once"},
    {.name = "pause",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "0s",
     .max = 3600000,
     .help = "Wait after each group of the order; without an order after each `parallel` nodes"},
    {0},
};

static const struct gw_row project_export[] = {
    PROJECT_ID,
    {.name = "path",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 4000,
     .help = "File to write; without a leading slash in `exports` of the instance's state"},
    {0},
};

static const struct gw_row snapshot_fetch[] = {
    ID("The snapshot, by id, unique name or project/name"),
    {.name = "path",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 4000,
     .help = "File to write; without a leading slash in `exports` of the instance's state"},
    {0},
};

static const struct gw_row project_import[] = {
    SERVER,
    {.name = "path",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 4000,
     .help = "File to read; without a leading slash in `exports` of the instance's state"},
    NAME("Name of the new project"),
    {0},
};

static const struct gw_row node_create[] = {
    PROJECT,
    {.name = "template",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .help = "The template, by id or name"},
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 100,
     .help = "Its name; without, GNS3 makes one"},
    {.name = "x", .type = GW_INT, .def = "0", .help = "Place on the canvas, from the left"},
    {.name = "y", .type = GW_INT, .def = "0", .help = "Place on the canvas, from the top"},
    {.name = "compute",
     .type = GW_STRING,
     .help = "GNS3's id of the compute, for templates that name none; without, the local one"},
    {0},
};

static const struct gw_row node_update[] = {
    NODE_ID,
    {.name = "name", .type = GW_STRING, .min = 1, .max = 100, .help = "A new name"},
    {.name = "x", .type = GW_INT, .help = "Place on the canvas, from the left"},
    {.name = "y", .type = GW_INT, .help = "Place on the canvas, from the top"},
    {.name = "z", .type = GW_INT, .help = "Layer"},
    {0},
};

static const struct gw_row console_result[] = {
    {.name = "type", .type = GW_STRING, .help = "telnet, vnc, http …"},
    {.name = "host", .type = GW_STRING, .help = "Where to connect to"},
    {.name = "port", .type = GW_INT, .help = "TCP port"},
    {.name = "url", .type = GW_STRING, .help = "All of it"},
    {.name = "ready", .type = GW_BOOL, .help = "Whether the node is started"},
    {0},
};

static const struct gw_row end_rows[] = {
    {.name = "node", .type = GW_STRING, .flags = GW_REQUIRED, .help = "The node, by id or name"},
    {.name = "adapter_number", .type = GW_INT, .def = "0", .max = 1000, .help = "Adapter"},
    {.name = "port_number",
     .type = GW_INT,
     .def = "0",
     .max = 10000,
     .help = "Port of the adapter"},
    {0},
};

static const struct gw_row link_create[] = {
    PROJECT,
    {.name = "nodes",
     .type = GW_TABLES,
     .rows = end_rows,
     .flags = GW_REQUIRED,
     .min = 2,
     .max = 2,
     .help = "The two ends"},
    {0},
};

static const struct gw_row link_update[] = {
    LINK_ID,
    {.name = "filters",
     .type = GW_JSON,
     .help = "All packet filters as GNS3 has them: {\"delay\":[10,2]}; {} removes them"},
    FLAG("suspend", "Whether it passes nothing"),
    FORCE,
    {0},
};

static const struct gw_row link_suspend[] = {LINK_ID, FORCE, {0}};

static const struct gw_row snapshot_create[] = {
    PROJECT,
    NAME("Its name; GNS3 makes a file of that name"),
    {0},
};

static const struct gw_row test_result[] = {
    {.name = "server", .type = GW_STRING, .help = "Its name"},
    {.name = "version", .type = GW_STRING, .help = "Version of GNS3"},
    {.name = "api", .type = GW_STRING, .help = "v2 or v3"},
    {.name = "answer_ms", .type = GW_NUMBER, .unit = "ms", .help = "Time of the answer"},
    {0},
};

static const struct gw_row deleted_result[] = {
    {.name = "deleted", .type = GW_BOOL, .help = "Yes"},
    {0},
};

static const struct gw_row failed_rows[] = {
    {.name = "node", .type = GW_STRING, .help = "The node's id"},
    {.name = "name", .type = GW_STRING, .help = "Its name"},
    {.name = "error", .type = GW_STRING, .help = "What GNS3 said"},
    {0},
};

static const struct gw_row start_all_result[] = {
    {.name = "project", .type = GW_STRING, .help = "The project's id"},
    {.name = "asked", .type = GW_INT, .help = "Nodes that were not started"},
    {.name = "started", .type = GW_INT, .help = "Of these, started now"},
    {.name = "running", .type = GW_INT, .help = "Started nodes of the project"},
    {.name = "failed", .type = GW_TABLES, .rows = failed_rows, .help = "What could not start"},
    {0},
};

static const struct gw_row stop_all_result[] = {
    {.name = "project", .type = GW_STRING, .help = "The project's id"},
    {.name = "nodes", .type = GW_INT, .help = "Nodes of the project"},
    {.name = "running", .type = GW_INT, .help = "Nodes that always run: switches, clouds"},
    {0},
};

static const struct gw_row export_result[] = {
    {.name = "path", .type = GW_STRING, .help = "The file"},
    {.name = "bytes", .type = GW_INT, .unit = "By", .help = "Its size"},
    {0},
};

static const struct gw_row sync_result[] = {
    {.name = "project", .type = GW_JSON, .help = "Its gns3.project object"},
    {.name = "nodes", .type = GW_JSON, .help = "Its gns3.node objects"},
    {.name = "snapshots", .type = GW_JSON, .help = "Its gns3.snapshot objects"},
    {0},
};

static const struct gw_row restore_result[] = {
    {.name = "project", .type = GW_STRING, .help = "The project's id"},
    {.name = "nodes", .type = GW_INT, .help = "Nodes now"},
    {.name = "links", .type = GW_INT, .help = "Links now"},
    {.name = "ids_changed", .type = GW_BOOL, .help = "GNS3 gave new ids; objects keep theirs"},
    {.name = "warning", .type = GW_STRING, .help = "What a restore does"},
    {0},
};

static const struct gw_row templates_result[] = {
    {.name = "templates", .type = GW_JSON, .help = "gns3.template objects"},
    {0},
};

static const struct gw_row capture_read[] = {
    LINK_ID,
    {.name = "path",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 4000,
     .help = "A pipe (mkfifo) of gnswatch's user that is being read; it is closed when the stream "
             "ends"},
    {0},
};

static const struct gw_row capture_result[] = {
    {.name = "capturing", .type = GW_BOOL, .help = "It captures now"},
    {.name = "started", .type = GW_BOOL, .help = "No: somebody had started it before"},
    {0},
};

static const struct gw_row capture_read_result[] = {
    {.name = "reading", .type = GW_BOOL, .help = "What is captured goes into the pipe"},
    {0},
};

const struct gw_command gns3_commands[] = {
    {"gns3.server.test", "Ask the server once, with its credentials", GW_OPERATOR, server_id,
     test_result, command_server_test, 30 * SECOND},
    {"gns3.server.sync", "Read everything of the server again", GW_OPERATOR, server_id, NULL,
     command_server_sync, PROJECT_MS},
    {"gns3.project.create", "Make an empty project", GW_OPERATOR, project_create, NULL,
     command_project_create, PROJECT_MS},
    {"gns3.project.update", "Change a project's name or switches", GW_OPERATOR, project_update,
     NULL, command_project_update, PROJECT_MS},
    {"gns3.project.delete", "Delete a project with all its files", GW_ADMIN, project_id,
     deleted_result, command_project_delete, PROJECT_MS},
    {"gns3.project.open", "Open a project", GW_OPERATOR, project_id, NULL, command_project_open,
     PROJECT_MS},
    {"gns3.project.close", "Close a project; its nodes are stopped", GW_OPERATOR, project_id, NULL,
     command_project_close, PROJECT_MS},
    {"gns3.project.duplicate", "Copy a project", GW_OPERATOR, project_duplicate, NULL,
     command_project_duplicate, PROJECT_MS},
    {"gns3.project.start_all", "Start all nodes, in order and a few at once", GW_OPERATOR,
     project_start_all, start_all_result, command_project_start_all, FILE_MS},
    {"gns3.project.stop_all", "Stop all nodes", GW_OPERATOR, project_id, stop_all_result,
     command_project_stop_all, PROJECT_MS},
    {"gns3.project.sync", "Read a project's nodes and snapshots again", GW_OPERATOR, project_id,
     sync_result, command_project_sync, PROJECT_MS},
    {"gns3.project.export", "Write a stopped project into a file", GW_ADMIN, project_export,
     export_result, command_project_export, FILE_MS},
    {"gns3.project.import", "Make a project from an exported file", GW_ADMIN, project_import, NULL,
     command_project_import, FILE_MS},
    {"gns3.node.create", "Make a node from a template", GW_OPERATOR, node_create, NULL,
     command_node_create, NODE_MS},
    {"gns3.node.update", "Rename or move a node", GW_OPERATOR, node_update, NULL,
     command_node_update, 0},
    {"gns3.node.start", "Start a node", GW_OPERATOR, node_id, NULL, command_node_start, NODE_MS},
    {"gns3.node.stop", "Stop a node", GW_OPERATOR, node_id, NULL, command_node_stop, NODE_MS},
    {"gns3.node.suspend", "Suspend a node, where its type can be", GW_OPERATOR, node_id, NULL,
     command_node_suspend, NODE_MS},
    {"gns3.node.reload", "Stop a node and start it again", GW_OPERATOR, node_id, NULL,
     command_node_reload, NODE_MS},
    {"gns3.node.delete", "Delete a node with its files and links", GW_OPERATOR, node_id,
     deleted_result, command_node_delete, NODE_MS},
    {"gns3.node.console", "Where a node's console is", GW_OPERATOR, node_id, console_result,
     command_node_console, 0},
    {"gns3.link.create", "Connect two nodes", GW_OPERATOR, link_create, NULL, command_link_create,
     0},
    {"gns3.link.update", "Set a link's packet filters", GW_OPERATOR, link_update, NULL,
     command_link_update, 0},
    {"gns3.link.suspend", "Let a link pass nothing", GW_OPERATOR, link_suspend, NULL,
     command_link_suspend, 0},
    {"gns3.link.resume", "Let a suspended link pass again", GW_OPERATOR, link_id, NULL,
     command_link_resume, 0},
    {"gns3.link.capture", "Start a capture on a link, and leave it running", GW_OPERATOR, link_id,
     capture_result, command_link_capture, 0},
    {"gns3.link.capture_read", "Stream a link's capture into a pipe", GW_ADMIN, capture_read,
     capture_read_result, command_link_capture_read, 0},
    {"gns3.link.delete", "Delete a link", GW_OPERATOR, link_id, deleted_result, command_link_delete,
     0},
    {"gns3.snapshot.create", "Take a snapshot of a stopped project", GW_OPERATOR, snapshot_create,
     NULL, command_snapshot_create, SNAPSHOT_MS},
    {"gns3.snapshot.restore", "Put a project back to a snapshot; all nodes are stopped",
     GW_OPERATOR, snapshot_id, restore_result, command_snapshot_restore, SNAPSHOT_MS},
    {"gns3.snapshot.delete", "Delete a snapshot", GW_ADMIN, snapshot_id, deleted_result,
     command_snapshot_delete, 0},
    {"gns3.snapshot.fetch", "Write a snapshot's archive into a file", GW_ADMIN, snapshot_fetch,
     export_result, command_snapshot_fetch, FILE_MS},
    {"gns3.template.list", "The templates of a server, read now", GW_OPERATOR, server_only,
     templates_result, command_template_list, 0},
    {0},
};
