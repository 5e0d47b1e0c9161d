/* station.h - one hypervisor of this machine: its process, the conversation with it, and what of
 * the lab it serves. Shared by ubridge.c (which finds them), bridge.c and dynamips.c (what they are
 * asked). Only questions are asked: nothing here changes anything. */
#ifndef TRAFFIC_STATION_H
#define TRAFFIC_STATION_H

#include "answers.h"
#include "hyper.h"
#include "traffic.h"

#include <proc/procs.h>

enum { BRIDGES_MAX = 512 }; /* of one process */

/* Something that has counters, by its name in the hypervisor. */
struct bridge {
    char name[ANSWER_NAME_MAX];
    bool iol;
    char node_id[NODE_ID_BYTES]; /* dynamips: the router it was found at; "" */
    int adapter, port;           /* the same */
};

struct station {
    TAILQ_ENTRY(station) entry;
    struct traffic *traffic;
    struct proc proc;
    uint64_t life;                   /* of the process */
    struct hyper *hyper;             /* owned; NULL: not connected */
    struct bridge *bridges, *listed; /* owned; listed: the list being read */
    size_t count, listed_count;
    struct bridge *asked; /* dynamips: the slots that were asked for; owned, BRIDGES_MAX */
    size_t asked_count;
    int lists;        /* answers a list is still made of */
    int64_t list_ms;  /* monotonic; the last list that was asked for; 0: none */
    int64_t retry_ms; /* monotonic; not to be reached before */
    int busy_turns;   /* turns in a row that found it still answering */
    bool seen;        /* in the scan under way */
    bool ours;        /* it serves a node we know */
};

/* bridge.c */
void bridge_turn(struct station *station, bool list);
void bridge_answer(const struct hyper_answer *answer, void *data, uint64_t tag);
/* dynamips.c */
void dynamips_turn(struct station *station, bool list);
void dynamips_answer(const struct hyper_answer *answer, void *data, uint64_t tag);

/* What the lines of a list belong to. */
struct listing {
    struct station *station;
    bool iol;
    size_t place;
};

/* Calls for each line of an answer that is not too long. */
void answer_lines(const char *lines, void (*take)(const char *line, void *data), void *data);

/* The node a process's directory or a bridge's name means; NULL: none we know. `node_id` "": by the
 * directory. */
struct node *station_node(struct station *station, const char *node_id);
/* An entry of the list being read; false: there are too many. */
bool station_list(struct station *station, const struct bridge *bridge);
void station_listed(struct station *station); /* the list has been read: it is what there is */
void station_ask(struct station *station, uint64_t tag, const char *format, ...) GW_PRINTF(3, 4);

#endif
