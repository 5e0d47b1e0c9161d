/* procs.c - see procs.h. */
#include "procs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "127.0.0.1:4000", "[::1]:4000", "4000". */
static bool take_address(const char *text, struct proc *proc)
{
    const char *colon = strrchr(text, ':');
    const char *port = colon ? colon + 1 : text;
    size_t bytes = colon ? (size_t)(colon - text) : 0;
    if (bytes >= 2 && text[0] == '[' && text[bytes - 1] == ']') {
        text++;
        bytes -= 2;
    }
    char *end;
    long number = strtol(port, &end, 10);
    if (end == port || *end || number < 1 || number > 65535 || bytes >= sizeof proc->host)
        return false;
    proc->port = (int)number;
    memcpy(proc->host, text, bytes);
    proc->host[bytes] = '\0';
    if (bytes == 0 || strcmp(proc->host, "0.0.0.0") == 0 || strcmp(proc->host, "localhost") == 0)
        snprintf(proc->host, sizeof proc->host, "127.0.0.1");
    else if (strcmp(proc->host, "::") == 0)
        snprintf(proc->host, sizeof proc->host, "::1");
    return true;
}

bool procs_hypervisor(const char *words, size_t bytes, struct proc *proc)
{
    if (bytes == 0 || words[bytes - 1] != '\0')
        return false;
    const char *program = base_name(words), *end = words + bytes;
    if (strcmp(program, "ubridge") == 0)
        proc->kind = PROC_UBRIDGE;
    else if (strcmp(program, "dynamips") == 0)
        proc->kind = PROC_DYNAMIPS;
    else
        return false;
    for (const char *word = words; word < end; word += strlen(word) + 1) {
        const char *next = word + strlen(word) + 1;
        if (strncmp(word, "-H", 2) != 0)
            continue;
        if (word[2])
            return take_address(word + 2, proc);
        return next < end && take_address(next, proc);
    }
    return false;
}

/* Fields are counted as proc(5) does; the name is the second. */
enum {
    STAT_PARENT = 4,
    STAT_USER = 14,
    STAT_SYSTEM = 15,
    STAT_THREADS = 20,
    STAT_STARTED = 22,
    STAT_RSS = 24
};

static void take_name(const char *text, const char *end, struct proc *proc)
{
    const char *begin = memchr(text, '(', (size_t)(end - text));
    size_t bytes = begin ? (size_t)(end - ++begin) : 0;
    if (bytes >= sizeof proc->name)
        bytes = sizeof proc->name - 1;
    memcpy(proc->name, begin ? begin : "", bytes);
    proc->name[bytes] = '\0';
}

bool procs_stat(const char *text, struct proc *proc)
{
    const char *at = strrchr(text, ')'); /* the name may hold anything, also this */
    uint64_t fields[STAT_RSS + 1] = {0};
    if (!at || at[1] != ' ' || !at[2])
        return false;
    take_name(text, at, proc);
    proc->state = at[2];
    at += 3;
    for (int i = STAT_PARENT; i <= STAT_RSS; i++) {
        char *end;
        fields[i] = (uint64_t)strtoll(at, &end, 10);
        if (end == at)
            return false;
        at = end;
    }
    proc->parent = (pid_t)fields[STAT_PARENT];
    proc->cpu_ticks = fields[STAT_USER] + fields[STAT_SYSTEM];
    proc->threads = (int)fields[STAT_THREADS];
    proc->started = fields[STAT_STARTED];
    proc->rss_pages = fields[STAT_RSS];
    return true;
}

ssize_t procs_read(int dir, const char *pid, const char *name, char *buffer, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", pid, name);
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t count = read(fd, buffer, size - 1);
    int error = errno;
    close(fd);
    if (count < 0)
        return -error;
    buffer[count] = '\0';
    return count;
}

int procs_look(int dir, const char *pid, struct proc *proc)
{
    char text[1024];
    *proc = (struct proc){.kind = PROC_OTHER, .pid = (pid_t)strtol(pid, NULL, 10)};
    ssize_t count = procs_read(dir, pid, "stat", text, sizeof text);
    if (count < 0)
        return (int)count;
    return procs_stat(text, proc) ? 0 : -EBADMSG;
}

void procs_look_cwd(int dir, const char *pid, struct proc *proc)
{
    char path[64];
    snprintf(path, sizeof path, "%s/cwd", pid);
    ssize_t length = readlinkat(dir, path, proc->cwd, sizeof proc->cwd - 1);
    proc->cwd[length > 0 ? length : 0] = '\0';
}

static void look_at(int dir, const char *pid, procs_fn *visit, void *data)
{
    struct proc proc = {.kind = PROC_OTHER, .pid = (pid_t)strtol(pid, NULL, 10)};
    char text[4096] = "";
    procs_look_cwd(dir, pid, &proc);
    ssize_t count = procs_read(dir, pid, "cmdline", text, sizeof text);
    bool hypervisor = count > 0 && procs_hypervisor(text, (size_t)count, &proc);
    if (!hypervisor) {
        proc.kind = PROC_OTHER;
        if (!strstr(proc.cwd, "/project-files/"))
            return;
    }
    if (procs_read(dir, pid, "stat", text, sizeof text) > 0 && procs_stat(text, &proc))
        visit(&proc, data);
}

int procs_scan(const char *root, procs_fn *visit, void *data)
{
    DIR *dir = opendir(root);
    if (!dir)
        return -errno;
    int count = 0;
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (!isdigit((unsigned char)entry->d_name[0]) || strlen(entry->d_name) > 10)
            continue;
        look_at(dirfd(dir), entry->d_name, visit, data);
        count++;
    }
    closedir(dir);
    return count;
}
