/* The head of an RRD file, read without librrd: ours, whole, and how far. */
#ifndef GW_STORE_RRD_HEAD_H
#define GW_STORE_RRD_HEAD_H

#include "store/rrd/module.h"

int head_check(const char *path, const struct rrd_shape *shape, int64_t *last_s);

#endif
