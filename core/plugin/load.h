/* Loading plugins: finding NAME.so, and checking that it fits before anything of it is used. */
#ifndef GW_PLUGIN_LOAD_H
#define GW_PLUGIN_LOAD_H

#include "base/buf.h"

#include <gnswatch/plugin.h>

struct plugin { /* lives until the program ends, as its .so does */
    char *name, *path;
    struct gw_descriptor descriptor; /* a copy, zeroed beyond what the plugin knows */
};

/* NULL with a sentence in *why (the caller frees). `dirs` ends with NULL. */
struct plugin *plugin_load(const char *const *dirs, const char *name, char **why);
void plugin_free(struct plugin *plugin);

/* Each NAME.so in `dirs`, once, sorted within a directory. */
void plugin_each(const char *const *dirs,
                 void (*visit)(void *data, const char *name, const char *path), void *data);

/* check.c: what is wrong with a descriptor's tables; NULL: nothing. The caller frees. */
char *descriptor_fault(const struct gw_descriptor *descriptor, const char *name);

#endif
