/* One line, one write. */
#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static _Atomic int log_least = GW_INFO;
static _Atomic int log_as = LOG_TEXT;

static _Atomic bool log_to_journal = false;

static struct {
    log_sink_fn *fn;
    void *data;
} log_sink; /* set while there is one thread */

/* systemd says which device and inode its journal reads (systemd.exec(5), $JOURNAL_STREAM). */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat about;
    if (!stream || fstat(STDERR_FILENO, &about))
        return false;
    char own[64];
    snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)about.st_dev, (uintmax_t)about.st_ino);
    return strcmp(own, stream) == 0;
}

void log_setup(enum gw_severity least, enum log_format format)
{
    log_least = (int)least;
    log_as = (int)format;
    log_to_journal = stderr_is_journal();
}

void log_divert(log_sink_fn *sink, void *data)
{
    log_sink.fn = sink;
    log_sink.data = data;
}

/* sd-daemon(3): "<N>" before a line is its level. */
static void add_journal_level(enum gw_severity level, struct buf *line)
{
    static const char numbers[] = {
        [GW_DEBUG] = '7',   [GW_INFO] = '6',  [GW_NOTICE] = '5',
        [GW_WARNING] = '4', [GW_ERROR] = '3', [GW_CRITICAL] = '2',
    };
    bool known = level >= GW_DEBUG && level <= GW_CRITICAL;
    buf_printf(line, "<%c>", known ? numbers[level] : '6');
}

bool log_wants(enum gw_severity level)
{
    return (int)level >= log_least;
}

static const char *const names[] = {
    [GW_DEBUG] = "debug",     [GW_INFO] = "info",   [GW_NOTICE] = "notice",
    [GW_WARNING] = "warning", [GW_ERROR] = "error", [GW_CRITICAL] = "critical",
};

const char *severity_name(enum gw_severity level)
{
    return level >= GW_DEBUG && level <= GW_CRITICAL ? names[level] : "info";
}

int severity_parse(const char *name)
{
    for (int level = GW_DEBUG; level <= GW_CRITICAL; level++) {
        if (strcmp(names[level], name) == 0)
            return level;
    }
    return -EINVAL;
}

static void add_time(struct buf *line)
{
    int64_t now_ms = clock_wall_ms(clock_system());
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm utc;
    char text[32];
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    buf_printf(line, "%s.%03dZ", text, (int)(now_ms % 1000));
}

void log_vline(enum gw_severity level, const char *who, const char *format, va_list args)
{
    if (!log_wants(level))
        return;
    char text[3072];
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is the caller's, and set */
    vsnprintf(text, sizeof(text), format, args);
    if (log_sink.fn) {
        log_sink.fn(log_sink.data, level, who, text);
        return;
    }
    for (char *p = text; *p; p++) {
        if (((unsigned char)*p < 0x20 || *p == 0x7f) && log_as == LOG_TEXT)
            *p = ' '; /* one event, one line */
    }
    struct buf line;
    buf_init(&line, 32768);
    if (log_to_journal)
        add_journal_level(level, &line);
    if (log_as == LOG_JSON) {
        buf_adds(&line, "{\"time\":\"");
        add_time(&line);
        buf_printf(&line, "\",\"level\":\"%s\",\"who\":", severity_name(level));
        buf_json_string(&line, who);
        buf_adds(&line, ",\"text\":");
        buf_json_string(&line, text);
        buf_adds(&line, "}\n");
    } else {
        add_time(&line);
        buf_printf(&line, " %-7s %s: %s\n", severity_name(level), who, text);
    }
    if (line.len && write(STDERR_FILENO, line.data, line.len) < 0)
        buf_clear(&line); /* nowhere left to say so */
    buf_fini(&line);
}

void log_line(enum gw_severity level, const char *who, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_vline(level, who, format, args);
    va_end(args);
}
