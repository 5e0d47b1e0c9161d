/* flood - many series, each with a row every tick: what a large lab asks of the store. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SERIES_MAX = 100000, NAME_BYTES = 24 };

struct flood {
    size_t count, fields;
    double ticks; /* every value of a row is its number in this process, plus the series' */
    struct gw_series **series;
};

static const struct gw_row options[] = {
    {.name = "series",
     .type = GW_INT,
     .def = "10",
     .min = 1,
     .max = SERIES_MAX,
     .help = "How many series."},
    {.name = "fields",
     .type = GW_INT,
     .def = "5",
     .min = 1,
     .max = 8,
     .help = "How many values each of their rows has."},
    {.name = "objects",
     .type = GW_INT,
     .def = "0",
     .min = 0,
     .max = 10000,
     .help = "How many objects; one a tick changes."},
    {0},
};

static const struct gw_row thing_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "Its name."},
    {.name = "changed", .type = GW_INT, .help = "The tick that changed it."},
    {0},
};

static const struct gw_kind kinds[] = {
    {"flood.thing", "things", "A thing that is there to be kept.", thing_fields},
    {0},
};

static const struct gw_field all_fields[] = {
    {"a", GW_GAUGE, "1", "Number of the row, plus that of the series"},
    {"b", GW_GAUGE, "1", "The same"},
    {"c", GW_GAUGE, "1", "The same"},
    {"d", GW_GAUGE, "1", "The same"},
    {"e", GW_GAUGE, "1", "The same"},
    {"f", GW_GAUGE, "1", "The same"},
    {"g", GW_GAUGE, "1", "The same"},
    {"h", GW_GAUGE, "1", "The same"},
    {0},
};

/* The last fields of the list: as many as were asked for. */
static const struct gw_field *fields_of(const struct flood *flood)
{
    return all_fields + (sizeof(all_fields) / sizeof(*all_fields) - 1 - flood->fields);
}

static void flood_stop(struct gw_plugin *self, void *data)
{
    struct flood *flood = data;
    (void)self;
    if (flood)
        free(flood->series);
    free(flood);
}

static int flood_start(struct gw_plugin *self, void **data)
{
    struct flood *flood = calloc(1, sizeof(*flood));
    *data = flood;
    if (!flood)
        return -ENOMEM;
    flood->count = (size_t)gw_int(gw_options(self), "series");
    flood->fields = (size_t)gw_int(gw_options(self), "fields");
    flood->series = calloc(flood->count, sizeof(struct gw_series *));
    if (!flood->series)
        return -ENOMEM;
    for (size_t i = 0; i < flood->count; i++) {
        char name[NAME_BYTES];
        snprintf(name, sizeof(name), "%zu", i);
        const struct gw_label labels[] = {{"n", name}, {0}};
        flood->series[i] = gw_series_get(self, "flood.row", labels, fields_of(flood), 0);
        if (!flood->series[i])
            return gw_fail(self, -ENOSPC, "series %zu", i);
    }
    return 0;
}

static int change_an_object(struct gw_plugin *self, const struct flood *flood)
{
    long long count = (long long)gw_int(gw_options(self), "objects");
    long long tick = (long long)flood->ticks;
    char id[NAME_BYTES], json[96];
    if (!count)
        return 0;
    snprintf(id, sizeof(id), "t%d", (int)(tick % count));
    snprintf(json, sizeof(json), "{\"name\":\"thing %s\",\"changed\":%lld}", id, tick);
    const struct gw_event event = {.topic = "flood.tick", .severity = GW_INFO, .text = json};
    gw_emit(self, &event);
    return gw_object_put(self, "flood.thing", id, json);
}

static int flood_tick(struct gw_plugin *self, void *data)
{
    struct flood *flood = data;
    int error = 0;
    flood->ticks++;
    for (size_t i = 0; i < flood->count; i++) {
        double values[8];
        for (size_t f = 0; f < flood->fields; f++)
            values[f] = flood->ticks + (double)i;
        int refused = gw_set(flood->series[i], values);
        error = refused ? refused : error;
    }
    int refused = change_an_object(self, flood);
    return refused ? refused : error;
}

GW_PLUGIN(.name = "flood", .version = "1.0", .summary = "Many series, for tests of the store",
          .options = options, .kinds = kinds, .every_ms = 1000, .deadline_ms = 5000,
          .start = flood_start, .tick = flood_tick, .stop = flood_stop);
