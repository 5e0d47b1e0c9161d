/* munin_config.h - what `config` of a Munin plugin has said: graphs and their fields. */
#ifndef EXEC_MUNIN_CONFIG_H
#define EXEC_MUNIN_CONFIG_H

#include "counter.h"
#include "keep.h"
#include "range.h"
#include "reader.h"

enum munin_type { MUNIN_GAUGE = 1, MUNIN_COUNTER, MUNIN_DERIVE, MUNIN_ABSOLUTE };

struct munin_field {
    char *name; /* these texts belong to the config; NULL: not said */
    char *label, *info;
    struct munin_field *next;
    enum munin_type type;
    double min, max, scale;
    char warning[RANGE_BYTES_MAX], critical[RANGE_BYTES_MAX]; /* as Munin writes them */
    unsigned generation; /* of the run of config that named it last */
    bool said;
    struct counter counter;
    int64_t last_ms; /* of what came with a time */
};

struct munin_graph {
    char *name;
    char *title, *unit, *host;
    struct munin_graph *next;
    struct table fields;
    struct munin_field *first;
    unsigned generation;
};

struct munin_config {
    struct reader *reader; /* the dialect's */
    struct keep keep;
    struct table graphs;
    struct munin_graph *first;
    struct limit graph_limit, field_limit;
    unsigned generation; /* 0: config was never read */
    struct munin_graph *current;
};

void munin_config_init(struct munin_config *config, struct reader *reader);
void munin_config_fini(struct munin_config *config);

/* A run begins: its lines are of the graph that is named after the item, until told otherwise.
 * `config`: what it does not name is forgotten at the end. */
void munin_config_begin(struct munin_config *config, bool is_config);
void munin_config_graph(struct munin_config *config, const char *name); /* multigraph NAME */
/* `name` is what stands before the last dot. NULL: told. */
struct munin_field *munin_config_field(struct munin_config *config, char *name);
void munin_config_graph_attribute(struct munin_config *config, const char *name, char *text);
void munin_config_attribute(struct munin_config *config, struct munin_field *field,
                            const char *name, char *text);
/* Config has ended well: what it no longer named is gone. */
void munin_config_end(struct munin_config *config);

/* What is said of a field; the texts live as long as `room`. */
struct munin_metric {
    struct metric metric;
    struct gw_label labels[2];
    char warning[RANGE_BYTES_MAX], critical[RANGE_BYTES_MAX];
};
void munin_metric(struct munin_metric *room, const struct munin_graph *graph,
                  const struct munin_field *field);

#endif
