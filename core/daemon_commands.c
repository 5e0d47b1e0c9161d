/* The host's own commands. They run on the daemon's loop, not on the thread that asks. */
#include "daemon.h"

#include "cli.h"

#include <errno.h>
#include <string.h>

/* Commands of a plugin get their instance; these get the daemon in its place. */
static struct daemon *daemon_of(struct gw_plugin *self)
{
    return (struct daemon *)(void *)self;
}

static int run_reload(struct gw_plugin *self, struct gw_call *call)
{
    struct problems problems;
    problems_init(&problems);
    int error = daemon_reload(daemon_of(self), &problems);
    if (error && problems.count)
        error = gw_refuse(call, -EINVAL, "%s: %s (%zu mistake%s; nothing has changed)",
                          problems.list[0].where, problems.list[0].what,
                          problems.count + problems.left_off, problems.count > 1 ? "s" : "");
    else if (!error)
        error = gw_reply(call, NULL);
    problems_fini(&problems);
    return error;
}

static int run_restart(struct gw_plugin *self, struct gw_call *call)
{
    const char *instance = gw_string(gw_call_params(call), "instance");
    int error = host_restart(daemon_of(self)->nouns.host, instance);
    if (error == -ENOENT)
        return gw_refuse(call, error, "there is no instance '%s'", instance);
    if (error)
        return gw_refuse(call, error, "instance '%s' is disabled or could not be loaded", instance);
    return gw_reply(call, NULL);
}

static const struct gw_row restart_params[] = {
    {.name = "instance", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Name of the instance"},
    {0},
};

const struct gw_command daemon_commands[] = {
    {.name = "gnswatch.reload",
     .help = "Reads conf.d again; only what differs is restarted, a mistake changes nothing",
     .role = GW_ADMIN,
     .run = run_reload},
    {.name = "gnswatch.plugin.restart",
     .help = "Restarts an instance at once, also one that waits after failures",
     .role = GW_ADMIN,
     .params = restart_params,
     .run = run_restart},
    {0},
};

static int dispatch(void *instance, struct gw_call *call)
{
    struct daemon *daemon = instance;
    pthread_mutex_lock(&daemon->lock);
    int error = daemon->call_count < DAEMON_CALLS_MAX ? 0 : -EAGAIN;
    if (!error)
        daemon->calls[daemon->call_count++] = call;
    pthread_mutex_unlock(&daemon->lock);
    uv_async_send(&daemon->wake);
    return error;
}

int daemon_offer_commands(struct daemon *daemon)
{
    return commands_add(daemon->nouns.commands, "gnswatch", "gnswatch", daemon, dispatch,
                        daemon_commands);
}

static struct gw_call *take(struct daemon *daemon)
{
    pthread_mutex_lock(&daemon->lock);
    struct gw_call *call = daemon->call_count ? daemon->calls[0] : NULL;
    if (call)
        memmove(daemon->calls, daemon->calls + 1, --daemon->call_count * sizeof(struct gw_call *));
    pthread_mutex_unlock(&daemon->lock);
    return call;
}

void daemon_run_calls(struct daemon *daemon)
{
    for (struct gw_call *call; (call = take(daemon));)
        call_run((struct gw_plugin *)(void *)daemon, call);
}
