/* environ.h - the surroundings each protocol promises its programs. */
#ifndef EXEC_ENVIRON_H
#define EXEC_ENVIRON_H

#include "recipe.h"

/* Fills recipe->env, and folders its programs may write. -errno with *why. */
int environ_make(struct recipe *recipe, struct gw_plugin *self, char why[RECIPE_WHY_BYTES]);

/* The directory a program of this user may write in; made. -errno. */
int environ_folder(struct gw_plugin *self, const struct child_user *user, const char *name,
                   char *path, size_t path_bytes);

/* By which all that this instance has started is known; no other's is the same. */
uint32_t environ_mark(struct gw_plugin *self);

extern const char environ_path[]; /* PATH */

#endif
