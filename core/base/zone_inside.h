/* What a zone is; shared by zone.c and zone_file.c. */
#ifndef GW_BASE_ZONE_INSIDE_H
#define GW_BASE_ZONE_INSIDE_H

#include "base/zone_rule.h"

#include <stdatomic.h>

enum { ZONE_FILE_BYTES_MAX = 256 * 1024 };

struct zone_type {
    int offset_s;
    char name[ZONE_NAME_MAX];
};

struct zone {
    atomic_int users;
    int64_t *changes_s;      /* rising; the heap's */
    unsigned char *types_of; /* the type after each change */
    size_t change_count;
    struct zone_type types[256];
    bool has_rule;
    struct zone_rule rule;
};

#endif
