/* Files that change: conf.d and the directories of plugins. On the daemon's loop. */
#ifndef GW_DAEMON_WATCH_H
#define GW_DAEMON_WATCH_H

#include "base/map.h"
#include "conf/conf.h"

#include <sys/types.h>
#include <uv.h>

enum { WATCH_DIRS_MAX = 17 }; /* conf.d, and so many of plugins */

struct daemon;

struct watch_dir {
    uv_fs_event_t handle;
    struct daemon_watch *watch;
    const char *path; /* the setup's */
    bool plugins;     /* else it is conf.d */
    bool on;
    dev_t device; /* what is watched, which may no longer be what is at `path` */
    ino_t inode;
};

struct daemon_watch {
    struct daemon *daemon; /* NULL: not started */
    struct watch_dir dirs[WATCH_DIRS_MAX];
    size_t count;
    uv_timer_t settle, look; /* after a change; for directories that went away */
    uint64_t first_ms;       /* the first change that has not been dealt with; 0: none */
    bool plugins_changed;
    unsigned looks;
    struct map refused;     /* file -> what was said of it, so that it is said once; owned */
    struct gw_values *seen; /* of gnswatch.yaml; owned */
};

void daemon_watch_start(struct daemon *daemon);
void daemon_watch_stop(struct daemon *daemon); /* the loop closes its handles */

#endif
