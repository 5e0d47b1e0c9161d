/* objects.c - traffic.link, traffic.project and traffic.switch as documents. */
#include "capture.h"
#include "traffic.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct traffic *traffic, const char *kind, const char *id, json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(document);
    if (text)
        gw_object_put(traffic->self, kind, id, text);
    free(text);
}

static json_t *text_or_null(const char *text)
{
    json_t *json = text && *text ? json_string(text) : NULL;
    return json ? json : json_null();
}

static json_t *time_or_null(int64_t ms)
{
    return ms > 0 ? json_integer(ms) : json_null();
}

static const char *name_of(const struct node *node)
{
    return node && node->name ? node->name : "?";
}

/* What counts it, or why nothing does. */
static void explain_source(const struct link *link, char *text, size_t size)
{
    static const char *const by[] = {[SOURCE_UBRIDGE] = "uBridge", [SOURCE_DYNAMIPS] = "dynamips"};
    if (link->source == SOURCE_CAPTURE) {
        snprintf(text, size, "its packets come from a capture %s started",
                 capture_is_ours(link) ? "gnswatch has" : "somebody else has");
        return;
    }
    const struct end *first = &link->ends[0], *second = &link->ends[1];
    bool both = first->meter.at_ms == link->row_ms || second->meter.at_ms == link->row_ms;
    both = both && first->meter.known && second->meter.known;
    const struct end *one = first->meter.known ? first : second;
    snprintf(text, size, "counted by %s at %.60s%s%.60s", by[link->source], name_of(one->node),
             both ? " and " : "", both ? name_of(second->node) : "");
}

static bool explain_ends(const struct link *link, char *text, size_t size)
{
    static const char *const states[] = {
        [NODE_CLOSED] = "closed", [NODE_STOPPED] = "stopped", [NODE_SUSPENDED] = "suspended"};
    for (int i = 0; i < 2; i++) {
        const struct node *node = link->ends[i].node;
        if (!node || node->state == NODE_STARTED)
            continue;
        snprintf(text, size, "%.100s is %s", name_of(node), states[node->state]);
        return true;
    }
    return false;
}

static void explain_none(const struct link *link, char *text, size_t size)
{
    const struct node *first = link->ends[0].node, *second = link->ends[1].node;
    const struct project *project = link->project;
    bool here = (first && first->here) || (second && second->here);
    const char *capture = capture_why(link);
    if (project && project->owner && !project->owner->up)
        snprintf(text, size, "its server is not up");
    else if (link->closed)
        snprintf(text, size, "its project is closed");
    else if (link->suspended)
        snprintf(text, size, "it is suspended");
    else if (explain_ends(link, text, size))
        return;
    else if (here && link_is_built_in(link))
        snprintf(text, size, "built-in switches do not count by port%s%.100s", *capture ? "; " : "",
                 capture);
    else if (here)
        snprintf(text, size,
                 "no uBridge of its nodes was found on this machine; gnswatch must see the "
                 "processes of GNS3's user%s%.60s",
                 *capture ? "; " : "", capture);
    else
        snprintf(text, size, "its nodes run on another machine%s%.120s", *capture ? "; " : "",
                 capture);
}

void object_link(struct traffic *traffic, struct link *link)
{
    char why[sizeof link->why] = "";
    const struct project *project = link->project;
    link->changed = false;
    if (!project)
        return;
    if (link->source == SOURCE_NONE)
        explain_none(link, why, sizeof why);
    else
        explain_source(link, why, sizeof why);
    put(traffic, "traffic.link", link->id,
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o,s:o,s:b,s:b}", "server", project->server,
                  "project", project->id, "project_name", project->name, "name", link->name,
                  "source", source_name(link->source), "why", why, "status",
                  status_name(link->status), "since", (json_int_t)link->since_ms, "fault",
                  text_or_null(link->fault), "protocols", capture_protocols(link), "captured",
                  capture_sees(link), "started_capture", capture_is_ours(link)));
}

static json_t *idle_json(const struct traffic *traffic, const struct project *project)
{
    const struct idle_state *state = &project->idling;
    char text[200];
    if (state->since_ms == 0)
        return json_null();
    bool kept = gw_now_ms(traffic->self) < state->kept_until_ms;
    bool action = traffic->idle.action != IDLE_NONE && !kept;
    if (state->acted)
        snprintf(text, sizeof text, "idle: %s", idle_action_name(traffic->idle.action));
    else if (action)
        snprintf(text, sizeof text, "idle; %s follows unless it is used or kept",
                 idle_action_name(traffic->idle.action));
    else
        snprintf(text, sizeof text, "idle%s", kept ? "; kept by hand" : "");
    return json_pack("{s:I,s:s,s:o,s:s}", "since", (json_int_t)state->since_ms, "action",
                     action ? idle_action_name(traffic->idle.action) : "none", "at",
                     time_or_null(action ? state->act_ms : 0), "text", text);
}

void object_project(struct traffic *traffic, struct project *project)
{
    project->changed = false;
    bool selected = traffic->current && strcmp(traffic->current, project->id) == 0;
    project->watched = switch_watches(traffic, project, &project->priority);
    put(traffic, "traffic.project", project->id,
        json_pack("{s:s,s:s,s:s,s:I,s:o,s:I,s:I,s:I,s:b,s:i,s:b,s:o}", "server", project->server,
                  "name", project->name, "status", status_name(project->status), "since",
                  (json_int_t)project->since_ms, "last_traffic",
                  time_or_null(project->last_told_ms), "links_active", (json_int_t)project->active,
                  "links_idle", (json_int_t)project->idle, "links_no_data",
                  (json_int_t)project->no_data, "watched", project->watched, "priority",
                  project->priority, "selected", selected, "idle", idle_json(traffic, project)));
}

void object_switch(struct traffic *traffic)
{
    static const char *const modes[] = {
        [SELECT_AUTO] = "auto", [SELECT_MANUAL] = "manual", [SELECT_OFF] = "off"};
    const struct selection *now = &traffic->selection;
    const struct project *project =
        traffic->current ? lab_project(&traffic->lab, traffic->current) : NULL;
    json_t *decision = traffic->decision ? json_loads(traffic->decision, 0, NULL) : NULL;
    bool pinned = traffic->pinned && now->pinned_until_ms != INT64_MAX;
    traffic->switch_changed = false;
    put(traffic, "traffic.switch", "active",
        json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "mode", modes[now->mode], "project",
                  text_or_null(traffic->current), "name",
                  text_or_null(project ? project->name : NULL), "since",
                  time_or_null(now->since_ms), "pinned_until",
                  time_or_null(pinned ? now->pinned_until_ms : 0), "decision",
                  decision ? decision : json_null()));
}
