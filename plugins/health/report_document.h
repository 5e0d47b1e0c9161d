/* report_document.h - a report's document, out of what was collected for it and what is known now.
 */
#ifndef HEALTH_REPORT_DOCUMENT_H
#define HEALTH_REPORT_DOCUMENT_H

#include "chronicle.h"
#include "judge.h"

#include <jansson.h>

struct trend { /* the scores of one thing over the report's time */
    uint32_t series;
    enum thing_kind kind;
    char *server, *name; /* owned */
    int64_t *times_ms;   /* owned, as values: REPORT_POINTS of them */
    double *values;
    size_t count;
    double before, least, most; /* the first known one; NaN: none */
};

struct story {
    char *title, *period; /* owned */
    int64_t from_ms, to_ms;
    struct trend *trends; /* owned; the first is the whole's */
    size_t trend_count, trend_size;
};

int story_init(struct story *story, const char *title, const char *period, size_t trends);
void story_fini(struct story *story); /* also half-made */

/* The members of README.md's health.report but `page`; NULL: no memory. */
json_t *report_document(const struct world *world, const struct chronicle *chronicle,
                        const struct story *story);

#endif
