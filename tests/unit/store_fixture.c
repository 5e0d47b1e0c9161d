/* See store_fixture.h. */
#include "store_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const struct gw_field fields[] = {
    {"cpu", GW_GAUGE, "%", "Load"},
    {"bytes", GW_COUNTER, "By", "Traffic"},
    {0},
};

static const struct gw_kind kinds[] = {
    {.name = "gns3.node", .plural = "nodes", .help = "A node"},
    {0},
};

void store_fixture_main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "store-process") == 0)
        exit(store_process_main(argc, argv));
}

static int64_t still_wall_ms(const struct clock *clock)
{
    return atomic_load(&((const struct still_clock *)clock)->now_wall_ms);
}

static int64_t still_monotonic_ns(const struct clock *clock)
{
    return still_wall_ms(clock) * 1000000;
}

void fixture_clock(struct store_fixture *f)
{
    f->clock.clock = (struct clock){still_wall_ms, still_monotonic_ns};
    atomic_store(&f->clock.now_wall_ms, 1700000000000);
}

void fixture_advance_ms(struct store_fixture *f, int64_t ms)
{
    atomic_fetch_add(&f->clock.now_wall_ms, ms);
}

void fixture_begin(struct store_fixture *f)
{
    *f = (struct store_fixture){0};
    snprintf(f->dir, sizeof(f->dir), "/tmp/gw-store-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    fixture_clock(f);
}

static void open_store(struct store_fixture *f, const char *options_json, bool manual)
{
    f->metric = metric_new(&f->clock.clock, NULL);
    f->objects = objects_new(&f->clock.clock);
    f->bus = bus_new(&f->clock.clock, 0);
    f->commands = commands_new(&f->clock.clock);
    assert_int_equal(objects_declare(f->objects, "gns3", kinds), 0);
    struct problems problems;
    problems_init(&problems);
    json_t *json = options_json ? json_loads(options_json, 0, NULL) : NULL;
    f->options = values_from_json(store_options, json, &problems);
    json_decref(json);
    assert_non_null(f->options);
    problems_fini(&problems);
    struct store_parts parts = {.clock = &f->clock.clock,
                                .metric = f->metric,
                                .objects = f->objects,
                                .bus = f->bus,
                                .commands = f->commands,
                                .dir = f->dir,
                                .rrd_module = RRD_MODULE,
                                .options = f->options};
    char *why = NULL;
    int error =
        manual ? store_open_manual(&parts, &f->store, &why) : store_open(&parts, &f->store, &why);
    if (error)
        fail_msg("store_open: %s", why ? why : "?");
    free(why);
}

void fixture_open(struct store_fixture *f, const char *options_json)
{
    open_store(f, options_json, true);
}

void fixture_open_live(struct store_fixture *f, const char *options_json)
{
    open_store(f, options_json, false);
}

static void free_parts(struct store_fixture *f)
{
    commands_free(f->commands);
    bus_free(f->bus);
    objects_free(f->objects);
    metric_free(f->metric);
    values_free(f->options);
    f->store = NULL;
}

void fixture_close(struct store_fixture *f)
{
    metric_release(f->metric, f);
    assert_int_equal(store_close(f->store, 20000), 0);
    free_parts(f);
}

void fixture_drop(struct store_fixture *f)
{
    struct link_state state;
    link_state(f->store->link, &state);
    f->store->manual = true;
    if (state.pid > 0)
        kill(state.pid, SIGKILL);
    store_close(f->store, 0);
    free_parts(f);
}

void fixture_end(struct store_fixture *f)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    assert_int_equal(system(command), 0);
}

struct gw_series *fixture_series(struct store_fixture *f, const char *node)
{
    const struct gw_label labels[] = {{"server", "a"}, {"node", node}, {0}};
    int error = 0;
    struct gw_series *series = metric_get(f->metric, f, "gns3.node", labels, fields, 1000, &error);
    assert_int_equal(error, 0);
    return series;
}

void fixture_rows(struct gw_series *series, int64_t from_s, int count)
{
    for (int i = 0; i < count; i++) {
        double row[2] = {(double)((from_s + i) % 100), 10.0 * (double)(from_s + i)};
        assert_int_equal(metric_set(series, 1000 * (from_s + i), row), 0);
    }
}

void fixture_tick(struct store_fixture *f)
{
    assert_int_equal(link_tick(f->store->link, 20000), 0);
}

/* ---- Waiting for answers --------------------------------------------------------------------- */

struct box {
    pthread_mutex_t lock;
    pthread_cond_t come;
    bool done;
    struct answer answer;
    char *json;
};

static void box_init(struct box *box)
{
    *box = (struct box){0};
    pthread_mutex_init(&box->lock, NULL);
    pthread_cond_init(&box->come, NULL);
}

static void box_done(struct box *box)
{
    box->done = true;
    pthread_cond_signal(&box->come);
    pthread_mutex_unlock(&box->lock);
}

static void box_wait(struct box *box)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&box->lock);
    int error = 0;
    while (!box->done && !error)
        error = pthread_cond_timedwait(&box->come, &box->lock, &until);
    pthread_mutex_unlock(&box->lock);
    assert_int_equal(error, 0);
    pthread_cond_destroy(&box->come);
    pthread_mutex_destroy(&box->lock);
}

static void on_rows(void *data, const struct store_rows *rows)
{
    struct box *box = data;
    pthread_mutex_lock(&box->lock);
    struct answer *a = &box->answer;
    *a = (struct answer){rows->error, rows->step_ms, rows->count, rows->fields, NULL, NULL};
    if (rows->count) {
        a->times_ms = malloc(rows->count * sizeof(*a->times_ms));
        a->values = malloc(rows->count * rows->fields * sizeof(*a->values));
        memcpy(a->times_ms, rows->times_ms, rows->count * sizeof(*a->times_ms));
        memcpy(a->values, rows->values, rows->count * rows->fields * sizeof(*a->values));
    }
    box_done(box);
}

struct answer fixture_query(struct store_fixture *f, uint32_t id, int64_t from_s, int64_t to_s,
                            size_t points, enum store_consolidation as)
{
    struct box box;
    box_init(&box);
    struct store_read read = {id, from_s * 1000, to_s * 1000, points, as};
    assert_int_equal(store_query(f->store, &read, on_rows, &box), 0);
    box_wait(&box);
    return box.answer;
}

void answer_fini(struct answer *answer)
{
    free(answer->times_ms);
    free(answer->values);
}

static void on_json(void *data, int error, const char *json)
{
    struct box *box = data;
    pthread_mutex_lock(&box->lock);
    box->json = json && !error ? strdup(json) : NULL;
    box_done(box);
}

char *fixture_events(struct store_fixture *f, const struct store_events_query *query)
{
    struct box box;
    box_init(&box);
    assert_int_equal(store_events(f->store, query, on_json, &box), 0);
    box_wait(&box);
    return box.json;
}

char *fixture_history(struct store_fixture *f, const char *kind, const char *id)
{
    struct box box;
    box_init(&box);
    assert_int_equal(store_object_history(f->store, kind, id, 10, on_json, &box), 0);
    box_wait(&box);
    return box.json;
}

bool file_exists(const struct store_fixture *f, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    return access(path, F_OK) == 0;
}

bool wait_for(bool (*what)(void *data), void *data)
{
    for (int i = 0; i < 2000; i++) {
        if (what(data))
            return true;
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    return false;
}
