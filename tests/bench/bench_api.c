/* bench_api - what does an answer of the API cost?
 *
 * usage: bench_api [SECONDS]          (of each measurement; 3)
 *
 * Runs the API with a real store in this process and a client in another, which asks over eight
 * kept connections. Prints the CPU of this process and of the store process for each request, and
 * the ratio to /health, the floor that libwebsockets and the kernel set in the same run. Netdata
 * takes 174 µs for 300 points of one chart on the machine of the first measurements. */
#include "api/api.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTIONS = 8, ROWS = 360, ROWS_A_BURST = 90, POINTS = 300 };

extern char **environ;

/* ---- The client ----------------------------------------------------------------------------- */

struct peer {
    int fd;
    size_t left; /* of the answer's body; SIZE_MAX: its head is awaited */
};

static int connect_to(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

static void ask(struct peer *peer, const char *path)
{
    char text[512];
    int length = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    if (write(peer->fd, text, (size_t)length) != length)
        exit(1);
    peer->left = SIZE_MAX;
}

/* Reads what is there; true: the answer is whole. An answer other than 200 ends the bench. */
static bool take(struct peer *peer)
{
    static char text[1 << 17];
    ssize_t got = read(peer->fd, text, sizeof(text) - 1);
    if (got <= 0)
        exit(1);
    text[got] = '\0';
    size_t count = (size_t)got;
    if (peer->left == SIZE_MAX) {
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        if (!end || !length || strncmp(text, "HTTP/1.1 200", 12) != 0) {
            fprintf(stderr, "%.*s\n", 300, text);
            exit(1);
        }
        peer->left = strtoul(length + 16, NULL, 10);
        count -= (size_t)(end + 4 - text);
    }
    peer->left -= count;
    return peer->left == 0;
}

static int run_client(int port, const char *path, double seconds)
{
    struct peer peers[CONNECTIONS];
    struct pollfd polls[CONNECTIONS];
    for (size_t i = 0; i < CONNECTIONS; i++) {
        peers[i].fd = connect_to(port);
        polls[i] = (struct pollfd){.fd = peers[i].fd, .events = POLLIN};
        ask(&peers[i], path);
    }
    int64_t end_ms = clock_monotonic_ms(clock_system()) + (int64_t)(seconds * 1000);
    long count = 0;
    while (clock_monotonic_ms(clock_system()) < end_ms) {
        if (poll(polls, CONNECTIONS, 1000) <= 0)
            return 1;
        for (size_t i = 0; i < CONNECTIONS; i++) {
            if (!(polls[i].revents & POLLIN) || !take(&peers[i]))
                continue;
            count++;
            ask(&peers[i], path);
        }
    }
    printf("%ld\n", count);
    return 0;
}

/* ---- The server ----------------------------------------------------------------------------- */

static double own_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* CPU of a process by its /proc/PID/stat, whose parent is this one and whose name is ours. */
static double child_cpu_us(const char *pid)
{
    char path[300], text[1024];
    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t got = fread(text, 1, sizeof(text) - 1, file);
    text[got] = '\0';
    fclose(file);
    const char *at = strrchr(text, ')');
    char state;
    int parent;
    unsigned long user, system;
    if (!at ||
        sscanf(at + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &parent, &user,
               &system) != 4 ||
        parent != getpid())
        return 0;
    return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* The store process is our only child before the client starts. */
static void find_store(char pid[32])
{
    DIR *dir = opendir("/proc");
    pid[0] = '\0';
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[300];
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "re") : NULL;
        int parent = 0;
        if (file && fscanf(file, "%*d (%*[^)]) %*c %d", &parent) == 1 && parent == getpid())
            snprintf(pid, 32, "%.31s", entry->d_name);
        if (file)
            fclose(file);
    }
    if (dir)
        closedir(dir);
}

struct figures {
    long requests;
    double own_us, store_us; /* of CPU for each request */
};

static struct figures measure(int port, const char *path, const char *seconds)
{
    char port_text[16], answer[32] = "";
    snprintf(port_text, sizeof(port_text), "%d", port);
    char *argv[] = {(char *)(uintptr_t) "bench_api", (char *)(uintptr_t) "client", port_text,
                    (char *)(uintptr_t)path,         (char *)(uintptr_t)seconds,   NULL};
    char store[32];
    int pipes[2];
    find_store(store);
    if (pipe(pipes) != 0)
        exit(1);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    double own_us = own_cpu_us(), store_us = child_cpu_us(store);
    pid_t client;
    if (posix_spawn(&client, "/proc/self/exe", &actions, NULL, argv, environ) != 0)
        exit(1);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    ssize_t got = read(pipes[0], answer, sizeof(answer) - 1);
    close(pipes[0]);
    int status;
    waitpid(client, &status, 0);
    struct figures figures = {.requests = got > 0 ? strtol(answer, NULL, 10) : 0};
    if (figures.requests == 0) {
        fprintf(stderr, "%s could not be measured\n", path);
        exit(1);
    }
    figures.own_us = (own_cpu_us() - own_us) / (double)figures.requests;
    figures.store_us = (child_cpu_us(store) - store_us) / (double)figures.requests;
    return figures;
}

static const struct gw_field one_field[] = {{"value", GW_GAUGE, "%", "A value"}, {0}};
static const struct gw_field five_fields[] = {
    {"a", GW_GAUGE, "%", "A value"},    {"b", GW_GAUGE, "%", "A value"},
    {"c", GW_GAUGE, "By", "A value"},   {"d", GW_COUNTER, "1", "A count"},
    {"e", GW_COUNTER, "By", "A count"}, {0},
};

/* In bursts that fit the rings, so that the store takes every row. */
static void fill(struct metric *metric)
{
    int error;
    struct gw_series *one = metric_get(metric, metric, "bench.one", NULL, one_field, 1000, &error);
    struct gw_series *five =
        metric_get(metric, metric, "bench.five", NULL, five_fields, 1000, &error);
    int64_t start_ms = clock_wall_ms(clock_system()) - ROWS * 1000;
    for (int i = 0; i < ROWS; i++) {
        double x = (double)i, values[] = {50 + 40 * sin(x / 20), 30 + 20 * cos(x / 7) / 3,
                                          1e9 + x * 4096, x * 17, x * 12345};
        metric_set(one, start_ms + i * 1000, values);
        metric_set(five, start_ms + i * 1000, values);
        if (i % ROWS_A_BURST == ROWS_A_BURST - 1)
            usleep(1300000);
    }
}

static int run_bench(const char *seconds, const char *dir)
{
    const struct clock *clock = clock_system();
    struct metric *metric = metric_new(clock, NULL);
    struct objects *objects = objects_new(clock);
    struct bus *bus = bus_new(clock, 0);
    struct commands *commands = commands_new(clock);
    struct store *store = NULL;
    struct api *api = NULL;
    char *why = NULL;
    const struct store_parts store_parts = {.clock = clock,
                                            .metric = metric,
                                            .objects = objects,
                                            .bus = bus,
                                            .commands = commands,
                                            .dir = dir,
                                            .rrd_module = RRD_MODULE};
    struct problems problems;
    problems_init(&problems);
    json_t *json = json_pack("{s:s}", "listen", "127.0.0.1:0");
    struct gw_values *options = values_from_json(api_options, json, &problems);
    json_decref(json);
    struct api_parts parts = {.clock = clock,
                              .metric = metric,
                              .objects = objects,
                              .bus = bus,
                              .commands = commands,
                              .options = options};
    if (store_open(&store_parts, &store, &why)) {
        fprintf(stderr, "%s\n", why ? why : "the store does not open");
        return 1;
    }
    parts.store = store;
    if (api_start(&parts, &api, &why)) {
        fprintf(stderr, "%s\n", why ? why : "the API does not start");
        return 1;
    }
    fill(metric);

    static const struct {
        const char *what, *path;
    } asks[] = {
        {"/health, the floor", "/health"},
        {"120 points, 1 field, rings", "/api/v1/query?measurement=bench.one&from=-100s&points=120"},
        {"300 points, 1 field", "/api/v1/query?measurement=bench.one&from=-298s&points=300"},
        {"300 points, 5 fields", "/api/v1/query?measurement=bench.five&from=-298s&points=300"},
        {"list of series", "/api/v1/series"},
    };
    double floor_us = 0;
    printf("%-28s %9s %11s %11s %9s %9s\n", "", "requests", "API µs", "store µs", "sum µs",
           "× floor");
    for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
        struct figures figures = measure(api_port(api), asks[i].path, seconds);
        double sum_us = figures.own_us + figures.store_us;
        if (i == 0)
            floor_us = sum_us;
        printf("%-28s %9ld %11.1f %11.1f %9.1f %9.2f\n", asks[i].what, figures.requests,
               figures.own_us, figures.store_us, sum_us, sum_us / floor_us);
    }
    api_stop(api);
    metric_release(metric, metric);
    store_close(store, 2000);
    commands_free(commands);
    bus_free(bus);
    objects_free(objects);
    metric_free(metric);
    values_free(options);
    problems_fini(&problems);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "store-process") == 0)
        return store_process_main(argc, argv);
    if (argc == 5 && strcmp(argv[1], "client") == 0)
        return run_client((int)strtol(argv[2], NULL, 10), argv[3], strtod(argv[4], NULL));
    signal(SIGPIPE, SIG_IGN);
    log_setup(GW_WARNING, LOG_TEXT);
    char dir[] = "/tmp/bench-api-XXXXXX";
    if (!mkdtemp(dir))
        return 1;
    int result = run_bench(argc > 1 ? argv[1] : "3", dir);
    char remove_all[64];
    snprintf(remove_all, sizeof(remove_all), "rm -rf '%s'", dir);
    return system(remove_all) == 0 ? result : 1;
}
