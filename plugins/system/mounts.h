/* mounts.h - one line of /proc/PID/mountinfo (proc(5)). Pure. */
#ifndef SYSTEM_MOUNTS_H
#define SYSTEM_MOUNTS_H

#include <stdbool.h>

struct mount {
    char device[32]; /* major:minor */
    char path[512], type[64], source[256];
    bool read_only; /* here, or the whole file system */
};

/* False: torn, or a path longer than there is room. Octal escapes are undone. */
bool mount_read(const char *line, struct mount *mount);

#endif
