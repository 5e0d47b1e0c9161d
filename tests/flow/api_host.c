/* api_host - the API with a small world around it, for the tests of tests/flow.
 *
 * usage: api_host STATE_DIR WEB_DIR OPTIONS_JSON
 *
 * A kind demo.thing with commands, series and events, driven by lines on stdin:
 *     put ID JSON | delete ID | event TOPIC TEXT | row NAME VALUE | rows NAME COUNT | quit
 * Each line is answered with "ok". Prints {"port":N} first. Commands run on a thread of their own,
 * as a plugin's would. */
#include "api/api.h"
#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALLS = 256 };

/* Runs calls one after the other, as an instance does. */
struct runner {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    struct gw_call *calls[CALLS];
    size_t count;
    bool stop;
    struct objects *objects;
};

struct world {
    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    struct store *store;
    struct runner runner;
};

static struct objects *objects_of_commands; /* the commands have no instance to ask */

/* ---- demo.thing ----------------------------------------------------------------------------- */

static const struct gw_row thing_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "status", .type = GW_ENUM, .choices = "started|stopped", .help = "State"},
    {.name = "size", .type = GW_INT, .unit = "By", .help = "Size"},
    {.name = "ports", .type = GW_JSON, .help = "Ports"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"demo.thing", "things", "Something to test with", thing_fields},
    {0},
};

static int put_status(struct gw_call *call, const char *status)
{
    const char *id = gw_string(gw_call_params(call), "id");
    char *document = objects_get(objects_of_commands, "demo.thing", id);
    if (!document)
        return gw_refuse(call, -ENOENT, "there is no thing '%s'", id);
    json_t *json = json_loads(document, 0, NULL);
    free(document);
    json_object_set_new(json, "status", json_string(status));
    char *text = json_dumps(json, JSON_COMPACT);
    objects_put(objects_of_commands, "demo", "demo.thing", id, text);
    json_decref(json);
    free(text);
    return gw_reply(call, "{\"changed\":true}");
}

static int thing_start(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return put_status(call, "started");
}

static int thing_create(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    const char *name = gw_string(gw_call_params(call), "name");
    json_t *json = json_pack("{s:s, s:s, s:I}", "name", name, "status", "stopped", "size",
                             (json_int_t)gw_int(gw_call_params(call), "size"));
    char *text = json_dumps(json, JSON_COMPACT);
    int put = objects_put(objects_of_commands, "demo", "demo.thing", name, text);
    json_decref(json);
    free(text);
    return put == 0 ? gw_refuse(call, -EEXIST, "there is a thing '%s' already", name)
                    : gw_reply(call, "{\"created\":true}");
}

static int thing_update(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return put_status(call, gw_string(gw_call_params(call), "status"));
}

static int thing_delete(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    const char *id = gw_string(gw_call_params(call), "id");
    if (objects_delete(objects_of_commands, "demo.thing", id))
        return gw_refuse(call, -ENOENT, "there is no thing '%s'", id);
    return gw_reply(call, NULL);
}

static int thing_slow(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    int64_t steps = gw_int(gw_call_params(call), "ms") / 20;
    for (int64_t i = 0; i < steps && !gw_call_cancelled(call); i++) {
        gw_progress(call, (double)i / (double)steps, "step %d", (int)i);
        usleep(20000);
    }
    return gw_reply(call, "{\"slept\":true}");
}

static int thing_fail(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return gw_refuse(call, -(int)gw_int(gw_call_params(call), "error"), "it was asked to fail");
}

static int thing_scan(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return gw_reply(call, "{\"found\":3}");
}

static const struct gw_row id_rows[] = {
    {.name = "id", .type = GW_STRING, .min = 1, .max = 255, .flags = GW_REQUIRED, .help = "Id"},
    {0},
};
static const struct gw_row create_rows[] = {
    {.name = "name", .type = GW_STRING, .min = 1, .max = 60, .flags = GW_REQUIRED, .help = "Name"},
    {.name = "size", .type = GW_SIZE, .def = "1KiB", .help = "Size"},
    {.name = "password", .type = GW_SECRET, .help = "A secret"},
    {0},
};
static const struct gw_row update_rows[] = {
    {.name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Id"},
    {.name = "status",
     .type = GW_ENUM,
     .choices = "started|stopped",
     .flags = GW_REQUIRED,
     .help = "State"},
    {0},
};
static const struct gw_row slow_rows[] = {
    {.name = "ms",
     .type = GW_INT,
     .min = 0,
     .max = 60000,
     .flags = GW_REQUIRED,
     .unit = "ms",
     .help = "How long"},
    {0},
};
static const struct gw_row fail_rows[] = {
    {.name = "error",
     .type = GW_INT,
     .min = 1,
     .max = 200,
     .flags = GW_REQUIRED,
     .help = "An errno"},
    {0},
};
static const struct gw_row scan_result[] = {
    {.name = "found", .type = GW_INT, .help = "How many"},
    {0},
};

static const struct gw_command commands[] = {
    {"demo.thing.create", "Makes a thing", GW_OPERATOR, create_rows, NULL, thing_create, 0},
    {"demo.thing.update", "Changes a thing", GW_OPERATOR, update_rows, NULL, thing_update, 0},
    {"demo.thing.delete", "Removes a thing", GW_ADMIN, id_rows, NULL, thing_delete, 0},
    {"demo.thing.start", "Starts a thing", GW_OPERATOR, id_rows, NULL, thing_start, 0},
    {"demo.thing.scan", "Looks for things", GW_OPERATOR, NULL, scan_result, thing_scan, 0},
    {"demo.slow", "Takes its time", GW_OPERATOR, slow_rows, NULL, thing_slow, 0},
    {"demo.fail", "Fails as told", GW_OPERATOR, fail_rows, NULL, thing_fail, 0},
    {0},
};

/* ---- Running calls -------------------------------------------------------------------------- */

static int dispatch(void *instance, struct gw_call *call)
{
    struct runner *runner = instance;
    int error = -EAGAIN;
    pthread_mutex_lock(&runner->lock);
    if (runner->count < CALLS && !runner->stop) {
        runner->calls[runner->count++] = call;
        error = 0;
    }
    pthread_cond_signal(&runner->change);
    pthread_mutex_unlock(&runner->lock);
    return error;
}

static void *run_calls(void *data)
{
    struct runner *runner = data;
    pthread_mutex_lock(&runner->lock);
    while (!runner->stop) {
        if (runner->count == 0) {
            pthread_cond_wait(&runner->change, &runner->lock);
            continue;
        }
        struct gw_call *call = runner->calls[0];
        memmove(runner->calls, runner->calls + 1, --runner->count * sizeof(call));
        pthread_mutex_unlock(&runner->lock);
        call_run(NULL, call);
        pthread_mutex_lock(&runner->lock);
    }
    pthread_mutex_unlock(&runner->lock);
    return NULL;
}

/* ---- Lines ---------------------------------------------------------------------------------- */

static const struct gw_field fields[] = {
    {"value", GW_GAUGE, "%", "A value"},
    {"count", GW_COUNTER, "1", "A count"},
    {0},
};

static struct gw_series *series_of(struct world *world, const char *name)
{
    int error;
    const struct gw_label labels[] = {{"name", name}, {0}};
    return metric_get(world->metric, world, "demo.thing", labels, fields, 1000, &error);
}

static void add_rows(struct world *world, const char *name, int64_t count)
{
    struct gw_series *series = series_of(world, name);
    int64_t now_ms = clock_wall_ms(clock_system());
    for (int64_t i = 0; i < count; i++) {
        double values[] = {50 + 40 * sin((double)i / 20), (double)i * 10};
        metric_set(series, now_ms - (count - i) * 1000, values);
    }
}

/* The API's clock, which can be turned on. */
static _Atomic int64_t later_ms;

static int64_t later_wall_ms(const struct clock *clock)
{
    (void)clock;
    return clock_wall_ms(clock_system()) + later_ms;
}

static int64_t later_monotonic_ns(const struct clock *clock)
{
    (void)clock;
    return clock_monotonic_ns(clock_system()) + later_ms * 1000000;
}

static const struct clock later_clock = {later_wall_ms, later_monotonic_ns};

static void obey(struct world *world, char *line)
{
    char *rest = line;
    const char *verb = strsep(&rest, " "), *first = strsep(&rest, " ");
    if (strcmp(verb, "put") == 0) {
        objects_put(world->objects, "demo", "demo.thing", first, rest);
    } else if (strcmp(verb, "delete") == 0) {
        objects_delete(world->objects, "demo.thing", first);
    } else if (strcmp(verb, "event") == 0) {
        const struct gw_event event = {
            .topic = first, .severity = GW_NOTICE, .source = "demo", .text = rest, .data = "{}"};
        bus_emit(world->bus, &event);
    } else if (strcmp(verb, "row") == 0) {
        double values[] = {strtod(rest, NULL), strtod(rest, NULL)};
        metric_set(series_of(world, first), clock_wall_ms(clock_system()), values);
    } else if (strcmp(verb, "rows") == 0) {
        add_rows(world, first, strtol(rest, NULL, 10));
    } else if (strcmp(verb, "later") == 0) {
        later_ms += strtol(first, NULL, 10);
    }
}

static void obey_all(struct world *world)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, stdin)) > 0) {
        line[length - 1] = '\0';
        if (strcmp(line, "quit") == 0)
            break;
        obey(world, line);
        puts("ok");
        fflush(stdout);
    }
    free(line);
}

/* ---- The world ------------------------------------------------------------------------------ */

static void make_world(struct world *world, const char *state_dir)
{
    const struct clock *clock = clock_system();
    world->metric = metric_new(clock, &(struct metric_options){.arena_max_bytes = 64 << 20});
    world->objects = objects_of_commands = objects_new(clock);
    world->bus = bus_new(clock, 0);
    world->commands = commands_new(clock);
    objects_declare(world->objects, "demo", kinds);
    commands_add(world->commands, "demo", "demo", &world->runner, dispatch, commands);
    pthread_mutex_init(&world->runner.lock, NULL);
    pthread_cond_init(&world->runner.change, NULL);
    pthread_create(&world->runner.thread, NULL, run_calls, &world->runner);
    const struct store_parts parts = {.clock = clock,
                                      .metric = world->metric,
                                      .objects = world->objects,
                                      .bus = world->bus,
                                      .commands = world->commands,
                                      .dir = state_dir,
                                      .rrd_module = getenv("GNSWATCH_RRD_MODULE")};
    char *why = NULL;
    if (store_open(&parts, &world->store, &why))
        log_line(GW_ERROR, "test", "the store: %s", why ? why : "");
    free(why);
}

static void end_world(struct world *world)
{
    struct runner *runner = &world->runner;
    commands_remove(world->commands, runner);
    pthread_mutex_lock(&runner->lock);
    runner->stop = true;
    pthread_cond_signal(&runner->change);
    pthread_mutex_unlock(&runner->lock);
    pthread_join(runner->thread, NULL);
    metric_release(world->metric, world);
    if (world->store)
        store_close(world->store, 2000);
    commands_free(world->commands);
    bus_free(world->bus);
    objects_free(world->objects);
    metric_free(world->metric);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "store-process") == 0)
        return store_process_main(argc, argv);
    if (argc != 4) {
        fprintf(stderr, "usage: api_host STATE_DIR WEB_DIR OPTIONS_JSON\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    log_setup(getenv("API_HOST_DEBUG") ? GW_DEBUG : GW_WARNING, LOG_TEXT);
    struct problems problems;
    problems_init(&problems);
    json_t *json = json_loads(argv[3], 0, NULL);
    struct gw_values *options = values_from_json(api_options, json, &problems);
    json_decref(json);
    if (!options) {
        fprintf(stderr, "%s: %s\n", problems.list[0].where, problems.list[0].what);
        problems_fini(&problems);
        return 1;
    }
    struct world world = {0};
    make_world(&world, argv[1]);
    char *socket_path = NULL;
    if (asprintf(&socket_path, "%s/gnswatch.sock", argv[1]) < 0)
        return 1;
    const struct api_parts parts = {.clock = &later_clock,
                                    .metric = world.metric,
                                    .objects = world.objects,
                                    .bus = world.bus,
                                    .commands = world.commands,
                                    .store = world.store,
                                    .web_dir = argv[2],
                                    .socket_path = socket_path,
                                    .options = options};
    struct api *api = NULL;
    char *why = NULL;
    int error = api_start(&parts, &api, &why);
    if (error) {
        fprintf(stderr, "%s\n", why ? why : strerror(-error));
    } else {
        printf("{\"port\":%d}\n", api_port(api));
        fflush(stdout);
        obey_all(&world);
    }
    free(why);
    api_stop(api);
    end_world(&world);
    free(socket_path);
    values_free(options);
    problems_fini(&problems);
    return error ? 1 : 0;
}
