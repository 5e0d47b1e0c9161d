/* A series (struct gw_series_info) as JSON, told by the daemon and read by a child; and what a turn
 * of a follower's tail is made of. */
#ifndef GW_WORKER_SERIES_TEXT_H
#define GW_WORKER_SERIES_TEXT_H

#include "base/buf.h"

#include <gnswatch/series.h>
#include <jansson.h>

void series_text(const struct gw_series_info *info, struct buf *out);
void match_text(const struct gw_match *match, struct buf *out); /* NULL: {} */
void labels_text(const struct gw_label *labels, struct buf *out);
void fields_text(const struct gw_field *fields, struct buf *out);

/* What was read, in one place; `tree` (owned) has the texts. */
struct series_read {
    struct gw_series_info info; /* first */
    json_t *tree;
    struct gw_label labels[GW_LABELS_MAX + 1];
    struct gw_field fields[GW_FIELDS_MAX + 1];
    double last[GW_FIELDS_MAX];
};

/* Texts are those of `tree`. false: it is no such thing. */
bool series_read(json_t *tree, struct series_read *out);
bool labels_read(const json_t *list, struct gw_label labels[GW_LABELS_MAX + 1]);
bool fields_read(const json_t *list, struct gw_field fields[GW_FIELDS_MAX + 1]);
bool match_read(const json_t *tree, struct gw_match *match,
                struct gw_label labels[GW_LABELS_MAX + 1]);

/* A turn is records: a head, and behind it JSON of a series, or values; padded to 8 bytes. */
enum turn_kind { TURN_FOUND = 1, TURN_ROW, TURN_ENDED };

struct turn_record {
    uint32_t kind, id; /* of the series */
    uint32_t bytes;    /* behind the head, without padding */
    uint32_t spare;
    int64_t time_ms;
};

#endif
