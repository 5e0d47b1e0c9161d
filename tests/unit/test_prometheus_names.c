/* What things are called, how they are written, and which format is given to whom. */
#include "unit.h"

#include <accept.h>
#include <math.h>
#include <number.h>
#include <page.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void names_follow_the_conventions_and_values_their_units(void **state)
{
    (void)state;
    static const struct {
        const char *measurement, *field;
        enum gw_field_kind kind;
        const char *unit, *name, *base;
        double of_1500;
    } cases[] = {
        {"gns3.api", "requests", GW_COUNTER, "1", "gns3_api_requests", NULL, 1500},
        {"gns3.api", "sent_bytes", GW_COUNTER, "By", "gns3_api_sent_bytes", "bytes", 1500},
        {"gns3.server", "latency_ms", GW_GAUGE, "ms", "gns3_server_latency_seconds", "seconds",
         1.5},
        {"snapshot.project", "age_s", GW_GAUGE, "s", "snapshot_project_age_seconds", "seconds",
         1500},
        {"gns3.project", "open_seconds", GW_GAUGE, "s", "gns3_project_open_seconds", "seconds",
         1500},
        {"gns3.compute", "cpu", GW_GAUGE, "%", "gns3_compute_cpu_percent", "percent", 1500},
        {"disk.fs", "total", GW_GAUGE, "By", "disk_fs_total_bytes", "bytes", 1500},
        {"disk.fs", "total", GW_GAUGE, "1", "disk_fs_total_value", NULL, 1500},
        {"disk.fs", "total", GW_COUNTER, "1", "disk_fs", NULL, 1500},
        {"a.x", "hits_total", GW_COUNTER, NULL, "a_x_hits", NULL, 1500},
        {"a.x", "count", GW_GAUGE, NULL, "a_x_count_value", NULL, 1500},
        {"a.x", "to_full", GW_GAUGE, "h", "a_x_to_full_seconds", "seconds", 5400000},
        {"a.x", "speed", GW_GAUGE, "bit/s", "a_x_speed_bytes_per_second", "bytes_per_second",
         187.5},
        {"a.x", "ms", GW_GAUGE, "ms", "a_x_seconds", "seconds", 1.5},
        {"a.x", "in_packets", GW_COUNTER, "{packet}", "a_x_in_packets", "packets", 1500},
        {"a.x", "drops", GW_COUNTER, "{packet}", "a_x_drops", NULL, 1500},
        {"9p.x", "d", GW_GAUGE, NULL, "_9p_xd", NULL, 1500},
        {"a..gauge", "_x_", GW_GAUGE, "furlong", "a_gauges_x", NULL, 1500},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct gw_field field = {cases[i].field, cases[i].kind, cases[i].unit, "help"};
        struct naming naming;
        naming_make(&naming, NULL, cases[i].measurement, &field);
        assert_string_equal(naming.name, cases[i].name);
        assert_string_equal(naming.unit ? naming.unit : "", cases[i].base ? cases[i].base : "");
        assert_true(1500 * naming.factor / naming.divisor == cases[i].of_1500);
    }
}

static void a_long_name_is_cut_and_keeps_its_unit(void **state)
{
    (void)state;
    char measurement[65];
    memset(measurement, 'x', 64);
    measurement[64] = '\0';
    const struct gw_field field = {"abcdefghijklmnop_ms", GW_GAUGE, "By/s", NULL};
    struct naming naming;
    naming_make(&naming, NULL, measurement, &field);
    assert_true(strlen(naming.name) < NAME_BYTES);
    size_t length = strlen(naming.name), unit = strlen(naming.unit);
    assert_string_equal(naming.name + length - unit, naming.unit);
}

static void bounds_are_read_and_written_the_same_for_all(void **state)
{
    (void)state;
    static const struct {
        const char *field, *text, *unit;
    } cases[] = {
        {"le_250ms", "0.25", "seconds"}, {"le_5ms", "0.005", "seconds"},
        {"le_1s", "1.0", "seconds"},     {"le_300s", "300.0", "seconds"},
        {"le_inf", "+Inf", NULL},        {"le_10", "10.0", NULL},
        {"le_2500ms", "2.5", "seconds"}, {"le_50us", "0.00005", "seconds"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double bound;
        const char *unit;
        char text[32];
        assert_true(naming_bound(cases[i].field, &bound, &unit));
        bound_text(text, bound);
        assert_string_equal(text, cases[i].text);
        assert_string_equal(unit ? unit : "", cases[i].unit ? cases[i].unit : "");
    }
    double bound;
    const char *unit;
    assert_false(naming_bound("le_", &bound, &unit));
    assert_false(naming_bound("le_x", &bound, &unit));
    assert_false(naming_bound("le_1kg", &bound, &unit));
    assert_false(naming_bound("less", &bound, &unit));
}

static void names_of_labels_are_never_reserved(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"server", "server"},
        {"le", "label_le"},
        {"quantile", "label_quantile"},
        {"__name__", "x__name__"},
        {"instance", "plugin_instance"},
        {"1st", "_1st"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[LABEL_NAME_BYTES];
        label_name(name, cases[i][0]);
        assert_string_equal(name, cases[i][1]);
    }
}

static void hostile_texts_stay_within_their_quotes_and_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value, *help, *open_help;
    } cases[] = {
        {"a\"b\\c\nd", "a\\\"b\\\\c\\nd", "a\"b\\\\c\\nd", "a\\\"b\\\\c\\nd"},
        {"\"} 1\nevil 2", "\\\"} 1\\nevil 2", "\"} 1\\nevil 2", "\\\"} 1\\nevil 2"},
        {"caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9"},
        {"bad\xff\xc3", "bad??", "bad??", "bad??"},
        {"", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes out[3] = {0};
        label_value(&out[0], cases[i].text);
        help_text(&out[1], cases[i].text, false);
        help_text(&out[2], cases[i].text, true);
        const char *want[] = {cases[i].value, cases[i].help, cases[i].open_help};
        for (int k = 0; k < 3; k++) {
            assert_int_equal(out[k].len, strlen(want[k]));
            assert_memory_equal(out[k].data, want[k], out[k].len);
            bytes_fini(&out[k]);
        }
    }
}

static void a_number_is_read_back_as_it_was(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.5, "-0.5"},
        {1084.394 / 1000, "1.084394"},
        {0.1, "0.1"},
        {1e15, "1000000000000000"},
        {25276514304.0, "25276514304"},
        {0.05, "0.05"},
        {INFINITY, "+Inf"},
        {-INFINITY, "-Inf"},
        {NAN, "NaN"},
        {100.25, "100.25"},
    };
    char text[NUMBER_BYTES + 1];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text[number_put(text, cases[i].value)] = '\0';
        assert_string_equal(text, cases[i].text);
    }
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        double value;
        memcpy(&value, &seed, sizeof value); /* any double there is */
        if (i % 2)
            value = (double)(int64_t)(seed >> 20) / 1000; /* and such as there are */
        size_t bytes = number_put(text, value);
        assert_true(bytes < NUMBER_BYTES);
        text[bytes] = '\0';
        double back = strtod(text, NULL);
        assert_true(back == value || (isnan(back) && isnan(value)));
    }
}

static void who_asks_gets_the_format_that_is_liked_best(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        enum format format;
    } cases[] = {
        {"", FORMAT_TEXT},
        {"*/*", FORMAT_TEXT},
        {"text/plain", FORMAT_TEXT},
        {"text/html,*/*;q=0.8", FORMAT_TEXT},
        {"application/openmetrics-text", FORMAT_OPENMETRICS},
        {"application/openmetrics-text; version=1.0.0", FORMAT_OPENMETRICS},
        {"Application/OpenMetrics-Text ; Version=\"1.0.0\" ; q=0.5, text/plain;q=0.4",
         FORMAT_OPENMETRICS},
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
         "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         FORMAT_OPENMETRICS}, /* Prometheus 2.42 */
        {"application/openmetrics-text;q=0.2,text/plain;q=0.5", FORMAT_TEXT},
        {"application/openmetrics-text;q=0,*/*", FORMAT_TEXT},
        {"application/openmetrics-text;q=0.5,text/plain;q=0.5", FORMAT_OPENMETRICS},
        {"application/openmetrics-text;q=0.5,*/*;q=0.6,text/plain;q=0.1", FORMAT_OPENMETRICS},
        {"application/openmetrics-text;q=0.5,text/*", FORMAT_TEXT},
        {"application/openmetrics-text;version=2.0.0", FORMAT_TEXT},
        {"application/openmetrics-text;version=1.0.0;charset=utf-8;q=0.9,text/plain;q=0.1",
         FORMAT_OPENMETRICS},
        {"application/json", FORMAT_TEXT},
        {"application/openmetrics-text;q=nonsense", FORMAT_TEXT},
        {";;;,,,q=1;version=\"", FORMAT_TEXT},
        {"application/openmetrics-text;q", FORMAT_OPENMETRICS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (accept_format(cases[i].accept) != cases[i].format)
            fail_msg("'%s' is not %d", cases[i].accept, cases[i].format);
}

/* ---- Whole pages ----------------------------------------------------------------------------- */

static char *page_of(struct shapes *shapes, enum format format, int64_t now_ms)
{
    struct bytes page = {0};
    page_write(&page, shapes, format, now_ms);
    bytes_add(&page, "", 1);
    return page.data;
}

static struct gw_series_info info_of(const char *measurement, const struct gw_label *labels,
                                     const struct gw_field *fields, const double *row)
{
    struct gw_series_info info = {.measurement = measurement,
                                  .labels = labels,
                                  .fields = fields,
                                  .every_ms = 1000,
                                  .last_ms = 10000,
                                  .last = row};
    while (labels[info.label_count].name)
        info.label_count++;
    while (fields[info.field_count].name)
        info.field_count++;
    return info;
}

static void a_page_is_written_as_each_format_wants_it(void **state)
{
    (void)state;
    static const struct gw_field fields[] = {{"took_ms", GW_COUNTER, "ms", "Time \"spent\"\\\n"},
                                             {"le_inf", GW_COUNTER, "1", NULL},
                                             {"le_2", GW_COUNTER, "1", NULL},
                                             {"le_10", GW_COUNTER, "1", NULL},
                                             {"level", GW_GAUGE, "1", NULL},
                                             {0}};
    static const struct gw_label labels[] = {{"name", "a\"\n"}, {"none", ""}, {0}};
    const double row[] = {1500, 9, 1, 7, NAN};
    struct gw_series_info info = info_of("x.y", labels, fields, row);
    struct shapes shapes = {0};
    struct series *series = series_new(shapes_get(&shapes, &info), &info, true);
    char *text = page_of(&shapes, FORMAT_TEXT, 15000);
    assert_string_equal(text, "# HELP x_y_size How many, up to a bound\n"
                              "# TYPE x_y_size histogram\n"
                              "x_y_size_bucket{name=\"a\\\"\\n\",le=\"2.0\"} 1\n"
                              "x_y_size_bucket{name=\"a\\\"\\n\",le=\"10.0\"} 7\n"
                              "x_y_size_bucket{name=\"a\\\"\\n\",le=\"+Inf\"} 9\n"
                              "# HELP x_y_took_seconds_total Time \"spent\"\\\\\\n\n"
                              "# TYPE x_y_took_seconds_total counter\n"
                              "x_y_took_seconds_total{name=\"a\\\"\\n\"} 1.5\n");
    free(text);
    text = page_of(&shapes, FORMAT_OPENMETRICS, 15000);
    assert_non_null(strstr(text, "# HELP x_y_took_seconds Time \\\"spent\\\"\\\\\\n\n"
                                 "# TYPE x_y_took_seconds counter\n"
                                 "# UNIT x_y_took_seconds seconds\n"
                                 "x_y_took_seconds_total{name=\"a\\\"\\n\"} 1.5\n# EOF\n"));
    free(text);
    text = page_of(&shapes, FORMAT_TEXT, 15001); /* five intervals are over */
    assert_string_equal(text, "");
    free(text);
    series_free(series);
    text = page_of(&shapes, FORMAT_OPENMETRICS, 15000);
    assert_string_equal(text, "# EOF\n");
    free(text);
    shapes_fini(&shapes);
}

static void two_that_would_have_one_name_keep_apart(void **state)
{
    (void)state;
    static const struct gw_field one[] = {
        {"c_ms", GW_GAUGE, "ms", "1"}, {"c_s", GW_GAUGE, "s", "2"}, {0}};
    static const struct gw_field other[] = {{"x_c", GW_GAUGE, "s", "3"}, {0}};
    static const struct gw_label none[] = {{0}};
    static const double row[] = {5, 6};
    struct gw_series_info first = info_of("a.x", none, one, row);
    struct gw_series_info second = info_of("a", none, other, row);
    struct shapes shapes = {0};
    struct series *all[] = {series_new(shapes_get(&shapes, &first), &first, true),
                            series_new(shapes_get(&shapes, &second), &second, true)};
    assert_ptr_equal(shapes_get(&shapes, &first), all[0]->shape);
    char *text = page_of(&shapes, FORMAT_TEXT, 10000);
    assert_non_null(strstr(text, "\na_x_c_seconds 0.005\n"));
    assert_non_null(strstr(text, "\na_x_c_2_seconds 6\n"));
    assert_non_null(strstr(text, "\na_x_c_3_seconds 5\n"));
    free(text);
    series_free(all[0]);
    series_free(all[1]);
    shapes_fini(&shapes);
}

static void series_come_and_go_without_a_trace(void **state)
{
    (void)state;
    enum { COUNT = 50 };
    static const struct gw_field fields[] = {
        {"v", GW_GAUGE, "1", "V"}, {"w", GW_COUNTER, "1", "W"}, {0}};
    struct shapes shapes = {0};
    struct series *all[COUNT];
    char names[COUNT][8];
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        const struct gw_label labels[] = {{"name", names[i]}, {0}};
        const double row[] = {i, 2 * i};
        struct gw_series_info info = info_of("x.y", labels, fields, row);
        all[i] = series_new(shapes_get(&shapes, &info), &info, true);
    }
    for (int i = 0; i < COUNT; i += 3)
        series_free(all[i]);
    char *text = page_of(&shapes, FORMAT_TEXT, 10000);
    for (int i = 0; i < COUNT; i++) {
        char line[64];
        snprintf(line, sizeof line, "x_y_w_total{name=\"n%d\"} %d\n", i, 2 * i);
        assert_int_equal(strstr(text, line) != NULL, i % 3 != 0);
    }
    free(text);
    for (int i = 0; i < COUNT; i++)
        if (i % 3)
            series_free(all[i]);
    text = page_of(&shapes, FORMAT_TEXT, 10000);
    assert_string_equal(text, "");
    free(text);
    shapes_fini(&shapes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_conventions_and_values_their_units),
        cmocka_unit_test(a_long_name_is_cut_and_keeps_its_unit),
        cmocka_unit_test(bounds_are_read_and_written_the_same_for_all),
        cmocka_unit_test(names_of_labels_are_never_reserved),
        cmocka_unit_test(hostile_texts_stay_within_their_quotes_and_lines),
        cmocka_unit_test(a_number_is_read_back_as_it_was),
        cmocka_unit_test(who_asks_gets_the_format_that_is_liked_best),
        cmocka_unit_test(a_page_is_written_as_each_format_wants_it),
        cmocka_unit_test(two_that_would_have_one_name_keep_apart),
        cmocka_unit_test(series_come_and_go_without_a_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
