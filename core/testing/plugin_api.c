/* The front desk: names, logs, objects, as core/plugin/plugin_api.c for the real host. */
#include "testing/inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gwt_here(const struct gw_plugin *self, const char *function)
{
    if (self && !pthread_equal(pthread_self(), self->home))
        gwt_die("%s was called from another thread than the instance's; a plugin's own threads may "
                "only call gw_post",
                function);
}

/* ---- Telling ---- */

void note_line(struct gwt *test, enum gw_severity level, const char *text)
{
    struct line *line = gwt_need(calloc(1, sizeof(*line)));
    line->text = gwt_need(strdup(text));
    *test->last_line = line;
    test->last_line = &line->next;
    if (getenv("GWT_LOG"))
        fprintf(stderr, "[%d] %s: %s\n", (int)level, test->name, text);
}

void note_error(struct gwt *test, const char *text)
{
    snprintf(test->last_error, sizeof(test->last_error), "%s", text);
    note_line(test, GW_WARNING, test->last_error);
}

static void format_text(char *out, size_t size, const char *format, va_list args)
{
    vsnprintf(out, size, format, args);
}

void gw_log(struct gw_plugin *self, enum gw_severity level, const char *format, ...)
{
    gwt_here(self, "gw_log");
    char text[3072];
    va_list args;
    va_start(args, format);
    format_text(text, sizeof(text), format, args);
    va_end(args);
    if (self)
        note_line(self->test, level, text);
}

int gw_fail(struct gw_plugin *self, int error, const char *format, ...)
{
    gwt_here(self, "gw_fail");
    char sentence[512];
    va_list args;
    va_start(args, format);
    format_text(sentence, sizeof(sentence), format, args);
    va_end(args);
    size_t length = strlen(sentence);
    if (error < 0)
        snprintf(sentence + length, sizeof(sentence) - length, ": %s", strerror(-error));
    if (self) {
        note_error(self->test, sentence);
        self->failed_in_callback = true;
    }
    return error;
}

const char *gwt_last_error(struct gwt *test)
{
    return test->last_error;
}

size_t gwt_logged(struct gwt *test, const char *part)
{
    size_t count = 0;
    for (const struct line *line = test->lines; line; line = line->next)
        count += strstr(line->text, part) != NULL;
    return count;
}

/* ---- Who and when ---- */

const char *gw_name(const struct gw_plugin *self)
{
    return self ? self->test->name : NULL;
}

void *gw_data(const struct gw_plugin *self)
{
    return self ? self->data : NULL;
}

const struct gw_values *gw_options(const struct gw_plugin *self)
{
    return self ? self->test->conf->instances[0].values : NULL;
}

const char *gw_dashboard(const struct gw_plugin *self)
{
    return self ? "http://127.0.0.1:8088" : NULL;
}

const char *gw_state_dir(const struct gw_plugin *self)
{
    gwt_here(self, "gw_state_dir");
    return self ? self->test->dir : NULL;
}

struct keep **instance_keeps(struct gw_plugin *self)
{
    return &self->keeps;
}

int64_t gw_now_ms(struct gw_plugin *self)
{
    return self ? clock_wall_ms(&self->test->clock.clock) : 0;
}

int64_t gw_monotonic_ms(struct gw_plugin *self)
{
    return self ? clock_monotonic_ms(&self->test->clock.clock) : 0;
}

/* ---- Objects ---- */

int gw_object_put(struct gw_plugin *self, const char *kind, const char *id, const char *json)
{
    gwt_here(self, "gw_object_put");
    if (!self || !kinds_hold(self->descriptor->kinds, kind))
        return -EPERM;
    int changed = objects_put(self->test->objects, self->test->name, kind, id, json);
    return changed < 0 ? changed : 0;
}

int gw_object_delete(struct gw_plugin *self, const char *kind, const char *id)
{
    gwt_here(self, "gw_object_delete");
    if (!self || !kinds_hold(self->descriptor->kinds, kind))
        return -EPERM;
    return objects_delete(self->test->objects, kind, id);
}

char *gw_object_get(struct gw_plugin *self, const char *kind, const char *id)
{
    gwt_here(self, "gw_object_get");
    return self && kind && id ? objects_get(self->test->objects, kind, id) : NULL;
}

char *gw_object_list(struct gw_plugin *self, const char *kind)
{
    gwt_here(self, "gw_object_list");
    return self && kind ? objects_list(self->test->objects, kind) : NULL;
}

void gw_free(char *text)
{
    free(text);
}
