/* commands_bulk.c - starting and stopping all nodes of a project.
 *
 * start_all goes group by group: the nodes named first in `order` (by name or type), then the next,
 * then the rest; at most `parallel` at once, and a pause after each group. A node that cannot be
 * started does not hold up the others; it is in the answer. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_TIMEOUT_MS = 240000, STOP_LOOK_MS = 500, STOP_LOOKS_MAX = 60 };

struct item {
    char *id, *name; /* owned */
    size_t group;
};

struct bulk {
    struct item *items;
    size_t count, next, done, failed;
    size_t flying, parallel, group;
    int64_t pause_ms;
    bool paused;
    struct text failures; /* JSON elements */
};

struct start {
    struct act *act;
    size_t item;
};

static void bulk_pump(struct act *act);

static void bulk_free(void *data)
{
    struct bulk *bulk = data;
    for (size_t i = 0; i < bulk->count; i++) {
        free(bulk->items[i].id);
        free(bulk->items[i].name);
    }
    free(bulk->items);
    text_fini(&bulk->failures);
    free(bulk);
}

/* ---- What to start, in which order ----------------------------------------------------------- */

static size_t group_of(const struct gw_values *params, const struct node *node)
{
    size_t count = gw_count(params, "order");
    for (size_t i = 0; i < count; i++) {
        const char *text = gw_string_at(params, "order", i);
        if (strcmp(text, node->name) == 0 || strcmp(text, node->type) == 0)
            return i;
    }
    return count;
}

static int by_group(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Without an order the pause is between as many nodes as start at once. */
static void groups_of_parallel(struct bulk *bulk)
{
    for (size_t i = 0; i < bulk->count; i++)
        bulk->items[i].group = i / bulk->parallel;
}

static struct bulk *bulk_new(const struct project *project, const struct gw_values *params)
{
    struct bulk *bulk = calloc(1, sizeof *bulk);
    if (!bulk)
        return NULL;
    bulk->parallel = (size_t)gw_int(params, "parallel");
    bulk->pause_ms = gw_int(params, "pause");
    bulk->items = calloc(project->node_count ? project->node_count : 1, sizeof *bulk->items);
    for (size_t i = 0; bulk->items && i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        if (node->status == NODE_STARTED)
            continue;
        struct item item = {strdup(node->id), strdup(node->name), group_of(params, node)};
        bulk->items[bulk->count++] = item;
        if (!item.id || !item.name) {
            bulk_free(bulk);
            return NULL;
        }
    }
    if (!bulk->items) {
        bulk_free(bulk);
        return NULL;
    }
    qsort(bulk->items, bulk->count, sizeof *bulk->items, by_group);
    if (gw_count(params, "order") == 0 && bulk->pause_ms > 0)
        groups_of_parallel(bulk);
    bulk->group = bulk->count ? bulk->items[0].group : 0;
    return bulk;
}

/* ---- The end --------------------------------------------------------------------------------- */

static void bulk_reply(struct act *act)
{
    struct bulk *bulk = act->data;
    struct project *project = act_project(act);
    if (!project)
        return;
    size_t running = 0;
    for (size_t i = 0; i < project->node_count; i++)
        running += project->nodes[i]->status == NODE_STARTED;
    struct text reply = {0};
    text_open(&reply, NULL, '{');
    text_string_member(&reply, "project", project->id);
    text_int_member(&reply, "asked", (int64_t)bulk->count);
    text_int_member(&reply, "started", (int64_t)(bulk->done - bulk->failed));
    text_int_member(&reply, "running", (int64_t)running);
    text_open(&reply, "failed", '[');
    text_puts(&reply, text_string(&bulk->failures) ? text_string(&bulk->failures) : "");
    text_close(&reply, ']');
    text_close(&reply, '}');
    act_reply(act, text_string(&reply));
    text_fini(&reply);
}

static void bulk_over(struct act *act)
{
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_NODES), bulk_reply);
}

/* ---- One node after another ------------------------------------------------------------------ */

static void bulk_note(struct act *act, const struct item *item, const struct client_answer *answer)
{
    struct bulk *bulk = act->data;
    bool refused = !answer || answer->error || answer->status >= 400;
    const char *text = answer && answer->text ? answer->text : "it is gone";
    bulk->done++;
    if (refused) {
        bulk->failed++;
        text_open(&bulk->failures, NULL, '{');
        text_string_member(&bulk->failures, "node", item->id);
        text_string_member(&bulk->failures, "name", item->name);
        text_string_member(&bulk->failures, "error", text);
        text_close(&bulk->failures, '}');
    }
    gw_progress(act->call, (double)bulk->done / (double)bulk->count, "%s%s%s%s",
                refused ? "could not start " : "started ", item->name, refused ? ": " : "",
                refused ? text : "");
}

static void bulk_on_answer(struct client *client, const struct client_answer *answer, void *data)
{
    (void)client;
    struct start start = *(struct start *)data;
    struct act *act = start.act;
    free(data);
    if (!act_arrived(act))
        return;
    struct bulk *bulk = act->data;
    bulk->flying--;
    bulk_note(act, &bulk->items[start.item], answer);
    bulk_pump(act);
}

/* False: the act is over. */
static bool bulk_send(struct act *act, size_t i)
{
    struct bulk *bulk = act->data;
    const struct item *item = &bulk->items[i];
    struct project *project = act_project(act);
    const struct node *node = project ? node_by_id(project, item->id) : NULL;
    if (!project)
        return false;
    struct start *start = node ? malloc(sizeof *start) : NULL;
    if (!start) {
        bulk_note(act, item, NULL);
        return true;
    }
    *start = (struct start){act, i};
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/nodes/%s/start", project->project_id, node->node_id);
    struct client_ask ask = {.method = "POST",
                             .path = path,
                             .body = "{}",
                             .timeout_ms = NODE_TIMEOUT_MS,
                             .on_done = bulk_on_answer,
                             .data = start};
    if (client_send(act->server->client, &ask) < 0) {
        free(start);
        bulk_note(act, item, NULL);
        return true;
    }
    act->pending++;
    bulk->flying++;
    return true;
}

static void bulk_after_pause(struct act *act)
{
    struct bulk *bulk = act->data;
    bulk->paused = false;
    bulk_pump(act);
}

/* The group is done: the next one, after the pause. */
static void bulk_next_group(struct act *act)
{
    struct bulk *bulk = act->data;
    bulk->group = bulk->items[bulk->next].group;
    if (bulk->pause_ms == 0) {
        bulk_pump(act);
        return;
    }
    bulk->paused = true;
    gw_progress(act->call, (double)bulk->done / (double)bulk->count, "pause of %lld s",
                (long long)(bulk->pause_ms / 1000));
    act_wait(act, bulk->pause_ms, bulk_after_pause);
}

static void bulk_pump(struct act *act)
{
    struct bulk *bulk = act->data;
    if (gw_call_cancelled(act->call) || act->gns3->stopping) {
        act_refuse(act, -ECANCELED, "cancelled after %zu of %zu nodes", bulk->done, bulk->count);
        return;
    }
    while (!bulk->paused && bulk->flying < bulk->parallel && bulk->next < bulk->count &&
           bulk->items[bulk->next].group == bulk->group) {
        if (!bulk_send(act, bulk->next++))
            return;
    }
    if (bulk->flying > 0 || bulk->paused)
        return;
    if (bulk->next < bulk->count)
        bulk_next_group(act);
    else
        bulk_over(act);
}

static void start_all_read(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    if (!project->opened) {
        act_refuse(act, -EBUSY, "project %s is closed: open it first (gns3.project.open)",
                   project->name);
        return;
    }
    struct bulk *bulk = bulk_new(project, gw_call_params(act->call));
    if (!bulk) {
        act_refuse(act, -ENOMEM, "out of memory");
        return;
    }
    act->data = bulk;
    act->free_data = bulk_free;
    bulk_pump(act);
}

int command_project_start_all(struct gw_plugin *self, struct gw_call *call)
{
    struct project *project = find_project(gw_data(self), call, "id");
    struct act *act = project ? act_new(call, project->server, project->id, NULL) : NULL;
    if (act)
        act_read(act, project_job(project, JOB_NODES), start_all_read);
    return 0;
}

/* ---- stop_all: GNS3 does it by itself, three at a time --------------------------------------- */

static void stop_all_read(struct act *act);

static void stop_all_again(struct act *act)
{
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_NODES), stop_all_read);
}

/* What always runs (switches) is not waited for: then nothing changes any more. */
static void stop_all_read(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    int running = 0;
    for (size_t i = 0; i < project->node_count; i++)
        running += project->nodes[i]->status == NODE_STARTED ||
                   project->nodes[i]->status == NODE_SUSPENDED;
    bool settled = act->want == running && act->tries > 1;
    act->want = running;
    if (running > 0 && !settled && ++act->tries < STOP_LOOKS_MAX) {
        act_wait(act, STOP_LOOK_MS, stop_all_again);
        return;
    }
    struct text reply = {0};
    text_open(&reply, NULL, '{');
    text_string_member(&reply, "project", project->id);
    text_int_member(&reply, "nodes", (int64_t)project->node_count);
    text_int_member(&reply, "running", running);
    text_close(&reply, '}');
    act_reply(act, text_string(&reply));
    text_fini(&reply);
}

static void stop_all_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    stop_all_again(act);
}

int command_project_stop_all(struct gw_plugin *self, struct gw_call *call)
{
    struct project *project = find_project(gw_data(self), call, "id");
    struct act *act = project ? act_new(call, project->server, project->id, NULL) : NULL;
    if (!act)
        return 0;
    for (size_t i = 0; i < project->node_count; i++)
        project->nodes[i]->asked_ms = gw_monotonic_ms(self);
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/nodes/stop", project->project_id);
    act_send(act,
             &(struct act_request){
                 .method = "POST", .path = path, .body = "{}", .timeout_ms = NODE_TIMEOUT_MS},
             stop_all_done);
    return 0;
}
