/* Events, objects and rows of others that are not what the plugin expects. */
#include "conformance/conformance.h"

#include "testing/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEP = 200, LONG_BYTES = 100000 };

/* What the events' data and the objects are: members as others use them, with wrong types. */
static const char *const documents[] = {
    "{}",
    "{\"changed\":{}}",
    "{\"changed\":1}",
    "{\"changed\":{\"status\":[]}}",
    "{\"changed\":{\"status\":[1,{}],\"name\":\"x\"}}",
    "{\"new\":\"yes\",\"server\":null,\"project\":5,\"project_id\":[],\"node\":{},\"name\":[[]]}",
    "{\"name\":\"\",\"status\":7,\"server\":\"\",\"project\":\"\",\"labels\":{\"a\":1}}",
    "{\"name\":\"\\u0001<b>\",\"severity\":\"worst\",\"value\":1e300,\"time\":-1,\"id\":null}",
};

/* A topic that the pattern takes: `word` for each of its stars. */
static void topic_for(const char *pattern, const char *word, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (; *pattern && used + strlen(word) + 2 < size; pattern++) {
        if (*pattern == '*') {
            memcpy(out + used, word, strlen(word));
            used += strlen(word);
        } else {
            out[used++] = *pattern;
        }
        out[used] = '\0';
    }
}

static void say(struct run *run, struct gwt *test, const char *topic, const char *data)
{
    found_place(run, "event %s with %.200s", topic, data);
    gwt_say(test, topic, GW_CRITICAL, NULL, NULL, NULL, data);
    gwt_say(test, topic, GW_DEBUG, "", "", "", data);
    gwt_say(test, topic, GW_INFO, "gns3.node", "\x01/../%s", "\xc3\xbc %s %n", data);
    gwt_run(test, 10);
}

/* A list a few hundred deep, and a long text. */
static void say_large(struct run *run, struct gwt *test, const char *topic)
{
    struct buf data;
    buf_init(&data, 4 * LONG_BYTES);
    buf_adds(&data, "{\"name\":");
    for (int i = 0; i < DEEP; i++)
        buf_addc(&data, '[');
    for (int i = 0; i < DEEP; i++)
        buf_addc(&data, ']');
    buf_adds(&data, ",\"text\":\"");
    for (int i = 0; i < LONG_BYTES; i++)
        buf_addc(&data, 'x');
    buf_adds(&data, "\"}");
    say(run, test, topic, data.data);
    buf_fini(&data);
}

static void say_all(struct run *run, struct gwt *test, const char *pattern)
{
    static const char *const words[] = {"x", "node.crashed", "alert.fired", "a.b.c.d"};
    char topic[200];
    for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++) {
        topic_for(pattern, words[w], topic, sizeof(topic));
        if (strncmp(topic, "object.", 7) == 0)
            continue; /* those come with objects */
        for (size_t d = 0; d < sizeof(documents) / sizeof(*documents); d++)
            say(run, test, topic, documents[d]);
        say_large(run, test, topic);
    }
}

/* Those it has now; it may make more while it hears. */
static void say_to_listeners(struct run *run, struct gwt *test)
{
    char *patterns[64];
    size_t count = 0;
    for (const struct listener *l = test->self->listeners; l && count < 64; l = l->next)
        patterns[count++] = strdup(subscription_pattern(l->bus));
    for (size_t i = 0; i < count; i++) {
        if (patterns[i])
            say_all(run, test, patterns[i]);
        free(patterns[i]);
    }
    found_note(run, "%zu subscriptions", count);
}

static void put_objects(struct run *run, struct gwt *test)
{
    static const char *const kinds[] = {"gns3.server", "gns3.project", "gns3.node",    "gns3.link",
                                        "alert.alert", "health.score", "thing.strange"};
    size_t prefix = strlen(run->name);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        if (strncmp(kinds[k], run->name, prefix) == 0 && kinds[k][prefix] == '.')
            continue; /* its own */
        for (size_t d = 0; d < sizeof(documents) / sizeof(*documents); d++) {
            found_place(run, "object %s %.200s", kinds[k], documents[d]);
            gwt_put(test, kinds[k], d % 2 ? "one" : "/t\xc3\xbc?%s", documents[d]);
            gwt_run(test, 100);
        }
        gwt_delete(test, kinds[k], "one");
        gwt_run(test, instance_every_ms(run));
    }
}

static void set_rows(struct run *run, struct gwt *test)
{
    static const char *const names[] = {"gns3.node", "gns3.link", "gns3.server", "thing.strange"};
    static const double values[] = {0, -1, 1e300, -1e300};
    size_t prefix = strlen(run->name);
    for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
        if (strncmp(names[n], run->name, prefix) == 0 && names[n][prefix] == '.')
            continue;
        for (size_t v = 0; v < sizeof(values) / sizeof(*values) + 2; v++) {
            double value = v == 0 ? (double)NAN : v == 1 ? (double)INFINITY : values[v - 2];
            const double row[] = {value, value};
            found_place(run, "row %g in %s", value, names[n]);
            gwt_row(test, names[n], "server=,node=x y", "up,total:counter", row);
            gwt_run(test, 1500);
        }
        gwt_series_gone(test, names[n], "server=,node=x y");
        gwt_run(test, instance_every_ms(run));
    }
}

void phase_events(struct run *run, void *data)
{
    (void)data;
    struct gwt *test = instance_started(run, run->yaml);
    if (!test)
        return;
    gwt_run(test, instance_every_ms(run) + 1);
    put_objects(run, test);
    set_rows(run, test);
    say_to_listeners(run, test);
    gwt_run(test, 10 * instance_every_ms(run));
    found_place(run, "stop");
    gwt_free(test);
}
