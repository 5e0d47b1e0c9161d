/* A host and a GNS3 client for the tests of plugins/gns3: time is the test's, answers are what the
 * test says, and what the plugin does is kept to be looked at. */
#ifndef GNS3_LAB_H
#define GNS3_LAB_H

#include "gns3/client.h"
#include "gns3/model.h"

#include <gnswatch/plugin.h>
#include <jansson.h>

struct lab;

/* The plugin is started with these servers ("a,b"); project feeds are on if `feeds`. */
struct lab *lab_new(const char *servers, bool feeds);
void lab_free(struct lab *lab);
void lab_restart(struct lab *lab); /* stops and starts the plugin; objects stay */
/* Documents are counted, not checked or kept: for measuring. */
void lab_trust(struct lab *lab);
struct gns3 *lab_gns3(struct lab *lab);
struct gw_plugin *lab_self(struct lab *lab);

/* What the server called `server` answers to GET (or METHOD) `path` from now on. */
void lab_answer(struct lab *lab, const char *server, const char *method, const char *path,
                int status, const char *body);
void lab_version(struct lab *lab, const char *server, const char *version);
void lab_state(struct lab *lab, const char *server, enum client_state state);
void lab_feed(struct lab *lab, const char *server, const char *project_id, const char *action,
              const char *event_json);
/* Time passes: timers and answers come, and ticks every 5 s. */
void lab_run(struct lab *lab, int64_t ms);

/* Requests sent so far whose "METHOD /path" contains `part`. */
size_t lab_requests(struct lab *lab, const char *part);
size_t lab_followed(struct lab *lab, const char *server);
size_t lab_puts(struct lab *lab); /* documents that were different */
size_t lab_errors(struct lab *lab);
json_t *lab_object(struct lab *lab, const char *kind, const char *id); /* a new reference or NULL */
size_t lab_objects(struct lab *lab, const char *kind);
const char *lab_object_id(struct lab *lab, const char *kind, size_t i);
size_t lab_events(struct lab *lab, const char *topic);
size_t lab_series(struct lab *lab, const char *key); /* rows; key "gns3.node/lab/demo/PC1" */
bool lab_series_ended(struct lab *lab, const char *key);

/* Runs a command until it has answered. Returns 0 or the error it was refused with; *answer (may be
 * NULL) is the reply or the sentence, until the next call. Parameters: a JSON object. */
int lab_call(struct lab *lab, const char *command, const char *params, const char **answer);

/* A recorded answer (the caller frees it); NULL: the recordings are not there. */
char *lab_recording(const char *name);

#endif
