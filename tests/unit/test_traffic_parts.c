/* The traffic plugin's pure parts: what hypervisors and captures say, and what is made of it. */
#include "unit.h"

#include "traffic/answers.h"
#include "traffic/consoles.h"
#include "traffic/frame.h"
#include "traffic/meter.h"
#include "traffic/status.h"

#include <math.h>
#include <proc/procs.h>
#include <string.h>

/* ---- Hypervisors ----------------------------------------------------------------------------- */

static void a_line_has_a_code_and_says_whether_more_follow(void **state)
{
    (void)state;
    struct answer_line line;
    assert_int_equal(answer_line("101 VPCS-1 (NIOs = 2)", &line), 0);
    assert_int_equal(line.code, 101);
    assert_false(line.last);
    assert_string_equal(line.text, "VPCS-1 (NIOs = 2)");
    assert_int_equal(answer_line("214-bridge 'x' doesn't exist", &line), 0);
    assert_int_equal(line.code, 214);
    assert_true(line.last);
    const char *bad[] = {"", "1", "10", "100", "abc text", "1000 text", "100+OK"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(answer_line(bad[i], &line), -1);
}

static void counters_of_both_interfaces_are_read(void **state)
{
    (void)state;
    enum nio_side side;
    struct nio nio;
    assert_true(answer_nio("Source NIO:      IN: 96 packets (9202 bytes) OUT: 106 packets (9838 "
                           "bytes)",
                           &side, &nio));
    assert_int_equal(side, NIO_SOURCE);
    assert_int_equal(nio.in.packets, 96);
    assert_int_equal(nio.in.bytes, 9202);
    assert_int_equal(nio.out.packets, 106);
    assert_int_equal(nio.out.bytes, 9838);
    assert_true(answer_nio("Destination NIO: IN: 0 packets (0 bytes) OUT: 1 packets (4000000000000 "
                           "bytes)",
                           &side, &nio));
    assert_int_equal(side, NIO_DESTINATION);
    assert_int_equal(nio.out.bytes, 4000000000000);
    const char *bad[] = {"", "Source NIO: IN: x packets", "Source NIO: IN: 1 packets (2 bytes)",
                         "Source NIO: IN: -1 packets (2 bytes) OUT: 1 packets (1 bytes)",
                         "Source NIO: IN: 99999999999999999999999 packets (2 bytes)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(answer_nio(bad[i], &side, &nio));
}

static void ports_of_an_iol_bridge_and_of_dynamips_are_read(void **state)
{
    (void)state;
    int adapter, port;
    struct nio nio;
    char name[ANSWER_NAME_MAX];
    assert_true(answer_iol_port("port 1/3:      IN: 5 packets (50 bytes) OUT: 6 packets (60 bytes)",
                                &adapter, &port, &nio));
    assert_int_equal(adapter, 1);
    assert_int_equal(port, 3);
    assert_int_equal(nio.out.packets, 6);
    assert_true(answer_dynamips_nio("3 4 200 300", &nio));
    assert_int_equal(nio.in.packets, 3);
    assert_int_equal(nio.out.packets, 4);
    assert_int_equal(nio.in.bytes, 200);
    assert_int_equal(nio.out.bytes, 300);
    assert_false(answer_dynamips_nio("3 4 200", &nio));
    assert_false(answer_dynamips_nio("3 4 200 300 5", &nio));
    assert_true(answer_binding("16: udp-02b22def", &port, name));
    assert_int_equal(port, 16);
    assert_string_equal(name, "udp-02b22def");
    assert_false(answer_binding("0: udp\nnio delete x", &port, name));
}

static void a_bridge_list_gives_only_names_that_may_be_asked_for(void **state)
{
    (void)state;
    char name[ANSWER_NAME_MAX], longer[400];
    assert_true(answer_bridge("bridge0 (NIOs = 2)", name));
    assert_string_equal(name, "bridge0");
    assert_false(answer_bridge("bridge0", name));
    assert_false(answer_bridge("x;bridge_delete (NIOs = 2)", name));
    assert_false(answer_bridge(" (NIOs = 2)", name));
    memset(longer, 'a', 200);
    memcpy(longer + 200, " (NIOs = 2)", 12);
    assert_false(answer_bridge(longer, name));
}

static void bridges_are_named_after_nodes(void **state)
{
    (void)state;
    static const char id[] = "90f12ca3-9203-4287-af6d-9cbb11cd5793";
    struct bridge_name name;
    assert_true(bridge_name("VPCS-90f12ca3-9203-4287-af6d-9cbb11cd5793", &name));
    assert_string_equal(name.node_id, id);
    assert_false(name.wire_is_source);
    assert_true(bridge_name("QEMU-90f12ca3-9203-4287-af6d-9cbb11cd5793-12", &name));
    assert_string_equal(name.node_id, id);
    assert_int_equal(name.adapter, 12);
    assert_int_equal(name.port, 0);
    assert_true(bridge_name("90f12ca3-9203-4287-af6d-9cbb11cd5793-3", &name));
    assert_int_equal(name.port, 3);
    assert_true(name.wire_is_source);
    assert_true(bridge_name("bridge4", &name));
    assert_string_equal(name.node_id, "");
    assert_int_equal(name.adapter, 4);
    assert_true(bridge_name("IOL-BRIDGE-513", &name));
    assert_true(name.iol);
    assert_true(bridge_name("ethernet2.vnet", &name));
    assert_int_equal(name.adapter, 2);
    const char *bad[] = {"",
                         "DYNAMIPS-1000-1001",
                         "VPCS-",
                         "VPCS-90f12ca3",
                         "bridge",
                         "bridge99999999",
                         "ethernet2.other",
                         "QEMU-90f12ca3-9203-4287-af6d-9cbb11cd5793"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(bridge_name(bad[i], &name));
}

/* ---- Meters ---------------------------------------------------------------------------------- */

static struct reading reading(uint64_t sent, uint64_t got, uint64_t lost)
{
    return (struct reading){.has_node = true,
                            .node = {{sent + lost, 0}, {got, 0}},
                            .wire = {{got, got * 100}, {sent, sent * 100}}};
}

static void counting_begins_at_the_first_reading(void **state)
{
    (void)state;
    struct meter meter = {0};
    struct reading one = reading(1000, 500, 0), two = reading(1010, 503, 0);
    meter_add(&meter, &one, 7);
    assert_int_equal(meter.sent.packets, 0);
    meter_add(&meter, &two, 7);
    assert_int_equal(meter.sent.packets, 10);
    assert_int_equal(meter.sent.bytes, 1000);
    assert_int_equal(meter.got.packets, 3);
}

static void a_node_that_restarts_counts_on(void **state)
{
    (void)state;
    struct meter meter = {0};
    struct reading first = reading(1000, 0, 0), fresh = reading(40, 5, 0), more = reading(50, 5, 0);
    meter_add(&meter, &first, 1);
    meter_add(&meter, &fresh, 2);
    assert_int_equal(meter.sent.packets, 40);
    assert_int_equal(meter.got.packets, 5);
    meter_add(&meter, &more, 2);
    assert_int_equal(meter.sent.packets, 50);
}

static void a_restart_is_seen_also_when_the_new_counters_are_larger(void **state)
{
    (void)state;
    struct meter meter = {0};
    struct reading first = reading(10, 10, 0), fresh = reading(500, 400, 0);
    meter_add(&meter, &first, 1);
    meter_add(&meter, &fresh, 2);
    assert_int_equal(meter.sent.packets, 500);
}

static void counters_that_fall_in_one_life_have_begun_anew(void **state)
{
    (void)state;
    struct meter meter = {0};
    struct reading first = reading(1000, 1000, 0), anew = reading(3, 1001, 0);
    meter_add(&meter, &first, 1);
    meter_add(&meter, &anew, 1);
    assert_int_equal(meter.sent.packets, 3);
    assert_int_equal(meter.got.packets, 1001);
}

static void a_packet_on_its_way_is_not_lost_and_drops_never_fall(void **state)
{
    (void)state;
    struct meter meter = {0};
    const uint64_t lost[] = {0, 1, 0, 2, 2, 3, 2, 7, 7};
    const uint64_t want[] = {0, 0, 0, 0, 2, 2, 2, 2, 7};
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        struct reading now = reading(100 * i, 0, lost[i]);
        meter_add(&meter, &now, 1);
        assert_int_equal(meter.dropped, want[i]);
    }
    struct reading fresh = reading(1, 0, 4), again = reading(2, 0, 4);
    meter_add(&meter, &fresh, 2);
    meter_add(&meter, &again, 2);
    assert_int_equal(meter.dropped, 11);
}

static void what_was_lost_before_the_first_reading_is_not_ours(void **state)
{
    (void)state;
    struct meter meter = {0};
    struct reading now = reading(100, 0, 50);
    for (int i = 0; i < 3; i++)
        meter_add(&meter, &now, 1);
    assert_int_equal(meter.dropped, 0);
}

/* ---- Processes and consoles ------------------------------------------------------------------ */

static bool hypervisor(const char *words, size_t bytes, struct proc *proc)
{
    *proc = (struct proc){0};
    return procs_hypervisor(words, bytes, proc);
}
#define WORDS(text) text, sizeof(text)

static void a_hypervisor_is_known_by_its_command_line(void **state)
{
    (void)state;
    struct proc proc;
    assert_true(hypervisor(WORDS("/usr/bin/ubridge\0-H\0"
                                 "127.0.0.1:40949"),
                           &proc));
    assert_int_equal(proc.kind, PROC_UBRIDGE);
    assert_string_equal(proc.host, "127.0.0.1");
    assert_int_equal(proc.port, 40949);
    assert_true(hypervisor(WORDS("dynamips\0-N1\0-H\0"
                                 "0.0.0.0:7200\0-x"),
                           &proc));
    assert_int_equal(proc.kind, PROC_DYNAMIPS);
    assert_string_equal(proc.host, "127.0.0.1");
    assert_true(hypervisor(WORDS("ubridge\0-H[::]:4242"), &proc));
    assert_string_equal(proc.host, "::1");
    assert_false(hypervisor(WORDS("/bin/notubridge\0-H\0"
                                  "127.0.0.1:1"),
                            &proc));
    assert_false(hypervisor(WORDS("ubridge\0-H"), &proc));
    assert_false(hypervisor(WORDS("ubridge\0-H\0"
                                  "127.0.0.1:70000"),
                            &proc));
    assert_false(hypervisor(WORDS("ubridge\0-H\0"
                                  "127.0.0.1:"),
                            &proc));
    assert_false(hypervisor("", 0, &proc));
    assert_false(hypervisor("ubridge", 7, &proc)); /* cut in the middle */
}

static void the_name_of_a_process_may_hold_anything(void **state)
{
    (void)state;
    struct proc proc = {0};
    assert_true(procs_stat("16904 (a) S 1 (b)) S 16847 16847 1 0 -1 4194304 100 0 0 0 12 34 0 0 20 "
                           "0 3 0 987654 2000 100\n",
                           &proc));
    assert_int_equal(proc.parent, 16847);
    assert_int_equal(proc.cpu_ticks, 46);
    assert_int_equal(proc.started, 987654);
    assert_string_equal(proc.name, "a) S 1 (b)");
    assert_int_equal(proc.state, 'S');
    assert_int_equal(proc.threads, 3);
    assert_int_equal(proc.rss_pages, 100);
    assert_false(procs_stat("16904 (ubridge) S 1", &proc));
    assert_false(procs_stat("", &proc));
}

static void only_established_connections_use_a_console(void **state)
{
    (void)state;
    assert_int_equal(consoles_line("   1: 0100007F:1388 0100007F:D431 01 00000000:00000000 00:0 "),
                     5000);
    assert_int_equal(consoles_line("   0: 00000000:1388 00000000:0000 0A 00000000:00000000 00:0 "),
                     -1);
    assert_int_equal(consoles_line("   7: 00000000000000000000000001000000:1F90 "
                                   "00000000000000000000000001000000:D432 01 0000"),
                     8080);
    assert_int_equal(consoles_line("  sl  local_address rem_address   st tx_queue"), -1);
    assert_int_equal(consoles_line(""), -1);
}

/* ---- Frames ---------------------------------------------------------------------------------- */

static const uint8_t pc1[6] = {0, 0x50, 0x79, 0x66, 0x68, 0},
                     pc2[6] = {0, 0x50, 0x79, 0x66, 0x68, 1};

static int direction(struct sides *sides, const uint8_t *from, const uint8_t *to)
{
    static uint8_t bytes[60];
    struct frame frame;
    memcpy(bytes, to, 6);
    memcpy(bytes + 6, from, 6);
    assert_true(frame_read(bytes, sizeof bytes, &frame));
    return sides_direction(sides, &frame);
}

static void directions_are_told_apart_by_address(void **state)
{
    (void)state;
    static const uint8_t all[6] = {255, 255, 255, 255, 255, 255}, pc3[6] = {2, 1, 1, 1, 1, 1};
    struct sides sides = {0};
    direction(&sides, pc1, all); /* both ask for each other first: that tells nothing */
    direction(&sides, pc2, all);
    int there = direction(&sides, pc1, pc2);
    assert_int_equal(direction(&sides, pc2, pc1), 1 - there);
    assert_int_equal(direction(&sides, pc1, all), there);
    assert_int_equal(direction(&sides, pc3, pc1), 1 - there); /* a second one behind the switch */
    assert_int_equal(direction(&sides, pc3, all), 1 - there);
}

static void a_known_address_says_which_end_is_which(void **state)
{
    (void)state;
    struct sides sides = {0}, other = {0};
    static const uint8_t all[6] = {255, 255, 255, 255, 255, 255}, pc3[6] = {2, 1, 1, 1, 1, 1};
    sides_know(&sides, 0, "00:50:79:66:68:01");
    direction(&sides, pc1, all);
    assert_int_equal(direction(&sides, pc2, all), 0);
    assert_int_equal(direction(&sides, pc2, pc1), 0);
    assert_int_equal(direction(&sides, pc1, pc2), 1);
    assert_int_equal(direction(&sides, pc3, all), 1); /* the switch sends it everywhere */
    sides_know(&other, 1, "00:50:79:66:68:01");
    assert_int_equal(direction(&other, pc2, pc1), 1);
    assert_int_equal(direction(&other, pc1, pc2), 0);
}

static void a_full_table_of_addresses_takes_no_more(void **state)
{
    (void)state;
    struct sides sides = {0};
    for (int i = 0; i < 2 * SIDES_MAX; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
        direction(&sides, mac, pc1);
    }
    assert_int_equal(sides.count, SIDES_MAX);
}

static void both_directions_are_one_flow_below_vlan_tags(void **state)
{
    (void)state;
    uint8_t there[60] = {0}, back[60] = {0};
    static const uint8_t tag[] = {0x81, 0, 0, 5, 8, 0};
    static const uint8_t ip[] = {0x45, 0, 0,  28, 0, 0, 0,    0,    64, 17, 0, 0, 10, 0,
                                 0,    2, 10, 0,  0, 1, 0x30, 0x39, 0,  53, 0, 8, 0,  0};
    memcpy(there + 12, tag, sizeof tag);
    memcpy(there + 18, ip, sizeof ip);
    memcpy(back, there, sizeof back);
    memcpy(back + 30, there + 34, 4); /* addresses and ports the other way round */
    memcpy(back + 34, there + 30, 4);
    memcpy(back + 38, there + 40, 2);
    memcpy(back + 40, there + 38, 2);
    struct frame one, other;
    assert_true(frame_read(there, sizeof there, &one));
    assert_true(frame_read(back, sizeof back, &other));
    assert_non_null(one.ip);
    assert_int_equal(one.ip_bytes, 28); /* the rest is padding */
    assert_int_equal(one.key.protocol, 17);
    assert_memory_equal(&one.key, &other.key, sizeof one.key);
    assert_false(frame_read(there, 13, &one));
    assert_true(frame_read(there, 20, &one)); /* cut within the IP header */
    assert_null(one.ip);
}

/* ---- Status ---------------------------------------------------------------------------------- */

static void a_link_is_active_idle_or_unknown_and_does_not_flap(void **state)
{
    (void)state;
    assert_int_equal(status_of_link(STATUS_IDLE, 1.0, 1), STATUS_IDLE);
    assert_int_equal(status_of_link(STATUS_IDLE, 1.1, 1), STATUS_ACTIVE);
    assert_int_equal(status_of_link(STATUS_ACTIVE, 0.6, 1), STATUS_ACTIVE);
    assert_int_equal(status_of_link(STATUS_ACTIVE, 0.5, 1), STATUS_IDLE);
    assert_int_equal(status_of_link(STATUS_NO_DATA, 0, 1), STATUS_IDLE);
    assert_int_equal(status_of_link(STATUS_ACTIVE, NAN, 1), STATUS_NO_DATA);
    assert_int_equal(status_of_link(STATUS_IDLE, NAN, 1), STATUS_NO_DATA);
}

static void a_project_is_idle_only_when_all_its_links_are_known_to_be(void **state)
{
    (void)state;
    assert_int_equal(status_of_project(&(struct status_counts){.active = 1, .blind = 3}),
                     STATUS_ACTIVE);
    assert_int_equal(status_of_project(&(struct status_counts){.idle = 9, .blind = 1}),
                     STATUS_NO_DATA);
    assert_int_equal(status_of_project(&(struct status_counts){.idle = 9, .silent = 3}),
                     STATUS_IDLE);
    assert_int_equal(status_of_project(&(struct status_counts){.silent = 3}), STATUS_IDLE);
    assert_int_equal(status_of_project(&(struct status_counts){0}), STATUS_NO_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_a_code_and_says_whether_more_follow),
        cmocka_unit_test(counters_of_both_interfaces_are_read),
        cmocka_unit_test(ports_of_an_iol_bridge_and_of_dynamips_are_read),
        cmocka_unit_test(a_bridge_list_gives_only_names_that_may_be_asked_for),
        cmocka_unit_test(bridges_are_named_after_nodes),
        cmocka_unit_test(counting_begins_at_the_first_reading),
        cmocka_unit_test(a_node_that_restarts_counts_on),
        cmocka_unit_test(a_restart_is_seen_also_when_the_new_counters_are_larger),
        cmocka_unit_test(counters_that_fall_in_one_life_have_begun_anew),
        cmocka_unit_test(a_packet_on_its_way_is_not_lost_and_drops_never_fall),
        cmocka_unit_test(what_was_lost_before_the_first_reading_is_not_ours),
        cmocka_unit_test(a_hypervisor_is_known_by_its_command_line),
        cmocka_unit_test(the_name_of_a_process_may_hold_anything),
        cmocka_unit_test(only_established_connections_use_a_console),
        cmocka_unit_test(directions_are_told_apart_by_address),
        cmocka_unit_test(a_known_address_says_which_end_is_which),
        cmocka_unit_test(a_full_table_of_addresses_takes_no_more),
        cmocka_unit_test(both_directions_are_one_flow_below_vlan_tags),
        cmocka_unit_test(a_link_is_active_idle_or_unknown_and_does_not_flap),
        cmocka_unit_test(a_project_is_idle_only_when_all_its_links_are_known_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
