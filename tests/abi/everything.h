/* What the files of the plugin `everything` share. Includes only the kept headers of one version.
 */
#ifndef EVERYTHING_H
#define EVERYTHING_H

#include <gnswatch/http.h>
#include <gnswatch/plugin.h>

#define TEXT(x)  #x
#define QUOTE(x) TEXT(x)
#define PLUGIN   QUOTE(NAME)

/* What must have happened, as bits. Once all has, the event NAME.complete is said. */
enum done {
    DONE_OPTIONS = 1 << 0,
    DONE_SERIES = 1 << 1,
    DONE_OBJECTS = 1 << 2,
    DONE_EVENT = 1 << 3,
    DONE_ASKED = 1 << 4,
    DONE_TIMER = 1 << 5,
    DONE_WATCH = 1 << 6,
    DONE_POST = 1 << 7,
    DONE_HTTP = 1 << 8,
    DONE_TELLING = 1 << 9,
#if GW_ABI_MINOR >= 1
    DONE_SINCE = 1 << 10,
    DONE_FOLLOW = 1 << 11,
    DONE_QUERY = 1 << 12,
    DONE_QUEUE = 1 << 13,
    DONE_TIME = 1 << 14,
    DONE_TEXT = 1 << 15,
    DONE_ALL = (1 << 16) - 1,
#else
    DONE_ALL = (1 << 10) - 1,
#endif
};

struct everything {
    unsigned done;
    int pipe[2];
    struct gw_series *series;
    struct gw_timer *timer;
    struct gw_watch *watch;
    struct gw_http *http;
    void *more; /* of everything_1_1.c; owned by it */
};

/* Records that `what` is done, or that it went wrong. */
void everything_expect(struct gw_plugin *self, bool good, unsigned done, const char *what);

#if GW_ABI_MINOR >= 1 /* everything_1_1.c */
int everything_more_start(struct gw_plugin *self, struct everything *all);
void everything_more_tick(struct gw_plugin *self, struct everything *all);
void everything_more_stop(struct everything *all);
void everything_more_call(struct gw_plugin *self, struct gw_call *call);
extern const struct gw_page everything_pages[];
#endif

#endif
