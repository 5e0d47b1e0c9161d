/* kinds.c - the kinds of objects, as documents. */
#include "traffic.h"

static const struct gw_row protocol_rows[] = {
    {.name = "name", .type = GW_STRING, .help = "Protocol, as nDPI names it"},
    {.name = "share", .type = GW_NUMBER, .unit = "%", .help = "Share of the bytes"},
    {0},
};

static const struct gw_row link_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "project", .type = GW_STRING, .help = "Id of its project's object"},
    {.name = "project_name", .type = GW_STRING, .help = "Name of its project"},
    {.name = "name", .type = GW_STRING, .help = "Both ends, as gns3.link has it"},
    {.name = "source",
     .type = GW_ENUM,
     .choices = "ubridge|dynamips|capture|none",
     .help = "Where its figures come from"},
    {.name = "why", .type = GW_STRING, .help = "Where they come from, or why there are none"},
    {.name = "status",
     .type = GW_ENUM,
     .choices = "active|idle|no_data",
     .help = "Whether it carries traffic; no_data: nobody can tell"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "When the status began"},
    {.name = "fault", .type = GW_STRING, .help = "Why it is dead; null while it is not"},
    {.name = "protocols",
     .type = GW_TABLES,
     .rows = protocol_rows,
     .help = "Shares by protocol, where packets are seen"},
    {.name = "captured", .type = GW_BOOL, .help = "Whether its packets are seen"},
    {.name = "started_capture", .type = GW_BOOL, .help = "Whether gnswatch started the capture"},
    {0},
};

static const struct gw_row idle_rows[] = {
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "Nothing has moved since"},
    {.name = "action",
     .type = GW_ENUM,
     .choices = "none|suspend|stop|snapshot",
     .help = "What will be done"},
    {.name = "at", .type = GW_TIME, .unit = "ms", .help = "When; null: nothing will be done"},
    {.name = "text", .type = GW_STRING, .help = "The same for a person"},
    {0},
};

const struct gw_row traffic_project_rows[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "status",
     .type = GW_ENUM,
     .choices = "active|idle|no_data",
     .help = "idle only when all links that could carry something are seen to carry nothing"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "When the status began"},
    {.name = "last_traffic",
     .type = GW_TIME,
     .unit = "ms",
     .help = "When traffic was last seen, to the minute while it lasts; null: not yet"},
    {.name = "links_active", .type = GW_INT, .help = "Links with traffic"},
    {.name = "links_idle", .type = GW_INT, .help = "Links without"},
    {.name = "links_no_data", .type = GW_INT, .help = "Links nobody can tell of"},
    {.name = "watched", .type = GW_BOOL, .help = "Whether the traffic switch considers it"},
    {.name = "priority", .type = GW_INT, .help = "1 to 10; the highest is looked at first"},
    {.name = "selected", .type = GW_BOOL, .help = "Whether it is the one to look at"},
    {.name = "idle",
     .type = GW_TABLE,
     .rows = idle_rows,
     .help = "Since when the lab has been idle and what follows; null while it is not"},
    {0},
};

static const struct gw_row candidate_rows[] = {
    {.name = "project", .type = GW_STRING, .help = "Id of the project"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "priority", .type = GW_INT, .help = "Priority"},
    {.name = "status", .type = GW_STRING, .help = "active, idle, no_data"},
    {.name = "score", .type = GW_NUMBER, .help = "0: was not to be had"},
    {.name = "text", .type = GW_STRING, .help = "Why"},
    {0},
};

static const struct gw_row decision_rows[] = {
    {.name = "time", .type = GW_TIME, .unit = "ms", .help = "When"},
    {.name = "from", .type = GW_STRING, .help = "Project before; null: none"},
    {.name = "to", .type = GW_STRING, .help = "Project after; null: none"},
    {.name = "text", .type = GW_STRING, .help = "Why"},
    {.name = "candidates",
     .type = GW_TABLES,
     .rows = candidate_rows,
     .help = "The opened projects, best first"},
    {0},
};

const struct gw_row traffic_switch_rows[] = {
    {.name = "mode",
     .type = GW_ENUM,
     .choices = "auto|manual|off",
     .help = "Follows traffic, stays, or selects nothing"},
    {.name = "project", .type = GW_STRING, .help = "The project to look at; null: none"},
    {.name = "name", .type = GW_STRING, .help = "Its name"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "Since when"},
    {.name = "pinned_until",
     .type = GW_TIME,
     .unit = "ms",
     .help = "Chosen by hand until then; null: not, or until told otherwise"},
    {.name = "decision", .type = GW_TABLE, .rows = decision_rows, .help = "The last change"},
    {0},
};

const struct gw_kind traffic_kinds[] = {
    {"traffic.link", "links", "What a link carries", link_rows},
    {"traffic.project", "projects", "Whether a project has traffic", traffic_project_rows},
    {"traffic.switch", "switch", "The project to look at", traffic_switch_rows},
    {0},
};
