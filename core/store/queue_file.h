/* What is behind gnswatch/queue.h: a bounded queue in a file of its own. One thread at a time.
 * Knows nothing of instances; time comes from a clock, so tests turn it.
 *
 * Seam for other hosts (libgnswatch-testing): core/plugin/queue.c makes gw_queue_* of this with
 * nothing but public gw_ functions and instance_keeps of plugin/keep.h. Whoever defines those can
 * link it as it is; after a played kill -9 releasing the keeps is right, for every change is with
 * the system when its function returns. */
#ifndef GW_STORE_QUEUE_FILE_H
#define GW_STORE_QUEUE_FILE_H

#include "base/clock.h"

#include <gnswatch/queue.h>

struct queue_file;

/* dir/NAME.queue; `options` is complete (any size it states). *file is made also when a damaged
 * file was put aside; then *note is a sentence about it. On an error *note says what is wrong. The
 * caller frees *note. `clock` is borrowed until queue_file_close. 0 or a negative errno. */
int queue_file_open(const char *dir, const struct gw_queue_options *options,
                    const struct clock *clock, struct queue_file **file, char **note);
void queue_file_close(struct queue_file *file); /* NULL is fine */

/* What happened since the last call that a person should know (damage met and put aside); NULL:
 * nothing. The caller frees it. */
char *queue_file_note(struct queue_file *file);

/* As their namesakes in gnswatch/queue.h say. */
int queue_file_put(struct queue_file *file, const char *key, const void *bytes, size_t count,
                   int64_t *id);
int queue_file_next(struct queue_file *file, int64_t after, struct gw_queue_item *item);
int queue_file_done(struct queue_file *file, int64_t id);
int queue_file_later(struct queue_file *file, int64_t id, int64_t due_ms, const char *why);
int queue_file_bury(struct queue_file *file, int64_t id, const char *why);
int queue_file_revive(struct queue_file *file, int64_t id);
int queue_file_flush(struct queue_file *file);
int queue_file_dead(struct queue_file *file, gw_queue_fn *visit, void *data);
int queue_file_waiting(struct queue_file *file, gw_queue_fn *visit, void *data);
void queue_file_count(const struct queue_file *file, struct gw_queue_counts *out);

/* When what is held back should be on disk, by the clock's monotonic time; 0: nothing is. */
int64_t queue_file_flush_due_ms(const struct queue_file *file);

#endif
