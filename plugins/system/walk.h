/* walk.h - how much disk the directories of projects and nodes take, a few files at a time. What is
 * below a node's directory counts for both. Symbolic links are not followed. */
#ifndef SYSTEM_WALK_H
#define SYSTEM_WALK_H

#include "lab.h"

#include <dirent.h>
#include <stdbool.h>

enum { WALK_DEPTH = 24, PATH_MAX_TEXT = 4096 };

struct walk {
    struct lab *lab; /* borrowed */
    const char *root;
    struct project *project; /* whose directory is being walked; NULL: none */
    struct {
        DIR *dir;          /* owned */
        struct node *node; /* in whose directory it is; NULL: in none's */
    } at[WALK_DEPTH];
    int depth;
    double bytes;
    int64_t began_ms; /* monotonic, of the last round; 0: none yet */
    bool under_way;
};

void walk_init(struct walk *walk, struct lab *lab, const char *root);
/* A round begins unless one is under way. */
void walk_begin(struct walk *walk, int64_t now_ms);
/* Up to `most` files. True: the round has ended. */
bool walk_step(struct walk *walk, int most);
/* Something it may point to has gone: the round is given up. */
void walk_stop(struct walk *walk);

#endif
