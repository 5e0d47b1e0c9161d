/* The whole plugin on a test host; GNS3 is played: one project of two nodes, whose states,
 * snapshots and archive are the test's. */
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <gnswatch/testing.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

/* 2026-03-02 10:00 UTC, a Monday; in Paris it is 11:00. */
#define START_MS ((int64_t)1772445600000)

#define CONF                                                                              \
    "every: 1s\nready_within: 0s\nschedules:\n  - name: nightly\n    cron: 30 11 * * *\n" \
    "    zone: Europe/Paris\n    mode: quiesce\n    catch_up: 2h\n    ready_within: 0s\n"

struct lab {
    struct gwt *test;
    bool started[2];
    bool hang_create;      /* no answer to the creation */
    bool start_other;      /* somebody starts a node while it is taken */
    bool start_after_stop; /* or when all are just stopped */
    bool left_out;         /* the archive lacks the files of PC2 */
    int snapshots, deleted, starts, stops, creates;
    int projects_deleted;
    char name[100];     /* of the last snapshot */
    char imported[100]; /* of the last project */
};

static int answer(char **reply, json_t *json)
{
    *reply = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return 0;
}

static json_t *node(const struct lab *lab, int i)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id", i ? "n2" : "n1", "node_id",
                     i ? "n2" : "n1", "name", i ? "PC2" : "PC1", "node_type", "vpcs", "status",
                     lab->started[i] ? "started" : "stopped", "console_type", "none", "compute_id",
                     "local");
}

static int on_sync(void *data, const char *params, char **reply)
{
    const struct lab *lab = data;
    (void)params;
    return answer(reply, json_pack("{s:{s:s,s:s},s:[o,o],s:[]}", "project", "id", "p1", "status",
                                   "opened", "nodes", node(lab, 0), node(lab, 1), "snapshots"));
}

static int which(const char *params)
{
    return strstr(params, "n2") ? 1 : 0;
}

static int on_start(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    lab->starts++;
    lab->started[which(params)] = true;
    return answer(reply, node(lab, which(params)));
}

static int on_stop(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    lab->stops++;
    lab->started[which(params)] = false;
    if (lab->start_after_stop && which(params) == 0) { /* groups go backwards: PC1 is the last */
        lab->start_after_stop = false;
        lab->started[1] = true;
    }
    return answer(reply, node(lab, which(params)));
}

static void snapshot_id(const struct lab *lab, char *id, size_t size)
{
    snprintf(id, size, "p1/%s@1", lab->name);
}

static int on_create(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    json_t *json = json_loads(params, 0, NULL), *snapshot;
    char id[200];
    lab->creates++;
    snprintf(lab->name, sizeof lab->name, "%s", json_string_value(json_object_get(json, "name")));
    json_decref(json);
    if (lab->hang_create)
        return -EINPROGRESS;
    if (lab->start_other) {
        lab->start_other = false;
        lab->started[0] = true;
    }
    lab->snapshots++;
    snapshot_id(lab, id, sizeof id);
    snapshot = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I}", "id", id, "server", "lab", "project", "p1",
                         "project_name", "net", "name", lab->name, "created_at",
                         (json_int_t)gwt_now_ms(lab->test));
    char *text = json_dumps(snapshot, JSON_COMPACT);
    gwt_put(lab->test, "gns3.snapshot", id, text);
    free(text);
    return answer(reply, snapshot);
}

static int on_delete(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    json_t *json = json_loads(params, 0, NULL);
    lab->deleted++;
    gwt_delete(lab->test, "gns3.snapshot", json_string_value(json_object_get(json, "id")));
    json_decref(json);
    return answer(reply, json_pack("{s:b}", "deleted", 1));
}

static void add(struct archive *archive, const char *name, const char *text)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)strlen(text));
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    archive_write_data(archive, text, strlen(text));
    archive_entry_free(entry);
}

static int on_fetch(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    json_t *json = json_loads(params, 0, NULL);
    struct archive *archive = archive_write_new();
    archive_write_set_format_zip(archive);
    assert_int_equal(
        archive_write_open_filename(archive, json_string_value(json_object_get(json, "path"))),
        ARCHIVE_OK);
    add(archive, "project.gns3",
        "{\"topology\":{\"nodes\":[{\"name\":\"PC1\",\"node_type\":\"vpcs\",\"node_id\":\"n1\"},"
        "{\"name\":\"PC2\",\"node_type\":\"vpcs\",\"node_id\":\"n2\"}]}}");
    add(archive, "project-files/vpcs/n1/startup.vpc", "a");
    if (!lab->left_out)
        add(archive, "project-files/vpcs/n2/startup.vpc", "b");
    archive_write_free(archive);
    json_decref(json);
    return answer(reply, json_pack("{s:i}", "bytes", 1));
}

/* ---- The world ------------------------------------------------------------------------------- */

static struct lab *begin(const char *conf)
{
    struct lab *lab = calloc(1, sizeof *lab);
    lab->test = gwt_new(&gnswatch_plugin, conf, START_MS);
    assert_non_null(lab->test);
    lab->started[0] = lab->started[1] = true;
    gwt_offer(lab->test, "gns3.project.sync", on_sync, lab);
    gwt_offer(lab->test, "gns3.node.start", on_start, lab);
    gwt_offer(lab->test, "gns3.node.stop", on_stop, lab);
    gwt_offer(lab->test, "gns3.snapshot.create", on_create, lab);
    gwt_offer(lab->test, "gns3.snapshot.delete", on_delete, lab);
    gwt_offer(lab->test, "gns3.snapshot.fetch", on_fetch, lab);
    gwt_put(lab->test, "gns3.server", "lab",
            "{\"name\":\"lab\",\"url\":\"http://192.0.2.1:3080\",\"status\":\"up\"}");
    gwt_put(lab->test, "gns3.project", "p1",
            "{\"server\":\"lab\",\"name\":\"net\",\"status\":\"opened\"}");
    assert_int_equal(gwt_start(lab->test), 0);
    return lab;
}

static void end(struct lab *lab)
{
    gwt_stop(lab->test);
    gwt_free(lab->test);
    free(lab);
}

static bool first_ended(void *data)
{
    struct lab *lab = data;
    const char *state = gwt_member(lab->test, "snapshot.run", "1", "state");
    return *state && strcmp(state, "waiting") != 0 && strcmp(state, "running") != 0;
}

static const char *run_member(struct lab *lab, const char *number, const char *member)
{
    return gwt_member(lab->test, "snapshot.run", number, member);
}

static void expect_run(struct lab *lab, const char *number, const char *state, const char *part)
{
    if (strcmp(run_member(lab, number, "state"), state) != 0)
        fail_msg("run %s is not %s: %s", number, state,
                 gwt_object(lab->test, "snapshot.run", number));
    if (!strstr(run_member(lab, number, "text"), part))
        fail_msg("'%s' is not in '%s'", part, run_member(lab, number, "text"));
}

/* ---- Schedules ------------------------------------------------------------------------------- */

static void a_schedule_runs_at_its_time_in_its_zone(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    gwt_run(lab->test, 29 * MINUTE_MS);
    assert_int_equal(gwt_objects(lab->test, "snapshot.run"), 0);
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "done", "whole");
    assert_int_equal(lab->stops, 2);
    assert_int_equal(lab->starts, 2);
    assert_true(lab->started[0] && lab->started[1]);
    assert_string_equal(lab->name, "nightly-20260302-113000");
    assert_int_equal(gwt_events(lab->test, "snapshot.taken"), 1);
    char id[200];
    snapshot_id(lab, id, sizeof id);
    assert_string_equal(gwt_member(lab->test, "snapshot.copy", id, "verified"), "ok");
    assert_string_equal(gwt_member(lab->test, "snapshot.copy", id, "schedule"), "nightly");
    end(lab);
}

static void only_what_ran_is_stopped_and_started(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    lab->started[1] = false;
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nightly\"}", NULL), 0);
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "done", "whole");
    assert_int_equal(lab->stops, 1);
    assert_int_equal(lab->starts, 1);
    assert_true(lab->started[0] && !lab->started[1]);
    end(lab);
}

static void a_missed_time_is_made_up_for_once_within_catch_up(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    gwt_run(lab->test, MINUTE_MS);
    gwt_stop(lab->test);
    gwt_set_clock(lab->test, START_MS + HOUR_MS); /* it was due half an hour ago */
    assert_int_equal(gwt_start(lab->test), 0);
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    gwt_run(lab->test, 10 * MINUTE_MS);
    assert_int_equal(lab->creates, 1);
    gwt_stop(lab->test);
    gwt_set_clock(lab->test, START_MS + (int64_t)48 * HOUR_MS + 4 * HOUR_MS); /* 3.5 hours ago */
    assert_int_equal(gwt_start(lab->test), 0);
    gwt_run(lab->test, 10 * MINUTE_MS);
    assert_int_equal(lab->creates, 1);
    assert_int_equal(gwt_events(lab->test, "snapshot.skipped"), 1);
    end(lab);
}

/* ---- Killed in the middle -------------------------------------------------------------------- */

static bool is_created(void *data)
{
    return ((struct lab *)data)->creates == 1;
}

static bool second_ended(void *data)
{
    struct lab *lab = data;
    return strcmp(run_member(lab, "1", "state"), "failed") == 0 && lab->started[0] &&
           lab->started[1] && strcmp(run_member(lab, "3", "state"), "done") == 0;
}

static void killed_while_it_is_taken_the_nodes_run_again(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    lab->hang_create = true;
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nightly\"}", NULL), 0);
    assert_true(gwt_run_until(lab->test, is_created, lab, MINUTE_MS));
    assert_false(lab->started[0] || lab->started[1]);
    gwt_kill(lab->test);
    lab->hang_create = false;
    assert_int_equal(gwt_start(lab->test), 0);
    assert_true(gwt_run_until(lab->test, second_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "failed", "2 nodes were started again");
    end(lab);
}

/* GNS3 goes on with what it has begun: it shows after the run has been given up. */
static void a_snapshot_that_comes_to_light_late_is_deleted_but_only_ours(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    lab->hang_create = true;
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nightly\"}", NULL), 0);
    assert_true(gwt_run_until(lab->test, is_created, lab, MINUTE_MS));
    gwt_answer(lab->test, "gns3.snapshot.create", -ETIMEDOUT, "{\"detail\":\"no answer\"}");
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "failed", "no answer");
    assert_true(lab->started[0] && lab->started[1]);
    char id[200], text[600];
    snapshot_id(lab, id, sizeof id);
    snprintf(text, sizeof text, "{\"server\":\"lab\",\"project\":\"p1\",\"name\":\"%s\"}",
             lab->name);
    gwt_put(lab->test, "gns3.snapshot", "p1/other@1",
            "{\"server\":\"lab\",\"project\":\"p1\",\"name\":\"other\"}");
    gwt_put(lab->test, "gns3.snapshot", id, text);
    gwt_run(lab->test, 5000);
    assert_int_equal(lab->deleted, 1);
    assert_non_null(strstr(gwt_asked_params(lab->test, "gns3.snapshot.delete", 0), lab->name));
    gwt_run(lab->test, 3 * (int64_t)HOUR_MS); /* later that name is nothing special */
    gwt_put(lab->test, "gns3.snapshot", id, text);
    gwt_run(lab->test, 5000);
    assert_int_equal(lab->deleted, 1);
    end(lab);
}

#define STORAGE "http://s3.invalid:9000/labs/"
#define CLOUD                                                                   \
    CONF "    targets: [cloud]\ntargets:\n  - name: cloud\n    s3: {endpoint: " \
         "'http://s3.invalid:9000', bucket: labs, access_key: key, secret_key: secret}\n"

static bool is_sending(void *data)
{
    return gwt_requests(((struct lab *)data)->test, STORAGE) == 1;
}

static void stopped_while_it_is_copied_away_it_is_copied_later(void **state)
{
    (void)state;
    struct lab *lab = begin(CLOUD);
    gwt_http(lab->test, "PUT", STORAGE "*", 200, "", 0);
    gwt_http_slow(lab->test, MINUTE_MS);
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nightly\"}", NULL), 0);
    assert_true(gwt_run_until(lab->test, is_sending, lab, 5 * MINUTE_MS));
    gwt_stop(lab->test);
    assert_int_equal(gwt_events(lab->test, "snapshot.copy.failed"), 0);
    assert_int_equal(gwt_start(lab->test), 0);
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "done", "whole");
    assert_int_equal(gwt_requests(lab->test, STORAGE), 2);
    assert_int_equal(gwt_events(lab->test, "snapshot.copied"), 1);
    assert_true(lab->started[0] && lab->started[1]);
    end(lab);
}

/* ---- Drills ---------------------------------------------------------------------------------- */

#define DRILL CONF "drills:\n  - name: try\n    cron: 45 10 * * *\n    zone: UTC\n"

static int on_import(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    json_t *json = json_loads(params, 0, NULL);
    snprintf(lab->imported, sizeof lab->imported, "%s",
             json_string_value(json_object_get(json, "name")));
    json_decref(json);
    return answer(reply, json_pack("{s:s}", "id", "p2"));
}

static int on_open(void *data, const char *params, char **reply)
{
    (void)data;
    assert_non_null(strstr(params, "p2"));
    return answer(reply, json_pack("{s:s}", "id", "p2"));
}

static int on_project_delete(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    assert_non_null(strstr(params, "p2")); /* never the original */
    lab->projects_deleted++;
    return answer(reply, json_pack("{s:b}", "deleted", 1));
}

static bool drill_ended(void *data)
{
    struct lab *lab = data;
    return gwt_events(lab->test, "snapshot.drill.*") > 0;
}

static void a_drill_that_is_due_tries_the_newest_good_one_and_clears_up(void **state)
{
    (void)state;
    struct lab *lab = begin(DRILL);
    gwt_offer(lab->test, "gns3.project.import", on_import, lab);
    gwt_offer(lab->test, "gns3.project.open", on_open, lab);
    gwt_offer(lab->test, "gns3.project.delete", on_project_delete, lab);
    assert_true(gwt_run_until(lab->test, drill_ended, lab, 60 * (int64_t)MINUTE_MS));
    assert_int_equal(gwt_events(lab->test, "snapshot.drill.ok"), 1);
    assert_int_equal(lab->projects_deleted, 1);
    assert_non_null(strstr(lab->imported, "gnswatch-drill-net-"));
    char id[200];
    snapshot_id(lab, id, sizeof id);
    assert_non_null(
        strstr(gwt_member(lab->test, "snapshot.copy", id, "drill.text"), "all 2 nodes are there"));
    end(lab);
}

/* ---- Torn, damaged, no room ------------------------------------------------------------------ */

static void what_somebody_tore_is_deleted_and_taken_again(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    lab->start_other = true;
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nightly\"}", NULL), 0);
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "done", "whole");
    assert_int_equal(lab->creates, 2);
    assert_int_equal(lab->deleted, 1);
    assert_true(lab->started[0] && lab->started[1]);
    end(lab);
}

static void what_somebody_starts_before_it_is_taken_is_stopped_again(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    lab->start_after_stop = true;
    lab->started[1] = false; /* it did not run at first, but somebody wants it */
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nightly\"}", NULL), 0);
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "done", "whole");
    assert_int_equal(lab->creates, 1);
    assert_true(lab->started[0] && lab->started[1]);
    end(lab);
}

static void files_left_out_are_found_by_the_snapshot_before(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    const char *reply;
    lab->started[0] = lab->started[1] = false;
    assert_int_equal(
        gwt_call(lab->test, "snapshot.take", "{\"project\":\"net\",\"name\":\"a\"}", &reply), 0);
    lab->left_out = true;
    gwt_run(lab->test, 2000);
    assert_int_equal(
        gwt_call(lab->test, "snapshot.take", "{\"project\":\"net\",\"name\":\"b\"}", &reply), -EIO);
    assert_non_null(strstr(reply, "startup.vpc"));
    assert_int_equal(gwt_events(lab->test, "snapshot.damaged"), 1);
    end(lab);
}

static void gns3s_own_warning_makes_it_bad(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    lab->hang_create = true;
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nightly\"}", NULL), 0);
    assert_true(gwt_run_until(lab->test, is_created, lab, MINUTE_MS));
    gwt_say(lab->test, "gns3.log.warning", GW_WARNING, "gns3.project", "p1", "warning",
            "{\"server\":\"lab\",\"project\":\"p1\",\"message\":\"Could not export file /x: no\"}");
    gwt_run(lab->test, 1000);
    char id[200], text[600];
    snapshot_id(lab, id, sizeof id);
    snprintf(text, sizeof text,
             "{\"id\":\"%s\",\"server\":\"lab\",\"project\":\"p1\",\"project_name\":\"net\","
             "\"name\":\"%s\",\"created_at\":%lld}",
             id, lab->name, (long long)gwt_now_ms(lab->test));
    gwt_put(lab->test, "gns3.snapshot", id, text);
    gwt_answer(lab->test, "gns3.snapshot.create", 0, text);
    assert_true(gwt_run_until(lab->test, first_ended, lab, 5 * MINUTE_MS));
    expect_run(lab, "1", "failed", "Could not export");
    assert_true(lab->started[0] && lab->started[1]);
    end(lab);
}

static void a_full_disk_takes_no_more(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    const char *reply;
    gwt_row(lab->test, "gns3.compute", "server=lab,compute=local", "connected,disk",
            (double[]){1, 95});
    assert_int_equal(
        gwt_call(lab->test, "snapshot.take", "{\"project\":\"net\",\"mode\":\"quiesce\"}", &reply),
        -EBUSY);
    assert_non_null(strstr(reply, "95 % full"));
    assert_int_equal(lab->stops, 0);
    end(lab);
}

/* ---- Asked for wrongly ----------------------------------------------------------------------- */

static void unknown_things_are_refused(void **state)
{
    (void)state;
    struct lab *lab = begin(CONF);
    assert_int_equal(gwt_call(lab->test, "snapshot.take", "{\"project\":\"nope\"}", NULL), -ENOENT);
    assert_int_equal(gwt_call(lab->test, "snapshot.schedule.run", "{\"id\":\"nope\"}", NULL),
                     -ENOENT);
    assert_int_equal(gwt_call(lab->test, "snapshot.prune", "{\"schedule\":\"nope\"}", NULL),
                     -ENOENT);
    assert_int_equal(gwt_call(lab->test, "snapshot.copy.verify", "{\"id\":\"nope\"}", NULL),
                     -ENOENT);
    end(lab);
}

static void mistakes_in_the_file_are_named(void **state)
{
    (void)state;
    char *said = gwt_check(&gnswatch_plugin, "schedules:\n  - name: a\n    cron: 61 * * * *\n");
    assert_non_null(strstr(said, "minute"));
    gw_free(said);
    struct gwt *test = gwt_new(&gnswatch_plugin, "targets:\n  - name: nowhere\n", START_MS);
    assert_non_null(test);
    assert_int_equal(gwt_start(test), -EINVAL);
    assert_non_null(strstr(gwt_last_error(test), "nowhere"));
    gwt_free(test);
    test = gwt_new(&gnswatch_plugin, CONF "    targets: [gone]\n", START_MS);
    assert_int_equal(gwt_start(test), -EINVAL);
    assert_non_null(strstr(gwt_last_error(test), "gone"));
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schedule_runs_at_its_time_in_its_zone),
        cmocka_unit_test(only_what_ran_is_stopped_and_started),
        cmocka_unit_test(a_missed_time_is_made_up_for_once_within_catch_up),
        cmocka_unit_test(killed_while_it_is_taken_the_nodes_run_again),
        cmocka_unit_test(a_snapshot_that_comes_to_light_late_is_deleted_but_only_ours),
        cmocka_unit_test(stopped_while_it_is_copied_away_it_is_copied_later),
        cmocka_unit_test(a_drill_that_is_due_tries_the_newest_good_one_and_clears_up),
        cmocka_unit_test(what_somebody_tore_is_deleted_and_taken_again),
        cmocka_unit_test(what_somebody_starts_before_it_is_taken_is_stopped_again),
        cmocka_unit_test(files_left_out_are_found_by_the_snapshot_before),
        cmocka_unit_test(gns3s_own_warning_makes_it_bad),
        cmocka_unit_test(a_full_disk_takes_no_more),
        cmocka_unit_test(unknown_things_are_refused),
        cmocka_unit_test(mistakes_in_the_file_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
