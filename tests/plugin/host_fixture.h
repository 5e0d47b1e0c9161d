/* A host with everything below it, for tests of instances: in this process, or with ISOLATED each
 * in a child (which is the test program again). */
#ifndef GW_TEST_HOST_FIXTURE_H
#define GW_TEST_HOST_FIXTURE_H

#include "unit.h"

#include "plugin/host.h"

enum { WAIT_MS = 20000 };

struct fixture {
    char dir[64], conf_dir[80];
    const char *dirs[2];
    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    struct host *host;
    struct subscription *events;
};

/* What main does first: true, it was the child's and *code is its exit code; else argv[1] is the
 * directory of the test plugins. */
bool fixture_begin(int argc, char **argv, int *code);

int setup(void **state);
int teardown(void **state);
void remove_dir(struct fixture *f);
void write_conf(struct fixture *f, const char *name, const char *text); /* NULL: removes it */
int try_apply(struct fixture *f);
void apply(struct fixture *f);

/* ---- waiting for conditions ---- */
bool again(int64_t *until_ms); /* sleeps a moment; false: it has taken too long */
/* A number of an instance's row in host_json, or of the object steady.state/INSTANCE; -1: none. */
double number_of(struct fixture *f, const char *instance, const char *member, bool object);
void wait_number(struct fixture *f, const char *instance, const char *member, bool object,
                 double least);
bool host_says(struct fixture *f, const char *part);
void wait_host_says(struct fixture *f, const char *part);
/* The next event of a topic; those before it are dropped. */
struct gw_event *wait_event(struct fixture *f, const char *topic);
int call(struct fixture *f, const char *name, const char *instance, struct buf *answer);

#endif
