/* The plugin `everything` of one version on the host of gnswatch/testing.h as it is now. */
#undef NDEBUG
#include <gnswatch/testing.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

static bool complete(void *data)
{
    struct gwt *test = data;
    char topic[64];
    snprintf(topic, sizeof(topic), "%s.complete", gnswatch_plugin.name);
    return gwt_events(test, topic) == 1;
}

int main(void)
{
    struct gwt *test = gwt_new(&gnswatch_plugin, "url: http://there\ntable: {depth: 7}\n", 0);
    gwt_http(test, "GET", "http://there/hello", 200, "hello", 0);
    assert(gwt_start(test) == 0);
    bool done = gwt_run_until(test, complete, test, 60000);
    if (gwt_last_error(test)[0])
        fprintf(stderr, "%s\n", gwt_last_error(test));
    assert(done && gwt_last_error(test)[0] == '\0');
    gwt_free(test);
    return 0;
}
