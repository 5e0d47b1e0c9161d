/* What restores have kept of the state before: how long it stays, and that it is explained. */
#include "unit.h"

#include <gnswatch/testing.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000 };
#define START_MS ((int64_t)1772445600000)

static int on_delete(void *data, const char *params, char **reply)
{
    json_t *json = json_loads(params, 0, NULL);
    gwt_delete(data, "gns3.snapshot", json_string_value(json_object_get(json, "id")));
    json_decref(json);
    *reply = strdup("{\"deleted\":true}");
    return 0;
}

static void put(struct gwt *test, const char *project, const char *name, int days)
{
    char id[100], json[400];
    snprintf(id, sizeof id, "%s/%s", project, name);
    snprintf(json, sizeof json,
             "{\"server\":\"lab\",\"project\":\"%s\",\"project_name\":\"%s\",\"name\":\"%s\","
             "\"created_at\":%lld}",
             project, project, name, (long long)(START_MS - (int64_t)days * DAY_MS));
    gwt_put(test, "gns3.snapshot", id, json);
}

/* Five of one project, one of another, and some that are not ours. */
static struct gwt *begin(const char *file)
{
    struct gwt *test = gwt_new(&gnswatch_plugin, file, START_MS);
    assert_non_null(test);
    gwt_offer(test, "gns3.snapshot.delete", on_delete, test);
    gwt_put(test, "gns3.server", "lab",
            "{\"name\":\"lab\",\"url\":\"http://192.0.2.1:3080\",\"status\":\"up\"}");
    for (int i = 1; i <= 2; i++)
        gwt_put(test, "gns3.project", i == 1 ? "p1" : "p2",
                "{\"server\":\"lab\",\"name\":\"net\",\"status\":\"opened\"}");
    put(test, "p1", "before-restore-20260301-100000", 1);
    put(test, "p1", "before-restore-2-20260220-100000", 10);
    put(test, "p1", "before-restore-20260130-100000", 31);
    put(test, "p1", "before-restore-20260121-100000", 40);
    put(test, "p1", "before-restore-20251222-100000", 70);
    put(test, "p2", "before-restore-20250101-100000", 425);
    put(test, "p1", "before-restore-mine", 500);
    put(test, "p1", "before-restore-2026", 500);
    put(test, "p1", "golden", 500);
    return test;
}

static void none_goes_that_is_young_among_the_last_or_not_ours(void **state)
{
    (void)state;
    struct gwt *test = begin("every: 1h\nbefore_restore: {last: 1, for: 35d}\n");
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 2 * HOUR_MS);
    assert_int_equal(gwt_asked(test, "gns3.snapshot.delete"), 2);
    assert_int_equal(gwt_objects(test, "gns3.snapshot"), 7);
    const char *const gone[] = {"p1/before-restore-20260121-100000",
                                "p1/before-restore-20251222-100000"};
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(gwt_member(test, "gns3.snapshot", gone[i], "name"), "");
    assert_int_equal(gwt_events(test, "snapshot.removed"), 2);
    gwt_run(test, 5 * (int64_t)DAY_MS); /* that of 31 days is 36 old now */
    assert_int_equal(gwt_asked(test, "gns3.snapshot.delete"), 3);
    gwt_run(test, 90 * (int64_t)DAY_MS);
    assert_int_equal(gwt_objects(test, "gns3.snapshot"),
                     5); /* the newest of both, and those three */
    gwt_free(test);
}

static void a_dry_run_explains_and_pins_stay(void **state)
{
    (void)state;
    struct gwt *test = begin("");
    const char *reply;
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(gwt_call(test, "snapshot.copy.pin",
                              "{\"id\":\"p1/before-restore-20251222-100000\",\"pinned\":true}",
                              NULL),
                     0);
    assert_int_equal(gwt_call(test, "snapshot.prune", "{\"schedule\":\"before-restore\"}", &reply),
                     0);
    static const char *const said[][2] = {
        {"before-restore-20260301-100000", "last 1"},
        {"before-restore-2-20260220-100000", "last 2"},
        {"before-restore-20260130-100000", "last 3"},
        {"before-restore-20260121-100000", ""},
        {"before-restore-20251222-100000", "pinned"},
        {"before-restore-20250101-100000", "last 1"},
    };
    json_t *json = json_loads(reply, 0, NULL), *decision;
    size_t i;
    assert_true(json_is_true(json_object_get(json, "dry_run")));
    json_t *decisions = json_object_get(json, "decisions");
    assert_int_equal(json_array_size(decisions), 6);
    json_array_foreach(decisions, i, decision)
    {
        const char *name = json_string_value(json_object_get(decision, "name"));
        const char *text = json_string_value(json_object_get(decision, "text"));
        for (size_t k = 0; k < 6; k++)
            if (strcmp(said[k][0], name) == 0)
                assert_string_equal(text, *said[k][1] ? said[k][1] : "no rule keeps it");
    }
    json_decref(json);
    assert_int_equal(gwt_asked(test, "gns3.snapshot.delete"), 0);
    gwt_run(test, MINUTE_MS);
    assert_int_equal(gwt_asked(test, "gns3.snapshot.delete"), 1);
    gwt_free(test);
}

static void a_schedule_cannot_have_their_name(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin,
                               "schedules: [{name: before-restore, cron: '@daily'}]\n", START_MS);
    assert_non_null(test);
    assert_true(gwt_start(test) < 0);
    assert_non_null(strstr(gwt_last_error(test), "choose another name"));
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_goes_that_is_young_among_the_last_or_not_ours),
        cmocka_unit_test(a_dry_run_explains_and_pins_stay),
        cmocka_unit_test(a_schedule_cannot_have_their_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
