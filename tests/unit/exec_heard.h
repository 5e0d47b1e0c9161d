/* Hears what a dialect says and writes it down, a line a call, so that a test is text in and text
 * out:
 *   V group/name{label=value} 1.5 [unit] counter x0.1 @time min= max= every= w= c= "title" (help)
 *   T                      turn
 *   G group/name{labels}   gone
 *   S state severity subject "text" {labels} more
 *   W wish      E line:column why      O kind id json      N topic text
 * What is as usual (a gauge, scale 1, now, no limits) is left out. */
#ifndef EXEC_HEARD_H
#define EXEC_HEARD_H

#include "exec/dialect.h"

#include <stdio.h>

struct heard_text {
    const struct dialect_kind *kind;
    struct dialect *dialect;
    struct heard heard;
    char *text; /* what was said since the last look */
    size_t bytes;
    FILE *out;
    int64_t now_ms;
    size_t values, errors; /* of all its life */
};

void heard_open(struct heard_text *told, const struct dialect_kind *kind,
                struct dialect_options options);
void heard_close(struct heard_text *told);
void heard_lines(struct heard_text *told, unsigned run, const char *text); /* '\n' ends a line */
void heard_end(struct heard_text *told, unsigned run, int status);
/* What was said since the last look; its own until the next. */
const char *heard_look(struct heard_text *told);

/* Lines and an end go in, exactly `expected` comes out. */
void heard_expect(struct heard_text *told, unsigned run, const char *text, int status,
                  const char *expected);
/* The same of a stream that goes on. */
void heard_stream(struct heard_text *told, const char *text, const char *expected);

#endif
