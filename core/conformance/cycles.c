/* Starting and stopping many times: nothing may be left each time. */
#include "conformance/conformance.h"

#include "base/clock.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    THREADS_END_MS = 2000,
    LEAST_BYTES = 4096, /* growth below is no leak that repeats */
};

struct counts {
    int files, threads;
    size_t bytes;
};

static int entries(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static void count(struct counts *out)
{
    struct mallinfo2 info = mallinfo2();
    out->files = entries("/proc/self/fd");
    out->threads = entries("/proc/self/task");
    out->bytes = info.uordblks + info.hblkhd;
}

/* A cycle is a new host, so that what the host itself remembers of a life is not counted. */
static bool one_cycle(struct run *run)
{
    struct gwt *test = instance_started(run, run->yaml);
    if (!test)
        return false;
    gwt_run(test, instance_every_ms(run) + 1);
    gwt_stop(test);
    if (gwt_start(test) < 0)
        found_fault(run, "it does not start again after a stop: %s", gwt_last_error(test));
    gwt_free(test);
    return run->findings->faults_found == 0;
}

/* What the newest descriptors lead to, which is mostly enough to know who forgot them. */
static void name_files(char *out, size_t size)
{
    size_t used = 0;
    int named = 0;
    for (int fd = 1023; fd > 2 && named < 3; fd--) {
        char link[64], target[200];
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        ssize_t bytes = readlink(link, target, sizeof(target) - 1);
        if (bytes <= 0)
            continue;
        target[bytes] = '\0';
        int more = snprintf(out + used, size - used, "%s%s", named ? ", " : "", target);
        used += more > 0 && (size_t)more < size - used ? (size_t)more : 0;
        named++;
    }
}

/* Threads that were told to end may take a moment. */
static void settle(struct counts *now, const struct counts *before)
{
    int64_t until_ms = clock_monotonic_ms(clock_system()) + THREADS_END_MS;
    do
        count(now);
    while (now->threads > before->threads && clock_monotonic_ms(clock_system()) < until_ms &&
           usleep(1000) == 0);
}

static void judge(struct run *run, const struct counts *before, int cycles)
{
    struct counts now;
    settle(&now, before);
    if (now.files > before->files) {
        char names[700] = "";
        name_files(names, sizeof(names));
        found_fault(run, "%d descriptors are left open after %d cycles; the newest: %s",
                    now.files - before->files, cycles, names);
    }
    if (now.threads > before->threads)
        found_fault(run, "%d threads are left after %d cycles; end and join them in `stop`",
                    now.threads - before->threads, cycles);
    if (!run->sanitized && now.bytes > before->bytes + LEAST_BYTES &&
        now.bytes - before->bytes > (size_t)cycles * 8)
        found_fault(run,
                    "%zu bytes more memory after %d cycles, %zu each (what leaks, AddressSanitizer "
                    "says: see plugins/README.md)",
                    now.bytes - before->bytes, cycles,
                    (now.bytes - before->bytes) / (size_t)cycles);
    int orphans = step_orphans();
    if (orphans)
        found_fault(run, "%d child processes are left after %d cycles", orphans, cycles);
}

void phase_cycles(struct run *run, void *data)
{
    (void)data;
    mallopt(M_MXFAST, 0);
    mallopt(M_ARENA_MAX, 1);
    int first = run->cycles / 4 < 1 ? 1 : run->cycles / 4; /* libraries fill their caches */
    for (int i = 0; i < first; i++) {
        found_place(run, "cycle %d", i + 1);
        if (!one_cycle(run))
            return;
    }
    struct counts before;
    count(&before);
    for (int i = first; i < run->cycles; i++) {
        found_place(run, "cycle %d", i + 1);
        if (!one_cycle(run))
            return;
    }
    run->findings->place[0] = '\0';
    judge(run, &before, run->cycles - first);
}
