/* steady - does everything a plugin can do, and tells of it in the object steady.state/INSTANCE. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct steady {
    int ticks, timers, once, watches, posts, events, answers, left;
    int pipe[2];
    pthread_t thread;
    bool threaded, overlapped, in_callback, unanswered;
    struct gw_call *kept;
    struct gw_timer *timer;
    char last_answer[128];
};

static const struct gw_field fields[] = {
    {"ticks", GW_COUNTER, "1", "Ticks"},
    {0},
};

static void tell(struct gw_plugin *self, struct steady *steady)
{
    char json[512];
    snprintf(json, sizeof(json),
             "{\"ticks\":%d,\"timers\":%d,\"once\":%d,\"watches\":%d,\"posts\":%d,\"events\":%d,"
             "\"answers\":%d,\"overlapped\":%s,\"word\":\"%s\"}",
             steady->ticks, steady->timers, steady->once, steady->watches, steady->posts,
             steady->events, steady->answers, steady->overlapped ? "true" : "false",
             gw_string(gw_options(self), "word"));
    gw_object_put(self, "steady.state", gw_name(self), json);
}

/* Every callback passes through here; two at once would be seen. */
static void count(struct gw_plugin *self, int *counter)
{
    struct steady *steady = gw_data(self);
    steady->overlapped |= steady->in_callback;
    steady->in_callback = true;
    ++*counter;
    tell(self, steady);
    steady->in_callback = false;
}

static void on_timer(struct gw_plugin *self, void *data)
{
    struct steady *steady = data;
    count(self, &steady->timers);
    if (steady->timers == 3) {
        gw_timer_stop(steady->timer); /* from within itself */
        steady->timer = NULL;
    }
}

static void on_once(struct gw_plugin *self, void *data)
{
    struct steady *steady = data;
    count(self, &steady->once);
    if (write(steady->pipe[1], "x", 1) != 1)
        gw_fail(self, -errno, "write");
}

static void on_readable(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    struct steady *steady = data;
    char byte;
    if (flags & GW_READ && read(fd, &byte, 1) == 1)
        count(self, &steady->watches);
}

static void on_post(struct gw_plugin *self, void *data)
{
    struct steady *steady = data;
    count(self, &steady->posts);
}

static void *post_from_afar(void *data)
{
    struct gw_plugin *self = data;
    for (int i = 0; i < 5; i++)
        gw_post(self, on_post, gw_data(self));
    return NULL;
}

static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct steady *steady = data;
    if (strcmp(event->source, gw_name(self)) == 0)
        count(self, &steady->events);
}

static void on_answer(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct steady *steady = data;
    steady->unanswered = error != 0; /* the one it is for may not have started */
    if (!error && strstr(json, "\"word\""))
        count(self, &steady->answers);
}

static void on_refusal(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct steady *steady = data;
    if (error == -ENOENT && strstr(json, "\"detail\""))
        count(self, &steady->answers);
}

static int steady_start(struct gw_plugin *self, void **data)
{
    struct steady *steady = calloc(1, sizeof(*steady));
    if (!steady)
        return gw_fail(self, -ENOMEM, "start");
    *data = steady;
    if (pipe(steady->pipe))
        return gw_fail(self, -errno, "pipe");
    steady->timer = gw_timer_start(self, 5, 5, on_timer, steady);
    gw_timer_start(self, 1, 0, on_once, steady);
    gw_watch_start(self, steady->pipe[0], GW_READ, on_readable, steady);
    return gw_subscribe(self, "steady.*", on_event, steady);
}

static int steady_tick(struct gw_plugin *self, void *data)
{
    struct steady *steady = data;
    count(self, &steady->ticks);
    double row = steady->ticks;
    struct gw_label labels[] = {{"instance", gw_name(self)}, {0}};
    gw_set(gw_series_get(self, "steady.ticks", labels, fields, 0), &row);
    if (steady->ticks == 1 || steady->unanswered)
        gw_ask(self, "steady.word", "{}", on_answer, steady);
    steady->unanswered = false;
    if (steady->ticks > 1)
        return 0;
    struct gw_event event = {.topic = "steady.ticked", .severity = GW_INFO};
    gw_emit(self, &event);
    gw_ask(self, "steady.none", "{}", on_refusal, steady);
    steady->threaded = pthread_create(&steady->thread, NULL, post_from_afar, self) == 0;
    return steady->threaded ? 0 : gw_fail(self, -EAGAIN, "thread");
}

static void steady_stop(struct gw_plugin *self, void *data)
{
    struct steady *steady = data;
    if (!steady)
        return;
    if (steady->threaded)
        pthread_join(steady->thread, NULL);
    if (steady->kept && gw_reply(steady->kept, NULL) == -ECANCELED) {
        struct gw_event event = {.topic = "steady.too_late", .severity = GW_INFO};
        gw_emit(self, &event);
    }
    close(steady->pipe[0]);
    close(steady->pipe[1]);
    free(steady);
}

static int run_word(struct gw_plugin *self, struct gw_call *call)
{
    char json[128];
    snprintf(json, sizeof(json), "{\"word\":\"%s\"}", gw_string(gw_options(self), "word"));
    return gw_reply(call, json);
}

static int run_fail(struct gw_plugin *self, struct gw_call *call)
{
    (void)call;
    return gw_fail(self, -EBUSY, "the thing is taken");
}

static int run_keep(struct gw_plugin *self, struct gw_call *call)
{
    struct steady *steady = gw_data(self);
    steady->kept = call;
    return gw_progress(call, 0.5, "half way");
}

static const struct gw_row options[] = {
    {.name = "word", .type = GW_STRING, .def = "hello", .help = "Said back"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"steady.state", "states", "What an instance has seen", NULL},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "steady.word", .help = "Says the word", .role = GW_VIEWER, .run = run_word},
    {.name = "steady.fail", .help = "Fails", .role = GW_VIEWER, .run = run_fail},
    {.name = "steady.keep", .help = "Never answers", .role = GW_VIEWER, .run = run_keep},
    {0},
};

GW_PLUGIN(.name = "steady", .version = "1.0", .summary = "Does everything", .options = options,
          .kinds = kinds, .commands = commands, .every_ms = 20, .start = steady_start,
          .tick = steady_tick, .stop = steady_stop);
