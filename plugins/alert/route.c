/* route.c - see route.h. */
#include "route.h"

#include "alerts.h"
#include "group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

/* ---- Receivers ------------------------------------------------------------------------------- */

static int receiver_read(struct receiver *receiver, const json_t *json)
{
    const json_t *sends = json_object_get(json, "send");
    size_t i;
    json_t *one;
    receiver->name = strdup(text_of(json, "name"));
    receiver->sends = calloc(json_array_size(sends) + 1, sizeof *receiver->sends);
    if (!receiver->name || !receiver->sends)
        return -ENOMEM;
    receiver->shown_stale = true;
    json_array_foreach(sends, i, one)
    {
        struct send *send = &receiver->sends[receiver->send_count];
        send->command = strdup(text_of(one, "command"));
        if (!send->command)
            return -ENOMEM;
        send->with = json_incref(json_object_get(one, "with"));
        receiver->send_count++;
    }
    return 0;
}

int receivers_load(struct world *world, const json_t *config)
{
    const json_t *list = json_object_get(config, "receivers");
    size_t i;
    json_t *one;
    int error = 0;
    world->receivers = calloc(json_array_size(list) + 1, sizeof *world->receivers);
    if (!world->receivers)
        return -ENOMEM;
    json_array_foreach(list, i, one) error =
        error ? error : receiver_read(&world->receivers[world->receiver_count++], one);
    return error;
}

static size_t receiver_named(const struct world *world, const char *name)
{
    size_t i = 0;
    while (i < world->receiver_count && strcmp(world->receivers[i].name, name) != 0)
        i++;
    if (i == world->receiver_count)
        gw_fail(world->self, -EINVAL,
                "a route names the receiver '%s', which is not among the "
                "receivers",
                name);
    return i;
}

/* ---- Routes ---------------------------------------------------------------------------------- */

static int64_t time_of(const json_t *route, const json_t *config, const char *name)
{
    const json_t *own = json_object_get(route, name);
    return json_integer_value(own ? own : json_object_get(config, name));
}

static int steps_read(struct world *world, struct route *route, const json_t *list)
{
    size_t i;
    json_t *one;
    route->steps = calloc(json_array_size(list) + 1, sizeof *route->steps);
    if (!route->steps)
        return -ENOMEM;
    json_array_foreach(list, i, one)
    {
        size_t receiver = receiver_named(world, text_of(one, "receiver"));
        if (receiver < world->receiver_count)
            route->steps[route->step_count++] =
                (struct step){json_integer_value(json_object_get(one, "after")), receiver,
                              level_from(text_of(one, "severity"))};
    }
    return 0;
}

static int route_read(struct world *world, struct route *route, const json_t *json,
                      const json_t *config)
{
    char why[300] = "";
    const json_t *names = json_object_get(json, "receivers");
    size_t i;
    json_t *one;
    if (matchers_load(&route->match, json_object_get(json, "match"), why, sizeof why))
        return gw_fail(world->self, -EINVAL, "a route does not apply: %s", why);
    route->go_on = json_is_true(json_object_get(json, "continue"));
    json_t *group_by = json_object_get(json, "group_by");
    route->group_by = json_incref(group_by ? group_by : json_object_get(config, "group_by"));
    route->wait_ms = time_of(json, config, "group_wait");
    route->interval_ms = time_of(json, config, "group_interval");
    route->repeat_ms = time_of(json, config, "repeat_interval");
    route->receivers = calloc(json_array_size(names) + 1, sizeof *route->receivers);
    if (!route->receivers)
        return -ENOMEM;
    json_array_foreach(names, i, one)
    {
        size_t receiver = receiver_named(world, json_string_value(one));
        if (receiver < world->receiver_count)
            route->receivers[route->receiver_count++] = receiver;
    }
    return steps_read(world, route, json_object_get(json, "escalate"));
}

/* Without routes all go to all receivers. */
static json_t *route_to_all(const struct world *world)
{
    json_t *names = json_array();
    for (size_t i = 0; i < world->receiver_count; i++)
        json_array_append_new(names, json_string(world->receivers[i].name));
    return json_pack("[{s:o}]", "receivers", names);
}

int routes_load(struct world *world, const json_t *config)
{
    json_t *list = json_object_get(config, "routes");
    list = json_array_size(list) ? json_incref(list) : route_to_all(world);
    size_t i;
    json_t *one;
    int error = 0;
    world->routes = calloc(json_array_size(list) + 1, sizeof *world->routes);
    if (!world->routes) {
        json_decref(list);
        return -ENOMEM;
    }
    json_array_foreach(list, i, one)
    {
        int failed = route_read(world, &world->routes[world->route_count], one, config);
        if (failed != -EINVAL)
            world->route_count++;
        error = failed == -ENOMEM ? failed : error;
    }
    json_decref(list);
    return error;
}

static void route_free(struct route *route)
{
    matchers_fini(&route->match);
    json_decref(route->group_by);
    free(route->receivers);
    free(route->steps);
}

void routes_free(struct world *world)
{
    for (size_t i = 0; i < world->route_count; i++)
        route_free(&world->routes[i]);
    for (size_t i = 0; i < world->receiver_count; i++) {
        struct receiver *receiver = &world->receivers[i];
        for (size_t j = 0; j < receiver->send_count; j++) {
            free(receiver->sends[j].command);
            json_decref(receiver->sends[j].with);
        }
        free(receiver->sends);
        free(receiver->name);
    }
    free(world->routes);
    free(world->receivers);
    world->routes = NULL;
    world->receivers = NULL;
    world->route_count = world->receiver_count = 0;
}

/* ---- An alert's receivers -------------------------------------------------------------------- */

static struct told *told_of(struct alert *alert, size_t receiver)
{
    for (size_t i = 0; i < alert->told_count; i++)
        if (alert->told[i].receiver == receiver)
            return &alert->told[i];
    return NULL;
}

/* A receiver is told once, however many routes lead to it: the first one counts, and being told at
 * once goes before a step. */
static void tell(const struct world *world, struct alert *alert, size_t receiver, size_t route,
                 const struct step *step, int number)
{
    struct told *told = told_of(alert, receiver);
    if (told && told->current && (told->step < 0 || step))
        return;
    if (!told) {
        if (alert->told_count == TOLD_MAX)
            return;
        told = &alert->told[alert->told_count++];
        *told = (struct told){.receiver = receiver, .level = LEVEL_OK};
    }
    told->current = true;
    told->route = route;
    told->step = step ? number : -1;
    told->after_ms = step ? step->after_ms : 0;
    told->least = step ? step->least : LEVEL_UNKNOWN;
    if (told->group) { /* as the file has it now */
        told->group->interval_ms = world->routes[route].interval_ms;
        told->group->repeat_ms = world->routes[route].repeat_ms;
    }
}

static void forget_old(struct alert *alert)
{
    size_t kept = 0;
    for (size_t i = 0; i < alert->told_count; i++)
        if (alert->told[i].level > LEVEL_OK) {
            alert->told[kept] = alert->told[i];
            alert->told[kept++].current = false;
        }
    alert->told_count = kept;
}

void route_alert(struct world *world, struct alert *alert)
{
    struct labels labels = {0};
    forget_old(alert);
    alert->routed_stale = false;
    if (alert->eval.loud == LEVEL_OK)
        return;
    labels_copy(&labels, &alert->labels);
    labels_set(&labels, "severity", level_name(alert->eval.loud));
    for (size_t i = 0; i < world->route_count; i++) {
        const struct route *route = &world->routes[i];
        if (!matchers_fit(&route->match, &labels))
            continue;
        for (size_t j = 0; j < route->receiver_count; j++)
            tell(world, alert, route->receivers[j], i, NULL, 0);
        for (size_t j = 0; j < route->step_count; j++)
            tell(world, alert, route->steps[j].receiver, i, &route->steps[j], (int)j);
        if (!route->go_on)
            break;
    }
    labels_fini(&labels);
}

static void group_labels(const struct route *route, const struct alert *alert, struct labels *out)
{
    size_t i;
    json_t *name;
    json_array_foreach(route->group_by, i, name) labels_set(
        out, json_string_value(name), labels_get(&alert->labels, json_string_value(name)));
}

struct group *route_group(struct world *world, const struct alert *alert, struct told *told)
{
    const struct route *route = &world->routes[told->route];
    if (told->group)
        return told->group;
    struct labels labels = {0};
    group_labels(route, alert, &labels);
    json_t *json = labels_json(&labels);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS), *key = NULL;
    struct group *group = NULL;
    if (text && asprintf(&key, "%s%s%s", world->receivers[told->receiver].name,
                         told->step >= 0 ? "+" : "", text) >= 0) {
        group = group_find(world, key);
        group = group ? group : group_add(world, key, told->receiver);
    }
    if (group && !group->first_ms) {
        labels_copy(&group->labels, &labels);
        group->wait_ms = told->step >= 0 ? 0 : route->wait_ms;
        group->interval_ms = route->interval_ms;
        group->repeat_ms = route->repeat_ms;
        group_begin(group, told->step >= 0 ? world->now_ms : alert->fired_ms);
    }
    free(key);
    free(text);
    json_decref(json);
    labels_fini(&labels);
    told->group = group;
    return group;
}
