/* What a child may do, how it ends and what it costs. The program is its own child: `worker try
 * WHAT` enters the sandbox and tries. */
#include "worker_self.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20, WAIT_MS = 20000, SAID_MAX = 16384 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* ---- in the child: 0 when it is as it should be, else what errno says, or 255 ---- */

static int refused(long result, int error)
{
    return result >= 0 ? 255 : errno == error ? 0 : errno;
}

static void *nothing(void *data)
{
    return data;
}

static int try_thread(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, nothing, NULL);
    return error ? error : pthread_join(thread, NULL);
}

static int try_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return refused(pid, EPERM);
}

static int try_exec(void)
{
    char *const argv[] = {(char *)(uintptr_t) "true", NULL};
    return refused(execv("/bin/true", argv), EPERM);
}

static int try_processes(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        try_exec();
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 255;
}

static int try_memory(void)
{
    void *memory = malloc(64 * MIB);
    int failed = memory == NULL;
    free(memory);
    return failed ? 0 : 255;
}

static int try_files(void)
{
    for (int i = 0; i < 64; i++) {
        if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
            return i >= 8 && errno == EMFILE ? 0 : errno;
    }
    return 255;
}

static int try_signals(void)
{
    int error = refused(kill(getppid(), 0), EPERM);
    if (!error)
        error = refused(kill(1, 0), EPERM);
    if (!error)
        error = kill(getpid(), 0);
    return error;
}

/* With processes only Landlock keeps it from others, where the kernel's is new enough. */
static int try_signals_with_processes(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1UL);
    return version < 6 ? 0 : refused(kill(getppid(), 0), EPERM);
}

static int try_others(void)
{
    int error = refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
    if (!error)
        error = refused(syscall(SYS_unshare, 0), EPERM);
    if (!error)
        error = refused(syscall(SYS_keyctl, 0, 0, 0, 0), EPERM);
    if (!error)
        error = refused(syscall(SYS_bpf, 0, NULL, 0), EPERM);
    return error;
}

/* What every plugin needs. */
static int try_usual(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    void *memory = malloc(MIB);
    int status = fd < 0 || !memory || clock() == (clock_t)-1;
    free(memory);
    return status;
}

static int try_rights(void)
{
    char line[256];
    int error = 255;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof(line), file)) {
        unsigned long long set;
        if (sscanf(line, "CapEff: %llx", &set) == 1)
            error = set != 0;
        if (sscanf(line, "NoNewPrivs: %llu", &set) == 1 && set != 1)
            error = 254;
    }
    if (file)
        fclose(file);
    return error;
}

static int try_user(void)
{
    const struct passwd *nobody = getpwnam("nobody");
    return nobody && getuid() == nobody->pw_uid && geteuid() == nobody->pw_uid &&
                   getgid() == nobody->pw_gid && setuid(0) != 0
               ? try_rights()
               : 255;
}

static int __attribute__((noinline)) fall(int depth)
{
    volatile char much[4096];
    much[0] = (char)depth;
    return depth < 0 ? 0 : fall(depth + 1) + much[0];
}

static int try_crash(void)
{
    volatile uintptr_t nowhere = 0x40;
    *(volatile int *)nowhere = 1;
    return 255;
}

static int try_overflow(void)
{
    return fall(0);
}

static int try_abort(void)
{
    abort();
}

static int try_spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
    return 255;
}

static int try_eat(void)
{
    char *memory = mmap(NULL, 48 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return errno;
    memset(memory, 1, 48 * MIB);
    for (;;)
        pause();
}

static const struct trial {
    const char *name;
    int (*run)(void);
    struct worker_limits limits;
} trials[] = {
    {"thread", try_thread, {0}},
    {"fork", try_fork, {0}},
    {"exec", try_exec, {0}},
    {"processes", try_processes, {.processes = 4}},
    {"memory", try_memory, {.memory_bytes = 32 * MIB}},
    {"files", try_files, {.files = 32}},
    {"signals", try_signals, {0}},
    {"signals_with_processes", try_signals_with_processes, {.processes = 1}},
    {"others", try_others, {0}},
    {"others_with_processes", try_others, {.processes = 1}},
    {"usual", try_usual, {.memory_bytes = 32 * MIB, .files = 32}},
    {"rights", try_rights, {0}},
    {"user", try_user, {.user = "nobody"}},
    {"no_user", try_usual, {.user = "nobody-is-called-so"}},
    {"crash", try_crash, {0}},
    {"overflow", try_overflow, {0}},
    {"abort", try_abort, {0}},
    {"spin", try_spin, {0}},
    {"eat", try_eat, {0}},
};

static const struct trial *trial_named(const char *name)
{
    for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++) {
        if (strcmp(trials[i].name, name) == 0)
            return &trials[i];
    }
    return NULL;
}

/* `worker try NAME [as-nobody]` */
static int be_child(int argc, char **argv)
{
    char why[256];
    const struct trial *trial = trial_named(argv[3]);
    if (argc > 4 && (setgid(65534) || setuid(65534)))
        return 253;
    sandbox_tie();
    crash_handlers();
    if (sandbox_enter(&trial->limits, why)) {
        fprintf(stderr, "%s\n", why);
        return 252;
    }
    _exit(trial->run()); /* a leak sanitizer would want another process for its look around */
}

/* ---- in the test ---- */

struct outcome {
    int status;
    char said[SAID_MAX];
};

static void wait_for_end(struct worker_process *process, char *said)
{
    size_t bytes = 0;
    for (bool open = true; open;) {
        struct pollfd fd = {.fd = process->said_fd, .events = POLLIN};
        assert_true(poll(&fd, 1, WAIT_MS) > 0);
        ssize_t got = read(process->said_fd, said + bytes, SAID_MAX - 1 - bytes);
        open = got > 0;
        bytes += got > 0 ? (size_t)got : 0;
    }
    said[bytes] = '\0';
    struct pollfd fd = {.fd = process->pid_fd, .events = POLLIN};
    assert_true(poll(&fd, 1, WAIT_MS) > 0);
}

static struct outcome outcome_of(const char *name, bool as_nobody)
{
    const char *const args[] = {"try", name, as_nobody ? "as-nobody" : NULL, NULL};
    struct worker_process process;
    struct outcome outcome = {0};
    assert_int_equal(spawn_args(args, -1, &process), 0);
    wait_for_end(&process, outcome.said);
    outcome.status = worker_reap(&process);
    assert_int_equal(process.pid_fd, -1);
    assert_int_equal(process.socket_fd, -1);
    return outcome;
}

static void as_it_should_be(const char *name)
{
    for (int as_nobody = 0; as_nobody <= (geteuid() == 0 && strcmp(name, "user") != 0);
         as_nobody++) {
        struct outcome outcome = outcome_of(name, as_nobody);
        if (outcome.status)
            fail_msg("%s%s: exit code %d, signal %d: %s", name, as_nobody ? " as nobody" : "",
                     WEXITSTATUS(outcome.status), WTERMSIG(outcome.status), outcome.said);
    }
}

static void a_child_has_what_a_plugin_needs(void **state)
{
    (void)state;
    as_it_should_be("thread");
    if (!SANITIZED)
        as_it_should_be("usual");
}

static void processes_are_refused_unless_they_are_allowed(void **state)
{
    (void)state;
    as_it_should_be("fork");
    as_it_should_be("exec");
    as_it_should_be("processes");
}

static void memory_and_files_end_at_their_limits(void **state)
{
    (void)state;
    if (!SANITIZED)
        as_it_should_be("memory");
    as_it_should_be("files");
}

static void others_are_out_of_its_reach(void **state)
{
    (void)state;
    as_it_should_be("signals");
    as_it_should_be("signals_with_processes");
    as_it_should_be("others");
    as_it_should_be("others_with_processes");
    as_it_should_be("rights");
}

static void it_becomes_the_user_it_is_told(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of("no_user", false);
    assert_int_equal(WEXITSTATUS(outcome.status), 252);
    assert_non_null(strstr(outcome.said, "there is no user 'nobody-is-called-so'"));
    if (geteuid() != 0)
        skip(); /* only root may be another */
    as_it_should_be("user");
}

static void a_crash_is_told_with_its_place(void **state)
{
    (void)state;
    static const char *const names[] = {"crash", "overflow", "abort"};
    static const int signals[] = {SIGSEGV, SIGSEGV, SIGABRT};
    for (size_t i = 0; i < 3 && !SANITIZED; i++) {
        char sentence[128], expected[64];
        struct outcome outcome = outcome_of(names[i], false);
        assert_true(WIFSIGNALED(outcome.status));
        assert_int_equal(WTERMSIG(outcome.status), signals[i]);
        snprintf(expected, sizeof(expected), "crash: signal %d (", signals[i]);
        assert_non_null(strstr(outcome.said, expected));
        assert_non_null(strstr(outcome.said, "gnswatch(")); /* a frame */
        crash_sentence(outcome.status, sentence, sizeof(sentence));
        snprintf(expected, sizeof(expected), "killed by signal %d (%s)", signals[i],
                 signals[i] == SIGABRT ? "Aborted" : "Segmentation fault");
        assert_string_equal(sentence, expected);
    }
    assert_true(SANITIZED || strstr(outcome_of("crash", false).said, "at address 0x40"));
}

static struct worker_process begin(const char *name)
{
    const char *const args[] = {"try", name, NULL};
    struct worker_process process;
    assert_int_equal(spawn_args(args, -1, &process), 0);
    return process;
}

static char state_of(pid_t pid)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    return strrchr(text, ')')[2];
}

static void moment(int64_t *until_ms)
{
    int64_t now_ms = clock_monotonic_ms(clock_system());
    *until_ms = *until_ms ? *until_ms : now_ms + WAIT_MS;
    assert_true(now_ms < *until_ms);
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static void end(struct worker_process *process)
{
    worker_kill(process, SIGKILL);
    struct pollfd fd = {.fd = process->pid_fd, .events = POLLIN};
    assert_true(poll(&fd, 1, WAIT_MS) > 0);
    assert_int_equal(WTERMSIG(worker_reap(process)), SIGKILL);
}

static void who_is_above_its_share_of_cpu_is_paused_until_it_is_not(void **state)
{
    (void)state;
    const struct worker_limits limits = {.cpu_percent = 0.1}; /* ten milliseconds in ten seconds */
    struct worker_process process = begin("spin");
    struct worker_meter meter;
    worker_meter_init(&meter, &limits, process.pid);
    int64_t now_ns = 1000000000, until_ms = 0;
    for (; !meter.paused; moment(&until_ms))
        assert_true(worker_meter_sample(&meter, now_ns));
    for (until_ms = 0; state_of(process.pid) != 'T';)
        moment(&until_ms);
    assert_true(worker_meter_sample(&meter, now_ns += 1000000));
    assert_true(meter.paused);
    assert_true(worker_meter_sample(&meter, now_ns += 3600 * INT64_C(1000000000)));
    assert_false(meter.paused);
    assert_true(meter.paused_ns > 3600 * INT64_C(1000000000));
    for (until_ms = 0; state_of(process.pid) != 'R';)
        moment(&until_ms);
    worker_meter_fini(&meter);
    end(&process);
}

static void who_is_beyond_its_memory_is_to_be_killed(void **state)
{
    (void)state;
    const struct worker_limits limits = {.memory_bytes = 32 * MIB};
    struct worker_process process = begin("eat");
    struct worker_meter meter;
    worker_meter_init(&meter, &limits, process.pid);
    for (int64_t until_ms = 0; worker_meter_sample(&meter, 1);)
        moment(&until_ms);
    assert_non_null(strstr(meter.why, "its limit is 32.0 MiB (limits: memory)"));
    assert_true(meter.rss_bytes > 32 * MIB);
    worker_meter_fini(&meter);
    end(&process);
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "worker") == 0)
        return be_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_has_what_a_plugin_needs),
        cmocka_unit_test(processes_are_refused_unless_they_are_allowed),
        cmocka_unit_test(memory_and_files_end_at_their_limits),
        cmocka_unit_test(others_are_out_of_its_reach),
        cmocka_unit_test(it_becomes_the_user_it_is_told),
        cmocka_unit_test(a_crash_is_told_with_its_place),
        cmocka_unit_test(who_is_above_its_share_of_cpu_is_paused_until_it_is_not),
        cmocka_unit_test(who_is_beyond_its_memory_is_to_be_killed),
    };
    return cmocka_run_group_tests_name("worker_sandbox", tests, NULL, NULL);
}
