/* unruly - a plugin that does what none should, on demand: `gnswatch call unruly.do what=crash`. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 20000, PIECE_BYTES = 1 << 20 };

static const struct gw_field fields[] = {{"turns", GW_GAUGE, "1", "Ticks of this run"}, {0}};

static void crash(void)
{
    volatile uintptr_t nowhere = 0x40;
    *(volatile int *)nowhere = 1;
}

static void hang(void)
{
    for (;;)
        pause();
}

static void spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

static void *burn(void *data)
{
    spin();
    return data;
}

/* Until there is no more; what it has got is used, and never given back. */
static int leak(struct gw_call *call)
{
    size_t pieces = 0;
    for (char *memory; (memory = malloc(PIECE_BYTES)); pieces++)
        memset(memory, 1, PIECE_BYTES);
    return gw_refuse(call, -ENOMEM, "no more after %zu MiB", pieces);
}

/* Memory that malloc's limit does not see. */
static void leak_shared(void)
{
    for (;;) {
        char *memory =
            mmap(NULL, 16 * PIECE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED)
            memset(memory, 1, 16 * PIECE_BYTES);
    }
}

static int start_process(struct gw_call *call)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (;;)
            pause();
    }
    char json[32];
    snprintf(json, sizeof(json), "{\"pid\":%d}", (int)pid);
    return pid < 0 ? gw_refuse(call, -EPERM, "fork: %s", strerror(errno)) : gw_reply(call, json);
}

/* A process that has left its group and its parent, as a daemon does; it lives for a minute. */
static int start_stray(struct gw_call *call)
{
    int ends[2];
    pid_t stray = 0, pid = pipe(ends) == 0 ? fork() : -1;
    if (pid == 0) {
        setsid();
        stray = fork();
        if (stray == 0) {
            sleep(60);
            _exit(0);
        }
        _exit(write(ends[1], &stray, sizeof(stray)) < 0);
    }
    char json[32];
    if (pid < 0 || read(ends[0], &stray, sizeof(stray)) != sizeof(stray))
        return gw_refuse(call, -EPERM, "fork: %s", strerror(errno));
    waitpid(pid, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    snprintf(json, sizeof(json), "{\"pid\":%d}", (int)stray);
    return gw_reply(call, json);
}

static int open_files(struct gw_call *call)
{
    int count = 0;
    while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
        count++;
    return gw_refuse(call, -EMFILE, "%s after %d files", strerror(errno), count);
}

static int emit_many(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_event event = {
        .topic = "unruly.many", .severity = GW_INFO, .text = "One of very many"};
    for (int i = 0; i < MANY; i++)
        gw_emit(self, &event);
    return gw_reply(call, NULL);
}

static int make_series(struct gw_plugin *self, struct gw_call *call)
{
    int made = 0;
    for (int i = 0; i < MANY; i++) {
        char name[16];
        double value = i;
        snprintf(name, sizeof(name), "%d", i);
        const struct gw_label labels[] = {{"instance", gw_name(self)}, {"n", name}, {0}};
        made += gw_set(gw_series_get(self, "unruly.many", labels, fields, 0), &value) == 0;
    }
    char json[32];
    snprintf(json, sizeof(json), "{\"made\":%d}", made);
    return gw_reply(call, json);
}

/* What no frame is, on every descriptor that can be written. */
static void write_garbage(void)
{
    char garbage[4096];
    memset(garbage, 0xa5, sizeof(garbage));
    for (int fd = 3; fd < 32; fd++) {
        if (write(fd, garbage, sizeof(garbage)) < 0)
            continue;
    }
}

static void print_much(void)
{
    for (int i = 0; i < MANY; i++)
        printf("one of very many lines, number %d\n", i);
    fflush(stdout);
}

static int user_id(struct gw_plugin *self, struct gw_call *call)
{
    char json[200], path[4096];
    snprintf(path, sizeof(path), "%s/mine", gw_state_dir(self));
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return gw_refuse(call, -EIO, "%s: %s", path, strerror(errno));
    close(fd);
    snprintf(json, sizeof(json), "{\"uid\":%d}", (int)getuid());
    return gw_reply(call, json);
}

static int reach_out(struct gw_call *call)
{
    return kill(getppid(), SIGKILL) == 0 ? gw_reply(call, NULL)
                                         : gw_refuse(call, -EPERM, "kill: %s", strerror(errno));
}

/* Whatever the kernel lets one process of a user do to another; the names of what could be done. */
static int reach_far(struct gw_call *call)
{
    const pid_t parent = getppid();
    const struct rlimit few = {3, 3};
    char json[200];
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    snprintf(json, sizeof(json), "{\"reached\":\"%s%s%s%s%s%s%s\"}",
             setpriority(PRIO_PROCESS, (id_t)parent, 19) ? "" : "nice ",
             sched_setaffinity(parent, sizeof(first), &first) ? "" : "affinity ",
             prlimit(parent, RLIMIT_NOFILE, &few, NULL) ? "" : "descriptors ",
             fcntl(STDIN_FILENO, F_SETOWN, parent) ? "" : "owner ",
             syscall(SYS_prctl, PR_SET_PDEATHSIG | INT64_C(1) << 32, 0, 0, 0, 0) ? "" : "end ",
             kill(-1, 0) ? "" : "all ", segment < 0 ? "" : "memory ");
    if (segment >= 0)
        shmctl(segment, IPC_RMID, NULL);
    return gw_reply(call, json);
}

/* Memory that is mapped nowhere. */
static void leak_written(void)
{
    static char piece[PIECE_BYTES];
    int fd = memfd_create("unruly", MFD_CLOEXEC);
    for (int i = 0; i < 400 && write(fd, piece, sizeof(piece)) > 0; i++)
        ;
}

/* How many of the events that nobody could bear were taken. */
static int emit_monsters(struct gw_plugin *self, struct gw_call *call)
{
    static char text[PIECE_BYTES], data[PIECE_BYTES];
    memset(text, 'x', sizeof(text) - 1);
    snprintf(data, sizeof(data), "{\"x\":\"%.*s\"}", PIECE_BYTES / 2, text);
    const struct gw_event monsters[] = {
        {.topic = "unruly.long", .severity = GW_INFO, .text = text},
        {.topic = "unruly.long", .severity = GW_INFO, .data = data},
        {.topic = "unruly\n\033[2J", .severity = GW_INFO, .text = "x"},
        {.topic = "unruly.late", .severity = GW_INFO, .text = "x", .time_ms = INT64_MAX},
        {.topic = "gnswatch.instance.crashed", .severity = GW_ERROR, .text = "another one"},
        {.topic = "object.delete", .severity = GW_INFO, .text = "not at all"},
    };
    char json[32];
    int taken = 0;
    for (size_t i = 0; i < sizeof(monsters) / sizeof(*monsters); i++)
        taken += gw_emit(self, &monsters[i]) == 0;
    snprintf(json, sizeof(json), "{\"taken\":%d}", taken);
    return gw_reply(call, json);
}

static void do_fatal(const char *what)
{
    pthread_t thread;
    if (strcmp(what, "crash") == 0)
        crash();
    else if (strcmp(what, "hang") == 0)
        hang();
    else if (strcmp(what, "spin") == 0)
        spin();
    else if (strcmp(what, "exit") == 0)
        _exit(7);
    else if (strcmp(what, "leak_shared") == 0)
        leak_shared();
    else if (strcmp(what, "leak_written") == 0)
        leak_written();
    else if (strcmp(what, "garbage") == 0)
        write_garbage();
    else if (strcmp(what, "burn") == 0)
        pthread_create(&thread, NULL, burn, NULL);
    else if (strcmp(what, "print") == 0)
        print_much();
}

static int run_do(struct gw_plugin *self, struct gw_call *call)
{
    const char *what = gw_string(gw_call_params(call), "what");
    if (strcmp(what, "leak") == 0)
        return leak(call);
    if (strcmp(what, "fork") == 0)
        return start_process(call);
    if (strcmp(what, "stray") == 0)
        return start_stray(call);
    if (strcmp(what, "files") == 0)
        return open_files(call);
    if (strcmp(what, "events") == 0)
        return emit_many(self, call);
    if (strcmp(what, "series") == 0)
        return make_series(self, call);
    if (strcmp(what, "user") == 0)
        return user_id(self, call);
    if (strcmp(what, "kill") == 0)
        return reach_out(call);
    if (strcmp(what, "reach") == 0)
        return reach_far(call);
    if (strcmp(what, "monsters") == 0)
        return emit_monsters(self, call);
    do_fatal(what);
    return gw_reply(call, NULL);
}

static int unruly_start(struct gw_plugin *self, void **data)
{
    const char *what = gw_string(gw_options(self), "on_start");
    *data = calloc(1, sizeof(double));
    if (!*data)
        return -ENOMEM;
    if (what)
        do_fatal(what);
    return 0;
}

static int unruly_tick(struct gw_plugin *self, void *data)
{
    double *turns = data;
    const struct gw_label labels[] = {{"instance", gw_name(self)}, {0}};
    const char *what = gw_string(gw_options(self), "on_tick");
    if (what)
        do_fatal(what);
    (*turns)++;
    return gw_set(gw_series_get(self, "unruly.turn", labels, fields, 0), turns);
}

static void unruly_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    free(data);
}

static const struct gw_row options[] = {
    {.name = "on_start", .type = GW_STRING, .help = "What to do in start"},
    {.name = "on_tick", .type = GW_STRING, .help = "What to do in each tick"},
    {.name = "mark", .type = GW_INT, .def = "0", .help = "A number to tell versions of a file"},
    {0},
};

static const struct gw_row params[] = {
    {.name = "what",
     .type = GW_ENUM,
     .choices =
         "crash|hang|spin|exit|leak|leak_shared|leak_written|fork|stray|files|events|monsters|"
         "series|garbage|burn|print|user|kill|reach",
     .flags = GW_REQUIRED,
     .help = "Which"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "unruly.do", .help = "Does it", .role = GW_ADMIN, .params = params, .run = run_do},
    {0},
};

GW_PLUGIN(.name = "unruly", .version = "1.0", .summary = "Does what no plugin should, for tests",
          .options = options, .commands = commands, .every_ms = 500, .start = unruly_start,
          .tick = unruly_tick, .stop = unruly_stop);
