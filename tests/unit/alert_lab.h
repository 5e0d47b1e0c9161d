/* alert_lab.h - a lab played for the alert plugin on the test host, and a receiver that remembers
 * what it was told, once each, as the sinks do. */
#ifndef GW_TEST_ALERT_LAB_H
#define GW_TEST_ALERT_LAB_H

#include <gnswatch/testing.h>
#include <jansson.h>

enum { SINKS = 4, NOTICES_MAX = 4000 };

struct sink { /* a command that takes notifications */
    const char *command;
    int refuse;                   /* an error to refuse with; 0: it takes */
    json_t *notices[NOTICES_MAX]; /* owned; those taken, each id once */
    size_t count, duplicates;
};

struct lab {
    struct gwt *test;
    struct sink sinks[SINKS];
    size_t servers, computes, projects, nodes; /* each: of the one above */
    bool server_up[8];
    double cpu[8], disk[8]; /* of the first compute of each server */
    double latency[8];
    char *yaml;
};

/* Objects and one row of everything are there; the plugin is not started. */
struct lab *lab_new(const char *yaml, size_t servers, size_t projects, size_t nodes);
void lab_free(struct lab *lab);
void lab_start(struct lab *lab);
void lab_kill(struct lab *lab);            /* and begins a new life */
void lab_run(struct lab *lab, int64_t ms); /* with rows of all series each 5 s */

void lab_server(struct lab *lab, size_t server, bool up);
void lab_compute(struct lab *lab, size_t server, bool connected);
void lab_project(struct lab *lab, size_t server, size_t project, const char *status);
void lab_node(struct lab *lab, size_t server, size_t project, size_t node, const char *status);
void lab_node_event(struct lab *lab, size_t server, size_t project, size_t node, const char *topic);

/* Notices taken by sink 0 that contain an alert of this rule whose label has this value, and are of
 * this kind (NULL: any). `state`: of the alert in it; NULL: any. */
size_t lab_told(const struct lab *lab, const char *kind, const char *rule, const char *state,
                const char *label, const char *value);
json_t *lab_last(const struct lab *lab); /* of sink 0; NULL: none */

#endif
