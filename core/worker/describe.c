/* Asks a child of its own for a plugin's tables. Whatever the plugin's file does - crash, hang,
 * print junk, lie - costs at most the deadline and ends in a sentence. */
#include "worker/inside.h"

#include "base/buf.h"
#include "plugin/load.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DESCRIBE_MS = 5000 };
enum { TABLES_BYTES_MAX = 4 << 20, SAID_BYTES_MAX = 8192 };

struct asked {
    struct worker_process process;
    struct buf tables, said;
    bool told, silent; /* the ends of the socket and of the pipe */
    bool late;
    int64_t until_ms;
    int status; /* its wait status */
};

/* Reads what is there; what is beyond the buffer's limit is read and dropped. True: its end. */
static bool drain(int fd, struct buf *into)
{
    char piece[16384];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 || errno != EAGAIN;
        if (!buf_error(into))
            buf_add(into, piece, (size_t)got);
    }
}

/* Until both ends are closed, or the process has ended (a child of its own may keep them open). */
static void listen_to(struct asked *asked)
{
    struct worker_process *process = &asked->process;
    bool ended = false;
    while (!(asked->told && asked->silent) && !ended) {
        int64_t left_ms = asked->until_ms - clock_monotonic_ms(clock_system());
        struct pollfd fds[] = {
            {.fd = asked->told ? -1 : process->socket_fd, .events = POLLIN},
            {.fd = asked->silent ? -1 : process->said_fd, .events = POLLIN},
            {.fd = process->pid_fd, .events = POLLIN},
        };
        asked->late = left_ms <= 0;
        if (asked->late || (poll(fds, 3, (int)left_ms) < 0 && errno != EINTR))
            return;
        ended = fds[2].revents != 0;
        asked->told = asked->told || drain(process->socket_fd, &asked->tables);
        asked->silent = asked->silent || drain(process->said_fd, &asked->said);
    }
}

static void await_end(struct asked *asked)
{
    struct worker_process *process = &asked->process;
    while (!asked->late) {
        int64_t left_ms = asked->until_ms - clock_monotonic_ms(clock_system());
        struct pollfd fd = {.fd = process->pid_fd, .events = POLLIN};
        asked->late = left_ms <= 0;
        if (!asked->late && poll(&fd, 1, (int)left_ms) > 0)
            break;
    }
    asked->status = worker_reap(process);
}

/* The first line it said that has words in it, without what does not belong into a sentence. */
static void add_said(struct asked *asked, struct buf *out)
{
    const char *text = asked->said.len ? asked->said.data : "";
    text += strspn(text, " \t\r\n");
    size_t length = strcspn(text, "\r\n");
    if (length == 0)
        return;
    buf_adds(out, "; it said: ");
    for (size_t i = 0; i < length && i < 200; i++)
        buf_addc(out, (unsigned char)text[i] < ' ' || text[i] == 127 ? ' ' : text[i]);
}

static char *say_ended(struct asked *asked, const char *path)
{
    struct buf out;
    char end[256];
    crash_sentence(asked->status, end, sizeof(end));
    buf_init(&out, 2048);
    if (asked->late)
        buf_printf(&out, "%s does not tell what it is within %.1f s: it hangs as it is loaded",
                   path, (double)(asked->until_ms - asked->process.begun_ms) / 1000);
    else if (buf_error(&asked->tables))
        buf_printf(&out, "%s tells more than %d MiB of itself", path, TABLES_BYTES_MAX >> 20);
    else
        buf_printf(&out, "%s ended as it was loaded: %s", path, end);
    add_said(asked, &out);
    char *text = buf_take(&out);
    buf_fini(&out);
    return text;
}

/* The child's own sentence for why there are no tables, or NULL. */
static char *own_why(const struct asked *asked)
{
    json_t *map = json_loadb(asked->tables.data, asked->tables.len, 0, NULL);
    const char *why = json_string_value(json_object_get(map, "why"));
    char *copy = why ? strdup(why) : NULL;
    json_decref(map);
    return copy;
}

/* "NAME" of "DIR/NAME.so"; the caller frees. */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    return strndup(base, length > 3 ? length - 3 : length);
}

static struct gw_descriptor *read_tables(struct asked *asked, const char *path, char **why)
{
    char *reason = NULL, *name = name_of(path);
    struct gw_descriptor *descriptor =
        descriptor_from_json(asked->tables.data, asked->tables.len, &reason);
    if (descriptor && name)
        reason = descriptor_fault(descriptor, name);
    bool good = descriptor && name && !reason;
    if (!good &&
        asprintf(why, "plugin '%s': %s", name ? name : "", reason ? reason : "out of memory") < 0)
        *why = NULL;
    free(reason);
    free(name);
    if (good)
        return descriptor;
    descriptor_free(descriptor);
    return NULL;
}

struct gw_descriptor *describe_within(const char *path, int64_t deadline_ms, char **why)
{
    const char *const args[] = {"describe", "--socket", path, NULL};
    struct asked asked = {0};
    struct gw_descriptor *descriptor = NULL;
    *why = NULL;
    buf_init(&asked.tables, TABLES_BYTES_MAX);
    buf_init(&asked.said, SAID_BYTES_MAX);
    int error = spawn_args(args, -1, &asked.process);
    if (error) {
        if (asprintf(why, "cannot start a process to look at %s: %s", path, strerror(-error)) < 0)
            *why = NULL;
        return NULL;
    }
    asked.until_ms = asked.process.begun_ms + deadline_ms;
    listen_to(&asked);
    await_end(&asked);
    bool whole = asked.tables.len > 0 && !buf_error(&asked.tables) && !asked.late;
    if (whole && asked.status == 0)
        descriptor = read_tables(&asked, path, why);
    else
        *why = whole ? own_why(&asked) : NULL;
    if (!descriptor && !*why)
        *why = say_ended(&asked, path);
    buf_fini(&asked.tables);
    buf_fini(&asked.said);
    return descriptor;
}

struct gw_descriptor *worker_describe(const char *path, char **why)
{
    return describe_within(path, DESCRIBE_MS, why);
}
