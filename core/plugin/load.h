/* Loading plugins: finding NAME.so, and checking that it fits before anything of it is used. */
#ifndef GW_PLUGIN_LOAD_H
#define GW_PLUGIN_LOAD_H

#include "base/buf.h"

#include <gnswatch/plugin.h>
#include <sys/types.h>

/* Which version of a file: another one is another file, or was written again. */
struct file_id {
    dev_t device;
    ino_t inode;
    off_t bytes;
    int64_t changed_ns; /* 0: none */
};

struct plugin { /* lives until the program ends, as its .so does */
    char *name, *path;
    struct file_id id;               /* when it was loaded, or last said to have changed */
    struct gw_descriptor descriptor; /* a copy, zeroed beyond what the plugin knows */
};

/* The path of NAME.so (the caller frees). NULL with a sentence in *why (the caller frees). `dirs`
 * ends with NULL. */
char *plugin_find(const char *const *dirs, const char *name, char **why);
/* NULL with a sentence in *why (the caller frees). */
struct plugin *plugin_load(const char *const *dirs, const char *name, char **why);
void plugin_free(struct plugin *plugin);

/* Each NAME.so in `dirs`, once, sorted within a directory. */
void plugin_each(const char *const *dirs,
                 void (*visit)(void *data, const char *name, const char *path), void *data);

/* check.c: what is wrong with a descriptor's tables; NULL: nothing. The caller frees. */
char *descriptor_fault(const struct gw_descriptor *descriptor, const char *name);

#endif
