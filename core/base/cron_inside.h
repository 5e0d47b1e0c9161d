/* What cron.c (when) and cron_text.c (the words) share. */
#ifndef GW_BASE_CRON_INSIDE_H
#define GW_BASE_CRON_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cron_field {
    CRON_SECOND = 0,
    CRON_MINUTE,
    CRON_HOUR,
    CRON_DAY,
    CRON_MONTH,
    CRON_WEEKDAY,
    CRON_FIELDS,
};

#define CRON_LAST_DAY (UINT64_C(1) << 32) /* among the days */

struct cron_fields {
    uint64_t bits[CRON_FIELDS]; /* the values that match */
    bool star[CRON_FIELDS];     /* begins with "*": the day is not given by it */
    bool every_hour;            /* the hour is "*" or a step */
};

bool cron_read(const char *text, struct cron_fields *out, char *why, size_t why_bytes);

#endif
