/* gnswatch-plugin-test FILE CYCLES text|json [CONF]: the conformance run, as a program of its own
 * because it has the test host's functions in place of gnswatch's. Started by `gnswatch
 * plugin-test`, which reads the arguments. */
#include "conformance/conformance.h"

#include "base/clock.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* AddressSanitizer's own, when it is in this program. */
__attribute__((weak)) void __asan_init(void);

enum { PASSED = 0, FAILED = 1, USAGE = 2 };

static const struct phase phases[] = {
    {"loads", "loads", phase_loads, 20000},
    {"describes", "describes itself: help, units, defaults, the sample file", phase_describes,
     60000},
    {"cycles", "starts and stops many times, and leaves nothing behind", phase_cycles, 600000},
    {"memory", "lives when any one allocation fails", phase_memory, 120000},
    {"slow", "lives with late turns and peers that fail", phase_slow, 60000},
    {"jumps", "lives when the clock jumps", phase_jumps, 60000},
    {"options", "lives with any options that its tables allow", phase_options, 120000},
    {"commands", "answers any call once", phase_commands, 600000},
    {"events", "lives with events, objects and rows it does not expect", phase_events, 120000},
    {"middle", "can be stopped in the middle of things", phase_middle, 60000},
};
enum { PHASES = sizeof(phases) / sizeof(*phases) };

/* ---- In the child of a phase ---- */

static void load_and_do(struct run *run, void *data)
{
    const struct phase *phase = data;
    char *path = strdup(run->path), *why = NULL;
    const char *const dirs[] = {path ? dirname(path) : ".", NULL};
    found_place(run, "loading");
    struct plugin *plugin = plugin_load(dirs, run->name, &why);
    if (!plugin) {
        found_fault(run, "%s", why ? why : "out of memory");
    } else {
        run->descriptor = &plugin->descriptor;
        run->yaml = run->conf ? strdup(run->conf) : made_up_conf(run, plugin->descriptor.options);
        run->findings->place[0] = '\0';
        phase->fn(run, NULL);
    }
    free(run->yaml);
    plugin_free(plugin);
    free(why);
    free(path);
}

/* ---- The runner ---- */

static void run_phases(struct run *run, struct verdict *verdicts)
{
    bool goes_on = true;
    for (size_t i = 0; i < PHASES; i++) {
        struct verdict *verdict = &verdicts[i];
        int64_t begin_ms = clock_monotonic_ms(clock_system());
        verdict->phase = &phases[i];
        verdict->skipped = !goes_on;
        if (!goes_on)
            continue;
        memset(run->findings, 0, sizeof(*run->findings));
        step_run(run, "", load_and_do, (void *)&phases[i], phases[i].deadline_ms);
        int orphans = step_orphans();
        if (orphans)
            found_fault(run, "%d processes were left behind", orphans);
        verdict->took_ms = clock_monotonic_ms(clock_system()) - begin_ms;
        memcpy(&verdict->findings, run->findings, sizeof(verdict->findings));
        goes_on = !run->findings->hung && (i > 0 || run->findings->faults_found == 0);
    }
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about, (void)kind, (void)walk;
    return remove(path);
}

static int run_all(struct run *run, bool json)
{
    char dir[] = "/tmp/gnswatch-plugin-test-XXXXXX";
    struct verdict *verdicts = calloc(PHASES, sizeof(*verdicts));
    run->findings = mmap(NULL, sizeof(*run->findings), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!verdicts || run->findings == MAP_FAILED || !mkdtemp(dir) || setenv("TMPDIR", dir, 1)) {
        fprintf(stderr, "gnswatch plugin-test: %s\n", strerror(errno));
        free(verdicts);
        return FAILED;
    }
    run->dir = dir;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    run_phases(run, verdicts);
    bool good = report(run, verdicts, PHASES, json);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(verdicts);
    return good ? PASSED : FAILED;
}

/* ---- Sanitizers ---- */

/* The name of the sanitizer's library that the file wants, read from the file; false: none. */
static bool wants_sanitizer(const char *path, char *name, size_t size)
{
    struct stat about;
    bool found = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) || about.st_size < (off_t)sizeof(ElfW(Ehdr))) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    size_t bytes = (size_t)about.st_size;
    const char *file = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED)
        return false;
    static const char *const libraries[] = {"libasan.so", "libclang_rt.asan"};
    for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries) && !found; i++) {
        const char *at = memmem(file, bytes, libraries[i], strlen(libraries[i]));
        found = at && memchr(at, '\0', bytes - (size_t)(at - file));
        if (found)
            snprintf(name, size, "%s", at);
    }
    munmap((void *)file, bytes);
    return found;
}

/* AddressSanitizer must be the first library of a program: this one begins again with it. */
static void begin_sanitized(struct run *run, char **argv)
{
    char library[200];
    run->sanitized = &__asan_init != NULL;
    if (run->sanitized || !wants_sanitizer(run->path, library, sizeof(library)))
        return;
    run->sanitized = true;
    if (getenv("GNSWATCH_SANITIZED"))
        return;
    setenv("GNSWATCH_SANITIZED", "1", 1);
    setenv("LD_PRELOAD", library, 1);
    setenv("ASAN_OPTIONS", "exitcode=86:detect_leaks=1:allocator_may_return_null=1", 0);
    setenv("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1:exitcode=86", 0);
    execv("/proc/self/exe", argv);
    fprintf(stderr, "gnswatch plugin-test: cannot begin again with %s: %s\n", library,
            strerror(errno));
}

/* ---- Arguments ---- */

static char *read_file(const char *path)
{
    struct buf text;
    char piece[4096];
    FILE *file = fopen(path, "re");
    buf_init(&text, 1 << 20);
    buf_adds(&text, "\n");
    for (size_t got; file && (got = fread(piece, 1, sizeof(piece), file)) > 0;)
        buf_add(&text, piece, got);
    char *taken = file ? buf_take(&text) : NULL;
    if (file)
        fclose(file);
    buf_fini(&text);
    return taken;
}

static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    size_t bytes = strlen(file);
    return bytes > 3 && strcmp(file + bytes - 3, ".so") == 0 ? strndup(file, bytes - 3) : NULL;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "gnswatch-plugin-test is started by 'gnswatch plugin-test'\n");
        return USAGE;
    }
    char *path = realpath(argv[1], NULL), *name = path ? name_of(path) : NULL;
    struct run run = {
        .path = path, .name = name, .cycles = (int)strtol(argv[2], NULL, 10), .random = 1};
    int code = USAGE;
    if (!path)
        fprintf(stderr, "gnswatch plugin-test: %s: %s\n", argv[1], strerror(errno));
    else if (!name)
        fprintf(stderr, "gnswatch plugin-test: %s: a plugin's file is NAME.so\n", argv[1]);
    else if (argc > 4 && !(run.conf = read_file(argv[4])))
        fprintf(stderr, "gnswatch plugin-test: %s: %s\n", argv[4], strerror(errno));
    else {
        begin_sanitized(&run, argv);
        code = run_all(&run, strcmp(argv[3], "json") == 0);
    }
    free(run.conf);
    free(name);
    free(path);
    return code;
}
