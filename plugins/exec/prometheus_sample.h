/* prometheus_sample.h - one sample of Prometheus's text: a name, labels, a value, a time. It knows
 * neither families nor what lines stood before. */
#ifndef EXEC_PROMETHEUS_SAMPLE_H
#define EXEC_PROMETHEUS_SAMPLE_H

#include "reader.h"

struct prometheus_sample { /* texts are in the line that was read */
    const char *name;
    struct labels labels;
    double value; /* may be NaN or infinite */
    bool timed;
    const char *time_at;
    int64_t time_ms;
};

/* Cuts `line`, which is in the reader's copy. False: told. */
bool prometheus_sample_read(struct reader *reader, char *line, struct prometheus_sample *sample);

/* [a-zA-Z_:][a-zA-Z0-9_:]*; behind it. `colons`: they belong to names of metrics only. */
char *prometheus_name_end(char *at, bool colons);

/* What stands between quotes: `at` is behind the first; escapes \\ \" \n are taken away in place.
 * Behind the last quote, or NULL: it does not end. */
char *prometheus_quoted(char *at);

#endif
