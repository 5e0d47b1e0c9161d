/* protocols.c - see protocols.h. */
#include "protocols.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

static const struct gw_field fields[] = {
    {"packets", GW_COUNTER, "{packet}", "Packets of this protocol on captured links"},
    {"bytes", GW_COUNTER, "By", "Bytes of this protocol on captured links"},
    {0},
};

static struct protocol *protocol_of(struct protocols *protocols, const char *name)
{
    for (size_t i = 0; i < protocols->count; i++)
        if (strcmp(protocols->all[i].name, name) == 0)
            return &protocols->all[i];
    if (protocols->count >= PROTOCOLS_MAX - 1 && strcmp(name, "Other") != 0)
        return protocol_of(protocols, "Other");
    struct protocol *protocol = &protocols->all[protocols->count++];
    snprintf(protocol->name, sizeof protocol->name, "%s", name);
    return protocol;
}

static void turn_minute(struct protocols *protocols, int64_t now_ms)
{
    int64_t gone_ms = now_ms - protocols->minute_ms;
    if (protocols->minute_ms != 0 && gone_ms < MINUTE_MS)
        return;
    for (size_t i = 0; i < protocols->count; i++) {
        uint64_t *recent = protocols->all[i].recent;
        recent[1] = gone_ms < 2 * MINUTE_MS ? recent[0] : 0;
        recent[0] = 0;
    }
    protocols->minute_ms = now_ms;
}

void protocols_add(struct protocols *protocols, const char *name, uint32_t bytes, int64_t now_ms)
{
    turn_minute(protocols, now_ms);
    struct protocol *protocol = protocol_of(protocols, name);
    protocol->total.packets++;
    protocol->total.bytes += bytes;
    protocol->recent[0] += bytes;
}

static uint64_t recent_of(const struct protocol *protocol)
{
    return protocol->recent[0] + protocol->recent[1];
}

static int by_bytes(const void *a, const void *b)
{
    uint64_t one = recent_of(*(const struct protocol *const *)a);
    uint64_t other = recent_of(*(const struct protocol *const *)b);
    return one < other ? 1 : one > other ? -1 : 0;
}

json_t *protocols_shares(const struct protocols *protocols)
{
    const struct protocol *order[PROTOCOLS_MAX];
    json_t *list = json_array();
    uint64_t sum = 0;
    for (size_t i = 0; protocols && i < protocols->count; i++) {
        order[i] = &protocols->all[i];
        sum += recent_of(order[i]);
    }
    if (sum == 0)
        return list;
    qsort(order, protocols->count, sizeof order[0], by_bytes);
    for (size_t i = 0; i < protocols->count && recent_of(order[i]) > 0; i++) {
        double share = 100.0 * (double)recent_of(order[i]) / (double)sum;
        json_array_append_new(
            list, json_pack("{s:s,s:f}", "name", order[i]->name, "share", round(share * 10) / 10));
    }
    return list;
}

void protocols_tell(struct traffic *traffic, struct project *project)
{
    struct protocols *protocols = project->protocols;
    for (size_t i = 0; protocols && i < protocols->count; i++) {
        struct protocol *protocol = &protocols->all[i];
        struct gw_label labels[] = {{"server", project->server},
                                    {"project", project->name},
                                    {"protocol", protocol->name},
                                    {0}};
        const double row[] = {(double)protocol->total.packets, (double)protocol->total.bytes};
        if (!protocol->series)
            protocol->series = gw_series_get(traffic->self, "traffic.protocol", labels, fields, 0);
        else if (project->renamed)
            gw_series_relabel(protocol->series, labels);
        gw_set(protocol->series, row);
    }
}

void protocols_free(struct protocols *protocols)
{
    for (size_t i = 0; protocols && i < protocols->count; i++)
        gw_series_end(protocols->all[i].series);
    free(protocols);
}
