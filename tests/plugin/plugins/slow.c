/* slow - one tick takes much longer than its deadline; with `hang` its stop never returns. */
#include <gnswatch/plugin.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int slow_start(struct gw_plugin *self, void **data)
{
    (void)self;
    *data = calloc(1, sizeof(int));
    return 0;
}

static int slow_tick(struct gw_plugin *self, void *data)
{
    (void)self;
    int *ticks = data;
    if (++*ticks == 1)
        nanosleep(&(struct timespec){.tv_nsec = 700000000}, NULL); /* the fault under test */
    return 0;
}

static void slow_stop(struct gw_plugin *self, void *data)
{
    while (gw_bool(gw_options(self), "hang"))
        pause();
    free(data);
}

static const struct gw_row options[] = {
    {.name = "hang", .type = GW_BOOL, .def = "no", .help = "Stop never returns"},
    {0},
};

GW_PLUGIN(.name = "slow", .version = "1.0", .summary = "Takes its time", .options = options,
          .every_ms = 100, .deadline_ms = 100, .start = slow_start, .tick = slow_tick,
          .stop = slow_stop);
