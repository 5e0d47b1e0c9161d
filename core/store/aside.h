/* Files that cannot be used are moved out of the way, never deleted: dir/aside/NAME.TIME. */
#ifndef GW_STORE_ASIDE_H
#define GW_STORE_ASIDE_H

#include <stdint.h>

/* Moves dir/`name` ("rrd/a/b.rrd") to dir/aside/rrd_a_b.rrd.20260131T120000Z. *to (the caller
 * frees; may be NULL) is where it went, relative to `dir`. 0 or a negative errno. */
int aside_move(const char *dir, const char *name, int64_t now_ms, char **to);

#endif
