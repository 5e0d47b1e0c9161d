/* Doing something in a child with a deadline, and telling what became of it. Must not know what is
 * done there. */
#include "conformance/conformance.h"

#include "base/clock.h"
#include "worker/worker.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SANITIZER_EXIT = 86, /* as main.c tells the sanitizer */
    LAST_WORDS_MS = 1000,
    BEAT_MS = 12000, /* the test host itself may wait ten seconds for descriptors */
    MEMORY_BYTES_LOG2 = 33,
};

struct child {
    pid_t pid;
    int said_fd;
    char said[SAID_BYTES]; /* the end of what it said on stdout and stderr */
    size_t said_bytes;
    int64_t until_ms, beat_ms; /* the end; until when there must be news */
    unsigned beats;
    bool late, ended;
    int status;
};

/* ---- In the child ---- */

static void limit(enum __rlimit_resource what, rlim_t value)
{
    const struct rlimit limit = {value, value};
    setrlimit(what, &limit);
}

static void enter(const struct run *run, int said_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setpgid(0, 0);
    dup2(said_fd, STDOUT_FILENO);
    dup2(said_fd, STDERR_FILENO);
    close(said_fd);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, (rlim_t)1 << 30);
    if (!run->sanitized) { /* it reserves much more than it uses, and has handlers of its own */
        limit(RLIMIT_AS, (rlim_t)1 << MEMORY_BYTES_LOG2);
        crash_handlers();
    }
}

/* Without the libraries' last acts, which are not what is tested and may hang in a child; but with
 * the sanitizer's last look. */
static void leave(void)
{
    int (*leaks)(void) = NULL;
    void *found = dlsym(RTLD_DEFAULT, "__lsan_do_recoverable_leak_check");
    memcpy(&leaks, &found, sizeof(leaks));
    fflush(NULL);
    _exit(leaks && leaks() ? SANITIZER_EXIT : 0);
}

/* ---- Of it ---- */

static int64_t now_ms(void)
{
    return clock_monotonic_ms(clock_system());
}

/* Keeps the end of it. False: there will be no more. */
static bool hear(struct child *child)
{
    char piece[4096];
    ssize_t got = read(child->said_fd, piece, sizeof(piece));
    if (got <= 0)
        return got < 0 && errno == EINTR;
    size_t more = (size_t)got;
    if (child->said_bytes + more >= SAID_BYTES) {
        size_t drop = SAID_BYTES / 2;
        drop = drop < child->said_bytes ? drop : child->said_bytes;
        memmove(child->said, child->said + drop, child->said_bytes - drop);
        child->said_bytes -= drop;
    }
    memcpy(child->said + child->said_bytes, piece, more);
    child->said_bytes += more;
    child->said[child->said_bytes] = '\0';
    return true;
}

/* Too late: first it may say where it is (crash_handlers), then it must go. */
static void hurry(struct child *child)
{
    kill(child->late ? -child->pid : child->pid, child->late ? SIGKILL : SIGABRT);
    child->until_ms = now_ms() + LAST_WORDS_MS;
    child->late = true;
}

/* Is it too late? News put it off, but not for ever. */
static bool overdue(struct child *child, const struct findings *findings)
{
    unsigned beats = __atomic_load_n(&findings->beats, __ATOMIC_RELAXED);
    if (beats != child->beats)
        child->beat_ms = now_ms() + BEAT_MS;
    child->beats = beats;
    return now_ms() >= child->until_ms || (!child->late && now_ms() >= child->beat_ms);
}

static void wait_for(struct child *child, const struct findings *findings)
{
    bool open = true;
    while (!child->ended) {
        struct pollfd said = {.fd = open ? child->said_fd : -1, .events = POLLIN};
        int64_t left_ms = child->until_ms - now_ms();
        int64_t most_ms = open ? 20 : 1; /* what it left behind may hold the pipe open */
        if (poll(&said, 1, (int)(left_ms < 0 ? 0 : left_ms < most_ms ? left_ms : most_ms)) > 0)
            open = hear(child);
        child->ended = waitpid(child->pid, &child->status, WNOHANG) == child->pid;
        if (!child->ended && overdue(child, findings))
            hurry(child);
    }
    kill(-child->pid, SIGKILL); /* what it started and left */
    struct pollfd rest = {.fd = child->said_fd, .events = POLLIN};
    while (open && poll(&rest, 1, 0) > 0)
        open = hear(child);
}

/* The sentence of the test host, when that ended it; the caller frees. */
static char *host_sentence(const char *said)
{
    static const char mark[] = "gnswatch-testing: ";
    const char *at = strstr(said, mark);
    if (!at)
        return NULL;
    at += sizeof(mark) - 1;
    return strndup(at, strcspn(at, "\n"));
}

static void tell(struct run *run, const struct child *child, const char *what)
{
    struct buf text;
    char end[200];
    char *sentence = host_sentence(child->said);
    buf_init(&text, 8192);
    crash_sentence(child->status, end, sizeof(end));
    if (run->findings->place[0])
        buf_printf(&text, "%s: ", run->findings->place);
    run->findings->hung |= child->late;
    if (child->late)
        buf_adds(&text, "it hung and was killed");
    else if (sentence)
        buf_adds(&text, sentence);
    else if (WIFEXITED(child->status) && WEXITSTATUS(child->status) == SANITIZER_EXIT)
        buf_adds(&text, "a sanitizer found a mistake");
    else if (WIFEXITED(child->status))
        buf_printf(&text, "it ended the program with exit code %d", WEXITSTATUS(child->status));
    else
        buf_adds(&text, end);
    trace_add(run, child->said, &text);
    found_fault(run, "%s%s%s", what, *what ? ": " : "", text.data ? text.data : "");
    free(sentence);
    buf_fini(&text);
}

bool step_run(struct run *run, const char *what, step_fn *fn, void *data, int64_t deadline_ms)
{
    int said[2];
    struct child child = {
        .pid = -1, .until_ms = now_ms() + deadline_ms, .beat_ms = now_ms() + BEAT_MS};
    run->findings->place[0] = '\0';
    found_beat(run);
    fflush(stdout);
    if (pipe(said) || (child.pid = fork()) < 0) {
        found_fault(run, "%s: cannot start a process: %s", what, strerror(errno));
        return false;
    }
    if (child.pid == 0) {
        close(said[0]);
        enter(run, said[1]);
        fn(run, data);
        run->findings->place[0] = '\0';
        leave();
    }
    close(said[1]);
    setpgid(child.pid, child.pid);
    child.said_fd = said[0];
    wait_for(&child, run->findings);
    close(said[0]);
    bool well = !child.late && WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0;
    if (!well)
        tell(run, &child, what);
    return well;
}

/* ---- What it left behind ---- */

int step_orphans(void)
{
    int count = 0;
    char path[64], list[4096];
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    list[fread(list, 1, sizeof(list) - 1, file)] = '\0';
    fclose(file);
    for (char *at = list, *end; *at; at = end) {
        pid_t pid = (pid_t)strtol(at, &end, 10);
        if (end == at || pid <= 0)
            break;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        count++;
        end += *end == ' ';
    }
    return count;
}
