/* collectd's text protocol and its types.db. */
#include "exec_heard.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/types_db.h"

static const struct dialect_options options = {.item = "x", .every_ms = 10000};

struct stream {
    const char *lines, *told;
};

static void try_all(struct dialect_options with, const struct stream *streams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct heard_text told;
        heard_open(&told, &dialect_collectd, with);
        heard_stream(&told, streams[i].lines, streams[i].told);
        heard_close(&told);
    }
}
#define TRY(with, streams) try_all(with, streams, sizeof(streams) / sizeof *(streams))

static void putval_is_a_value_of_a_type(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"PUTVAL \"lab/exec-ksm a/gauge-free memory/x\" interval=10.000 N:1.5e3\n",
         "V exec.gauge/value{host=lab,plugin_instance=ksm a,type_instance=free memory/x} "
         "1500 every=10000\nT\n"},
        {"putval h/load/load 1700000000.5:0.1:0.2:U interval=5 1700000005:1:2:3\n",
         "V load.load/shortterm{host=h} 0.1 @1700000000500 min=0 max=5000\n"
         "V load.load/midterm{host=h} 0.2 @1700000000500 min=0 max=5000\n"
         "V load.load/longterm{host=h} nan @1700000000500 min=0 max=5000\nT\n"
         "V load.load/shortterm{host=h} 1 @1700000005000 min=0 max=5000 every=5000\n"
         "V load.load/midterm{host=h} 2 @1700000005000 min=0 max=5000 every=5000\n"
         "V load.load/longterm{host=h} 3 @1700000005000 min=0 max=5000 every=5000\nT\n"},
        {"PUTVAL a-b-c/gauge N:1 meta:key=\"a value\"\n",
         "V a.gauge/value{plugin_instance=b-c} 1\nT\n"},
        {"# a comment\n\nPUTVAL h/x/percent N:100.2\n",
         "V x.percent/value{host=h} nan min=0 max=100.1\nT\n"},
        {"PUTVAL h/x/if_octets N:0x10:010\n",
         "V x.if_octets/rx{host=h} 16 counter min=0\nV x.if_octets/tx{host=h} 8 counter min=0\n"
         "T\n"},
    };
    TRY(options, streams);
}

static void counters_wrap_and_absolutes_add_up(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_collectd, options);
    heard_stream(
        &told, "PUTVAL h/x/counter N:4294967290\nPUTVAL h/x/absolute N:5\nPUTVAL h/x/derive N:9\n",
        "V x.counter/value{host=h} 4294967290 counter\nT\n"
        "V x.absolute/value{host=h} 5 counter min=0\nT\n"
        "V x.derive/value{host=h} 9 counter min=0\nT\n");
    told.now_ms += 10000;
    heard_stream(&told, "PUTVAL h/x/counter N:4\nPUTVAL h/x/absolute N:6\nPUTVAL h/x/derive N:3\n",
                 "V x.counter/value{host=h} 4294967300 counter\nT\n"
                 "V x.absolute/value{host=h} 11 counter min=0\nT\n"
                 "V x.derive/value{host=h} 3 counter min=0\nT\n");
    heard_close(&told);
}

static void putnotif_is_an_event(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"PUTNOTIF severity=Warning time=1201094702.5 host=h plugin=df type=df "
         "type_instance=root s:why=\"it is \\\"full\\\"\" message=\"disk \\\\ full\"\n",
         "S -1 warning df/df \"disk \\ full\"{host=h,type_instance=root,why=it is \"full\"} "
         "@1201094702500\n"},
        {"PUTNOTIF message=x time=1 severity=okay\n", "S -1 info - \"x\" @1000\n"},
        {"PUTNOTIF message=x time=1 severity=FAILURE plugin=p\n", "S -1 critical p \"x\" @1000\n"},
    };
    TRY(options, streams);
}

static void mistakes_say_where_and_cost_their_line(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"GETVAL x\n", "E 1:1 the command is PUTVAL or PUTNOTIF\n"},
        {"PUTVAL\n", "E 1:7 PUTVAL identifier time:value\n"},
        {"PUTVAL h/x/gauge\n", "E 1:17 PUTVAL without values: time:value[:value...]\n"},
        {"PUTVAL gauge N:1\n", "E 1:8 the identifier is host/plugin-instance/type-instance\n"},
        {"PUTVAL h//gauge N:1\n",
         "E 1:8 a part of the identifier is empty: host/plugin-instance/type-instance\n"},
        {"PUTVAL h/x/nope N:1\n", "E 1:8 no types.db has the type nope\n"},
        {"PUTVAL \"h/x/gauge N:1\n", "E 1:8 a quote is not closed\n"},
        {"PUTVAL h/x/gauge N:1 2:x 3:1\n",
         "V x.gauge/value{host=h} 1\nT\nE 1:24 the value is no number of the type's kind\n"},
        {"PUTVAL h/x/gauge N:1:2\n", "E 1:22 the type gauge has only 1 values\n"},
        {"PUTVAL h/x/load N:1 N:2\n", "E 1:17 the type load has 3 values, here are 1 (told once)\n"
                                      "V x.load/shortterm{host=h} 1 min=0 max=5000\nT\n"
                                      "V x.load/shortterm{host=h} 2 min=0 max=5000\nT\n"},
        {"PUTVAL h/x/gauge now:1\n", "E 1:18 the time is neither N nor seconds since 1970\n"},
        {"PUTVAL h/x/gauge interval=0 N:1\n", "E 1:27 the interval is no number of seconds\n"},
        {"PUTVAL h/x/gauge color=red N:1x\n",
         "E 1:18 an option color is not known and is ignored\n"
         "E 1:31 what stands behind the number is ignored\nV x.gauge/value{host=h} 1\nT\n"},
        {"PUTVAL h/x/derive N:1.5\n", "E 1:22 what stands behind the number is ignored\n"
                                      "V x.derive/value{host=h} 1 counter min=0\nT\n"},
        {"PUTNOTIF message=x time=1\n", "E 1:1 PUTNOTIF needs severity=failure|warning|okay\n"},
        {"PUTNOTIF message=x severity=okay\n", "E 1:1 PUTNOTIF needs time=seconds\n"},
        {"PUTNOTIF severity=bad\n", "E 1:10 severity is failure, warning or okay\n"},
        {"PUTNOTIF colour=bad\n", "E 1:10 this option is not known\n"},
        {"PUTNOTIF \"a b\n", "E 1:10 a quote is not closed\n"},
    };
    TRY(options, streams);
}

/* ---- types.db -------------------------------------------------------------------------------- */

static void on_error(void *data, unsigned line, const char *why, const char *text)
{
    (void)text;
    char *told = data;
    size_t used = strlen(told);
    snprintf(told + used, 512 - used, "%u %s\n", line, why);
}

static void types_have_sources_kinds_and_limits(void **state)
{
    (void)state;
    struct types_db db = {.keep = {.max_bytes = 65536}};
    char told[512] = "", text[] = "# a comment\n"
                                  "load\t\tshort:GAUGE:0:5000, mid:GAUGE:-1.5:U,long:gauge:U:1e3\n"
                                  "\n"
                                  "bad value:GAUGE:0\nworse value:GUAGE:0:U\nempty\n"
                                  "wrong value:GAUGE:low:U\n"
                                  "c v:COUNTER:U:U # behind\r\nd v:DERIVE:0:U\na v:ABSOLUTE:0:U\n"
                                  "d w:COUNTER:0:9";
    types_db_read(&db, text, on_error, told);
    assert_string_equal(told, "4 a source is name:KIND:min:max\n"
                              "5 the kind is GAUGE, COUNTER, DERIVE or ABSOLUTE\n"
                              "6 a type has at least one source\n"
                              "7 a limit is a number or U\n");
    const struct types_type *load = types_db_find(&db, "load");
    assert_non_null(load);
    assert_int_equal(load->count, 3);
    assert_string_equal(load->sources[1].name, "mid");
    assert_true(load->sources[1].min <= -1.5 && load->sources[1].min >= -1.5);
    assert_true(isnan(load->sources[1].max));
    assert_int_equal(load->sources[2].kind, TYPES_GAUGE);
    assert_int_equal(types_db_find(&db, "c")->sources[0].kind, TYPES_COUNTER);
    assert_int_equal(types_db_find(&db, "a")->sources[0].kind, TYPES_ABSOLUTE);
    assert_int_equal(types_db_find(&db, "d")->sources[0].kind, TYPES_COUNTER); /* the last one */
    assert_null(types_db_find(&db, "bad"));
    types_db_fini(&db);
}

static void files_of_types_are_read_and_their_mistakes_told(void **state)
{
    (void)state;
    char path[] = "/tmp/exec-types-XXXXXX", expected[256];
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    fputs("mine in:GAUGE:0:U, out:GAUGE:0:U\nbroken\n", file);
    fclose(file);
    const char *const types[] = {path, "/nowhere/types.db", NULL};
    struct dialect_options with = options;
    with.types = types;
    snprintf(expected, sizeof expected,
             "E 2:1 a type has at least one source, %s\n"
             "E 1:1 No such file or directory, /nowhere/types.db\n"
             "V x.mine/in{host=h} 1 min=0\nV x.mine/out{host=h} 2 min=0\nT\n",
             path);
    struct stream streams[] = {{"PUTVAL h/x/mine N:1:2\n", expected}};
    TRY(with, streams);
    unlink(path);
}

static void what_it_remembers_is_bounded(void **state)
{
    (void)state;
    struct heard_text told;
    char line[64];
    heard_open(&told, &dialect_collectd, options);
    for (int i = 0; i < 10100; i++) {
        snprintf(line, sizeof line, "PUTVAL h/x-%d/derive N:1\n", i);
        heard_lines(&told, 0, line);
    }
    assert_int_equal(told.values, 10000);
    assert_int_equal(told.errors, 1);
    heard_lines(&told, 0, "PUTVAL h/x-5000/derive N:2\nPUTVAL h/y/gauge N:2\n");
    assert_int_equal(told.values, 10002);
    heard_close(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(putval_is_a_value_of_a_type),
        cmocka_unit_test(counters_wrap_and_absolutes_add_up),
        cmocka_unit_test(putnotif_is_an_event),
        cmocka_unit_test(mistakes_say_where_and_cost_their_line),
        cmocka_unit_test(types_have_sources_kinds_and_limits),
        cmocka_unit_test(files_of_types_are_read_and_their_mistakes_told),
        cmocka_unit_test(what_it_remembers_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
