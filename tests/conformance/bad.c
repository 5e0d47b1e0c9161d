/* bad - plugins that misbehave in one way each, FAULT, for the conformance run to find. All else in
 * them is good. */
#include <gnswatch/http.h>
#include <gnswatch/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT(x)  #x
#define QUOTE(x) TEXT(x)
#define PLUGIN   QUOTE(NAME)

enum fault {
    NONE = 1,
    CRASHES_AT_LOAD,
    EXITS,
    CRASHES_IN_STOP,
    HANGS,
    UNKNOWN_UNIT,
    NO_FIELD_HELP,
    LEAKS_FILES,
    LEAKS_THREADS,
    LEAKS_MEMORY,
    LEAKS_PROCESSES,
    TRUSTS_MALLOC,
    TRUSTS_STRDUP,
    TRUSTS_PEERS,
    TRUSTS_CLOCK,
    TRUSTS_OPTIONS,
    TRUSTS_EVENTS,
    NEVER_ANSWERS,
    ANSWERS_NO_JSON,
    TRUSTS_PARAMETERS,
    CALLS_FROM_THREAD,
    IS_RESTLESS,
    FORGETS_A_CALL,
    STARTS_ONCE,
    FLOODS,
};

struct bad {
    char *copy;
    struct gw_http *http;
    struct gw_call *call;
    int64_t last_ms;
};

static bool is(enum fault fault)
{
    return fault == FAULT;
}

static void crash(void)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

__attribute__((constructor)) static void at_load(void)
{
    if (is(CRASHES_AT_LOAD))
        crash();
}

static void *sleeper(void *data)
{
    struct gw_plugin *self = data;
    if (is(CALLS_FROM_THREAD))
        gw_log(self, GW_INFO, "from a thread");
    pause();
    return NULL;
}

static void begin_thread(struct gw_plugin *self)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, sleeper, self) == 0)
        pthread_detach(thread);
}

static void on_page(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self, (void)data;
    if (is(TRUSTS_PEERS) && answer->error == 0 && !strchr(answer->body, ':'))
        crash();
}

static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)self, (void)data;
    if (is(TRUSTS_EVENTS) && strstr(event->data, "\"changed\":1"))
        crash();
}

static void on_time(struct gw_plugin *self, void *data)
{
    (void)data;
    gw_timer_start(self, 0, 0, on_time, data);
}

static int bad_tick(struct gw_plugin *self, void *data)
{
    static const struct gw_field fields[] = {
        {"value", GW_GAUGE, "1", FAULT == NO_FIELD_HELP ? "" : "A value"},
        {0},
    };
    struct bad *bad = data;
    const struct gw_http_ask ask = {.path = "/", .on_done = on_page};
    double row[] = {1};
    int64_t now_ms = gw_now_ms(self);
    gw_http_send(bad->http, &ask);
    if (is(HANGS))
        for (;;)
            pause();
    if (is(TRUSTS_CLOCK) && bad->last_ms && now_ms < bad->last_ms)
        crash();
    bad->last_ms = now_ms;
    if (is(FLOODS))
        for (int i = 0; i < 1000; i++)
            puts("a line of a hundred characters or so, that nobody wants to read, and again, "
                 "again");
    return gw_set(gw_series_get(self, PLUGIN ".value", NULL, fields, 0), row);
}

static int leak(struct gw_plugin *self)
{
    if (is(LEAKS_FILES))
        return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? -errno : 0;
    if (is(LEAKS_THREADS) || is(CALLS_FROM_THREAD))
        begin_thread(self);
    if (is(LEAKS_MEMORY)) {
        char *lost = malloc(500);
        if (lost)
            *(volatile char *)lost = 'x';
    }
    if (is(LEAKS_PROCESSES) && fork() == 0) {
        pause();
        _exit(0);
    }
    return 0;
}

/* What the options say, taken as good. */
static char *copy_text(const struct gw_plugin *self)
{
    const char *text = gw_string(gw_options(self), "text");
    if (is(TRUSTS_OPTIONS) && strlen(text) > 100)
        crash();
    char *copy = is(TRUSTS_STRDUP) ? strdup(text) : malloc(strlen(text) + 1);
    if (is(TRUSTS_STRDUP) && copy[0] == '?')
        copy[0] = '!';
    if (copy || is(TRUSTS_MALLOC))
        memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static int bad_start(struct gw_plugin *self, void **data)
{
    const struct gw_http_options options = {.size = sizeof(options), .base = "http://127.0.0.1:9"};
    struct bad *bad = calloc(1, sizeof(*bad));
    *data = bad;
    if (!bad)
        return gw_fail(self, -ENOMEM, "start");
    if (is(STARTS_ONCE) && access(gw_state_dir(self), W_OK) == 0) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/lock", gw_state_dir(self));
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0)
            return gw_fail(self, -errno, "lock");
        close(fd);
    }
    if (is(EXITS))
        exit(3);
    bad->copy = copy_text(self);
    if (!bad->copy)
        return gw_fail(self, -ENOMEM, "start");
    bad->http = gw_http_new(self, &options);
    if (is(IS_RESTLESS))
        gw_timer_start(self, 0, 0, on_time, bad);
    int error = leak(self);
    return error ? gw_fail(self, error, "leak") : gw_subscribe(self, "gns3.*", on_event, bad);
}

static void bad_stop(struct gw_plugin *self, void *data)
{
    struct bad *bad = data;
    (void)self;
    if (is(CRASHES_IN_STOP))
        crash();
    if (bad)
        free(bad->copy);
    free(bad);
}

static int bad_do(struct gw_plugin *self, struct gw_call *call)
{
    struct bad *bad = gw_data(self);
    const char *text = gw_string(gw_call_params(call), "text");
    if (is(TRUSTS_PARAMETERS) && (!text || !*text))
        crash();
    if (is(FORGETS_A_CALL) && text && *text == '.')
        return 0;
    if (is(NEVER_ANSWERS)) {
        bad->call = call;
        return 0;
    }
    return gw_reply(call, is(ANSWERS_NO_JSON) ? "done" : "{}");
}

static const struct gw_row options[] = {
    {.name = "text", .type = GW_STRING, .def = "x", .help = "A text"},
    {.name = "pause",
     .type = GW_DURATION,
     .unit = FAULT == UNKNOWN_UNIT ? "sec" : "s",
     .def = "1s",
     .help = "A pause"},
    {0},
};

static const struct gw_row do_params[] = {
    {.name = "text", .type = GW_STRING, .help = "A text"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = PLUGIN ".do",
     .help = "Does it",
     .role = GW_OPERATOR,
     .params = do_params,
     .run = bad_do,
     .deadline_ms = 2000},
    {0},
};

GW_PLUGIN(.name = PLUGIN, .version = "1.0", .summary = "Misbehaves", .options = options,
          .commands = commands, .every_ms = 1000, .start = bad_start, .tick = bad_tick,
          .stop = bad_stop);
