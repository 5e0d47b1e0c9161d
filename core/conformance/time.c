/* Time and peers at their worst: turns that come late, peers that do not answer or answer nonsense,
 * clocks that jump. Only crashes, hangs and restlessness are faults; errors are told, as they
 * should be. */
#include "conformance/conformance.h"

#include "testing/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

static void all_peers(struct gwt *test, int status, const char *body)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        gwt_http(test, methods[i], "*", status, body, 0);
}

/* A turn that comes `ms` late. */
static void late(struct gwt *test, int64_t ms)
{
    fake_clock_advance_ms(&test->clock, ms);
    gwt_run(test, 0);
}

struct peer {
    int status;
    const char *body, *what;
};

void phase_slow(struct run *run, void *data)
{
    static const struct peer peers[] = {
        {-ETIMEDOUT, "", "peers never answer"},
        {-ECONNREFUSED, "", "peers refuse"},
        {500, "{\"message\":", "peers answer 500 and half a document"},
        {200, "", "peers answer nothing"},
        {200, "[]", "peers answer an empty list"},
        {200, "{}", "peers answer an empty object"},
        {200, "null", "peers answer null"},
        {200, "[null,1,\"x\",[],{\"id\":5,\"name\":null}]", "peers answer nonsense"},
        {401, "{\"message\":\"no\"}", "peers want to know who asks"},
    };
    (void)data;
    struct gwt *test = instance_started(run, run->yaml);
    if (!test)
        return;
    int64_t every_ms = instance_every_ms(run);
    for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
        found_place(run, "%s", peers[i].what);
        all_peers(test, peers[i].status, peers[i].body);
        gwt_run(test, 5 * every_ms);
        found_place(run, "%s, turns come an hour late", peers[i].what);
        late(test, HOUR_MS);
        gwt_run(test, every_ms);
    }
    found_place(run, "stop");
    gwt_free(test);
}

void phase_jumps(struct run *run, void *data)
{
    static const int64_t by_ms[] = {1,
                                    -1,
                                    HOUR_MS,
                                    -HOUR_MS,
                                    INT64_C(30) * DAY_MS,
                                    -INT64_C(400) * DAY_MS,
                                    INT64_C(40) * 365 * DAY_MS};
    (void)data;
    struct gwt *test = instance_started(run, run->yaml);
    if (!test)
        return;
    int64_t every_ms = instance_every_ms(run);
    gwt_run(test, 3 * every_ms);
    for (size_t i = 0; i < sizeof(by_ms) / sizeof(*by_ms); i++) {
        found_place(run, "the clock jumps by %lld ms", (long long)by_ms[i]);
        gwt_set_clock(test, gwt_now_ms(test) + by_ms[i]);
        gwt_run(test, 3 * every_ms);
    }
    found_place(run, "the clock is at 1970");
    gwt_set_clock(test, 1);
    gwt_run(test, 3 * every_ms);
    found_place(run, "stop");
    gwt_free(test);
}
