/* faults.c - see faults.h.
 *
 * Three ways to know a dead link: an end sends and the other end's counter stands still; a node is
 * started but its uBridge process has gone (stopping a capture can do that); a capture that was
 * just started serves old packets. */
#include "faults.h"

#include "capture.h"

#include <stdio.h>
#include <string.h>

enum {
    UNHEARD_MS = 20000,
    UNHEARD_PACKETS = 5,
    UNHEARD_TURNS = 3,       /* the two ends are not read at one moment: once proves nothing */
    UNHEARD_PAUSE_MS = 8000, /* after such a pause the sending begins anew */
    GONE_MS = 15000, /* a node that is being stopped loses its uBridge before GNS3's list says so */
};

static void unheard_sent(struct unheard *unheard, uint64_t packets, int64_t now_ms)
{
    if (unheard->since_ms == 0 || now_ms - unheard->last_ms > UNHEARD_PAUSE_MS)
        *unheard = (struct unheard){.since_ms = now_ms};
    unheard->sent += packets;
    unheard->turns++;
    unheard->last_ms = now_ms;
}

void fault_hear(struct link *link, const bool fresh[2], const struct counts sent[2],
                const struct counts got[2], int64_t now_ms)
{
    for (int from = 0; from < DIRECTIONS; from++) {
        int to = 1 - from;
        if (!fresh[from] || !fresh[to] || link->ends[from].source == SOURCE_CAPTURE ||
            link->ends[to].source == SOURCE_CAPTURE)
            continue;
        if (got[to].packets > 0) {
            link->unheard[from] = (struct unheard){0};
        } else if (sent[from].packets > 0) {
            unheard_sent(&link->unheard[from], sent[from].packets, now_ms);
        }
    }
}

static const char *name_of(const struct link *link, int end)
{
    const struct node *node = link->ends[end].node;
    return node && node->name ? node->name : "one end";
}

static bool find_gone(const struct link *link, int64_t now_ms, char *text, size_t size)
{
    for (int i = 0; i < 2; i++) {
        const struct node *node = link->ends[i].node;
        if (!node || node->state != NODE_STARTED || node->ubridge_gone_ms == 0 ||
            now_ms - node->ubridge_gone_ms < GONE_MS)
            continue;
        snprintf(text, size,
                 "%.80s is started, but its uBridge process has ended: nothing passes until the "
                 "node is stopped and started",
                 node->name);
        return true;
    }
    return false;
}

static bool find_unheard(const struct link *link, int64_t now_ms, char *text, size_t size)
{
    for (int from = 0; from < DIRECTIONS; from++) {
        if (link->unheard[from].since_ms == 0 || link->unheard[from].sent < UNHEARD_PACKETS ||
            link->unheard[from].turns < UNHEARD_TURNS ||
            now_ms - link->unheard[from].since_ms < UNHEARD_MS)
            continue;
        snprintf(text, size,
                 "%.60s sends and %.60s gets nothing: stop and start the node that does not hear",
                 name_of(link, from), name_of(link, 1 - from));
        return true;
    }
    return false;
}

static void tell(struct traffic *traffic, const struct link *link, const char *topic,
                 enum gw_severity severity, const char *what)
{
    char text[500];
    snprintf(text, sizeof text, "%.100s in %.80s: %.200s", link->name,
             link->project ? link->project->name : "", what);
    gw_emit(traffic->self, &(struct gw_event){.topic = topic,
                                              .severity = severity,
                                              .kind = "traffic.link",
                                              .id = link->id,
                                              .text = text});
}

void fault_turn(struct traffic *traffic, struct link *link, int64_t now_ms)
{
    char text[sizeof link->fault] = "";
    bool may = !link->closed && !link->suspended;
    bool dead = may && (find_gone(link, now_ms, text, sizeof text) ||
                        find_unheard(link, now_ms, text, sizeof text) ||
                        capture_fault(link, text, sizeof text));
    if (dead == (*link->fault != '\0'))
        return;
    snprintf(link->fault, sizeof link->fault, "%s", dead ? text : "");
    link->changed = true;
    if (dead)
        tell(traffic, link, "traffic.link.dead", GW_ERROR, text);
    else
        tell(traffic, link, "traffic.link.alive", GW_NOTICE, "the link is no longer dead");
}
