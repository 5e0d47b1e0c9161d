/* The plugin, and what its tests share. */
#include "testing_probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- The plugin ---- */

struct probe {
    int64_t starts, ticks;
    struct gw_call *later; /* a call that waits for its answer */
};

static int probe_start(struct gw_plugin *self, void **data)
{
    struct probe *probe = calloc(1, sizeof(*probe));
    *data = probe;
    if (!probe)
        return -ENOMEM;
    if (gw_bool(gw_options(self), "fail"))
        return gw_fail(self, -EIO, "asked to fail");
    return 0;
}

static int probe_tick(struct gw_plugin *self, void *data)
{
    struct probe *probe = data;
    char json[64];
    snprintf(json, sizeof(json), "{\"ticks\":%d}", (int)++probe->ticks);
    return gw_object_put(self, "probe.state", "now", json);
}

static void probe_stop(struct gw_plugin *self, void *data)
{
    gw_log(self, GW_INFO, "stopped");
    free(data);
}

static void reply_later(struct gw_plugin *self, void *data)
{
    (void)data;
    struct probe *probe = gw_data(self);
    gw_progress(probe->later, 0.5, "half of it");
    gw_reply(probe->later, "{\"late\":true}");
}

static int run_do(struct gw_plugin *self, struct gw_call *call)
{
    struct probe *probe = gw_data(self);
    const char *how = gw_string(gw_call_params(call), "how");
    probe->later = call;
    if (strcmp(how, "fail") == 0)
        return gw_fail(self, -EIO, "the disk");
    if (strcmp(how, "error") == 0)
        return -EBUSY;
    if (strcmp(how, "refuse") == 0)
        return gw_refuse(call, -ENOENT, "no %s here", "such thing");
    if (strcmp(how, "later") == 0)
        return gw_timer_start(self, 20000, 0, reply_later, NULL) ? 0 : -ENOMEM;
    if (strcmp(how, "late") == 0)
        return gw_timer_start(self, 31000, 0, reply_later, NULL) ? 0 : -ENOMEM;
    return strcmp(how, "forget") == 0 ? 0 : gw_reply(call, NULL);
}

static const struct gw_row options[] = {
    {.name = "fail", .type = GW_BOOL, .def = "no", .help = "The start fails"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"probe.state", "states", "How it is", NULL},
    {0},
};

static const struct gw_row do_params[] = {
    {.name = "how", .type = GW_STRING, .flags = GW_REQUIRED, .help = "How it ends"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "probe.do",
     .help = "Ends as it is told",
     .role = GW_OPERATOR,
     .params = do_params,
     .run = run_do,
     .deadline_ms = 30000},
    {0},
};

static int run_report(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    char text[256];
    const struct gw_values *params = gw_call_params(call);
    int length =
        snprintf(text, sizeof(text), "%s %d %zu %s", gw_string(params, "name"),
                 (int)gw_int(params, "count"), gw_count(params, "tags"), gw_call_accept(call));
    if (strcmp(gw_string(params, "name"), "none") == 0)
        return gw_refuse(call, -ENOENT, "no such report");
    return gw_reply_as(call, "text/plain", text, (size_t)length);
}

static const struct gw_row report_params[] = {
    {.name = "name", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Which"},
    {.name = "count", .type = GW_INT, .def = "1", .help = "How many"},
    {.name = "tags", .type = GW_STRINGS, .help = "Which ones"},
    {0},
};

static const struct gw_page pages[] = {
    {.path = "/api/probe/reports/{name}/text",
     .help = "A report",
     .role = GW_VIEWER,
     .params = report_params,
     .types = "text/plain",
     .run = run_report},
    {0},
};

GW_PLUGIN(.name = "probe", .version = "1.0", .summary = "Is told what to do", .options = options,
          .kinds = kinds, .commands = commands, .every_ms = 10000, .start = probe_start,
          .tick = probe_tick, .stop = probe_stop, .pages = pages);

/* ---- For the tests ---- */

struct gwt *probe_new(const char *yaml)
{
    struct gwt *test = gwt_new(&gnswatch_plugin, yaml, 0);
    assert_non_null(test);
    assert_int_equal(gwt_start(test), 0);
    return test;
}

void notes_begin(struct notes *notes, struct gwt *test)
{
    *notes = (struct notes){.test = test, .begin_ms = gw_monotonic_ms(gwt_self(test))};
}

void note(struct notes *notes, const char *name)
{
    size_t length = strlen(notes->text);
    int64_t since_ms = gw_monotonic_ms(gwt_self(notes->test)) - notes->begin_ms;
    snprintf(notes->text + length, sizeof(notes->text) - length, "%s@%d ", name, (int)since_ms);
    notes->count++;
}

static void die_in_child(void (*fn)(struct gwt *test), struct gwt *test, int out)
{
    signal(SIGABRT, SIG_DFL);
    dup2(out, STDERR_FILENO);
    fn(test);
    _exit(0);
}

void assert_dies(void (*fn)(struct gwt *test), struct gwt *test, const char *sentence)
{
    int ends[2], status = 0;
    char said[1024] = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        die_in_child(fn, test, ends[1]);
    close(ends[1]);
    size_t length = 0;
    for (ssize_t got; (got = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0;)
        length += (size_t)got;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(said, sentence));
}
