/* The options under `store:` in gnswatch.yaml. */
#include "store/archive.h"
#include "store/inside.h"

#include <errno.h>
#include <stdlib.h>

const struct gw_row store_options[] = {
    {.name = "archives",
     .type = GW_STRING,
     .def = "step:1h 1m:1d 1h:180d",
     .help = "What an RRD file keeps, as RESOLUTION:TIME; `step` is the series' own interval. All "
             "but the first keep average, minimum and maximum. For files made from now on."},
    {.name = "flush_every",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "5m",
     .min = 1000,
     .max = 3600000,
     .help = "How long rows may wait in the journal before they go into their RRD file."},
    {.name = "rrdcached",
     .type = GW_STRING,
     .help = "Address of an rrdcached (unix:/path or host:port) that writes the files instead."},
    {.name = "retire_after",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "30d",
     .min = 60000,
     .max = 3.2e11,
     .help = "A series that has been silent for this long is removed together with its file."},
    {.name = "disk_max",
     .type = GW_SIZE,
     .unit = "By",
     .def = "10GiB",
     .min = 1048576,
     .max = 1e15,
     .help = "Room for RRD files: beyond it the longest silent series go first, then no new files "
             "are made."},
    {.name = "events_keep",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "90d",
     .min = 60000,
     .max = 3.2e11,
     .help = "How long events stay in the timeline."},
    {.name = "events_max",
     .type = GW_INT,
     .def = "1000000",
     .min = 1000,
     .max = 1e9,
     .help = "How many events stay in the timeline at most."},
    {.name = "history_keep",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "30d",
     .min = 60000,
     .max = 3.2e11,
     .help = "How long changes of objects and finished commands are kept."},
    {.name = "history_max",
     .type = GW_INT,
     .def = "500000",
     .min = 1000,
     .max = 1e9,
     .help = "How many changes of objects, and how many commands, are kept at most."},
    {0},
};

int settings_read(struct settings *settings, const struct gw_values *values, char **why)
{
    *settings = (struct settings){0};
    if (!values) {
        struct problems problems;
        problems_init(&problems);
        settings->values = values_from_json(store_options, NULL, &problems);
        problems_fini(&problems);
        values = settings->values;
    }
    if (!values)
        return store_why(why, -ENOMEM, "no memory for the store's options");
    settings->archives = gw_string(values, "archives");
    settings->rrdcached = gw_string(values, "rrdcached");
    settings->flush_every_ms = gw_int(values, "flush_every");
    settings->retire_after_ms = gw_int(values, "retire_after");
    settings->disk_max_bytes = gw_int(values, "disk_max");
    settings->events_keep_ms = gw_int(values, "events_keep");
    settings->events_max = gw_int(values, "events_max");
    settings->history_keep_ms = gw_int(values, "history_keep");
    settings->history_max = gw_int(values, "history_max");
    const char *bad = archives_parse(settings->archives, &settings->resolutions);
    if (bad)
        return store_why(why, -EINVAL,
                         "store.archives: cannot read \"%s\"; expected RESOLUTION:TIME pairs such "
                         "as \"step:1h 1m:1d\", each coarser than the one before",
                         bad);
    return 0;
}

void settings_fini(struct settings *settings)
{
    values_free(settings->values);
    *settings = (struct settings){0};
}
