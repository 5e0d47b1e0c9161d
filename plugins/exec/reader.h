/* reader.h - what every dialect keeps: whom it tells, which line it is at, and how it says what it
 * could not read. It knows no protocol. Not for several threads. */
#ifndef EXEC_READER_H
#define EXEC_READER_H

#include "dialect.h"

enum { READER_SHOWN_BYTES = 200, READER_LABELS_MAX = 64, READER_ERRORS_MAX = 20 };

struct reader {
    struct dialect_options options; /* what it points to is the caller's */
    struct heard heard;
    char *source; /* owned: the line as it came; NULL: none yet */
    char *copy;   /* behind it: the line again, to be cut up in place */
    size_t room;
    unsigned line;   /* counted from 1; 0: none yet */
    unsigned errors; /* told of this line */
};

/* Something bounded of which what is too much is left out: told once, counted after. */
struct limit {
    const char *what; /* "charts" */
    size_t max, count, refused;
};

void reader_init(struct reader *reader, const struct dialect_options *options,
                 const struct heard *heard);
void reader_fini(struct reader *reader);

/* Counts the line and makes a copy of it that lives until the next; words are cut out of the copy
 * without moving, so that a place in it is a column. NULL: no memory (told). */
char *reader_begin(struct reader *reader, const char *line);
void reader_rewind(struct reader *reader); /* a run has ended: lines count anew */

/* `at`: a place in the copy; NULL, or elsewhere: the line's beginning. Of one line the first 20 are
 * told, so that a long one costs little. */
void reader_error(struct reader *reader, const char *at, const char *why, ...) GW_PRINTF(3, 4);

/* Says it; what is infinite is none. */
void reader_value(const struct reader *reader, const struct metric *metric, int64_t time_ms,
                  double value);

/* False, and told once, when there are already `max`; else counts one more. */
bool limit_take(struct limit *limit, struct reader *reader, const char *at);
void limit_sum(struct limit *limit, struct reader *reader); /* tells how many were refused */

#define METRIC_PLAIN .kind = GW_GAUGE, .scale = 1, .min = NAN, .max = NAN

struct labels {
    struct gw_label list[READER_LABELS_MAX + 1]; /* ends with {0} */
    size_t count;
};

/* Borrowed texts. Nothing happens for a NULL or empty value, or when it is full (false). */
bool labels_add(struct labels *labels, const char *name, const char *value);

#endif
