/* A plugin that does nothing by itself: tests of the test host call gw_ functions for it. */
#ifndef GW_TEST_TESTING_PROBE_H
#define GW_TEST_TESTING_PROBE_H

#include "unit.h"

#include <gnswatch/testing.h>

extern const struct gw_descriptor gnswatch_plugin;

/* What came, in order, as "name@ms " from the first note on. */
struct notes {
    struct gwt *test;
    int64_t begin_ms;
    char text[4096];
    int count;
};

struct gwt *probe_new(const char *yaml); /* started */
void note(struct notes *notes, const char *name);
void notes_begin(struct notes *notes, struct gwt *test);

/* Runs `fn` in a child process and holds that it ends itself with `sentence` on stderr. */
void assert_dies(void (*fn)(struct gwt *test), struct gwt *test, const char *sentence);

#endif
