/* Who offers which command, and starting a call: find, may, check, hand over. */
#include "command/internal.h"

#include "base/log.h"
#include "conf/near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct commands *commands_new(const struct clock *clock)
{
    struct commands *commands = calloc(1, sizeof(*commands));
    if (!commands)
        return NULL;
    commands->clock = clock;
    pthread_mutex_init(&commands->lock, NULL);
    map_init(&commands->offers);
    map_init(&commands->pages);
    commands->kept_max = CALLS_KEPT_MAX;
    return commands;
}

static void offer_free(struct offer *offer)
{
    for (size_t i = 0; i < offer->count; i++)
        free(offer->providers[i].name);
    free(offer->providers);
    free(offer->plugin);
    free(offer);
}

void commands_free(struct commands *commands)
{
    if (!commands)
        return;
    while (commands->newest)
        jobs_unlink(commands, commands->newest);
    for (size_t i = 0; i < commands->offers.count; i++)
        offer_free(commands->offers.entries[i].value);
    for (size_t i = 0; i < commands->pages.count; i++)
        offer_free(commands->pages.entries[i].value);
    map_fini(&commands->offers);
    map_fini(&commands->pages);
    pthread_mutex_destroy(&commands->lock);
    free(commands);
}

struct offer *offers_find(struct commands *commands, const char *name)
{
    return map_get(&commands->offers, name);
}

static struct offer *offer_make(struct map *map, const char *plugin, const struct offer *like)
{
    struct offer *offer = calloc(1, sizeof(*offer));
    if (!offer || !(offer->plugin = strdup(plugin)) || map_put(map, like->command->name, offer)) {
        if (offer)
            offer_free(offer);
        return NULL;
    }
    offer->page = like->page;
    offer->as_command = like->as_command;
    offer->command = like->page ? &offer->as_command : like->command;
    return offer;
}

int offers_add(struct map *map, const char *plugin, const struct provider *provider,
               const struct offer *like)
{
    struct offer *offer = map_get(map, like->command->name);
    if (offer && offer->count && strcmp(offer->plugin, plugin) != 0)
        return -EEXIST;
    if (!offer && !(offer = offer_make(map, plugin, like)))
        return -ENOMEM;
    struct provider *grown = realloc(offer->providers, (offer->count + 1) * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    offer->providers = grown;
    char *name = strdup(provider->name);
    if (!name)
        return -ENOMEM;
    grown[offer->count] = *provider;
    grown[offer->count].page = like->page;
    grown[offer->count].command = like->page ? NULL : like->command;
    grown[offer->count++].name = name;
    return 0;
}

static void drop_provider(struct offer *offer, const void *instance)
{
    size_t kept = 0;
    for (size_t i = 0; i < offer->count; i++) {
        if (offer->providers[i].instance == instance)
            free(offer->providers[i].name);
        else
            offer->providers[kept++] = offer->providers[i];
    }
    offer->count = kept;
    if (kept && !offer->page) /* the table that is shown is one that still runs */
        offer->command = offer->providers[0].command;
}

static void drop_from(struct map *map, const void *instance)
{
    for (size_t i = map->count; i-- > 0;) {
        struct offer *offer = map->entries[i].value;
        drop_provider(offer, instance);
        if (offer->count == 0) {
            map_remove(map, offer->command->name);
            offer_free(offer);
        }
    }
}

void offers_drop(struct commands *commands, const void *instance)
{
    drop_from(&commands->offers, instance);
    drop_from(&commands->pages, instance);
}

int commands_add(struct commands *commands, const char *plugin, const char *instance_name,
                 void *instance, command_dispatch_fn *dispatch, const struct gw_command *table)
{
    int error = 0;
    struct provider provider = {(char *)instance_name, instance, dispatch};
    pthread_mutex_lock(&commands->lock);
    for (const struct gw_command *command = table; command && command->name && !error; command++)
        error =
            offers_add(&commands->offers, plugin, &provider, &(struct offer){.command = command});
    if (error)
        offers_drop(commands, instance);
    pthread_mutex_unlock(&commands->lock);
    return error;
}

void commands_remove(struct commands *commands, void *instance)
{
    pthread_mutex_lock(&commands->lock);
    offers_drop(commands, instance);
    pthread_mutex_unlock(&commands->lock);
    commands_refuse(commands, instance, "the instance has been stopped");
}

const struct gw_command *commands_find(struct commands *commands, const char *name)
{
    pthread_mutex_lock(&commands->lock);
    const struct offer *offer = offers_find(commands, name);
    const struct gw_command *command = offer ? offer->command : NULL;
    pthread_mutex_unlock(&commands->lock);
    return command;
}

void commands_each(struct commands *commands, command_visit_fn *visit, void *data)
{
    pthread_mutex_lock(&commands->lock);
    for (size_t i = 0; i < commands->offers.count; i++)
        visit(data, ((const struct offer *)commands->offers.entries[i].value)->command);
    pthread_mutex_unlock(&commands->lock);
}

void commands_listen(struct commands *commands, void (*ended)(void *data, const char *call_json),
                     void *data)
{
    pthread_mutex_lock(&commands->lock);
    if (commands->listener_count < COMMAND_LISTENERS_MAX) {
        commands->listeners[commands->listener_count].fn = ended;
        commands->listeners[commands->listener_count++].data = data;
    }
    pthread_mutex_unlock(&commands->lock);
}

static const char *role_name(enum gw_role role)
{
    return role >= GW_ADMIN ? "admin" : role == GW_OPERATOR ? "operator" : "viewer";
}

static bool has_row(const struct gw_row *table, const char *name)
{
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
    }
    return false;
}

static struct provider *named(struct offer *offer, const char *name)
{
    for (size_t i = 0; name && i < offer->count; i++) {
        if (strcmp(offer->providers[i].name, name) == 0)
            return &offer->providers[i];
    }
    return NULL;
}

/* NULL: the caller named an instance that does not exist. With the lock held. */
static struct provider *choose(struct offer *offer, const json_t *params, struct problems *problems)
{
    const char *instance = json_string_value(json_object_get(params, "instance"));
    const char *server = json_string_value(json_object_get(params, "server"));
    struct provider *found = named(offer, instance);
    if (!found && instance && !has_row(offer->command->params, "instance")) {
        struct near near;
        near_init(&near, instance);
        for (size_t i = 0; i < offer->count; i++)
            near_offer(&near, offer->providers[i].name);
        const char *best = near_best(&near);
        problems_add(problems, "parameter 'instance'", NULL,
                     "no instance '%s' of plugin '%s'%s%s%s", instance, offer->plugin,
                     best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
        return NULL;
    }
    if (!found)
        found = named(offer, server);
    return found ? found : &offer->providers[0];
}

static void say_unknown(struct commands *commands, const char *name, struct problems *problems)
{
    struct near near;
    near_init(&near, name);
    for (size_t i = 0; i < commands->offers.count; i++)
        near_offer(&near, commands->offers.entries[i].key);
    const char *best = near_best(&near);
    problems_add(problems, name, NULL, "no command '%s'%s%s%s", name,
                 best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

/* Every command takes "instance"; one whose table does not list it must not see it. */
static struct gw_values *check(const struct gw_command *command, const json_t *params,
                               int64_t now_ms, struct problems *problems)
{
    if (!params || !json_object_get(params, "instance") || has_row(command->params, "instance"))
        return values_from_params(command->params, params, now_ms, problems);
    json_t *rest = json_copy((json_t *)params);
    if (!rest)
        return NULL;
    json_object_del(rest, "instance");
    struct gw_values *values = values_from_params(command->params, rest, now_ms, problems);
    json_decref(rest);
    return values;
}

/* May this be called, and is its input right? Fills in a call that waits for its turn. */
int call_prepare(struct commands *commands, const struct gw_command *command, const json_t *params,
                 const struct caller *caller, struct problems *problems, struct gw_call **out)
{
    const char *name = command->name;
    if (caller->role < command->role) {
        problems_add(problems, name, NULL, "'%s' needs the role %s; '%s' is %s", name,
                     role_name(command->role), caller->name ? caller->name : "",
                     role_name(caller->role));
        return -EPERM;
    }
    size_t before = problems->count;
    struct gw_values *values = check(command, params, clock_wall_ms(commands->clock), problems);
    if (!values)
        return problems->count > before ? -EINVAL : -ENOMEM;
    struct gw_call *call = call_new(commands, command, caller);
    struct buf masked;
    buf_init(&masked, CALL_ANSWER_MAX);
    values_json(values, false, &masked);
    if (!call || !(call->params_json = buf_take(&masked))) {
        buf_fini(&masked);
        values_free(values);
        call_free(call);
        return -ENOMEM;
    }
    call->params = values;
    *out = call;
    return 0;
}

static size_t held_by(const struct commands *commands, const void *instance)
{
    size_t count = 0;
    for (const struct gw_call *call = commands->newest; call; call = call->older)
        count += call->held && call->instance == instance;
    return count;
}

/* With the lock held: chooses who runs it and puts it into its queue. */
static int hand_over(struct commands *commands, struct gw_call *call, const json_t *params,
                     struct problems *problems)
{
    const char *name = call->command->name;
    struct offer *offer =
        call->page ? map_get(&commands->pages, name) : offers_find(commands, name);
    if (!offer) { /* gone just now */
        say_unknown(commands, name, problems);
        return -ENOENT;
    }
    const struct provider *provider = choose(offer, params, problems);
    if (!provider)
        return -EINVAL;
    call->instance = provider->instance;
    if (call->page) {
        call->page = provider->page;
        call->as_command.run = provider->page->run;
    } else {
        call->command = provider->command;
    }
    int error = -EAGAIN;
    if (commands->active < CALLS_MAX &&
        held_by(commands, provider->instance) < CALLS_INSTANCE_MAX) {
        call->held = true;
        call_ref(call); /* the instance's */
        jobs_link(commands, call);
        error = provider->dispatch(provider->instance, call);
        if (!error)
            return 0;
        jobs_unlink(commands, call);
        call->held = false;
        call_unref(call);
    }
    if (error == -ESHUTDOWN)
        problems_add(problems, name, NULL, "instance '%s' is not running; see its last error",
                     provider->name);
    else
        problems_add(problems, name, NULL, "instance '%s' has too many calls waiting; try later",
                     provider->name);
    return error == -ESHUTDOWN ? -EAGAIN : error;
}

/* Takes `call`. */
int call_start(struct commands *commands, struct gw_call *call, const json_t *params,
               struct problems *problems, struct gw_call **out)
{
    pthread_mutex_lock(&commands->lock);
    int error = hand_over(commands, call, params, problems);
    if (!error && out)
        *out = call_ref(call);
    pthread_mutex_unlock(&commands->lock);
    call_unref(call);
    return error;
}

int commands_call(struct commands *commands, const char *name, const json_t *params,
                  const struct caller *caller, command_done_fn *on_done, void *data,
                  struct problems *problems, struct gw_call **out)
{
    const struct gw_command *command = commands_find(commands, name);
    if (!command) {
        pthread_mutex_lock(&commands->lock);
        say_unknown(commands, name, problems);
        pthread_mutex_unlock(&commands->lock);
        return -ENOENT;
    }
    struct gw_call *call = NULL;
    int error = call_prepare(commands, command, params, caller, problems, &call);
    if (error)
        return error;
    call->on_done = on_done;
    call->data = data;
    return call_start(commands, call, params, problems, out);
}
