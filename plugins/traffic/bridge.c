/* bridge.c - what a uBridge process is asked: which bridges there are, and their counters. */
#include "station.h"

#include <string.h>

enum tag { TAG_LIST = 1, TAG_IOL_LIST, TAG_STATS, TAG_IOL_STATS };

static uint64_t tag_of(enum tag tag, size_t place)
{
    return (uint64_t)tag << 32 | place;
}

static void ask_stats(struct station *station)
{
    for (size_t i = 0; i < station->count; i++) {
        const struct bridge *bridge = &station->bridges[i];
        if (bridge->iol)
            station_ask(station, tag_of(TAG_IOL_STATS, i), "iol_bridge get_stats %s", bridge->name);
        else
            station_ask(station, tag_of(TAG_STATS, i), "bridge get_stats %s", bridge->name);
    }
}

void bridge_turn(struct station *station, bool list)
{
    if (list) {
        station->lists = 2;
        station->listed_count = 0;
        station_ask(station, tag_of(TAG_LIST, 0), "bridge list");
        station_ask(station, tag_of(TAG_IOL_LIST, 0), "iol_bridge list");
    }
    ask_stats(station);
}

static void take_bridge(const char *line, void *data)
{
    struct listing *listing = data;
    struct bridge bridge = {.iol = listing->iol};
    if (answer_bridge(line, bridge.name))
        station_list(listing->station, &bridge);
}

static bool same_bridges(const struct station *station)
{
    if (station->count != station->listed_count)
        return false;
    for (size_t i = 0; i < station->count; i++)
        if (strcmp(station->bridges[i].name, station->listed[i].name) != 0)
            return false;
    return true;
}

static void take_list(struct station *station, const struct hyper_answer *answer, bool iol)
{
    struct listing listing = {.station = station, .iol = iol};
    if (answer->code == 100) /* old versions know no iol_bridge */
        answer_lines(answer->lines, take_bridge, &listing);
    if (--station->lists > 0 || same_bridges(station))
        return;
    station_listed(station);
    ask_stats(station); /* at once: what is new is not to wait for its turn */
}

struct pair {
    struct nio source, destination;
    bool has_source, has_destination;
};

static void take_nio(const char *line, void *data)
{
    struct pair *pair = data;
    enum nio_side side;
    struct nio nio;
    if (!answer_nio(line, &side, &nio))
        return;
    if (side == NIO_SOURCE) {
        pair->source = nio;
        pair->has_source = true;
    } else {
        pair->destination = nio;
        pair->has_destination = true;
    }
}

static void take_stats(struct station *station, const struct bridge *bridge, const char *lines)
{
    struct bridge_name name;
    struct pair pair = {0};
    struct link *link;
    answer_lines(lines, take_nio, &pair);
    if (!pair.has_source || !pair.has_destination || !bridge_name(bridge->name, &name))
        return; /* half a bridge is no link */
    struct node *node = station_node(station, name.node_id);
    struct end *end = node ? node_end(node, name.adapter, name.port, &link) : NULL;
    if (!end)
        return;
    struct reading reading = {
        .has_node = true,
        .wire = name.wire_is_source ? pair.source : pair.destination,
        .node = name.wire_is_source ? pair.destination : pair.source,
    };
    source_says(station->traffic, SOURCE_UBRIDGE, end, &reading, station->life);
}

static void take_iol_port(const char *line, void *data)
{
    struct station *station = data;
    struct reading reading = {0};
    struct link *link;
    int adapter, port;
    if (!answer_iol_port(line, &adapter, &port, &reading.wire))
        return;
    struct node *node = station_node(station, "");
    struct end *end = node ? node_end(node, adapter, port, &link) : NULL;
    if (end)
        source_says(station->traffic, SOURCE_UBRIDGE, end, &reading, station->life);
}

void bridge_answer(const struct hyper_answer *answer, void *data, uint64_t tag)
{
    struct station *station = data;
    size_t place = (size_t)(tag & UINT32_MAX);
    enum tag kind = (enum tag)(tag >> 32);
    if (answer->code < 0)
        return;
    if (kind == TAG_LIST || kind == TAG_IOL_LIST) {
        take_list(station, answer, kind == TAG_IOL_LIST);
    } else if (place < station->count && answer->code != 100) {
        station->list_ms = 0; /* it is gone: ask what there is */
    } else if (place < station->count && kind == TAG_STATS) {
        take_stats(station, &station->bridges[place], answer->lines);
    } else if (place < station->count) {
        answer_lines(answer->lines, take_iol_port, station);
    }
}
