/* An instance of the plugin on the test host, as most phases use it. */
#include "conformance/conformance.h"

#include <stdlib.h>

int64_t run_budget_ms(const struct run *run)
{
    enum { LEAST_MS = 2000, EACH_MS = 60, MOST_MS = 60000 };
    int64_t wish_ms = (int64_t)run->cycles * EACH_MS;
    return wish_ms < LEAST_MS ? LEAST_MS : wish_ms > MOST_MS ? MOST_MS : wish_ms;
}

struct gwt *instance_started(struct run *run, const char *yaml)
{
    char *wrong = gwt_check(run->descriptor, yaml);
    bool good = !wrong || !*wrong;
    if (!good)
        found_fault(run, "%s is refused%s:\n%s", run->conf ? "the file given" : "a made up file",
                    run->conf ? "" : " (give one with --conf)", wrong);
    gw_free(wrong);
    struct gwt *test = good ? gwt_new(run->descriptor, yaml, 0) : NULL;
    int error = test ? gwt_start(test) : -1;
    if (test && error < 0) {
        found_fault(run, "start answers %d: %s%s", error, gwt_last_error(test),
                    run->conf ? "" : " (does it need a file? --conf FILE)");
        gwt_free(test);
        test = NULL;
    }
    return test;
}

int64_t instance_every_ms(const struct run *run)
{
    return run->descriptor->every_ms > 1000 ? run->descriptor->every_ms : 1000;
}

void instance_use(struct run *run, struct gwt *test)
{
    gwt_run(test, 2 * instance_every_ms(run) + 1);
    const struct gw_command *command = run->descriptor->commands;
    for (; command && command->name; command++) {
        struct buf params;
        buf_init(&params, 1 << 20);
        made_up_table(run, command->params, 0, &params);
        found_beat(run);
        gwt_call(test, command->name, params.data, NULL);
        buf_fini(&params);
    }
    gwt_run(test, instance_every_ms(run));
}
