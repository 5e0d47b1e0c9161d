/* exec.c - runs plugins of other hosts, unmodified (README.md). This file is the instance: its
 * items, how many run at once, its start and stop; tables.c has the options and kinds. */
#include "exec.h"
#include "environ.h"
#include "naming.h"
#include "strays.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECOND_MS = 1000,
    SCAN_MS = 60000,
    STOP_MS = 700, /* within a callback's second; daemons end within a few */
    STOP_STEP_MS = 10,
};

/* ---- The dialects ---------------------------------------------------------------------------- */

static const struct dialect_kind *const dialects[] = {
    &dialect_netdata, &dialect_collectd,   &dialect_munin, &dialect_nagios,
    &dialect_influx,  &dialect_prometheus, &dialect_jsonl,
};

const struct dialect_kind *dialect_named(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (strcmp(dialects[i]->name, name) == 0)
            return dialects[i];
    return NULL;
}

/* ---- At once --------------------------------------------------------------------------------- */

struct item *exec_item(struct exec *exec, const char *name)
{
    for (struct item *item = exec->items; item && name; item = item->next)
        if (strcmp(item->recipe.name, name) == 0)
            return item;
    return NULL;
}

bool exec_enter(struct item *item)
{
    struct exec *exec = item->exec;
    if (item->queued)
        return false;
    if (exec->active < exec->at_once) {
        exec->active++;
        item->active = true;
        return true;
    }
    item->queued = true;
    item->next_queued = NULL;
    *exec->queue_end = item;
    exec->queue_end = &item->next_queued;
    return false;
}

void exec_unqueue(struct item *item)
{
    struct exec *exec = item->exec;
    struct item **at = &exec->queue;
    if (!item->queued)
        return;
    while (*at != item)
        at = &(*at)->next_queued;
    *at = item->next_queued;
    if (exec->queue_end == &item->next_queued)
        exec->queue_end = at;
    item->queued = false;
}

void exec_leave(struct item *item)
{
    struct exec *exec = item->exec;
    if (!item->active)
        return;
    item->active = false;
    exec->active--;
    struct item *next = exec->queue;
    if (!next)
        return;
    exec_unqueue(next);
    item_schedule(next, 0);
}

/* ---- Turns ----------------------------------------------------------------------------------- */

/* An item with more processes than it may have is ended at once: it may be making more. */
static void count_sessions(struct exec *exec)
{
    size_t count = 0;
    for (struct item *item = exec->items; item; item = item->next)
        count += item->process != NULL;
    struct census_row *rows = calloc(count + 1, sizeof *rows), *row = rows;
    for (struct item *item = exec->items; rows && item; item = item->next)
        if (item->process)
            *row++ = (struct census_row){.session = process_pid(item->process)};
    row = rows;
    if (rows)
        census_take(rows, count);
    for (struct item *item = exec->items; rows && item; item = item->next)
        if (item->process)
            turn_count(item, row++->count);
    free(rows);
}

static struct item *item_of(struct exec *exec, const struct stray *stray)
{
    for (struct item *item = exec->items; item; item = item->next)
        if (naming_hash(item->recipe.name) == stray->item)
            return item->process && process_pid(item->process) == stray->session ? NULL : item;
    return NULL;
}

static void count_stray(void *data, const struct stray *stray)
{
    struct item *item = item_of(data, stray);
    if (item)
        item->strays++;
}

static void end_too_many(void *data, const struct stray *stray)
{
    struct item *item = item_of(data, stray);
    if (item && item->strays > ITEM_STRAYS_MAX)
        stray_end(stray);
}

static void end_any(void *data, const struct stray *stray)
{
    (void)data;
    stray_end(stray);
}

/* Some leave a helper behind on purpose; those that leave another one each time must not. */
static void count_strays(struct exec *exec)
{
    bool too_many = false;
    for (struct item *item = exec->items; item; item = item->next)
        item->strays = 0;
    strays_look(exec->mark, count_stray, exec);
    for (struct item *item = exec->items; item; item = item->next) {
        char why[ITEM_WHY_BYTES];
        if (item->strays <= ITEM_STRAYS_MAX)
            continue;
        too_many = true;
        snprintf(why, sizeof why,
                 "left %u processes behind that run on by themselves; they were ended, as there "
                 "may be %d",
                 item->strays, ITEM_STRAYS_MAX);
        hear_error(item, 0, 0, why, NULL);
    }
    if (too_many)
        strays_look(exec->mark, end_too_many, exec);
}

static void on_second(struct gw_plugin *self, void *data)
{
    (void)self;
    struct exec *exec = data;
    if (census_due(&exec->census, gw_monotonic_ms(exec->self))) {
        count_sessions(exec);
        count_strays(exec);
    }
    for (struct item *item = exec->items; item; item = item->next)
        item_second(item);
}

static void on_scan(struct gw_plugin *self, void *data)
{
    struct exec *exec = data;
    const struct gw_values *options = gw_options(self);
    for (size_t i = 0; i < gw_count(options, "items"); i++) {
        const struct gw_values *values = gw_table_at(options, "items", i);
        if (gw_has(values, "directory"))
            directory_scan(exec, values);
    }
    for (struct item *item = exec->items; item; item = item->next)
        item_retry(item);
}

/* ---- Start and stop -------------------------------------------------------------------------- */

static void add_items(struct exec *exec)
{
    const struct gw_values *options = gw_options(exec->self);
    for (size_t i = 0; i < gw_count(options, "items"); i++) {
        const struct gw_values *values = gw_table_at(options, "items", i);
        bool folder = gw_has(values, "directory") && !gw_has(values, "command") &&
                      !gw_has(values, "url") && !gw_has(values, "path");
        struct item *item = folder ? NULL : item_new(exec, values, gw_string(values, "name"), NULL);
        if (!item)
            continue;
        item->next = exec->items;
        exec->items = item;
        exec->item_count++;
    }
    on_scan(exec->self, exec);
}

/* Objects of items that are no longer in conf.d. */
static void forget_old(struct exec *exec, const char *kind, const char *member)
{
    char *text = gw_object_list(exec->self, kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *one;
    size_t i;
    gw_free(text);
    json_array_foreach(list, i, one)
    {
        const char *id = json_string_value(json_object_get(one, "id"));
        const char *name = json_string_value(json_object_get(one, member));
        struct item *item = exec_item(exec, name);
        if (id && !item)
            gw_object_delete(exec->self, kind, id);
        else if (id && strcmp(kind, "exec.thing") == 0)
            json_object_set_new(item->thing_ids, id, json_true());
    }
    json_decref(list);
}

static int exec_start(struct gw_plugin *self, void **data)
{
    struct exec *exec = calloc(1, sizeof *exec);
    if (!exec)
        return -ENOMEM;
    *data = exec;
    exec->self = self;
    exec->mark = environ_mark(self);
    exec->queue_end = &exec->queue;
    exec->at_once = (unsigned)gw_int(gw_options(self), "at_once");
    add_items(exec);
    forget_old(exec, "exec.item", "id");
    forget_old(exec, "exec.thing", "item");
    exec->second = gw_timer_start(self, SECOND_MS, SECOND_MS, on_second, exec);
    exec->scan = gw_timer_start(self, SCAN_MS, SCAN_MS, on_scan, exec);
    return 0;
}

static bool all_dead(struct exec *exec)
{
    for (struct item *item = exec->items; item; item = item->next)
        if (item->process && !process_dead(item->process))
            return false;
    return true;
}

/* They are asked to end, and made to after a moment: there is no later for us. */
static void stop_processes(struct exec *exec)
{
    for (struct item *item = exec->items; item; item = item->next)
        if (item->process)
            process_kill(item->process, SIGTERM);
    for (int waited = 0; waited < STOP_MS && !all_dead(exec); waited += STOP_STEP_MS)
        poll(NULL, 0, STOP_STEP_MS);
    strays_look(exec->mark, end_any, exec);
}

static void exec_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct exec *exec = data;
    if (!exec)
        return;
    stop_processes(exec);
    try_free_all(exec);
    while (exec->items) {
        struct item *item = exec->items;
        exec->items = item->next;
        item_free(item, false);
    }
    free(exec);
}

GW_PLUGIN(.name = "exec", .version = "0.1.0",
          .summary = "Runs plugins of Netdata, collectd, Munin, Nagios, Telegraf and Prometheus",
          .options = exec_options, .kinds = exec_kinds, .commands = exec_commands,
          .start = exec_start, .stop = exec_stop);
