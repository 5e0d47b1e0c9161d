#include "host_fixture.h"

#include "worker/worker.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *plugin_dir; /* argv[1] */

static const struct host_worker worker = {worker_describe, descriptor_free, worker_proxy,
                                          worker_proxy_free};
#ifdef ISOLATED
static const char *const none[] = {NULL};
#endif

bool fixture_begin(int argc, char **argv, int *code)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0) {
        *code = worker_main(argc - 1, argv + 1);
        return true;
    }
    plugin_dir = argc > 1 ? argv[1] : ".";
    return false;
}

int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct metric_options metric_options = {0};
    snprintf(f->dir, sizeof(f->dir), "/tmp/gnswatch-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->conf_dir, sizeof(f->conf_dir), "%s/conf.d", f->dir);
    assert_int_equal(mkdir(f->conf_dir, 0700), 0);
    f->dirs[0] = plugin_dir;
    f->metric = metric_new(clock_system(), &metric_options);
    f->objects = objects_new(clock_system());
    f->bus = bus_new(clock_system(), 0);
    f->commands = commands_new(clock_system());
    struct host_parts parts = {.clock = clock_system(),
                               .metric = f->metric,
                               .objects = f->objects,
                               .bus = f->bus,
                               .commands = f->commands,
                               .state_dir = f->dir,
                               .plugin_dirs = f->dirs,
#ifdef ISOLATED
                               .own_dirs = none,
                               .isolate_others = true,
#endif
                               .worker = &worker};
    f->host = host_new(&parts);
    assert_non_null(f->host);
    f->events = bus_subscribe(f->bus, "*", 10000, NULL, NULL);
    *state = f;
    return 0;
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about, (void)type, (void)where;
    return remove(path);
}

void remove_dir(struct fixture *f)
{
    nftw(f->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int teardown(void **state)
{
    struct fixture *f = *state;
    host_free(f->host);
    bus_unsubscribe(f->events);
    commands_free(f->commands);
    objects_free(f->objects);
    bus_free(f->bus);
    metric_free(f->metric);
    remove_dir(f);
    free(f);
    return 0;
}

void write_conf(struct fixture *f, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s.yaml", f->conf_dir, name);
    if (!text) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const struct gw_row no_options[] = {{0}};

int try_apply(struct fixture *f)
{
    struct problems problems;
    problems_init(&problems);
    struct conf_tables tables = host_tables(f->host, no_options);
    struct conf *conf = conf_load(f->conf_dir, &tables, &problems);
    int error = conf ? host_apply(f->host, conf) : -EINVAL;
    problems_fini(&problems);
    return error;
}

void apply(struct fixture *f)
{
    assert_int_equal(try_apply(f), 0);
}

/* ---- waiting for conditions ---- */

bool again(int64_t *until_ms)
{
    int64_t now_ms = clock_monotonic_ms(clock_system());
    if (!*until_ms)
        *until_ms = now_ms + WAIT_MS;
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    return now_ms < *until_ms;
}

double number_of(struct fixture *f, const char *instance, const char *member, bool object)
{
    struct buf text;
    double value = -1;
    buf_init(&text, 1 << 20);
    if (object) {
        char *doc = objects_get(f->objects, "steady.state", instance);
        buf_printf(&text, "[%s]", doc ? doc : "{}");
        free(doc);
    } else {
        host_json(f->host, &text);
    }
    json_t *list = json_loads(text.data, 0, NULL), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(json_object_get(item, object ? "id" : "instance"));
        const json_t *found = json_object_get(item, member);
        if (name && strcmp(name, instance) == 0 && found)
            value = json_number_value(found);
    }
    json_decref(list);
    buf_fini(&text);
    return value;
}

void wait_number(struct fixture *f, const char *instance, const char *member, bool object,
                 double least)
{
    int64_t until_ms = 0;
    while (number_of(f, instance, member, object) < least) {
        if (!again(&until_ms))
            fail_msg("%s of %s did not reach %g", member, instance, least);
    }
}

bool host_says(struct fixture *f, const char *part)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    host_json(f->host, &text);
    bool found = text.data && strstr(text.data, part);
    buf_fini(&text);
    return found;
}

void wait_host_says(struct fixture *f, const char *part)
{
    int64_t until_ms = 0;
    while (!host_says(f, part)) {
        if (!again(&until_ms))
            fail_msg("the host never said %s", part);
    }
}

struct gw_event *wait_event(struct fixture *f, const char *topic)
{
    int64_t until_ms = 0;
    for (;;) {
        struct gw_event *event = bus_take(f->events);
        if (event && strcmp(event->topic, topic) == 0)
            return event;
        event_free(event);
        if (!event && !again(&until_ms))
            fail_msg("no event %s came", topic);
    }
}

int call(struct fixture *f, const char *name, const char *instance, struct buf *answer)
{
    struct problems problems;
    struct gw_call *call = NULL;
    int error = 0;
    int64_t until_ms = 0;
    json_t *params = json_pack("{s:s}", "instance", instance);
    struct caller caller = {"test", "rest", GW_ADMIN};
    problems_init(&problems);
    assert_int_equal(
        commands_call(f->commands, name, params, &caller, NULL, NULL, &problems, &call), 0);
    while (!call_done(call, &error))
        assert_true(again(&until_ms));
    buf_init(answer, 10000);
    call_result(call, answer);
    call_unref(call);
    json_decref(params);
    problems_fini(&problems);
    return error;
}
