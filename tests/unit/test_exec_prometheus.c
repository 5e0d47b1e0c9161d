/* Prometheus's text format and OpenMetrics. */
#include "exec_heard.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static const struct dialect_options text = {.item = "x", .every_ms = 10000};
static const struct dialect_options open_metrics = {
    .item = "x", .every_ms = 10000, .openmetrics = true};

struct page {
    const char *page, *told;
};

static void try_all(struct dialect_options with, const struct page *pages, size_t count)
{
    struct heard_text told;
    heard_open(&told, &dialect_prometheus, with);
    for (size_t i = 0; i < count; i++)
        heard_expect(&told, 0, pages[i].page, 0, pages[i].told);
    heard_close(&told);
}
#define TRY(with, pages) try_all(with, pages, sizeof(pages) / sizeof *(pages))

static void families_have_type_help_and_labels(void **state)
{
    (void)state;
    static const struct page pages[] = {
        {"# HELP requests_total How \\\\ many\\nrequests.\n# TYPE requests_total counter\n"
         "requests_total{method=\"post\",code=\"200\",} 1027 1395066363000\n"
         "requests_total{ method = \"get\" , code=\"400\" }\t3\n\n# a comment\n"
         "# TYPE temp gauge\n temp -1.5e1 \nup 1\n",
         "V requests_total/value{method=post,code=200} 1027 counter @1395066363000 "
         "(How \\ many requests.)\n"
         "V requests_total/value{method=get,code=400} 3 counter (How \\ many requests.)\n"
         "V temp/value -15\nV up/value 1\nT\n"},
        {"a{l=\"\\\\ \\\" \\x\",m=\"\"} NaN\nb +Inf\nc -inf\n",
         "V a/value{l=\\ \" \\x} nan\nV b/value nan\nV c/value nan\nT\n"},
        {"", ""},
    };
    TRY(text, pages);
}

static void histograms_and_summaries_are_taken_apart(void **state)
{
    (void)state;
    static const struct page pages[] = {
        {"# TYPE d histogram\nd_bucket{le=\"0.1\"} 2\nd_bucket{le=\"+Inf\"} 3\nd_sum 5.5\n"
         "d_count 3\n# TYPE s summary\ns{quantile=\"0.5\",a=\"b\"} 7\ns_sum{a=\"b\"} 9\n"
         "s_count{a=\"b\"} 2\nlone_count 4\n",
         "V d_bucket/value{le=0.1} 2 [] counter\nV d_bucket/value{le=+Inf} 3 [] counter\n"
         "V d/sum 5.5 counter\nV d/count 3 [] counter\nV s_quantile/value{quantile=0.5,a=b} 7\n"
         "V s/sum{a=b} 9 counter\nV s/count{a=b} 2 [] counter\nV lone_count/value 4\nT\n"},
    };
    TRY(text, pages);
}

static void names_may_be_any_text_in_quotes(void **state)
{
    (void)state;
    static const struct page pages[] = {
        {"# TYPE \"any name\" counter\n{\"any name\",l=\"v\"} 1\n"
         "{\"gr\xc3\xb6\xc3\x9f"
         "e\"} 2\nplain{\"l.x\"=\"v\"} 3\n",
         "V any name/value{l=v} 1 counter\nV gr\xc3\xb6\xc3\x9f"
         "e/value 2\n"
         "V plain/value{l.x=v} 3\nT\n"},
    };
    TRY(text, pages);
}

static void openmetrics_has_units_suffixes_exemplars_and_an_end(void **state)
{
    (void)state;
    static const struct page pages[] = {
        {"# TYPE r_seconds counter\n# UNIT r_seconds seconds\n# HELP r_seconds Some \\\"help\\\".\n"
         "r_seconds_total{a=\"b\"} 17.0 1520879607.789 # {trace_id=\"K\"} 0.67 1520879607.5\n"
         "r_seconds_created{a=\"b\"} 1520430000.123\n# TYPE v info\nv_info{version=\"1\"} 1\n"
         "# TYPE e stateset\ne{e=\"on\"} 1\n# TYPE g gaugehistogram\ng_bucket{le=\"1\"} 4\n"
         "g_gsum 3\ng_gcount 4\n# EOF\n",
         "V r_seconds/total{a=b} 17 [seconds] counter @1520879607789 (Some \"help\".)\n"
         "V r_seconds/created{a=b} 1520430000.123 [seconds] (Some \"help\".)\n"
         "V v/info{version=1} 1 []\nV e/value{e=on} 1\nV g_bucket/value{le=1} 4 []\nV g/gsum 3\n"
         "V g/gcount 4 []\nT\n"},
        {"# TYPE a counter\na 1\nb 1\nb{x=\"y\"} 1\na_total 2\nc  3\n\n",
         "E 2:1 a counter's sample ends with _total in OpenMetrics\nV a/value 1 counter\n"
         "V b/value 1\nV b/value{x=y} 1\n"
         "E 5:1 the lines of a should be together\nV a/total 2 counter\n"
         "E 6:3 OpenMetrics has a single space between words\nV c/value 3\n"
         "E 7:1 OpenMetrics has no empty lines and no blanks at the beginning or the end of one\n"
         "E 7:1 # EOF is missing: this is not all of it\nT\n"},
        {"a 1\n# EOF\nb 1\nc 1\n", "V a/value 1\nT\nE 3:1 nothing comes after # EOF\n"},
        {"a 1\n# EOF\n", "V a/value 1\nT\n"},
    };
    TRY(open_metrics, pages);
}

static void what_goes_on_printing_ends_its_turns_with_eof(void **state)
{
    (void)state;
    static const struct page pages[] = {
        {"a 1\n# EOF\na 2\n# EOF\n", "V a/value 1\nT\nV a/value 2\nT\n"},
    };
    TRY(text, pages);
}

static void a_textfile_has_no_times(void **state)
{
    (void)state;
    static const struct page pages[] = {
        {"a 1 5\nb 2\n", "E 1:5 a textfile must not have times\nV b/value 2\nT\n"},
    };
    struct dialect_options with = text;
    with.no_timestamps = true;
    TRY(with, pages);
}

static void a_broken_line_says_where_and_costs_itself_alone(void **state)
{
    (void)state;
    static const struct page pages[] = {
        {"a{l=\"v\" 1\n", "E 1:9 between labels comes a comma, behind them }\nT\n"},
        {"a{l=\"v} 1\n", "E 1:5 the label's value does not end\nT\n"},
        {"a{l=v} 1\n", "E 1:5 a label is name=\"value\"\nT\n"},
        {"a{l} 1\n", "E 1:3 a label is name=\"value\"\nT\n"},
        {"a{l=\"1\",l=\"2\"} 1\n", "E 1:9 the same label twice\nT\n"},
        {"a{l=\"1\"}\n", "E 1:9 there is no value\nT\n"},
        {"a\n", "E 1:2 there is no value\nT\n"},
        {"a one\n", "E 1:3 the value is no number\nT\n"},
        {"a 1 soon\n", "E 1:5 the time is no whole number of ms since 1970\nT\n"},
        {"a 1 5 6\n", "E 1:7 behind the time the line should end\nT\n"},
        {"a-b 1\n", "E 1:2 a metric's name has letters, digits, _ and : only\nT\n"},
        {"9 1\n", "E 1:1 a line begins with a metric's name\nT\n"},
        {"{l=\"v\"} 1\n", "E 1:1 a line begins with a metric's name\nT\n"},
        {"a 1 # x\n", "E 1:7 an exemplar is # {labels} value [time]\nT\n"},
        {"# TYPE a thing\na 1\n# TYPE a gauge\n",
         "E 1:10 there is no such type of metric\nV a/value 1\n"
         "E 3:10 TYPE comes before the samples of a\nT\n"},
        {"# TYPE a gauge\n# TYPE a gauge\n# HELP a x\n# HELP a y\n# TYPE\n",
         "E 2:10 a second TYPE of a\nE 4:10 a second HELP\nE 5:7 here comes a metric's name\nT\n"},
        {"a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\na{y=\"1\",x=\"2\"} 1\n",
         "V a/value{x=1,y=2} 1\nE 2:1 this sample was there before\nV a/value{y=1,x=2} 1\nT\n"},
        {"# TYPE h histogram\nh_bucket 1\n# TYPE s summary\ns 1\n",
         "E 2:1 this sample needs the label le\nE 4:1 this sample needs the label quantile\nT\n"},
    };
    TRY(text, pages);
}

static void what_it_remembers_is_bounded(void **state)
{
    (void)state;
    struct heard_text told;
    char line[64];
    heard_open(&told, &dialect_prometheus, text);
    for (int i = 0; i < 21000; i++) {
        snprintf(line, sizeof line, "m%d 1\n", i);
        heard_lines(&told, 0, line);
    }
    heard_end(&told, 0, 0);
    assert_int_equal(told.values, 20000);
    assert_int_equal(told.errors, 2);
    heard_close(&told);
}

static void samples_whose_labels_are_alike_are_not_the_same(void **state)
{
    (void)state;
    enum { EACH = 20, BYTES = EACH * EACH * 40 };
    char *page = calloc(1, BYTES), *told = calloc(1, BYTES);
    size_t page_used = 0, told_used = 0;
    assert_true(page && told);
    for (int i = 0; i < EACH * EACH; i++) {
        page_used += (size_t)snprintf(page + page_used, BYTES - page_used,
                                      "a{x=\"h%d\",y=\"d%d\"} 1\n", i / EACH, i % EACH);
        told_used += (size_t)snprintf(told + told_used, BYTES - told_used,
                                      "V a/value{x=h%d,y=d%d} 1\n", i / EACH, i % EACH);
    }
    snprintf(told + told_used, BYTES - told_used, "T\n");
    const struct page pages[] = {{page, told}};
    TRY(text, pages);
    free(page);
    free(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_have_type_help_and_labels),
        cmocka_unit_test(histograms_and_summaries_are_taken_apart),
        cmocka_unit_test(names_may_be_any_text_in_quotes),
        cmocka_unit_test(openmetrics_has_units_suffixes_exemplars_and_an_end),
        cmocka_unit_test(what_goes_on_printing_ends_its_turns_with_eof),
        cmocka_unit_test(a_textfile_has_no_times),
        cmocka_unit_test(a_broken_line_says_where_and_costs_itself_alone),
        cmocka_unit_test(what_it_remembers_is_bounded),
        cmocka_unit_test(samples_whose_labels_are_alike_are_not_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
