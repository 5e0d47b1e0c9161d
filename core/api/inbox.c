/* A list under a mutex, and a wake-up. */
#include "api/inbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct inbox {
    pthread_mutex_t lock;
    struct inbox_item *first, **last;
    uv_async_t *wake; /* NULL: closed */
    _Atomic int references;
};

struct inbox *inbox_new(uv_async_t *wake)
{
    struct inbox *inbox = calloc(1, sizeof(*inbox));
    if (!inbox)
        return NULL;
    pthread_mutex_init(&inbox->lock, NULL);
    inbox->last = &inbox->first;
    inbox->wake = wake;
    inbox->references = 1;
    return inbox;
}

struct inbox *inbox_ref(struct inbox *inbox)
{
    inbox->references++;
    return inbox;
}

void inbox_unref(struct inbox *inbox)
{
    if (!inbox || --inbox->references > 0)
        return;
    pthread_mutex_destroy(&inbox->lock);
    free(inbox);
}

void inbox_post(struct inbox *inbox, struct inbox_item *item, inbox_fn *fn, inbox_drop_fn *drop,
                void *data)
{
    *item = (struct inbox_item){.fn = fn, .drop = drop, .data = data};
    pthread_mutex_lock(&inbox->lock);
    bool open = inbox->wake != NULL;
    if (open) {
        *inbox->last = item;
        inbox->last = &item->next;
        uv_async_send(inbox->wake);
    }
    pthread_mutex_unlock(&inbox->lock);
    if (!open)
        drop(data);
}

void inbox_wake(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    if (inbox->wake)
        uv_async_send(inbox->wake);
    pthread_mutex_unlock(&inbox->lock);
}

static struct inbox_item *take_all(struct inbox *inbox, bool close)
{
    pthread_mutex_lock(&inbox->lock);
    struct inbox_item *items = inbox->first;
    inbox->first = NULL;
    inbox->last = &inbox->first;
    if (close)
        inbox->wake = NULL;
    pthread_mutex_unlock(&inbox->lock);
    return items;
}

void inbox_run(struct inbox *inbox, struct api *api)
{
    for (struct inbox_item *item = take_all(inbox, false); item;) {
        struct inbox_item *next = item->next; /* running it frees it */
        item->fn(api, item->data);
        item = next;
    }
}

void inbox_close(struct inbox *inbox)
{
    if (!inbox)
        return;
    for (struct inbox_item *item = take_all(inbox, true); item;) {
        struct inbox_item *next = item->next;
        item->drop(item->data);
        item = next;
    }
}
