/* The lab's half of gnswatch/plugin.h for options, parameters and calls. */
#include "gns3_lab_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- gnswatch/plugin.h: values ---- */

const struct gw_values *gw_options(const struct gw_plugin *self)
{
    return &self->lab->options;
}

static json_t *value(const struct gw_values *values, const char *name)
{
    return values ? json_object_get(values->json, name) : NULL;
}

bool gw_has(const struct gw_values *values, const char *name)
{
    return value(values, name) != NULL;
}

bool gw_bool(const struct gw_values *values, const char *name)
{
    return json_is_true(value(values, name));
}

int64_t gw_int(const struct gw_values *values, const char *name)
{
    if (json_is_integer(value(values, name)))
        return json_integer_value(value(values, name));
    if (strcmp(name, "parallel") == 0)
        return 3;
    if (strcmp(name, "statistics_every") == 0)
        return 10000;
    return strstr(name, "_every") ? 60000 : 0;
}

double gw_number(const struct gw_values *values, const char *name)
{
    json_t *json = value(values, name);
    return json_is_number(json) ? json_number_value(json) : 4;
}

const char *gw_string(const struct gw_values *values, const char *name)
{
    return json_string_value(value(values, name));
}

size_t gw_count(const struct gw_values *values, const char *name)
{
    return values && values->of ? values->of->server_count : json_array_size(value(values, name));
}

const char *gw_string_at(const struct gw_values *values, const char *name, size_t i)
{
    return json_string_value(json_array_get(value(values, name), i));
}

const struct gw_values *gw_table_at(const struct gw_values *values, const char *name, size_t i)
{
    if (values->of)
        return &values->of->servers[i];
    values->children[i & 1].json = json_array_get(value(values, name), i);
    return &values->children[i & 1];
}

/* ---- Commands ---- */

const struct gw_values *gw_call_params(const struct gw_call *call)
{
    return &call->params;
}

const char *gw_call_command(const struct gw_call *call)
{
    return call->command;
}

bool gw_call_cancelled(const struct gw_call *call)
{
    (void)call;
    return false;
}

int gw_reply(struct gw_call *call, const char *json)
{
    if (call->done)
        abort(); /* answered twice */
    call->done = true;
    call->text = strdup(json ? json : "{}");
    return 0;
}

int gw_refuse(struct gw_call *call, int error, const char *format, ...)
{
    if (call->done || error >= 0)
        abort();
    va_list list;
    va_start(list, format);
    if (vasprintf(&call->text, format, list) < 0)
        abort();
    va_end(list);
    call->done = true;
    call->error = error;
    return 0;
}

int gw_progress(struct gw_call *call, double done, const char *format, ...)
{
    (void)call;
    (void)format;
    return done >= 0 && done <= 1 ? 0 : -EINVAL;
}
