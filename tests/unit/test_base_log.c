/* Lines on stderr, caught in a pipe, and the clocks. */
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* stderr goes into a file meanwhile; what came is in `text` at the end. */
struct catcher {
    int old, file;
    char text[16384];
};

static void catch_begin(struct catcher *catcher)
{
    char name[] = "/tmp/gnswatch-log-XXXXXX";
    catcher->file = mkstemp(name);
    assert_true(catcher->file >= 0);
    unlink(name);
    catcher->old = dup(STDERR_FILENO);
    assert_true(dup2(catcher->file, STDERR_FILENO) >= 0);
}

static void catch_end(struct catcher *catcher)
{
    dup2(catcher->old, STDERR_FILENO);
    close(catcher->old);
    ssize_t count = pread(catcher->file, catcher->text, sizeof(catcher->text) - 1, 0);
    catcher->text[count > 0 ? count : 0] = '\0';
    close(catcher->file);
}

static void a_line_has_time_level_speaker_and_text(void **state)
{
    (void)state;
    struct catcher catcher;
    catch_begin(&catcher);
    log_setup(GW_INFO, LOG_TEXT);
    log_line(GW_WARNING, "store", "%d rows\nlost\x1b[31m", 5);
    log_line(GW_DEBUG, "store", "unseen");
    catch_end(&catcher);
    int year, end = 0;
    assert_int_equal(sscanf(catcher.text, "%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ%n", &year, &end), 1);
    assert_int_equal(end, 24);
    assert_true(year >= 2020);
    assert_string_equal(catcher.text + end, " warning store: 5 rows lost [31m\n");
}

static void a_line_as_json_is_json(void **state)
{
    (void)state;
    struct catcher catcher;
    catch_begin(&catcher);
    log_setup(GW_DEBUG, LOG_JSON);
    log_line(GW_ERROR, "a\"b", "two\nlines \xff");
    catch_end(&catcher);
    json_t *line = json_loads(catcher.text, 0, NULL);
    assert_non_null(line);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "error");
    assert_string_equal(json_string_value(json_object_get(line, "who")), "a\"b");
    assert_string_equal(json_string_value(json_object_get(line, "text")),
                        "two\nlines \xef\xbf\xbd");
    json_decref(line);
}

static void a_line_that_is_too_long_is_cut(void **state)
{
    (void)state;
    struct catcher catcher;
    char *text = malloc(10000);
    memset(text, 1, 9999); /* the longest way to write a character in JSON */
    text[9999] = '\0';
    catch_begin(&catcher);
    log_setup(GW_DEBUG, LOG_TEXT);
    log_line(GW_INFO, "x", "%s", text);
    catch_end(&catcher);
    size_t length = strlen(catcher.text);
    assert_true(length > 3000 && length < 3200);
    assert_int_equal(catcher.text[length - 1], '\n');
    free(text);
}

static void the_journal_gets_levels(void **state)
{
    (void)state;
    struct catcher catcher;
    struct stat about;
    char stream[64];
    catch_begin(&catcher);
    assert_int_equal(fstat(STDERR_FILENO, &about), 0);
    snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)about.st_dev, (uintmax_t)about.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_setup(GW_DEBUG, LOG_TEXT);
    log_line(GW_ERROR, "x", "y");
    setenv("JOURNAL_STREAM", "0:0", 1);
    log_setup(GW_DEBUG, LOG_TEXT);
    log_line(GW_ERROR, "x", "y");
    unsetenv("JOURNAL_STREAM");
    catch_end(&catcher);
    assert_true(strncmp(catcher.text, "<3>2", 4) == 0);
    const char *second = strchr(catcher.text, '\n');
    assert_true(second && second[1] == '2');
}

static void levels_have_names(void **state)
{
    (void)state;
    for (int level = GW_DEBUG; level <= GW_CRITICAL; level++)
        assert_int_equal(severity_parse(severity_name((enum gw_severity)level)), level);
    assert_int_equal(severity_parse("loud"), -EINVAL);
    assert_int_equal(severity_parse(""), -EINVAL);
    assert_string_equal(severity_name((enum gw_severity)99), "info");
}

static void a_fake_clock_turns_only_when_told(void **state)
{
    (void)state;
    struct fake_clock fake;
    fake_clock_init(&fake, 1000);
    int64_t monotonic = clock_monotonic_ns(&fake.clock);
    assert_int_equal(clock_wall_ms(&fake.clock), 1000);
    assert_int_equal(clock_wall_ms(&fake.clock), 1000);
    fake_clock_advance_ms(&fake, 250);
    assert_int_equal(clock_wall_ms(&fake.clock), 1250);
    assert_int_equal(clock_monotonic_ns(&fake.clock) - monotonic, 250000000);
    assert_int_equal(clock_monotonic_ms(&fake.clock), monotonic / 1000000 + 250);
}

static void the_machines_clock_goes_on(void **state)
{
    (void)state;
    const struct clock *clock = clock_system();
    int64_t first = clock_monotonic_ns(clock);
    assert_true(clock_monotonic_ns(clock) >= first);
    assert_true(clock_wall_ms(clock) > 1577836800000); /* 2020 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_speaker_and_text),
        cmocka_unit_test(a_line_as_json_is_json),
        cmocka_unit_test(a_line_that_is_too_long_is_cut),
        cmocka_unit_test(the_journal_gets_levels),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(a_fake_clock_turns_only_when_told),
        cmocka_unit_test(the_machines_clock_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
