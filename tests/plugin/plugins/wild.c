/* wild - does whatever a plugin must not do, when it is asked to: wild.do how=segv. */
#include <gnswatch/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKET = 3, MEMORY = 4, MEMORY_BYTES = 256 + (1 << 22), HEAD_AT = 128 };

static const struct gw_field fields[] = {
    {"value", GW_GAUGE, "1", "A number"},
    {"same", GW_GAUGE, "1", "The same number"},
    {0},
};

static struct gw_series *series_of(struct gw_plugin *self, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    const struct gw_label labels[] = {{"instance", gw_name(self)}, {"n", text}, {0}};
    return gw_series_get(self, "wild.row", labels, fields, 1000);
}

/* ---- Ends ---- */

static int deep(volatile char *above)
{
    volatile char here[1024];
    here[0] = above ? above[0] : 1;
    return here[0] ? deep(here) + here[1] : 0;
}

static int run_ends(const char *how)
{
    if (strcmp(how, "segv") == 0)
        raise(SIGSEGV);
    else if (strcmp(how, "abort") == 0)
        abort();
    else if (strcmp(how, "stack") == 0)
        return deep(NULL);
    else if (strcmp(how, "exit") == 0)
        _exit(7);
    else if (strcmp(how, "hang") == 0)
        for (;;)
            pause();
    else if (strcmp(how, "spin") == 0)
        for (volatile unsigned i = 0;;)
            i++;
    return -ENOENT;
}

/* ---- Lies ---- */

static void send_frame(uint32_t bytes, uint8_t type, const char *payload, size_t count)
{
    unsigned char head[12] = {0};
    memcpy(head, &bytes, sizeof(bytes));
    head[8] = type;
    if (write(SOCKET, head, sizeof(head)) < 0 || write(SOCKET, payload, count) < 0)
        abort();
}

/* The places are those of core/worker/rows.h. */
static void lie_in_ring(uint64_t head, uint64_t first_word)
{
    char *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, MEMORY, 0);
    if (memory == MAP_FAILED)
        abort();
    uint64_t was;
    memcpy(&was, memory + HEAD_AT, sizeof(was));
    memcpy(memory + 256 + (was % ((1 << 22) / 8)) * 8, &first_word, sizeof(first_word));
    was += head;
    memcpy(memory + HEAD_AT, &was, sizeof(was));
}

static int run_lies(struct gw_plugin *self, const char *how)
{
    if (strcmp(how, "junk") == 0)
        send_frame(0x7fffffff, 200, "junk", 4);
    else if (strcmp(how, "no_json") == 0)
        send_frame(8, 35, "{nothing", 8);
    else if (strcmp(how, "no_series") == 0)
        send_frame(17, 47, "{\"number\":1234}\0", 17);
    else if (strcmp(how, "no_kind") == 0)
        send_frame(31, 37, "{\"kind\":\"gns3.node\",\"id\":\"1\"}\0", 31);
    else if (strcmp(how, "ring_head") == 0)
        lie_in_ring(UINT64_C(1) << 40, 0);
    else if (strcmp(how, "ring_series") == 0)
        lie_in_ring(4, 999999 | UINT64_C(2) << 32);
    else if (strcmp(how, "close") == 0)
        close(SOCKET);
    else if (strcmp(how, "shutdown") == 0)
        shutdown(SOCKET, SHUT_RDWR);
    else
        return -ENOENT;
    gw_log(self, GW_INFO, "that was '%s'", how);
    return 0;
}

/* ---- Floods ---- */

static int flood_rows(struct gw_plugin *self)
{
    int lost = 0;
    for (int i = 0; i < 500000; i++) {
        const double row[] = {i, i};
        lost += gw_set_at(series_of(self, i % 100), gw_now_ms(self) + i / 100, row) != 0;
    }
    return lost;
}

static int flood_events(struct gw_plugin *self)
{
    const struct gw_event event = {.topic = "wild.said", .severity = GW_INFO, .text = "Again"};
    int refused = 0;
    for (int i = 0; i < 20000; i++)
        refused += gw_emit(self, &event) == -EAGAIN;
    return refused;
}

static int flood_lines(struct gw_plugin *self)
{
    for (int i = 0; i < 20000; i++) {
        gw_log(self, GW_INFO, "line %d", i);
        printf("printed %d\n", i);
    }
    fflush(stdout);
    return 0;
}

static int flood_objects(struct gw_plugin *self)
{
    char json[64], id[32];
    for (int i = 0; i < 20000; i++) {
        snprintf(json, sizeof(json), "{\"n\":%d}", i);
        snprintf(id, sizeof(id), "%d", i % 100);
        gw_object_put(self, "wild.thing", id, json);
    }
    return 0;
}

static int flood_series(struct gw_plugin *self)
{
    int refused = 0;
    for (int i = 0; i < 60; i++)
        refused += series_of(self, 1000 + i) == NULL;
    return refused;
}

static int take_memory(void)
{
    for (;;) {
        char *more = malloc(1 << 20);
        if (!more)
            return 1;
        memset(more, 1, 1 << 20);
    }
}

static int try_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid > 0 ? 0 : 1;
}

static int run_floods(struct gw_plugin *self, const char *how)
{
    return strcmp(how, "rows") == 0      ? flood_rows(self)
           : strcmp(how, "events") == 0  ? flood_events(self)
           : strcmp(how, "lines") == 0   ? flood_lines(self)
           : strcmp(how, "objects") == 0 ? flood_objects(self)
           : strcmp(how, "series") == 0  ? flood_series(self)
           : strcmp(how, "memory") == 0  ? take_memory()
           : strcmp(how, "fork") == 0    ? try_fork()
                                         : -1;
}

static int run_do(struct gw_plugin *self, struct gw_call *call)
{
    const char *how = gw_string(gw_call_params(call), "how");
    char json[64];
    if (run_ends(how) == 0)
        return 0;
    if (run_lies(self, how) == 0)
        return 0; /* the answer never comes */
    snprintf(json, sizeof(json), "{\"count\":%d}", run_floods(self, how));
    return gw_reply(call, json);
}

/* ---- Life ---- */

static int wild_start(struct gw_plugin *self, void **data)
{
    (void)data;
    const char *how = gw_string(gw_options(self), "at_start");
    if (how)
        run_ends(how);
    gw_object_put(self, "wild.thing", "kept", "{\"kept\":true}");
    return 0;
}

static int wild_tick(struct gw_plugin *self, void *data)
{
    const double row[] = {1, 1};
    (void)data;
    return gw_set(series_of(self, -1), row);
}

static void wild_stop(struct gw_plugin *self, void *data)
{
    const char *how = gw_string(gw_options(self), "at_stop");
    (void)data;
    if (how)
        run_ends(how);
}

static const struct gw_row options[] = {
    {.name = "at_start", .type = GW_STRING, .help = "What to do at the start."},
    {.name = "at_stop", .type = GW_STRING, .help = "What to do at the stop."},
    {0},
};
static const struct gw_row do_params[] = {
    {.name = "how", .type = GW_STRING, .flags = GW_REQUIRED, .help = "What to do."},
    {0},
};
static const struct gw_kind kinds[] = {
    {"wild.thing", "things", "Nothing in particular", NULL},
    {0},
};
static const struct gw_command commands[] = {
    {.name = "wild.do", .help = "Does it.", .role = GW_VIEWER, .params = do_params, .run = run_do},
    {0},
};

GW_PLUGIN(.name = "wild", .version = "1.0", .summary = "Does what it must not", .options = options,
          .kinds = kinds, .commands = commands, .every_ms = 50, .start = wild_start,
          .tick = wild_tick, .stop = wild_stop);
