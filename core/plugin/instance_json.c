/* An instance as the dashboard's plugin page shows it. Any thread: only what may be read there. */
#include "plugin/instance.h"

const char *instance_state_name(enum instance_state state)
{
    static const char *const names[] = {
        [INSTANCE_STARTING] = "starting", [INSTANCE_RUNNING] = "running",
        [INSTANCE_WAITING] = "waiting",   [INSTANCE_STOPPED] = "stopped",
        [INSTANCE_FAILED] = "failed",
    };
    return names[state];
}

static void add_text(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "\"%s\":", name);
    buf_json_string(out, text);
    buf_addc(out, ',');
}

static void add_count(struct buf *out, const char *name, uint64_t count)
{
    buf_printf(out, "\"%s\":", name);
    buf_json_int(out, (int64_t)count);
    buf_addc(out, ',');
}

static void add_time(struct buf *out, const char *name, int64_t time_ms)
{
    if (time_ms)
        add_count(out, name, (uint64_t)time_ms);
    else
        buf_printf(out, "\"%s\":null,", name);
}

static void add_error(struct gw_plugin *self, const char *name, const struct instance_error *error,
                      struct buf *out)
{
    pthread_mutex_lock(&self->lock);
    const struct instance_error last = *error;
    pthread_mutex_unlock(&self->lock);
    buf_printf(out, "\"%s\":", name);
    if (!last.time_ms) {
        buf_adds(out, "null,");
        return;
    }
    buf_adds(out, "{\"time\":");
    buf_json_int(out, last.time_ms);
    buf_adds(out, ",\"text\":");
    buf_json_string(out, last.text);
    buf_adds(out, "},");
}

static void add_numbers(struct gw_plugin *self, struct buf *out)
{
    add_count(out, "every_ms", (uint64_t)self->every_ms);
    add_time(out, "last_tick", atomic_load(&self->last_tick_ms));
    add_time(out, "last_success", atomic_load(&self->last_success_ms));
    add_error(self, "last_error", &self->last_error, out);
    add_count(out, "ticks", atomic_load(&self->ticks));
    add_count(out, "errors", atomic_load(&self->errors));
    add_count(out, "late", atomic_load(&self->late));
    add_count(out, "restarts", atomic_load(&self->restarts));
    buf_adds(out, "\"cpu_ms\":");
    buf_json_number(out, (double)(atomic_load(&self->cpu_ns) / 100000) / 10);
    buf_adds(out, ",\"cpu_percent\":");
    buf_json_number(out, (double)(int64_t)(atomic_load(&self->cpu_percent) * 100) / 100);
    buf_addc(out, ',');
    add_count(out, "queue", instance_queue(self));
}

static void add_limits(const struct conf_limits *limits, struct buf *out)
{
    buf_adds(out, "\"limits\":{");
    add_count(out, "memory", (uint64_t)limits->memory_bytes);
    buf_adds(out, "\"cpu\":");
    buf_json_number(out, limits->cpu_percent);
    buf_adds(out, ",\"events\":");
    buf_json_number(out, limits->events_per_s);
    buf_addc(out, ',');
    add_count(out, "files", (uint64_t)limits->files);
    add_count(out, "series", (uint64_t)limits->series);
    add_count(out, "processes", (uint64_t)limits->processes);
    buf_printf(out, "\"hang_ms\":%lld},", (long long)limits->hang_ms);
}

/* What is known of its process; null where there is none. */
static void add_process(struct gw_plugin *self, struct buf *out)
{
    add_text(out, "isolation", self->isolated ? "process" : "thread");
    if (!self->isolated) {
        buf_adds(out, "\"process\":null,");
        return;
    }
    int pid = atomic_load(&self->child_pid);
    buf_adds(out, "\"process\":{");
    if (pid)
        add_count(out, "pid", (uint64_t)pid);
    else
        buf_adds(out, "\"pid\":null,");
    add_text(out, "run_as", self->conf.run_as);
    add_count(out, "rss_bytes", (uint64_t)atomic_load(&self->child_rss_bytes));
    add_count(out, "dropped_rows", atomic_load(&self->child_dropped));
    buf_printf(out, "\"paused\":%s,", atomic_load(&self->child_paused) ? "true" : "false");
    add_limits(&self->conf.limits, out);
    add_error(self, "last_crash", &self->crash, out);
    buf_printf(out, "\"crashes\":%llu},", (unsigned long long)atomic_load(&self->crashes));
}

void instance_json(struct gw_plugin *self, struct buf *out)
{
    const struct gw_descriptor *descriptor = self->descriptor;
    buf_addc(out, '{');
    add_text(out, "instance", self->conf.name);
    add_text(out, "plugin", self->conf.plugin);
    add_text(out, "version", descriptor ? descriptor->version : NULL);
    add_text(out, "summary", descriptor ? descriptor->summary : NULL);
    add_text(out, "state", instance_state_name((enum instance_state)atomic_load(&self->state)));
    add_text(out, "file", self->conf.file);
    add_numbers(self, out);
    add_process(self, out);
    buf_adds(out, "\"options\":");
    if (self->conf.values)
        values_json(self->conf.values, false, out);
    else
        buf_adds(out, "{}");
    buf_addc(out, '}');
}
