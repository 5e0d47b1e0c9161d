/* page.h - all series in one of the two exposition formats. */
#ifndef PROMETHEUS_PAGE_H
#define PROMETHEUS_PAGE_H

#include "accept.h"
#include "series.h"

#define TYPE_TEXT        "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Adds the page to `out`; the number of samples. Series without a row for five intervals, and
 * values that are none, are left out, and so are families without a sample. */
size_t page_write(struct bytes *out, const struct shapes *shapes, enum format format,
                  int64_t now_ms);

#endif
