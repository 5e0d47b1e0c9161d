/* InfluxDB's line protocol, as Telegraf's plugins print it. */
#include "exec_heard.h"
#include "unit.h"

static const struct dialect_options options = {.item = "x", .every_ms = 10000};

struct line {
    const char *line, *told;
};

static void try_all(struct dialect_options with, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct heard_text told;
        heard_open(&told, &dialect_influx, with);
        heard_stream(&told, lines[i].line, lines[i].told);
        heard_close(&told);
    }
}
#define TRY(with, lines) try_all(with, lines, sizeof(lines) / sizeof *(lines))

static void numbers_of_every_kind_are_values(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"cpu,host=a,cpu=cpu0 usage=1.5,idle=98i,n=7u 1465839830100400200\n",
         "V cpu/usage{host=a,cpu=cpu0} 1.5 @1465839830100\n"
         "V cpu/idle{host=a,cpu=cpu0} 98 @1465839830100\n"
         "V cpu/n{host=a,cpu=cpu0} 7 @1465839830100\nT\n"},
        {"m a=-1e3,b=.5,c=t,d=False,e=TRUE\n",
         "V m/a -1000\nV m/b 0.5\nV m/c 1\nV m/d 0\nV m/e 1\nT\n"},
        {"# a comment\n\n  m   v=1   \n", "V m/v 1\nT\n"},
    };
    TRY(options, lines);
}

static void escapes_are_taken_away(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"wea\\,ther\\ x,loc\\=a\\,t\\ ion=us\\,mid\\ w\\=est te\\=mp\\,a\\ b=82\n",
         "V wea,ther x/te=mp,a b{loc=a,t ion=us,mid w=est} 82\nT\n"},
        {"a\\b,c\\d=e\\f g\\h=1\n", "V a\\b/g\\h{c\\d=e\\f} 1\nT\n"},
        {"m s=\"a, b=c \\\"q\\\" \\\\ \\n\",v=1 \n", "S -1 info m.s \"a, b=c \"q\" \\ \\n\"\n"
                                                     "V m/v 1\nT\n"},
    };
    TRY(options, lines);
}

static void a_text_is_told_when_it_changes(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_influx, options);
    heard_stream(&told, "m,a=1 s=\"up\" 5000000\nm,a=1 s=\"up\"\nm,a=2 s=\"up\"\nm,a=1 s=\"\"\n",
                 "S -1 info m.s \"up\"{a=1} @5\nT\nT\nS -1 info m.s \"up\"{a=2}\nT\n"
                 "S -1 info m.s \"\"{a=1}\nT\n");
    heard_close(&told);
}

static void times_have_the_precision_that_is_set(void **state)
{
    (void)state;
    static const struct line seconds[] = {{"m v=1 1465839830\n", "V m/v 1 @1465839830000\nT\n"}};
    static const struct line ms[] = {{"m v=1 1465839830001\n", "V m/v 1 @1465839830001\nT\n"}};
    static const struct line us[] = {{"m v=1 1465839830001999\n", "V m/v 1 @1465839830001\nT\n"}};
    struct dialect_options with = options;
    with.precision_ns = 1000000000;
    TRY(with, seconds);
    with.precision_ns = 1000000;
    TRY(with, ms);
    with.precision_ns = 1000;
    TRY(with, us);
}

static void a_broken_line_says_where_and_costs_itself_alone(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"m\n", "E 1:2 a line has at least one field: measurement field=value\n"},
        {"m,a=1\n", "E 1:6 a line has at least one field: measurement field=value\n"},
        {",a=1 v=1\n", "E 1:1 a line begins with its measurement\n"},
        {"m,a= v=1\n", "E 1:5 a tag without a value\n"},
        {"m,a v=1\n", "E 1:3 a tag is name=value\n"},
        {"m,a=b=c v=1\n", "E 1:5 a second = in a tag: write \\=\n"},
        {"m,a=1,a=2 v=1\n", "E 1:7 the same tag twice\n"},
        {"m v\n", "E 1:3 a field is name=value\n"},
        {"m v=1,=2\n", "E 1:7 a field is name=value\n"},
        {"m v=\n", "E 1:5 a field without a value\n"},
        {"m v=NaN\n", "E 1:5 the value is no number (1, 1i, 1u), no truth and no \"text\"\n"},
        {"m v=1.5i\n", "E 1:5 the value is no number (1, 1i, 1u), no truth and no \"text\"\n"},
        {"m v=-1u\n", "E 1:5 the value is no number (1, 1i, 1u), no truth and no \"text\"\n"},
        {"m v=\"abc\n", "E 1:5 a quoted text does not end\n"},
        {"m v=\"abc\"d\n", "E 1:10 behind a quoted text comes , or a space\n"},
        {"\xc3\xa4 v=1 12x\n",
         "E 1:7 the time is no whole number since 1970 in the precision that is set\n"},
        {"m v=1 -5\n",
         "E 1:7 the time is no whole number since 1970 in the precision that is set\n"},
        {"bad\nm v=1\n",
         "E 1:4 a line has at least one field: measurement field=value\nV m/v 1\nT\n"},
    };
    TRY(options, lines);
}

static void the_texts_it_remembers_are_bounded(void **state)
{
    (void)state;
    struct heard_text told;
    char line[64];
    heard_open(&told, &dialect_influx, options);
    for (int i = 0; i < 4000; i++) {
        snprintf(line, sizeof line, "m,i=%d s=\"up\"\n", i);
        heard_lines(&told, 0, line);
    }
    assert_int_equal(told.errors, 1);
    heard_end(&told, 0, 0);
    assert_int_equal(told.errors, 2);
    heard_close(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_kind_are_values),
        cmocka_unit_test(escapes_are_taken_away),
        cmocka_unit_test(a_text_is_told_when_it_changes),
        cmocka_unit_test(times_have_the_precision_that_is_set),
        cmocka_unit_test(a_broken_line_says_where_and_costs_itself_alone),
        cmocka_unit_test(the_texts_it_remembers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
