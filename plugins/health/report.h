/* report.h - what happened to the health of everything between two moments, as a document. The past
 * is asked for first, so it is ready some callbacks later. */
#ifndef HEALTH_REPORT_H
#define HEALTH_REPORT_H

#include "health.h"

#include <jansson.h>

enum { REPORT_POINTS = 96, REPORT_TRENDS = 60 };

/* Gets the document (the caller's), or NULL and an errno. */
typedef void report_fn(struct health *health, json_t *document, int error, void *data);

struct report_request {
    const char *title, *period; /* copied */
    int64_t from_ms, to_ms;
    report_fn *on_done; /* never from within report_begin */
    void *data;
};

struct reporting; /* those that are being made */

struct reporting *reporting_new(struct health *health);
void reporting_free(struct reporting *reporting); /* what is not done is never told of */
int report_begin(struct reporting *reporting, const struct report_request *request);

#endif
