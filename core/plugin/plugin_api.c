/* The functions of gnswatch/plugin.h that are neither time, commands nor values: the front desk.
 *
 * Each checks that it is on its instance's thread, then asks the noun's own layer. */
#include "plugin/instance.h"
#include "plugin/remote.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool instance_here(const struct gw_plugin *self, const char *function)
{
    if (!self)
        return false;
    bool here = self->at_home && pthread_equal(pthread_self(), self->home);
    assert(here && "a gw_ function was called from another thread than its instance's");
    if (!here)
        log_line(
            GW_ERROR, self->conf.name,
            "%s was called from another thread than the instance's and refused; a plugin's own "
            "threads may only call gw_post",
            function);
    return here;
}

void instance_enter(struct gw_plugin *self, const char *which)
{
    self->failed_in_callback = false;
    atomic_store_explicit(&self->callback, which, memory_order_relaxed);
    atomic_store_explicit(&self->callback_since_ns, clock_monotonic_ns(self->parts->clock),
                          memory_order_release);
    if (self->parts->remote)
        self->parts->remote->note(self);
}

void instance_leave(struct gw_plugin *self, int error)
{
    const char *which = atomic_load_explicit(&self->callback, memory_order_relaxed);
    atomic_store_explicit(&self->callback_since_ns, 0, memory_order_release);
    if (error < 0 && !self->failed_in_callback) {
        char sentence[128];
        snprintf(sentence, sizeof(sentence), "%s: %s", which, strerror(-error));
        instance_fail(self, sentence);
    }
    if (self->parts->remote)
        self->parts->remote->note(self);
}

enum { FOLD_MS = 60000 };

/* false: it was logged within the last minute and is only counted. */
static bool note_error(struct gw_plugin *self, const char *sentence, unsigned *folded)
{
    struct instance_error *last = &self->last_error;
    int64_t now_ns = clock_monotonic_ns(self->parts->clock);
    bool same = last->time_ms && strcmp(last->text, sentence) == 0;
    last->time_ms = clock_wall_ms(self->parts->clock);
    if (same && now_ns - last->logged_ns < FOLD_MS * INT64_C(1000000)) {
        last->folded++;
        return false;
    }
    *folded = same ? last->folded : 0;
    snprintf(last->text, sizeof(last->text), "%s", sentence);
    last->logged_ns = now_ns;
    last->folded = 0;
    return true;
}

void instance_fail(struct gw_plugin *self, const char *sentence)
{
    char cut[sizeof(self->last_error.text)];
    unsigned folded = 0;
    snprintf(cut, sizeof(cut), "%s", sentence);
    atomic_fetch_add(&self->errors, 1);
    pthread_mutex_lock(&self->lock);
    bool fresh = note_error(self, cut, &folded);
    pthread_mutex_unlock(&self->lock);
    if (self->parts->remote) /* folded there */
        self->parts->remote->fail(self, cut);
    else if (fresh && folded)
        log_line(GW_WARNING, self->conf.name, "%s (and %u times in the last minute)", cut, folded);
    else if (fresh)
        log_line(GW_WARNING, self->conf.name, "%s", cut);
}

/* ---- telling ---- */

static void format_text(char *out, size_t size, const char *format, va_list args)
{
    vsnprintf(out, size, format, args);
}

int gw_fail(struct gw_plugin *self, int error, const char *format, ...)
{
    if (!instance_here(self, "gw_fail"))
        return error;
    char sentence[sizeof(self->last_error.text)];
    va_list args;
    va_start(args, format);
    format_text(sentence, sizeof(sentence), format, args);
    va_end(args);
    size_t length = strlen(sentence);
    if (error < 0)
        snprintf(sentence + length, sizeof(sentence) - length, ": %s", strerror(-error));
    instance_fail(self, sentence);
    self->failed_in_callback = true;
    return error;
}

void gw_log(struct gw_plugin *self, enum gw_severity level, const char *format, ...)
{
    if (!instance_here(self, "gw_log"))
        return;
    va_list args;
    va_start(args, format);
    log_vline(level, self->conf.name, format, args);
    va_end(args);
}

const char *gw_name(const struct gw_plugin *self)
{
    return self ? self->conf.name : NULL;
}

void *gw_data(const struct gw_plugin *self)
{
    return self ? self->data : NULL;
}

const char *gw_dashboard(const struct gw_plugin *self)
{
    return self && self->parts->dashboard ? self->parts->dashboard : "";
}

const struct gw_values *gw_options(const struct gw_plugin *self)
{
    return self ? self->conf.values : NULL;
}

struct keep **instance_keeps(struct gw_plugin *self)
{
    return &self->keeps;
}

static bool make_dir(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* The directory of a process that is another user's (root alone can give it away). What leads there
 * stays closed to that user: the process gets it as its working directory. */
static void hand_over(const struct gw_plugin *self, const char *path)
{
    struct passwd entry, *found = NULL;
    char texts[4096];
    if (!self->conf.run_as || geteuid() != 0 ||
        getpwnam_r(self->conf.run_as, &entry, texts, sizeof(texts), &found) || !found)
        return;
    if (lchown(path, entry.pw_uid, entry.pw_gid))
        log_line(GW_WARNING, self->conf.name, "cannot hand %s over to %s: %s", path,
                 self->conf.run_as, strerror(errno));
}

const char *gw_state_dir(const struct gw_plugin *self)
{
    if (!instance_here(self, "gw_state_dir"))
        return NULL;
    struct gw_plugin *own = (struct gw_plugin *)self; /* remembers the path it has made */
    char *path = NULL;
    const char *base = self->parts->state_dir;
    if (own->state_dir || !base || asprintf(&path, "%s/plugins", base) < 0)
        return own->state_dir;
    bool made = make_dir(base) && make_dir(path);
    free(path);
    if (asprintf(&path, "%s/plugins/%s", base, self->conf.name) < 0)
        return NULL;
    if (made && make_dir(path)) {
        own->state_dir = path;
        hand_over(self, path);
    } else {
        log_line(GW_ERROR, self->conf.name, "cannot make the directory %s: %s", path,
                 strerror(errno));
        free(path);
    }
    return own->state_dir;
}

int64_t gw_now_ms(struct gw_plugin *self)
{
    return self ? clock_wall_ms(self->parts->clock) : 0;
}

int64_t gw_monotonic_ms(struct gw_plugin *self)
{
    return self ? clock_monotonic_ms(self->parts->clock) : 0;
}

/* ---- series ---- */

struct gw_series *gw_series_get(struct gw_plugin *self, const char *measurement,
                                const struct gw_label *labels, const struct gw_field *fields,
                                int64_t every_ms)
{
    if (!instance_here(self, "gw_series_get") || !measurement || !fields)
        return NULL;
    int error = 0;
    int64_t every = every_ms > 0 ? every_ms : self->every_ms > 0 ? self->every_ms : 10000;
    struct gw_series *series =
        metric_get(self->parts->metric, self, measurement, labels, fields, every, &error);
    if (series && self->parts->remote && !metric_pinned(series)) {
        error = self->parts->remote->series_open(self, series, labels);
        series = error ? NULL : series;
    }
    bool told = self->parts->remote && error == -ENOSPC; /* once a minute, by the daemon */
    if (!series && !told)
        log_line(GW_WARNING, self->conf.name, "series '%s' was refused: %s", measurement,
                 error == -EINVAL  ? "a bad name, or other fields than before"
                 : error == -EBUSY ? "another instance writes it"
                                   : strerror(-error));
    return series;
}

int gw_set(struct gw_series *series, const double *values)
{
    return series ? metric_set(series, clock_wall_ms(metric_clock(series)), values) : -EINVAL;
}

int gw_set_at(struct gw_series *series, int64_t time_ms, const double *values)
{
    return series ? metric_set(series, time_ms, values) : -EINVAL;
}

int gw_series_relabel(struct gw_series *series, const struct gw_label *labels)
{
    return series ? metric_relabel(series, labels) : -EINVAL;
}

void gw_series_end(struct gw_series *series)
{
    if (series)
        metric_end(series);
}

/* ---- objects and events ---- */

int gw_object_put(struct gw_plugin *self, const char *kind, const char *id, const char *json)
{
    if (!instance_here(self, "gw_object_put") || !kinds_hold(self->descriptor->kinds, kind))
        return -EPERM;
    int changed = objects_put(self->parts->objects, self->conf.name, kind, id, json);
    if (changed > 0 && self->parts->remote)
        changed = self->parts->remote->object_put(self, kind, id, json);
    return changed < 0 ? changed : 0;
}

int gw_object_delete(struct gw_plugin *self, const char *kind, const char *id)
{
    if (!instance_here(self, "gw_object_delete") || !kinds_hold(self->descriptor->kinds, kind))
        return -EPERM;
    int error = objects_delete(self->parts->objects, kind, id);
    return self->parts->remote ? self->parts->remote->object_delete(self, kind, id) : error;
}

char *gw_object_get(struct gw_plugin *self, const char *kind, const char *id)
{
    if (!instance_here(self, "gw_object_get") || !kind || !id)
        return NULL;
    if (self->parts->remote)
        return self->parts->remote->object_get(self, kind, id);
    return objects_get(self->parts->objects, kind, id);
}

char *gw_object_list(struct gw_plugin *self, const char *kind)
{
    if (!instance_here(self, "gw_object_list") || !kind)
        return NULL;
    if (self->parts->remote)
        return self->parts->remote->object_list(self, kind);
    return objects_list(self->parts->objects, kind);
}

void gw_free(char *text)
{
    free(text);
}

int gw_emit(struct gw_plugin *self, const struct gw_event *event)
{
    if (!instance_here(self, "gw_emit"))
        return -EPERM;
    if (!event || !event->topic)
        return -EINVAL;
    int error;
    const char *fault = event_fault(event, &error);
    if (fault)
        return gw_fail(self, error, "an event was refused: %s", fault);
    if (event->data) {
        json_t *tree = json_loads(event->data, 0, NULL);
        bool object = json_is_object(tree);
        json_decref(tree);
        if (!object)
            return -EILSEQ;
    }
    struct gw_event said = *event;
    said.source = self->conf.name;
    if (self->parts->remote)
        return self->parts->remote->emit(self, &said);
    int64_t sequence = bus_emit(self->parts->bus, &said);
    return sequence < 0 ? (int)sequence : 0;
}
