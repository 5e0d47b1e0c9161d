/* What the system plugin tells of a machine: processors, memory, network, sensors. */
#include "unit.h"

#include "system_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEAR(value, wanted) assert_true(fabs((value) - (wanted)) < 0.01)

static struct tree tree;

static int set_up(void **state)
{
    (void)state;
    tree_begin(&tree);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tree_end(&tree);
    return 0;
}

static void start(const char *yaml)
{
    tree_start(&tree, yaml);
    assert_int_equal(gwt_start(tree.test), 0);
}

/* The rows of the next turn. */
static void turn(void)
{
    tree_run(&tree, 1);
}

static double value(const char *measurement, const char *labels, const char *field)
{
    return tree_value(&tree, measurement, labels, field);
}

static void processor_time_is_shared_out_among_its_modes(void **state)
{
    (void)state;
    double a_second = (double)sysconf(_SC_CLK_TCK);
    tree_put(&tree, "proc/stat",
             "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 50 0 50 400 0 0 0 0 0 0\n"
             "cpu3 50 0 50 400 0 0 0 0 0 0\nintr 5 1 2\nctxt 77\n");
    tree_put(&tree, "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1200000\n");
    start("");
    turn();
    assert_true(isnan(value("system.cpu", "", "used")));
    tree_put(&tree, "proc/stat",
             "cpu  150 10 115 870 25 5 5 20 30 0\ncpu0 100 10 65 405 5 5 5 5 30 0\n"
             "cpu3 50 0 50 465 20 0 0 15 0 0\nintr 9 1 2\nctxt 99\n");
    turn();
    NEAR(value("system.cpu", "", "user"), 25);
    NEAR(value("system.cpu", "", "nice"), 5);
    NEAR(value("system.cpu", "", "system"), 7.5);
    NEAR(value("system.cpu", "", "idle"), 35);
    NEAR(value("system.cpu", "", "iowait"), 12.5);
    NEAR(value("system.cpu", "", "steal"), 10);
    NEAR(value("system.cpu", "", "guest"), 15); /* part of user, not of the whole */
    NEAR(value("system.cpu", "", "used"), 52.5);
    NEAR(value("system.cpu", "", "user_s"), 150 / a_second);
    NEAR(value("system.cpu", "", "cores"), 2);
    NEAR(value("system.core", "cpu=3", "steal"), 15);
    NEAR(value("system.core", "cpu=0", "frequency"), 1.2e9);
    assert_true(isnan(value("system.core", "cpu=3", "frequency")));
    NEAR(value("system.cpu", "", "frequency"), 1.2e9);
    NEAR(value("system.host", "", "context_switches"), 99);
    NEAR(value("system.host", "", "interrupts"), 9);
}

static void counters_that_fall_are_no_negative_time(void **state)
{
    (void)state;
    tree_put(&tree, "proc/stat", "cpu  100 0 100 800 90 0 0 0 0 0\n");
    start("per_cpu: no\n");
    turn();
    tree_put(&tree, "proc/stat", "cpu  110 0 100 890 10 0 0 0 0 0\n");
    turn();
    NEAR(value("system.cpu", "", "iowait"), 0);
    NEAR(value("system.cpu", "", "used"), 10);
    tree_put(&tree, "proc/stat", "cpu  1 0 0 1 0 0 0 0 0 0\n"); /* began anew */
    turn();
    assert_true(isnan(value("system.cpu", "", "used")));
    assert_int_equal(gwt_rows(tree.test, "system.core", ""), 0);
}

static void memory_is_what_the_kernel_says_in_bytes(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo",
             "MemTotal:       1000 kB\nMemFree:         200 kB\nMemAvailable:    400 kB\n"
             "Buffers:          10 kB\nCached:          150 kB\nSlab:             30 kB\n"
             "Dirty:             7 kB\nSwapTotal:       100 kB\nSwapFree:         75 kB\n"
             "SwapCached:        5 kB\nHugePages_Total:    4\nHugePages_Free:     1\n"
             "Hugepagesize:   2048 kB\nActive(anon):     99 kB\nActive:           50 kB\n");
    tree_put(&tree, "proc/vmstat",
             "pgpgin 3\npgpgout 4\npswpin 5\npswpout 6\npgfault 70\npgmajfault 8\n"
             "pgscan_kswapd 1\npgscan_direct 2\nallocstall_normal 3\nallocstall_movable 4\n"
             "oom_kill 0\n");
    start("");
    turn();
    double page = (double)sysconf(_SC_PAGESIZE);
    NEAR(value("system.memory", "", "total"), 1024000);
    NEAR(value("system.memory", "", "available"), 409600);
    NEAR(value("system.memory", "", "used"), 614400);
    NEAR(value("system.memory", "", "used_percent"), 60);
    NEAR(value("system.memory", "", "dirty"), 7168);
    NEAR(value("system.memory", "", "active"), 51200);
    NEAR(value("system.memory", "", "huge_total"), 8388608);
    assert_true(isnan(value("system.memory", "", "mapped"))); /* it does not say */
    NEAR(value("system.swap", "", "used"), 25600);
    NEAR(value("system.swap", "", "used_percent"), 25);
    NEAR(value("system.swap", "", "in"), 5 * page);
    NEAR(value("system.paging", "", "in"), 3072);
    NEAR(value("system.paging", "", "scanned"), 3);
    NEAR(value("system.paging", "", "stalls"), 7);
    assert_true(isnan(value("system.paging", "", "stolen")));
}

static void an_old_kernel_does_not_say_what_is_available(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo",
             "MemTotal: 1000 kB\nMemFree: 200 kB\nBuffers: 10 kB\nCached: 190 kB\n");
    start("");
    turn();
    NEAR(value("system.memory", "", "available"), 409600);
    assert_int_equal(gwt_rows(tree.test, "system.swap", ""), 0);
}

static void a_program_killed_for_want_of_memory_is_told(void **state)
{
    (void)state;
    tree_put(&tree, "proc/vmstat", "oom_kill 3\n");
    start("");
    tree_run(&tree, 3);
    assert_int_equal(gwt_events(tree.test, "system.oom"), 0); /* long ago */
    tree_put(&tree, "proc/vmstat", "oom_kill 5\n");
    tree_run(&tree, 3);
    assert_int_equal(gwt_events(tree.test, "system.oom"), 1);
    assert_non_null(strstr(gwt_event(tree.test, "system.oom", 0)->text, "killed 2 programs"));
}

static const char dev_head[] =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n";

static void an_interface_carries_loses_and_goes_down(void **state)
{
    (void)state;
    tree_put(&tree, "proc/net/dev",
             "%s    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
             "  eth0: 1000 10 1 2 3 4 0 5 2000 20 6 7 8 9 10 0\n"
             " veth1: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
             "  br0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n",
             dev_head);
    tree_put(&tree, "sys/class/net/eth0/operstate", "up\n");
    tree_put(&tree, "sys/class/net/eth0/speed", "100\n");
    tree_put(&tree, "sys/class/net/eth0/address", "02:00:00:00:00:01\n");
    tree_put(&tree, "sys/class/net/br0/operstate", "up\n");
    tree_put(&tree, "sys/class/net/br0/bridge/x", "%s", "");
    tree_put(&tree, "sys/class/net/br0/speed", "-1\n");
    start("");
    turn();
    NEAR(value("system.interface", "interface=eth0", "in_bytes"), 1000);
    NEAR(value("system.interface", "interface=eth0", "in_multicast"), 5);
    NEAR(value("system.interface", "interface=eth0", "out_drops"), 7);
    NEAR(value("system.interface", "interface=eth0", "carrier"), 10);
    NEAR(value("system.interface", "interface=eth0", "speed"), 1e8);
    assert_true(isnan(value("system.interface", "interface=br0", "speed")));
    assert_int_equal(gwt_rows(tree.test, "system.interface", "interface=lo"), 0);
    assert_int_equal(gwt_rows(tree.test, "system.interface", "interface=veth1"), 0);
    assert_string_equal(gwt_member(tree.test, "system.interface", "eth0", "address"),
                        "02:00:00:00:00:01");
    tree_put(&tree, "proc/net/dev",
             "%s  eth0:1251000 11 1 2 3 4 0 5 2000 20 6 7 8 9 10 0\n"
             "  br0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n",
             dev_head);
    turn();
    NEAR(value("system.interface", "interface=eth0", "in_used"), 10);
    tree_put(&tree, "sys/class/net/eth0/operstate", "down\n");
    tree_put(&tree, "sys/class/net/br0/operstate", "down\n");
    tree_run(&tree, 3);
    assert_int_equal(gwt_events(tree.test, "system.interface.down"), 1);
    assert_string_equal(gwt_event(tree.test, "system.interface.down", 0)->id, "eth0");
    assert_string_equal(gwt_member(tree.test, "system.interface", "eth0", "up"), "false");
    tree_put(&tree, "sys/class/net/eth0/operstate", "up\n");
    turn();
    assert_int_equal(gwt_events(tree.test, "system.interface.up"), 1);
    tree_put(&tree, "proc/net/dev", "%s", dev_head);
    turn();
    assert_int_equal(gwt_objects(tree.test, "system.interface"), 0);
}

static void what_went_down_between_two_lives_is_told(void **state)
{
    (void)state;
    tree_put(&tree, "proc/net/dev", "%s  eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", dev_head);
    tree_put(&tree, "sys/class/net/eth0/operstate", "up\n");
    start("");
    turn();
    gwt_stop(tree.test);
    tree_put(&tree, "sys/class/net/eth0/operstate", "down\n");
    assert_int_equal(gwt_start(tree.test), 0);
    tree_run(&tree, 2);
    assert_int_equal(gwt_events(tree.test, "system.interface.down"), 1);
}

static void sockets_and_tcp_are_counted_by_state(void **state)
{
    (void)state;
    double page = (double)sysconf(_SC_PAGESIZE);
    tree_put(&tree, "proc/net/sockstat",
             "sockets: used 40\nTCP: inuse 3 orphan 1 tw 2 alloc 13 mem 5\nUDP: inuse 7 mem 1\n");
    tree_put(&tree, "proc/net/sockstat6", "TCP6: inuse 2\nUDP6: inuse 1\n");
    tree_put(&tree, "proc/net/snmp",
             "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
             "Tcp: ActiveOpens PassiveOpens RetransSegs MaxConn CurrEstab\nTcp: 11 22 33 -1 9\n"
             "Udp: InDatagrams NoPorts RcvbufErrors\nUdp: 44 55 66\n");
    tree_put(&tree, "proc/net/netstat",
             "TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 1 77\nIpExt: a b\n");
    tree_put(&tree, "proc/net/tcp",
             "  sl  local_address rem_address   st tx_queue\n"
             "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000\n"
             "   1: 0100007F:1388 0100007F:D431 01 00000000:00000000\n");
    tree_put(&tree, "proc/net/tcp6",
             "  sl  local_address rem_address   st tx_queue\n"
             "   0: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:D432 "
             "01 0\n   1: torn\n   2: a:1 b:2 FF 0\n");
    tree_put(&tree, "proc/sys/net/netfilter/nf_conntrack_count", "30\n");
    tree_put(&tree, "proc/sys/net/netfilter/nf_conntrack_max", "120\n");
    tree_put(&tree, "proc/net/rpc/nfs", "net 0 0 0 0\nrpc 12 3 0\n");
    start("");
    turn();
    NEAR(value("system.sockets", "", "used"), 40);
    NEAR(value("system.sockets", "", "tcp"), 5);
    NEAR(value("system.sockets", "", "udp"), 8);
    NEAR(value("system.sockets", "", "tcp_memory"), 5 * page);
    NEAR(value("system.sockets", "", "conntrack_percent"), 25);
    NEAR(value("system.connections", "", "established"), 2);
    NEAR(value("system.connections", "", "listen"), 1);
    NEAR(value("system.connections", "", "close_wait"), 0);
    NEAR(value("system.tcp", "", "established"), 9);
    NEAR(value("system.tcp", "", "retransmitted"), 33);
    NEAR(value("system.tcp", "", "listen_overflows"), 77);
    NEAR(value("system.udp", "", "in_full"), 66);
    NEAR(value("system.nfs", "", "retransmitted"), 3);
    tree_run(&tree, 58);
    assert_int_equal(gwt_rows(tree.test, "system.connections", ""), 1);
    turn();
    turn();
    assert_int_equal(gwt_rows(tree.test, "system.connections", ""), 2);
    tree_put(&tree, "proc/net/sockstat", "TCP: inuse 900000 orphan 1 tw 2 alloc 13 mem 5\n");
    tree_run(&tree, 120); /* counting these would cost too much */
    assert_int_equal(gwt_rows(tree.test, "system.connections", ""), 2);
    NEAR(value("system.tcp", "", "opened"), 11);
}

static void pressure_is_told_for_what_the_kernel_tells(void **state)
{
    (void)state;
    tree_put(&tree, "proc/pressure/io",
             "some avg10=1.50 avg60=2.00 avg300=3.00 total=2500000\n"
             "full avg10=0.50 avg60=0.60 avg300=0.70 total=1000000\n");
    tree_put(&tree, "proc/pressure/cpu", "some avg10=9.00 avg60=8.00 avg300=7.00 total=1\n");
    start("");
    turn();
    NEAR(value("system.pressure", "resource=io", "some"), 1.5);
    NEAR(value("system.pressure", "resource=io", "some_s"), 2.5);
    NEAR(value("system.pressure", "resource=io", "full_5m"), 0.7);
    NEAR(value("system.pressure", "resource=cpu", "some_1m"), 8);
    assert_true(isnan(value("system.pressure", "resource=cpu", "full")));
    assert_int_equal(gwt_rows(tree.test, "system.pressure", "resource=memory"), 0);
}

static void a_sensor_that_gets_critical_is_told_once_and_when_it_cools(void **state)
{
    (void)state;
    tree_put(&tree, "sys/class/hwmon/hwmon0/name", "coretemp\n");
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp1_input", "45000\n");
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp1_label", "Package id 0\n");
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp1_crit", "90000\n");
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp2_input", "-273000\n"); /* not connected */
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp3_input", "rubbish\n");
    tree_put(&tree, "sys/class/hwmon/hwmon0/fan1_input", "1200\n");
    tree_put(&tree, "sys/class/thermal/thermal_zone0/type", "acpitz\n");
    tree_put(&tree, "sys/class/thermal/thermal_zone0/temp", "30000\n");
    start("");
    turn();
    static const char package[] = "chip=coretemp,sensor=Package id 0";
    NEAR(value("system.temperature", package, "temperature"), 45);
    NEAR(value("system.temperature", package, "critical"), 90);
    NEAR(value("system.fan", "chip=coretemp,sensor=fan1", "speed"), 1200);
    assert_int_equal(gwt_rows(tree.test, "system.temperature", "chip=coretemp,sensor=temp2"), 0);
    assert_int_equal(gwt_rows(tree.test, "system.temperature", "chip=acpitz,sensor=thermal_zone0"),
                     0);
    for (int degrees = 88; degrees < 92; degrees++) {
        tree_put(&tree, "sys/class/hwmon/hwmon0/temp1_input", "%d000\n", degrees);
        turn();
    }
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp1_input", "88000\n"); /* near: still hot */
    turn();
    assert_int_equal(gwt_events(tree.test, "system.temperature.*"), 1);
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp1_input", "80000\n");
    turn();
    assert_int_equal(gwt_events(tree.test, "system.temperature.ok"), 1);
}

static void a_disk_that_may_sleep_is_not_asked(void **state)
{
    (void)state;
    tree_put(&tree, "sys/class/hwmon/hwmon0/name", "drivetemp\n");
    tree_put(&tree, "sys/class/hwmon/hwmon0/temp1_input", "35000\n");
    tree_put(&tree, "sys/class/hwmon/hwmon1/name", "nvme\n");
    tree_put(&tree, "sys/class/hwmon/hwmon1/temp1_input", "36000\n");
    tree_link(&tree, "sys/class/hwmon/hwmon1/device", "../../../nvme0");
    start("");
    turn();
    assert_int_equal(gwt_rows(tree.test, "system.temperature", "chip=drivetemp,sensor=temp1"), 0);
    NEAR(value("system.temperature", "chip=nvme0,sensor=temp1", "temperature"), 36);
}

static void without_chips_the_kernels_thermal_zones_count(void **state)
{
    (void)state;
    tree_put(&tree, "sys/class/thermal/thermal_zone0/type", "acpitz\n");
    tree_put(&tree, "sys/class/thermal/thermal_zone0/temp", "97000\n");
    start("");
    turn();
    NEAR(value("system.temperature", "chip=acpitz,sensor=thermal_zone0", "temperature"), 97);
    assert_int_equal(gwt_events(tree.test, "system.temperature.critical"), 1);
}

static void the_machine_says_who_it_is_and_how_long_it_is_up(void **state)
{
    (void)state;
    tree_put(&tree, "proc/loadavg", "0.50 1.25 2.00 3/150 4711\n");
    tree_put(&tree, "proc/uptime", "86400.50 100.00\n");
    tree_put(&tree, "proc/stat", "btime 1767225600\nprocs_running 3\nprocs_blocked 1\n");
    tree_put(&tree, "proc/sys/kernel/random/entropy_avail", "256\n");
    tree_put(&tree, "proc/sys/fs/file-nr", "9152\t100\t9223372036854775807\n");
    tree_put(&tree, "proc/sys/kernel/hostname", "lab-host\n");
    tree_put(&tree, "proc/sys/kernel/osrelease", "6.1.0\n");
    tree_put(&tree, "root/etc/os-release", "ID=x\nPRETTY_NAME=\"Some Linux 12\"\n");
    start("");
    turn();
    NEAR(value("system.host", "", "load15"), 2);
    NEAR(value("system.host", "", "uptime"), 86400.5);
    NEAR(value("system.host", "", "blocked"), 1);
    NEAR(value("system.host", "", "files_open"), 9052);
    assert_string_equal(gwt_member(tree.test, "system.host", "host", "name"), "lab-host");
    assert_string_equal(gwt_member(tree.test, "system.host", "host", "os"), "Some Linux 12");
}

static void what_is_not_there_is_left_out_without_a_word(void **state)
{
    (void)state;
    start("");
    tree_run(&tree, 120);
    static const char *const measurements[] = {"system.cpu",     "system.memory", "system.swap",
                                               "system.paging",  "system.disk",   "system.tcp",
                                               "system.sockets", "system.udp"};
    for (size_t i = 0; i < sizeof measurements / sizeof measurements[0]; i++)
        assert_int_equal(gwt_rows(tree.test, measurements[i], ""), 0);
    assert_string_equal(gwt_last_error(tree.test), "");
    assert_int_equal(gwt_logged(tree.test, "system"), 0);
    /* What appears later is found. */
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 200 kB\n");
    tree_run(&tree, 65);
    assert_true(gwt_rows(tree.test, "system.memory", "") > 0);
}

static const char *const all_files[] = {"proc/stat",
                                        "proc/meminfo",
                                        "proc/vmstat",
                                        "proc/diskstats",
                                        "proc/1/mountinfo",
                                        "proc/net/dev",
                                        "proc/net/sockstat",
                                        "proc/net/snmp",
                                        "proc/net/netstat",
                                        "proc/net/tcp",
                                        "proc/net/rpc/nfs",
                                        "proc/pressure/cpu",
                                        "proc/loadavg",
                                        "proc/uptime",
                                        "proc/sys/fs/file-nr",
                                        "proc/77/stat",
                                        "proc/77/cmdline",
                                        "proc/77/cgroup",
                                        "sys/class/hwmon/hwmon0/temp1_input",
                                        "sys/class/net/eth0/operstate",
                                        "root/run/utmp"};

static void nothing_in_a_file_hurts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "\n\n\n:::\n",
        "cpu",
        "cpu99999999999999999999999 1 2 3 4 5 6 7 8 9 10\n",
        "cpu 99999999999999999999999 99999999999999999999999 1 18446744073709551615 1\n",
        "MemTotal: 99999999999999999999999999 kB\nMemAvailable: -5 kB\n",
        " 8 0 sda 1 2 3\n 8 0 sda 1 2 3 4 5 6 7 8 9 10 18446744073709551615 12 13 14 15 16 17\n",
        "1 2 3:4 / /no\\040where\\999\\ rw - ext4 /dev/x rw\n1 2 3:4 / / rw\n",
        "eth0: 1 2 3\neth0: 99999999999999999999 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n: 1 1\n",
        "Tcp: ActiveOpens\nTcp:\nTcp: a\nUdp: 1\n",
        "some avg10= avg60=x total=-1\nfull\n",
        "77 (a) b) S",
        "77 () Z 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n",
        "\xff\xfe\x80\n\xc3(\n",
    };
    char *large = malloc(5 * 1024 * 1024);
    assert_non_null(large);
    memset(large, 'x', 5 * 1024 * 1024);
    start("");
    for (size_t text = 0; text < sizeof texts / sizeof texts[0]; text++) {
        for (size_t i = 0; i < sizeof all_files / sizeof all_files[0]; i++)
            tree_put(&tree, all_files[i], "%s", texts[text]);
        tree_run(&tree, 61);
    }
    for (size_t i = 0; i < sizeof all_files / sizeof all_files[0]; i++)
        tree_bytes(&tree, all_files[i], large, i % 2 ? 200000 : 5 * 1024 * 1024);
    tree_run(&tree, 3);
    free(large);
    assert_string_equal(gwt_last_error(tree.test), "");
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 200 kB\n");
    tree_run(&tree, 65);
    NEAR(value("system.memory", "", "used_percent"), 80);
}

static void the_environment_says_where_a_container_has_the_machines_own(void **state)
{
    (void)state;
    char path[96];
    extern const struct gw_descriptor gnswatch_plugin;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 300 kB\n");
    tree_put(&tree, "proc/net/dev", "%s", dev_head); /* our own network */
    tree_put(&tree, "proc/1/net/dev", "%s  eno1: 7 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", dev_head);
    snprintf(path, sizeof path, "%s/proc/", tree.path);
    assert_int_equal(setenv("HOST_PROC", path, 1), 0);
    tree.test = gwt_new(&gnswatch_plugin, "every: 1s\nwithout: [node, sensor, filesystem]\n", 0);
    assert_int_equal(gwt_start(tree.test), 0);
    assert_int_equal(unsetenv("HOST_PROC"), 0);
    turn();
    NEAR(value("system.memory", "", "used_percent"), 70);
    NEAR(value("system.interface", "interface=eno1", "in_bytes"), 7);
}

static void a_part_may_be_left_out_but_must_exist(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 200 kB\n");
    start("without: [memory, node]\n");
    tree_run(&tree, 3);
    assert_int_equal(gwt_rows(tree.test, "system.memory", ""), 0);
    assert_int_equal(gwt_rows(tree.test, "system.processes", ""), 0);
    gwt_free(tree.test);
    tree_start(&tree, "without: [memroy]\n");
    assert_true(gwt_start(tree.test) < 0);
    assert_non_null(strstr(gwt_last_error(tree.test), "memroy"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(processor_time_is_shared_out_among_its_modes),
        TEST(counters_that_fall_are_no_negative_time),
        TEST(memory_is_what_the_kernel_says_in_bytes),
        TEST(an_old_kernel_does_not_say_what_is_available),
        TEST(a_program_killed_for_want_of_memory_is_told),
        TEST(an_interface_carries_loses_and_goes_down),
        TEST(what_went_down_between_two_lives_is_told),
        TEST(sockets_and_tcp_are_counted_by_state),
        TEST(pressure_is_told_for_what_the_kernel_tells),
        TEST(a_sensor_that_gets_critical_is_told_once_and_when_it_cools),
        TEST(a_disk_that_may_sleep_is_not_asked),
        TEST(without_chips_the_kernels_thermal_zones_count),
        TEST(the_machine_says_who_it_is_and_how_long_it_is_up),
        TEST(what_is_not_there_is_left_out_without_a_word),
        TEST(nothing_in_a_file_hurts),
        TEST(the_environment_says_where_a_container_has_the_machines_own),
        TEST(a_part_may_be_left_out_but_must_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
