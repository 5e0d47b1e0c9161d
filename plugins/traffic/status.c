/* status.c - see status.h. */
#include "status.h"

#include <math.h>

enum status status_of_link(enum status now, double packets_s, double active_above)
{
    if (isnan(packets_s))
        return STATUS_NO_DATA;
    if (now == STATUS_ACTIVE)
        return packets_s > active_above / 2 ? STATUS_ACTIVE : STATUS_IDLE;
    return packets_s > active_above ? STATUS_ACTIVE : STATUS_IDLE;
}

enum status status_of_project(const struct status_counts *counts)
{
    if (counts->active > 0)
        return STATUS_ACTIVE;
    if (counts->blind > 0 || counts->idle + counts->silent == 0)
        return STATUS_NO_DATA;
    return STATUS_IDLE;
}
