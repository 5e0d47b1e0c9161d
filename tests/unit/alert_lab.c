/* alert_lab.c - see alert_lab.h. */
#include "unit.h"

#include "alert_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

/* ---- The receiver ---------------------------------------------------------------------------- */

static bool taken_before(const struct sink *sink, const char *id)
{
    for (size_t i = 0; i < sink->count; i++)
        if (strcmp(json_string_value(json_object_get(sink->notices[i], "id")), id) == 0)
            return true;
    return false;
}

static int take(void *data, const char *params_json, char **reply)
{
    struct sink *sink = data;
    json_t *params = json_loads(params_json, 0, NULL);
    json_t *notice = json_object_get(params, "notification");
    assert_non_null(notice);
    if (sink->refuse) {
        json_decref(params);
        return sink->refuse;
    }
    if (taken_before(sink, json_string_value(json_object_get(notice, "id")))) {
        sink->duplicates++;
        *reply = strdup("{\"duplicate\":true}");
    } else {
        assert_true(sink->count < NOTICES_MAX);
        sink->notices[sink->count++] = json_incref(notice);
    }
    json_decref(params);
    return 0;
}

static bool has_alert(const json_t *notice, const char *rule, const char *state, const char *label,
                      const char *value)
{
    size_t i;
    json_t *alert;
    json_array_foreach(json_object_get(notice, "alerts"), i, alert)
    {
        const char *is = json_string_value(json_object_get(alert, "state"));
        const char *has = json_string_value(
            json_object_get(json_object_get(alert, "labels"), label ? label : "alertname"));
        if (strcmp(json_string_value(json_object_get(alert, "rule")), rule) == 0 &&
            (!state || strcmp(is, state) == 0) && (!label || (has && strcmp(has, value) == 0)))
            return true;
    }
    return false;
}

size_t lab_told(const struct lab *lab, const char *kind, const char *rule, const char *state,
                const char *label, const char *value)
{
    size_t count = 0;
    for (size_t i = 0; i < lab->sinks[0].count; i++) {
        const json_t *notice = lab->sinks[0].notices[i];
        const char *is = json_string_value(json_object_get(notice, "kind"));
        count += (!kind || strcmp(is, kind) == 0) && has_alert(notice, rule, state, label, value);
    }
    return count;
}

json_t *lab_last(const struct lab *lab)
{
    return lab->sinks[0].count ? lab->sinks[0].notices[lab->sinks[0].count - 1] : NULL;
}

/* ---- Objects --------------------------------------------------------------------------------- */

void lab_server(struct lab *lab, size_t server, bool up)
{
    char id[32], json[200];
    snprintf(id, sizeof id, "s%zu", server);
    snprintf(json, sizeof json, "{\"name\":\"%s\",\"status\":\"%s\"}", id, up ? "up" : "down");
    lab->server_up[server] = up;
    gwt_put(lab->test, "gns3.server", id, json);
}

void lab_compute(struct lab *lab, size_t server, bool connected)
{
    char id[32], json[300];
    snprintf(id, sizeof id, "s%zu/local", server);
    snprintf(json, sizeof json,
             "{\"server\":\"s%zu\",\"compute_id\":\"local\",\"name\":\"Main\",\"connected\":%s}",
             server, connected ? "true" : "false");
    gwt_put(lab->test, "gns3.compute", id, json);
}

static size_t nodes_started(const struct lab *lab, size_t server, size_t project)
{
    size_t count = 0;
    for (size_t i = 0; i < lab->nodes; i++) {
        char id[64];
        snprintf(id, sizeof id, "n%zu-%zu-%zu", server, project, i);
        count += strcmp(gwt_member(lab->test, "gns3.node", id, "status"), "started") == 0;
    }
    return count;
}

static void project_put(struct lab *lab, size_t server, size_t project, const char *status)
{
    char id[32], json[300];
    snprintf(id, sizeof id, "p%zu-%zu", server, project);
    snprintf(json, sizeof json,
             "{\"server\":\"s%zu\",\"name\":\"lab%zu\",\"status\":\"%s\",\"started_count\":%zu}",
             server, project, status, nodes_started(lab, server, project));
    gwt_put(lab->test, "gns3.project", id, json);
}

static void node_put(struct lab *lab, size_t server, size_t project, size_t node,
                     const char *status)
{
    char id[64], json[400];
    snprintf(id, sizeof id, "n%zu-%zu-%zu", server, project, node);
    snprintf(json, sizeof json,
             "{\"server\":\"s%zu\",\"project\":\"p%zu-%zu\",\"project_name\":\"lab%zu\","
             "\"name\":\"PC%zu\",\"compute_id\":\"local\",\"status\":\"%s\"}",
             server, server, project, project, node, status);
    gwt_put(lab->test, "gns3.node", id, json);
}

static void link_put(struct lab *lab, size_t server, size_t project, size_t node)
{
    char id[64], json[500];
    snprintf(id, sizeof id, "l%zu-%zu-%zu", server, project, node);
    snprintf(json, sizeof json,
             "{\"server\":\"s%zu\",\"project\":\"p%zu-%zu\",\"project_name\":\"lab%zu\","
             "\"name\":\"PC%zu e0 - PC%zu e1\",\"status\":\"up\",\"nodes\":[{\"node\":"
             "\"n%zu-%zu-%zu\"},{\"node\":\"n%zu-%zu-%zu\"}]}",
             server, server, project, project, node, node + 1, server, project, node, server,
             project, node + 1);
    gwt_put(lab->test, "gns3.link", id, json);
}

void lab_node(struct lab *lab, size_t server, size_t project, size_t node, const char *status)
{
    node_put(lab, server, project, node, status);
    project_put(lab, server, project, "opened");
}

/* As the gns3 plugin does: nodes of a project that is closed are closed. */
void lab_project(struct lab *lab, size_t server, size_t project, const char *status)
{
    bool closed = strcmp(status, "closed") == 0;
    for (size_t i = 0; i < lab->nodes; i++)
        node_put(lab, server, project, i, closed ? "closed" : "started");
    project_put(lab, server, project, status);
}

void lab_node_event(struct lab *lab, size_t server, size_t project, size_t node, const char *topic)
{
    char id[64], data[200], text[200];
    snprintf(id, sizeof id, "n%zu-%zu-%zu", server, project, node);
    snprintf(data, sizeof data,
             "{\"server\":\"s%zu\",\"project\":\"p%zu-%zu\",\"project_name\":\"lab%zu\","
             "\"name\":\"PC%zu\"}",
             server, server, project, project, node);
    snprintf(text, sizeof text, "Node PC%zu of project lab%zu on s%zu: %s", node, project, server,
             topic);
    gwt_say(lab->test, topic, GW_ERROR, "gns3.node", id, text, data);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void server_rows(struct lab *lab, size_t server)
{
    char labels[64];
    double up = lab->server_up[server];
    double row[] = {up, lab->latency[server], up > 0 ? 0 : 2};
    snprintf(labels, sizeof labels, "server=s%zu", server);
    gwt_row(lab->test, "gns3.server", labels, "up,latency_ms,breaker", row);
    if (up < 1)
        return;
    double compute[] = {1, lab->cpu[server], 50, 0, lab->disk[server]};
    snprintf(labels, sizeof labels, "server=s%zu,compute=local", server);
    gwt_row(lab->test, "gns3.compute", labels, "connected,cpu,memory,swap,disk", compute);
}

void lab_run(struct lab *lab, int64_t ms)
{
    int64_t end = gwt_now_ms(lab->test) + ms;
    while (gwt_now_ms(lab->test) < end) {
        int64_t now = gwt_now_ms(lab->test), next = now - now % 5000 + 5000;
        if (now % 5000 == 0)
            for (size_t i = 0; i < lab->servers; i++)
                server_rows(lab, i);
        gwt_run(lab->test, (next < end ? next : end) - now);
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void lab_build(struct lab *lab)
{
    for (size_t s = 0; s < lab->servers; s++) {
        lab_server(lab, s, true);
        lab_compute(lab, s, true);
        lab->cpu[s] = 20;
        lab->disk[s] = 40;
        lab->latency[s] = 10;
        for (size_t p = 0; p < lab->projects; p++) {
            lab_project(lab, s, p, "opened");
            for (size_t n = 0; n + 1 < lab->nodes; n++)
                link_put(lab, s, p, n);
        }
    }
}

struct lab *lab_new(const char *yaml, size_t servers, size_t projects, size_t nodes)
{
    static const char *const commands[SINKS] = {"sink.send", "pager.send", "third.send",
                                                "fourth.send"};
    struct lab *lab = calloc(1, sizeof *lab);
    assert_non_null(lab);
    lab->servers = servers;
    lab->projects = projects;
    lab->nodes = nodes;
    lab->test = gwt_new(&gnswatch_plugin, yaml, 0);
    assert_non_null(lab->test);
    for (size_t i = 0; i < SINKS; i++) {
        lab->sinks[i].command = commands[i];
        gwt_offer(lab->test, commands[i], take, &lab->sinks[i]);
    }
    gwt_every(lab->test, 5000);
    lab_build(lab);
    return lab;
}

void lab_free(struct lab *lab)
{
    for (size_t i = 0; i < SINKS; i++)
        for (size_t j = 0; j < lab->sinks[i].count; j++)
            json_decref(lab->sinks[i].notices[j]);
    gwt_free(lab->test);
    free(lab);
}

void lab_start(struct lab *lab)
{
    assert_int_equal(gwt_start(lab->test), 0);
}

void lab_kill(struct lab *lab)
{
    gwt_kill(lab->test);
    lab_start(lab);
}
