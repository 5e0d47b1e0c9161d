/* What is opened in which order, and how it all ends. The API is first to speak, so that a browser
 * sees the host while its plugins start. */
#include "daemon.h"

#include "base/log.h"
#include "cli.h"
#include "notify.h"
#include "state_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOST_STOP_MS = 2500, STORE_CLOSE_MS = 2000 };

/* Prints and frees a sentence; returns the exit code. */
static int fail(char *why, int code)
{
    fprintf(stderr, "gnswatch: %s\n", why ? why : "out of memory");
    free(why);
    return code;
}

void daemon_print_problems(const struct problems *problems)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    problems_print(problems, &text);
    fprintf(stderr, "%s\n", text.data ? text.data : "out of memory");
    buf_fini(&text);
}

/* ---- opening ---- */

/* Mistakes in conf.d are for who starts us; a plugin's file that breaks as it is loaded, maybe
 * since an upgrade, costs its own instances only. */
static bool only_plugins_fail(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (!problems->list[i].unusable)
            return false;
    }
    return problems->count > 0 && !problems->left_off;
}

static void leave_out(void *data, const char *file, const struct problems *problems)
{
    (void)data, (void)problems; /* they have been printed */
    log_line(GW_ERROR, "host", "%s is left out; its plugin is tried again", file);
}

static struct conf *load_others(struct daemon *daemon)
{
    struct problems problems;
    problems_init(&problems);
    struct conf_tables tables = host_tables(daemon->nouns.host, host_options);
    struct conf *conf =
        conf_load_each(daemon->setup->conf_dir, &tables, &problems, leave_out, NULL);
    problems_fini(&problems);
    return conf;
}

static int read_conf(struct daemon *daemon)
{
    struct problems problems;
    problems_init(&problems);
    daemon->conf = setup_load(daemon->setup, daemon->nouns.host, &problems);
    if (!daemon->conf)
        daemon_print_problems(&problems);
    if (!daemon->conf && only_plugins_fail(&problems))
        daemon->conf = load_others(daemon);
    if (!daemon->conf && access(daemon->setup->conf_dir, F_OK))
        setup_say_first_steps(daemon->setup);
    problems_fini(&problems);
    if (!daemon->conf)
        return EXIT_USAGE;
    daemon->host_values = daemon->conf->host;
    daemon->conf->host = NULL;
    setup_log(daemon->host_values);
    return EXIT_CLEAN;
}

/* A table of gnswatch.yaml, or its defaults when the file does not have it. */
static const struct gw_values *host_table(struct daemon *daemon, const char *name,
                                          const struct gw_row *rows, struct gw_values **own)
{
    const struct gw_values *given = gw_table_at(daemon->host_values, name, 0);
    struct problems problems;
    if (given)
        return given;
    problems_init(&problems);
    *own = values_from_json(rows, NULL, &problems);
    problems_fini(&problems);
    return *own;
}

static int open_store(struct daemon *daemon)
{
    char *why = NULL;
    struct store_parts parts = {
        .clock = clock_system(),
        .metric = daemon->nouns.metric,
        .objects = daemon->nouns.objects,
        .bus = daemon->nouns.bus,
        .commands = daemon->nouns.commands,
        .dir = daemon->setup->state_dir,
        .exe = daemon->setup->store_program,
        .rrd_module = daemon->setup->rrd_module,
        .options = host_table(daemon, "store", store_options, &daemon->store_defaults),
    };
    return store_open(&parts, &daemon->store, &why) ? fail(why, EXIT_FAILED) : EXIT_CLEAN;
}

static int start_api(struct daemon *daemon)
{
    char *why = NULL;
    const char *dir = daemon->setup->state_dir;
    if (asprintf(&daemon->socket_path, "%s/gnswatch.sock", dir) < 0 ||
        asprintf(&daemon->ports_file, "%s/gnswatch.ports", dir) < 0)
        return fail(NULL, EXIT_FAILED);
    struct api_parts parts = {
        .clock = clock_system(),
        .metric = daemon->nouns.metric,
        .objects = daemon->nouns.objects,
        .bus = daemon->nouns.bus,
        .commands = daemon->nouns.commands,
        .store = daemon->store,
        .host = daemon->nouns.host,
        .web_dir = daemon->setup->web_dir,
        .socket_path = daemon->socket_path,
        .ports_file = daemon->ports_file,
        .options = host_table(daemon, "api", api_options, &daemon->api_defaults),
    };
    if (api_start(&parts, &daemon->api, &why))
        return fail(why, EXIT_FAILED);
    host_use(daemon->nouns.host, daemon->store, api_url(daemon->api));
    return EXIT_CLEAN;
}

/* Files belong to the user it becomes, the port may be one that only root may take. */
static int open_as_user(struct daemon *daemon)
{
    char *why = NULL;
    if (!privileges_find(&daemon->privileges, gw_string(daemon->host_values, "user"), &why))
        return fail(why, EXIT_USAGE);
    const struct privileges *privileges = &daemon->privileges;
    if (privileges->dropping &&
        (fchown(daemon->lock_fd, privileges->uid, privileges->gid) ||
         chown(daemon->setup->state_dir, privileges->uid, privileges->gid) ||
         !privileges_lend(privileges)))
        return fail(strdup("cannot become the user of gnswatch.yaml"), EXIT_FAILED);
    int code = open_store(daemon);
    if (code)
        return code;
    if (!privileges_return(privileges))
        return fail(strdup("cannot become root again to listen"), EXIT_FAILED);
    code = start_api(daemon);
    if (!code && privileges->dropping &&
        (chown(daemon->socket_path, privileges->uid, privileges->gid) ||
         chown(daemon->ports_file, privileges->uid, privileges->gid)))
        log_line(GW_WARNING, "host", "cannot hand %s over: %s", daemon->socket_path,
                 strerror(errno));
    if (!code && !privileges_drop(privileges))
        return fail(strdup("cannot become the user of gnswatch.yaml"), EXIT_FAILED);
    return code;
}

static int open_all(struct daemon *daemon)
{
    char *why = NULL;
    daemon->lock_fd = state_dir_hold(daemon->setup->state_dir, &why);
    if (daemon->lock_fd < 0)
        return fail(why, EXIT_FAILED);
    if (!nouns_open(&daemon->nouns, daemon->setup))
        return EXIT_FAILED;
    event_log_start(&daemon->event_log, &daemon->loop, daemon->nouns.bus);
    int code = read_conf(daemon);
    if (!code && daemon_offer_commands(daemon))
        code = fail(NULL, EXIT_FAILED);
    return code ? code : open_as_user(daemon);
}

/* ---- the loop ---- */

void daemon_end(struct daemon *daemon)
{
    uv_stop(&daemon->loop);
}

static void on_end(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;
    log_line(GW_INFO, "host", "%s: stopping", number == SIGTERM ? "SIGTERM" : "SIGINT");
    daemon_end(daemon);
}

void daemon_say_host_changes(const struct gw_values *now)
{
    setup_log(now);
    log_line(GW_NOTICE, "host",
             "gnswatch.yaml has changed: log settings apply now, the rest after a restart");
}

static void warn_of_host_changes(struct daemon *daemon, struct gw_values *now)
{
    if (values_equal(daemon->host_values, now)) {
        values_free(now);
        return;
    }
    daemon_say_host_changes(now);
    values_free(now); /* the API and the store hold the old ones */
}

int daemon_reload(struct daemon *daemon, struct problems *problems)
{
    notify_reloading();
    struct conf *conf = setup_load(daemon->setup, daemon->nouns.host, problems);
    int error = conf ? 0 : -EINVAL;
    if (conf) {
        struct gw_values *now = conf->host;
        conf->host = NULL;
        warn_of_host_changes(daemon, now);
        error = host_apply(daemon->nouns.host, conf);
    }
    struct gw_event event = {
        .topic = error ? "gnswatch.reload.refused" : "gnswatch.reload.done",
        .severity = error ? GW_ERROR : GW_INFO,
        .source = "gnswatch",
        .text = error ? "The configuration has mistakes; everything goes on as before."
                      : "The configuration was read again.",
    };
    bus_emit(daemon->nouns.bus, &event);
    notify_systemd("READY=1");
    return error;
}

static void on_reload(uv_signal_t *handle, int number)
{
    (void)number;
    struct problems problems;
    problems_init(&problems);
    if (daemon_reload(handle->data, &problems)) {
        log_line(GW_ERROR, "host", "the configuration has mistakes; everything goes on as before");
        daemon_print_problems(&problems);
    }
    problems_fini(&problems);
}

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    notify_systemd("WATCHDOG=1");
}

static void on_wake(uv_async_t *handle)
{
    daemon_run_calls(handle->data);
}

static void init_loop(struct daemon *daemon)
{
    int64_t watchdog_ms = notify_watchdog_ms();
    uv_loop_init(&daemon->loop);
    uv_signal_init(&daemon->loop, &daemon->on_term);
    uv_signal_init(&daemon->loop, &daemon->on_int);
    uv_signal_init(&daemon->loop, &daemon->on_hup);
    uv_timer_init(&daemon->loop, &daemon->watchdog);
    uv_async_init(&daemon->loop, &daemon->wake, on_wake);
    daemon->on_term.data = daemon->on_int.data = daemon->on_hup.data = daemon;
    daemon->wake.data = daemon;
    uv_signal_start(&daemon->on_term, on_end, SIGTERM);
    uv_signal_start(&daemon->on_int, on_end, SIGINT);
    uv_signal_start(&daemon->on_hup, on_reload, SIGHUP);
    if (watchdog_ms > 0)
        uv_timer_start(&daemon->watchdog, on_watchdog, 0, (uint64_t)watchdog_ms);
    daemon->looped = true;
}

static void close_handle(uv_handle_t *handle, void *data)
{
    (void)data;
    uv_close(handle, NULL);
}

static void fini_loop(struct daemon *daemon)
{
    uv_walk(&daemon->loop, close_handle, NULL);
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    uv_loop_close(&daemon->loop);
}

/* ---- the end ---- */

/* Instances first, for they may have last words; then the API; then what is left goes to disk. */
static int close_all(struct daemon *daemon)
{
    notify_systemd("STOPPING=1");
    daemon_watch_stop(daemon);
    if (daemon->nouns.commands) {
        commands_remove(daemon->nouns.commands, daemon);
        commands_release(daemon->nouns.commands, daemon);
    }
    int late = daemon->nouns.host ? host_stop(daemon->nouns.host, HOST_STOP_MS) : 0;
    api_stop(daemon->api);
    int error = daemon->store ? store_close(daemon->store, STORE_CLOSE_MS) : 0;
    if (error)
        log_line(GW_WARNING, "host", "the store did not finish in time; its journal has the rest");
    event_log_stop(&daemon->event_log);
    if (daemon->socket_path)
        unlink(daemon->socket_path);
    if (daemon->ports_file)
        unlink(daemon->ports_file);
    free(daemon->socket_path);
    free(daemon->ports_file);
    if (late) /* a plugin's thread hangs and may touch anything: leave it all to the kernel */
        _exit(EXIT_FAILED);
    conf_free(daemon->conf);
    nouns_close(&daemon->nouns);
    values_free(daemon->host_values);
    values_free(daemon->store_defaults);
    values_free(daemon->api_defaults);
    if (daemon->lock_fd >= 0)
        close(daemon->lock_fd);
    return EXIT_CLEAN;
}

static int start_instances(struct daemon *daemon)
{
    struct conf *conf = daemon->conf;
    daemon->conf = NULL;
    int error = host_apply(daemon->nouns.host, conf);
    if (error)
        log_line(GW_ERROR, "host", "cannot start the instances: %s", strerror(-error));
    return error ? EXIT_FAILED : EXIT_CLEAN;
}

int daemon_run(struct daemon *daemon, struct setup *setup,
               void (*after_start)(struct daemon *daemon))
{
    daemon->setup = setup;
    daemon->lock_fd = -1;
    pthread_mutex_init(&daemon->lock, NULL);
    init_loop(daemon);
    int code = open_all(daemon);
    if (!code)
        code = start_instances(daemon);
    if (!code) {
        daemon_watch_start(daemon);
        log_line(GW_INFO, "host", "gnswatch %s listens on port %d", GNSWATCH_VERSION,
                 api_port(daemon->api));
        notify_systemd("READY=1");
        if (after_start)
            after_start(daemon);
        uv_run(&daemon->loop, UV_RUN_DEFAULT);
    }
    int end = close_all(daemon);
    fini_loop(daemon);
    pthread_mutex_destroy(&daemon->lock);
    return code ? code : end;
}
