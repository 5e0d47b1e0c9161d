/* Checks of Nagios and Icinga: the state is the exit code, the numbers are behind the bar. */
#include "exec_heard.h"
#include "unit.h"

static const struct dialect_options options = {.item = "ping", .every_ms = 10000};

struct check {
    const char *output;
    int status;
    const char *told;
};

static void try_all(const struct check *checks, size_t count)
{
    struct heard_text told;
    heard_open(&told, &dialect_nagios, options);
    for (size_t i = 0; i < count; i++)
        heard_expect(&told, 0, checks[i].output, checks[i].status, checks[i].told);
    heard_close(&told);
}
#define TRY(checks) try_all(checks, sizeof(checks) / sizeof *(checks))

static void the_exit_code_is_the_state(void **state)
{
    (void)state;
    static const struct check checks[] = {
        {"OK - fine\n", 0, "T\nS 0 info - \"OK - fine\"\n"},
        {"slow\n", 1, "T\nS 1 warning - \"slow\"\n"},
        {"OK, it says\n", 2, "T\nS 2 critical - \"OK, it says\"\n"},
        {"usage: ...\n", 3, "T\nS 3 error - \"usage: ...\"\n"},
        {"", 0, "T\nS 0 info - \"(no output)\"\n"},
        {"", 4, "T\nS 3 error - \"return code 4 is out of bounds (0 to 3)\"\n"},
        {"", 126,
         "T\nS 3 error - \"return code 126 is out of bounds: the file is not executable\"\n"},
        {"sh: no such\n", 127,
         "T\nS 3 error - \"return code 127 is out of bounds: the file was not found, or a library "
         "that it needs; it said: sh: no such\"\n"},
        {"half|a=1", -9, "T\nS 3 error - \"killed by signal 9 (SIGKILL); it said: half\"\n"},
        {"", -11, "T\nS 3 error - \"killed by signal 11 (SIGSEGV)\"\n"},
    };
    TRY(checks);
}

static void perfdata_has_units_ranges_and_limits(void **state)
{
    (void)state;
    static const struct check checks[] = {
        {"PING OK - Packet loss = 0%|rta=0.052000ms;100.000000;500.000000;0.000000 "
         "pl=0%;20;60;0\n",
         0,
         "V ping/rta 5.2e-05 [s] x0.001 min=0 w=0.1 c=0.5\n"
         "V ping/pl 0 [%] min=0 w=20 c=60\n"
         "T\nS 0 info - \"PING OK - Packet loss = 0%\"\n"},
        {"DISK OK| /=2MB;3:;@1:2;0;8 'my disk''s=x'=3B;~:10;;; c=7c;;; t=5 f=1.5e-3rpm d=U\n", 0,
         "V ping// 2097152 [By] x1048576 min=0 max=8388608 w=3145728: c=@1048576:2097152\n"
         "V ping/my disk's=x 3 [By] w=~:10\n"
         "V ping/c 7 counter\n"
         "V ping/t 5\n"
         "V ping/f 0.0015 [rpm]\n"
         "V ping/d nan\n"
         "T\nS 0 info - \"DISK OK\"\n"},
    };
    TRY(checks);
}

static void long_output_ends_at_its_bar(void **state)
{
    (void)state;
    static const struct check checks[] = {
        {"first | a=1\nsecond\\n\n third \nfourth | b=2\nc=3 d=4\n", 0,
         "V ping/a 1\nV ping/b 2\nV ping/c 3\nV ping/d 4\nT\n"
         "S 0 info - \"first\" <second\\n\n third\nfourth>\n"},
        {"one\n|b=2\n", 1, "V ping/b 2\nT\nS 1 warning - \"one\"\n"},
        {"usage: x [-a|-b]\n -c | -d\n", 3, "T\nS 3 error - \"usage: x [-a|-b]\" < -c | -d>\n"},
    };
    TRY(checks);
}

static void a_broken_item_is_skipped_by_itself(void **state)
{
    (void)state;
    static const struct check checks[] = {
        {"x|a=1,5s b=2\n", 0,
         "E 1:6 a comma in a number: plugins must print 1.5, not 1,5\nV ping/b 2\nT\n"
         "S 0 info - \"x\"\n"},
        {"x|a= b=2 =3 word c=1e999 d=3\n", 0,
         "E 1:5 there is no value after =\nV ping/b 2\n"
         "E 1:10 no label before =: perfdata is label=value\n"
         "E 1:17 no = after the label: perfdata is label=value\n"
         "E 1:20 the value is no number\nV ping/d 3\nT\nS 0 info - \"x\"\n"},
        {"x|a=1;bad;5:1;x;y;z b=2;;;;;;\n", 0,
         "E 1:7 the warning threshold is no range ([@][start:]end) and is ignored\n"
         "E 1:11 the critical threshold is no range ([@][start:]end) and is ignored\n"
         "E 1:15 the minimum is no number and is ignored\n"
         "E 1:17 the maximum is no number and is ignored\n"
         "V ping/a 1\nV ping/b 2\nT\nS 0 info - \"x\"\n"},
        {"x|a=1 'open=2 c=3\n", 0,
         "V ping/a 1\nE 1:7 a quoted label does not end: perfdata is 'label'=value\nT\n"
         "S 0 info - \"x\"\n"},
        {"x\n\xc3\xa9|e=0x10\n", 0,
         "E 2:6 the value is no number with a unit behind it\nT\nS 0 info - \"x\" <\xc3\xa9>\n"},
    };
    TRY(checks);
}

static void too_much_output_is_cut_and_told(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_nagios, options);
    for (int i = 0; i < 8000; i++)
        heard_lines(&told, 0, "a line of nine\n");
    heard_end(&told, 0, 0);
    assert_int_equal(told.errors, 1);
    heard_close(&told);
}

static void a_line_of_mistakes_costs_little(void **state)
{
    (void)state;
    enum { ITEMS = 30000 };
    struct heard_text told;
    static char line[2 * ITEMS + 8] = "x|=";
    for (size_t i = 0; i < ITEMS; i++) {
        line[3 + 2 * i] = ' ';
        line[4 + 2 * i] = 'y';
    }
    heard_open(&told, &dialect_nagios, options);
    heard_lines(&told, 0, line);
    heard_end(&told, 0, 0);
    assert_int_equal(told.errors, 20);
    heard_close(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exit_code_is_the_state),
        cmocka_unit_test(perfdata_has_units_ranges_and_limits),
        cmocka_unit_test(long_output_ends_at_its_bar),
        cmocka_unit_test(a_broken_item_is_skipped_by_itself),
        cmocka_unit_test(too_much_output_is_cut_and_told),
        cmocka_unit_test(a_line_of_mistakes_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
