/* picture.h - has gnswatch-chart draw a picture and waits for it, but not for long. Blocks, so it
 * is for a thread. */
#ifndef EMAIL_PICTURE_H
#define EMAIL_PICTURE_H

#include <stddef.h>
#include <stdint.h>

/* `json` as chart/chart.c wants it. 0: *png is the caller's to free. -ETIMEDOUT: it was killed
 * after deadline_ms; -EIO: it ended badly; -EMSGSIZE; else why it could not be started. */
int picture_make(const char *program, const char *json, int64_t deadline_ms, void **png,
                 size_t *bytes);
/* Beside the plugins' folder: …/lib/gnswatch/gnswatch-chart. 0 or -ENOENT. */
int picture_program(char *path, size_t size);

#endif
