/* health_story.h - a small lab for the tests of the health plugin: what gns3 would tell of it. */
#ifndef HEALTH_STORY_H
#define HEALTH_STORY_H

#include "unit.h"

#include <gnswatch/testing.h>

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

__attribute__((unused)) static void story_server(struct gwt *test, const char *name,
                                                 const char *status)
{
    char json[300];
    bool up = strcmp(status, "up") == 0;
    snprintf(json, sizeof json, "{\"name\":\"%s\",\"status\":\"%s\",\"error\":%s}", name, status,
             up ? "null" : "\"connection refused\"");
    gwt_put(test, "gns3.server", name, json);
}

__attribute__((unused)) static void story_compute(struct gwt *test, const char *server,
                                                  const char *compute, bool connected)
{
    char json[300], id[100];
    snprintf(id, sizeof id, "%s/%s", server, compute);
    snprintf(json, sizeof json,
             "{\"server\":\"%s\",\"compute_id\":\"%s\",\"name\":\"%s\",\"connected\":%s,"
             "\"last_error\":null}",
             server, compute, compute, connected ? "true" : "false");
    gwt_put(test, "gns3.compute", id, json);
}

__attribute__((unused)) static void story_project(struct gwt *test, const char *server,
                                                  const char *id, const char *name, bool opened)
{
    char json[400];
    snprintf(json, sizeof json,
             "{\"server\":\"%s\",\"project_id\":\"%s\",\"name\":\"%s\",\"status\":\"%s\","
             "\"followed\":false}",
             server, id, name, opened ? "opened" : "closed");
    gwt_put(test, "gns3.project", id, json);
}

__attribute__((unused)) static void story_node(struct gwt *test, const char *server,
                                               const char *project, const char *id,
                                               const char *name, const char *status)
{
    char json[500];
    snprintf(json, sizeof json,
             "{\"server\":\"%s\",\"project\":\"%s\",\"project_name\":\"net\",\"name\":\"%s\","
             "\"node_type\":\"vpcs\",\"compute_id\":\"local\",\"status\":\"%s\"}",
             server, project, name, status);
    gwt_put(test, "gns3.node", id, json);
}

/* A node's state changes as gns3 tells it: the object first, then the event. */
__attribute__((unused)) static void story_stop(struct gwt *test, const char *id, const char *name,
                                               const char *how)
{
    bool crashed = strcmp(how, "crashed") == 0;
    story_node(test, "lab", "p1", id, name, "stopped");
    gwt_say(test, crashed ? "gns3.node.crashed" : "gns3.node.stopped", crashed ? GW_ERROR : GW_INFO,
            "gns3.node", id, "It stopped.",
            strcmp(how, "asked") == 0     ? "{\"asked\":true}"
            : strcmp(how, "unasked") == 0 ? "{\"asked\":false}"
                                          : "{}");
}

__attribute__((unused)) static void story_start(struct gwt *test, const char *id, const char *name)
{
    story_node(test, "lab", "p1", id, name, "started");
    gwt_say(test, "gns3.node.started", GW_INFO, "gns3.node", id, "It started.", "{}");
}

__attribute__((unused)) static void story_rows(struct gwt *test, double cpu, double memory,
                                               double disk, double latency)
{
    const double server[] = {1, latency, 0};
    const double compute[] = {1, cpu, memory, disk};
    gwt_row(test, "gns3.server", "server=lab", "up,latency_ms,breaker", server);
    gwt_row(test, "gns3.compute", "server=lab,compute=local", "connected,cpu,memory,disk", compute);
}

/* Server lab with compute local and project p1 "net" of `nodes` started nodes n0, n1 … named N0 …
 */
__attribute__((unused)) static struct gwt *story_lab(const char *yaml, size_t nodes)
{
    struct gwt *test = gwt_new(&gnswatch_plugin, yaml, 0);
    assert_non_null(test);
    story_server(test, "lab", "up");
    story_compute(test, "lab", "local", true);
    story_project(test, "lab", "p1", "net", true);
    for (size_t i = 0; i < nodes; i++) {
        char id[24], name[24];
        snprintf(id, sizeof id, "n%zu", i);
        snprintf(name, sizeof name, "N%zu", i);
        story_node(test, "lab", "p1", id, name, "started");
    }
    assert_int_equal(gwt_start(test), 0);
    return test;
}

/* Time passes with rows each 10 s. */
__attribute__((unused)) static void story_run(struct gwt *test, int64_t ms, double cpu,
                                              double memory, double disk, double latency)
{
    for (int64_t at = 0; at < ms; at += 10000) {
        story_rows(test, cpu, memory, disk, latency);
        gwt_run(test, 10000);
    }
}

__attribute__((unused)) static void story_calm(struct gwt *test, int64_t ms)
{
    story_run(test, ms, 10, 40, 30, 9);
}

/* The score of "gns3.node/n0"; -1: null, -2: there is none. */
__attribute__((unused)) static int story_score(struct gwt *test, const char *key)
{
    char *text = gwt_object(test, "health.score", key);
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *score = json_object_get(doc, "score");
    int value = !doc ? -2 : json_is_integer(score) ? (int)json_integer_value(score) : -1;
    double sum = 0;
    size_t i;
    json_t *reason;
    json_array_foreach(json_object_get(doc, "reasons"), i, reason) sum +=
        json_number_value(json_object_get(reason, "points"));
    if (value >= 0)
        assert_true(fabs(sum - (value - 100)) < 1e-6); /* at every look, of everything */
    json_decref(doc);
    gw_free(text);
    return value;
}

#endif
