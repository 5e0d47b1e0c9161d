/* Calls: checked before they start, answered once, remembered after. */
#include "unit.h"

#include "command/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE_MAX = 8 };

struct fixture {
    struct fake_clock clock;
    struct commands *commands;
    struct gw_call *queue[QUEUE_MAX];
    int queued, refuse_with, done, last_error, told;
    char last_json[512], last_told[2048];
    struct problems problems;
};

static int run_echo(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    char json[64];
    snprintf(json, sizeof(json), "{\"n\":%d}", (int)gw_int(gw_call_params(call), "n"));
    return gw_reply(call, json);
}

static int run_when(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    char json[64];
    snprintf(json, sizeof(json), "{\"ms\":%d}", (int)gw_int(gw_call_params(call), "from"));
    return gw_reply(call, json);
}

static int run_fail(struct gw_plugin *self, struct gw_call *call)
{
    (void)self, (void)call;
    return -EBUSY;
}

static int run_later(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return gw_progress(call, 0.25, "step %d", 1);
}

static const struct gw_row params[] = {
    {.name = "n", .type = GW_INT, .def = "1", .min = 0, .max = 10, .help = "A number"},
    {.name = "password", .type = GW_SECRET, .help = "Not to be seen"},
    {0},
};

static const struct gw_row when_params[] = {
    {.name = "from", .type = GW_TIME, .help = "Beginning"},
    {0},
};

static const struct gw_command table[] = {
    {"lab.when", "Says from", GW_VIEWER, when_params, NULL, run_when, 0},
    {"lab.echo", "Says n", GW_VIEWER, params, NULL, run_echo, 0},
    {"lab.fail", "Fails", GW_OPERATOR, NULL, NULL, run_fail, 0},
    {"lab.later", "Answers later", GW_OPERATOR, NULL, NULL, run_later, 5000},
    {0},
};

static int dispatch(void *instance, struct gw_call *call)
{
    struct fixture *f = instance;
    if (f->refuse_with)
        return f->refuse_with;
    assert_true(f->queued < QUEUE_MAX);
    f->queue[f->queued++] = call;
    return 0;
}

static void on_done(void *data, struct gw_call *call)
{
    struct fixture *f = data;
    struct buf json;
    buf_init(&json, 1000);
    f->done++;
    assert_true(call_done(call, &f->last_error));
    call_result(call, &json);
    snprintf(f->last_json, sizeof(f->last_json), "%s", json.data);
    buf_fini(&json);
}

static void on_ended(void *data, const char *call_json)
{
    struct fixture *f = data;
    f->told++;
    snprintf(f->last_told, sizeof(f->last_told), "%s", call_json);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    fake_clock_init(&f->clock, 1000);
    f->commands = commands_new(&f->clock.clock);
    problems_init(&f->problems);
    commands_listen(f->commands, on_ended, f);
    assert_int_equal(commands_add(f->commands, "lab", "one", f, dispatch, table), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    commands_remove(f->commands, f);
    commands_release(f->commands, f);
    commands_free(f->commands);
    problems_fini(&f->problems);
    free(f);
    return 0;
}

static int call_with(struct fixture *f, const char *name, const char *json, enum gw_role role,
                     struct gw_call **out)
{
    json_t *tree = json_loads(json, 0, NULL);
    struct caller caller = {"alice", "rest", role};
    int error = commands_call(f->commands, name, tree, &caller, on_done, f, &f->problems, out);
    json_decref(tree);
    return error;
}

static struct gw_call *start(struct fixture *f, const char *name, const char *json)
{
    struct gw_call *call = NULL;
    assert_int_equal(call_with(f, name, json, GW_ADMIN, &call), 0);
    return call;
}

static void a_call_runs_when_its_instance_gets_to_it(void **state)
{
    struct fixture *f = *state;
    struct gw_call *call = start(f, "lab.echo", "{\"n\":7}");
    assert_false(call_done(call, NULL));
    assert_int_equal(f->done, 0);
    call_run(NULL, f->queue[0]);
    assert_int_equal(f->done, 1);
    assert_int_equal(f->last_error, 0);
    assert_string_equal(f->last_json, "{\"n\":7}");
    assert_int_equal(f->told, 1);
    call_unref(call);
}

static void a_time_ago_is_counted_from_the_call(void **state)
{
    struct fixture *f = *state;
    fake_clock_init(&f->clock, 3600000);
    struct gw_call *call = start(f, "lab.when", "{\"from\":\"-10m\"}");
    call_run(NULL, f->queue[0]);
    assert_string_equal(f->last_json, "{\"ms\":3000000}");
    call_unref(call);
    assert_int_equal(call_with(f, "lab.when", "{\"from\":\"10m\"}", GW_ADMIN, &call), -EINVAL);
    assert_non_null(strstr(f->problems.list[0].what, "now or -15m"));
}

static void bad_input_unknown_names_and_small_roles_never_start(void **state)
{
    struct fixture *f = *state;
    struct gw_call *call = NULL;
    assert_int_equal(call_with(f, "lab.echo", "{\"n\":11}", GW_ADMIN, &call), -EINVAL);
    assert_int_equal(call_with(f, "lab.echo", "{\"m\":1}", GW_ADMIN, &call), -EINVAL);
    assert_int_equal(f->problems.count, 2);
    assert_int_equal(call_with(f, "lab.ecko", "{}", GW_ADMIN, &call), -ENOENT);
    assert_non_null(strstr(f->problems.list[2].what, "did you mean 'lab.echo'?"));
    assert_int_equal(call_with(f, "lab.fail", "{}", GW_VIEWER, &call), -EPERM);
    assert_string_equal(f->problems.list[3].what,
                        "'lab.fail' needs the role operator; 'alice' is viewer");
    f->refuse_with = -ESHUTDOWN;
    assert_int_equal(call_with(f, "lab.echo", "{}", GW_ADMIN, &call), -EAGAIN);
    assert_non_null(strstr(f->problems.list[4].what, "is not running"));
    assert_int_equal(f->queued, 0);
    assert_int_equal(f->done, 0);
    assert_null(call);
}

static void an_error_of_run_refuses_the_call(void **state)
{
    struct fixture *f = *state;
    call_unref(start(f, "lab.fail", "{}"));
    call_run(NULL, f->queue[0]);
    assert_int_equal(f->last_error, -EBUSY);
    assert_int_equal(errno_status(f->last_error), 409);
    assert_non_null(strstr(f->last_json, "{\"detail\":\"lab.fail: "));
}

static void secrets_are_masked_in_the_history(void **state)
{
    struct fixture *f = *state;
    call_unref(start(f, "lab.echo", "{\"password\":\"hunter2\"}"));
    call_run(NULL, f->queue[0]);
    assert_null(strstr(f->last_told, "hunter2"));
    assert_non_null(strstr(f->last_told, "\"password\":\"***\""));
    assert_non_null(strstr(f->last_told, "\"caller\":\"alice\",\"via\":\"rest\""));
}

static void an_answer_after_the_deadline_does_nothing(void **state)
{
    struct fixture *f = *state;
    struct gw_call *call = start(f, "lab.later", "{}");
    call_run(NULL, f->queue[0]);
    fake_clock_advance_ms(&f->clock, 4999);
    commands_expire(f->commands);
    assert_int_equal(f->done, 0);
    fake_clock_advance_ms(&f->clock, 1);
    commands_expire(f->commands);
    assert_int_equal(f->done, 1);
    assert_int_equal(f->last_error, -ETIMEDOUT);
    assert_true(gw_call_cancelled(f->queue[0]));
    assert_int_equal(gw_progress(f->queue[0], 1, "late"), -ECANCELED);
    assert_int_equal(gw_reply(f->queue[0], "{}"), -ECANCELED);
    assert_int_equal(f->done, 1);
    call_unref(call);
}

static void a_cancelled_call_that_waits_is_never_run(void **state)
{
    struct fixture *f = *state;
    struct gw_call *call = start(f, "lab.echo", "{}");
    call_cancel(call);
    call_cancel(call);
    assert_int_equal(f->done, 1);
    assert_int_equal(f->last_error, -ECANCELED);
    call_run(NULL, f->queue[0]);
    assert_int_equal(f->done, 1);
    assert_non_null(strstr(f->last_told, "\"state\":\"cancelled\""));
    call_unref(call);
}

static void a_call_is_answered_exactly_once(void **state)
{
    struct fixture *f = *state;
    call_unref(start(f, "lab.later", "{}"));
    call_run(NULL, f->queue[0]);
    assert_int_equal(gw_reply(f->queue[0], NULL), 0);
    assert_string_equal(f->last_json, "{}");
    assert_int_equal(gw_reply(f->queue[0], NULL), -ECANCELED);
    assert_int_equal(gw_refuse(f->queue[0], -EIO, "again"), -ECANCELED);
    assert_int_equal(f->done, 1);
}

static void what_takes_over_a_second_is_a_job_with_its_log(void **state)
{
    struct fixture *f = *state;
    struct buf out;
    buf_init(&out, 10000);
    struct gw_call *call = start(f, "lab.later", "{}");
    call_run(NULL, f->queue[0]);
    commands_jobs(f->commands, &out);
    assert_string_equal(out.data, "[]");
    fake_clock_advance_ms(&f->clock, 1000);
    for (int i = 2; i <= 150; i++)
        gw_progress(call, 0.5, "step %d", i);
    buf_clear(&out);
    commands_jobs(f->commands, &out);
    assert_non_null(strstr(out.data, "\"state\":\"running\",\"progress\":0.5"));
    assert_null(strstr(out.data, "\"step 50\""));
    assert_non_null(strstr(out.data, "\"step 51\""));
    assert_non_null(strstr(out.data, "\"step 150\""));
    json_t *tree = json_loads(out.data, 0, NULL);
    assert_int_equal(json_array_size(tree), 1);
    json_decref(tree);
    struct gw_call *job = commands_job(f->commands, call_id(call));
    assert_ptr_equal(job, call);
    call_unref(job);
    assert_null(commands_job(f->commands, "0123456789abcdef"));
    gw_refuse(f->queue[0], -ENOENT, "no '%s'", "x");
    assert_int_equal(f->last_error, -ENOENT);
    assert_string_equal(f->last_json, "{\"detail\":\"no 'x'\"}");
    buf_fini(&out);
    call_unref(call);
}

static void finished_calls_are_kept_for_an_hour(void **state)
{
    struct fixture *f = *state;
    struct gw_call *call = start(f, "lab.echo", "{}");
    char id[17];
    snprintf(id, sizeof(id), "%s", call_id(call));
    call_run(NULL, f->queue[0]);
    call_unref(call);
    fake_clock_advance_ms(&f->clock, 3599 * 1000);
    commands_expire(f->commands);
    call = commands_job(f->commands, id);
    assert_non_null(call);
    call_unref(call);
    fake_clock_advance_ms(&f->clock, 1000);
    commands_expire(f->commands);
    assert_null(commands_job(f->commands, id));
}

static void an_instance_that_stops_has_its_calls_refused(void **state)
{
    struct fixture *f = *state;
    call_unref(start(f, "lab.later", "{}"));
    call_unref(start(f, "lab.later", "{}"));
    call_run(NULL, f->queue[0]);
    commands_refuse(f->commands, f, "it stops");
    assert_int_equal(f->done, 2);
    assert_string_equal(f->last_json, "{\"detail\":\"it stops\"}");
    assert_int_equal(gw_reply(f->queue[0], NULL), -ECANCELED); /* from its stop function */
    commands_release(f->commands, f);
    commands_remove(f->commands, f);
    assert_null(commands_find(f->commands, "lab.later"));
}

static void a_call_goes_to_the_instance_it_names(void **state)
{
    struct fixture *f = *state;
    struct fixture other = {0};
    struct gw_call *call = NULL;
    assert_int_equal(commands_add(f->commands, "lab", "two", &other, dispatch, table), 0);
    assert_int_equal(commands_add(f->commands, "foreign", "x", f, dispatch, table), -EEXIST);
    assert_int_equal(commands_add(f->commands, "lab", "one", f, dispatch, table), 0);
    call = start(f, "lab.echo", "{\"instance\":\"two\",\"n\":3}");
    assert_int_equal(other.queued, 1);
    call_run(NULL, other.queue[0]);
    assert_string_equal(f->last_json, "{\"n\":3}");
    call_unref(call);
    assert_int_equal(call_with(f, "lab.echo", "{\"instance\":\"twoo\"}", GW_ADMIN, &call), -EINVAL);
    assert_non_null(strstr(f->problems.list[0].what, "did you mean 'two'?"));
    commands_remove(f->commands, &other);
}

static void an_answer_that_is_not_json_is_an_error_of_the_plugin(void **state)
{
    struct fixture *f = *state;
    call_unref(start(f, "lab.later", "{}"));
    call_run(NULL, f->queue[0]);
    gw_reply(f->queue[0], "{oops");
    assert_int_equal(f->last_error, -EPROTO);
    assert_int_equal(errno_status(f->last_error), 500);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_call_runs_when_its_instance_gets_to_it),
        TEST(a_time_ago_is_counted_from_the_call),
        TEST(bad_input_unknown_names_and_small_roles_never_start),
        TEST(an_error_of_run_refuses_the_call),
        TEST(secrets_are_masked_in_the_history),
        TEST(an_answer_after_the_deadline_does_nothing),
        TEST(a_cancelled_call_that_waits_is_never_run),
        TEST(a_call_is_answered_exactly_once),
        TEST(what_takes_over_a_second_is_a_job_with_its_log),
        TEST(finished_calls_are_kept_for_an_hour),
        TEST(an_instance_that_stops_has_its_calls_refused),
        TEST(a_call_goes_to_the_instance_it_names),
        TEST(an_answer_that_is_not_json_is_an_error_of_the_plugin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
