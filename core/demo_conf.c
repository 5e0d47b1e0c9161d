/* demo_conf.c - see demo_conf.h. The texts are what a user's own files could look like. */
#include "demo_conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int write_file(const char *dir, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int write_file(const char *dir, const char *name, const char *format, ...)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.yaml", dir, name);
    FILE *file = fopen(path, "we");
    int error = file ? 0 : -errno;
    va_list list;
    va_start(list, format);
    if (file && vfprintf(file, format, list) < 0)
        error = -EIO;
    va_end(list);
    if (file && fclose(file))
        error = -errno;
    if (error)
        fprintf(stderr, "gnswatch demo: cannot write %s: %s\n", path, strerror(-error));
    return error;
}

/* What is watched, and where it is shown. */
static int write_sources(const char *dir, const struct demo_places *places)
{
    int error = write_file(dir, "gnswatch", "api:\n  listen: %s\n",
                           places->listen ? places->listen : "127.0.0.1:8088");
    /* One server of each GNS3 generation, so that both are seen. */
    if (!error)
        error = write_file(dir, "gns3",
                           "# The simulated labs of `gnswatch demo`.\n"
                           "servers:\n"
                           "  - name: campus\n    url: http://127.0.0.1:%d\n"
                           "  - name: datacenter\n    url: http://127.0.0.1:%d\n",
                           places->servers[0], places->servers[1]);
    if (!error)
        error = write_file(dir, "traffic",
                           "# The simulator's disk is no disk: captures cost nothing here.\n"
                           "captures: yes\n"
                           "watch:\n"
                           "  - {project: campus-core, priority: 8}\n"
                           "  - {project: \"*\", priority: 5}\n"
                           "idle:\n  after: 10m\n");
    if (!error)
        error = write_file(dir, "system", "# This machine itself, as it is.\nevery: 5s\n");
    if (!error)
        error = write_file(dir, "snapshot",
                           "# A lab is stopped, kept and started again while one looks on.\n"
                           "targets:\n  - name: elsewhere\n    directory: %s/../copies\n"
                           "schedules:\n"
                           "  - name: often\n    cron: \"*/2 * * * *\"\n"
                           "    projects: [ipv6-migration, branch-vpn]\n    mode: quiesce\n"
                           "    keep: {last: 3, hourly: 6}\n    targets: [elsewhere]\n"
                           "    ready_within: 0s\n" /* simulated consoles say nothing */
                           "drills:\n"
                           "  - name: now-and-then\n    cron: \"3-59/10 * * * *\"\n"
                           "    projects: [branch-vpn]\n",
                           dir);
    return error;
}

/* Programs of others: one in our own lines, and one as Nagios has them. */
static int write_programs(const char *dir)
{
    return write_file(
        dir, "exec",
        "# Two programs of a line each; see plugins/exec.\n"
        "items:\n"
        "  - name: room\n    protocol: jsonl\n    mode: each\n    every: 5s\n"
        "    command:\n      - awk\n      - |\n"
        "        BEGIN {\n"
        "          srand()\n"
        "          printf(\"{\\\"series\\\":\\\"room.climate\\\",\\\"values\\\":{\")\n"
        "          printf(\"\\\"temperature\\\":{\\\"value\\\":%%.1f,\\\"unit\\\":\\\"Cel\\\",\", "
        "21 + "
        "3 * rand())\n"
        "          printf(\"\\\"warning\\\":\\\"30\\\"},\")\n"
        "          "
        "printf(\"\\\"humidity\\\":{\\\"value\\\":%%.0f,\\\"unit\\\":\\\"%%%%\\\"}}}\\n\", 40 + "
        "10 * rand())\n"
        "        }\n"
        "  - name: load\n    protocol: nagios\n    every: 10s\n    attempts: 3\n"
        "    command:\n      - sh\n      - -c\n      - |\n"
        "        read -r one five rest </proc/loadavg\n"
        "        state=OK code=0\n"
        "        if [ \"${one%%.*}\" -ge 20 ]; then state=WARNING code=1; fi\n"
        "        echo \"LOAD $state - $one in a minute | load1=$one;20;40;0 load5=$five;20;40;0\"\n"
        "        exit $code\n");
}

/* Who is told, and how. */
static int write_sinks(const char *dir, const struct demo_places *places)
{
    int error = write_file(dir, "alert",
                           "# The default rules; their messages go to the demo's inbox.\n"
                           "receivers:\n"
                           "  - name: inbox\n"
                           "    send:\n"
                           "      - command: email.send\n"
                           "        with: {to: [team@example.org]}\n"
                           "      - command: webhook.send\n"
                           "        with: {hook: inbox}\n");
    if (!error)
        error = write_file(dir, "email",
                           "server: 127.0.0.1\nport: %d\nsecurity: none\n"
                           "from: gnswatch <gnswatch@example.org>\nto: [team@example.org]\n",
                           places->smtp);
    if (!error)
        error = write_file(dir, "webhook",
                           "hooks:\n  - name: inbox\n    url: http://127.0.0.1:%d/inbox\n",
                           places->control);
    if (!error)
        error = write_file(dir, "health",
                           "reports:\n"
                           "  - name: hourly\n    cron: \"0 * * * *\"\n    period: hourly\n"
                           "    send:\n"
                           "      - command: email.send\n"
                           "        with: {to: [team@example.org]}\n");
    return error ? error : write_file(dir, "prometheus", "# /metrics, as it is.\n");
}

int demo_conf_write(const char *dir, const struct demo_places *places)
{
    int error = write_sources(dir, places);
    if (!error)
        error = write_programs(dir);
    return error ? error : write_sinks(dir, places);
}
