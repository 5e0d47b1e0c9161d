/* dpi.c - see dpi.h. nDPI looks at a flow's first packets until it knows, or has seen enough. */
#include "dpi.h"

#include <ndpi/ndpi_api.h>
#include <ndpi/ndpi_main.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 1024,
    WAYS = 4,
    LOOKS_MAX = 12,
    QUIET_MS = 60000, /* a flow that is not known by then will not be */
    SWEEP = 4,        /* places that are looked through with each new flow */
};

struct tracked {
    struct flow_key key;
    int64_t seen_ms;               /* 0: free */
    struct ndpi_flow_struct *flow; /* owned; NULL once it is known */
    uint16_t protocol;
    uint8_t looks;
};

struct dpi {
    struct ndpi_detection_module_struct *module;
    struct tracked table[PLACES][WAYS];
    unsigned swept; /* the next place to sweep */
};

struct dpi *dpi_new(void)
{
    struct dpi *dpi = calloc(1, sizeof *dpi);
    if (!dpi)
        return NULL;
    /* A megabyte of addresses of Tor's relays; a lab that uses them has made them up. */
    dpi->module = ndpi_init_detection_module(ndpi_dont_load_tor_hosts);
    if (!dpi->module) {
        free(dpi);
        return NULL;
    }
    NDPI_PROTOCOL_BITMASK all;
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(dpi->module, &all);
    ndpi_finalize_initialization(dpi->module);
    return dpi;
}

void dpi_free(struct dpi *dpi)
{
    if (!dpi)
        return;
    for (int i = 0; i < PLACES; i++)
        for (int k = 0; k < WAYS; k++)
            if (dpi->table[i][k].flow)
                ndpi_flow_free(dpi->table[i][k].flow);
    ndpi_exit_detection_module(dpi->module);
    free(dpi);
}

/* FNV-1a */
static unsigned place_of(const struct flow_key *key)
{
    const uint8_t *bytes = (const uint8_t *)key;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < sizeof *key; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash % PLACES;
}

static uint16_t best_of(ndpi_protocol found)
{
    return found.app_protocol != NDPI_PROTOCOL_UNKNOWN ? found.app_protocol : found.master_protocol;
}

/* What nDPI keeps of it, several kilobytes, is not needed any more. */
static void settle(struct dpi *dpi, struct tracked *tracked)
{
    if (tracked->protocol == NDPI_PROTOCOL_UNKNOWN) {
        uint8_t guessed;
        tracked->protocol = best_of(ndpi_detection_giveup(dpi->module, tracked->flow, 1, &guessed));
    }
    ndpi_flow_free(tracked->flow);
    tracked->flow = NULL;
}

static void sweep(struct dpi *dpi, int64_t time_ms)
{
    for (int n = 0; n < SWEEP; n++) {
        struct tracked *ways = dpi->table[dpi->swept++ % PLACES];
        for (int i = 0; i < WAYS; i++)
            if (ways[i].flow && time_ms - ways[i].seen_ms > QUIET_MS)
                settle(dpi, &ways[i]);
    }
}

static struct tracked *track(struct dpi *dpi, const struct flow_key *key, int64_t time_ms)
{
    struct tracked *ways = dpi->table[place_of(key)], *oldest = &ways[0];
    for (int i = 0; i < WAYS; i++) {
        if (ways[i].seen_ms != 0 && memcmp(&ways[i].key, key, sizeof *key) == 0) {
            ways[i].seen_ms = time_ms;
            return &ways[i];
        }
        if (ways[i].seen_ms < oldest->seen_ms)
            oldest = &ways[i];
    }
    sweep(dpi, time_ms);
    if (oldest->flow)
        ndpi_flow_free(oldest->flow);
    *oldest = (struct tracked){.key = *key, .seen_ms = time_ms};
    oldest->flow = ndpi_flow_malloc(SIZEOF_FLOW_STRUCT);
    if (oldest->flow)
        memset(oldest->flow, 0, SIZEOF_FLOW_STRUCT);
    return oldest;
}

static void look(struct dpi *dpi, struct tracked *tracked, const struct frame *frame,
                 int64_t time_ms)
{
    unsigned short bytes = (unsigned short)(frame->ip_bytes < 65535 ? frame->ip_bytes : 65535);
    ndpi_protocol found = ndpi_detection_process_packet(dpi->module, tracked->flow, frame->ip,
                                                        bytes, (uint64_t)time_ms);
    tracked->protocol = best_of(found);
    tracked->looks++;
    if (tracked->protocol != NDPI_PROTOCOL_UNKNOWN || tracked->looks >= LOOKS_MAX)
        settle(dpi, tracked);
}

const char *dpi_name(struct dpi *dpi, const struct frame *frame, int64_t time_ms)
{
    if (!frame->ip)
        return frame_name(frame);
    struct tracked *tracked = track(dpi, &frame->key, time_ms > 0 ? time_ms : 1);
    if (tracked->flow)
        look(dpi, tracked, frame, time_ms);
    return ndpi_get_proto_name(dpi->module, tracked->protocol);
}

size_t dpi_undecided(const struct dpi *dpi)
{
    size_t count = 0;
    for (int i = 0; i < PLACES; i++)
        for (int k = 0; k < WAYS; k++)
            count += dpi->table[i][k].flow != NULL;
    return count;
}
