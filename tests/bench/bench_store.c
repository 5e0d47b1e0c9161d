/* What does a value cost all the way into its RRD file, durable? CPU of daemon and store process a
 * value, memory of both, bytes on disk; beside librrd called once a value in the same run.
 *
 * Time is accelerated: each simulated second sets one row in every series and then lets the store
 * process do its turn, with the second's journal commit and fdatasync. Files are made during a
 * first stretch that is not counted.
 *
 * usage: bench_store [series [fields [seconds [directory [archives]]]]] */
#include "store/inside.h"
#include "store/link.h"
#include "store/rrd/module.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM_SECONDS = 130, RAW_FILES = 500, RAW_ROUNDS = 40 };

struct bench {
    int series, fields, seconds;
    char dir[256];
    const char *archives; /* NULL: the default */
    struct fake_clock clock;
    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    struct store *store;
    struct gw_series **handles;
};

static double cpu_s(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double wall_s(void)
{
    return (double)clock_monotonic_ns(clock_system()) / 1e9;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_store: %s: %s\n", what, why ? why : "failed");
    exit(1);
}

static void field_table(struct gw_field *fields, int count)
{
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "f%d", i);
        fields[i] =
            (struct gw_field){strdup(name), i == 0 ? GW_COUNTER : GW_GAUGE, "1", "A number"};
    }
}

static void open_all(struct bench *b)
{
    fake_clock_init(&b->clock, 1700000000000);
    const struct clock *clock = &b->clock.clock;
    b->metric = metric_new(clock, NULL);
    b->objects = objects_new(clock);
    b->bus = bus_new(clock, 0);
    b->commands = commands_new(clock);
    struct problems problems;
    problems_init(&problems);
    json_t *json = json_pack("{s:s,s:s*}", "disk_max", "1000GiB", "archives", b->archives);
    struct store_parts parts = {.clock = clock,
                                .metric = b->metric,
                                .objects = b->objects,
                                .bus = b->bus,
                                .commands = b->commands,
                                .dir = b->dir,
                                .rrd_module = RRD_MODULE,
                                .options = values_from_json(store_options, json, &problems)};
    json_decref(json);
    char *why = NULL;
    if (store_open_manual(&parts, &b->store, &why))
        fail("store_open", why);
    struct gw_field fields[GW_FIELDS_MAX + 1] = {{0}};
    field_table(fields, b->fields);
    b->handles = calloc((size_t)b->series, sizeof(struct gw_series *));
    for (int i = 0; i < b->series; i++) {
        char name[32], project[32];
        snprintf(name, sizeof(name), "node-%d", i % 100);
        snprintf(project, sizeof(project), "project-%d", i / 100);
        const struct gw_label labels[] = {
            {"server", "lab"}, {"project", project}, {"node", name}, {0}};
        int error = 0;
        b->handles[i] = metric_get(b->metric, b, "bench.node", labels, fields, 1000, &error);
        if (error)
            fail("metric_get", strerror(-error));
    }
}

static void one_second(struct bench *b, uint64_t *seed)
{
    double values[GW_FIELDS_MAX];
    fake_clock_advance_ms(&b->clock, 1000);
    for (int i = 0; i < b->series; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        values[0] = (double)(b->clock.now_wall_ms / 10 + i); /* a counter */
        for (int f = 1; f < b->fields; f++) /* gauges with two decimals, as most are */
            values[f] = (double)(*seed >> (20 + f) & 0x3fff) / 100;
        metric_set(b->handles[i], b->clock.now_wall_ms, values);
    }
    if (link_tick(b->store->link, 120000))
        fail("tick", "the store process did not answer");
}

static void print_memory(const char *name, int pid)
{
    char path[64], line[256];
    long rss = 0, pss = 0, anon = 0, shmem = 0;
    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        sscanf(line, "Rss: %ld", &rss);
        sscanf(line, "Pss: %ld", &pss);
        sscanf(line, "Pss_Anon: %ld", &anon);
        sscanf(line, "Pss_Shmem: %ld", &shmem);
    }
    if (file)
        fclose(file);
    printf("  %-14s RSS %6.1f MB  PSS %6.1f MB  (anonymous %.1f, rings %.1f)\n", name,
           (double)rss / 1024, (double)pss / 1024, (double)anon / 1024, (double)shmem / 1024);
}

/* The peer: librrd as most programs use it, one row of one value a call. In a child, so that the
 * bench itself does not load librrd. */
static double raw_update_us(const char *dir)
{
    int pipes[2];
    if (pipe(pipes))
        fail("pipe", NULL);
    pid_t pid = fork();
    if (pid == 0) {
        void *so = dlopen(RRD_MODULE, RTLD_NOW | RTLD_LOCAL);
        const struct rrd_module *rrd = so ? dlsym(so, RRD_MODULE_SYMBOL) : NULL;
        double us = -1;
        struct archives archives;
        archives_parse("step:1h 1m:1d 1h:180d", &archives);
        const char *names[] = {"value"};
        struct rrd_shape shape = {1, 1, names, &archives};
        char path[320], text[64];
        const char *rows[] = {text};
        for (int i = 0; rrd && i < RAW_FILES; i++) {
            snprintf(path, sizeof(path), "%s/raw%d.rrd", dir, i);
            rrd->create(path, &shape, 1700000000, NULL);
        }
        double begun = cpu_s(RUSAGE_SELF);
        for (int r = 1; rrd && r <= RAW_ROUNDS; r++) {
            for (int i = 0; i < RAW_FILES; i++) {
                snprintf(path, sizeof(path), "%s/raw%d.rrd", dir, i);
                snprintf(text, sizeof(text), "%d:%d.25", 1700000000 + r, i);
                if (rrd->update(path, 1, rows))
                    _exit(1);
            }
        }
        us = (cpu_s(RUSAGE_SELF) - begun) * 1e6 / (RAW_FILES * RAW_ROUNDS);
        _exit(write(pipes[1], &us, sizeof(us)) == sizeof(us) ? 0 : 1);
    }
    double us = -1;
    close(pipes[1]);
    if (read(pipes[0], &us, sizeof(us)) != sizeof(us))
        us = -1;
    close(pipes[0]);
    waitpid(pid, NULL, 0);
    return us;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "store-process") == 0)
        return store_process_main(argc, argv);
    struct bench b = {.series = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000,
                      .fields = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5,
                      .seconds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 200};
    if (b.series < 1 || b.fields < 1 || b.fields > GW_FIELDS_MAX || b.seconds < 1)
        return 2;
    snprintf(b.dir, sizeof(b.dir), "%s/gw-bench-XXXXXX", argc > 4 ? argv[4] : "/tmp");
    b.archives = argc > 5 ? argv[5] : NULL;
    if (!mkdtemp(b.dir))
        fail("mkdtemp", NULL);
    open_all(&b);
    uint64_t seed = 1;
    struct link_state before, after;
    double begun = wall_s();
    for (int s = 0; s < WARM_SECONDS; s++)
        one_second(&b, &seed);
    link_state(b.store->link, &before);
    printf("%d series x %d fields; files made in %.1f s (%.1f s of CPU): %.0f bytes a series\n",
           b.series, b.fields, wall_s() - begun, (double)before.process.cpu_us / 1e6,
           (double)before.process.disk_bytes / b.series);
    double daemon_cpu = cpu_s(RUSAGE_SELF);
    begun = wall_s();
    for (int s = 0; s < b.seconds; s++)
        one_second(&b, &seed);
    daemon_cpu = cpu_s(RUSAGE_SELF) - daemon_cpu;
    double wall = wall_s() - begun;
    link_state(b.store->link, &after);
    double process_cpu = (double)(after.process.cpu_us - before.process.cpu_us) / 1e6;
    double all = (double)b.series * b.fields * b.seconds;
    double filed = (double)(after.process.rows_filed - before.process.rows_filed) * b.fields;
    printf("%d seconds of data in %.1f s: %.0f values, %.0f filed (%llu calls of librrd), %llu "
           "commits\n",
           b.seconds, wall, all, filed,
           (unsigned long long)(after.process.rrd_calls - before.process.rrd_calls),
           (unsigned long long)(after.process.commits - before.process.commits));
    double us = (daemon_cpu + process_cpu) * 1e6 / all;
    printf("CPU a value: %.3f us (daemon %.3f, store process %.3f), durable in RRD\n", us,
           daemon_cpu * 1e6 / all, process_cpu * 1e6 / all);
    print_memory("daemon", getpid());
    print_memory("store process", after.pid);
    double raw = raw_update_us(b.dir);
    printf("librrd, one value a call: %.1f us; ratio 1 : %.0f\n", raw, raw / us);
    printf("lost %llu, dropped %llu, errors %llu\n", (unsigned long long)after.process.rows_lost,
           (unsigned long long)after.process.rows_dropped,
           (unsigned long long)after.process.rrd_errors);
    bool held = us <= 0.3 && after.process.rows_lost == 0;
    printf("budget 0.3 us a value: %s\n", held ? "held" : "MISSED");
    metric_release(b.metric, &b);
    store_close(b.store, 60000);
    char command[300];
    snprintf(command, sizeof(command), "rm -rf %s", b.dir);
    return system(command) == 0 && (held || b.series < 1000) ? 0 : 1;
}
