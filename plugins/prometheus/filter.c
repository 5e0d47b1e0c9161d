/* filter.c - which measurements someone wants. */
#include "target.h"

#include <fnmatch.h>

static bool is_in(const struct gw_values *values, const char *list, const char *measurement)
{
    for (size_t i = 0; i < gw_count(values, list); i++)
        if (fnmatch(gw_string_at(values, list, i), measurement, 0) == 0)
            return true;
    return false;
}

bool filter_takes(const struct gw_values *values, const char *measurement)
{
    bool all = gw_count(values, "include") == 0;
    return (all || is_in(values, "include", measurement)) && !is_in(values, "exclude", measurement);
}
