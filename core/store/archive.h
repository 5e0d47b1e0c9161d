/* Which resolutions an RRD file keeps, and for how long. Shared by the daemon (to check the option)
 * and the store process (to make files). */
#ifndef GW_STORE_ARCHIVE_H
#define GW_STORE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

enum { ARCHIVES_MAX = 8 };

struct archive {
    int64_t step_s; /* 0: the series' own */
    int64_t keep_s;
};

struct archives {
    struct archive list[ARCHIVES_MAX];
    size_t count;
};

/* "step:1h 1m:1d"; NULL when it is right, or where it is wrong (inside `text`). */
const char *archives_parse(const char *text, struct archives *out);

#endif
