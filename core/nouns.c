/* Made in the order of the layers, taken down in reverse. */
#include "nouns.h"

#include "worker/worker.h"

#include <stdio.h>

static const struct host_worker host_worker = {
    .describe = worker_describe,
    .release = descriptor_free,
    .proxy = worker_proxy,
    .release_proxy = worker_proxy_free,
};

bool nouns_open(struct nouns *nouns, const struct setup *setup)
{
    const struct clock *clock = clock_system();
    struct metric_options metric_options = {0};
    *nouns = (struct nouns){
        .bus = bus_new(clock, 0),
        .objects = objects_new(clock),
        .metric = metric_new(clock, &metric_options),
        .commands = commands_new(clock),
    };
    if (nouns->bus && nouns->objects && nouns->metric && nouns->commands) {
        struct host_parts parts = {
            .clock = clock,
            .metric = nouns->metric,
            .objects = nouns->objects,
            .bus = nouns->bus,
            .commands = nouns->commands,
            .state_dir = setup->state_dir,
            .plugin_dirs = (const char *const *)setup->plugin_dirs,
            .own_dirs = (const char *const *)setup->own_dirs,
            .isolate_others = true,
            .worker = &host_worker,
        };
        nouns->host = host_new(&parts);
    }
    if (nouns->host)
        return true;
    fprintf(stderr, "gnswatch: no memory, or no thread, for its parts\n");
    nouns_close(nouns);
    return false;
}

void nouns_close(struct nouns *nouns)
{
    host_free(nouns->host);
    commands_free(nouns->commands);
    metric_free(nouns->metric);
    objects_free(nouns->objects);
    bus_free(nouns->bus);
    *nouns = (struct nouns){0};
}
