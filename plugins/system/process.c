/* process.c - one process: what it is, and what it takes. */
#include "processes_internal.h"

#include "file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a process is may change once or twice in its youth (fork, exec). */
enum { LOOKS = 3, FILES_MAX = 100000 };

/* ---- What it is ------------------------------------------------------------------------------ */

enum program program_of(const char *words)
{
    static const char *const emulators[] = {"vpcs",         "traceng",      "VBoxHeadless",
                                            "VirtualBoxVM", "vmware-vmx",   "iouyap",
                                            "qemu-kvm",     "qemu-system-*"};
    const char *slash = strrchr(words, '/'), *name = slash ? slash + 1 : words;
    if (strcmp(name, "ubridge") == 0)
        return PROGRAM_UBRIDGE;
    if (strcmp(name, "dynamips") == 0)
        return PROGRAM_DYNAMIPS;
    for (size_t i = 0; i < sizeof emulators / sizeof emulators[0]; i++) {
        size_t bytes = strcspn(emulators[i], "*");
        bool begins = strncmp(name, emulators[i], bytes) == 0;
        if (begins && (emulators[i][bytes] == '*' || !name[bytes]))
            return PROGRAM_EMULATOR;
    }
    return PROGRAM_OTHER;
}

bool container_of(const char *cgroup, char out[CONTAINER_TEXT + 1])
{
    for (const char *at = cgroup; *at;) {
        size_t bytes = 0;
        while (isxdigit((unsigned char)at[bytes]))
            bytes++;
        if (bytes == CONTAINER_TEXT) {
            memcpy(out, at, bytes);
            out[bytes] = '\0';
            return true;
        }
        at += bytes + (at[bytes] != '\0');
    }
    out[0] = '\0';
    return false;
}

/* Words that end with NUL each, joined by spaces. */
static void join(char *words, size_t bytes)
{
    while (bytes > 0 && words[bytes - 1] == '\0')
        bytes--;
    for (size_t i = 0; i < bytes; i++)
        if (words[i] == '\0')
            words[i] = ' ';
}

static void keep(char **place, const char *text)
{
    if (*place && text && strcmp(*place, text) == 0)
        return;
    free(*place);
    *place = text ? strdup(text) : NULL;
}

static void look_container(struct process *process, int dir, const char *pid)
{
    char text[2048];
    process->container[0] = '\0';
    if (procs_read(dir, pid, "cgroup", text, sizeof text) > 0)
        container_of(text, process->container);
}

/* `words` are those of its command line, HINT_MAX at most. */
static void look_what(struct processes *processes, struct process *process, const char *pid,
                      struct proc *proc, char *words, ssize_t bytes)
{
    int dir = dirfd(processes->dir);
    procs_look_cwd(dir, pid, proc);
    process->hidden = !*proc->cwd;
    process->program = program_of(words);
    join(words, (size_t)bytes);
    look_container(process, dir, pid);
    bool labs = process->program != PROGRAM_OTHER || strstr(proc->cwd, "/project-files/") ||
                strstr(words, "/project-files/") || process->hidden || *process->container;
    keep(&process->cwd, labs && *proc->cwd ? proc->cwd : NULL);
    keep(&process->command, labs ? words : NULL);
    process->matched = 0;
}

/* The GNS3 server is a script of Python's: its name is in its command line. */
static bool is_gns3(const char *command)
{
    return strstr(command, "gns3server") != NULL;
}

void process_look(struct processes *processes, struct process *process, const char *pid,
                  const struct proc *proc)
{
    char words[HINT_MAX];
    bool zombie = proc->state == 'Z' || proc->state == 'X';
    if (zombie && process->state != 'Z') { /* what it was before counts no more */
        process->since_ms = 0;
        process->told = false;
    }
    process->parent = proc->parent;
    process->state = zombie ? 'Z' : proc->state;
    snprintf(process->name, sizeof process->name, "%.31s", proc->name);
    process->more_ticks = process->measured && proc->cpu_ticks > process->cpu_ticks
                              ? proc->cpu_ticks - process->cpu_ticks
                              : 0;
    process->cpu_ticks = proc->cpu_ticks;
    process->threads = proc->threads;
    process->memory_bytes = (double)proc->rss_pages * (double)sysconf(_SC_PAGESIZE);
    if (process->looks < LOOKS && !zombie) {
        struct proc more = *proc;
        process->looks++;
        ssize_t bytes = procs_read(dirfd(processes->dir), pid, "cmdline", words, sizeof words);
        if (bytes > 0)
            look_what(processes, process, pid, &more, words, bytes);
        else
            process->looks = LOOKS; /* the kernel's own */
        process->gns3 = bytes > 0 && is_gns3(words);
    }
    processes->gns3_now |= process->gns3 && !zombie;
}

/* ---- What it takes --------------------------------------------------------------------------- */

/* The directory of a scan may be closed by now. */
static ssize_t read_of(const struct processes *processes, const char *pid, const char *name,
                       char *text, size_t size)
{
    int dir = open(processes->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ssize_t count = dir >= 0 ? procs_read(dir, pid, name, text, size) : -errno;
    if (dir >= 0)
        close(dir);
    return count;
}

static bool value_of(const char *text, const char *key, double *out)
{
    const struct key keys[] = {{key, 0, 1}, {0}};
    return text_keys(text, keys, out) > 0;
}

static void measure_io(struct processes *processes, struct process *process, const char *pid)
{
    char text[512];
    double got = 0, put = 0;
    process->more_read = process->more_written = 0;
    process->io_known = false;
    if (read_of(processes, pid, "io", text, sizeof text) <= 0 ||
        !value_of(text, "read_bytes", &got) || !value_of(text, "write_bytes", &put))
        return;
    process->io_known = true;
    uint64_t now_read = (uint64_t)got, now_written = (uint64_t)put;
    if (process->measured && now_read > process->read_bytes)
        process->more_read = now_read - process->read_bytes;
    if (process->measured && now_written > process->written_bytes)
        process->more_written = now_written - process->written_bytes;
    process->read_bytes = now_read;
    process->written_bytes = now_written;
}

/* Since Linux 6.2 the directory's size is their number. */
static void measure_files(struct processes *processes, struct process *process, const char *pid)
{
    char path[PATH_MAX_BYTES];
    struct stat what;
    process->files = (double)NAN;
    snprintf(path, sizeof path, "%s/%s/fd", processes->root, pid);
    if (stat(path, &what) < 0 || access(path, R_OK) < 0)
        return;
    if (what.st_size > 0) {
        process->files = (double)what.st_size;
        return;
    }
    DIR *dir = opendir(path);
    if (!dir)
        return;
    double count = 0;
    const struct dirent *entry;
    while (count < FILES_MAX && (entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    closedir(dir);
    process->files = count;
}

static void measure_pss(struct processes *processes, struct process *process, const char *pid,
                        int64_t now_ms)
{
    char text[2048];
    double kibibytes;
    bool due = process->pss_ms == 0 || now_ms - process->pss_ms >= processes->pss_every_ms;
    if (processes->pss_every_ms <= 0 || !due || processes->pss_left == 0)
        return;
    processes->pss_left--;
    process->pss_ms = now_ms;
    if (read_of(processes, pid, "smaps_rollup", text, sizeof text) > 0 &&
        value_of(text, "Pss", &kibibytes))
        process->pss_bytes = kibibytes * 1024;
}

void process_measure(struct processes *processes, struct process *process, int64_t now_ms)
{
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)process->pid);
    measure_io(processes, process, pid);
    measure_files(processes, process, pid);
    measure_pss(processes, process, pid, now_ms);
    process->measured = true;
}
