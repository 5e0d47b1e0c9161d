/* A test program that is its own child: worker_spawn starts /proc/self/exe, which here is the test.
 */
#ifndef GW_TEST_WORKER_SELF_H
#define GW_TEST_WORKER_SELF_H

#include "unit.h"

#include "worker/inside.h"

#include <string.h>

/* argv is "gnswatch worker describe --socket FILE.so". */
static inline bool is_describe(int argc, char **argv)
{
    return argc == 5 && strcmp(argv[1], "worker") == 0 && strcmp(argv[2], "describe") == 0;
}

#endif
