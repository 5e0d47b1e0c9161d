/* The daemon: all parts together, and its loop of signals, reloads and its own commands. */
#ifndef GW_DAEMON_H
#define GW_DAEMON_H

#include "nouns.h"

#include "api/api.h"
#include "daemon_watch.h"
#include "event_log.h"
#include "privileges.h"

#include <pthread.h>
#include <uv.h>

enum { DAEMON_CALLS_MAX = 64 };

struct daemon {
    struct setup *setup; /* the caller's */
    struct nouns nouns;
    struct conf *conf;             /* from its reading until the host takes it */
    struct gw_values *host_values; /* owned, as are the defaults of tables it does not have */
    struct gw_values *store_defaults, *api_defaults;
    struct store *store;
    struct api *api;
    struct privileges privileges;
    char *socket_path, *ports_file; /* owned */
    int lock_fd;

    uv_loop_t loop;
    uv_signal_t on_term, on_int, on_hup;
    uv_timer_t watchdog;
    uv_async_t wake;
    struct event_log event_log;
    struct daemon_watch watch;
    bool looped;

    pthread_mutex_t lock; /* calls of its own commands, waiting for the loop */
    struct gw_call *calls[DAEMON_CALLS_MAX];
    size_t call_count;
};

/* Opens everything, runs until a signal ends it, takes everything down. Returns the exit code.
 * `after_start` (NULL: none) is called once it listens. */
int daemon_run(struct daemon *daemon, struct setup *setup,
               void (*after_start)(struct daemon *daemon));

/* Reads conf.d again. 0, or -EINVAL with all problems in `problems`: then nothing has changed. */
int daemon_reload(struct daemon *daemon, struct problems *problems);
void daemon_end(struct daemon *daemon); /* on its own thread */

void daemon_print_problems(const struct problems *problems); /* to stderr */
void daemon_say_host_changes(const struct gw_values *now);

/* daemon_commands.c: gnswatch.reload and gnswatch.plugin.restart. */
int daemon_offer_commands(struct daemon *daemon);
void daemon_run_calls(struct daemon *daemon);
extern const struct gw_command daemon_commands[];

#endif
