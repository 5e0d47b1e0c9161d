/* group.c - see group.h. */
#include "group.h"

#include "alerts.h"
#include "inhibit.h"
#include "notify.h"
#include "route.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct group *group_find(const struct world *world, const char *key)
{
    for (size_t i = 0; key && i < world->group_count; i++)
        if (strcmp(world->groups[i]->key, key) == 0)
            return world->groups[i];
    return NULL;
}

struct group *group_add(struct world *world, const char *key, size_t receiver)
{
    if (world->group_count == GROUPS_MAX)
        return NULL;
    if (world->group_count == world->group_size) {
        size_t size = world->group_size ? 2 * world->group_size : 16;
        struct group **more = realloc(world->groups, size * sizeof *more);
        if (!more)
            return NULL;
        world->groups = more;
        world->group_size = size;
    }
    struct group *group = calloc(1, sizeof *group);
    char *copy = strdup(key);
    if (!group || !copy) {
        free(group);
        free(copy);
        return NULL;
    }
    group->key = copy;
    group->receiver = receiver;
    snprintf(group->id, sizeof group->id, "%016llx", (unsigned long long)hash_text(0, key));
    world->groups[world->group_count++] = group;
    return group;
}

/* What happens in one group from here until it is empty is one thread. */
void group_begin(struct group *group, int64_t first_ms)
{
    group->first_ms = first_ms ? first_ms : 1;
    group->dirty = true;
    snprintf(group->thread, sizeof group->thread, "%s-%llx", group->id,
             (unsigned long long)group->first_ms);
}

static void group_free(struct group *group)
{
    labels_fini(&group->labels);
    free(group->key);
    free(group);
}

void groups_free(struct world *world)
{
    for (size_t i = 0; i < world->group_count; i++)
        group_free(world->groups[i]);
    free(world->groups);
    world->groups = NULL;
    world->group_count = 0;
}

/* ---- What each receiver does not know yet ---------------------------------------------------- */

static bool first_is_due(const struct world *world, const struct alert *alert,
                         const struct told *told)
{
    if (alert->ack_by || !told->current)
        return false;
    /* It may still be on only by keep_firing_for, after what explained it has gone. */
    if (alert->explained && alert->eval.wanted == LEVEL_OK)
        return false;
    return told->step < 0 ||
           (alert->eval.loud >= told->least && world->now_ms >= alert->since_ms + told->after_ms);
}

static bool has_news(const struct world *world, const struct alert *alert, const struct told *told)
{
    if (alert->eval.loud == LEVEL_OK || !inhibit_tells(world, alert) ||
        told->level == alert->eval.loud)
        return false;
    if (told->level == LEVEL_OK)
        return first_is_due(world, alert, told);
    return alert->eval.loud > told->level || !alert->ack_by;
}

static void count_told(struct world *world, struct alert *alert, struct told *told)
{
    told->news = has_news(world, alert, told);
    told->over = alert->eval.loud == LEVEL_OK && told->level > LEVEL_OK;
    if (told->news && !route_group(world, alert, told))
        told->news = false;
    struct group *group = told->group;
    if (!group)
        return;
    group->used = group->used || told->news || told->level > LEVEL_OK;
    group->news += told->news;
    group->firsts += told->news && told->level == LEVEL_OK;
    group->urgent += told->news && alert->eval.loud == LEVEL_CRITICAL;
    group->steps += told->news && told->level == LEVEL_OK && told->step >= 0;
    group->overs += told->over;
    group->reminds += !told->news && !told->over && told->level > LEVEL_OK && !alert->ack_by &&
                      inhibit_tells(world, alert);
}

static void count_all(struct world *world)
{
    for (size_t i = 0; i < world->group_count; i++) {
        struct group *group = world->groups[i];
        group->news = group->firsts = group->urgent = 0;
        group->steps = group->overs = group->reminds = 0;
        group->used = false;
    }
    for (size_t i = 0; i < world->alert_count; i++) {
        struct alert *alert = world->alerts[i];
        if (alert->routed_stale)
            route_alert(world, alert);
        for (size_t j = 0; j < alert->told_count; j++)
            count_told(world, alert, &alert->told[j]);
    }
}

/* ---- What is due ----------------------------------------------------------------------------- */

/* What is critical does not wait for the interval. */
static bool change_is_due(const struct world *world, const struct group *group)
{
    if (!group->news && !group->overs)
        return false;
    bool urgent = group->urgent && group->wait_ms < group->interval_ms;
    int64_t after = !group->flushed_ms || urgent ? group->wait_ms : group->interval_ms;
    return world->now_ms >= (group->flushed_ms ? group->flushed_ms : group->first_ms) + after;
}

static bool reminder_is_due(const struct world *world, const struct group *group)
{
    return group->reminds && group->repeat_ms > 0 && group->notified_ms &&
           world->now_ms >= group->notified_ms + group->repeat_ms;
}

static size_t still_firing(const struct world *world, const struct group *group)
{
    size_t count = 0;
    for (size_t i = 0; i < world->alert_count; i++)
        for (size_t j = 0; j < world->alerts[i]->told_count; j++) {
            const struct told *told = &world->alerts[i]->told[j];
            count += told->group == group && !told->over && (told->level > LEVEL_OK || told->news);
        }
    return count;
}

static const char *kind_of(const struct world *world, const struct group *group)
{
    return group->steps && group->steps == group->news ? "escalated"
           : group->firsts                             ? "firing"
           : group->news                               ? "changed"
           : !still_firing(world, group)               ? "resolved"
                                                       : "changed";
}

/* After it is in the outbox the receiver knows. */
static void now_known(struct world *world, struct group *group)
{
    for (size_t i = 0; i < world->alert_count; i++) {
        struct alert *alert = world->alerts[i];
        for (size_t j = 0; j < alert->told_count; j++) {
            struct told *told = &alert->told[j];
            if (told->group != group || (!told->news && !told->over))
                continue;
            if (told->news && told->step >= 0 && told->level == LEVEL_OK) {
                alert->steps_done++;
                alert_say(world, alert, "alert.escalated", GW_WARNING,
                          "%s goes on: %s is told, too", alert->rule_name,
                          world->receivers[told->receiver].name);
            }
            told->level = told->over ? LEVEL_OK : alert->eval.loud;
            alert->routed_stale = told->over || alert->routed_stale;
            alert->dirty = alert->shown_stale = true;
            told->news = told->over = false;
        }
    }
}

static void flush(struct world *world, struct group *group, const char *kind)
{
    notify_group(world, group, kind);
    now_known(world, group);
    group->flushed_ms = group->notified_ms = world->now_ms;
    group->dirty = true;
}

static void group_remove(struct world *world, size_t i)
{
    struct group *group = world->groups[i];
    for (size_t j = 0; j < world->alert_count; j++)
        for (size_t k = 0; k < world->alerts[j]->told_count; k++)
            if (world->alerts[j]->told[k].group == group)
                world->alerts[j]->told[k].group = NULL;
    state_delete_group(world, group->key);
    group_free(group);
    world->group_count--;
    memmove(&world->groups[i], &world->groups[i + 1],
            (world->group_count - i) * sizeof *world->groups);
}

void groups_turn(struct world *world)
{
    count_all(world);
    for (size_t i = 0; i < world->group_count; i++) {
        struct group *group = world->groups[i];
        if (change_is_due(world, group))
            flush(world, group, kind_of(world, group));
        else if (reminder_is_due(world, group))
            flush(world, group, "reminder");
    }
    for (size_t i = 0; i < world->group_count;)
        if (!world->groups[i]->used)
            group_remove(world, i);
        else
            i++;
}
