/* dpi.h - which protocol a packet belongs to, by nDPI. Flows are bounded: one that has not been
 * seen for longest in its place of the table makes room; one that is not known after a quiet minute
 * is guessed. On the instance's thread. */
#ifndef TRAFFIC_DPI_H
#define TRAFFIC_DPI_H

#include "frame.h"

struct dpi;

struct dpi *dpi_new(void); /* NULL: no memory, or nDPI cannot be used */
void dpi_free(struct dpi *dpi);

/* The protocol's name; lives as long as `dpi`. A flow's first packets may be "Unknown". */
const char *dpi_name(struct dpi *dpi, const struct frame *frame, int64_t time_ms);

/* How many flows are not known yet: of these nDPI keeps kilobytes each. */
size_t dpi_undecided(const struct dpi *dpi);

#endif
