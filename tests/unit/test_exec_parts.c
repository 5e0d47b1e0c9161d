/* Parts of the exec plugin that need no process: names, units, words, lines, states, Munin's
 * plugin-conf.d. */
#include "unit.h"

#include <check.h>
#include <lines.h>
#include <naming.h>
#include <plugin_conf.h>
#include <texts.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *field(const char *name, char out[NAMING_FIELD_BYTES])
{
    naming_field(out, name, false);
    return out;
}

static void field_names_are_small_short_and_always_the_same(void **state)
{
    (void)state;
    char a[NAMING_FIELD_BYTES], b[NAMING_FIELD_BYTES];
    assert_string_equal(field("load", a), "load");
    assert_string_equal(field("Load 1 (avg)", a), "load_1_avg");
    assert_string_equal(field("/var/log", a), "var_log");
    assert_string_equal(field("%%%", a), "value");
    assert_string_equal(field("___x___", a), "x");
    assert_string_equal(field("exactly_nineteen_ch", a), "exactly_nineteen_ch");
    field("a_name_that_is_much_too_long_one", a);
    field("a_name_that_is_much_too_long_two", b);
    assert_int_equal(strlen(a), 19);
    assert_string_not_equal(a, b);
    assert_memory_equal(a, "a_name_that_is", 14);
    naming_field(b, "load", true);
    assert_string_not_equal(b, "load");
}

static void measurements_keep_their_dots_and_leave_ours_alone(void **state)
{
    (void)state;
    char name[NAMING_MEASUREMENT_BYTES];
    naming_measurement(name, "system.cpu", false);
    assert_string_equal(name, "exec.system.cpu");
    naming_measurement(name, "Disk I/O..total.", false);
    assert_string_equal(name, "exec.disk_i_o.total");
    naming_measurement(name, "run", false);
    assert_int_equal(strncmp(name, "exec.run_", 9), 0);
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    naming_measurement(name, longest, false);
    assert_int_equal(strlen(name), 64);
}

static void long_label_values_are_cut_between_characters_and_marked(void **state)
{
    (void)state;
    char text[700] = "", out[NAMING_VALUE_BYTES], other[NAMING_VALUE_BYTES];
    for (int i = 0; i < 300; i++)
        memcpy(text + 2 * i, "\xc3\xa4", 3);
    naming_value(out, text);
    assert_true(strlen(out) < NAMING_VALUE_BYTES);
    assert_true(text_clean(out, strlen(out)));
    text[598] = 'x';
    text[599] = '\0';
    naming_value(other, text);
    assert_string_not_equal(out, other);
}

static void units_become_ucum(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        bool counter;
        const char *ucum;
    } units[] = {
        {"bytes", false, "By"},
        {"B", false, "By"},
        {"percentage", false, "%"},
        {"kilobits/s", false, "kbit/s"},
        {"bytes/s", true, "By"},
        {"seconds", false, "s"},
        {"sessions", false, "{sessions}"},
        {"", false, ""},
        {NULL, false, ""},
        {"context switches/s", false, "{context_switches}/s"},
        {"c", true, "1"},
        {"{}", false, ""},
        {"KiB", false, "KiBy"},
        {"bits in (-) / out (+) per second", true, "bit"},
        {"bits per second in (-) / out (+)", false, "bit/s"},
        {"bytes / second", true, "By"},
        {"forks / second", true, "{forks}"},
        {"Units read (-) / write (+)", false, "{Units}"},
        {"in (-) / out (+)", true, ""},
        {"roundtrip time (seconds)", false, "s"},
        {"Number (of all)", false, "{Number_(of_all)}"},
        {"uptime in days", false, "d"},
        {"mails in queue", false, "{mails_in_queue}"},
        {"% busy", false, "%"},
        {"degrees Celcius", false, "Cel"},
        {"Mbits / second", true, "Mbit"},
        {"\xc2\xb0"
         "C",
         false, "Cel"},
    };
    char unit[NAMING_UNIT_BYTES];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        naming_unit(unit, units[i].said, units[i].counter);
        assert_string_equal(unit, units[i].ucum);
    }
    assert_string_equal(naming_unit_of_name("rpc_duration_seconds_quantile"), "seconds");
    assert_null(naming_unit_of_name("rpc_duration_seconds_bucket"));
}

static void a_command_is_split_like_a_shell_would_and_is_none(void **state)
{
    (void)state;
    char why[400] = "";
    struct texts words = {0};
    assert_true(texts_split(&words, "a 'b c'  \"d \\\" e\" f\\ g ''", why, sizeof why));
    assert_int_equal(words.count, 5);
    assert_string_equal(words.list[1], "b c");
    assert_string_equal(words.list[2], "d \" e");
    assert_string_equal(words.list[3], "f g");
    assert_string_equal(words.list[4], "");
    assert_null(words.list[5]);
    texts_fini(&words);
    static const char *const bad[] = {"a | b", "a 'b", "a > b", "echo $HOME", "a \"$(b)\"", "a;b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        *why = '\0';
        assert_false(texts_split(&words, bad[i], why, sizeof why));
        assert_string_not_equal(why, "");
        texts_fini(&words);
    }
    assert_true(texts_split(&words, "check_http -u '/a?b=1&c' -w 10%", why, sizeof why));
    assert_int_equal(words.count, 5);
    texts_fini(&words);
}

struct heard {
    char text[4096];
    int flaws, lines;
    size_t longest;
};

static void on_line(void *data, const char *line, int flaw)
{
    struct heard *heard = data;
    heard->lines++;
    heard->flaws += flaw != 0;
    if (strlen(line) > heard->longest)
        heard->longest = strlen(line);
    size_t used = strlen(heard->text);
    snprintf(heard->text + used, sizeof heard->text - used, "%.100s|", line);
}

static void lines_come_whole_however_they_are_cut(void **state)
{
    (void)state;
    static const char text[] = "one\r\ntwo\n\nna\xc3\xafve\nb\xff"
                               "d\0x\nlast";
    for (size_t step = 1; step < sizeof text; step++) {
        struct heard heard = {.text = ""};
        struct lines lines = {.on_line = on_line, .data = &heard};
        for (size_t at = 0; at < sizeof text - 1; at += step) {
            size_t left = sizeof text - 1 - at;
            lines_feed(&lines, text + at, left < step ? left : step);
        }
        lines_end(&lines);
        assert_string_equal(heard.text, "one|two||na\xc3\xafve|b?d?x|last|");
        assert_int_equal(heard.flaws, 1);
    }
}

static void a_byte_order_mark_before_the_first_line_is_no_text(void **state)
{
    (void)state;
    struct heard heard = {.text = ""};
    struct lines lines = {.on_line = on_line, .data = &heard};
    lines_feed(&lines, "\xef\xbb", 2);
    lines_feed(&lines, "\xbfone\n\xef\xbb\xbftwo\n", 11);
    lines_end(&lines);
    assert_string_equal(heard.text, "one|\xef\xbb\xbftwo|");
    assert_int_equal(heard.flaws, 0);
}

static void a_line_of_a_megabyte_is_told_once_and_costs_no_megabyte(void **state)
{
    (void)state;
    struct heard heard = {.text = ""};
    struct lines lines = {.on_line = on_line, .data = &heard};
    char chunk[1000];
    memset(chunk, 'x', sizeof chunk);
    for (int i = 0; i < 1000; i++)
        lines_feed(&lines, chunk, sizeof chunk);
    assert_true(lines.size <= 2 * LINE_MAX_BYTES + 1024);
    lines_feed(&lines, "\nnext\n", 6);
    assert_int_equal(heard.lines, 2);
    assert_int_equal(heard.flaws, 1);
    assert_true(heard.longest <= 200);
    lines_end(&lines);
}

static void a_bad_state_is_hard_after_its_attempts_and_a_good_one_at_once(void **state)
{
    (void)state;
    struct check check;
    check_init(&check, -1, 0);
    assert_false(check_take(&check, CHECK_OK, 3, 1));
    assert_int_equal(check.hard, CHECK_OK);
    assert_false(check_take(&check, CHECK_CRITICAL, 3, 2));
    assert_true(check_is_soft(&check));
    assert_false(check_take(&check, CHECK_WARNING, 3, 3));
    assert_false(check_take(&check, CHECK_WARNING, 3, 4));
    assert_true(check_take(&check, CHECK_WARNING, 3, 5));
    assert_int_equal(check.since_ms, 5);
    assert_false(check_take(&check, CHECK_WARNING, 3, 6));
    assert_true(check_take(&check, CHECK_OK, 3, 7));
    check_init(&check, -1, 0);
    assert_true(check_take(&check, CHECK_CRITICAL, 1, 1));
}

static void munins_plugin_conf_is_read_as_munin_reads_it(void **state)
{
    (void)state;
    char text[] = "# a comment\n[if_*]\nuser root\nenv.speed 100\nenv.x 1\n[if_eth0]\n"
                  "env.speed 1000 Mbit\ngroup (nosuch), adm\ntimeout 25\n[*]\nenv.all yes\n"
                  "[other]\nuser nobody\n";
    struct plugin_conf conf = {0};
    for (int wild = 1; wild >= 0; wild--) {
        FILE *file = fmemopen(text, sizeof text - 1, "r");
        plugin_conf_take(&conf, file, "if_eth0", wild);
        fclose(file);
    }
    assert_string_equal(conf.user, "root");
    assert_string_equal(conf.group, "adm");
    assert_int_equal(conf.timeout_ms, 25000);
    assert_int_equal(conf.env.count, 3);
    assert_string_equal(conf.env.list[0], "speed=1000 Mbit");
    plugin_conf_fini(&conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_names_are_small_short_and_always_the_same),
        cmocka_unit_test(measurements_keep_their_dots_and_leave_ours_alone),
        cmocka_unit_test(long_label_values_are_cut_between_characters_and_marked),
        cmocka_unit_test(units_become_ucum),
        cmocka_unit_test(a_command_is_split_like_a_shell_would_and_is_none),
        cmocka_unit_test(lines_come_whole_however_they_are_cut),
        cmocka_unit_test(a_byte_order_mark_before_the_first_line_is_no_text),
        cmocka_unit_test(a_line_of_a_megabyte_is_told_once_and_costs_no_megabyte),
        cmocka_unit_test(a_bad_state_is_hard_after_its_attempts_and_a_good_one_at_once),
        cmocka_unit_test(munins_plugin_conf_is_read_as_munin_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
