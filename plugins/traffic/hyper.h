/* hyper.h - a conversation with one hypervisor (uBridge or dynamips) over TCP: commands go out in
 * order, answers come back in order. Never blocks. Knows the form of the protocol, not what is
 * asked; who asks keeps to questions (list, get_stats), for a hypervisor lets anybody do anything.
 * On the instance's thread. */
#ifndef TRAFFIC_HYPER_H
#define TRAFFIC_HYPER_H

#include <gnswatch/plugin.h>

struct hyper;

/* The lines of an answer, codes taken off, each ending in '\n'; "" for none. `code` is 100 when all
 * went well, the hypervisor's own (200 to 299) when it refused, or a negative errno: no answer.
 * `text` is the last line's. */
struct hyper_answer {
    int code;
    const char *lines, *text;
};
typedef void hyper_answer_fn(const struct hyper_answer *answer, void *data, uint64_t tag);

/* Connects; `host` is a numeric address. NULL: no memory. `data` is for all answers. */
struct hyper *hyper_new(struct gw_plugin *self, const char *host, int port,
                        hyper_answer_fn *on_answer, void *data);
/* What waits is not answered any more. Not from within an answer. NULL is fine. */
void hyper_free(struct hyper *hyper);

enum { HYPER_ASKS_MAX = 2048 };
/* 0; -EAGAIN: too many wait; -ENOTCONN: it is broken. `command` without the line's end. */
int hyper_ask(struct hyper *hyper, const char *command, uint64_t tag);

bool hyper_broken(const struct hyper *hyper); /* free it, and make a new one later */
size_t hyper_waiting(const struct hyper *hyper);
const char *hyper_why(const struct hyper *hyper); /* why it is broken; "" */

#endif
