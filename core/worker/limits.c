/* What a child costs, by /proc and its clock. A share of CPU is a bucket that fills as time goes
 * by: who has emptied it is stopped until there is something in it again. */
#include "conf/conf.h"
#include "worker/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum {
    BUCKET_S = 10,
    REFILL_MS = 200,
    MEMORY_MS = 1000,
    HELD_MS = 500,
    HELD_CPU_MS = 10, /* in which some 100 MiB can be filled */
    HELD_SELDOM_MS = 10000,
    BLOCK_BYTES = 512, /* of st_blocks */
    PROCESSES_SEEN_MAX = 512,
};

struct worker_limits worker_limits_of(const struct conf_instance *conf)
{
    const struct conf_limits *limits = &conf->limits;
    return (struct worker_limits){
        .memory_bytes = limits->memory_bytes,
        .cpu_percent = limits->cpu_percent,
        .files = limits->files,
        .series = limits->series,
        .processes = limits->processes,
        .events_per_s = limits->events_per_s,
        .user = conf->run_as,
        .hang_ms = limits->hang_ms,
    };
}

/* What a process and those it has started have used; one that has ended takes its part away. */
struct cost {
    int64_t cpu_ns, memory_bytes, rss_bytes;
    int64_t processes; /* without the first */
};

static int64_t kib_of(const char *line, const char *name)
{
    size_t length = strlen(name);
    return strncmp(line, name, length) == 0 ? strtoll(line + length, NULL, 10) * 1024 : 0;
}

/* Its own memory: what it has mapped from files is shared with the daemon. */
static void add_memory(pid_t pid, struct cost *cost)
{
    char path[64], line[256];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        cost->rss_bytes += kib_of(line, "VmRSS:");
        cost->memory_bytes += kib_of(line, "RssAnon:") + kib_of(line, "RssShmem:");
    }
    if (file)
        fclose(file);
}

/* What it holds in files that are memory (memfd, /dev/shm) and has not mapped is resident nowhere,
 * but it is memory all the same. */
static int64_t held_bytes(pid_t pid)
{
    char path[320];
    int64_t bytes = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *fds = opendir(path);
    for (struct dirent *entry; fds && (entry = readdir(fds)) != NULL;) {
        struct stat about;
        struct statfs system;
        snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, entry->d_name);
        if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && statfs(path, &system) == 0 &&
            system.f_type == TMPFS_MAGIC)
            bytes += (int64_t)about.st_blocks * BLOCK_BYTES;
    }
    if (fds)
        closedir(fds);
    return bytes;
}

static void add_cpu(pid_t pid, struct cost *cost)
{
    clockid_t id;
    struct timespec used;
    if (clock_getcpuclockid(pid, &id) == 0 && clock_gettime(id, &used) == 0)
        cost->cpu_ns += (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static struct cost cost_of(pid_t pid, bool with_others, bool with_memory)
{
    pid_t list[PROCESSES_SEEN_MAX] = {pid};
    size_t count = 1;
    struct cost cost = {0};
    for (size_t i = 0; i < count; i++) {
        add_cpu(list[i], &cost);
        if (with_memory)
            add_memory(list[i], &cost);
        if (with_others)
            count = process_children(list[i], list, count, PROCESSES_SEEN_MAX);
    }
    cost.processes = (int64_t)count - 1;
    return cost;
}

/* The bucket; stops and continues. */
static void share_cpu(struct worker_meter *meter, int64_t used_ns, int64_t passed_ns)
{
    double share = meter->limits->cpu_percent / 100;
    if (share <= 0)
        return;
    int64_t full_ns = (int64_t)(share * BUCKET_S * 1e9);
    meter->budget_ns += (int64_t)(share * (double)passed_ns) - used_ns;
    if (meter->budget_ns > full_ns)
        meter->budget_ns = full_ns;
    bool pause = meter->paused ? meter->budget_ns < (int64_t)(share * REFILL_MS * 1e6)
                               : meter->budget_ns < 0;
    if (pause != meter->paused)
        kill(-meter->pid, pause ? SIGSTOP : SIGCONT);
    meter->paused = pause;
}

static bool within(struct worker_meter *meter, const struct cost *cost)
{
    const struct worker_limits *limits = meter->limits;
    if (limits->memory_bytes > 0 && cost->memory_bytes > limits->memory_bytes) {
        snprintf(meter->why, sizeof(meter->why),
                 "it uses %.1f MiB of memory; its limit is %.1f MiB (limits: memory)",
                 (double)cost->memory_bytes / 1048576, (double)limits->memory_bytes / 1048576);
        return false;
    }
    if (limits->memory_bytes > 0 && meter->held_bytes > limits->memory_bytes) {
        snprintf(
            meter->why, sizeof(meter->why),
            "it holds %.1f MiB in files that are memory; its limit is %.1f MiB (limits: memory)",
            (double)meter->held_bytes / 1048576, (double)limits->memory_bytes / 1048576);
        return false;
    }
    if (limits->processes > 0 && cost->processes > limits->processes) {
        snprintf(meter->why, sizeof(meter->why),
                 "it has %lld processes; its limit is %lld (limits: processes)",
                 (long long)cost->processes, (long long)limits->processes);
        return false;
    }
    return true;
}

void worker_meter_init(struct worker_meter *meter, const struct worker_limits *limits, pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    *meter = (struct worker_meter){
        .limits = limits, .pid = pid, .statm_fd = open(path, O_RDONLY | O_CLOEXEC)};
}

void worker_meter_fini(struct worker_meter *meter)
{
    if (meter->statm_fd >= 0)
        close(meter->statm_fd);
    meter->statm_fd = -1;
}

/* All of it, what is shared with the daemon too: cheap to ask. */
static int64_t resident_bytes(int statm_fd)
{
    char text[128] = "";
    if (statm_fd < 0 || pread(statm_fd, text, sizeof(text) - 1, 0) < 0)
        text[0] = '\0';
    const char *second = strchr(text, ' ');
    return second ? strtoll(second, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

/* /proc's full text of it costs more than all else here, and nobody needs it while all that is
 * resident is within the limit. The kernel's own limit does not hold for memory that is shared, of
 * which it can have gigabytes within a second. */
static bool memory_is_due(struct worker_meter *meter, int64_t now_ns)
{
    int64_t most = meter->limits->memory_bytes, resident = resident_bytes(meter->statm_fd);
    bool alone = meter->limits->processes <= 0 && resident > 0;
    bool near = most > 0 && (meter->memory_bytes > most / 2 || resident > most);
    if (alone)
        meter->rss_bytes = resident;
    if (!near &&
        (alone || (meter->memory_ns && now_ns - meter->memory_ns < MEMORY_MS * INT64_C(1000000))))
        return false;
    meter->memory_ns = now_ns;
    return true;
}

/* Who has hardly worked since has not filled much either. */
static bool held_is_due(const struct worker_meter *meter, int64_t now_ns)
{
    int64_t passed_ns = now_ns - meter->held_ns, used_ns = meter->cpu_ns - meter->held_cpu_ns;
    return passed_ns > HELD_SELDOM_MS * INT64_C(1000000) ||
           (passed_ns > HELD_MS * INT64_C(1000000) &&
            (used_ns > HELD_CPU_MS * INT64_C(1000000) || used_ns < 0));
}

bool worker_meter_sample(struct worker_meter *meter, int64_t now_ns)
{
    bool first = meter->since_ns == 0, with_memory = memory_is_due(meter, now_ns);
    struct cost cost = cost_of(meter->pid, meter->limits->processes > 0, with_memory);
    int64_t used_ns = cost.cpu_ns - meter->cpu_ns, passed_ns = now_ns - meter->since_ns;
    used_ns = (used_ns < 0 ? 0 : used_ns) + meter->ours_ns - meter->ours_before_ns;
    meter->ours_before_ns = meter->ours_ns;
    if (first)
        meter->budget_ns = (int64_t)(meter->limits->cpu_percent / 100 * BUCKET_S * 1e9);
    else if (meter->paused)
        meter->paused_ns += passed_ns;
    share_cpu(meter, first ? 0 : used_ns, first ? 0 : passed_ns);
    meter->cpu_ns = cost.cpu_ns;
    if (held_is_due(meter, now_ns)) {
        meter->held_ns = now_ns;
        meter->held_cpu_ns = meter->cpu_ns;
        meter->held_bytes = held_bytes(meter->pid);
    }
    if (with_memory) {
        meter->rss_bytes = cost.rss_bytes;
        meter->memory_bytes = cost.memory_bytes;
    }
    meter->since_ns = now_ns;
    return within(meter, &cost);
}
