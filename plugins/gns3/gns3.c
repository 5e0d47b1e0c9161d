/* gns3.c - GNS3 servers as objects, series, events and commands (see README.md). This file is the
 * plugin's table of contents: its options, its start, tick and stop. */
#include "act.h"
#include "commands.h"
#include "identity.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdlib.h>

enum { EVERY_MS = 5000, EVERY_MIN_MS = 500 };

static const struct gw_row option_rows[] = {
    {.name = "servers",
     .type = GW_TABLES,
     .rows = gns3_server_rows,
     .min = 1,
     .max = 64,
     .def = "[{\"name\":\"local\",\"url\":\"http://127.0.0.1:3080\"}]",
     .help = "The GNS3 servers to watch"},
    {.name = "statistics_every",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "10s",
     .min = 1000,
     .max = 3600000,
     .help = "How often the computes' figures are read"},
    {.name = "templates_every",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "60s",
     .min = 1000,
     .max = 86400000,
     .help = "How often the templates are read"},
    {.name = "snapshots_every",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "60s",
     .min = 1000,
     .max = 86400000,
     .help = "How often snapshots and drawings of an opened project are looked at"},
    {.name = "cost_max",
     .type = GW_NUMBER,
     .unit = "%",
     .def = "3",
     .min = 0.1,
     .max = 100,
     .help = "What polling may cost a GNS3 server, in percent of one of its cores; when that is "
             "not enough for all projects, each is polled less often"},
    {0},
};

static int gns3_add(struct gns3 *gns3, const struct gw_values *values)
{
    struct server *server = server_new(gns3, values);
    if (!server)
        return gw_fail(gns3->self, -ENOMEM, "server '%s' cannot be watched",
                       gw_string(values, "name"));
    void *list = list_add(gns3->servers, &gns3->server_count, server);
    if (!list) {
        server_free(server);
        return -ENOMEM;
    }
    gns3->servers = list;
    return 0;
}

static int gns3_start(struct gw_plugin *self, void **data)
{
    const struct gw_values *options = gw_options(self);
    struct gns3 *gns3 = calloc(1, sizeof *gns3);
    if (!gns3)
        return -ENOMEM;
    *data = gns3;
    gns3->self = self;
    gns3->every_ms = EVERY_MS;
    gns3->statistics_every_ms = gw_int(options, "statistics_every");
    gns3->templates_every_ms = gw_int(options, "templates_every");
    gns3->snapshots_every_ms = gw_int(options, "snapshots_every");
    gns3->cost_percent = gw_number(options, "cost_max");
    size_t count = gw_count(options, "servers");
    for (size_t i = 0; i < count; i++) {
        int error = gns3_add(gns3, gw_table_at(options, "servers", i));
        if (error < 0)
            return error;
    }
    identity_seed(gns3);
    for (size_t i = 0; i < gns3->server_count; i++)
        server_put(gns3->servers[i]);
    return 0;
}

/* The host knows how often it ticks; what is seen of it is enough. */
static void gns3_pace(struct gns3 *gns3)
{
    int64_t now = gw_monotonic_ms(gns3->self), gap = now - gns3->ticked_ms;
    if (gns3->ticked_ms && gap >= EVERY_MIN_MS)
        gns3->every_ms = gap < gns3->every_ms ? gap : (gns3->every_ms * 7 + gap) / 8;
    gns3->ticked_ms = now;
}

static int gns3_tick(struct gw_plugin *self, void *data)
{
    (void)self;
    struct gns3 *gns3 = data;
    gns3_pace(gns3);
    for (size_t i = 0; i < gns3->server_count; i++)
        server_tick(gns3->servers[i]);
    return 0;
}

static void gns3_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct gns3 *gns3 = data;
    if (!gns3)
        return;
    gns3->stopping = true;
    for (size_t i = 0; i < gns3->server_count; i++)
        server_stop(gns3->servers[i]);
    act_stop_all(gns3);
    for (size_t i = 0; i < gns3->server_count; i++)
        server_free(gns3->servers[i]);
    free(gns3->servers);
    free(gns3);
}

GW_PLUGIN(.name = "gns3", .version = "0.1.0",
          .summary = "GNS3 servers: projects, nodes, links, templates and snapshots",
          .options = option_rows, .kinds = gns3_kinds, .commands = gns3_commands,
          .every_ms = EVERY_MS, .start = gns3_start, .tick = gns3_tick, .stop = gns3_stop);
