/* Each allocation in turn fails: the plugin may fail as well, but not crash, hang or go on with
 * what it has not got. */
#include "conformance/conformance.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    STEP_MS = 20000,
    EACH_FIRST = 200, /* these one by one, then ever larger steps */
};

/* One life in which the allocation *n fails; 0: none, they are counted. */
static void live_once(struct run *run, void *data)
{
    long n = *(long *)data;
    if (n)
        found_place(run, "when allocation %ld fails", n);
    if (fail_alloc_install(run->descriptor->name, n, &run->findings->counter))
        return;
    struct gwt *test = gwt_new(run->descriptor, run->yaml, 0);
    if (test && gwt_start(test) >= 0)
        instance_use(run, test);
    gwt_free(test);
}

void phase_memory(struct run *run, void *data)
{
    (void)data;
    long n = 0;
    if (!step_run(run, "with enough memory", live_once, &n, STEP_MS))
        return;
    long count = run->findings->counter, tried = 0;
    int64_t until_ms = clock_monotonic_ms(clock_system()) + run_budget_ms(run);
    bool in_time = true;
    for (n = 1; n <= count && in_time && run->findings->faults_found < 3;
         n += n < EACH_FIRST ? 1 : n / EACH_FIRST + 1) {
        step_run(run, "", live_once, &n, STEP_MS);
        tried++;
        in_time = clock_monotonic_ms(clock_system()) < until_ms;
    }
    if (count == 0)
        found_note(run, "it allocated nothing, or this processor is not known");
    else
        found_note(run, "%ld of %ld allocations failed, one a life", tried, count);
}
