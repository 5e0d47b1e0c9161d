/* node.h - the node part: what its files share. Each turn all processes are looked at, in slices;
 * when the scan has ended, what they take is summed by node and project and judged. */
#ifndef SYSTEM_NODE_H
#define SYSTEM_NODE_H

#include "lab.h"
#include "processes.h"
#include "system.h"
#include "walk.h"

struct nodes {
    struct system *system;
    struct lab lab;
    struct processes processes;
    struct walk walk;
    struct gw_timer *slice, *step; /* of the scan, of the walk; NULL: none waits */
    int64_t lab_read_ms;           /* monotonic: all objects were read */
    int64_t scanned_ms, gap_ms;    /* of the last scan's end; since the one before; 0: the first */
    struct gw_series *counts;      /* system.processes */
    size_t orphans, zombies;       /* as they were told last */
    bool zombies_told;
};

/* usage.c - processes to their owners, sums, series, objects */
void usage_sum(struct nodes *nodes, int64_t now_ms);
void usage_tell(struct nodes *nodes);
void usage_forget_node(struct nodes *nodes, struct node *node);

/* judge.c - nodes that are dead, their uBridges */
void judge_nodes(struct nodes *nodes, int64_t now_ms);

/* strays.c - processes that belong to no running node; zombies */
void strays_judge(struct nodes *nodes, int64_t now_ms);

#endif
