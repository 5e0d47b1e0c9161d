/* Lines for the operator, on stderr: "TIME LEVEL WHO: TEXT", or JSON. With the "<N>" level prefix
 * when stderr is systemd's journal.
 *
 * The one piece of process-wide state: a process has one stderr. Any thread. A line is at most
 * 3 KiB of text and is written by one write(2), so lines never mix. Never pass a secret. */
#ifndef GW_BASE_LOG_H
#define GW_BASE_LOG_H

#include <gnswatch/plugin.h> /* enum gw_severity */
#include <stdarg.h>

enum log_format { LOG_TEXT = 1, LOG_JSON };

void log_setup(enum gw_severity least, enum log_format format);
bool log_wants(enum gw_severity level);

/* Lines go to `sink` instead, from any thread (NULL: to stderr again). For a child that tells them
 * to its daemon. */
typedef void log_sink_fn(void *data, enum gw_severity level, const char *who, const char *text);
void log_divert(log_sink_fn *sink, void *data);

/* `who` is the part that speaks: "store", "api", or an instance's name. */
void log_line(enum gw_severity level, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_vline(enum gw_severity level, const char *who, const char *format, va_list args);

const char *severity_name(enum gw_severity level); /* "warning" */
int severity_parse(const char *name);              /* enum gw_severity, or -EINVAL */

#endif
