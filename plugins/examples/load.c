/* load - the smallest useful plugin: one series, set on every tick. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <stdlib.h>

static const struct gw_field fields[] = {
    {"load1", GW_GAUGE, "1", "Load average of the last minute"},
    {0},
};

static int load_tick(struct gw_plugin *self, void *data)
{
    (void)data;
    double load;
    if (getloadavg(&load, 1) != 1)
        return gw_fail(self, -ENOTSUP, "getloadavg");
    return gw_set(gw_series_get(self, "load.system", NULL, fields, 0), &load);
}

GW_PLUGIN(.name = "load", .version = "1.0", .summary = "Load average of this machine",
          .every_ms = 5000, .tick = load_tick);
