/* status.h - active, idle or no data: never the last two for each other. Pure. */
#ifndef TRAFFIC_STATUS_H
#define TRAFFIC_STATUS_H

#include "lab.h"

/* A link becomes active above `active_above` packets a second and stays so until it has half of
 * that or less; without data it is neither. `packets_s` NaN: no data. */
enum status status_of_link(enum status now, double packets_s, double active_above);

struct status_counts {
    size_t active, idle;
    size_t blind;  /* no data, though something could be flowing there */
    size_t silent; /* no data, and nothing can flow: suspended, closed, an end is stopped */
};
/* A project is active when one of its links is, idle when all that could carry something are known
 * to carry nothing, else nobody knows. */
enum status status_of_project(const struct status_counts *counts);

#endif
