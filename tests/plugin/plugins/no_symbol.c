/* no_symbol - needs something no gnswatch has. */
#include <gnswatch/plugin.h>

int gw_not_yet_invented(struct gw_plugin *self);

static int start(struct gw_plugin *self, void **data)
{
    (void)data;
    return gw_not_yet_invented(self);
}

GW_PLUGIN(.name = "no_symbol", .version = "1.0", .summary = "Needs more", .start = start);
