/* What optional services made for an instance and the host must release when it has stopped.
 *
 * The host holds a list head for each instance, hands it out by instance_keeps, and calls
 * keep_release_all after `stop`, before it releases the instance's timers and watches. */
#ifndef GW_PLUGIN_KEEP_H
#define GW_PLUGIN_KEEP_H

#include <stddef.h>

struct gw_plugin;

struct keep { /* embedded in the thing kept, which owns it */
    struct keep *next, **link;
    void (*release)(struct keep *keep); /* frees the thing, without calling the plugin */
};

struct keep **instance_keeps(struct gw_plugin *self); /* the host's; on the instance's thread */

static inline void keep_add(struct keep **list, struct keep *keep,
                            void (*release)(struct keep *keep))
{
    keep->release = release;
    keep->next = *list;
    keep->link = list;
    if (keep->next)
        keep->next->link = &keep->next;
    *list = keep;
}

static inline void keep_drop(struct keep *keep) /* also twice */
{
    if (!keep->link)
        return;
    *keep->link = keep->next;
    if (keep->next)
        keep->next->link = keep->link;
    keep->next = NULL;
    keep->link = NULL;
}

static inline void keep_release_all(struct keep **list)
{
    while (*list) {
        struct keep *keep = *list;
        keep_drop(keep);
        keep->release(keep);
    }
}

#endif
