/* The rule in a TZif file's last line, "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX TZ with the times of RFC
 * 9636, section 3.3.1): for all times after the file's last change. */
#ifndef GW_BASE_ZONE_RULE_H
#define GW_BASE_ZONE_RULE_H

#include "base/zone.h"

struct zone_date {
    char form; /* 'M' month week day; 'J' 1 to 365 without February 29; 'N' 0 to 365 */
    int month, week, day;
    int64_t time_s; /* of the wall clock before the change */
};

struct zone_rule {
    char name[2][ZONE_NAME_MAX]; /* standard time, summer time */
    int offset_s[2];
    bool summer;                /* there is summer time */
    struct zone_date change[2]; /* to standard time, to summer time */
};

int zone_rule_parse(struct zone_rule *rule, const char *text); /* 0 or -EINVAL */
void zone_rule_span(const struct zone_rule *rule, int64_t time_s, struct zone_span *span);

#endif
