/* recommend.c - see recommend.h. A table of findings and sentences; three or more of the same in
 * one project or server become one sentence. */
#include "recommend.h"

#include "meter.h"
#include "publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAME_MAX = 2, FINDINGS_MAX = 2000 };

struct advice {
    enum thing_kind kind;
    enum factor factor;
    double critical_from;        /* badness; above 1: never critical */
    const char *one;             /* "Start %s again": the thing's name */
    const char *several;         /* "Start %zu nodes of %s again"; NULL: never put together */
    const char *command, *param; /* the thing's id; NULL: none */
    const char *together;        /* command for several, with the id of what is above; NULL */
};

static const struct advice table[] = {
    {THING_SERVER, FACTOR_AVAILABILITY, 0.5,
     "Bring GNS3 server %s back: is it running, and does "
     "its address still fit?",
     NULL, "gns3.server.test", "id", NULL},
    {THING_COMPUTE, FACTOR_AVAILABILITY, 0.5,
     "Bring compute %s back: its nodes cannot be reached, "
     "and GNS3 closes the projects on it",
     NULL, NULL, NULL, NULL},
    {THING_NODE, FACTOR_STATE, 1.1,
     "Start node %s again, and look at its console and log for why "
     "it stopped",
     "Start %zu nodes of project %s again, and look at what they have in common", "gns3.node.start",
     "id", "gns3.project.start_all"},
    {THING_COMPUTE, FACTOR_DISK, 0.8,
     "Make room on the disk of compute %s: remove old snapshots "
     "and projects nobody uses",
     NULL, NULL, NULL, NULL},
    {THING_COMPUTE, FACTOR_MEMORY, 0.8,
     "Stop labs nobody uses on compute %s, or give it more "
     "memory",
     NULL, NULL, NULL, NULL},
    {THING_COMPUTE, FACTOR_CPU, 1.1,
     "Stop labs nobody uses on compute %s, or move nodes to "
     "another one",
     NULL, NULL, NULL, NULL},
    {THING_SERVER, FACTOR_ERRORS, 0.8, "Read the log of GNS3 server %s: its requests fail", NULL,
     "gns3.server.test", "id", NULL},
    {THING_SERVER, FACTOR_LATENCY, 1.1, "Look at what keeps GNS3 server %s busy", NULL,
     "gns3.server.test", "id", NULL},
    {THING_SERVER, FACTOR_FLAPPING, 1.1,
     "Find out why GNS3 server %s comes and goes: its network, "
     "its memory, a service that restarts it",
     NULL, NULL, NULL, NULL},
    {THING_COMPUTE, FACTOR_FLAPPING, 1.1,
     "Find out why compute %s comes and goes: the network "
     "between it and its server",
     NULL, NULL, NULL, NULL},
    {THING_NODE, FACTOR_FLAPPING, 1.1, "Find out why node %s changes its state again and again",
     "Find out why %zu nodes of project %s change their state again and again", NULL, NULL, NULL},
    {THING_LINK, FACTOR_FAULTS, 0.8, "Mend link %s: restart the nodes at its ends, or draw it anew",
     "Mend %zu links of project %s: restart the nodes at their ends", NULL, NULL, NULL},
    {THING_LINK, FACTOR_DROPS, 1.1,
     "Look at the filters and the load of link %s, which loses "
     "packets",
     "Look at the filters and the load of %zu links of project %s, which lose packets", NULL, NULL,
     NULL},
    {THING_PROJECT, FACTOR_SNAPSHOTS, 1.1,
     "Take a snapshot of project %s, and look at why the "
     "schedule has none",
     NULL, "snapshot.take", "project", NULL},
    {THING_SERVER, FACTOR_ALERTS, 1, "Deal with the alerts of server %s", NULL, NULL, NULL, NULL},
    {THING_COMPUTE, FACTOR_ALERTS, 1, "Deal with the alerts of compute %s", NULL, NULL, NULL, NULL},
    {THING_PROJECT, FACTOR_ALERTS, 1, "Deal with the alerts of project %s", NULL, NULL, NULL, NULL},
    {THING_NODE, FACTOR_ALERTS, 1, "Deal with the alerts of node %s",
     "Deal with the alerts of %zu nodes of project %s", NULL, NULL, NULL},
    {THING_LINK, FACTOR_ALERTS, 1, "Deal with the alerts of link %s",
     "Deal with the alerts of %zu links of project %s", NULL, NULL, NULL},
};

struct finding {
    const struct advice *advice;
    struct thing *thing;
    double badness, points; /* points: at its own thing */
    size_t same;            /* how many it stands for */
};

/* ---- Addresses ------------------------------------------------------------------------------- */

static void add_encoded(char *out, size_t bytes, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t at = strlen(out);
    for (; *text && at + 4 < bytes; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c && strchr("-_.~", c));
        if (!plain) {
            out[at++] = '%';
            out[at++] = digits[c >> 4];
        }
        out[at++] = (char)(plain ? c : (unsigned char)digits[c & 15]);
    }
    out[at] = '\0';
}

static void link_of(const struct world *world, const char *page, const char *id, char *out,
                    size_t bytes)
{
    snprintf(out, bytes, "%s/#/%s%s", gw_dashboard(world->lab->self), page, id ? "/" : "");
    if (id)
        add_encoded(out, bytes, id);
}

void link_to_thing(const struct world *world, const struct thing *thing, char *out, size_t bytes)
{
    if (thing->kind == THING_NODE)
        link_of(world, "nodes", thing->id, out, bytes);
    else if (thing->kind == THING_PROJECT)
        link_of(world, "projects", thing->id, out, bytes);
    else if (thing->kind == THING_LINK && thing->project_id)
        link_of(world, "projects", thing->project_id, out, bytes);
    else if (thing->server)
        link_of(world, "servers", thing->server, out, bytes);
    else
        link_of(world, "scores", NULL, out, bytes);
}

void link_to_series(const struct world *world, const char *key, char *out, size_t bytes)
{
    link_of(world, "graph", key, out, bytes);
}

/* ---- Findings -------------------------------------------------------------------------------- */

static const struct advice *advice_of(enum thing_kind kind, enum factor factor)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].kind == kind && table[i].factor == factor)
            return &table[i];
    return NULL;
}

/* Of the same above, they become one as soon as they are more than a few. */
static bool put_to_same(struct finding *all, size_t count, const struct finding *one)
{
    size_t same = 0;
    for (size_t i = 0; i < count; i++)
        if (all[i].advice == one->advice && all[i].thing->above == one->thing->above)
            same++;
    if (!one->advice->several || same < SAME_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (all[i].advice == one->advice && all[i].thing->above == one->thing->above) {
            all[i].same++;
            all[i].points += one->points;
            return true;
        }
    return false;
}

static size_t find(const struct world *world, struct finding *all)
{
    size_t count = 0;
    for (enum thing_kind kind = THING_SERVER; kind <= THING_LINK; kind++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &world->lab->of[kind], entry)
        for (size_t i = 0; i < thing->reason_count; i++) {
            const struct reason *reason = &thing->reasons[i];
            const struct advice *advice =
                reason->thing == thing ? advice_of(kind, reason->factor) : NULL;
            const struct factor_state *state = thing_factor(thing, reason->factor);
            if (!advice || !state || state->known <= 0 || reason->points < 1)
                continue;
            struct finding one = {advice, thing, state->badness, reason->points, 1};
            if (count < FINDINGS_MAX && !put_to_same(all, count, &one))
                all[count++] = one;
        }
    }
    return count;
}

/* The second of a few that turned out to be many says nothing more. */
static size_t fold(struct finding *all, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool said = false;
        for (size_t k = 0; k < kept && !said; k++)
            if (all[k].same > 1 && all[k].advice == all[i].advice &&
                all[k].thing->above == all[i].thing->above) {
                all[k].same += all[i].same;
                said = true;
            }
        if (!said)
            all[kept++] = all[i];
    }
    return kept;
}

static bool is_critical(const struct finding *finding)
{
    return finding->badness >= finding->advice->critical_from;
}

static int most_urgent_first(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (is_critical(x) != is_critical(y))
        return is_critical(x) ? -1 : 1;
    if (x->thing->kind != y->thing->kind)
        return x->thing->kind < y->thing->kind ? -1 : 1;
    if (x->points != y->points)
        return x->points > y->points ? -1 : 1;
    return strcmp(x->thing->key, y->thing->key);
}

/* ---- Sentences ------------------------------------------------------------------------------- */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats are those of the table above \
                                                      */
static void sentence(const struct finding *finding, char *out, size_t bytes)
{
    const struct advice *advice = finding->advice;
    if (finding->same > 1)
        snprintf(out, bytes, advice->several, finding->same, finding->thing->above->name);
    else
        snprintf(out, bytes, advice->one, finding->thing->name);
}
#pragma GCC diagnostic pop

static json_t *command_of(const struct world *world, const struct finding *finding)
{
    const struct advice *advice = finding->advice;
    const char *command = finding->same > 1 ? advice->together : advice->command;
    const struct thing *thing = finding->same > 1 ? finding->thing->above : finding->thing;
    bool there = command && (strncmp(command, "snapshot.", 9) != 0 || world->snapshots);
    if (!there)
        return json_null();
    return json_pack("{s:s, s:{s:s}}", "name", command, "params",
                     finding->same > 1 ? "id" : advice->param, thing->id);
}

static json_t *document_of(const struct world *world, const struct finding *finding)
{
    const struct thing *thing = finding->same > 1 ? finding->thing->above : finding->thing;
    char text[900], why[900], url[1500];
    const struct reason reason = {.factor = finding->advice->factor, .thing = finding->thing};
    sentence(finding, text, sizeof text);
    if (finding->same == 1) {
        reason_text(&reason, why, sizeof why);
    } else {
        char first[700];
        reason_sentence(&reason, thing, first, sizeof first);
        snprintf(why, sizeof why, "%s, and %zu more", first, finding->same - 1);
    }
    json_t *series = series_document(finding->thing, finding->advice->factor);
    const char *key = json_string_value(json_object_get(series, "key"));
    if (key && finding->same == 1)
        link_to_series(world, key, url, sizeof url);
    else
        link_to_thing(world, thing, url, sizeof url);
    json_decref(series);
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "severity",
                     is_critical(finding) ? "critical" : "warning", "text", text, "why", why,
                     "subject", subject_document(thing), "command", command_of(world, finding),
                     "url", url);
}

json_t *recommend(const struct world *world)
{
    json_t *list = json_array();
    struct finding *all = calloc(FINDINGS_MAX, sizeof *all);
    size_t count = all ? fold(all, find(world, all)) : 0;
    if (count)
        qsort(all, count, sizeof *all, most_urgent_first);
    for (size_t i = 0; i < count && i < RECOMMEND_MAX; i++)
        json_array_append_new(list, document_of(world, &all[i]));
    free(all);
    return list;
}
