/* captures.h - the captures there are, and the memory of those that are ours. What capture.c and
 * captures.c share. */
#ifndef TRAFFIC_CAPTURES_H
#define TRAFFIC_CAPTURES_H

#include "tap.h"

enum capture_state { CAPTURE_OFF = 1, CAPTURE_ASKING, CAPTURE_READING };

struct capture {
    TAILQ_ENTRY(capture) entry;
    struct captures *captures;
    struct link *link; /* NULL: gone, while an answer was awaited */
    enum capture_state state;
    bool ours;                          /* gnswatch has started it */
    bool waiting;                       /* for an answer of the gns3 plugin */
    int failures;                       /* in a row */
    int64_t retry_ms, read_ms, told_ms; /* monotonic */
    uint64_t life;                      /* of its counters */
    uint64_t seen_bytes, grown;
    char *path;    /* owned; of its pipe; NULL: it was never read */
    char why[200]; /* why nothing is read; "" */
    struct tap tap;
};

struct captures {
    struct traffic *traffic;
    bool on, protocols; /* protocols: also where something else counts */
    size_t count_max;
    uint64_t rate_max, disk_max;
    TAILQ_HEAD(, capture) all;
    struct dpi *dpi; /* owned; made when the first packets come */
    uint64_t lives, turns;
    int64_t turned_ms, saved_ms;
    json_t *files; /* owned: {server: {link_id: {started, bytes}}} of captures we started */
    bool changed, told_full;
};

void captures_load(struct captures *captures);
void captures_save(struct captures *captures);
/* A capture of ours: when it was started (0: as before) and how large its file is. */
void captures_record(struct captures *captures, const struct link *link, int64_t started_ms,
                     uint64_t bytes);
bool captures_owns(const struct captures *captures, const struct link *link);
uint64_t captures_disk(const struct captures *captures, const char *server);     /* bytes of ours */
void captures_tell_full(struct captures *captures, const struct server *server); /* once */

#endif
