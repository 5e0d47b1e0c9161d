/* options.c - see options.h. */
#include "options.h"

static json_t *value_json(const struct gw_values *values, const struct gw_row *row)
{
    json_t *list;
    switch (row->type) {
    case GW_BOOL:
        return json_boolean(gw_bool(values, row->name));
    case GW_INT:
    case GW_DURATION:
    case GW_SIZE:
    case GW_TIME:
        return json_integer(gw_int(values, row->name));
    case GW_NUMBER:
        return json_real(gw_number(values, row->name));
    case GW_STRINGS:
        list = json_array();
        for (size_t i = 0; i < gw_count(values, row->name); i++)
            json_array_append_new(list, json_string(gw_string_at(values, row->name, i)));
        return list;
    case GW_TABLES:
        list = json_array();
        for (size_t i = 0; i < gw_count(values, row->name); i++)
            json_array_append_new(list, options_json(gw_table_at(values, row->name, i), row->rows));
        return list;
    case GW_TABLE:
        return options_json(gw_table_at(values, row->name, 0), row->rows);
    case GW_JSON:
        return json_loads(gw_string(values, row->name), JSON_DECODE_ANY, NULL);
    default:
        return json_string(gw_string(values, row->name));
    }
}

json_t *options_json(const struct gw_values *values, const struct gw_row *rows)
{
    json_t *json = json_object();
    for (const struct gw_row *row = rows; values && row->name; row++)
        if (gw_has(values, row->name))
            json_object_set_new(json, row->name, value_json(values, row));
    return json;
}

/* Rules have no defaults here: what is missing is the built-in rule's of the same name, or what
 * rule.c says. */
static const struct gw_row delay_rows[] = {
    {.name = "up", .type = GW_DURATION, .help = "Before a change for the worse is told"},
    {.name = "down", .type = GW_DURATION, .help = "Before a change for the better is told"},
    {.name = "multiplier",
     .type = GW_NUMBER,
     .min = 1,
     .max = 100,
     .help = "The delay grows by this each time the level changes before it is over"},
    {.name = "max", .type = GW_DURATION, .help = "The longest delay; an hour unless said"},
    {0},
};

static const struct gw_row rule_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 80,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .help = "Its name, the label alertname; that of a built-in rule changes only what is said"},
    {.name = "enabled", .type = GW_BOOL, .help = "no: it does not run"},
    {.name = "kind",
     .type = GW_ENUM,
     .choices = "threshold|rate|absence|change|forecast|event|object",
     .help = "What it does; required unless it changes a built-in rule"},
    {.name = "title", .type = GW_STRING, .max = 200, .help = "A few words for a person"},
    {.name = "series",
     .type = GW_STRING,
     .max = 200,
     .help = "Pattern of the measurements it watches, such as gns3.compute or anomaly.*"},
    {.name = "field", .type = GW_STRING, .max = 20, .help = "Which value of the series"},
    {.name = "match",
     .type = GW_STRINGS,
     .max = 20,
     .help = "Labels it applies to: node=PC1, node!=PC1, project=~net-.*, project!~tmp.*"},
    {.name = "over", .type = GW_DURATION, .max = 2592000000, .help = "Window it looks back"},
    {.name = "as",
     .type = GW_ENUM,
     .choices = "last|average|min|max",
     .help = "What of the window a threshold is compared with; average when there is a window"},
    {.name = "per",
     .type = GW_DURATION,
     .min = 1,
     .max = 86400000,
     .help = "Unit of time of a rate of growth; 1s unless said"},
    {.name = "baseline",
     .type = GW_DURATION,
     .max = 2592000000,
     .help = "Stretch before the window that a change is measured against; 1h unless said"},
    {.name = "absolute",
     .type = GW_BOOL,
     .help = "yes: a change is in the unit of the value, not in percent"},
    {.name = "op",
     .type = GW_ENUM,
     .choices = ">|>=|<|<=|=|!=",
     .help = "How the value is compared with the limits; > unless said"},
    {.name = "warning", .type = GW_NUMBER, .help = "Limit of a warning"},
    {.name = "critical", .type = GW_NUMBER, .help = "Limit of a critical alert"},
    {.name = "clear", .type = GW_NUMBER, .help = "It ends only on the other side of this"},
    {.name = "clear_critical",
     .type = GW_NUMBER,
     .help = "It stays critical until the other side of this"},
    {.name = "at_least",
     .type = GW_NUMBER,
     .help = "Below this value a change or a forecast is no problem"},
    {.name = "unit", .type = GW_STRING, .max = 20, .help = "Unit in texts, unless the field's"},
    {.name = "reaches", .type = GW_NUMBER, .help = "The value a forecast looks for"},
    {.name = "warning_within",
     .type = GW_DURATION,
     .help = "A forecast is a warning when it reaches the value within this time"},
    {.name = "critical_within", .type = GW_DURATION, .help = "And critical within this time"},
    {.name = "clear_within", .type = GW_DURATION, .help = "And ends only beyond this time"},
    {.name = "no_data",
     .type = GW_ENUM,
     .choices = "hold|unknown|resolve",
     .help = "When rows stop: hold what is, fire as unknown, or resolve; hold unless said"},
    {.name = "no_data_after",
     .type = GW_DURATION,
     .help = "Silence that counts as no data; five intervals of the series unless said"},
    {.name = "topic",
     .type = GW_STRING,
     .max = 200,
     .help = "Pattern of the events it is about, such as gns3.node.crashed"},
    {.name = "clear_topic",
     .type = GW_STRINGS,
     .max = 8,
     .help = "Events of the same subject "
             "that end it"},
    {.name = "clear_when",
     .type = GW_STRINGS,
     .max = 8,
     .help = "Conditions of the subject's object that end it: status = started"},
    {.name = "clear_after", .type = GW_DURATION, .help = "It ends this long after its last event"},
    {.name = "count",
     .type = GW_INT,
     .min = 1,
     .max = 100,
     .help = "As many events of one subject within `over` make it; 1 unless said"},
    {.name = "least",
     .type = GW_ENUM,
     .choices = "debug|info|notice|warning|error|critical",
     .help = "Events below this severity do not count"},
    {.name = "object", .type = GW_STRING, .max = 100, .help = "The kind of object it looks at"},
    {.name = "when",
     .type = GW_STRINGS,
     .max = 8,
     .help = "Conditions that hold together: status = stopped, project.status = opened"},
    {.name = "from",
     .type = GW_STRING,
     .max = 200,
     .help = "The first condition's member must have changed from this"},
    {.name = "severity",
     .type = GW_ENUM,
     .choices = "warning|critical",
     .help = "Of absence, event and object rules; warning unless said"},
    {.name = "for", .type = GW_DURATION, .help = "As long it must hold before it fires"},
    {.name = "critical_for",
     .type = GW_DURATION,
     .help = "As long it must be critical; the same as `for` unless said"},
    {.name = "keep_firing_for",
     .type = GW_DURATION,
     .help = "It goes on for this long after it last held"},
    {.name = "delay",
     .type = GW_TABLE,
     .rows = delay_rows,
     .help = "How long changes of the level are not told, longer while it flaps"},
    {.name = "inhibits",
     .type = GW_BOOL,
     .help = "yes: it explains alerts of what is below, which are then not told"},
    {.name = "labels", .type = GW_JSON, .help = "Further labels, a map of names and texts"},
    {.name = "summary", .type = GW_STRING, .max = 1000, .help = "One line, a template"},
    {.name = "description", .type = GW_STRING, .max = 2000, .help = "Several lines, a template"},
    {0},
};

static const struct gw_row send_rows[] = {
    {.name = "command",
     .type = GW_STRING,
     .min = 3,
     .max = 100,
     .flags = GW_REQUIRED,
     .help = "A command that takes a notification: email.send, mqtt.send, webhook.send"},
    {.name = "with", .type = GW_JSON, .help = "Its other parameters, a map"},
    {0},
};

static const struct gw_row receiver_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 80,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .help = "Its name, for routes"},
    {.name = "send",
     .type = GW_TABLES,
     .min = 1,
     .max = 10,
     .rows = send_rows,
     .flags = GW_REQUIRED,
     .help = "What a notification is given to"},
    {0},
};

static const struct gw_row escalate_rows[] = {
    {.name = "after",
     .type = GW_DURATION,
     .min = 1000,
     .max = 2592000000,
     .flags = GW_REQUIRED,
     .help = "Time since the problem began"},
    {.name = "receiver", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Who is told then, too"},
    {.name = "severity",
     .type = GW_ENUM,
     .choices = "warning|critical",
     .def = "warning",
     .help = "Only alerts as bad as this"},
    {0},
};

static const struct gw_row route_rows[] = {
    {.name = "match", .type = GW_STRINGS, .max = 20, .help = "Labels of its alerts; none: all"},
    {.name = "receivers",
     .type = GW_STRINGS,
     .max = 20,
     .help = "Names of receivers; none: nobody is told"},
    {.name = "continue",
     .type = GW_BOOL,
     .def = "no",
     .help = "yes: routes below are looked at too"},
    {.name = "group_by", .type = GW_STRINGS, .max = 8, .help = "Overrides the general one"},
    {.name = "group_wait", .type = GW_DURATION, .help = "Overrides the general one"},
    {.name = "group_interval", .type = GW_DURATION, .help = "Overrides the general one"},
    {.name = "repeat_interval", .type = GW_DURATION, .help = "Overrides the general one"},
    {.name = "escalate",
     .type = GW_TABLES,
     .max = 10,
     .rows = escalate_rows,
     .help = "Who else is told when a problem lasts and nobody acknowledges it"},
    {0},
};

static const struct gw_row inhibit_rows[] = {
    {.name = "source",
     .type = GW_STRINGS,
     .min = 1,
     .max = 20,
     .flags = GW_REQUIRED,
     .help = "Labels of the alert that explains others"},
    {.name = "target",
     .type = GW_STRINGS,
     .min = 1,
     .max = 20,
     .flags = GW_REQUIRED,
     .help = "Labels of those that are not told meanwhile"},
    {.name = "equal", .type = GW_STRINGS, .max = 8, .help = "Labels both must have alike"},
    {0},
};

static const struct gw_row window_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 80,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .help = "Its name"},
    {.name = "match", .type = GW_STRINGS, .max = 20, .help = "Labels of its alerts; none: all"},
    {.name = "schedule",
     .type = GW_CRON,
     .flags = GW_REQUIRED,
     .help = "When it begins, as cron: 0 22 * * sun"},
    {.name = "zone", .type = GW_ZONE, .def = "", .help = "Time zone of the schedule"},
    {.name = "duration",
     .type = GW_DURATION,
     .min = 60000,
     .max = 2592000000,
     .flags = GW_REQUIRED,
     .help = "How long it lasts"},
    {0},
};

const struct gw_row alert_options[] = {
    {.name = "defaults",
     .type = GW_BOOL,
     .def = "yes",
     .help = "The built-in rules run, besides those below"},
    {.name = "rules",
     .type = GW_TABLES,
     .max = 300,
     .rows = rule_rows,
     .help = "What is watched, and when it is bad"},
    {.name = "receivers",
     .type = GW_TABLES,
     .max = 100,
     .rows = receiver_rows,
     .help = "Who can be told, and by what"},
    {.name = "routes",
     .type = GW_TABLES,
     .max = 100,
     .rows = route_rows,
     .help = "Which alerts go to whom; the first that fits counts. None: all go to all receivers"},
    {.name = "group_by",
     .type = GW_STRINGS,
     .def = "[\"server\", \"project\"]",
     .max = 8,
     .help = "Alerts alike in these labels share a notification"},
    {.name = "group_wait",
     .type = GW_DURATION,
     .def = "10s",
     .max = 86400000,
     .help = "Wait for more of a group before its first notification"},
    {.name = "group_interval",
     .type = GW_DURATION,
     .def = "1m",
     .max = 86400000,
     .help = "Time between notifications of a group in which something changed"},
    {.name = "repeat_interval",
     .type = GW_DURATION,
     .def = "4h",
     .max = 2592000000,
     .help = "Time after which what still fires and is not acknowledged is told again; 0s: never"},
    {.name = "settle",
     .type = GW_DURATION,
     .def = "30s",
     .max = 600000,
     .help = "Alerts of what has something above it wait this long, since that may be the cause; "
             "also after it is well again"},
    {.name = "inhibit",
     .type = GW_TABLES,
     .max = 100,
     .rows = inhibit_rows,
     .help = "Further alerts that explain others; server, compute, project, node, link are known"},
    {.name = "windows",
     .type = GW_TABLES,
     .max = 100,
     .rows = window_rows,
     .help = "Recurring maintenance, in which nobody is told"},
    {.name = "history",
     .type = GW_DURATION,
     .def = "7d",
     .min = 60000,
     .max = 31536000000,
     .help = "How long resolved alerts are kept, at most 1,000"},
    {.name = "give_up",
     .type = GW_DURATION,
     .def = "3d",
     .min = 60000,
     .max = 2592000000,
     .help = "A notification that no command takes for this long is given up"},
    {.name = "alerts_max",
     .type = GW_INT,
     .def = "10000",
     .min = 10,
     .max = 100000,
     .help = "Alerts at once; more are counted and not kept"},
    {0},
};
