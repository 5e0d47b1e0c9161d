/* The example plugins on the test host: what their authors would write. */
#include "unit.h"

#include <gnswatch/testing.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

#ifdef TEST_LOAD

static void load_sets_a_row_on_every_tick(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, "", 0);
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 60000);
    assert_int_equal(gwt_rows(test, "load.system", NULL), 12);
    assert_true(gwt_value(test, "load.system", "", "load1") >= 0);
    gwt_free(test);
}

static void an_interval_in_the_file_is_the_instances(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, "every: 1s\n", 0);
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 60000);
    assert_int_equal(gwt_rows(test, "load.system", NULL), 60);
    gwt_stop(test);
    gwt_run(test, 60000);
    assert_int_equal(gwt_rows(test, "load.system", NULL), 60);
    gwt_free(test);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(load_sets_a_row_on_every_tick),
    cmocka_unit_test(an_interval_in_the_file_is_the_instances),
};

#else

static void disk_puts_an_object_a_series_and_an_event_for_a_full_path(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, "paths: [/proc, /]\nwarn_above: 2\n", 0);
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 30000);
    assert_int_equal(gwt_rows(test, "disk.filesystem", "path=/"), 3);
    double used = gwt_value(test, "disk.filesystem", "path=/", "used");
    assert_true(used >= 0 && used <= 100);
    assert_int_equal(gwt_objects(test, "disk.filesystem"), 2);
    assert_string_equal(gwt_member(test, "disk.filesystem", "/", "low"),
                        used > 2 ? "true" : "false");
    assert_int_equal(gwt_events(test, "disk.low"), used > 2);
    if (used > 2) {
        const struct gw_event *event = gwt_event(test, "disk.*", -1);
        assert_string_equal(event->id, "/");
        assert_string_equal(event->source, "disk");
        assert_int_equal(event->time_ms, gwt_now_ms(test) - 20000);
    }
    gwt_free(test);
}

static void disk_scan_answers_or_refuses(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, NULL, 0);
    const char *reply;
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(gwt_call(test, "disk.scan", "{\"path\":\"/\"}", &reply), 0);
    assert_non_null(strstr(reply, "{\"used_percent\":"));
    assert_int_equal(gwt_call(test, "disk.scan", "{\"path\":\"/nowhere\"}", &reply), -ENOENT);
    assert_string_equal(reply, "/nowhere is not one of this instance's paths");
    assert_int_equal(gwt_call(test, "disk.scan", NULL, &reply), -EINVAL);
    assert_non_null(strstr(reply, "path"));
    gwt_free(test);
}

static void a_mistake_in_the_file_is_told_as_gnswatch_check_does(void **state)
{
    (void)state;
    char *text = gwt_check(&gnswatch_plugin, "warn_abov: 95\n");
    assert_non_null(strstr(text, "conf.d/disk.yaml:1:1"));
    assert_non_null(strstr(text, "did you mean 'warn_above'"));
    gw_free(text);
    text = gwt_check(&gnswatch_plugin, "warn_above: 95\n");
    assert_string_equal(text, "");
    gw_free(text);
}

static void a_path_that_is_not_there_is_the_last_error(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, "paths: /nowhere\n", 0);
    assert_int_equal(gwt_start(test), 0);
    assert_string_equal(gwt_last_error(test), "");
    gwt_run(test, 10000);
    assert_string_equal(gwt_last_error(test), "statvfs /nowhere: No such file or directory");
    assert_int_equal(gwt_logged(test, "statvfs"), 1);
    assert_true(isnan(gwt_value(test, "disk.filesystem", "path=/nowhere", "used")));
    gwt_free(test);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(disk_puts_an_object_a_series_and_an_event_for_a_full_path),
    cmocka_unit_test(disk_scan_answers_or_refuses),
    cmocka_unit_test(a_mistake_in_the_file_is_told_as_gnswatch_check_does),
    cmocka_unit_test(a_path_that_is_not_there_is_the_last_error),
};

#endif

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
