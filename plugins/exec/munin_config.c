/* munin_config.c - see munin_config.h. */
#include "munin_config.h"

#include "words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { GRAPHS_MAX = 512, FIELDS_MAX = 4096, KEEP_BYTES_MAX = 4 << 20, NAME_BYTES_MAX = 128 };

void munin_config_init(struct munin_config *config, struct reader *reader)
{
    *config = (struct munin_config){
        .reader = reader,
        .keep = {.max_bytes = KEEP_BYTES_MAX},
        .graph_limit = {.what = "graphs", .max = GRAPHS_MAX},
        .field_limit = {.what = "fields", .max = FIELDS_MAX},
    };
}

/* ---- Remembering and forgetting -------------------------------------------------------------- */

static void field_free(struct munin_config *config, struct munin_field *field)
{
    keep_free_text(&config->keep, field->name);
    keep_free_text(&config->keep, field->label);
    keep_free_text(&config->keep, field->info);
    keep_free(&config->keep, field, sizeof *field);
    config->field_limit.count--;
}

static void say_gone(struct munin_config *config, const struct munin_graph *graph,
                     const struct munin_field *field)
{
    struct munin_metric room;
    if (!field->said)
        return;
    munin_metric(&room, graph, field);
    config->reader->heard.gone(config->reader->heard.data, &room.metric);
}

/* Forgets the fields that the last config did not name; 0: all of them. */
static void forget_fields(struct munin_config *config, struct munin_graph *graph,
                          unsigned generation)
{
    for (struct munin_field **at = &graph->first; *at;) {
        struct munin_field *field = *at;
        if (generation && field->generation == generation) {
            at = &field->next;
            continue;
        }
        if (generation)
            say_gone(config, graph, field);
        *at = field->next;
        table_remove(&graph->fields, field->name);
        field_free(config, field);
    }
}

static void graph_free(struct munin_config *config, struct munin_graph *graph)
{
    table_clear(&graph->fields);
    keep_free_text(&config->keep, graph->name);
    keep_free_text(&config->keep, graph->title);
    keep_free_text(&config->keep, graph->unit);
    keep_free_text(&config->keep, graph->host);
    keep_free(&config->keep, graph, sizeof *graph);
    config->graph_limit.count--;
}

static void forget(struct munin_config *config, unsigned generation)
{
    for (struct munin_graph **at = &config->first; *at;) {
        struct munin_graph *graph = *at;
        forget_fields(config, graph, generation);
        if (generation && graph->generation == generation) {
            at = &graph->next;
            continue;
        }
        *at = graph->next;
        table_remove(&config->graphs, graph->name);
        graph_free(config, graph);
    }
}

void munin_config_fini(struct munin_config *config)
{
    forget(config, 0);
    table_clear(&config->graphs);
}

static struct munin_graph *graph_new(struct munin_config *config, const char *name)
{
    if (!limit_take(&config->graph_limit, config->reader, NULL))
        return NULL;
    struct munin_graph *graph = keep_new(&config->keep, sizeof *graph);
    if (graph)
        graph->name = keep_text(&config->keep, name);
    if (graph && graph->name && table_add(&config->graphs, graph)) {
        graph->next = config->first;
        return config->first = graph;
    }
    reader_error(config->reader, NULL, "no room to remember the graph %s", name);
    if (graph)
        graph_free(config, graph);
    else
        config->graph_limit.count--;
    return NULL;
}

static struct munin_field *field_new(struct munin_config *config, const char *name)
{
    struct munin_graph *graph = config->current;
    if (!limit_take(&config->field_limit, config->reader, name))
        return NULL;
    struct munin_field *field = keep_new(&config->keep, sizeof *field);
    if (!field) {
        config->field_limit.count--;
        reader_error(config->reader, name, "no room to remember the field %s", name);
        return NULL;
    }
    field->name = keep_text(&config->keep, name);
    if (!field->name || !table_add(&graph->fields, field)) {
        field_free(config, field);
        reader_error(config->reader, name, "no room to remember the field %s", name);
        return NULL;
    }
    field->next = graph->first;
    return graph->first = field;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

void munin_config_begin(struct munin_config *config, bool is_config)
{
    config->generation += is_config;
    config->current = NULL;
}

void munin_config_end(struct munin_config *config)
{
    for (struct munin_graph *graph = config->first; graph; graph = graph->next) {
        for (struct munin_field *field = graph->first; field; field = field->next) {
            if (field->generation == config->generation && !field->label)
                reader_error(config->reader, NULL, "%s of graph %s has no label", field->name,
                             graph->name);
        }
    }
    forget(config, config->generation);
    limit_sum(&config->graph_limit, config->reader);
    limit_sum(&config->field_limit, config->reader);
}

void munin_config_graph(struct munin_config *config, const char *name)
{
    size_t bytes = strlen(name);
    config->current = NULL;
    if (bytes == 0 || bytes > NAME_BYTES_MAX || name[0] == '.' || name[bytes - 1] == '.' ||
        strstr(name, "..") || strcmp(name, "multigraph") == 0) {
        reader_error(config->reader, name, "this is no graph's name");
        return;
    }
    config->current = table_find(&config->graphs, name);
    if (!config->current)
        config->current = graph_new(config, name);
    if (config->current)
        config->current->generation = config->generation;
}

/* Lines before any `multigraph` are of the item's own graph. */
static bool has_graph(struct munin_config *config)
{
    if (!config->current)
        munin_config_graph(config, config->reader->options.item);
    return config->current != NULL;
}

/* As Munin's master does: letters, digits and '_', and no digit at the beginning. */
static void sanitize(char *name)
{
    for (char *at = name; *at; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';
        if (!letter && (at == name || *at < '0' || *at > '9'))
            *at = '_';
    }
}

static void field_reset(struct munin_field *field, unsigned generation)
{
    field->generation = generation;
    field->type = MUNIN_GAUGE;
    field->scale = 1;
    field->min = field->max = NAN;
    field->warning[0] = field->critical[0] = '\0';
}

struct munin_field *munin_config_field(struct munin_config *config, char *name)
{
    if (!has_graph(config))
        return NULL;
    sanitize(name);
    if (!*name || strlen(name) > NAME_BYTES_MAX || strcmp(name, "root") == 0) {
        reader_error(config->reader, name, "this is no field's name");
        return NULL;
    }
    struct munin_field *field = table_find(&config->current->fields, name);
    if (!field)
        field = field_new(config, name);
    if (field && (field->generation != config->generation || !field->type))
        field_reset(field, config->generation);
    return field;
}

static void keep_or_tell(struct munin_config *config, char **text, const char *now)
{
    if (!keep_replace(&config->keep, text, now))
        reader_error(config->reader, now, "no room to remember this text");
}

/* Rates are said a second, so ${graph_period} is one. */
static void set_unit(struct munin_config *config, char *text)
{
    static const char period[] = "${graph_period}";
    char unit[NAME_BYTES_MAX];
    const char *at = strstr(text, period);
    if (at)
        snprintf(unit, sizeof unit, "%.*ssecond%s", (int)(at - text), text, at + sizeof period - 1);
    else
        snprintf(unit, sizeof unit, "%s", text);
    text_cut(unit, sizeof unit - 1);
    keep_or_tell(config, &config->current->unit, unit);
}

void munin_config_graph_attribute(struct munin_config *config, const char *name, char *text)
{
    static const char *const others[] = {"host_name", "update", "update_rate", "service_order",
                                         "graph"};
    if (!has_graph(config))
        return;
    if (strcmp(name, "graph_title") == 0)
        keep_or_tell(config, &config->current->title, text);
    else if (strcmp(name, "graph_vlabel") == 0)
        set_unit(config, text);
    if (strcmp(name, "host_name") == 0)
        keep_or_tell(config, &config->current->host, text);
    bool known = strncmp(name, "graph_", 6) == 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        known |= strcmp(name, others[i]) == 0;
    if (!known)
        reader_error(config->reader, name, "this is no line of a Munin plugin");
}

/* "field,8,*", "field,1000,*,1024,/": other calculations are not made. */
static double cdef_scale(const struct munin_field *field, const char *text)
{
    size_t bytes = strlen(field->name);
    const char *at = text + bytes;
    double scale = 1, by = 0;
    if (strncmp(text, field->name, bytes) != 0)
        return 1;
    while (*at) {
        if (*at++ != ',' || !number_take(&at, &by) || !(by > 0) || *at++ != ',')
            return 1;
        if (*at != '*' && *at != '/')
            return 1;
        scale = *at++ == '*' ? scale * by : scale / by;
    }
    return isfinite(scale) && scale > 0 ? scale : 1;
}

static void set_type(struct munin_config *config, struct munin_field *field, const char *text)
{
    static const char *const types[] = {"GAUGE", "COUNTER", "DERIVE", "ABSOLUTE"};
    for (unsigned i = 0; i < 4; i++) {
        if (strcasecmp(text, types[i]) == 0) {
            field->type = (enum munin_type)(i + 1);
            return;
        }
    }
    reader_error(config->reader, text, "type is GAUGE, COUNTER, DERIVE or ABSOLUTE");
}

static void set_range(struct munin_config *config, char range[RANGE_BYTES_MAX], const char *text)
{
    char sound[RANGE_BYTES_MAX];
    range[0] = '\0';
    if (range_munin(text, 1, sound) && strlen(text) < RANGE_BYTES_MAX)
        snprintf(range, RANGE_BYTES_MAX, "%s", text);
    else if (*text && strcmp(text, ":") != 0)
        reader_error(config->reader, text, "the threshold is not max, min:, :max or min:max");
}

static void set_limit(struct munin_config *config, double *limit, const char *text)
{
    if (strcasecmp(text, "U") != 0 && !number_read(text, limit))
        reader_error(config->reader, text, "the limit is no number");
}

void munin_config_attribute(struct munin_config *config, struct munin_field *field,
                            const char *name, char *text)
{
    static const char *const others[] = {"draw",  "colour",        "negative", "extinfo",
                                         "graph", "unknown_limit", "line",     "stack",
                                         "sum",   "skipdraw",      "update"};
    if (strcmp(name, "label") == 0)
        keep_or_tell(config, &field->label, text);
    else if (strcmp(name, "info") == 0)
        keep_or_tell(config, &field->info, text);
    else if (strcmp(name, "type") == 0)
        set_type(config, field, text);
    else if (strcmp(name, "min") == 0)
        set_limit(config, &field->min, text);
    else if (strcmp(name, "max") == 0)
        set_limit(config, &field->max, text);
    else if (strcmp(name, "cdef") == 0)
        field->scale = cdef_scale(field, text);
    else if (strcmp(name, "warning") == 0)
        set_range(config, field->warning, text);
    else if (strcmp(name, "critical") == 0)
        set_range(config, field->critical, text);
    else {
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
            if (strcmp(name, others[i]) == 0)
                return;
        }
        reader_error(config->reader, name, "a field has no attribute \"%s\"", name);
    }
}

/* ---- What is said ---------------------------------------------------------------------------- */

void munin_metric(struct munin_metric *room, const struct munin_graph *graph,
                  const struct munin_field *field)
{
    *room = (struct munin_metric){.labels = {{graph->host ? "host" : NULL, graph->host}, {0}}};
    room->metric = (struct metric){
        .group = graph->name,
        .name = field->name,
        .title = graph->title,
        .unit = graph->unit,
        .help = field->label ? field->label : field->info,
        .labels = room->labels,
        .kind = field->type == MUNIN_GAUGE ? GW_GAUGE : GW_COUNTER,
        .scale = field->scale,
        .min = field->min * field->scale,
        .max = field->max * field->scale,
    };
    if (field->warning[0] && range_munin(field->warning, field->scale, room->warning))
        room->metric.warning = room->warning;
    if (field->critical[0] && range_munin(field->critical, field->scale, room->critical))
        room->metric.critical = room->critical;
}
