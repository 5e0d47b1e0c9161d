/* A WIRE_SETUP, told and read. */
#include "worker/setup.h"

#include "base/log.h"
#include "plugin/instance.h"

static int least_level(void)
{
    int level = GW_DEBUG;
    while (level < GW_CRITICAL && !log_wants((enum gw_severity)level))
        level++;
    return level;
}

static void add_limits(struct buf *json, const struct worker_limits *limits)
{
    wire_add_int(json, "memory_bytes", limits->memory_bytes);
    wire_add_number(json, "cpu_percent", limits->cpu_percent);
    wire_add_int(json, "files", limits->files);
    wire_add_int(json, "series", limits->series);
    wire_add_int(json, "processes", limits->processes);
    wire_add_number(json, "events_per_s", limits->events_per_s);
    wire_add_text(json, "user", limits->user);
    wire_add_int(json, "hang_ms", limits->hang_ms);
}

void setup_tell(struct gw_plugin *self, const char *path, const struct worker_limits *limits,
                struct buf *json)
{
    struct buf options;
    buf_init(&options, WIRE_MAX);
    values_json(self->conf.values, true, &options);
    wire_begin(json);
    wire_add_text(json, "name", self->conf.name);
    wire_add_text(json, "path", path);
    wire_add_text(json, "state_dir", gw_state_dir(self));
    wire_add_text(json, "dashboard", gw_dashboard(self));
    wire_add_int(json, "every_ms", self->conf.every_ms);
    wire_add_int(json, "log_least", least_level());
    wire_add_json(json, "options", buf_error(&options) ? "null" : options.data);
    add_limits(json, limits);
    buf_fini(&options);
}

bool setup_read(const struct wire_frame *frame, struct setup *out)
{
    *out = (struct setup){
        .name = wire_text(frame, "name"),
        .path = wire_text(frame, "path"),
        .state_dir = wire_text(frame, "state_dir"),
        .dashboard = wire_text(frame, "dashboard"),
        .every_ms = wire_int(frame, "every_ms"),
        .log_least = wire_int(frame, "log_least"),
        .options = json_object_get(frame->json, "options"),
        .limits = {.memory_bytes = wire_int(frame, "memory_bytes"),
                   .cpu_percent = wire_number(frame, "cpu_percent"),
                   .files = wire_int(frame, "files"),
                   .series = wire_int(frame, "series"),
                   .processes = wire_int(frame, "processes"),
                   .events_per_s = wire_number(frame, "events_per_s"),
                   .user = wire_text(frame, "user"),
                   .hang_ms = wire_int(frame, "hang_ms")},
    };
    return out->name && out->path && json_is_object(out->options);
}
