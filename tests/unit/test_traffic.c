/* The traffic plugin in its host: GNS3's objects are the test's, captures come through the pipes
 * the plugin makes, time is the test's own. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <gnswatch/testing.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct gw_descriptor gnswatch_plugin;

enum { SECOND = 1000, MINUTE = 60000, LABS = 2, FRAME = 98 };

struct lab {
    struct gwt *test;
    int pipes[LABS]; /* where a lab's link's capture is written to; -1 */
    size_t started, read, stopped;
    bool refuse; /* captures cannot be started */
};

static const char yaml[] = "captures: yes\nidle:\n  after: 10m\n";

static int on_capture(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    (void)params;
    if (lab->refuse)
        return -EBUSY;
    lab->started++;
    *reply = strdup("{\"capturing\":true,\"started\":true}");
    return 0;
}

static void write_all(int fd, const void *bytes, size_t count)
{
    assert_int_equal(write(fd, bytes, count), count);
}

static int on_read(void *data, const char *params, char **reply)
{
    static const uint8_t header[] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 4, 0, 1, 0, 0, 0};
    struct lab *lab = data;
    json_t *json = json_loads(params, 0, NULL);
    int place = json_string_value(json_object_get(json, "id"))[1] - '0';
    lab->pipes[place] = open(json_string_value(json_object_get(json, "path")), O_WRONLY);
    assert_true(lab->pipes[place] >= 0);
    write_all(lab->pipes[place], header, sizeof header);
    lab->read++;
    json_decref(json);
    *reply = strdup("{\"reading\":true}");
    return 0;
}

static int on_stop(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    (void)params;
    (void)reply;
    lab->stopped++;
    return 0;
}

/* Two nodes and a link between them in each lab, on a server elsewhere. */
static void put_lab(struct gwt *test, int i, const char *status)
{
    char id[8], json[600];
    bool opened = strcmp(status, "opened") == 0;
    snprintf(id, sizeof id, "p%d", i);
    snprintf(json, sizeof json,
             "{\"server\":\"far\",\"project_id\":\"%s\",\"name\":\"lab%d\",\"status\":\"%s\","
             "\"path\":\"/x/%s\",\"node_count\":2,\"started_count\":2}",
             id, i, status, id);
    gwt_put(test, "gns3.project", id, json);
    for (int k = 0; k < 2; k++) {
        snprintf(
            json, sizeof json,
            "{\"server\":\"far\",\"project\":\"%s\",\"node_id\":\"%d-%d\",\"name\":\"PC%d\","
            "\"node_type\":\"vpcs\",\"compute_id\":\"local\",\"status\":\"%s\",\"console\":%d}",
            id, i, k, k + 1, opened ? "started" : "closed", 5000 + k);
        char node[8];
        snprintf(node, sizeof node, "n%d%d", i, k);
        gwt_put(test, "gns3.node", node, json);
    }
    snprintf(json, sizeof json,
             "{\"server\":\"far\",\"project\":\"%s\",\"link_id\":\"L%d\",\"name\":\"PC1 - PC2\","
             "\"status\":\"%s\",\"capturing\":false,\"nodes\":[{\"node\":\"n%d0\","
             "\"adapter_number\":0,\"port_number\":0},{\"node\":\"n%d1\",\"adapter_number\":0,"
             "\"port_number\":0}]}",
             id, i, opened ? "up" : "closed", i, i);
    snprintf(id, sizeof id, "l%d", i);
    gwt_put(test, "gns3.link", id, json);
}

static struct lab *begin(const char *file)
{
    struct lab *lab = calloc(1, sizeof *lab);
    assert_non_null(lab);
    struct gwt *test = lab->test = gwt_new(&gnswatch_plugin, file, 0);
    assert_non_null(test);
    lab->pipes[0] = lab->pipes[1] = -1;
    gwt_put(test, "gns3.server", "far",
            "{\"name\":\"far\",\"url\":\"http://gns3.invalid:3080\",\"status\":\"up\"}");
    for (int i = 0; i < LABS; i++)
        put_lab(test, i, "opened");
    gwt_offer(test, "gns3.link.capture", on_capture, lab);
    gwt_offer(test, "gns3.link.capture_read", on_read, lab);
    gwt_offer(test, "gns3.project.stop_all", on_stop, lab);
    assert_int_equal(gwt_start(test), 0);
    return lab;
}

static void end(struct lab *lab)
{
    gwt_stop(lab->test);
    for (int i = 0; i < LABS; i++)
        if (lab->pipes[i] >= 0)
            close(lab->pipes[i]);
    gwt_free(lab->test);
    free(lab);
}

static void put32(uint8_t *at, int64_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* A ping from one end of a lab's link to the other, stamped `ago_ms` before now. */
static void ping(struct lab *lab, int i, int from, int64_t ago_ms)
{
    uint8_t record[16 + FRAME] = {0};
    int64_t ms = gwt_now_ms(lab->test) - ago_ms;
    uint8_t *frame = record + 16;
    static const uint8_t head[] = {8, 0, 0x45, 0, 0, 84, 0, 0, 0, 0, 64, 1, 0, 0};
    put32(record, ms / 1000);
    put32(record + 4, ms % 1000 * 1000);
    put32(record + 8, FRAME);
    put32(record + 12, FRAME);
    frame[0] = frame[6] = 2;
    frame[5] = (uint8_t)(1 + (1 - from));
    frame[11] = (uint8_t)(1 + from);
    memcpy(frame + 12, head, sizeof head);
    frame[26] = frame[30] = 10;
    frame[29] = (uint8_t)(1 + from);
    frame[33] = (uint8_t)(1 + (1 - from));
    frame[34] = from ? 0 : 8;
    write_all(lab->pipes[i], record, sizeof record);
}

struct want {
    struct lab *lab;
    const char *kind, *id, *member, *value;
};

static bool is_so(void *data)
{
    const struct want *want = data;
    return strcmp(gwt_member(want->lab->test, want->kind, want->id, want->member), want->value) ==
           0;
}

static bool becomes(struct lab *lab, const char *kind, const char *id, const char *member,
                    const char *value, int64_t within_ms)
{
    struct want want = {lab, kind, id, member, value};
    return gwt_run_until(lab->test, is_so, &want, within_ms);
}

static bool is_read(void *data)
{
    const struct lab *lab = data;
    return lab->read == LABS;
}

static struct lab *begin_reading(const char *file)
{
    struct lab *lab = begin(file);
    assert_true(gwt_run_until(lab->test, is_read, lab, MINUTE));
    gwt_run(lab->test, 4 * SECOND);
    return lab;
}

/* Both ends say something five times a second. */
static void pings(struct lab *lab, int i, int64_t for_ms)
{
    for (int64_t ms = 0; ms < for_ms; ms += 200) {
        ping(lab, i, 0, 0);
        ping(lab, i, 1, 0);
        gwt_run(lab->test, 200);
    }
}

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
        cmocka_unit_test(a_far_lab_is_never_stopped_unless_the_file_says_unknown_is_quiet),
        cmocka_unit_test(an_idle_lab_is_warned_of_then_stopped_where_the_file_says_so),
        cmocka_unit_test(what_goes_takes_its_objects_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
