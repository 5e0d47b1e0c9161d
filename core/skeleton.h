/* The files of packaging/skeleton, which are part of the program. */
#ifndef GW_SKELETON_H
#define GW_SKELETON_H

#include <stddef.h>

struct skeleton_file {
    const char *path;       /* within the plugin's directory; "skeleton" stands for its name */
    const char *text, *end; /* static; not NUL-terminated */
};

extern const struct skeleton_file skeleton_files[];
extern const size_t skeleton_count;

#endif
