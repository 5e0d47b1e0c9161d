/* strays.c - see strays.h. What has lost its parent is given to the first process, or to one of
 * those above us that asked for it; only those are looked at closer. */
#include "strays.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ABOVE_US_MAX = 16, ENVIRON_BYTES = 16 * 1024 };

struct place { /* of a process among the others */
    pid_t parent, group, session;
};

struct look {
    pid_t above[ABOVE_US_MAX];
    size_t above_count;
    char text[ENVIRON_BYTES];
};

static ssize_t read_text(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd >= 0 ? read(fd, out, size - 1) : -1;
    if (fd >= 0)
        close(fd);
    out[count > 0 ? count : 0] = '\0';
    return count;
}

/* "pid (name) state parent group session …"; false: it has gone, or is dead. */
static bool place_of(pid_t pid, struct place *place)
{
    char text[512];
    char *at = read_text(pid, "stat", text, sizeof text) > 0 ? strrchr(text, ')') : NULL;
    if (!at || strlen(at) < 4 || at[2] == 'Z')
        return false;
    at += 3;
    place->parent = (pid_t)strtol(at, &at, 10);
    place->group = (pid_t)strtol(at, &at, 10);
    place->session = (pid_t)strtol(at, &at, 10);
    return true;
}

static void find_above(struct look *look)
{
    struct place place;
    look->above[look->above_count++] = 1;
    for (pid_t pid = getppid(); pid > 1 && look->above_count < ABOVE_US_MAX; pid = place.parent) {
        look->above[look->above_count++] = pid;
        if (!place_of(pid, &place))
            break;
    }
}

static bool is_orphan(const struct look *look, const struct place *place)
{
    for (size_t i = 0; i < look->above_count; i++)
        if (look->above[i] == place->parent)
            return true;
    return false;
}

/* Its item, when its environment bears the mark of the instance. */
static bool is_marked(struct look *look, pid_t pid, uint32_t instance, uint32_t *item)
{
    ssize_t bytes = read_text(pid, "environ", look->text, sizeof look->text);
    const char *end = look->text + (bytes > 0 ? bytes : 0), *at = look->text;
    for (; at < end; at += strlen(at) + 1) {
        char *dot = NULL;
        if (strncmp(at, STRAYS_VARIABLE "=", sizeof STRAYS_VARIABLE) != 0)
            continue;
        bool ours = strtoul(at + sizeof STRAYS_VARIABLE, &dot, 16) == instance && *dot == '.';
        *item = ours ? (uint32_t)strtoul(dot + 1, NULL, 16) : 0;
        return ours;
    }
    return false;
}

void strays_mark(char mark[STRAYS_MARK_BYTES], uint32_t instance, uint32_t item)
{
    snprintf(mark, STRAYS_MARK_BYTES, "%08x.%08x", (unsigned)instance, (unsigned)item);
}

void strays_look(uint32_t instance, stray_fn *on_stray, void *data)
{
    struct look *look = calloc(1, sizeof *look);
    DIR *folder = look ? opendir("/proc") : NULL;
    if (look)
        find_above(look);
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        struct place place;
        struct stray stray = {.pid = pid};
        if (!isdigit((unsigned char)entry->d_name[0]) || pid <= 1 || !place_of(pid, &place) ||
            !is_orphan(look, &place) || !is_marked(look, pid, instance, &stray.item))
            continue;
        stray.session = place.session;
        on_stray(data, &stray);
    }
    if (folder)
        closedir(folder);
    free(look);
}

void stray_end(const struct stray *stray)
{
    struct place place;
    if (place_of(stray->pid, &place) && place.group == stray->pid)
        kill(-stray->pid, SIGKILL);
    kill(stray->pid, SIGKILL);
}
