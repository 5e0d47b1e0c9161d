/* everything - calls each function of the interface's first version once, and looks at what comes
 * back. Compiled against the kept headers of every version; NAME is its name. What later versions
 * brought is in everything_1_N.c. */
#include "everything.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void everything_expect(struct gw_plugin *self, bool good, unsigned done, const char *what)
{
    struct everything *all = gw_data(self);
    struct gw_event event = {.topic = PLUGIN ".complete", .severity = GW_INFO, .text = "All of it"};
    if (!good) {
        gw_fail(self, -EPROTO, "%s is not as the header says", what);
        return;
    }
    bool before = all->done == DONE_ALL;
    all->done |= done;
    if (all->done == DONE_ALL && !before && gw_emit(self, &event) != 0)
        gw_fail(self, -EPROTO, "gw_emit");
}

/* ---- Options ---- */

static void try_options(struct gw_plugin *self)
{
    const struct gw_values *o = gw_options(self), *table = gw_table_at(o, "table", 0);
    everything_expect(self,
                      gw_bool(o, "yes") && gw_int(o, "count") == 3 && gw_int(o, "pause") == 2000 &&
                          gw_int(o, "room") == 4096 && fabs(gw_number(o, "share") - 0.5) < 1e-9 &&
                          strcmp(gw_string(o, "colour"), "red") == 0 && gw_count(o, "list") == 1 &&
                          strcmp(gw_string_at(o, "list", 0), "a") == 0 && table &&
                          gw_int(table, "depth") == 7 && !gw_has(o, "absent") &&
                          gw_count(o, "maps") == 0 && !gw_string(o, "unheard_of"),
                      DONE_OPTIONS, "an option");
}

/* ---- Series and objects ---- */

static const struct gw_field fields[] = {
    {"level", GW_GAUGE, "1", "A level"},
    {"total", GW_COUNTER, "By", "A sum"},
    {0},
};

static void try_series(struct gw_plugin *self, struct everything *all)
{
    const struct gw_label old[] = {{"thing", "old"}, {0}}, new[] = {{"thing", "new"}, {0}};
    const double row[] = {1.5, 10};
    struct gw_series *short_lived = gw_series_get(self, PLUGIN ".short", old, fields, 1000);
    int first = gw_set_at(short_lived, gw_now_ms(self) - 1000, row);
    int second = gw_series_relabel(short_lived, new);
    gw_series_end(short_lived);
    if (!all->series)
        all->series = gw_series_get(self, PLUGIN ".steady", NULL, fields, 0);
    int third = gw_set(all->series, row);
    everything_expect(self,
                      !first && !second && (!third || third == -EEXIST) &&
                          gw_set(NULL, row) == -EINVAL &&
                          all->series == gw_series_get(self, PLUGIN ".steady", NULL, fields, 0),
                      DONE_SERIES, "a series");
}

static void try_objects(struct gw_plugin *self)
{
    int put = gw_object_put(self, PLUGIN ".thing", "one", "{\"size\":1}");
    int other = gw_object_put(self, PLUGIN ".thing", "two", "{\"size\":2}");
    char *one = gw_object_get(self, PLUGIN ".thing", "one");
    char *list = gw_object_list(self, PLUGIN ".thing");
    everything_expect(self,
                      !put && !other && one && strstr(one, "\"size\":1") && list &&
                          list[0] == '[' && gw_object_delete(self, PLUGIN ".thing", "two") == 0 &&
                          gw_object_put(self, PLUGIN ".thing", "x", "[]") == -EILSEQ &&
                          gw_object_put(self, "gns3.node", "x", "{}") == -EPERM,
                      DONE_OBJECTS, "an object");
    gw_free(one);
    gw_free(list);
}

/* ---- Events and commands ---- */

static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    everything_expect(self,
                      data == self && event->sequence > 0 && event->time_ms > 0 &&
                          event->severity == GW_NOTICE && !strcmp(event->source, gw_name(self)) &&
                          !strcmp(event->kind, PLUGIN ".thing") && !strcmp(event->id, "one") &&
                          !strcmp(event->text, "Hello") && !strcmp(event->data, "{\"a\":1}"),
                      DONE_EVENT, "an event");
}

static int on_call(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    if (gw_int(params, "number") < 0)
        return gw_refuse(call, -ENOENT, "there is no %lld", (long long)gw_int(params, "number"));
#if GW_ABI_MINOR >= 1
    everything_more_call(self, call);
#endif
    gw_progress(call, 0.5, "half of %s", gw_name(self));
    return gw_call_cancelled(call) ? -ECANCELED : gw_reply(call, "{\"twice\":42}");
}

static void on_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    everything_expect(self, data == self && !error && strstr(json, "42"), DONE_ASKED, "an answer");
}

static void on_refusal(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)data;
    everything_expect(self, error == -ENOENT && strstr(json, "there is no -1"), 0, "a refusal");
}

/* ---- Time and waiting ---- */

static void on_timer(struct gw_plugin *self, void *data)
{
    struct everything *all = data;
    gw_timer_stop(all->timer);
    all->timer = NULL;
    everything_expect(self, write(all->pipe[1], "x", 1) == 1, DONE_TIMER, "a timer");
}

static void on_ready(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    struct everything *all = data;
    char byte;
    everything_expect(self,
                      fd == all->pipe[0] && flags == GW_READ && read(fd, &byte, 1) == 1 &&
                          gw_watch_change(all->watch, GW_READ) == 0,
                      DONE_WATCH, "a watch");
    gw_watch_stop(all->watch);
    all->watch = NULL;
}

static void on_post(struct gw_plugin *self, void *data)
{
    everything_expect(self, data == gw_data(self), DONE_POST, "a post");
}

/* ---- HTTP ---- */

static bool on_piece(struct gw_plugin *self, const char *piece, size_t bytes, void *data)
{
    (void)self, (void)data;
    return piece && bytes > 0;
}

static void on_streamed(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)data;
    everything_expect(self, answer->error == 0 && answer->status == 200, DONE_HTTP, "a stream");
}

static void on_page(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    struct everything *all = data;
    everything_expect(self,
                      answer->error == 0 && answer->status == 200 &&
                          !strcmp(answer->body, "hello") && answer->body_bytes == 5,
                      0, "an HTTP answer");
    const struct gw_http_ask stream = {
        .path = "/hello", .on_piece = on_piece, .silence_ms = 5000, .on_done = on_streamed};
    everything_expect(self, gw_http_send(all->http, &stream) != NULL, 0, "gw_http_send");
}

static void on_cancelled(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)data;
    everything_expect(self, answer->error == -ECANCELED, 0, "a cancel");
}

static void try_http(struct gw_plugin *self, struct everything *all)
{
    const struct gw_http_options options = {.size = sizeof(options),
                                            .base = gw_string(gw_options(self), "url"),
                                            .connect_ms = 2000,
                                            .answer_max_bytes = 65536};
    static const char *const headers[] = {"X-Test: yes", NULL};
    const struct gw_http_ask page = {.path = "/hello",
                                     .headers = headers,
                                     .on_done = on_page,
                                     .data = all},
                             gone = {.path = "/hello", .on_done = on_cancelled};
    struct gw_http *second = gw_http_new(self, &options);
    all->http = gw_http_new(self, &options);
    gw_http_send(all->http, &page);
    gw_http_cancel(gw_http_send(all->http, &gone));
    gw_http_free(second);
}

/* ---- Life ---- */

static void begin(struct gw_plugin *self, struct everything *all)
{
    const struct gw_event hello = {.topic = PLUGIN ".hello",
                                   .severity = GW_NOTICE,
                                   .kind = PLUGIN ".thing",
                                   .id = "one",
                                   .text = "Hello",
                                   .data = "{\"a\":1}"};
    int emitted = gw_emit(self, &hello);
    int asked = gw_ask(self, PLUGIN ".double", "{\"number\":21}", on_result, self);
    int refused = gw_ask(self, PLUGIN ".double", "{\"number\":-1}", on_refusal, NULL);
    all->timer = gw_timer_start(self, 10, 10, on_timer, all);
    all->watch = gw_watch_start(self, all->pipe[0], GW_READ, on_ready, all);
    everything_expect(self,
                      !emitted && !asked && !refused && all->timer && all->watch &&
                          gw_post(self, on_post, all) == 0,
                      0, "a beginning");
}

static int everything_tick(struct gw_plugin *self, void *data)
{
    struct everything *all = data;
    const char *dir = gw_state_dir(self);
    if (!(all->done & DONE_SERIES))
        try_series(self, all);
    gw_set(all->series, (double[]){1.5, 10});
    everything_expect(
        self, gw_monotonic_ms(self) > 0 && access(dir, W_OK) == 0 && !strcmp(gw_name(self), PLUGIN),
        DONE_TELLING, "the time, a name or a directory");
    gw_log(self, GW_INFO, "done: %x of %x", all->done, (unsigned)DONE_ALL);
#if GW_ABI_MINOR >= 1
    everything_more_tick(self, all);
#endif
    return 0;
}

/* gw_data is there once `start` has returned: a timer does the rest. */
static void on_begin(struct gw_plugin *self, void *data)
{
    try_options(self);
    try_objects(self);
    try_http(self, data);
    begin(self, data);
#if GW_ABI_MINOR >= 1
    int error = everything_more_start(self, data);
    everything_expect(self, !error, 0, "what 1.1 brought");
#endif
}

static int everything_start(struct gw_plugin *self, void **data)
{
    struct everything *all = calloc(1, sizeof(*all));
    *data = all;
    if (!all || pipe(all->pipe))
        return gw_fail(self, -errno, "start");
    gw_timer_start(self, 0, 0, on_begin, all);
    return gw_subscribe(self, PLUGIN ".hello", on_event, self);
}

static void everything_stop(struct gw_plugin *self, void *data)
{
    struct everything *all = data;
    (void)self;
    if (!all)
        return;
    close(all->pipe[0]);
    close(all->pipe[1]);
#if GW_ABI_MINOR >= 1
    everything_more_stop(all);
#endif
    free(all);
}

static const struct gw_row depth[] = {
    {.name = "depth", .type = GW_INT, .def = "7", .help = "A number in a table"},
    {0},
};

static const struct gw_row options[] = {
    {.name = "yes", .type = GW_BOOL, .def = "yes", .help = "A truth"},
    {.name = "count", .type = GW_INT, .def = "3", .min = 1, .max = 9, .help = "A number"},
    {.name = "share", .type = GW_NUMBER, .unit = "1", .def = "0.5", .max = 1, .help = "A share"},
    {.name = "url", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Where /hello says hello"},
    {.name = "password", .type = GW_SECRET, .help = "A secret"},
    {.name = "colour", .type = GW_ENUM, .def = "red", .choices = "red|blue", .help = "A choice"},
    {.name = "pause", .type = GW_DURATION, .unit = "s", .def = "2s", .help = "A duration"},
    {.name = "room", .type = GW_SIZE, .unit = "By", .def = "4KiB", .help = "A size"},
    {.name = "since", .type = GW_TIME, .help = "A time"},
    {.name = "list", .type = GW_STRINGS, .def = "a", .help = "A list"},
    {.name = "table", .type = GW_TABLE, .rows = depth, .help = "A table"},
    {.name = "maps", .type = GW_TABLES, .rows = depth, .help = "A list of tables"},
    {.name = "any", .type = GW_JSON, .help = "Any JSON"},
    {.name = "absent", .type = GW_STRING, .help = "A text that nobody gives"},
#if GW_ABI_MINOR >= 1
    {.name = "when", .type = GW_CRON, .def = "0 4 * * *", .help = "A schedule"},
    {.name = "zone", .type = GW_ZONE, .def = "UTC", .help = "A time zone"},
#endif
    {0},
};

static const struct gw_row thing_fields[] = {
    {.name = "size", .type = GW_INT, .help = "How large"},
    {0},
};

static const struct gw_kind kinds[] = {
    {PLUGIN ".thing", "things", "A thing", thing_fields},
    {0},
};

static const struct gw_row double_params[] = {
    {.name = "number", .type = GW_INT, .flags = GW_REQUIRED, .help = "What to double"},
    {0},
};

static const struct gw_row double_result[] = {
    {.name = "twice", .type = GW_INT, .help = "Doubled"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = PLUGIN ".double",
     .help = "Doubles a number",
     .role = GW_OPERATOR,
     .params = double_params,
     .result = double_result,
     .run = on_call,
     .deadline_ms = 5000},
    {0},
};

#if GW_ABI_MINOR >= 1
#define SINCE_1_1 .every_ms = 200, .pages = everything_pages
#else
#define SINCE_1_1 .every_ms = 200
#endif

GW_PLUGIN(.name = PLUGIN, .version = "1.0", .summary = "Uses everything", .options = options,
          .kinds = kinds, .commands = commands, .deadline_ms = 2000, .start = everything_start,
          .tick = everything_tick, .stop = everything_stop, SINCE_1_1);
