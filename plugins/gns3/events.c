/* events.c - see events.h. Knows the sentences, not the reasons. */
#include "events.h"

#include <stdarg.h>
#include <stdio.h>

enum { RESTORED_ONCE_MS = 30000 };

void say(struct server *server, enum gw_severity severity, const char *topic, const char *kind,
         const char *id, const char *data, const char *format, ...)
{
    char text[800];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    struct gw_event event = {
        .topic = topic, .severity = severity, .kind = kind, .id = id, .text = text, .data = data};
    gw_emit(server->gns3->self, &event);
}

static void data_open(struct text *text, const struct project *project)
{
    text_open(text, NULL, '{');
    text_string_member(text, "server", project->server->name);
    text_string_member(text, "project", project->id);
    text_string_member(text, "project_name", project->name);
}

void say_project(struct project *project, const char *topic, const char *what)
{
    struct text data = {0};
    data_open(&data, project);
    text_close(&data, '}');
    say(project->server, GW_INFO, topic, "gns3.project", project->id, text_string(&data),
        "Project %s on %s %s.", project->name, project->server->name, what);
    text_fini(&data);
}

static void node_say(struct node *node, enum gw_severity severity, const char *topic,
                     const char *what, struct text *data)
{
    struct project *project = node->project;
    text_close(data, '}');
    say(project->server, severity, topic, "gns3.node", node->id, text_string(data),
        "Node %s of project %s on %s %s.", node->name, project->name, project->server->name, what);
    text_fini(data);
}

static void node_data(struct text *data, const struct node *node)
{
    data_open(data, node->project);
    text_string_member(data, "name", node->name);
    text_string_member(data, "node_type", node->type);
}

void say_node(struct node *node, enum gw_severity severity, const char *topic, const char *what,
              const char *message)
{
    struct text data = {0};
    node_data(&data, node);
    if (message)
        text_string_member(&data, "message", message);
    node_say(node, severity, topic, what, &data);
}

void say_stopped(struct node *node, bool asked)
{
    struct text data = {0};
    node_data(&data, node);
    text_bool_member(&data, "asked", asked);
    node_say(node, GW_INFO, "gns3.node.stopped", "stopped", &data);
}

void say_link(struct link *link, const char *topic, const char *what)
{
    struct project *project = link->project;
    struct text data = {0};
    data_open(&data, project);
    text_string_member(&data, "name", link->name);
    text_close(&data, '}');
    say(project->server, GW_INFO, topic, "gns3.link", link->id, text_string(&data),
        "Link %s of project %s on %s %s.", link->name ? link->name : link->link_id, project->name,
        project->server->name, what);
    text_fini(&data);
}

void say_snapshot(struct snapshot *snapshot, const char *topic, const char *what)
{
    struct project *project = snapshot->project;
    struct text data = {0};
    data_open(&data, project);
    text_string_member(&data, "name", snapshot->name);
    text_close(&data, '}');
    say(project->server, GW_INFO, topic, "gns3.snapshot", snapshot->id, text_string(&data),
        "Snapshot %s of project %s on %s %s.", snapshot->name, project->name, project->server->name,
        what);
    text_fini(&data);
}

void say_restored(struct project *project, const char *snapshot_name, const char *how)
{
    int64_t now = gw_monotonic_ms(project->server->gns3->self);
    if (project->restored_ms && now - project->restored_ms < RESTORED_ONCE_MS)
        return;
    project->restored_ms = now;
    struct text data = {0};
    data_open(&data, project);
    text_string_member(&data, "snapshot", snapshot_name);
    text_string_member(&data, "seen_by", how);
    text_close(&data, '}');
    say(project->server, GW_NOTICE, "gns3.snapshot.restored", "gns3.project", project->id,
        text_string(&data), "Project %s on %s was restored%s%s.", project->name,
        project->server->name, snapshot_name ? " from snapshot " : "",
        snapshot_name ? snapshot_name : "");
    text_fini(&data);
}
