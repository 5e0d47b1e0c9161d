/* Series on the test host: written by the plugin and by the test, read in all three ways. */
#include "testing_probe.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gw_field fields[] = {
    {"level", GW_GAUGE, "1", "How high"},
    {"count", GW_COUNTER, "1", "How many"},
    {0},
};

static void rows_are_kept_and_two_at_once_are_refused(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    const struct gw_label labels[] = {{"a", "1"}, {"b", "2"}, {0}};
    struct gw_series *series = gw_series_get(gwt_self(test), "probe.thing", labels, fields, 1000);
    const double row[] = {1.5, 10}, next[] = {NAN, 20};
    assert_int_equal(gw_set(series, row), 0);
    assert_int_equal(gw_set(series, row), -EEXIST);
    gwt_run(test, 1000);
    assert_int_equal(gw_set(series, next), 0);
    assert_int_equal(gwt_rows(test, "probe.thing", "b=2,a=1"), 2);
    assert_true(isnan(gwt_value(test, "probe.thing", "a=1,b=2", "level")));
    assert_true(gwt_value(test, "probe.thing", "a=1,b=2", "count") == 20);
    assert_true(isnan(gwt_value(test, "probe.thing", "a=1", "count")));
    assert_null(gw_series_get(gwt_self(test), "Bad name", NULL, fields, 0));
    assert_int_equal(gwt_logged(test, "series 'Bad name' was refused"), 1);
    gwt_free(test);
}

struct found {
    uint32_t id;
    char keys[512];
    double last;
};

static bool note_series(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    (void)self;
    struct found *found = data;
    size_t length = strlen(found->keys);
    found->id = info->id;
    found->last = info->last ? info->last[0] : NAN;
    snprintf(found->keys + length, sizeof(found->keys) - length, "%s ", info->key);
    return true;
}

static void series_of_others_are_found_with_their_newest_row(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    struct found found = {0};
    const struct gw_label labels[] = {{"node", "PC*"}, {0}};
    const struct gw_match match = {"gns3.*", labels};
    const double row[] = {7, 100}, next[] = {8, 150};
    double rates[2];
    int64_t time_ms;
    gwt_row(test, "gns3.node", "server=lab,node=PC1", "up,bytes:counter", row);
    gwt_row(test, "gns3.node", "server=lab,node=R1", "up,bytes:counter", row);
    gwt_row(test, "other.node", "node=PC2", "up", row);
    gwt_run(test, 10000);
    gwt_row(test, "gns3.node", "server=lab,node=PC1", "up,bytes:counter", next);
    assert_int_equal(gw_series_each(gwt_self(test), &match, true, note_series, &found), 1);
    assert_string_equal(found.keys, "gns3.node{server=\"lab\",node=\"PC1\"} ");
    assert_true(found.last == 8);
    assert_int_equal(gw_series_last(gwt_self(test), found.id, rates, &time_ms), 0);
    assert_true(rates[0] == 8 && rates[1] == 5);
    assert_int_equal(time_ms, gwt_now_ms(test));
    gwt_run(test, 51000);
    assert_int_equal(gw_series_last(gwt_self(test), found.id, rates, NULL), -ENODATA);
    gwt_free(test);
}

/* ---- Following ---- */

static void on_series(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self;
    info->mine = data;
    note(data, "found");
}

static void on_row(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    (void)self, (void)time_ms;
    char name[64];
    assert_ptr_equal(info->mine, data);
    snprintf(name, sizeof(name), "%g/%g", values[0], values[1]);
    note(data, name);
}

static void on_end(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self;
    assert_ptr_equal(info->mine, data);
    note(data, "end");
}

static void on_turn(struct gw_plugin *self, void *data)
{
    (void)self;
    note(data, "turn");
}

static void who_follows_hears_of_every_row_once(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    const double rows[][2] = {{1, 10}, {2, 30}, {3, 60}};
    const struct gw_follow_options options = {.size = sizeof(options),
                                              .match = {"gns3.node", NULL},
                                              .every_ms = 2000,
                                              .on_row = on_row,
                                              .on_series = on_series,
                                              .on_end = on_end,
                                              .on_turn = on_turn,
                                              .data = &notes};
    notes_begin(&notes, test);
    gwt_row(test, "gns3.node", "node=PC1", "up,bytes:counter", rows[0]);
    struct gw_follow *follow = gw_follow_start(gwt_self(test), &options);
    assert_non_null(follow);
    gwt_run(test, 1000);
    gwt_row(test, "gns3.node", "node=PC1", "up,bytes:counter", rows[1]);
    gwt_run(test, 500);
    gwt_row(test, "gns3.node", "node=PC1", "up,bytes:counter", rows[2]);
    gwt_series_gone(test, "gns3.node", "node=PC1");
    gwt_run(test, 10000);
    assert_string_equal(notes.text, "found@0 2/20@2000 3/60@2000 end@2000 turn@2000 ");
    assert_int_equal(gw_follow_lost(follow), 0);
    gw_follow_stop(follow);
    gwt_free(test);
}

static void a_stop_ends_what_is_followed(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    const double row[] = {1};
    const struct gw_follow_options options = {.size = sizeof(options),
                                              .match = {"gns3.node", NULL},
                                              .on_series = on_series,
                                              .on_end = on_end,
                                              .data = &notes};
    notes_begin(&notes, test);
    gwt_row(test, "gns3.node", "node=PC1", "up", row);
    assert_non_null(gw_follow_start(gwt_self(test), &options));
    gwt_run(test, 0);
    gwt_stop(test);
    assert_string_equal(notes.text, "found@0 end@0 ");
    gwt_free(test);
}

/* ---- The past ---- */

struct past {
    int error;
    size_t count, fields, unknown;
    int64_t step_ms, first_ms;
    double sum[2];
};

static void take_past(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    (void)self;
    struct past *past = data;
    *past = (struct past){.error = rows->error,
                          .count = rows->count,
                          .fields = rows->fields,
                          .step_ms = rows->step_ms,
                          .first_ms = rows->count ? rows->times_ms[0] : 0};
    for (size_t f = 0; f < rows->fields && f < 2; f++) {
        for (size_t i = 0; i < rows->count; i++) {
            double value = rows->values[f * rows->count + i];
            past->unknown += isnan(value) ? 1 : 0;
            past->sum[f] += isnan(value) ? 0 : value;
        }
    }
}

/* One row a minute for two hours, but for a quarter of an hour in the second. */
static void play_two_hours(struct gwt *test)
{
    for (int minute = 0; minute < 120; minute++) {
        const double row[] = {minute < 60 ? 1 : 3, minute * 120};
        gwt_run(test, 60000);
        if (minute < 75 || minute >= 90)
            gwt_row(test, "gns3.node", "node=PC1", "level,bytes:counter", row);
    }
}

static void hours_can_be_asked_for(void **state)
{
    (void)state;
    struct past past;
    struct gwt *test = probe_new("");
    int64_t begin_ms = gwt_now_ms(test);
    gwt_every(test, 60000);
    play_two_hours(test);
    struct gw_query query = {.size = sizeof(query),
                             .key = "gns3.node{node=\"PC1\"}",
                             .from_ms = begin_ms,
                             .to_ms = begin_ms + 7200000,
                             .points = 120};
    assert_int_equal(gw_query(gwt_self(test), &query, take_past, &past), 0);
    gwt_run(test, 0);
    assert_int_equal(past.error, 0);
    assert_int_equal(past.step_ms, 60000);
    assert_int_equal(past.count, 120);
    assert_int_equal(past.fields, 2);
    assert_int_equal(past.first_ms, begin_ms);
    /* 15 without rows; a counter's first row, and the one after the gap, say nothing either */
    assert_int_equal(past.unknown, 15 + 15 + 2);
    assert_true(past.sum[0] == 60 * 1 + 45 * 3);
    assert_true(fabs(past.sum[1] - 103 * 2) < 1e-9);
    query.key = "gns3.node{node=\"PC9\"}";
    assert_int_equal(gw_query(gwt_self(test), &query, take_past, &past), 0);
    gwt_run(test, 0);
    assert_int_equal(past.error, -ENOENT);
    query.to_ms = query.from_ms;
    assert_int_equal(gw_query(gwt_self(test), &query, take_past, &past), -EINVAL);
    gwt_free(test);
}

/* ---- Mistakes ---- */

static void row_twice(struct gwt *test)
{
    const double row[] = {1};
    gwt_row(test, "a.thing", "x=1", "up", row);
    gwt_row(test, "a.thing", "x=1", "up", row);
}

static void row_of_the_plugin(struct gwt *test)
{
    const double row[] = {1, 2};
    gw_series_get(gwt_self(test), "probe.thing", NULL, fields, 0);
    gwt_row(test, "probe.thing", "", "level,count:counter", row);
}

static void bad_labels(struct gwt *test)
{
    const double row[] = {1};
    gwt_row(test, "a.thing", "x", "up", row);
}

static void mistakes_end_the_process_with_a_sentence(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    assert_dies(row_twice, test, "there is a row of this moment already");
    assert_dies(row_of_the_plugin, test, "the plugin writes it");
    assert_dies(bad_labels, test, "labels are written \"a=b,c=d\"");
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_kept_and_two_at_once_are_refused),
        cmocka_unit_test(series_of_others_are_found_with_their_newest_row),
        cmocka_unit_test(who_follows_hears_of_every_row_once),
        cmocka_unit_test(a_stop_ends_what_is_followed),
        cmocka_unit_test(hours_can_be_asked_for),
        cmocka_unit_test(mistakes_end_the_process_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
