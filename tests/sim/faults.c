/* faults - see faults.h. Must not know of routes beyond the start of their paths. */
#include "faults.h"

#include "feed.h"
#include "http.h"
#include "route.h"

#include <stdio.h>
#include <string.h>

enum { GIVE_UP_MS = 50000 };

static const struct {
    const char *name;
    enum fault_kind kind;
} names[] = {
    {"none", FAULT_NONE},           {"down", FAULT_DOWN},
    {"refuse", FAULT_REFUSE},       {"slow", FAULT_SLOW},
    {"error500", FAULT_ERROR500},   {"garbage", FAULT_GARBAGE},
    {"half", FAULT_HALF},           {"hang", FAULT_HANG},
    {"hang_feed", FAULT_HANG_FEED}, {"dead_compute", FAULT_DEAD_COMPUTE},
};

const char *fault_name(enum fault_kind kind)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].kind == kind)
            return names[i].name;
    return NULL;
}

enum fault_kind fault_parse(const char *name)
{
    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].kind;
    return (enum fault_kind)0;
}

static bool uses_dead_compute(const struct server *s, const struct project *p)
{
    for (size_t i = 0; i < p->n_nodes; i++) {
        const char *id = json_string_value(json_object_get(p->nodes[i]->doc, "compute_id"));
        for (int k = 0; id && k < s->n_computes; k++)
            if (!s->computes[k].connected && strcmp(s->computes[k].id, id) == 0)
                return true;
    }
    return false;
}

/* The controller tries ten times to reconnect, then closes every project on that compute. */
static void on_give_up(uv_timer_t *t)
{
    struct server *s = t->data;
    for (size_t i = 0; i < s->n_projects; i++)
        if (s->projects[i]->opened && uses_dead_compute(s, s->projects[i]))
            project_close(s->projects[i], false);
}

/* The last compute but "local" dies or comes back; one is added when there is only "local". */
static void set_compute(struct server *s, bool connected)
{
    if (s->n_computes == 1) {
        if (connected)
            return;
        s->computes[1] = (struct compute){.id = "second", .name = "second", .connected = true};
        s->n_computes = 2;
    }
    struct compute *k = &s->computes[s->n_computes - 1];
    if (k->connected == connected)
        return;
    k->connected = connected;
    s->give_up.data = s;
    if (connected)
        uv_timer_stop(&s->give_up);
    else
        uv_timer_start(&s->give_up, on_give_up, sim_wait_ms(s->sim, GIVE_UP_MS), 0);
    json_t *event = compute_doc(s, s->n_computes - 1);
    feed_emit(s, NULL, "compute.updated", event);
    json_decref(event);
}

static void drop_all(struct server *s)
{
    while (s->conns)
        conn_close(s->conns);
}

void fault_set(struct server *s, enum fault_kind kind, uint64_t ms, const char *prefix)
{
    s->fault.kind = kind;
    s->fault.ms = ms;
    sim_copy(s->fault.prefix, sizeof(s->fault.prefix), prefix);
    set_compute(s, kind != FAULT_DEAD_COMPUTE);
    if (kind == FAULT_DOWN || kind == FAULT_REFUSE)
        server_unlisten(s);
    else if (!s->listening)
        server_listen(s);
    if (kind == FAULT_DOWN)
        drop_all(s);
}

static void answer_500(struct conn *c)
{
    static const char v2[] =
        "{\n    \"message\": \"Traceback (most recent call last):\\n  File \\\"gns3server/web/"
        "route.py\\\", line 1\\nRuntimeError: simulated\\n\",\n    \"status\": 500\n}";
    static const char v3[] = "Internal Server Error";
    if (server_is(c->server, 3))
        answer_raw(c, 500, "text/plain; charset=utf-8", v3, sizeof(v3) - 1);
    else
        answer_raw(c, 500, "application/json", v2, sizeof(v2) - 1);
    c->server->stats.by_class[5]++;
}

static void answer_garbage(struct conn *c)
{
    char text[512];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)rng_next(&c->server->rng);
    text[0] = '[';
    text[1] = '{';
    answer_raw(c, 200, "application/json", text, sizeof(text));
}

enum fault_kind fault_apply(struct conn *c)
{
    const struct fault *f = &c->server->fault;
    if (f->prefix[0] && strncmp(c->req.path, f->prefix, strlen(f->prefix)) != 0)
        return FAULT_NONE;
    switch (f->kind) {
    case FAULT_SLOW:
    case FAULT_HANG:
        return f->kind;
    case FAULT_ERROR500:
        answer_500(c);
        return f->kind;
    case FAULT_GARBAGE:
        answer_garbage(c);
        return f->kind;
    case FAULT_HALF:
        c->half = true;
        return FAULT_NONE;
    default:
        return FAULT_NONE;
    }
}
