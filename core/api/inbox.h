/* Work handed from other threads to the service thread.
 *
 * Counted references: a call or a query that ends after the API has stopped still finds its inbox,
 * closed. Each item belongs to a request under way, so their number is bounded by what bounds
 * requests. Threads: any. */
#ifndef GW_API_INBOX_H
#define GW_API_INBOX_H

#include <stdbool.h>
#include <uv.h>

struct api;
struct inbox;

typedef void inbox_fn(struct api *api, void *data); /* on the service thread */
typedef void inbox_drop_fn(void *data);             /* on any thread, when the API is gone */

struct inbox *inbox_new(uv_async_t *wake); /* one reference; wake: borrowed until inbox_close */
struct inbox *inbox_ref(struct inbox *inbox);
void inbox_unref(struct inbox *inbox);
/* Runs `fn` soon, or `drop` at once when closed. Never fails: the caller's `data` begins with a
 * struct inbox_item. */
struct inbox_item {
    struct inbox_item *next;
    inbox_fn *fn;
    inbox_drop_fn *drop;
    void *data;
};
void inbox_post(struct inbox *inbox, struct inbox_item *item, inbox_fn *fn, inbox_drop_fn *drop,
                void *data);
void inbox_wake(struct inbox *inbox); /* only wakes the loop */
void inbox_run(struct inbox *inbox, struct api *api);
void inbox_close(struct inbox *inbox); /* drops what waits; `wake` is not used after */

#endif
