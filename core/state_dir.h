/* The state directory: made, and held by one daemon at a time. */
#ifndef GW_STATE_DIR_H
#define GW_STATE_DIR_H

/* A descriptor that holds the lock until it is closed, or a negative errno with a sentence in *why
 * (the caller frees): who holds it, by pid. */
int state_dir_hold(const char *dir, char **why);

#endif
