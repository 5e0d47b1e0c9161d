/* What the system plugin tells of disks and file systems; statvfs answers what the test wants. */
#include "unit.h"

#include "system/forecast.h"
#include "system/mounts.h"
#include "system_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define NEAR(value, wanted) assert_true(fabs((value) - (wanted)) < 0.01)
enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static struct tree tree;

/* The disk: 1,000,000 blocks of 1 KiB; every file system of the test is on it. */
static struct {
    double used, grows_a_second; /* blocks */
    int64_t since_ms;
    double inodes_used;
} disk;

int __wrap_statvfs(const char *path, struct statvfs *out);
int __wrap_statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    double seconds = (double)(gwt_now_ms(tree.test) - disk.since_ms) / 1000;
    double used = fmin(1000000, disk.used + disk.grows_a_second * seconds);
    *out = (struct statvfs){.f_frsize = 1024,
                            .f_blocks = 1000000,
                            .f_bfree = (fsblkcnt_t)(1000000 - used),
                            .f_bavail = (fsblkcnt_t)(1000000 - used),
                            .f_files = 1000,
                            .f_ffree = (fsfilcnt_t)(1000 - disk.inodes_used)};
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    memset(&disk, 0, sizeof disk);
    disk.used = 300000;
    tree_begin(&tree);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tree_end(&tree);
    return 0;
}

static void mounted(const char *options)
{
    tree_put(&tree, "proc/1/mountinfo", "27 1 8:1 / / %s,relatime - ext4 /dev/sda1 rw\n", options);
}

static void start(const char *yaml)
{
    tree_start(&tree, yaml);
    disk.since_ms = gwt_now_ms(tree.test);
    assert_int_equal(gwt_start(tree.test), 0);
}

static void grows(double blocks_a_second)
{
    double seconds = (double)(gwt_now_ms(tree.test) - disk.since_ms) / 1000;
    disk.used += disk.grows_a_second * seconds;
    disk.since_ms = gwt_now_ms(tree.test);
    disk.grows_a_second = blocks_a_second;
}

static size_t told(const char *topic)
{
    return gwt_events(tree.test, topic);
}

/* ---- Disks ----------------------------------------------------------------------------------- */

static void a_disk_has_operations_latencies_and_a_queue(void **state)
{
    (void)state;
    tree_put(&tree, "proc/diskstats",
             "   8       0 sda 100 5 2000 300 50 6 1000 400 1 500 700 3 0 16 1 9 2\n"
             "   8       1 sda1 100 5 2000 300 50 6 1000 400 1 500 700\n"
             "   7       0 loop0 1 1 1 1 1 1 1 1 1 1 1\n"
             "   8      16 sdb 1 1 1\n");
    tree_put(&tree, "sys/class/block/sda1/partition", "1\n");
    tree_put(&tree, "sys/class/block/sda/size", "2048\n");
    tree_put(&tree, "sys/class/block/sda/device/model", "Fast Disk   \n");
    tree_put(&tree, "sys/class/block/sda/queue/rotational", "0\n");
    start("");
    tree_run(&tree, 1);
    NEAR(tree_value(&tree, "system.disk", "disk=sda", "read_bytes"), 2000 * 512);
    NEAR(tree_value(&tree, "system.disk", "disk=sda", "flushes"), 9);
    assert_true(isnan(tree_value(&tree, "system.disk", "disk=sda", "busy")));
    assert_int_equal(gwt_rows(tree.test, "system.disk", "disk=sda1"), 0);
    assert_int_equal(gwt_rows(tree.test, "system.disk", "disk=loop0"), 0);
    assert_int_equal(gwt_rows(tree.test, "system.disk", "disk=sdb"), 0); /* torn */
    assert_string_equal(gwt_member(tree.test, "system.disk", "sda", "model"), "Fast Disk");
    NEAR(strtod(gwt_member(tree.test, "system.disk", "sda", "size"), NULL), 1048576);
    tree_put(&tree, "proc/diskstats",
             "   8       0 sda 110 5 2100 350 54 6 1000 600 2 750 1700 3 0 16 1 9 2\n");
    tree_run(&tree, 1);
    NEAR(tree_value(&tree, "system.disk", "disk=sda", "read_ms"), 5);
    NEAR(tree_value(&tree, "system.disk", "disk=sda", "write_ms"), 50);
    NEAR(tree_value(&tree, "system.disk", "disk=sda", "busy"), 25);
    NEAR(tree_value(&tree, "system.disk", "disk=sda", "queue"), 1);
    NEAR(tree_value(&tree, "system.disk", "disk=sda", "in_flight"), 2);
    tree_put(&tree, "proc/diskstats", "   8      32 sdc 1 0 1 1 1 0 1 1 0 1 1\n");
    tree_run(&tree, 1);
    assert_int_equal(gwt_objects(tree.test, "system.disk"), 1);
    NEAR(tree_value(&tree, "system.disk", "disk=sdc", "flushes"), 0);
}

/* ---- File systems ---------------------------------------------------------------------------- */

static void a_mount_is_read_with_its_escapes(void **state)
{
    (void)state;
    struct mount mount;
    assert_true(mount_read("36 35 98:0 /a /my\\040lab rw,noatime master:1 shared:2 - ext3 "
                           "/dev/root ro,errors=continue\n",
                           &mount));
    assert_string_equal(mount.path, "/my lab");
    assert_string_equal(mount.device, "98:0");
    assert_string_equal(mount.type, "ext3");
    assert_true(mount.read_only); /* the whole is */
    assert_true(mount_read("1 2 3:4 / / rw - zfs pool/a rw", &mount));
    assert_false(mount.read_only);
    const char *bad[] = {"", "36", "36 35 98:0 /a", "36 35 98:0 /a /b rw shared:2\n",
                         "1 2 3:4 / / rw -\n3 4 5:6 / /x rw - ext4 /dev/x rw"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(mount_read(bad[i], &mount));
}

static void only_disks_of_this_machine_are_shown_each_once(void **state)
{
    (void)state;
    tree_put(&tree, "proc/1/mountinfo",
             "1 0 0:21 / /proc rw - proc proc rw\n"
             "2 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "3 0 8:1 /srv /bound rw - ext4 /dev/sda1 rw\n"
             "4 0 8:2 / /my\\040labs rw - xfs /dev/sda2 rw\n"
             "5 0 8:3 / /not/there rw - xfs /dev/sda3 rw\n"
             "6 0 0:55 / /far rw - nfs4 server:/x rw\n"
             "7 0 8:4 / /a_file rw - ext4 /dev/sda4 rw\n");
    tree_put(&tree, "root/my labs/x", "%s", "");
    tree_put(&tree, "root/bound/x", "%s", "");
    tree_put(&tree, "root/far/x", "%s", "");
    tree_put(&tree, "root/a_file", "%s", "");
    disk.inodes_used = 250;
    start("");
    tree_run(&tree, 1);
    assert_int_equal(gwt_objects(tree.test, "system.filesystem"), 2);
    NEAR(tree_value(&tree, "system.filesystem", "mount=/", "used_percent"), 30);
    NEAR(tree_value(&tree, "system.filesystem", "mount=/", "free"), 700000.0 * 1024);
    NEAR(tree_value(&tree, "system.filesystem", "mount=/my labs", "inodes_percent"), 25);
    assert_string_equal(gwt_member(tree.test, "system.filesystem", "/my labs", "type"), "xfs");
    tree_put(&tree, "proc/1/mountinfo", "2 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
    tree_run(&tree, 1);
    assert_int_equal(gwt_objects(tree.test, "system.filesystem"), 1);
}

static void the_root_of_a_container_is_shown(void **state)
{
    (void)state;
    tree_put(&tree, "proc/1/mountinfo",
             "1 0 0:50 / / rw - overlay overlay rw\n2 0 0:51 / /merged rw - overlay overlay rw\n");
    tree_put(&tree, "root/merged/x", "%s", "");
    start("");
    tree_run(&tree, 1);
    assert_int_equal(gwt_objects(tree.test, "system.filesystem"), 1);
}

static void a_file_system_that_turns_read_only_is_told_even_over_a_restart(void **state)
{
    (void)state;
    mounted("rw");
    start("");
    tree_run(&tree, 2);
    mounted("ro");
    tree_run(&tree, 2);
    assert_int_equal(told("system.filesystem.readonly"), 1);
    NEAR(tree_value(&tree, "system.filesystem", "mount=/", "read_only"), 1);
    mounted("rw");
    tree_run(&tree, 2);
    assert_int_equal(told("system.filesystem.writable"), 1);
    gwt_stop(tree.test);
    mounted("ro");
    assert_int_equal(gwt_start(tree.test), 0);
    tree_run(&tree, 2);
    assert_int_equal(told("system.filesystem.readonly"), 2);
}

static void a_full_file_system_is_told_once_with_hysteresis(void **state)
{
    (void)state;
    mounted("rw");
    disk.used = 940000;
    start("");
    tree_run(&tree, 2);
    assert_int_equal(told("system.filesystem.*"), 0);
    disk.used = 951000;
    tree_run(&tree, 3);
    assert_int_equal(told("system.filesystem.full"), 1);
    disk.used = 940000;
    tree_run(&tree, 3);
    assert_int_equal(told("system.filesystem.*"), 1);
    gwt_stop(tree.test); /* a restart says nothing new */
    assert_int_equal(gwt_start(tree.test), 0);
    tree_run(&tree, 3);
    assert_int_equal(told("system.filesystem.*"), 1);
    disk.used = 900000;
    tree_run(&tree, 3);
    assert_int_equal(told("system.filesystem.ok"), 1);
    disk.inodes_used = 990;
    tree_run(&tree, 3);
    assert_int_equal(told("system.filesystem.full"), 2);
    assert_non_null(strstr(gwt_event(tree.test, "system.filesystem.full", 1)->text, "inodes"));
}

static void one_that_fills_is_told_with_its_hours(void **state)
{
    (void)state;
    mounted("rw");
    start("every: 1m\n");
    tree_run(&tree, 8 * HOUR);
    assert_int_equal(told("system.filesystem.*"), 0);
    grows(700000.0 / (20 * HOUR)); /* full in 20 hours */
    tree_run(&tree, 10 * HOUR);
    assert_int_equal(told("system.filesystem.filling"), 1);
    double left = tree_value(&tree, "system.filesystem", "mount=/", "full_in") / HOUR;
    assert_true(left > 8 && left < 14); /* ten hours are left */
    assert_non_null(
        strstr(gwt_event(tree.test, "system.filesystem.filling", 0)->text, "hours if it goes on"));
    grows(0);
    tree_run(&tree, 2 * DAY);
    assert_int_equal(told("system.filesystem.ok"), 1);
    assert_int_equal(told("system.filesystem.*"), 2);
}

static void a_large_file_that_comes_and_goes_is_no_trend(void **state)
{
    (void)state;
    mounted("rw");
    disk.used = 600000;
    start("every: 1m\n");
    for (int i = 0; i < 20; i++) {
        tree_run(&tree, 55 * MINUTE);
        disk.used += 200000;
        tree_run(&tree, 5 * MINUTE);
        disk.used -= 200000;
    }
    assert_int_equal(told("system.filesystem.*"), 0);
}

static void the_past_is_asked_of_the_store(void **state)
{
    (void)state;
    mounted("rw");
    disk.grows_a_second = 700000.0 / (30 * HOUR);
    start("every: 1m\nfull_within: 1m\n");
    tree_run(&tree, 12 * HOUR);
    gwt_stop(tree.test);
    assert_int_equal(gwt_start(tree.test), 0);
    tree_run(&tree, 5 * MINUTE);
    double left = tree_value(&tree, "system.filesystem", "mount=/", "full_in") / HOUR;
    assert_true(left > 16 && left < 20); /* without the past nothing would be known yet */
    assert_int_equal(told("system.filesystem.*"), 0);
}

/* ---- The forecast alone ---------------------------------------------------------------------- */

static void a_forecast_does_not_stretch_a_short_past(void **state)
{
    (void)state;
    struct forecast forecast;
    int64_t now_ms = INT64_C(1767225600000);
    assert_int_equal(forecast_init(&forecast), 0);
    assert_true(isnan(forecast_seconds(&forecast, 1e9, true)));
    for (int i = 0; i <= 30; i++)
        forecast_add(&forecast, now_ms + (int64_t)i * 60000, 1e9 - i * 1e5);
    assert_true(isnan(forecast_seconds(&forecast, 1e9, true))); /* a week from half an hour: no */
    NEAR(forecast_seconds(&forecast, 1e7, true), 6000);
    assert_true(isnan(forecast_seconds(&forecast, 1e7, false))); /* an hour says little then */
    forecast_fini(&forecast);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_disk_has_operations_latencies_and_a_queue),
        cmocka_unit_test(a_mount_is_read_with_its_escapes),
        TEST(only_disks_of_this_machine_are_shown_each_once),
        TEST(the_root_of_a_container_is_shown),
        TEST(a_file_system_that_turns_read_only_is_told_even_over_a_restart),
        TEST(a_full_file_system_is_told_once_with_hysteresis),
        TEST(one_that_fills_is_told_with_its_hours),
        TEST(a_large_file_that_comes_and_goes_is_no_trend),
        TEST(the_past_is_asked_of_the_store),
        cmocka_unit_test(a_forecast_does_not_stretch_a_short_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
