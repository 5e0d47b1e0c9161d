/* layout.h - which field is in which series: what rows.c makes, kept over restarts in a file.
 * A group is a measurement with its labels; its parts are series of it. */
#ifndef EXEC_LAYOUT_H
#define EXEC_LAYOUT_H

#include "naming.h"

#include <gnswatch/plugin.h>
#include <jansson.h>

struct field {
    char *name, *unit; /* owned: as they were said; unit may be "" */
    enum gw_field_kind kind;
    char column[NAMING_FIELD_BYTES];  /* its name in the series */
    char *title, *warning, *critical; /* owned; NULL: not said */
    double min, max, value, last;
    int64_t time_ms; /* of the value that waits */
    bool pending, gone;
    struct part *part; /* NULL: in none yet */
};

struct part {
    struct part *next;
    unsigned number;          /* from 1 */
    struct gw_series *series; /* the host's; NULL: none now */
    bool refused;
    size_t count;
    struct field *fields[GW_FIELDS_MAX];
};

struct group {
    struct group *next, *next_dirty;
    char *key;    /* owned: what the dialect says it is */
    char *series; /* owned: what it is called here: measurement and labels */
    char measurement[NAMING_MEASUREMENT_BYTES];
    struct gw_label labels[GW_LABELS_MAX + 1]; /* owned texts; one place is left for `part` */
    size_t label_count;
    struct field **fields; /* owned, each too */
    size_t count, fresh;   /* fresh: in no part yet */
    int64_t every_ms;      /* how often it is measured; 0: once in the item's interval */
    size_t hint;           /* where the next field will probably be */
    struct part *parts;    /* owned, in the order of their numbers */
    int64_t written_ms;
    bool dirty;
};

void group_free(struct group *group);
/* A field that is not there yet, in no part; NULL: no memory. */
struct field *group_add(struct group *group, const char *name, const char *unit,
                        enum gw_field_kind kind);
struct field *group_find(struct group *group, const char *name, const char *unit,
                         enum gw_field_kind kind);
/* What is said of it in a text, or two; NULL: nothing, and what was said before stays. */
void field_describe(char **to, const char *what, const char *which);
/* Puts fresh fields into parts; false: no memory. */
bool group_arrange(struct group *group);

/* What a file says of a group, and what it shall say. */
void layout_apply(const json_t *layout, struct group *group);
void layout_keep(json_t *layout, const struct group *group);
json_t *layout_load(const char *path); /* never NULL but without memory */
int layout_save(const json_t *layout, const char *path);

#endif
