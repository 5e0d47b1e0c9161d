/* Commands and pages with all kinds of parameters: each call must be answered once, in time, with a
 * JSON object or an error. */
#include "conformance/conformance.h"

#include "base/clock.h"
#include "testing/inside.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_CALLS = 20, ROUNDS = 60 };

static void call(struct run *run, struct gwt *test, const char *command, const char *params)
{
    const char *reply = NULL;
    found_place(run, "%s %.300s", command, params);
    int error = gwt_call(test, command, params, &reply);
    json_t *tree = error ? NULL : json_loads(reply, 0, NULL);
    if (error == -EPROTO && strstr(reply, "is not JSON"))
        found_fault(run, "%s %.200s: %s", command, params, reply);
    if (error == 0 && !json_is_object(tree))
        found_fault(run, "%s %.200s: its answer is no JSON object: %.200s", command, params, reply);
    if (error > 0)
        found_fault(run, "%s %.200s: it ends with %d, which is no negative errno", command, params,
                    error);
    json_decref(tree);
}

/* One parameter is strange, the others are good. */
static void call_strange(struct run *run, struct gwt *test, const struct gw_command *command,
                         const struct gw_row *strange)
{
    const char *value;
    for (size_t i = 0; (value = made_up_strange(i)); i++) {
        struct buf params;
        buf_init(&params, 1 << 20);
        buf_addc(&params, '{');
        for (const struct gw_row *row = command->params; row->name; row++) {
            if (row == strange || !(row->flags & GW_REQUIRED))
                continue;
            buf_json_string(&params, row->name);
            buf_addc(&params, ':');
            made_up_value(run, row, &params);
            buf_addc(&params, ',');
        }
        buf_json_string(&params, strange->name);
        buf_printf(&params, ":%s}", value);
        call(run, test, command->name, params.data);
        buf_fini(&params);
    }
}

static void call_all_ways(struct run *run, struct gwt *test, const struct gw_command *command)
{
    int64_t until_ms = clock_monotonic_ms(clock_system()) + run_budget_ms(run);
    call(run, test, command->name, "{}");
    call(run, test, command->name, "{\"no_such_parameter\":1}");
    for (const struct gw_row *row = command->params; row && row->name; row++) {
        if (clock_monotonic_ms(clock_system()) < until_ms)
            call_strange(run, test, command, row);
    }
    for (int i = 0; i < RANDOM_CALLS && clock_monotonic_ms(clock_system()) < until_ms; i++) {
        struct buf params;
        buf_init(&params, 1 << 20);
        made_up_table(run, command->params, 2, &params);
        call(run, test, command->name, params.data);
        buf_fini(&params);
    }
}

/* The page with values for its {names}. */
static void read_page(struct run *run, struct gwt *test, const struct gw_page *page,
                      const char *query)
{
    struct buf path;
    buf_init(&path, 4096);
    for (const char *at = page->path; *at;) {
        size_t bytes = strcspn(at, "{");
        buf_add(&path, at, bytes);
        at += bytes;
        if (*at == '{') {
            buf_printf(&path, "x%u", random_below(run, 1000));
            at += strcspn(at, "}") + 1;
        }
    }
    buf_adds(&path, query);
    found_place(run, "page %s", path.data);
    gwt_page(test, path.data, "text/html, */*", NULL, NULL);
    buf_fini(&path);
}

void phase_commands(struct run *run, void *data)
{
    (void)data;
    struct gwt *test = instance_started(run, run->yaml);
    if (!test)
        return;
    gwt_run(test, 2 * instance_every_ms(run) + 1);
    const struct gw_command *command = run->descriptor->commands;
    for (; command && command->name; command++)
        call_all_ways(run, test, command);
    for (const struct gw_page *page = run->descriptor->pages; page && page->path; page++) {
        read_page(run, test, page, "");
        read_page(run, test, page, "?no_such=1&a=%00%ff&=&&x");
        gwt_run(test, instance_every_ms(run));
    }
    found_place(run, "stop");
    gwt_free(test);
}

/* ---- Stop in the middle ---- */

/* Asks, and does not wait for the answer. */
static void call_and_leave(struct run *run, struct gwt *test, const struct gw_command *command)
{
    const struct caller caller = {"test", "test", GW_ADMIN};
    struct problems problems;
    struct gw_call *made = NULL;
    struct buf text;
    buf_init(&text, 1 << 20);
    made_up_table(run, command->params, 2, &text);
    json_t *params = json_loads(text.data, 0, NULL);
    problems_init(&problems);
    commands_call(test->commands, command->name, params, &caller, NULL, NULL, &problems, &made);
    call_unref(made);
    problems_fini(&problems);
    json_decref(params);
    buf_fini(&text);
}

static void stop_somewhere(struct run *run)
{
    struct gwt *test = instance_started(run, run->yaml);
    if (!test)
        return;
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        gwt_http(test, methods[i], "*", -ETIMEDOUT, "", 0);
    gwt_run(test, random_below(run, 3 * (unsigned)instance_every_ms(run)));
    const struct gw_command *command = run->descriptor->commands;
    for (; command && command->name; command++)
        call_and_leave(run, test, command);
    gwt_run(test, random_below(run, 50));
    gwt_stop(test);
    if (gwt_start(test) >= 0)
        gwt_stop(test);
    gwt_free(test);
}

void phase_middle(struct run *run, void *data)
{
    (void)data;
    int64_t until_ms = clock_monotonic_ms(clock_system()) + run_budget_ms(run);
    for (int i = 0; i < ROUNDS && clock_monotonic_ms(clock_system()) < until_ms; i++) {
        found_place(run, "round %d", i + 1);
        stop_somewhere(run);
    }
}
