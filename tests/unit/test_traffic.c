/* What the traffic plugin sees in captures, and what it makes of it. */
#include "traffic_story.h"

/* ---- The tests ------------------------------------------------------------------------------- */

static void without_leave_nothing_is_captured_and_nobody_knows(void **state)
{
    (void)state;
    struct lab *lab = begin("");
    gwt_run(lab->test, 5 * MINUTE);
    assert_int_equal(lab->started + lab->read, 0);
    assert_string_equal(gwt_member(lab->test, "traffic.project", "p0", "status"), "no_data");
    assert_string_equal(gwt_member(lab->test, "traffic.link", "l0", "source"), "none");
    assert_non_null(strstr(gwt_member(lab->test, "traffic.link", "l0", "why"), "captures are off"));
    assert_int_equal(gwt_rows(lab->test, "traffic.link", "server=far,project=lab0,link=PC1 - PC2"),
                     0);
    assert_int_equal(gwt_events(lab->test, "traffic.lab.*"), 0);
    end(lab);
}

static void a_silent_capture_is_idle_and_packets_make_it_active_within_five_seconds(void **state)
{
    (void)state;
    struct lab *lab = begin_reading(yaml);
    assert_true(becomes(lab, "traffic.project", "p0", "status", "idle", 10 * SECOND));
    assert_string_equal(gwt_member(lab->test, "traffic.link", "l0", "started_capture"), "true");
    int64_t from_ms = gwt_now_ms(lab->test);
    struct want active = {lab, "traffic.project", "p0", "status", "active"};
    while (!is_so(&active) && gwt_now_ms(lab->test) - from_ms <= 5 * SECOND)
        pings(lab, 0, 200);
    assert_true(is_so(&active));
    assert_string_equal(gwt_member(lab->test, "traffic.project", "p1", "status"), "idle");
    pings(lab, 0, 20 * SECOND);
    from_ms = gwt_now_ms(lab->test);
    assert_true(becomes(lab, "traffic.project", "p0", "status", "idle", 5 * SECOND));
    end(lab);
}

static void each_packet_is_counted_once_and_by_direction(void **state)
{
    (void)state;
    static const char labels[] = "server=far,project=lab0,link=PC1 - PC2";
    struct lab *lab = begin_reading(yaml);
    for (int i = 0; i < 30; i++) {
        ping(lab, 0, 0, 0);
        ping(lab, 0, 0, 0);
        ping(lab, 0, 1, 0);
        gwt_run(lab->test, 100);
    }
    gwt_run(lab->test, 6 * SECOND);
    double ab = gwt_value(lab->test, "traffic.link", labels, "ab_packets");
    double ba = gwt_value(lab->test, "traffic.link", labels, "ba_packets");
    assert_true(ab + ba == 90);
    assert_true(fabs(ab - ba) == 30);
    assert_true(gwt_value(lab->test, "traffic.link", labels, "ab_bytes") == ab * FRAME);
    assert_float_equal(gwt_value(lab->test, "traffic.protocol",
                                 "server=far,project=lab0,protocol=ICMP", "packets"),
                       90, 0);
    end(lab);
}

static void a_capture_is_started_once_and_stays(void **state)
{
    (void)state;
    struct lab *lab = begin_reading(yaml);
    pings(lab, 0, 10 * SECOND);
    gwt_run(lab->test, 60 * MINUTE);
    assert_int_equal(lab->started, LABS);
    assert_int_equal(lab->read, LABS);
    assert_int_equal(gwt_asked(lab->test, "gns3.link.capture_stop"), 0);
    end(lab);
}

static void a_capture_that_ends_makes_no_data_not_idle(void **state)
{
    (void)state;
    struct lab *lab = begin_reading(yaml);
    assert_true(becomes(lab, "traffic.project", "p0", "status", "idle", 10 * SECOND));
    lab->refuse = true; /* it cannot be started again: no node runs */
    close(lab->pipes[0]);
    lab->pipes[0] = -1;
    assert_true(becomes(lab, "traffic.project", "p0", "status", "no_data", 12 * SECOND));
    assert_string_equal(gwt_member(lab->test, "traffic.project", "p1", "status"), "idle");
    end(lab);
}

static void a_fresh_capture_of_old_packets_is_a_dead_link(void **state)
{
    (void)state;
    struct lab *lab = begin_reading("captures: yes\n");
    for (int i = 0; i < 50; i++)
        ping(lab, 0, i % 2, 3600 * SECOND - i * SECOND);
    struct want want = {lab, "traffic.link", "l0", "fault", ""};
    gwt_run(lab->test, 6 * SECOND);
    assert_false(is_so(&want));
    assert_int_equal(gwt_events(lab->test, "traffic.link.dead"), 1);
    assert_string_equal(gwt_event(lab->test, "traffic.link.dead", 0)->id, "l0");
    pings(lab, 0, 6 * SECOND);
    assert_int_equal(gwt_events(lab->test, "traffic.link.alive"), 1);
    end(lab);
}

static void the_switch_follows_traffic_and_says_why(void **state)
{
    (void)state;
    struct lab *lab = begin_reading(yaml);
    const char *reply;
    pings(lab, 1, 6 * SECOND);
    assert_string_equal(gwt_member(lab->test, "traffic.switch", "active", "project"), "p1");
    assert_string_equal(gwt_member(lab->test, "traffic.project", "p1", "selected"), "true");
    assert_int_equal(gwt_events(lab->test, "traffic.switch"), 1);
    assert_non_null(strstr(gwt_event(lab->test, "traffic.switch", 0)->data, "candidates"));
    assert_int_equal(gwt_call(lab->test, "traffic.project.select",
                              "{\"id\":\"lab0\",\"for\":"
                              "\"5m\"}",
                              &reply),
                     0);
    assert_string_equal(gwt_member(lab->test, "traffic.switch", "active", "project"), "p0");
    pings(lab, 1, 4 * MINUTE);
    assert_string_equal(gwt_member(lab->test, "traffic.switch", "active", "project"), "p0");
    pings(lab, 1, 2 * MINUTE);
    assert_string_equal(gwt_member(lab->test, "traffic.switch", "active", "project"), "p1");
    assert_int_equal(
        gwt_call(lab->test, "traffic.project.unwatch", "{\"id\":\"far/lab1\"}", &reply), 0);
    pings(lab, 0, MINUTE + 20 * SECOND);
    assert_string_equal(gwt_member(lab->test, "traffic.switch", "active", "project"), "p0");
    assert_int_equal(gwt_call(lab->test, "traffic.status", "{}", &reply), 0);
    assert_non_null(strstr(reply, "packets_s"));
    assert_int_equal(gwt_call(lab->test, "traffic.project.watch", "{\"id\":\"none\"}", &reply),
                     -ENOENT);
    end(lab);
}

static void what_was_chosen_by_hand_survives_a_restart(void **state)
{
    (void)state;
    struct lab *lab = begin_reading(yaml);
    assert_int_equal(gwt_call(lab->test, "traffic.project.select", "{\"id\":\"p0\"}", NULL), 0);
    assert_int_equal(
        gwt_call(lab->test, "traffic.project.watch", "{\"id\":\"p1\",\"priority\":9}", NULL), 0);
    gwt_stop(lab->test);
    assert_int_equal(gwt_start(lab->test), 0);
    gwt_run(lab->test, 10 * SECOND);
    assert_string_equal(gwt_member(lab->test, "traffic.switch", "active", "project"), "p0");
    assert_string_equal(gwt_member(lab->test, "traffic.project", "p1", "priority"), "9");
    end(lab);
}

static void what_goes_takes_its_objects_along(void **state)
{
    (void)state;
    struct lab *lab = begin_reading(yaml);
    assert_int_equal(gwt_objects(lab->test, "traffic.link"), LABS);
    gwt_delete(lab->test, "gns3.link", "l0");
    gwt_delete(lab->test, "gns3.node", "n00");
    gwt_delete(lab->test, "gns3.project", "p0");
    gwt_run(lab->test, 10 * SECOND);
    assert_int_equal(gwt_objects(lab->test, "traffic.link"), LABS - 1);
    assert_int_equal(gwt_objects(lab->test, "traffic.project"), LABS - 1);
    put_lab(lab->test, 1, "closed");
    assert_true(becomes(lab, "traffic.project", "p1", "status", "no_data", 15 * SECOND));
    end(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_leave_nothing_is_captured_and_nobody_knows),
        cmocka_unit_test(a_silent_capture_is_idle_and_packets_make_it_active_within_five_seconds),
        cmocka_unit_test(each_packet_is_counted_once_and_by_direction),
        cmocka_unit_test(a_capture_is_started_once_and_stays),
        cmocka_unit_test(a_capture_that_ends_makes_no_data_not_idle),
        cmocka_unit_test(a_fresh_capture_of_old_packets_is_a_dead_link),
        cmocka_unit_test(the_switch_follows_traffic_and_says_why),
        cmocka_unit_test(what_was_chosen_by_hand_survives_a_restart),
        cmocka_unit_test(what_goes_takes_its_objects_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
