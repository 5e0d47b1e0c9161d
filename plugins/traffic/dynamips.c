/* dynamips.c - what a dynamips process is asked: which interface of which router has which NIO, and
 * the NIO's counters.
 *
 * Built-in switches run in dynamips, too, but it does not tell which NIO is on which of their
 * ports: a link to a node with a uBridge is counted there, a link between two built-in switches is
 * not. */
#include "station.h"

#include <string.h>

enum tag { TAG_BINDINGS = 1, TAG_STATS };

static uint64_t tag_of(enum tag tag, size_t place)
{
    return (uint64_t)tag << 32 | place;
}

/* Names go into a command in quotation marks. */
static bool may_be_named(const char *name)
{
    return name && *name && strlen(name) < ANSWER_NAME_MAX && !strpbrk(name, "\"\\\r\n");
}

static bool asked_already(const struct station *station, const struct node *node, int adapter)
{
    for (size_t i = 0; i < station->asked_count; i++)
        if (station->asked[i].adapter == adapter &&
            strcmp(station->asked[i].node_id, node->node_id) == 0)
            return true;
    return false;
}

static void ask_bindings(struct station *station, const struct node *node)
{
    for (size_t i = 0; i < node->end_count && station->asked_count < BRIDGES_MAX; i++) {
        int adapter = node->ends[i]->adapter;
        if (asked_already(station, node, adapter))
            continue;
        struct bridge *asked = &station->asked[station->asked_count];
        memcpy(asked->node_id, node->node_id, NODE_ID_BYTES);
        asked->adapter = adapter;
        station->lists++;
        station_ask(station, tag_of(TAG_BINDINGS, station->asked_count++),
                    "vm slot_nio_bindings \"%s\" %d", node->name, adapter);
    }
}

/* Its directory is in its project's. */
static bool is_of(const struct station *station, const struct node *node)
{
    const char *path = node->project ? node->project->path : NULL;
    size_t bytes = path ? strlen(path) : 0;
    return bytes > 0 && strncmp(station->proc.cwd, path, bytes) == 0 &&
           (station->proc.cwd[bytes] == '/' || station->proc.cwd[bytes] == '\0');
}

void dynamips_turn(struct station *station, bool list)
{
    const struct node *node;
    if (list) {
        station->lists = 0;
        station->asked_count = station->listed_count = 0;
        TAILQ_FOREACH(node, &station->traffic->lab.nodes, entry)
        if (node->here && node->state != NODE_CLOSED && node->type && node->node_id &&
            strcmp(node->type, "dynamips") == 0 &&
            is_node_id(node->node_id, strlen(node->node_id)) && may_be_named(node->name) &&
            is_of(station, node))
            ask_bindings(station, node);
    }
    for (size_t i = 0; i < station->count; i++)
        station_ask(station, tag_of(TAG_STATS, i), "nio get_stats %s", station->bridges[i].name);
}

static void take_binding(const char *line, void *data)
{
    struct listing *listing = data;
    const struct bridge *asked = &listing->station->asked[listing->place];
    struct bridge bridge = *asked;
    if (answer_binding(line, &bridge.port, bridge.name))
        station_list(listing->station, &bridge);
}

static void take_stats(struct station *station, const struct bridge *bridge, const char *text)
{
    struct nio nio;
    struct link *link;
    struct node *node = station_node(station, bridge->node_id);
    struct end *end = node ? node_end(node, bridge->adapter, bridge->port, &link) : NULL;
    if (!end || !answer_dynamips_nio(text, &nio))
        return;
    struct reading reading = {.wire = nio};
    source_says(station->traffic, SOURCE_DYNAMIPS, end, &reading, station->life);
}

void dynamips_answer(const struct hyper_answer *answer, void *data, uint64_t tag)
{
    struct station *station = data;
    size_t place = (size_t)(tag & UINT32_MAX);
    if (answer->code < 0)
        return;
    if (tag >> 32 == TAG_BINDINGS) {
        struct listing listing = {.station = station, .place = place};
        if (answer->code == 100 && place < station->asked_count)
            answer_lines(answer->lines, take_binding, &listing);
        if (--station->lists == 0)
            station_listed(station);
    } else if (answer->code == 100 && place < station->count) {
        take_stats(station, &station->bridges[place], answer->text);
    }
}
