/* `gnswatch worker`: a process that runs one instance for its daemon.
 *
 * It gives up what it does not need before it opens the plugin's file, makes a host of small parts
 * of its own, and lets the usual instance run on it; the first thread then reads what the daemon
 * says. When the socket closes, the daemon is gone or done with us. */
#include "worker/child.h"

#include "base/log.h"
#include "worker/inside.h"
#include "worker/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ARENA_BYTES = 64 << 20, /* of the own registry's rings, which hold two rows each */
    RING_ROWS = 2,
};

/* ---- Before the plugin ----------------------------------------------------------------------- */

/* Blocks until there is a frame; false: the daemon has closed the socket. */
static bool next_frame(struct child *child, struct wire_frame *frame)
{
    char why[128];
    int got;
    while (!(got = wire_next(&child->in, false, frame, why))) {
        int64_t bytes = wire_read(&child->in, child->socket);
        if (bytes <= 0 && bytes != -EINTR)
            return false;
    }
    return got > 0;
}

static void on_log(void *data, enum gw_severity level, const char *who, const char *text)
{
    struct buf json;
    (void)who; /* whatever speaks in here, the daemon says it in the instance's name */
    wire_begin(&json);
    wire_add_int(&json, "level", level);
    child_say(data, WIRE_LOG, 0, wire_end(&json), text, strlen(text));
    buf_fini(&json);
}

static int open_ends(struct child *child)
{
    fcntl(WORKER_SOCKET_FD, F_SETFD, FD_CLOEXEC);
    fcntl(WORKER_MEMORY_FD, F_SETFD, FD_CLOEXEC);
    child->socket = WORKER_SOCKET_FD;
    return rows_map(&child->rows, WORKER_MEMORY_FD);
}

static void init_locks(struct child *child)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&child->answered, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&child->lock, NULL);
    pthread_mutex_init(&child->writing, NULL);
}

/* ---- The instance ---------------------------------------------------------------------------- */

static int make_parts(struct child *child, const struct setup *setup)
{
    const struct metric_options small = {.arena_max_bytes = ARENA_BYTES, .ring_rows = RING_ROWS};
    const struct clock *clock = clock_system();
    child->parts = (struct host_parts){
        .clock = clock,
        .metric = metric_new(clock, &small),
        .objects = objects_new(clock),
        .bus = bus_new(clock, 0),
        .commands = commands_new(clock),
        .dashboard = setup->dashboard ? strdup(setup->dashboard) : NULL,
        .remote = &child_remote,
    };
    if (!child->parts.metric || !child->parts.objects || !child->parts.bus ||
        !child->parts.commands)
        return -ENOMEM;
    child_series_attach(child);
    child_calls_attach(child);
    child->events = (struct bucket){.per_s = setup->limits.events_per_s};
    return 0;
}

static int offer(struct child *child, const char *plugin, const struct gw_descriptor *descriptor)
{
    struct gw_plugin *self = child->self;
    int error = objects_declare(child->parts.objects, plugin, descriptor->kinds);
    if (!error)
        error = commands_add(child->parts.commands, plugin, self->conf.name, self,
                             instance_dispatch, descriptor->commands);
    if (!error)
        error = commands_add_pages(child->parts.commands, plugin, self->conf.name, self,
                                   instance_dispatch, descriptor->pages);
    return error;
}

static struct gw_values *read_options(const struct setup *setup, const struct gw_row *table,
                                      char **why)
{
    struct problems problems;
    problems_init(&problems);
    struct gw_values *values = values_from_json(table, setup->options, &problems);
    if (!values && asprintf(why, "its options do not fit the plugin's file any more: %s",
                            problems.count ? problems.list[0].what : "out of memory") < 0)
        *why = NULL;
    problems_fini(&problems);
    return values;
}

static struct gw_plugin *make_instance(struct child *child, const struct setup *setup,
                                       const struct plugin *plugin, struct gw_values *values)
{
    struct conf_instance conf = {.name = strdup(setup->name),
                                 .plugin = strdup(plugin->name),
                                 .enabled = true,
                                 .every_ms = setup->every_ms,
                                 .values = values};
    child->self = instance_new(&child->parts, &plugin->descriptor, &conf, NULL);
    if (!child->self || offer(child, plugin->name, &plugin->descriptor))
        return NULL;
    child->self->state_dir = setup->state_dir ? strdup(setup->state_dir) : NULL;
    return child->self;
}

/* Another user may have its own directory, but not the way to it: it is the working directory, and
 * named so. */
static void enter_state_dir(struct setup *setup)
{
    if (setup->limits.user && setup->state_dir && chdir(setup->state_dir) == 0)
        setup->state_dir = "/proc/self/cwd";
}

/* false with a sentence. */
static bool prepare(struct child *child, struct setup *setup, char **why)
{
    char refused[256] = "";
    enter_state_dir(setup);
    if (sandbox_enter(&setup->limits, refused)) {
        *why = strdup(refused);
        return false;
    }
    if (make_parts(child, setup)) {
        *why = strdup("no memory for the instance's process");
        return false;
    }
    child->plugin = plugin_of_path(setup->path, why);
    struct gw_values *values =
        child->plugin ? read_options(setup, child->plugin->descriptor.options, why) : NULL;
    if (values && !make_instance(child, setup, child->plugin, values))
        *why = strdup("no memory for the instance");
    return values && child->self;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* As instance_ask_stop, but also when its thread is being joined. */
static void stop_instance(struct child *child)
{
    atomic_store(&child->self->stop_wanted, true);
    mailbox_wake(child->self->mailbox);
}

static void take(struct child *child, struct wire_frame *frame)
{
    switch (frame->type) {
    case WIRE_CALL:
        child_call(child, frame);
        break;
    case WIRE_CANCEL:
        child_cancel(child, frame->id);
        break;
    case WIRE_EVENT:
        child_event(child, frame);
        break;
    case WIRE_RESULT:
    case WIRE_ROWS:
        child_take_result(child, frame);
        break;
    case WIRE_ANSWER:
        child_take_answer(child, frame);
        break;
    case WIRE_STOP:
        stop_instance(child);
        break;
    default:
        break; /* only the setup, which is no news */
    }
}

static void *read_all(void *data)
{
    struct child *child = data;
    struct wire_frame frame;
    while (next_frame(child, &frame)) {
        take(child, &frame);
        wire_done(&frame);
    }
    child_end_questions(child);
    stop_instance(child);
    return NULL;
}

/* ---- All of it ------------------------------------------------------------------------------- */

static int refuse(struct child *child, const char *why)
{
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "error", -EINVAL);
    child_say_text(child, WIRE_FAIL, 0, why ? why : "out of memory");
    child_say(child, WIRE_STARTED, 0, wire_end(&json), NULL, 0);
    buf_fini(&json);
    return 1;
}

/* When the instance hangs, the daemon's SIGABRT is for its thread: the backtrace is of that. */
static void block_abort(void)
{
    sigset_t abort_only;
    sigemptyset(&abort_only);
    sigaddset(&abort_only, SIGABRT);
    pthread_sigmask(SIG_BLOCK, &abort_only, NULL);
}

/* Until the daemon wants it to end. */
static int run(struct child *child)
{
    pthread_t reader;
    if (instance_launch(child->self))
        return 1;
    block_abort();
    if (pthread_create(&reader, NULL, read_all, child))
        return 1;
    instance_join(child->self, INT64_MAX);
    child_say(child, WIRE_STOPPED, 0, NULL, NULL, 0);
    shutdown(child->socket, SHUT_RDWR);
    pthread_join(reader, NULL);
    return 0;
}

static void fini(struct child *child)
{
    log_divert(NULL, NULL);
    if (child->self)
        commands_remove(child->parts.commands, child->self);
    instance_free(child->self);
    commands_free(child->parts.commands);
    objects_free(child->parts.objects);
    bus_free(child->parts.bus);
    metric_free(child->parts.metric);
    plugin_free(child->plugin);
    free((char *)(uintptr_t)child->parts.dashboard);
    free(child->subscriptions);
    rows_unmap(&child->rows);
    wire_in_fini(&child->in);
    buf_fini(&child->frame);
    free(child);
}

static int work(struct child *child)
{
    struct wire_frame frame;
    struct setup setup;
    char *why = NULL;
    if (!next_frame(child, &frame))
        return 1;
    bool ready = frame.type == WIRE_SETUP && setup_read(&frame, &setup);
    if (ready) {
        log_setup((enum gw_severity)setup.log_least, LOG_TEXT);
        log_divert(on_log, child);
        ready = prepare(child, &setup, &why);
    }
    wire_done(&frame);
    int code = ready ? run(child) : refuse(child, why);
    free(why);
    return code;
}

int worker_main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "describe") == 0)
        return describe_child(argv[2], false);
    if (argc == 4 && strcmp(argv[1], "describe") == 0)
        return describe_child(argv[3], true);
    struct child *child = argc == 2 ? calloc(1, sizeof(*child)) : NULL;
    if (!child || open_ends(child)) {
        fprintf(stderr, "gnswatch worker is started by the daemon only\n");
        free(child);
        return 2;
    }
    sandbox_tie();
    crash_handlers();
    init_locks(child);
    buf_init(&child->frame, SIZE_MAX / 2); /* bounded by the wire */
    int code = work(child);
    fini(child);
    return code;
}
