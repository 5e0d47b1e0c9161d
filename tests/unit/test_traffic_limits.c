/* What the traffic plugin does to labs that are idle, and the limits of its captures. */
#include "traffic_story.h"

static void a_far_lab_is_never_stopped_unless_the_file_says_unknown_is_quiet(void **state)
{
    (void)state;
    struct lab *lab = begin_reading("captures: yes\nidle: {after: 10m, action: stop, warn: 5m}\n");
    gwt_run(lab->test, 120 * MINUTE);
    assert_int_equal(gwt_events(lab->test, "traffic.lab.*"), 0);
    assert_int_equal(lab->stopped, 0);
    end(lab);
}

static void an_idle_lab_is_warned_of_then_stopped_where_the_file_says_so(void **state)
{
    (void)state;
    struct lab *lab = begin_reading(
        "captures: yes\nidle: {after: 10m, action: stop, warn: 5m, unknown_is_quiet: yes}\n");
    pings(lab, 0, MINUTE);
    assert_int_equal(
        gwt_call(lab->test, "traffic.project.keep", "{\"id\":\"p1\",\"for\":\"10h\"}", NULL), 0);
    gwt_run(lab->test, 11 * MINUTE);
    assert_int_equal(gwt_events(lab->test, "traffic.lab.idle"), 2);
    assert_int_equal(gwt_events(lab->test, "traffic.lab.warning"), 1);
    assert_int_equal(lab->stopped, 0);
    gwt_run(lab->test, 6 * MINUTE);
    assert_int_equal(lab->stopped, 1);
    assert_int_equal(gwt_events(lab->test, "traffic.lab.acted"), 1);
    assert_string_equal(gwt_event(lab->test, "traffic.lab.acted", 0)->id, "p0");
    end(lab);
}

/* One that asks for rest, from the warning to its end: 17 minutes. */
static struct lab *begin_resting(const char *action, const char *command, gwt_command_fn *answer,
                                 void *data)
{
    char file[200];
    snprintf(file, sizeof file,
             "captures: yes\nidle: {after: 10m, action: %s, warn: 5m, unknown_is_quiet: yes}\n",
             action);
    struct lab *lab = begin_reading(file);
    gwt_offer(lab->test, command, answer, data);
    gwt_delete(lab->test, "gns3.project", "p1");
    gwt_run(lab->test, 12 * MINUTE);
    assert_int_equal(gwt_events(lab->test, "traffic.lab.warning"), 1);
    assert_int_equal(gwt_asked(lab->test, command) + lab->stopped, 0);
    gwt_run(lab->test, 5 * MINUTE);
    return lab;
}

static int on_rest(void *data, const char *params, char **reply)
{
    size_t *left = data;
    (void)params;
    if (*left == 0) {
        *reply = strdup("{\"detail\":\"the compute is away\"}");
        return -EIO;
    }
    (*left)--;
    return 0;
}

static void an_idle_lab_is_suspended_node_by_node_where_the_file_says_so(void **state)
{
    (void)state;
    size_t left = 2;
    struct lab *lab = begin_resting("suspend", "gns3.node.suspend", on_rest, &left);
    assert_int_equal(gwt_asked(lab->test, "gns3.node.suspend"), 2);
    assert_string_equal(gwt_asked_params(lab->test, "gns3.node.suspend", 0), "{\"id\":\"n00\"}");
    assert_string_equal(gwt_asked_params(lab->test, "gns3.node.suspend", 1), "{\"id\":\"n01\"}");
    assert_int_equal(lab->stopped, 0);
    assert_non_null(
        strstr(gwt_event(lab->test, "traffic.lab.acted", 0)->text, "has been suspended"));
    gwt_run(lab->test, 60 * MINUTE);
    assert_int_equal(gwt_asked(lab->test, "gns3.node.suspend"), 2);
    end(lab);
}

static void an_idle_lab_is_stopped_and_then_snapshotted_where_the_file_says_so(void **state)
{
    (void)state;
    size_t left = 1;
    struct lab *lab = begin_resting("snapshot", "gns3.snapshot.create", on_rest, &left);
    assert_int_equal(lab->stopped, 1);
    assert_int_equal(gwt_asked(lab->test, "gns3.snapshot.create"), 1);
    assert_memory_equal(gwt_asked_params(lab->test, "gns3.snapshot.create", 0),
                        "{\"project\":\"p0\",\"name\":\"idle-", 29);
    assert_non_null(
        strstr(gwt_event(lab->test, "traffic.lab.acted", 0)->text, "a snapshot was taken"));
    end(lab);
}

static void a_lab_that_cannot_be_put_to_rest_is_told_with_the_reason(void **state)
{
    (void)state;
    size_t left = 1;
    struct lab *lab = begin_resting("suspend", "gns3.node.suspend", on_rest, &left);
    assert_int_equal(gwt_asked(lab->test, "gns3.node.suspend"), 2);
    assert_int_equal(gwt_events(lab->test, "traffic.lab.acted"), 0);
    const struct gw_event *event = gwt_event(lab->test, "traffic.lab.failed", 0);
    assert_int_equal(event->severity, GW_ERROR);
    assert_non_null(strstr(event->text, "the compute is away"));
    end(lab);
}

static void a_capture_that_brings_too_much_is_let_go_runs_on_and_is_read_again_later(void **state)
{
    (void)state;
    struct lab *lab = begin_reading("captures: yes\ncapture_rate_max: 1KiB\n");
    for (int i = 0; i < LABS; i++)
        put_link(lab->test, i, true, true);
    for (int i = 0; i < 40; i++) /* 2,280 bytes a second of a turn */
        ping(lab, 0, i % 2, 0);
    gwt_run(lab->test, 10 * SECOND);
    assert_string_equal(gwt_member(lab->test, "traffic.link", "l0", "captured"), "false");
    assert_non_null(
        strstr(gwt_member(lab->test, "traffic.link", "l0", "why"), "(capture_rate_max)"));
    assert_string_equal(gwt_member(lab->test, "traffic.link", "l1", "captured"), "true");
    close(lab->pipes[0]);
    gwt_run(lab->test, 9 * MINUTE);
    assert_int_equal(lab->read, LABS);
    gwt_run(lab->test, 2 * MINUTE);
    assert_int_equal(lab->read, LABS + 1);
    assert_int_equal(lab->started, LABS);
    assert_int_equal(gwt_asked(lab->test, "gns3.link.capture_stop"), 0);
    assert_string_equal(gwt_member(lab->test, "traffic.link", "l0", "captured"), "true");
    end(lab);
}

static void captures_that_have_filled_their_share_of_the_disk_start_no_more(void **state)
{
    (void)state;
    struct lab *lab = begin("captures: yes\ncapture_disk_max: 1MiB\n");
    uint8_t record[16 + 1000] = {0};
    put_lab(lab->test, 1, "closed");
    gwt_run(lab->test, 30 * SECOND);
    assert_int_equal(lab->read, 1);
    put32(record + 8, 1000);
    put32(record + 12, 1000);
    for (int i = 0; i < 1100; i++) {
        put32(record, gwt_now_ms(lab->test) / 1000);
        write_all(lab->pipes[0], record, sizeof record);
        if (i % 20 == 0)
            gwt_run(lab->test, 100);
    }
    assert_int_equal(gwt_events(lab->test, "traffic.capture.full"), 0);
    put_lab(lab->test, 1, "opened");
    gwt_run(lab->test, 20 * MINUTE);
    assert_int_equal(lab->started, 1);
    assert_non_null(
        strstr(gwt_member(lab->test, "traffic.link", "l1", "why"), "(capture_disk_max)"));
    assert_string_equal(gwt_member(lab->test, "traffic.link", "l0", "captured"), "true");
    assert_int_equal(gwt_events(lab->test, "traffic.capture.full"), 1);
    assert_string_equal(gwt_event(lab->test, "traffic.capture.full", 0)->id, "far");
    end(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_far_lab_is_never_stopped_unless_the_file_says_unknown_is_quiet),
        cmocka_unit_test(an_idle_lab_is_warned_of_then_stopped_where_the_file_says_so),
        cmocka_unit_test(an_idle_lab_is_suspended_node_by_node_where_the_file_says_so),
        cmocka_unit_test(an_idle_lab_is_stopped_and_then_snapshotted_where_the_file_says_so),
        cmocka_unit_test(a_lab_that_cannot_be_put_to_rest_is_told_with_the_reason),
        cmocka_unit_test(a_capture_that_brings_too_much_is_let_go_runs_on_and_is_read_again_later),
        cmocka_unit_test(captures_that_have_filled_their_share_of_the_disk_start_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
