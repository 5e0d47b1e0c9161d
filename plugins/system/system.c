/* system.c - how the machine gnswatch runs on is, and what each GNS3 node takes of it (README.md).
 * This file is the table of contents: the parts, start, tick, stop. */
#include "system.h"
#include "tables.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 10000 };

static const struct part *const parts[PARTS] = {
    &cpu_part,    &memory_part,   &disk_part,   &filesystem_part, &interface_part,
    &socket_part, &pressure_part, &sensor_part, &host_part,       &node_part};

/* ---- What the parts share -------------------------------------------------------------------- */

const char *system_read(struct system *system, struct file *file)
{
    return file_read(file, &system->text, system->now_ms) > 0 ? system->text.text : NULL;
}

void system_row(struct system *system, struct gw_series **series, const char *measurement,
                const struct gw_label *labels, const struct gw_field *fields, const double *row)
{
    if (!*series)
        *series = gw_series_get(system->self, measurement, labels, fields, 0);
    int error = *series ? gw_set(*series, row) : 0;
    if (error < 0 && error != -EEXIST)
        gw_fail(system->self, error, "a row of %s", measurement);
}

void system_say(struct system *system, const char *topic, enum gw_severity severity,
                const char *kind, const char *id, const char *data_json, const char *format, ...)
{
    char text[600];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    gw_emit(system->self, &(struct gw_event){.topic = topic,
                                             .severity = severity,
                                             .kind = kind,
                                             .id = id,
                                             .text = text,
                                             .data = data_json});
}

json_t *system_before(struct system *system, const char *kind, const char *id)
{
    char *text = gw_object_get(system->self, kind, id);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    return json;
}

bool system_listed(const struct system *system, const char *option, const char *name)
{
    const struct gw_values *options = gw_options(system->self);
    for (size_t i = 0; i < gw_count(options, option); i++)
        if (fnmatch(gw_string_at(options, option, i), name, 0) == 0)
            return true;
    return false;
}

double percent(double part, double whole)
{
    double value = 100 * part / whole;
    if (!(whole > 0) || isnan(value))
        return (double)NAN;
    return fmin(100, fmax(0, value));
}

uint64_t grown(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void take_root(const struct system *system, const char *option, const char *variable,
                      const char *usual, char out[256])
{
    const char *told = gw_string(gw_options(system->self), option);
    const char *environment = getenv(variable);
    const char *path = told ? told : environment && *environment ? environment : usual;
    snprintf(out, 256, "%.250s", path);
    for (size_t end = strlen(out); end > 0 && out[end - 1] == '/'; end--)
        out[end - 1] = '\0'; /* also of "/": names are put behind a slash */
}

static bool is_part(const char *name)
{
    for (size_t i = 0; i < PARTS; i++)
        if (strcmp(parts[i]->name, name) == 0)
            return true;
    return false;
}

static int check_options(const struct system *system)
{
    const struct gw_values *options = gw_options(system->self);
    for (size_t i = 0; i < gw_count(options, "without"); i++)
        if (!is_part(gw_string_at(options, "without", i)))
            return gw_fail(
                system->self, -EINVAL,
                "without: there is no part \"%s\"; `gnswatch describe system` names them",
                gw_string_at(options, "without", i));
    return 0;
}

static int system_start(struct gw_plugin *self, void **data)
{
    struct system *system = calloc(1, sizeof *system);
    if (!system)
        return -ENOMEM;
    *data = system;
    system->self = self;
    int error = check_options(system);
    if (error)
        return error;
    take_root(system, "proc", "HOST_PROC", "/proc", system->roots.proc);
    take_root(system, "sys", "HOST_SYS", "/sys", system->roots.sys);
    take_root(system, "root", "HOST_ROOT", "", system->roots.root);
    system->now_ms = gw_monotonic_ms(self);
    for (size_t i = 0; i < PARTS; i++) {
        if (system_listed(system, "without", parts[i]->name))
            continue;
        system->data[i] = parts[i]->start(system);
        if (!system->data[i])
            return gw_fail(self, -ENOMEM, "start of %s", parts[i]->name);
    }
    return 0;
}

static int system_tick(struct gw_plugin *self, void *data)
{
    struct system *system = data;
    system->now_ms = gw_monotonic_ms(self);
    for (size_t i = 0; i < PARTS; i++)
        if (system->data[i])
            parts[i]->turn(system, system->data[i]);
    return 0;
}

static void system_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct system *system = data;
    if (!system)
        return;
    for (size_t i = 0; i < PARTS; i++)
        parts[i]->stop(system->data[i]);
    buffer_fini(&system->text);
    free(system);
}

GW_PLUGIN(.name = "system", .version = "0.1.0",
          .summary = "How this machine is, and what each GNS3 node takes of it",
          .options = system_options, .kinds = system_kinds, .every_ms = EVERY_MS,
          .start = system_start, .tick = system_tick, .stop = system_stop);
