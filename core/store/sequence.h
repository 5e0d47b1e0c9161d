/* The highest event number that may have been given out, in a small file of its own, so that
 * numbers never go backwards: not after kill -9, not when the database had to be set aside. */
#ifndef GW_STORE_SEQUENCE_H
#define GW_STORE_SEQUENCE_H

#include <stdint.h>

int64_t sequence_read(const char *dir); /* 0: none yet */
int sequence_write(const char *dir, int64_t sequence);

#endif
