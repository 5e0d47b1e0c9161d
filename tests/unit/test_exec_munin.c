/* Munin's plugins: config, fetch, and what goes wrong in them. */
#include "exec_heard.h"
#include "unit.h"

static const struct dialect_options options = {.item = "load", .every_ms = 60000};

static void config_gives_title_unit_and_thresholds_and_fetch_gives_values(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0,
                 "# a comment\n"
                 "graph_title Load average\ngraph_args --base 1000 -l 0\n"
                 "graph_vlabel load per ${graph_period}\n\ngraph_category system\n"
                 "load.label load\nload.info 5 minutes\nload.warning 10\nload.critical 5:20\n"
                 "free.label free\nfree.warning 3:\nfree.critical :9\nfree.min 0\nfree.max 100\n",
                 0, "");
    heard_expect(&told, 1, "load.value 0.25\nfree.value 101\n", 0,
                 "V load/load 0.25 [load per second] w=~:10 c=5:20 \"Load average\" (load)\n"
                 "V load/free nan [load per second] min=0 max=100 w=3: c=~:9 \"Load average\" "
                 "(free)\nT\n");
    heard_expect(&told, 1, "load.value U\nfree.value 1.5e1\n", 0,
                 "V load/load nan [load per second] w=~:10 c=5:20 \"Load average\" (load)\n"
                 "V load/free 15 [load per second] min=0 max=100 w=3: c=~:9 \"Load average\" "
                 "(free)\nT\n");
    heard_close(&told);
}

static void a_field_that_config_no_longer_names_is_gone(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0,
                 "multigraph df\nhost_name lab\na.label A\nb.label B\n"
                 "multigraph df.inode\na.label A\n",
                 0, "");
    heard_expect(&told, 1, "multigraph df\na.value 1\nb.value 2\nmultigraph df.inode\na.value 3\n",
                 0, "V df/a{host=lab} 1 (A)\nV df/b{host=lab} 2 (B)\nV df.inode/a 3 (A)\nT\n");
    heard_expect(&told, 0, "multigraph df\na.label A\n", 0, "G df.inode/a\nG df/b{host=lab}\n");
    heard_close(&told);
}

static void counters_stay_counters_and_wrap(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0,
                 "down.label d\ndown.type COUNTER\ndown.max 1000\ndown.cdef down,8,*\n"
                 "up.label u\nup.type DERIVE\nup.min 0\nup.cdef up,x,+\n"
                 "abs.label a\nabs.type ABSOLUTE\n",
                 0, "");
    heard_expect(&told, 1, "down.value 4294967000\nup.value 50\nabs.value 5\n", 0,
                 "V load/down 34359736000 counter x8 max=8000 (d)\nV load/up 50 counter min=0 (u)\n"
                 "V load/abs 5 counter (a)\nT\n");
    told.now_ms += 10000;
    heard_expect(&told, 1, "down.value 704\nup.value 20\nabs.value 6\n", 0,
                 "V load/down 34359744000 counter x8 max=8000 (d)\nV load/up 20 counter min=0 (u)\n"
                 "V load/abs 11 counter (a)\nT\n");
    heard_close(&told);
}

static void a_rate_beyond_its_limit_is_none_and_moves_no_total(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0, "a.label a\na.type DERIVE\na.min 0\na.max 1000\n", 0, "");
    heard_expect(&told, 1, "a.value 700\n", 0, "V load/a 700 counter min=0 max=1000 (a)\nT\n");
    told.now_ms += 10000;
    heard_expect(&told, 1, "a.value 30700\n", 0, "V load/a nan counter min=0 max=1000 (a)\nT\n");
    told.now_ms += 10000;
    heard_expect(&told, 1, "a.value 31700\n", 0, "V load/a 31700 counter min=0 max=1000 (a)\nT\n");
    told.now_ms += 10000;
    heard_expect(&told, 1, "a.value U\n", 0, "V load/a nan counter min=0 max=1000 (a)\nT\n");
    told.now_ms += 10000;
    heard_expect(&told, 1, "a.value 32700\n", 0, "V load/a 32700 counter min=0 max=1000 (a)\nT\n");
    heard_close(&told);
}

static void constant_factors_of_cdef_are_applied_and_no_other(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0,
                 "a.label a\na.cdef a,1000,*,50,/\na.max 3\na.warning 2\n"
                 "b.label b\nb.cdef b,a,/\nc.label c\nc.cdef c,8\nd.label d\nd.cdef d,0,*\ne.label "
                 "e\ne.cdef e,1e200,*,1e200,*\n",
                 0, "");
    heard_expect(&told, 1, "a.value 2\nb.value 2\nc.value 2\nd.value 2\ne.value 2\n", 0,
                 "V load/a 40 x20 max=60 w=~:40 (a)\nV load/b 2 (b)\nV load/c 2 (c)\n"
                 "V load/d 2 (d)\nV load/e 2 (e)\nT\n");
    heard_close(&told);
}

static void many_values_with_times_are_said_once_and_in_order(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 1,
                 "a.value 100:1\na.value 110:2\nb.value 100:3\nb.value 110:U\nc.value 9\n", 0,
                 "V load/a 1 @100000\nV load/b 3 @100000\nT\n"
                 "V load/a 2 @110000\nV load/b nan @110000\nT\nV load/c 9\nT\n");
    heard_expect(&told, 1, "a.value 110:2\na.value 120:4\n", 0, "T\nV load/a 4 @120000\nT\n");
    heard_close(&told);
}

static void dirty_config_has_values_of_its_own(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0, "graph_title T\na.label x\na.value 7\n", 0, "V load/a 7 \"T\" (x)\nT\n");
    heard_close(&told);
}

static void a_bad_exit_spoils_its_run_alone(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0, "a.label x\n", 0, "");
    heard_expect(&told, 1, "a.value 7\n", 1,
                 "E 1:1 bad exit with code 1: nothing of this run counts\n");
    heard_expect(&told, 0, "b.label x\n", -15,
                 "E 1:1 killed by signal 15: nothing of this run counts\n");
    heard_expect(&told, 1, "# Timeout\n", 0, "E 1:1 the run has failed: nothing of it counts\n");
    heard_expect(&told, 1, "a.value 8\n", 0, "V load/a 8 (x)\nT\n");
    heard_close(&told);
}

static void lines_that_mean_nothing_are_told_and_skipped(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_munin, options);
    heard_expect(&told, 0,
                 "Cannot open /dev/x\na.lable x\nmultigraph a..b\nmultigraph ok\na.type GUAGE\n"
                 "a.label x\na.min low\na.warning 5:1\n",
                 0,
                 "E 1:1 this is no line of a Munin plugin\n"
                 "E 2:3 a field has no attribute \"lable\"\n"
                 "E 3:12 this is no graph's name\n"
                 "E 5:8 type is GAUGE, COUNTER, DERIVE or ABSOLUTE\n"
                 "E 7:7 the limit is no number\n"
                 "E 8:11 the threshold is not max, min:, :max or min:max\n"
                 "E 8:1 a of graph load has no label\n");
    heard_expect(&told, 1,
                 "multigraph ok\na.value 1,5\na.value\na.value yesterday:5\nnonsense\n1-b.value 3\n"
                 "a.label z\na.extinfo z\na.value 4\n",
                 0,
                 "E 2:9 the value is neither a number nor U\n"
                 "E 3:8 there is no value\n"
                 "E 4:9 before the colon must be seconds since 1970\n"
                 "E 5:1 this is no line of a Munin plugin: FIELD.value NUMBER\n"
                 "E 6:1 config has not named the field __b\n"
                 "E 7:3 fetch says FIELD.value, not label\n"
                 "V ok/__b 3\nV ok/a 4 (x)\nT\n");
    heard_close(&told);
}

static void what_it_remembers_is_bounded(void **state)
{
    (void)state;
    struct heard_text told;
    char line[64];
    heard_open(&told, &dialect_munin, options);
    for (int i = 0; i < 6000; i++) {
        snprintf(line, sizeof line, "f%d.value 1\n", i);
        heard_lines(&told, 1, line);
    }
    heard_end(&told, 1, 0);
    assert_int_equal(told.values, 4096);
    assert_int_equal(told.errors, 1);
    heard_close(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_gives_title_unit_and_thresholds_and_fetch_gives_values),
        cmocka_unit_test(a_field_that_config_no_longer_names_is_gone),
        cmocka_unit_test(counters_stay_counters_and_wrap),
        cmocka_unit_test(a_rate_beyond_its_limit_is_none_and_moves_no_total),
        cmocka_unit_test(constant_factors_of_cdef_are_applied_and_no_other),
        cmocka_unit_test(many_values_with_times_are_said_once_and_in_order),
        cmocka_unit_test(dirty_config_has_values_of_its_own),
        cmocka_unit_test(a_bad_exit_spoils_its_run_alone),
        cmocka_unit_test(lines_that_mean_nothing_are_told_and_skipped),
        cmocka_unit_test(what_it_remembers_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
