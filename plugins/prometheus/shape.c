/* shape.c - see shape.h. */
#include "shape.h"

#include "family.h"
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Exceptions ------------------------------------------------------------------------------ */

/* All lines of one field; a field that is named here has no others. */
struct special {
    const char *measurement, *field;
    const char *name; /* of the family */
    const char *label, *value;
    struct {
        enum rule_kind kind; /* 0: RULE_FIELD */
        const char *other;
        double number;
    } rule;
    const char *help; /* NULL: the field's */
};

#define STATUS_HELP  "1 for the status the node has, 0 for the others"
#define BREAKER_HELP "1 for the state the circuit breaker of the server has, 0 for the others"
#define ALERTS_HELP  "Alerts by state"

static const struct special specials[] = {
    {"gns3.server", "projects_opened", "gns3_active_projects", .help = NULL},
    {"gns3.server",
     "breaker",
     "gns3_circuit_breaker_state",
     "state",
     "closed",
     {RULE_IS, NULL, 0},
     BREAKER_HELP},
    {"gns3.server",
     "breaker",
     "gns3_circuit_breaker_state",
     "state",
     "half_open",
     {RULE_IS, NULL, 1},
     BREAKER_HELP},
    {"gns3.server",
     "breaker",
     "gns3_circuit_breaker_state",
     "state",
     "open",
     {RULE_IS, NULL, 2},
     BREAKER_HELP},
    {"gns3.node", "started", "gns3_node_status", "status", "started", .help = STATUS_HELP},
    {"gns3.node",
     "started",
     "gns3_node_status",
     "status",
     "stopped",
     {RULE_NEITHER, "suspended", 0},
     STATUS_HELP},
    {"gns3.node", "suspended", "gns3_node_status", "status", "suspended", .help = STATUS_HELP},
    {"snapshot.project", "count", "snapshot_project_snapshots", .help = NULL},
    {"health.score", "score", "health_score", .help = NULL},
    {"alert.count", "pending", "gnswatch_alerts", "state", "pending", .help = ALERTS_HELP},
    {"alert.count", "warning", "gnswatch_alerts", "state", "warning", .help = ALERTS_HELP},
    {"alert.count", "critical", "gnswatch_alerts", "state", "critical", .help = ALERTS_HELP},
    {"alert.count", "unknown", "gnswatch_alerts", "state", "unknown", .help = ALERTS_HELP},
    {"alert.count", "silenced", "gnswatch_alerts", "state", "silenced", .help = ALERTS_HELP},
    {"alert.count", "acknowledged", "gnswatch_alerts", "state", "acknowledged",
     .help = ALERTS_HELP},
};

/* What names begin with, other than their measurement: Prometheus has names prometheus_ itself. */
static const char *const prefixes[][2] = {
    {"prometheus.queue", "gnswatch_remote_write"},
    {"prometheus.scrape", "gnswatch_scrape"},
};

/* Fields le_* are a histogram everywhere; these have another name than the rule's, or a sum. */
struct histogram {
    const char *measurement, *name, *sum, *count, *help;
};

static const struct histogram histograms[] = {
    {"gns3.api", "gns3_api_request_duration_seconds", "seconds", NULL,
     "Time until requests to GNS3 were answered"},
    {"gns3.operation", "gns3_project_operation_duration_seconds", "seconds", "count",
     "Time commands on GNS3 took, by command"},
};

static const char *prefix_of(const char *measurement)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strcmp(prefixes[i][0], measurement) == 0)
            return prefixes[i][1];
    return NULL;
}

static const struct histogram *histogram_of(const char *measurement)
{
    static const struct histogram by_rule = {.help = "How many, up to a bound"};
    for (size_t i = 0; i < sizeof histograms / sizeof histograms[0]; i++)
        if (strcmp(histograms[i].measurement, measurement) == 0)
            return &histograms[i];
    return &by_rule;
}

/* ---- Making a shape -------------------------------------------------------------------------- */

enum { LINES_MAX = 3 * GW_FIELDS_MAX };

struct making {
    struct shapes *shapes;
    const struct gw_series_info *info;
    struct shape_line lines[LINES_MAX];
    size_t count;
    bool taken[GW_FIELDS_MAX]; /* the field has its lines */
    bool failed;
};

static int field_index(const struct gw_series_info *info, const char *name)
{
    for (size_t i = 0; name && i < info->field_count; i++)
        if (strcmp(info->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

static struct shape_line *line_add(struct making *making, struct family *family, const char *suffix,
                                   struct rule rule)
{
    making->failed |= !family;
    if (!family || making->count == LINES_MAX)
        return NULL;
    struct shape_line *line = &making->lines[making->count++];
    *line = (struct shape_line){.family = family, .suffix = suffix, .rule = rule};
    return line;
}

static struct family *family_for(struct making *making, const struct naming *naming,
                                 enum family_type type, const char *help)
{
    return family_get(making->shapes, making->info->measurement, naming, type, help);
}

static enum family_type type_of(const struct gw_field *field)
{
    return field->kind == GW_COUNTER ? FAMILY_COUNTER : FAMILY_GAUGE;
}

static const char *suffix_of(const struct gw_field *field)
{
    return field->kind == GW_COUNTER ? "_total" : "";
}

static void add_special(struct making *making, const struct special *special)
{
    int field = field_index(making->info, special->field);
    int other = field_index(making->info, special->rule.other);
    if (field < 0 || (special->rule.other && other < 0))
        return;
    const struct gw_field *about = &making->info->fields[field];
    struct naming naming;
    naming_make(&naming, NULL, making->info->measurement, about);
    snprintf(naming.name, sizeof naming.name, "%s", special->name);
    naming.unit = NULL;
    struct rule rule = {.kind = special->rule.kind ? special->rule.kind : RULE_FIELD,
                        .field = (unsigned)field,
                        .other = other < 0 ? 0 : (unsigned)other,
                        .number = special->rule.kind ? special->rule.number : naming.factor,
                        .divisor = naming.divisor};
    struct shape_line *line = line_add(
        making,
        family_for(making, &naming, type_of(about), special->help ? special->help : about->help),
        suffix_of(about), rule);
    making->taken[field] = true;
    if (line && special->label) {
        line->label = special->label;
        snprintf(line->value, sizeof line->value, "%s", special->value);
    }
}

static void add_specials(struct making *making)
{
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++)
        if (strcmp(specials[i].measurement, making->info->measurement) == 0)
            add_special(making, &specials[i]);
}

struct bucket {
    double bound;
    unsigned field;
};

static int by_bound(const void *a, const void *b)
{
    const struct bucket *left = a, *right = b;
    return (left->bound > right->bound) - (left->bound < right->bound);
}

/* The buckets in their order; 0: there is no histogram, which needs le_inf and counters. */
static size_t find_buckets(const struct gw_series_info *info, struct bucket *out, const char **unit)
{
    size_t count = 0;
    for (unsigned i = 0; i < info->field_count; i++) {
        const char *unit_here = NULL;
        if (info->fields[i].kind != GW_COUNTER ||
            !naming_bound(info->fields[i].name, &out[count].bound, &unit_here))
            continue;
        *unit = unit_here ? unit_here : *unit;
        out[count++].field = i;
    }
    qsort(out, count, sizeof *out, by_bound);
    return count && isinf(out[count - 1].bound) ? count : 0;
}

static void name_histogram(struct naming *out, const struct gw_series_info *info,
                           const struct histogram *about, const char *unit)
{
    static const struct gw_field took = {"duration", GW_COUNTER, "s", NULL};
    static const struct gw_field size = {"size", GW_COUNTER, NULL, NULL};
    naming_make(out, NULL, info->measurement, unit ? &took : &size);
    if (about->name)
        snprintf(out->name, sizeof out->name, "%s", about->name);
}

static struct rule field_rule(int field, double factor, double divisor)
{
    return (struct rule){
        .kind = RULE_FIELD, .field = (unsigned)field, .number = factor, .divisor = divisor};
}

static void add_histogram(struct making *making)
{
    const struct gw_series_info *info = making->info;
    const struct histogram *about = histogram_of(info->measurement);
    struct bucket buckets[GW_FIELDS_MAX] = {{0}};
    const char *unit = NULL;
    size_t count = find_buckets(info, buckets, &unit);
    if (!count)
        return;
    struct naming naming;
    name_histogram(&naming, info, about, unit);
    struct family *family = family_for(making, &naming, FAMILY_HISTOGRAM, about->help);
    for (size_t i = 0; i < count; i++) {
        struct shape_line *line =
            line_add(making, family, "_bucket", field_rule((int)buckets[i].field, 1, 1));
        making->taken[buckets[i].field] = true;
        if (line) {
            line->label = "le";
            bound_text(line->value, buckets[i].bound);
        }
    }
    int sum = field_index(info, about->sum), total = field_index(info, about->count);
    if (sum < 0) /* OpenMetrics: a count only beside a sum */
        return;
    line_add(making, family, "_sum", field_rule(sum, 1, 1));
    line_add(making, family, "_count", field_rule((int)buckets[count - 1].field, 1, 1));
    making->taken[sum] = true;
    if (total >= 0)
        making->taken[total] = true;
}

static void add_rest(struct making *making)
{
    const struct gw_series_info *info = making->info;
    for (size_t i = 0; i < info->field_count; i++) {
        if (making->taken[i])
            continue;
        const struct gw_field *field = &info->fields[i];
        struct naming naming;
        char owner[160];
        naming_make(&naming, prefix_of(info->measurement), info->measurement, field);
        snprintf(owner, sizeof owner, "%s %s", info->measurement, field->name);
        struct family *family =
            family_get(making->shapes, owner, &naming, type_of(field), field->help);
        line_add(making, family, suffix_of(field),
                 field_rule((int)i, naming.factor, naming.divisor));
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void shape_free(struct shape *shape)
{
    if (!shape)
        return;
    free(shape->measurement);
    free(shape->field_names);
    free(shape);
}

static size_t texts_bytes(const struct gw_series_info *info)
{
    size_t bytes = info->field_count * sizeof(char *);
    for (size_t i = 0; i < info->field_count; i++)
        bytes += strlen(info->fields[i].name) + 1;
    return bytes;
}

/* Names and, behind them, their texts in one piece. */
static const char **copy_names(const struct gw_series_info *info)
{
    char **names = malloc(texts_bytes(info) + 1);
    if (!names)
        return NULL;
    char *text = (char *)(names + info->field_count);
    for (size_t i = 0; i < info->field_count; i++) {
        size_t bytes = strlen(info->fields[i].name) + 1;
        memcpy(text, info->fields[i].name, bytes);
        names[i] = text;
        text += bytes;
    }
    return (const char **)names;
}

static struct shape *shape_new(struct shapes *shapes, const struct gw_series_info *info)
{
    struct making *making = calloc(1, sizeof *making);
    if (!making)
        return NULL;
    making->shapes = shapes;
    making->info = info;
    add_specials(making);
    add_histogram(making);
    add_rest(making);
    struct shape *shape =
        making->failed ? NULL : malloc(sizeof *shape + making->count * sizeof shape->lines[0]);
    if (shape) {
        *shape = (struct shape){.measurement = strdup(info->measurement),
                                .field_names = copy_names(info),
                                .field_count = info->field_count,
                                .line_count = making->count};
        memcpy(shape->lines, making->lines, making->count * sizeof shape->lines[0]);
    }
    free(making);
    if (shape && shape->measurement && shape->field_names)
        return shape;
    shape_free(shape);
    return NULL;
}

static bool is_shape_of(const struct shape *shape, const struct gw_series_info *info)
{
    if (shape->field_count != info->field_count ||
        strcmp(shape->measurement, info->measurement) != 0)
        return false;
    for (size_t i = 0; i < info->field_count; i++)
        if (strcmp(shape->field_names[i], info->fields[i].name) != 0)
            return false;
    return true;
}

struct shape *shapes_get(struct shapes *shapes, const struct gw_series_info *info)
{
    for (struct shape *at = shapes->first; at; at = at->next)
        if (is_shape_of(at, info))
            return at;
    struct shape *shape = shape_new(shapes, info);
    if (shape) {
        shape->next = shapes->first;
        shapes->first = shape;
    }
    return shape;
}

void shapes_fini(struct shapes *shapes)
{
    while (shapes->first) {
        struct shape *next = shapes->first->next;
        shape_free(shapes->first);
        shapes->first = next;
    }
    families_free(shapes);
    *shapes = (struct shapes){0};
}

/* ---- Values ---------------------------------------------------------------------------------- */

double rule_value(const struct rule *rule, const double *row)
{
    double value = row[rule->field];
    if (rule->kind == RULE_FIELD)
        return value * rule->number / rule->divisor;
    if (isnan(value))
        return value;
    if (rule->kind == RULE_IS)
        return value == rule->number;
    return isnan(row[rule->other]) ? row[rule->other] : value == 0 && row[rule->other] == 0;
}

void bound_text(char out[32], double bound)
{
    char text[NUMBER_BYTES];
    size_t bytes = number_put(text, bound);
    bool whole = !memchr(text, '.', bytes) && isfinite(bound) && !memchr(text, 'e', bytes);
    snprintf(out, 32, "%.*s%s", (int)bytes, text, whole ? ".0" : "");
}
