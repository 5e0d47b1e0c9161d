/* host.c - the machine as a whole: load, how long it is up, who is on it, what the kernel does; and
 * the object that says what machine it is. */
#include "system.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

enum { USERS_MAX = 1000, OBJECT_MS = 300000 };

enum host_place {
    LOAD1,
    LOAD5,
    LOAD15,
    UPTIME,
    USERS,
    RUNNING,
    BLOCKED,
    CONTEXT_SWITCHES,
    INTERRUPTS,
    SOFTIRQS,
    FORKS,
    ENTROPY,
    FILES_OPEN,
    FILES_MAX,
    HOST_FIELDS,
    BOOTED = HOST_FIELDS, /* seconds since 1970 */
    PLACES
};

static const struct gw_field fields[] = {
    {"load1", GW_GAUGE, "1", "Load average of the last minute"},
    {"load5", GW_GAUGE, "1", "Load average of the last 5 minutes"},
    {"load15", GW_GAUGE, "1", "Load average of the last 15 minutes"},
    {"uptime", GW_GAUGE, "s", "Since the machine was started"},
    {"users", GW_GAUGE, "1", "Logins"},
    {"running", GW_GAUGE, "1", "Threads that run or want to"},
    {"blocked", GW_GAUGE, "1", "Threads that wait for disks"},
    {"context_switches", GW_COUNTER, "1", "From one thread to another"},
    {"interrupts", GW_COUNTER, "1", "Interrupts of all kinds"},
    {"softirqs", GW_COUNTER, "1", "Work left by interrupts"},
    {"forks", GW_COUNTER, "1", "Processes and threads that were made"},
    {"entropy", GW_GAUGE, "bit", "Of the kernel's random numbers"},
    {"files_open", GW_GAUGE, "1", "Open files of all programs"},
    {"files_max", GW_GAUGE, "1", "How many there may be"},
    {0},
};

static const struct key stat_keys[] = {
    {"ctxt", CONTEXT_SWITCHES, 1}, {"intr", INTERRUPTS, 1},
    {"softirq", SOFTIRQS, 1},      {"processes", FORKS, 1},
    {"procs_running", RUNNING, 1}, {"procs_blocked", BLOCKED, 1},
    {"btime", BOOTED, 1},          {0},
};

struct host {
    struct file stat, load, uptime, entropy, files;
    struct gw_series *series;
    int64_t put_ms; /* its object, monotonic; 0: not yet */
};

/* Records of struct utmpx, as who(1) reads them. NaN: there are none kept. */
static double count_users(const struct system *system)
{
    char path[400];
    struct utmpx entry;
    snprintf(path, sizeof path, "%s/run/utmp", system->roots.root);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return (double)NAN;
    double users = 0;
    for (int i = 0; i < USERS_MAX && read(fd, &entry, sizeof entry) == sizeof entry; i++)
        users += entry.ut_type == USER_PROCESS;
    close(fd);
    return users;
}

static void read_numbers(struct system *system, struct file *file, double *out, size_t count)
{
    const char *at = system_read(system, file);
    for (size_t i = 0; at && i < count; i++) {
        char *end;
        double value = strtod(at, &end);
        if (end == at)
            break;
        out[i] = value;
        at = end;
    }
}

static void name_of_system(const struct system *system, char *out, size_t size)
{
    char path[400], text[2048];
    snprintf(path, sizeof path, "%s/etc/os-release", system->roots.root);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[count > 0 ? count : 0] = '\0';
    const char *at = strstr(text, "PRETTY_NAME=\"");
    at = at ? at + strlen("PRETTY_NAME=\"") : "";
    snprintf(out, size, "%.*s", (int)strcspn(at, "\"\n"), at);
}

static json_t *text_or_null(const char *text)
{
    json_t *json = *text ? json_string(text) : NULL; /* NULL also: it is not UTF-8 */
    return json ? json : json_null();
}

static void put_object(struct system *system, const double values[PLACES])
{
    char name[128], kernel[128], os[128];
    file_line(system->roots.proc, "sys/kernel/hostname", name, sizeof name);
    file_line(system->roots.proc, "sys/kernel/osrelease", kernel, sizeof kernel);
    name_of_system(system, os, sizeof os);
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:o}", "name", text_or_null(name), "kernel", text_or_null(kernel), "os",
        text_or_null(os), "booted",
        isnan(values[BOOTED]) ? json_null() : json_integer((json_int_t)values[BOOTED] * 1000));
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text)
        gw_object_put(system->self, "system.host", "host", text);
    free(text);
    json_decref(json);
}

static void host_turn(struct system *system, void *data)
{
    struct host *host = data;
    double values[PLACES], files[3] = {(double)NAN, (double)NAN, (double)NAN};
    for (int i = 0; i < PLACES; i++)
        values[i] = (double)NAN;
    const char *text = system_read(system, &host->stat);
    if (text)
        text_keys(text, stat_keys, values);
    read_numbers(system, &host->load, &values[LOAD1], 3);
    read_numbers(system, &host->uptime, &values[UPTIME], 1);
    read_numbers(system, &host->entropy, &values[ENTROPY], 1);
    read_numbers(system, &host->files, files, 3); /* "9152	0	9223372036854775807" */
    values[FILES_OPEN] = files[0] - files[1];
    values[FILES_MAX] = files[2];
    values[USERS] = count_users(system);
    system_row(system, &host->series, "system.host", NULL, fields, values);
    if (host->put_ms == 0 || system->now_ms - host->put_ms >= OBJECT_MS) {
        put_object(system, values);
        host->put_ms = system->now_ms;
    }
}

static void *host_start(struct system *system)
{
    struct host *host = calloc(1, sizeof *host);
    if (!host)
        return NULL;
    const char *proc = system->roots.proc;
    file_init(&host->stat, proc, "stat");
    file_init(&host->load, proc, "loadavg");
    file_init(&host->uptime, proc, "uptime");
    file_init(&host->entropy, proc, "sys/kernel/random/entropy_avail");
    file_init(&host->files, proc, "sys/fs/file-nr");
    return host;
}

static void host_stop(void *data)
{
    struct host *host = data;
    if (!host)
        return;
    file_fini(&host->stat);
    file_fini(&host->load);
    file_fini(&host->uptime);
    file_fini(&host->entropy);
    file_fini(&host->files);
    free(host);
}

const struct part host_part = {"host", host_start, host_turn, host_stop};
