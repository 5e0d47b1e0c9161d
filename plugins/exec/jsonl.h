/* jsonl.h - our own lines (PROTOCOL.md), which can say more than other dialects: what a child can
 * be asked for, and its answers. */
#ifndef EXEC_JSONL_H
#define EXEC_JSONL_H

#include "dialect.h"

#include <jansson.h>

/* What dialect_jsonl tells. It is given `&….heard` and knows that the rest is around it. */
struct jsonl_heard {
    struct heard heard;
    /* `help` NULL: it is no longer offered. */
    void (*offer)(void *data, const char *name, const char *help);
    /* `error` NULL: it went well, and `result` is an object or NULL. */
    void (*answer)(void *data, int64_t id, const json_t *result, const char *error);
};

/* The line that asks; malloc'd, with its end. */
char *jsonl_ask(int64_t id, const char *name, const json_t *params);

#endif
