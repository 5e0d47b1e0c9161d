/* See gns3_lab.h: the fake host's half; options and calls are in gns3_lab_values.c, the fake client
 * in gns3_lab_client.c. */
#include "gns3_lab_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 5000, START_MS = 1000000 };

extern const struct gw_descriptor gnswatch_plugin;

void *lab_grow(void *list, size_t count, size_t size)
{
    void *grown = realloc(list, (count + 1) * size);
    if (!grown)
        abort();
    return grown;
}

static void lab_start(struct lab *lab)
{
    lab->self.data = NULL;
    if (gnswatch_plugin.start(&lab->self, &lab->self.data) < 0)
        abort();
}

struct lab *lab_new(const char *servers, bool feeds)
{
    struct lab *lab = calloc(1, sizeof *lab);
    if (!lab)
        abort();
    lab->self.lab = lab;
    lab->options.of = lab;
    lab->now_ms = START_MS;
    lab->feeds = feeds;
    char copy[200];
    snprintf(copy, sizeof copy, "%s", servers);
    for (char *at = copy, *name; (name = strsep(&at, ","));) {
        struct gw_values *values = &lab->servers[lab->server_count++];
        values->json = json_pack("{s:s, s:b}", "name", name, "project_feeds", feeds);
    }
    lab_start(lab);
    return lab;
}

static void lab_stop(struct lab *lab)
{
    gnswatch_plugin.stop(&lab->self, lab->self.data);
    for (size_t i = 0; i < lab->timer_count; i++)
        free(lab->timers[i]);
    lab->timer_count = 0;
}

void lab_restart(struct lab *lab)
{
    lab_stop(lab);
    for (size_t i = 0; i < lab->series_count; i++)
        lab->series[i]->ended = true;
    lab_start(lab);
}

void lab_free(struct lab *lab)
{
    lab_stop(lab);
    for (size_t i = 0; i < lab->object_count; i++) {
        free(lab->objects[i].kind);
        free(lab->objects[i].id);
        free(lab->objects[i].text);
    }
    for (size_t i = 0; i < lab->series_count; i++)
        free(lab->series[i]);
    for (size_t i = 0; i < lab->topic_count; i++)
        free(lab->topics[i]);
    for (size_t i = 0; i < lab->server_count; i++)
        json_decref(lab->servers[i].json);
    lab_client_fini(lab);
    free(lab->objects);
    free(lab->series);
    free(lab->topics);
    free(lab->timers);
    free(lab->reply);
    free(lab);
}

void lab_trust(struct lab *lab)
{
    lab->trusting = true;
}

struct gns3 *lab_gns3(struct lab *lab)
{
    return lab->self.data;
}

struct gw_plugin *lab_self(struct lab *lab)
{
    return &lab->self;
}

static bool lab_timers(struct lab *lab)
{
    for (size_t i = 0; i < lab->timer_count; i++) {
        struct gw_timer *timer = lab->timers[i];
        if (timer->at_ms > lab->now_ms)
            continue;
        lab->timers[i] = lab->timers[--lab->timer_count];
        timer->fn(&lab->self, timer->data);
        free(timer);
        return true;
    }
    return false;
}

void lab_run(struct lab *lab, int64_t ms)
{
    for (int64_t end = lab->now_ms + ms; lab->now_ms < end; lab->now_ms++) {
        while (lab_timers(lab) || lab_client_turn(lab))
            ;
        if (lab->now_ms >= lab->tick_ms) {
            lab->tick_ms = lab->now_ms + TICK_MS;
            gnswatch_plugin.tick(&lab->self, lab->self.data);
        }
    }
}

/* ---- Looking at what was done ---- */

size_t lab_puts(struct lab *lab)
{
    return lab->puts;
}

size_t lab_errors(struct lab *lab)
{
    return lab->errors;
}

static struct lab_object *object_find(struct lab *lab, const char *kind, const char *id)
{
    for (size_t i = 0; i < lab->object_count; i++)
        if (strcmp(lab->objects[i].kind, kind) == 0 && strcmp(lab->objects[i].id, id) == 0)
            return &lab->objects[i];
    return NULL;
}

json_t *lab_object(struct lab *lab, const char *kind, const char *id)
{
    const struct lab_object *object = object_find(lab, kind, id);
    return object ? json_loads(object->text, 0, NULL) : NULL;
}

size_t lab_objects(struct lab *lab, const char *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < lab->object_count; i++)
        count += strcmp(lab->objects[i].kind, kind) == 0;
    return count;
}

const char *lab_object_id(struct lab *lab, const char *kind, size_t n)
{
    for (size_t i = 0; i < lab->object_count; i++)
        if (strcmp(lab->objects[i].kind, kind) == 0 && n-- == 0)
            return lab->objects[i].id;
    return NULL;
}

size_t lab_events(struct lab *lab, const char *topic)
{
    size_t count = 0;
    for (size_t i = 0; i < lab->topic_count; i++)
        count += strcmp(lab->topics[i], topic) == 0;
    return count;
}

static const struct gw_series *series_find(struct lab *lab, const char *key)
{
    const struct gw_series *found = NULL;
    for (size_t i = 0; i < lab->series_count; i++)
        if (strcmp(lab->series[i]->key, key) == 0)
            found = lab->series[i];
    return found;
}

size_t lab_series(struct lab *lab, const char *key)
{
    const struct gw_series *series = series_find(lab, key);
    return series ? series->rows : 0;
}

bool lab_series_ended(struct lab *lab, const char *key)
{
    const struct gw_series *series = series_find(lab, key);
    return series && series->ended;
}

int lab_call(struct lab *lab, const char *command, const char *params, const char **answer)
{
    struct gw_call *call = calloc(1, sizeof *call);
    json_error_t error;
    if (!call)
        abort();
    call->lab = lab;
    call->command = command;
    call->params.children = call->children;
    call->params.json = json_loads(params, 0, &error);
    if (!call->params.json) {
        fprintf(stderr, "%s: %s\n", params, error.text);
        abort();
    }
    int (*run)(struct gw_plugin *, struct gw_call *) = NULL;
    for (const struct gw_command *c = gnswatch_plugin.commands; c->name; c++)
        if (strcmp(c->name, command) == 0)
            run = c->run;
    if (!run)
        abort();
    int error_of_run = run(&lab->self, call);
    if (!call->done)
        call->error = error_of_run;
    for (int i = 0; i < 300 && !call->done && call->error == 0; i++)
        lab_run(lab, 100);
    int result = call->done || call->error ? call->error : -ETIMEDOUT;
    free(lab->reply);
    lab->reply = call->text;
    if (answer)
        *answer = lab->reply ? lab->reply : "";
    json_decref(call->params.json);
    free(call);
    return result;
}

char *lab_recording(const char *name)
{
    const char *folder = getenv("GNSWATCH_RECORDINGS");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s",
             folder ? folder : GNSWATCH_SOURCE_DIR "/../shared/gns3-recordings", name);
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    ssize_t length = getdelim(&text, &size, '\0', file);
    fclose(file);
    if (length >= 0)
        return text;
    free(text);
    return NULL;
}

/* ---- Series, objects, events ---- */

struct gw_series *gw_series_get(struct gw_plugin *self, const char *measurement,
                                const struct gw_label *labels, const struct gw_field *fields,
                                int64_t every_ms)
{
    (void)fields;
    (void)every_ms;
    struct lab *lab = self->lab;
    struct gw_series *series = calloc(1, sizeof *series);
    lab->series = lab_grow(lab->series, lab->series_count, sizeof *lab->series);
    lab->series[lab->series_count++] = series;
    series->self = self;
    size_t at = (size_t)snprintf(series->key, sizeof series->key, "%s", measurement);
    for (; labels && labels->name; labels++)
        at += (size_t)snprintf(series->key + at, sizeof series->key - at, "/%s", labels->value);
    return series;
}

int gw_set(struct gw_series *series, const double *values)
{
    (void)values;
    if (!series)
        return -EINVAL;
    if (series->ended)
        abort(); /* a dead handle */
    series->rows++;
    return 0;
}

int gw_series_relabel(struct gw_series *series, const struct gw_label *labels)
{
    size_t at = strcspn(series->key, "/");
    for (; labels && labels->name; labels++)
        at += (size_t)snprintf(series->key + at, sizeof series->key - at, "/%s", labels->value);
    return 0;
}

void gw_series_end(struct gw_series *series)
{
    if (series->ended)
        abort();
    series->ended = true;
}

int gw_object_put(struct gw_plugin *self, const char *kind, const char *id, const char *json)
{
    struct lab *lab = self->lab;
    if (lab->trusting) {
        lab->puts++;
        return 0;
    }
    json_t *check = json ? json_loads(json, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!json_is_object(check) || strlen(id) > 255)
        abort(); /* the plugin made a document that is none */
    json_decref(check);
    char *text = NULL;
    if (asprintf(&text, "{\"id\":\"%s\",%s", id, json + 1) < 0)
        abort();
    struct lab_object *object = object_find(lab, kind, id);
    if (object && strcmp(object->text, text) == 0) {
        free(text);
        return 0;
    }
    lab->puts++;
    if (!object) {
        lab->objects = lab_grow(lab->objects, lab->object_count, sizeof *lab->objects);
        object = &lab->objects[lab->object_count++];
        *object = (struct lab_object){strdup(kind), strdup(id), NULL};
    }
    free(object->text);
    object->text = text;
    return 0;
}

int gw_object_delete(struct gw_plugin *self, const char *kind, const char *id)
{
    struct lab *lab = self->lab;
    struct lab_object *object = object_find(lab, kind, id);
    if (!object)
        return -ENOENT;
    free(object->kind);
    free(object->id);
    free(object->text);
    *object = lab->objects[--lab->object_count];
    return 0;
}

char *gw_object_get(struct gw_plugin *self, const char *kind, const char *id)
{
    const struct lab_object *object = object_find(self->lab, kind, id);
    return object ? strdup(object->text) : NULL;
}

char *gw_object_list(struct gw_plugin *self, const char *kind)
{
    json_t *list = json_array();
    for (size_t i = 0; i < self->lab->object_count; i++)
        if (strcmp(self->lab->objects[i].kind, kind) == 0)
            json_array_append_new(list, json_loads(self->lab->objects[i].text, 0, NULL));
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

void gw_free(char *text)
{
    free(text);
}

int gw_emit(struct gw_plugin *self, const struct gw_event *event)
{
    struct lab *lab = self->lab;
    json_t *data = event->data ? json_loads(event->data, 0, NULL) : json_object();
    if (!json_is_object(data) || !event->text || !*event->text)
        abort();
    json_decref(data);
    lab->topics = lab_grow(lab->topics, lab->topic_count, sizeof *lab->topics);
    lab->topics[lab->topic_count++] = strdup(event->topic);
    return 0;
}

/* ---- Time, telling ---- */

int64_t gw_now_ms(struct gw_plugin *self)
{
    return 1700000000000 + self->lab->now_ms;
}

int64_t gw_monotonic_ms(struct gw_plugin *self)
{
    return self->lab->now_ms;
}

struct gw_timer *gw_timer_start(struct gw_plugin *self, int64_t delay_ms, int64_t repeat_ms,
                                gw_timer_fn *on_time, void *data)
{
    struct lab *lab = self->lab;
    struct gw_timer *timer = malloc(sizeof *timer);
    if (!timer || repeat_ms)
        abort();
    *timer = (struct gw_timer){self, lab->now_ms + delay_ms, on_time, data};
    lab->timers = lab_grow(lab->timers, lab->timer_count, sizeof(struct gw_timer *));
    lab->timers[lab->timer_count++] = timer;
    return timer;
}

void gw_timer_stop(struct gw_timer *timer)
{
    if (!timer)
        return;
    struct lab *lab = timer->self->lab;
    for (size_t i = 0; i < lab->timer_count; i++)
        if (lab->timers[i] == timer) {
            lab->timers[i] = lab->timers[--lab->timer_count];
            free(timer);
            return;
        }
    abort(); /* a dead handle */
}

void gw_log(struct gw_plugin *self, enum gw_severity level, const char *format, ...)
{
    (void)self;
    (void)level;
    (void)format;
}

int gw_fail(struct gw_plugin *self, int error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char text[1000];
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (!*text)
        abort();
    self->lab->errors++;
    if (getenv("LAB_VERBOSE"))
        fprintf(stderr, "%s\n", text);
    return error;
}

const char *gw_name(const struct gw_plugin *self)
{
    (void)self;
    return "gns3";
}

const char *gw_state_dir(const struct gw_plugin *self)
{
    (void)self;
    return "/nonexistent";
}

void *gw_data(const struct gw_plugin *self)
{
    return self->data;
}
