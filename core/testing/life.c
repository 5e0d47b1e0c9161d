/* The life of a test's host and of the one instance in it. Must not know what a plugin does. */
#include "testing/inside.h"

#include "plugin/load.h"
#include "plugin/object_events.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MONDAY_TEN_S = 1772445600 }; /* 2026-03-02 10:00 UTC */

/* AddressSanitizer's own, when the program has it: what a killed plugin leaves is no leak. */
__attribute__((weak)) void __lsan_ignore_object(const void *object);

void gwt_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("gnswatch-testing: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

void gwt_spare(const void *object)
{
    if (__lsan_ignore_object && object)
        __lsan_ignore_object(object);
}

void *gwt_need(void *memory)
{
    if (!memory)
        gwt_die("out of memory");
    return memory;
}

/* ---- What stands in the file ---- */

static int plugin_table(void *data, const char *plugin, enum conf_isolation isolation,
                        const struct gw_row **table, const char **known)
{
    const struct gw_descriptor *descriptor = data;
    (void)isolation;
    *known = descriptor->name;
    if (strcmp(plugin, descriptor->name) != 0)
        return -ENOENT;
    *table = descriptor->options;
    return 0;
}

static struct conf *parse(const struct gw_descriptor *descriptor, const char *yaml,
                          struct problems *problems)
{
    const struct conf_tables tables = {.plugin_table = plugin_table, .data = (void *)descriptor};
    char file[128];
    snprintf(file, sizeof(file), "conf.d/%s.yaml", descriptor->name);
    problems_init(problems);
    return conf_parse(file, yaml ? yaml : "", &tables, problems);
}

static char *problems_text(const struct problems *problems)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    problems_print(problems, &text);
    char *taken = text.len ? buf_take(&text) : strdup("");
    buf_fini(&text);
    return gwt_need(taken);
}

static void copy_descriptor(const struct gw_descriptor *from, struct gw_descriptor *out)
{
    if (!from || from->size > sizeof(*out) || from->abi_major != GW_ABI_MAJOR)
        gwt_die("no descriptor of this interface: end the plugin with GW_PLUGIN(…)");
    *out = (struct gw_descriptor){0};
    memcpy(out, from, from->size);
    char *fault = descriptor_fault(out, out->name ? out->name : "");
    if (fault)
        gwt_die("plugin '%s': %s", out->name, fault);
}

char *gwt_check(const struct gw_descriptor *descriptor, const char *yaml)
{
    struct gw_descriptor copy;
    struct problems problems;
    copy_descriptor(descriptor, &copy);
    struct conf *conf = parse(&copy, yaml, &problems);
    char *text = problems_text(&problems);
    problems_fini(&problems);
    conf_free(conf);
    return text;
}

/* ---- The host ---- */

static int count_tasks(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/task");
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

bool gwt_threads(const struct gwt *test)
{
    return count_tasks() > test->tasks;
}

static void make_dir(struct gwt *test)
{
    const char *parent = getenv("TMPDIR");
    if (asprintf(&test->dir, "%s/gnswatch-test-XXXXXX", parent && *parent ? parent : "/tmp") < 0 ||
        !mkdtemp(test->dir))
        gwt_die("cannot make a state directory: %s", strerror(errno));
}

static struct gw_plugin *self_new(struct gwt *test)
{
    struct gw_plugin *self = gwt_need(calloc(1, sizeof(*self)));
    self->test = test;
    self->descriptor = &test->descriptor;
    self->home = pthread_self();
    LIST_INIT(&self->timers);
    LIST_INIT(&self->watches);
    LIST_INIT(&self->follows);
    STAILQ_INIT(&self->deeds);
    pthread_mutex_init(&self->lock, NULL);
    self->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->wake_fd < 0)
        gwt_die("no eventfd: %s", strerror(errno));
    return self;
}

static void make_nouns(struct gwt *test)
{
    const struct clock *clock = &test->clock.clock;
    const struct metric_options small = {.arena_max_bytes = (size_t)256 << 20};
    test->metric = gwt_need(metric_new(clock, &small));
    test->objects = gwt_need(objects_new(clock));
    test->bus = gwt_need(bus_new(clock, 0));
    test->commands = gwt_need(commands_new(clock));
    int error = object_events_attach(test->objects, test->bus);
    if (!error)
        error = objects_declare(test->objects, test->descriptor.name, test->descriptor.kinds);
    if (!error)
        error = commands_begin(test);
    if (error)
        gwt_die("cannot make the host: %s", strerror(-error));
}

struct gwt *gwt_new(const struct gw_descriptor *descriptor, const char *yaml, int64_t now_ms)
{
    struct gwt *test = gwt_need(calloc(1, sizeof(*test)));
    struct problems problems;
    copy_descriptor(descriptor, &test->descriptor);
    test->conf = parse(&test->descriptor, yaml, &problems);
    char *text = problems_text(&problems);
    problems_fini(&problems);
    if (!test->conf || test->conf->count != 1) {
        fprintf(stderr, "%s\n", text);
        conf_free(test->conf);
        free(text);
        free(test);
        return NULL;
    }
    free(text);
    test->name = test->conf->instances[0].name;
    test->every_ms = test->conf->instances[0].every_ms ? test->conf->instances[0].every_ms
                                                       : test->descriptor.every_ms;
    test->others_every_ms = 10000;
    test->last_line = &test->lines;
    test->last_asked = &test->asked;
    test->last_record = &test->records;
    fake_clock_init(&test->clock, now_ms ? now_ms : MONDAY_TEN_S * INT64_C(1000));
    make_dir(test);
    make_nouns(test);
    test->self = self_new(test);
    test->tasks = count_tasks();
    return test;
}

/* ---- Runs ---- */

static void listen(struct gw_plugin *self, bool open)
{
    pthread_mutex_lock(&self->lock);
    self->open = open;
    pthread_mutex_unlock(&self->lock);
}

/* As the real host: everything the instance made goes, also when it did not start. */
static void end_run(struct gwt *test)
{
    struct gw_plugin *self = test->self;
    test->running = false;
    commands_refuse(test->commands, test, "the instance has been stopped");
    follows_end(self);
    if (self->begun && self->descriptor->stop) {
        turn_enter(self, "stop");
        self->descriptor->stop(self, self->data);
        turn_leave(self, 0);
    }
    commands_check(test);
    self->begun = false;
    self->run++;
    self->asked = self->queries = 0;
    listen(self, false);
    keep_release_all(&self->keeps);
    timers_release(self);
    watches_release(self);
    listeners_release(self);
    deeds_drop(self);
    commands_release(test->commands, test);
    metric_release(test->metric, test);
    self->data = NULL;
}

static void on_tick(struct gw_plugin *self, void *data)
{
    (void)data;
    turn_enter(self, "tick");
    turn_leave(self, self->descriptor->tick(self, self->data));
}

int gwt_start(struct gwt *test)
{
    struct gw_plugin *self = test->self;
    if (test->running)
        gwt_die("gwt_start: '%s' runs already", test->name);
    int error = 0;
    listen(self, true);
    self->begun = true;
    if (self->descriptor->start) {
        turn_enter(self, "start");
        error = self->descriptor->start(self, &self->data);
        turn_leave(self, error);
    }
    if (error < 0) {
        end_run(test);
        return error;
    }
    test->running = true;
    if (test->every_ms > 0 && self->descriptor->tick)
        timer_add(self, test->every_ms, test->every_ms, on_tick, NULL);
    return error;
}

void gwt_stop(struct gwt *test)
{
    if (test->self->depth)
        gwt_die("gwt_stop was called from within a callback");
    if (test->running)
        end_run(test);
}

/* The old life is left as it is: threads of it may still post to it, and are refused. What only
 * the host knew of, it lets go, but not what the plugin hung on it. */
void gwt_kill(struct gwt *test)
{
    struct gw_plugin *old = test->self;
    if (old->depth)
        gwt_die("gwt_kill was called from within a callback");
    test->running = false;
    old->dead = true;
    listen(old, false);
    commands_refuse(test->commands, test, "the instance was killed");
    keep_release_all(&old->keeps);
    listeners_release(old);
    asks_spare(old);
    commands_release(test->commands, test);
    metric_release(test->metric, test);
    gwt_spare(old);
    test->self = self_new(test);
}

/* ---- The end ---- */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about, (void)kind, (void)walk;
    return remove(path);
}

static void kinds_fini(struct gwt *test)
{
    for (struct kind_of_others *kind; (kind = test->kinds);) {
        test->kinds = kind->next;
        free(kind->plugin);
        free((char *)kind->table[0].name);
        free(kind);
    }
}

static void lines_fini(struct gwt *test)
{
    for (struct line *line; (line = test->lines);) {
        test->lines = line->next;
        free(line->text);
        free(line);
    }
}

void gwt_free(struct gwt *test)
{
    if (!test)
        return;
    gwt_stop(test);
    end_run(test); /* what the test made for an instance that does not run */
    close(test->self->wake_fd);
    pthread_mutex_destroy(&test->self->lock);
    free(test->self);
    commands_fini(test);
    asks_fini(test);
    http_fini(test);
    commands_free(test->commands);
    objects_free(test->objects);
    events_fini(test);
    bus_free(test->bus);
    rows_fini(test);
    metric_free(test->metric);
    kinds_fini(test);
    lines_fini(test);
    conf_free(test->conf);
    nftw(test->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(test->dir);
    free(test->answer);
    free(test->member);
    free(test->page_type);
    free(test);
}

struct gw_plugin *gwt_self(struct gwt *test)
{
    return test->self;
}

const char *gwt_state_dir(struct gwt *test)
{
    return test->dir;
}
