/* tables.c - what the plugin offers: options and kinds (exec.h). */
#include "exec.h"

/* What a command is run with, in conf.d and in exec.try. */
#define COMMAND_ROWS                                                                               \
    {.name = "protocol",                                                                           \
     .type = GW_ENUM,                                                                              \
     .choices = "netdata|collectd|munin|nagios|influx|prometheus|jsonl",                           \
     .flags = GW_REQUIRED,                                                                         \
     .help = "What it speaks: of Icinga it is nagios, of Telegraf influx, of our own jsonl"},      \
        {.name = "command",                                                                        \
         .type = GW_STRINGS,                                                                       \
         .max = 200,                                                                               \
         .help = "The program and its arguments: a list of words, or one text that is split at "   \
                 "blanks; there is no shell"},                                                     \
        {.name = "every",                                                                          \
         .type = GW_DURATION,                                                                      \
         .unit = "ms",                                                                             \
         .min = 1000,                                                                              \
         .max = 86400000,                                                                          \
         .help =                                                                                   \
             "The interval; without, 5s for netdata, 10s for collectd, influx and jsonl, 15s for " \
             "prometheus, 1m for munin and nagios"},                                               \
        {.name = "timeout",                                                                        \
         .type = GW_DURATION,                                                                      \
         .unit = "ms",                                                                             \
         .min = 100,                                                                               \
         .max = 3600000,                                                                           \
         .help =                                                                                   \
             "How long a run may take, or a stream be silent; without, what its own host allows"}, \
        {.name = "user",                                                                           \
         .type = GW_STRING,                                                                        \
         .max = 100,                                                                               \
         .help = "Who it runs as, user or user:group; only root can change that; munin as root: "  \
                 "nobody, or what plugin-conf.d says"},                                            \
        {.name = "allow_root",                                                                     \
         .type = GW_BOOL,                                                                          \
         .def = "no",                                                                              \
         .help = "Let collectd's programs run as root, which collectd itself refuses"},            \
        {.name = "env", .type = GW_JSON, .help = "Further variables: {NAME: value}"},              \
        {.name = "mode",                                                                           \
         .type = GW_ENUM,                                                                          \
         .choices = "stream|each",                                                                 \
         .help = "For influx and jsonl: runs on (execd), or once an interval (exec)"},             \
        {.name = "as",                                                                             \
         .type = GW_STRING,                                                                        \
         .max = 200,                                                                               \
         .help = "For munin: the name it is run under, as if_eth0 for the program if_"},           \
        {.name = "plugin_conf",                                                                    \
         .type = GW_STRING,                                                                        \
         .max = 4000,                                                                              \
         .help = "For munin: the directory to use instead of /etc/munin/plugin-conf.d"},           \
        {.name = "types",                                                                          \
         .type = GW_STRINGS,                                                                       \
         .max = 20,                                                                                \
         .help = "For collectd: files to use instead of /usr/share/collectd/types.db"},            \
        {.name = "precision",                                                                      \
         .type = GW_ENUM,                                                                          \
         .choices = "ns|us|ms|s",                                                                  \
         .help = "For influx: the unit of its time stamps, ns without"},                           \
        {.name = "config_dir",                                                                     \
         .type = GW_STRING,                                                                        \
         .max = 4000,                                                                              \
         .help = "For netdata: the directory of its configuration instead of /etc/netdata"},       \
    {                                                                                              \
        .name = "stock_config_dir", .type = GW_STRING, .max = 4000,                                \
        .help = "For netdata: that of the package instead of /usr/lib/netdata/conf.d"              \
    }

static const struct gw_row limit_rows[] = {
    {.name = "memory",
     .type = GW_SIZE,
     .unit = "By",
     .def = "1GiB",
     .max = 1e12,
     .help = "Data of each of its processes; 0: no limit"},
    {.name = "cpu",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "0s",
     .max = 86400000,
     .help = "CPU time of each process in its life; 0s: no limit"},
    {.name = "files",
     .type = GW_INT,
     .def = "1024",
     .max = 1000000,
     .help = "Open files of each process; 0: no limit"},
    {.name = "processes",
     .type = GW_INT,
     .def = "200",
     .max = 100000,
     .help = "Processes it may have at once, its children's too; 0: no limit"},
    {.name = "output",
     .type = GW_SIZE,
     .unit = "By/s",
     .def = "256KiB",
     .min = 1024,
     .max = 1e9,
     .help = "What is read of it in a second, eight times that at once; what is beyond waits, and "
             "it with it"},
    {.name = "series",
     .type = GW_INT,
     .def = "1000",
     .min = 1,
     .max = 100000,
     .help = "Series of its values; further ones are left out and counted"},
    {0},
};

static const struct gw_row secret_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 100,
     .help = "The variable it finds it in"},
    {.name = "value", .type = GW_SECRET, .help = "The secret; it is never shown"},
    {0},
};

static const struct gw_row item_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .min = 1,
     .max = 100,
     .help = "Names it everywhere; the label `item` of its series"},
    COMMAND_ROWS,
    {.name = "directory",
     .type = GW_STRING,
     .max = 4000,
     .help = "Instead of a command: all programs of this directory, looked for each minute"},
    {.name = "only",
     .type = GW_STRINGS,
     .max = 1000,
     .help = "Of a directory: only names that fit one of these, with * and ?"},
    {.name = "except",
     .type = GW_STRINGS,
     .max = 1000,
     .help = "Of a directory: not those that fit one of these"},
    {.name = "url",
     .type = GW_STRING,
     .max = 2000,
     .help = "For prometheus, instead of a command: what is scraped, http://host:port/metrics"},
    {.name = "path",
     .type = GW_STRING,
     .max = 4000,
     .help = "For prometheus, instead of a command: a directory whose files *.prom are read"},
    {.name = "http_user", .type = GW_STRING, .max = 200, .help = "Of a scrape: who asks"},
    {.name = "http_password", .type = GW_SECRET, .help = "Of a scrape: of this user"},
    {.name = "ca_file",
     .type = GW_STRING,
     .max = 4000,
     .help = "Of a scrape: PEM of an authority of your own"},
    {.name = "insecure",
     .type = GW_BOOL,
     .def = "no",
     .help = "Of a scrape: do not check who answers by TLS; only for trying out"},
    {.name = "secrets",
     .type = GW_TABLES,
     .rows = secret_rows,
     .max = 20,
     .help = "Variables that are never shown; give value_file or value_env"},
    {.name = "labels",
     .type = GW_JSON,
     .help = "Further labels of all its series, at most four: {name: text}"},
    {.name = "attempts",
     .type = GW_INT,
     .min = 1,
     .max = 100,
     .help = "For nagios: how often a bad state must come to be believed; without, once"},
    {.name = "retry_every",
     .type = GW_DURATION,
     .unit = "ms",
     .min = 1000,
     .max = 86400000,
     .help = "For nagios: the interval while a state is not yet believed"},
    {.name = "signal",
     .type = GW_ENUM,
     .choices = "none|stdin|hup|usr1|usr2",
     .help = "For a stream of influx or jsonl: how it is asked each interval"},
    {.name = "restart",
     .type = GW_ENUM,
     .choices = "always|failure|never",
     .help = "Whether a stream that has ended is started again; without, always"},
    {.name = "limits",
     .type = GW_TABLE,
     .rows = limit_rows,
     .def = "{}",
     .help = "What it may use; beyond, it alone suffers"},
    {0},
};

const struct gw_row exec_options[] = {
    {.name = "items",
     .type = GW_TABLES,
     .rows = item_rows,
     .max = 1000,
     .help = "What is run; without, nothing"},
    {.name = "at_once",
     .type = GW_INT,
     .def = "8",
     .min = 1,
     .max = 200,
     .help = "How many of those that run once an interval may run at once; streams do not count"},
    {0},
};

/* ---- exec.try -------------------------------------------------------------------------------- */

const struct gw_row try_params[] = {COMMAND_ROWS, {0}};

const struct gw_row try_result[] = {
    {.name = "lines", .type = GW_INT, .unit = "1", .help = "What it printed"},
    {.name = "count", .type = GW_INT, .unit = "1", .help = "Values and all else it said"},
    {.name = "exit", .type = GW_INT, .help = "Its exit code"},
    {.name = "signal", .type = GW_INT, .help = "Instead: the signal it died of"},
    {.name = "timed_out", .type = GW_BOOL, .help = "It took too long and was ended"},
    {.name = "duration", .type = GW_NUMBER, .unit = "s", .help = "How long it ran"},
    {.name = "values",
     .type = GW_JSON,
     .help = "Of each value its series, field, labels, unit, kind and limits; at most 500"},
    {.name = "errors",
     .type = GW_JSON,
     .help = "What could not be read: line, column, why and the text"},
    {.name = "others", .type = GW_JSON, .help = "Verdicts, events, objects and offers"},
    {.name = "messages", .type = GW_STRINGS, .help = "What it wrote to stderr"},
    {0},
};

/* ---- Kinds ----------------------------------------------------------------------------------- */

static const struct gw_row error_fields[] = {
    {.name = "why", .type = GW_STRING, .help = "What went wrong"},
    {.name = "time", .type = GW_TIME, .unit = "ms", .help = "When"},
    {.name = "line", .type = GW_INT, .help = "In which line it printed, from 1"},
    {.name = "column", .type = GW_INT, .help = "At which byte of it, from 1"},
    {.name = "text", .type = GW_STRING, .help = "The line, cut"},
    {0},
};

static const struct gw_row verdict_fields[] = {
    {.name = "state",
     .type = GW_ENUM,
     .choices = "ok|warning|critical|unknown",
     .help = "What is believed"},
    {.name = "now",
     .type = GW_ENUM,
     .choices = "ok|warning|critical|unknown",
     .help = "What the last run said"},
    {.name = "soft", .type = GW_BOOL, .help = "The two differ: it is looked at again"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "Since when this is believed"},
    {.name = "text", .type = GW_STRING, .help = "What the check said"},
    {.name = "more", .type = GW_STRING, .help = "Its long output"},
    {0},
};

static const struct gw_row last_fields[] = {
    {.name = "time", .type = GW_TIME, .unit = "ms", .help = "When it ended"},
    {.name = "duration", .type = GW_NUMBER, .unit = "s", .help = "How long it ran"},
    {.name = "cpu", .type = GW_NUMBER, .unit = "s", .help = "CPU time it took"},
    {.name = "exit", .type = GW_INT, .help = "Its exit code"},
    {.name = "signal", .type = GW_INT, .help = "Instead: the signal it died of"},
    {.name = "timed_out", .type = GW_BOOL, .help = "It took too long and was ended"},
    {0},
};

static const struct gw_row count_fields[] = {
    {.name = "lines", .type = GW_INT, .unit = "1", .help = "Lines it printed"},
    {.name = "errors", .type = GW_INT, .unit = "1", .help = "What went wrong"},
    {.name = "values", .type = GW_INT, .unit = "1", .help = "Values written"},
    {.name = "series", .type = GW_INT, .unit = "1", .help = "Series of its values"},
    {.name = "metrics", .type = GW_INT, .unit = "1", .help = "Fields of these series"},
    {.name = "restarts", .type = GW_INT, .unit = "1", .help = "How often it was started again"},
    {.name = "runs", .type = GW_INT, .unit = "1", .help = "Runs that have ended"},
    {.name = "bytes", .type = GW_INT, .unit = "By", .help = "What it printed"},
    {.name = "dropped", .type = GW_INT, .unit = "1", .help = "Lines, values and events dropped"},
    {.name = "refused", .type = GW_INT, .unit = "1", .help = "Values beyond the limit of series"},
    {0},
};

static const struct gw_row metric_fields[] = {
    {.name = "series", .type = GW_STRING, .help = "The measurement"},
    {.name = "labels", .type = GW_JSON, .help = "Its labels besides `item`"},
    {.name = "field", .type = GW_STRING, .help = "The field"},
    {.name = "name", .type = GW_STRING, .help = "What it calls it"},
    {.name = "title", .type = GW_STRING, .help = "What it says of it"},
    {.name = "unit", .type = GW_STRING, .help = "UCUM"},
    {.name = "counter", .type = GW_BOOL, .help = "It only grows, and is shown as a rate"},
    {.name = "last", .type = GW_NUMBER, .help = "The last value, as it came"},
    {.name = "min", .type = GW_NUMBER, .help = "Its least possible value"},
    {.name = "max", .type = GW_NUMBER, .help = "Its largest possible value"},
    {.name = "warning", .type = GW_STRING, .help = "Its author's threshold, as Nagios writes it"},
    {.name = "critical", .type = GW_STRING, .help = "The same, for the worse"},
    {0},
};

static const struct gw_row offer_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "For exec.item.ask"},
    {.name = "help", .type = GW_STRING, .help = "What it does"},
    {0},
};

static const struct gw_row item_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "As conf.d says it; DIRECTORY.PROGRAM of many"},
    {.name = "protocol", .type = GW_STRING, .help = "What it speaks"},
    {.name = "command", .type = GW_STRING, .help = "What is run, without passwords"},
    {.name = "state",
     .type = GW_ENUM,
     .choices = "waiting|running|ok|warning|critical|unknown|failed|disabled",
     .help = "How it is; of a check what it found"},
    {.name = "since", .type = GW_TIME, .unit = "ms", .help = "Since when it is in this state"},
    {.name = "every", .type = GW_INT, .unit = "ms", .help = "The interval"},
    {.name = "pid", .type = GW_INT, .help = "Of a stream that runs"},
    {.name = "next", .type = GW_TIME, .unit = "ms", .help = "When it is started next"},
    {.name = "throttled",
     .type = GW_INT,
     .help = "How often it had to wait, since it printed more than its limit"},
    {.name = "error", .type = GW_TABLE, .rows = error_fields, .help = "What last went wrong"},
    {.name = "verdict", .type = GW_TABLE, .rows = verdict_fields, .help = "Of a check"},
    {.name = "last", .type = GW_TABLE, .rows = last_fields, .help = "The last run that has ended"},
    {.name = "counts", .type = GW_TABLE, .rows = count_fields, .help = "Since the start"},
    {.name = "output", .type = GW_STRINGS, .help = "The last lines of its stdout"},
    {.name = "messages", .type = GW_STRINGS, .help = "The last lines of its stderr"},
    {.name = "offers", .type = GW_TABLES, .rows = offer_fields, .help = "What it can be asked for"},
    {.name = "metrics", .type = GW_TABLES, .rows = metric_fields, .help = "At most 200"},
    {0},
};

static const struct gw_row thing_fields[] = {
    {.name = "item", .type = GW_STRING, .help = "Whose it is"},
    {.name = "kind", .type = GW_STRING, .help = "What it is, in its author's words"},
    {.name = "name", .type = GW_STRING, .help = "Which one"},
    {0},
};

const struct gw_kind exec_kinds[] = {
    {.name = "exec.item",
     .plural = "items",
     .help = "Something that is run: its state, its last words, what it measures",
     .fields = item_fields},
    {.name = "exec.thing",
     .plural = "things",
     .help = "An object that a plugin in our own lines has told of, with members of its own",
     .fields = thing_fields},
    {0},
};
