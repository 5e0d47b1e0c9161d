/* quiesce.c - the nodes of a run stopped in order and started again, exactly those that ran.
 *
 * Groups come from the schedule's `order` (names, patterns or types); the start goes through them
 * from the first, the stop from the last. Nothing is given up before the deadline: a server that is
 * away when nodes are to be started again is waited for. */
#include "console.h"
#include "run.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000, AGAIN_MS = 3000, AWAY_MS = 2000, AWAY_TIMES_MAX = 43200, MISSED_MAX = 15 };

/* Routers before what hangs on them. */
static const char *const default_order[] = {"dynamips", "iou",    "qemu", "virtualbox",
                                            "vmware",   "docker", "vpcs"};

static size_t group_of(const struct run *run, const struct run_node *node)
{
    const struct gw_values *values = run->how->values;
    size_t count = values ? gw_count(values, "order") : 0;
    for (size_t i = 0; i < count; i++) {
        const char *text = gw_string_at(values, "order", i);
        if (strcmp(text, node->type) == 0 || fnmatch(text, node->name, 0) == 0)
            return i;
    }
    if (count > 0)
        return count;
    count = sizeof default_order / sizeof *default_order;
    for (size_t i = 0; i < count; i++)
        if (strcmp(default_order[i], node->type) == 0)
            return i;
    return count;
}

static int by_group(const void *a, const void *b)
{
    const struct run_node *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return strcmp(x->name, y->name);
}

void quiesce_order(struct run *run)
{
    for (size_t i = 0; i < run->node_count; i++)
        run->nodes[i].group = group_of(run, &run->nodes[i]);
    if (run->node_count > 1)
        qsort(run->nodes, run->node_count, sizeof *run->nodes, by_group);
}

static void reset(struct run *run, run_step_fn *then, int64_t deadline_ms)
{
    run->then = then;
    run->failed_once = false;
    run->passes = run->missed = 0;
    run->flying = 0;
    run->deadline_ms = gw_monotonic_ms(run->snap->self) + deadline_ms;
    for (size_t i = 0; i < run->node_count; i++) {
        run->nodes[i].done = run->nodes[i].ready = false;
        run->nodes[i].text[0] = '\0';
    }
}

static bool too_late(const struct run *run)
{
    return gw_monotonic_ms(run->snap->self) >= run->deadline_ms;
}

static size_t left(const struct run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->node_count; i++)
        count += !run->nodes[i].done;
    return count;
}

/* Names of nodes that are not done, or not ready, with why. */
static void name_late(const struct run *run, bool ready, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < run->node_count && used + 1 < size; i++) {
        const struct run_node *node = &run->nodes[i];
        if (ready ? node->ready : node->done)
            continue;
        int wrote = snprintf(out + used, size - used, "%s%s%s%.100s", used ? ", " : "", node->name,
                             node->text[0] ? ": " : "", node->text);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

/* ---- One pass over the groups ---------------------------------------------------------------- */

/* The next node that is not done, in the direction of the pass; node_count: none. */
static size_t next_of(const struct run *run, bool forward, bool *group_changes)
{
    for (size_t i = run->next_node; i < run->node_count; i++) {
        size_t at = forward ? i : run->node_count - 1 - i;
        if (run->nodes[at].done)
            continue;
        *group_changes = run->nodes[at].group != run->at_group;
        return at;
    }
    return run->node_count;
}

struct pass {
    bool forward;
    void (*send)(struct run *run, size_t node);
    run_step_fn *again; /* goes on after a pause */
    run_step_fn *over;
};

static void pass_go(struct run *run, const struct pass *pass)
{
    while (run->flying < (size_t)run->how->parallel) {
        bool changes = false;
        size_t at = next_of(run, pass->forward, &changes);
        if (at >= run->node_count)
            break;
        if (changes && run->flying > 0)
            return; /* the group before is to be finished first */
        if (changes) {
            bool first = run->next_node == 0;
            run->at_group = run->nodes[at].group;
            if (!first && run->how->pause_ms > 0) {
                run_wait(run, run->how->pause_ms, pass->again);
                return;
            }
        }
        run->next_node = (pass->forward ? at : run->node_count - 1 - at) + 1;
        run->flying++;
        pass->send(run, at);
        if (run->over)
            return;
    }
    if (run->flying == 0)
        pass->over(run);
}

static void pass_begin(struct run *run, const struct pass *pass)
{
    run->next_node = 0;
    run->at_group = (size_t)-1;
    pass_go(run, pass);
}

/* ---- Asking for one node --------------------------------------------------------------------- */

static void node_answer(struct run *run, size_t at, int error, const json_t *answer,
                        const char *wanted)
{
    struct run_node *node = &run->nodes[at];
    const char *status = member_text(answer, "status");
    run->flying--;
    if (error == -ENOENT) {
        snprintf(node->text, sizeof node->text, "it is gone");
        node->done = node->ready = true;
    } else if (error < 0) {
        snprintf(node->text, sizeof node->text, "%.150s", answer_text(answer, error));
    } else if (*wanted && strcmp(status, wanted) != 0) {
        snprintf(node->text, sizeof node->text, "it is %.60s", status);
    } else {
        node->text[0] = '\0';
        node->done = true;
    }
}

struct sent {
    struct run *run;
    size_t at;
    const char *wanted;
    const struct pass *pass;
};

static void on_node(struct snap *snap, int error, const json_t *answer, void *data)
{
    (void)snap;
    const struct sent *sent = data;
    if (!run_arrived(sent->run))
        return;
    node_answer(sent->run, sent->at, error, answer, sent->wanted);
    run_put(sent->run);
    pass_go(sent->run, sent->pass);
}

static void ask_node(struct run *run, size_t at, const char *command, const char *wanted,
                     const struct pass *pass)
{
    struct sent *sent = malloc(sizeof *sent);
    if (sent) {
        *sent = (struct sent){run, at, wanted, pass};
        run->pending++;
        if (ask_for(run->snap, command, id_param(run->nodes[at].id), on_node, sent) == 0)
            return;
        run->pending--;
    }
    run_end(run, RUN_FAILED, "out of memory");
}

/* ---- Stop ------------------------------------------------------------------------------------ */

static void stop_over(struct run *run);
static void stop_pass(struct run *run);
static void stop_go(struct run *run);
static void stop_send(struct run *run, size_t at);

static const struct pass stop_pass_of = {
    .forward = false, .send = stop_send, .again = stop_go, .over = stop_over};

static void stop_send(struct run *run, size_t at)
{
    ask_node(run, at, "gns3.node.stop", "stopped", &stop_pass_of);
}

static void stop_go(struct run *run)
{
    pass_go(run, &stop_pass_of);
}

static void stop_pass(struct run *run)
{
    pass_begin(run, &stop_pass_of);
}

static void stop_over(struct run *run)
{
    char late[300] = "";
    if (left(run) == 0) {
        run_note(run, true, "%zu nodes are stopped", run->node_count);
        run->then(run);
        return;
    }
    if (!too_late(run)) {
        run->passes++;
        run_wait(run, LOOK_MS, stop_pass);
        return;
    }
    name_late(run, false, late, sizeof late);
    run_note(run, false, "not stopped in time: %s", late);
    run->failed_once = true;
    run->then(run);
}

void quiesce_stop(struct run *run, run_step_fn *then)
{
    reset(run, then, run->how->stop_ms);
    run_note(run, true, "stopping %zu nodes, the last of the order first", run->node_count);
    stop_pass(run);
}

/* ---- Start ----------------------------------------------------------------------------------- */

static void start_over(struct run *run);
static void start_pass(struct run *run);
static void start_go(struct run *run);
static void start_send(struct run *run, size_t at);

static const struct pass start_pass_of = {
    .forward = true, .send = start_send, .again = start_go, .over = start_over};

static void start_send(struct run *run, size_t at)
{
    ask_node(run, at, "gns3.node.start", "started", &start_pass_of);
}

static void start_go(struct run *run)
{
    pass_go(run, &start_pass_of);
}

static void start_pass(struct run *run)
{
    pass_begin(run, &start_pass_of);
}

/* While the server is away the deadline stands still. */
static bool server_away(struct run *run)
{
    json_t *server = object_of(run->snap, "gns3.server", run->server);
    bool away = server && strcmp(member_text(server, "status"), "up") != 0;
    json_decref(server);
    return away;
}

static void start_failed(struct run *run, const char *why)
{
    run_note(run, false, "%s", why);
    snprintf(run->torn_by, sizeof run->torn_by, "%.190s", why);
    run->failed_once = true;
    run->then(run);
}

static void start_ready(struct run *run);

static void start_suspended(struct run *run, int error, const json_t *answer)
{
    if (error < 0)
        run_note(run, false, "a node that was suspended cannot be again: %s",
                 answer_text(answer, error));
    start_ready(run);
}

/* Those that were suspended, one after another; then all are looked at. */
static void start_ready(struct run *run)
{
    for (size_t i = 0; i < run->node_count; i++) {
        struct run_node *node = &run->nodes[i];
        if (node->was != WAS_SUSPENDED || node->ready)
            continue;
        node->ready = true;
        run_request(run, "gns3.node.suspend", id_param(node->id), start_suspended);
        return;
    }
    console_wait(run);
}

static void start_over(struct run *run)
{
    char late[300] = "", text[400];
    if (left(run) == 0) {
        run_note(run, true, "%zu nodes run again", run->node_count);
        run->deadline_ms = gw_monotonic_ms(run->snap->self) + run->how->ready_ms;
        start_ready(run);
        return;
    }
    if (server_away(run)) {
        run->deadline_ms += AWAY_MS;
        if (run->passes++ == 0)
            run_note(run, false, "the server is away; its nodes are started when it is back");
        run_wait(run, AWAY_MS, start_pass);
        return;
    }
    if (!too_late(run)) {
        run->passes++;
        run_wait(run, AGAIN_MS, start_pass);
        return;
    }
    name_late(run, false, late, sizeof late);
    snprintf(text, sizeof text, "not running again: %s. Start them by hand.", late);
    start_failed(run, text);
}

static void start_look(struct run *run);

/* The server is away, or the gns3 plugin has not begun: it is waited for, a day at most. */
static void start_later(struct run *run, const char *why)
{
    if (run->passes >= AWAY_TIMES_MAX) {
        start_failed(run, why);
        return;
    }
    if (run->passes++ % 30 == 0)
        run_note(run, false, "cannot look at the project yet: %s", why);
    run->deadline_ms += AWAY_MS;
    run_wait(run, AWAY_MS, start_look);
}

static void start_looked(struct run *run, int error, const json_t *answer)
{
    const json_t *project = json_object_get(answer, "project");
    json_t *known = object_of(run->snap, "gns3.project", run->project);
    /* After a crash of ours the gns3 plugin may know it only when it has read the lists. */
    run->missed = known ? 0 : run->missed + 1;
    if (run->missed > MISSED_MAX)
        start_failed(run, "the project is gone: its nodes cannot be started again");
    else if (error < 0)
        start_later(run, answer_text(answer, error));
    else if (strcmp(member_text(project, "status"), "opened") != 0)
        start_failed(run, "the project is closed, by somebody or because GNS3 was restarted: its "
                          "nodes are left as they are");
    else
        start_pass(run);
    json_decref(known);
}

static void start_look(struct run *run)
{
    run_request(run, "gns3.project.sync", id_param(run->project), start_looked);
}

void quiesce_start(struct run *run, run_step_fn *then)
{
    reset(run, then, run->how->start_ms);
    if (run->node_count == 0) {
        then(run);
        return;
    }
    run_note(run, true, "starting the %zu nodes that ran", run->node_count);
    start_look(run);
}
