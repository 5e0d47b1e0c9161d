/* process.c - see process.h. The leader is left unreaped until everything is read, so its number,
 * which is its group's, cannot be given to somebody else before the group's rest has been killed.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    GRACE_MS = 3000,
    DRAIN_MS = 1000,
    PAUSE_MS = 100,
    CHUNK_BYTES = 16 * 1024,
    CHUNKS_A_TURN = 4, /* then others of the plugin get theirs */
    BURST_S = 8,       /* of the limit may come at once */
    ABOVE = 10,
    REAP_TRIES = 100,
};

struct pipe_end {
    struct process *process;
    struct gw_watch *watch; /* the host's; NULL: closed */
    int fd;
    struct lines lines;
};

struct process {
    struct gw_plugin *self;
    struct process_options options; /* of which only the numbers, hooks and data */
    pid_t pid;
    int pidfd, in;
    struct pipe_end out, err;
    struct gw_watch *death;
    struct gw_timer *timeout, *grace, *drain, *pause;
    struct process_end end;
    bool dead, muted, draining;
    int64_t started_ms, closed_ms, bytes, budget, filled_ms, throttled;
};

pid_t process_pid(const struct process *process)
{
    return process->pid;
}

int64_t process_bytes(const struct process *process)
{
    return process->bytes;
}

int64_t process_closed_ms(const struct process *process)
{
    return process->dead ? 0 : process->closed_ms;
}

int64_t process_throttled(const struct process *process)
{
    return process->throttled;
}

/* ---- The end --------------------------------------------------------------------------------- */

static void timer_stop(struct gw_timer **timer)
{
    gw_timer_stop(*timer);
    *timer = NULL;
}

static void close_pipe(struct pipe_end *end)
{
    gw_watch_stop(end->watch);
    end->watch = NULL;
    if (end->fd >= 0)
        close(end->fd);
    end->fd = -1;
}

static void close_stdin(struct process *process)
{
    if (process->in >= 0)
        close(process->in);
    process->in = -1;
}

static void release(struct process *process)
{
    timer_stop(&process->timeout);
    timer_stop(&process->grace);
    timer_stop(&process->drain);
    timer_stop(&process->pause);
    gw_watch_stop(process->death);
    close_pipe(&process->out);
    close_pipe(&process->err);
    close_stdin(process);
    if (process->pidfd >= 0)
        close(process->pidfd);
    lines_drop(&process->out.lines);
    lines_drop(&process->err.lines);
    free(process);
}

/* It is dead, or has got SIGKILL. One that hangs in the kernel all the same is left to itself. */
static void reap(struct process *process)
{
    struct rusage used = {0};
    int status = 0;
    pid_t got = 0;
    for (int i = 0; i < REAP_TRIES && got == 0; i++) {
        got = wait4(process->pid, &status, WNOHANG, &used);
        if (got == 0)
            poll(NULL, 0, 1);
    }
    process->end.status = got <= 0              ? 127
                          : WIFSIGNALED(status) ? -WTERMSIG(status)
                                                : WEXITSTATUS(status);
    process->end.cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void finish(struct process *process)
{
    process->end.left_over = process->out.fd >= 0 || process->err.fd >= 0;
    kill(-process->pid, SIGKILL);
    reap(process);
    process->end.seconds = (double)(gw_monotonic_ms(process->self) - process->started_ms) / 1000.0;
    close_pipe(&process->out);
    close_pipe(&process->err);
    if (process->muted) {
        lines_drop(&process->out.lines);
        lines_drop(&process->err.lines);
    }
    lines_end(&process->out.lines);
    lines_end(&process->err.lines);
    struct process_end end = process->end;
    process->options.on_end(process->options.data, &end);
    release(process);
}

static void on_drained(struct gw_plugin *self, void *data)
{
    (void)self;
    struct process *process = data;
    process->drain = NULL;
    finish(process);
}

/* Soon, not now: we may be in the middle of a line. */
static void finish_when_read(struct process *process)
{
    bool read_all = process->out.fd < 0 && process->err.fd < 0;
    if (!process->dead || (process->draining && !read_all))
        return;
    timer_stop(&process->drain);
    process->draining = true;
    process->drain = gw_timer_start(process->self, read_all ? 0 : DRAIN_MS, 0, on_drained, process);
}

bool process_dead(struct process *process)
{
    siginfo_t info = {0};
    int answer = waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return answer < 0 || info.si_pid == process->pid;
}

static void on_death(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self;
    (void)fd;
    (void)flags;
    struct process *process = data;
    if (process->dead || !process_dead(process))
        return;
    process->dead = true;
    gw_watch_stop(process->death);
    process->death = NULL;
    timer_stop(&process->timeout);
    timer_stop(&process->grace);
    finish_when_read(process);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void on_pause_over(struct gw_plugin *self, void *data);

/* What comes faster than the bucket fills stays in the pipe, and its writer waits. */
static bool may_read(struct process *process)
{
    int64_t now_ms = gw_monotonic_ms(process->self), rate = process->options.bytes_per_s;
    int64_t most = rate * BURST_S;
    if (rate <= 0)
        return true;
    int64_t more = (now_ms - process->filled_ms) * rate / 1000;
    if (more > 0) {
        process->filled_ms = now_ms;
        process->budget = process->budget + more > most ? most : process->budget + more;
    }
    if (process->budget > 0)
        return true;
    gw_watch_change(process->out.watch, 0);
    gw_watch_change(process->err.watch, 0);
    process->throttled++;
    if (!process->pause)
        process->pause = gw_timer_start(process->self, PAUSE_MS, 0, on_pause_over, process);
    return false;
}

static void on_pause_over(struct gw_plugin *self, void *data)
{
    (void)self;
    struct process *process = data;
    process->pause = NULL;
    gw_watch_change(process->out.watch, GW_READ);
    gw_watch_change(process->err.watch, GW_READ);
}

static void take(struct pipe_end *end, const char *bytes, size_t count)
{
    struct process *process = end->process;
    process->bytes += (int64_t)count;
    process->budget -= (int64_t)count;
    if (!process->muted)
        lines_feed(&end->lines, bytes, count);
}

static void on_readable(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self;
    (void)flags;
    struct pipe_end *end = data;
    struct process *process = end->process;
    char chunk[CHUNK_BYTES];
    for (int i = 0; i < CHUNKS_A_TURN && may_read(process); i++) {
        ssize_t count = read(fd, chunk, sizeof chunk);
        if (count > 0) {
            take(end, chunk, (size_t)count);
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_pipe(end);
            if (end == &process->out)
                process->closed_ms = gw_monotonic_ms(process->self);
            finish_when_read(process);
            return;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

/* ---- The start ------------------------------------------------------------------------------- */

struct three { /* pairs: ours and the child's; -1: none */
    int in[2], out[2], err[2];
};

static void close_both(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0)
            close(pair[i]);
        pair[i] = -1;
    }
}

/* pair[0] is ours, and is not waited for; pair[1] the child's, above what dup2 writes to. */
static bool make_pipe(int pair[2], bool child_reads)
{
    int made[2];
    if (pipe2(made, O_CLOEXEC))
        return false;
    int ours = made[child_reads ? 1 : 0], theirs = made[child_reads ? 0 : 1];
    pair[0] = ours;
    pair[1] = fcntl(theirs, F_DUPFD_CLOEXEC, ABOVE);
    close(theirs);
    return pair[1] >= 0 && fcntl(ours, F_SETFL, O_NONBLOCK) == 0;
}

static bool open_null(int pair[2])
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    pair[1] = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE);
    close(fd);
    return pair[1] >= 0;
}

static int start_child(struct process *process, const struct process_options *options,
                       const char **step)
{
    struct three pipes = {{-1, -1}, {-1, -1}, {-1, -1}};
    bool made = (options->keep_stdin ? make_pipe(pipes.in, true) : open_null(pipes.in)) &&
                make_pipe(pipes.out, false) && make_pipe(pipes.err, false);
    int error = made ? 0 : -errno;
    struct child_plan plan = {.file = options->file,
                              .argv = options->argv,
                              .env = options->env,
                              .in = pipes.in[1],
                              .out = pipes.out[1],
                              .err = pipes.err[1],
                              .user = options->user,
                              .limits = options->limits};
    *step = "make pipes";
    if (!error)
        error = child_start(&plan, &process->pid, &process->pidfd, step);
    if (!error) {
        process->in = pipes.in[0];
        process->out.fd = pipes.out[0];
        process->err.fd = pipes.err[0];
        pipes.in[0] = pipes.out[0] = pipes.err[0] = -1;
    }
    close_both(pipes.in);
    close_both(pipes.out);
    close_both(pipes.err);
    return error;
}

static void on_timeout(struct gw_plugin *self, void *data)
{
    (void)self;
    struct process *process = data;
    process->timeout = NULL;
    process->end.timed_out = true;
    process_stop(process);
}

static void init(struct process *process, struct gw_plugin *self,
                 const struct process_options *options)
{
    *process = (struct process){.self = self, .options = *options, .pidfd = -1, .in = -1};
    process->options.file = NULL;
    process->options.argv = process->options.env = NULL;
    process->options.user = NULL;
    process->out = (struct pipe_end){.process = process, .fd = -1};
    process->out.lines = (struct lines){.on_line = options->on_line, .data = options->data};
    process->err = (struct pipe_end){.process = process, .fd = -1};
    process->err.lines = (struct lines){.on_line = options->on_said, .data = options->data};
    process->started_ms = process->filled_ms = gw_monotonic_ms(self);
    process->budget = options->bytes_per_s * BURST_S;
}

struct process *process_start(struct gw_plugin *self, const struct process_options *options,
                              int *error, const char **step)
{
    struct process *process = malloc(sizeof *process);
    *error = -ENOMEM;
    *step = "start";
    if (!process)
        return NULL;
    init(process, self, options);
    *error = start_child(process, options, step);
    if (*error) {
        free(process);
        return NULL;
    }
    process->death = gw_watch_start(self, process->pidfd, GW_READ, on_death, process);
    process->out.watch = gw_watch_start(self, process->out.fd, GW_READ, on_readable, &process->out);
    process->err.watch = gw_watch_start(self, process->err.fd, GW_READ, on_readable, &process->err);
    if (!process->death || !process->out.watch || !process->err.watch) {
        process_free(process);
        *error = -ENOMEM;
        *step = "watch it";
        return NULL;
    }
    if (options->timeout_ms > 0)
        process->timeout = gw_timer_start(self, options->timeout_ms, 0, on_timeout, process);
    return process;
}

/* ---- Asking it ------------------------------------------------------------------------------- */

/* A pipe whose reader has gone costs an error, not our life. */
static ssize_t write_quietly(int fd, const char *text, size_t bytes)
{
    sigset_t pipe_signal, old;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
    ssize_t count = write(fd, text, bytes);
    int error = errno;
    if (count < 0 && error == EPIPE && !sigismember(&old, SIGPIPE))
        sigtimedwait(&pipe_signal, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = error;
    return count;
}

int process_write(struct process *process, const char *text, size_t bytes)
{
    if (process->in < 0)
        return -EPIPE;
    ssize_t count = write_quietly(process->in, text, bytes);
    if (count == (ssize_t)bytes)
        return 0;
    int error = count < 0 ? errno : EPIPE; /* half a line cannot be taken back */
    if (error != EAGAIN)
        close_stdin(process);
    return -error;
}

int process_signal(struct process *process, int number)
{
    return process->dead || kill(process->pid, number) ? -ESRCH : 0;
}

static void on_grace_over(struct gw_plugin *self, void *data)
{
    (void)self;
    struct process *process = data;
    process->grace = NULL;
    kill(-process->pid, SIGKILL);
}

void process_stop(struct process *process)
{
    process->muted = true;
    process->end.stopped = !process->end.timed_out;
    if (process->dead || process->grace)
        return;
    timer_stop(&process->timeout);
    kill(-process->pid, SIGTERM);
    process->grace = gw_timer_start(process->self, GRACE_MS, 0, on_grace_over, process);
}

void process_kill(struct process *process, int number)
{
    kill(-process->pid, number);
}

void process_free(struct process *process)
{
    if (!process)
        return;
    kill(-process->pid, SIGKILL);
    reap(process);
    release(process);
}
