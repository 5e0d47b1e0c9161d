/* The gns3 plugin's lists into objects: what stays, what changes, what goes. */
#include "unit.h"

#include "gns3_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_text(struct lab *lab, const char *kind, const char *id, const char *name,
                        const char *value)
{
    json_t *json = lab_object(lab, kind, id);
    const char *text = json_string_value(json_object_get(json, name));
    if (!text || strcmp(text, value) != 0)
        fail_msg("%s %s: %s is '%s', not '%s'", kind, id, name, text ? text : "(none)", value);
    json_decref(json);
}

static void expect_number(struct lab *lab, const char *kind, const char *id, const char *name,
                          int64_t value)
{
    json_t *json = lab_object(lab, kind, id);
    const json_t *number = json_object_get(json, name);
    if (!json_is_integer(number) || json_integer_value(number) != value)
        fail_msg("%s %s: %s is not %lld", kind, id, name, (long long)value);
    json_decref(json);
}

static void a_server_becomes_objects_and_series(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    expect_text(lab, "gns3.server", "lab", "status", "up");
    expect_text(lab, "gns3.server", "lab", "api", "v2");
    expect_text(lab, "gns3.compute", "lab/local", "name", "here");
    expect_text(lab, "gns3.project", P, "status", "opened");
    expect_number(lab, "gns3.project", P, "started_count", 1);
    expect_number(lab, "gns3.project", P, "drawing_count", 1);
    expect_text(lab, "gns3.node", N1, "status", "started");
    expect_text(lab, "gns3.node", N1, "project_name", "demo");
    expect_text(lab, "gns3.link", L1, "name", "PC1 e0 – PC2 e0");
    expect_text(lab, "gns3.link", L1, "status", "up");
    assert_int_equal(lab_objects(lab, "gns3.template"), 1);
    lab_run(lab, 20000);
    assert_true(lab_series(lab, "gns3.node/lab/demo/PC1") >= 3);
    assert_true(lab_series(lab, "gns3.project/lab/demo") >= 3);
    assert_true(lab_series(lab, "gns3.compute/lab/local") >= 3);
    assert_true(lab_series(lab, "gns3.server/lab") >= 4);
    assert_int_equal(lab_events(lab, "gns3.node.created"), 0);
    assert_int_equal(lab_errors(lab), 0);
    lab_free(lab);
}

static void lists_that_do_not_change_change_nothing(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 10000);
    size_t puts = lab_puts(lab), requests = lab_requests(lab, "/nodes");
    lab_run(lab, 60000);
    assert_true(lab_requests(lab, "/nodes") >= requests + 10);
    assert_int_equal(lab_puts(lab), puts);
    lab_free(lab);
}

static void a_restore_with_new_ids_keeps_the_objects(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 8000);
    story_lists(lab, "lab",
                "[" NODE("n-new-2", "PC2", "stopped") "," NODE("n-new-1", "PC1", "stopped") "]",
                "[" LINK("l-new-1", "n-new-2", "n-new-1") "]");
    lab_run(lab, 20000);
    expect_text(lab, "gns3.node", N1, "node_id", "n-new-1");
    expect_text(lab, "gns3.node", N1, "status", "stopped");
    expect_text(lab, "gns3.node", N2, "node_id", "n-new-2");
    expect_text(lab, "gns3.link", L1, "link_id", "l-new-1");
    assert_int_equal(lab_objects(lab, "gns3.node"), 2);
    assert_int_equal(lab_objects(lab, "gns3.link"), 1);
    assert_int_equal(lab_events(lab, "gns3.snapshot.restored"), 1);
    assert_int_equal(lab_events(lab, "gns3.node.stopped"), 0);
    assert_int_equal(lab_events(lab, "gns3.node.deleted"), 0);
    assert_int_equal(lab_events(lab, "gns3.link.deleted"), 0);
    assert_false(lab_series_ended(lab, "gns3.node/lab/demo/PC1"));
    lab_free(lab);
}

static void recorded_restores_keep_the_objects(void **state)
{
    (void)state;
    char *before = lab_recording("30/067_nodes_stopped.json"),
         *after = lab_recording("30/118_nodes_after_restore.json"),
         *links = lab_recording("30/068_links.json"),
         *links_after = lab_recording("30/119_links_after_restore.json");
    if (!before || !after || !links || !links_after) {
        print_message("the recordings of GNS3 are not there (GNSWATCH_RECORDINGS)\n");
        free(before);
        free(after);
        free(links);
        free(links_after);
        skip();
    }
    struct lab *lab = lab_new("lab", false);
    story_around(lab, "lab");
    lab_version(lab, "lab", "3.0.6");
    story_lists(lab, "lab", before, links);
    lab_run(lab, 20000);
    json_t *was = json_loads(before, 0, NULL), *is = json_loads(after, 0, NULL);
    size_t count = json_array_size(was), kept = 0;
    assert_int_equal(lab_objects(lab, "gns3.node"), count);
    size_t link_count = lab_objects(lab, "gns3.link");
    assert_true(count >= 4 && link_count >= 3);
    story_lists(lab, "lab", after, links_after);
    lab_run(lab, 20000);
    for (size_t i = 0; i < count; i++) {
        const char *id = json_string_value(json_object_get(json_array_get(was, i), "node_id"));
        const char *name = json_string_value(json_object_get(json_array_get(was, i), "name"));
        for (size_t j = 0; j < json_array_size(is); j++) {
            const json_t *now = json_array_get(is, j);
            if (strcmp(json_string_value(json_object_get(now, "name")), name) != 0)
                continue;
            expect_text(lab, "gns3.node", id, "node_id",
                        json_string_value(json_object_get(now, "node_id")));
            kept++;
        }
    }
    assert_true(kept >= 4);
    assert_int_equal(lab_errors(lab), 0);
    json_decref(was);
    json_decref(is);
    free(before);
    free(after);
    free(links);
    free(links_after);
    lab_free(lab);
}

static void ids_stay_over_a_restart(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 5000);
    story_lists(lab, "lab",
                "[" NODE("n-new-1", "PC1", "started") "," NODE("n-new-2", "PC2", "stopped") "]",
                "[" LINK("l-new-1", "n-new-1", "n-new-2") "]");
    lab_run(lab, 20000);
    size_t puts = lab_puts(lab);
    lab_restart(lab);
    lab_run(lab, 20000);
    assert_int_equal(lab_objects(lab, "gns3.node"), 2);
    expect_text(lab, "gns3.node", N1, "node_id", "n-new-1");
    expect_text(lab, "gns3.link", L1, "link_id", "l-new-1");
    /* Only the server says that it is being connected to, and that it is up. */
    assert_true(lab_puts(lab) <= puts + 6);
    assert_int_equal(lab_events(lab, "gns3.node.created"), 0);
    lab_free(lab);
}

static void a_node_without_ports_stays_over_a_restart(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    story_lists(lab, "lab",
                "[{\"node_id\":\"" N1 "\",\"name\":\"PC1\",\"node_type\":\"vpcs\","
                "\"status\":\"started\",\"compute_id\":\"local\",\"ports\":[]}]",
                "[]");
    lab_run(lab, 12000);
    lab_restart(lab);
    lab_run(lab, 6000);
    json_t *node = lab_object(lab, "gns3.node", N1);
    assert_string_equal(json_string_value(json_object_get(node, "status")), "started");
    assert_int_equal(json_array_size(json_object_get(node, "ports")), 0);
    json_decref(node);
    lab_free(lab);
}

static void two_servers_with_one_id_have_two_objects(void **state)
{
    (void)state;
    struct lab *lab = lab_new("a,b", false);
    story_begin(lab, "a");
    story_begin(lab, "b");
    lab_run(lab, 20000);
    expect_text(lab, "gns3.node", N1, "server", "a");
    expect_text(lab, "gns3.node", N1 "~b", "server", "b");
    expect_text(lab, "gns3.node", N1 "~b", "project", P "~b");
    assert_int_equal(lab_objects(lab, "gns3.node"), 4);
    assert_int_equal(lab_objects(lab, "gns3.template"), 2);
    lab_free(lab);
}

static void a_closed_project_shows_its_nodes_as_closed_without_stops(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 6000);
    lab_answer(lab, "lab", "GET", "/projects", 200, PROJECT("closed", "false"));
    story_lists(lab, "lab", "[" CLOSED_NODE(N1, "PC1") "," CLOSED_NODE(N2, "PC2") "]",
                "[" LINK_OF(L1, N1, N2, "") "]");
    lab_run(lab, 20000);
    expect_text(lab, "gns3.node", N1, "status", "closed");
    expect_text(lab, "gns3.node", N2, "status", "closed");
    expect_text(lab, "gns3.link", L1, "status", "closed");
    expect_text(lab, "gns3.link", L1, "name", "PC1 e0 – PC2 e0");
    expect_text(lab, "gns3.node", N1, "console_host", "0.0.0.0");
    assert_int_equal(lab_events(lab, "gns3.project.closed"), 1);
    assert_int_equal(lab_events(lab, "gns3.node.stopped"), 0);
    size_t requests = lab_requests(lab, "/nodes");
    lab_run(lab, 60000);
    assert_int_equal(lab_requests(lab, "/nodes"), requests);
    lab_free(lab);
}

static void what_is_deleted_goes_after_two_lists_without_it(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 6000);
    story_lists(lab, "lab", "[" NODE(N1, "PC1", "started") "]", "[]");
    lab_run(lab, 20000);
    assert_int_equal(lab_objects(lab, "gns3.node"), 1);
    assert_int_equal(lab_objects(lab, "gns3.link"), 0);
    assert_int_equal(lab_events(lab, "gns3.node.deleted"), 1);
    assert_true(lab_series_ended(lab, "gns3.node/lab/demo/PC2"));
    story_lists(lab, "lab",
                "[" NODE(N1, "PC1", "started") "," NODE("n-new-2", "PC2", "stopped") "]", NULL);
    lab_run(lab, 20000);
    expect_text(lab, "gns3.node", N2, "node_id", "n-new-2");
    assert_int_equal(lab_events(lab, "gns3.node.created"), 1);
    lab_free(lab);
}

static void a_server_that_is_down_keeps_its_objects(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 10000);
    lab_state(lab, "lab", CLIENT_DOWN);
    size_t nodes = lab_series(lab, "gns3.node/lab/demo/PC1"),
           up = lab_series(lab, "gns3.server/lab"), requests = lab_requests(lab, "GET");
    lab_run(lab, 60000);
    assert_int_equal(lab_objects(lab, "gns3.node"), 2);
    expect_text(lab, "gns3.server", "lab", "status", "down");
    assert_int_equal(lab_series(lab, "gns3.node/lab/demo/PC1"), nodes);
    assert_true(lab_series(lab, "gns3.server/lab") >= up + 11);
    assert_int_equal(lab_requests(lab, "GET"), requests);
    assert_int_equal(lab_events(lab, "gns3.server.down"), 1);
    lab_state(lab, "lab", CLIENT_UP);
    lab_run(lab, 6000);
    assert_true(lab_series(lab, "gns3.node/lab/demo/PC1") > nodes);
    lab_free(lab);
}

static void garbage_changes_nothing_and_is_said(void **state)
{
    (void)state;
    static const char *const garbage[] = {
        "",
        "<html>",
        "null",
        "{}",
        "[{\"node_id\":\"" N1 "\",\"na",
        "[1,2,3]",
        "[{\"node_id\":12,\"name\":[],\"node_type\":null,\"status\":{}}]",
        "[{\"node_id\":\"../x\",\"name\":\"PC1\",\"node_type\":\"vpcs\",\"status\":\"started\"}]",
        "[{\"node_id\":\"" N1
        "\",\"name\":\"PC1\",\"node_type\":\"vpcs\",\"status\":\"exploded\"}]",
    };
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        struct lab *lab = lab_new("lab", false);
        story_begin(lab, "lab");
        lab_run(lab, 6000);
        size_t errors = lab_errors(lab);
        story_lists(lab, "lab", garbage[i], garbage[i]);
        lab_answer(lab, "lab", "GET", "/projects/" P "/snapshots", 200, garbage[i]);
        lab_answer(lab, "lab", "GET", "/templates", 200, garbage[i]);
        lab_answer(lab, "lab", "GET", "/computes", 200, garbage[i]);
        lab_answer(lab, "lab", "GET", "/statistics", 200, garbage[i]);
        lab_run(lab, 130000);
        expect_text(lab, "gns3.node", N1, "status", "started");
        assert_int_equal(lab_objects(lab, "gns3.node"), 2);
        assert_int_equal(lab_objects(lab, "gns3.link"), 1);
        assert_int_equal(lab_objects(lab, "gns3.template"), 1);
        assert_true(lab_errors(lab) > errors);
        lab_answer(lab, "lab", "GET", "/projects", 200, garbage[i]);
        lab_run(lab, 60000);
        assert_int_equal(lab_objects(lab, "gns3.project"), 1);
        lab_free(lab);
    }
}

static void two_elements_with_one_name_do_not_share_a_series(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    story_lists(lab, "lab",
                "[" NODE(N1, "PC1", "started") "," NODE(N1, "PC1", "started") "," NODE(
                    "twin", "PC1", "started") "," NODE(N2, "PC2", "stopped") "]",
                NULL);
    lab_run(lab, 20000);
    story_lists(lab, "lab", "[" NODE("twin", "PC2", "started") "," NODE(N2, "PC1", "stopped") "]",
                NULL);
    lab_run(lab, 30000); /* the lab ends the test when a dead handle is used */
    assert_int_equal(lab_objects(lab, "gns3.node"), 2);
    lab_free(lab);
}

static void a_renamed_node_keeps_its_history(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 8000);
    story_lists(lab, "lab", "[" NODE(N1, "R1", "started") "," NODE(N2, "PC2", "stopped") "]", NULL);
    lab_run(lab, 8000);
    assert_true(lab_series(lab, "gns3.node/lab/demo/R1") >= 2);
    assert_int_equal(lab_series(lab, "gns3.node/lab/demo/PC1"), 0);
    expect_text(lab, "gns3.link", L1, "name", "R1 e0 – PC2 e0");
    lab_free(lab);
}

static void a_feed_is_opened_only_where_leaving_it_closes_nothing(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", true);
    story_begin(lab, "lab");
    assert_int_equal(lab_followed(lab, "lab"), 1);
    lab_free(lab);
    lab = lab_new("lab", false);
    story_begin(lab, "lab");
    assert_int_equal(lab_followed(lab, "lab"), 0);
    lab_free(lab);
    lab = lab_new("lab", true);
    story_begin(lab, "lab");
    lab_answer(lab, "lab", "GET", "/projects", 200, PROJECT("closed", "false"));
    lab_run(lab, 20000);
    assert_int_equal(lab_followed(lab, "lab"), 0);
    lab_answer(lab, "lab", "GET", "/projects", 200, PROJECT("opened", "true"));
    lab_run(lab, 20000);
    assert_int_equal(lab_followed(lab, "lab"), 0);
    lab_free(lab);
}

static void a_dead_compute_is_said_once_and_its_figures_end(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_answer(lab, "lab", "GET", "/statistics", 409,
               "{\"message\":\"Cannot connect to compute 'local'\",\"status\":409}");
    lab_feed(lab, "lab", NULL, "compute.updated",
             "{\"compute_id\":\"local\",\"connected\":false,\"cpu_usage_percent\":null}");
    lab_feed(lab, "lab", NULL, "compute.updated",
             "{\"compute_id\":\"local\",\"connected\":false,\"cpu_usage_percent\":null}");
    assert_int_equal(lab_events(lab, "gns3.compute.lost"), 1);
    lab_feed(lab, "lab", NULL, "compute.updated",
             "{\"compute_id\":\"local\",\"connected\":true,\"cpu_usage_percent\":3}");
    assert_int_equal(lab_events(lab, "gns3.compute.back"), 1);
    lab_free(lab);
}

static void what_a_full_cycle_may_cost_is_held(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    struct text projects = {0}, nodes = {0};
    text_puts(&projects, "[");
    text_puts(&nodes, "[");
    for (int i = 0; i < 100; i++) {
        text_format(&projects, "%s{\"name\":\"p%d\",\"project_id\":\"p%d\",\"status\":\"opened\"}",
                    i ? "," : "", i, i);
        text_format(&nodes,
                    "%s{\"node_id\":\"@-%d\",\"name\":\"PC%d\",\"node_type\":\"vpcs\","
                    "\"status\":\"stopped\",\"filler\":\"%01000d\"}",
                    i ? "," : "", i, i, 0);
    }
    text_puts(&projects, "]");
    text_puts(&nodes, "]");
    lab_answer(lab, "lab", "GET", "/projects", 200, text_string(&projects));
    for (int i = 0; i < 100; i++) {
        char path[64];
        snprintf(path, sizeof path, "/projects/p%d/nodes", i);
        char *own = strdup(text_string(&nodes));
        assert_non_null(own);
        lab_answer(lab, "lab", "GET", path, 200, own);
        free(own);
        snprintf(path, sizeof path, "/projects/p%d/links", i);
        lab_answer(lab, "lab", "GET", path, 200, "[]");
        snprintf(path, sizeof path, "/projects/p%d/snapshots", i);
        lab_answer(lab, "lab", "GET", path, 200, "[]");
        snprintf(path, sizeof path, "/projects/p%d/stats", i);
        lab_answer(lab, "lab", "GET", path, 200, "{\"drawings\":0}");
    }
    lab_run(lab, 60000);
    size_t before = lab_requests(lab, "/nodes");
    lab_run(lab, 100000);
    double reads = (double)(lab_requests(lab, "/nodes") - before) / 100;
    /* A list of 100 such nodes costs 1.1 + 0.07 x 110 = 8.8 ms; 4 % of a core are 40 ms a second.
     */
    assert_true(reads > 1.5 && reads < 4.6);
    for (int i = 0; i < 100; i++) {
        char path[64];
        snprintf(path, sizeof path, "/projects/p%d/nodes", i);
        assert_true(lab_requests(lab, path) >= 3);
    }
    text_fini(&projects);
    text_fini(&nodes);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_becomes_objects_and_series),
        cmocka_unit_test(lists_that_do_not_change_change_nothing),
        cmocka_unit_test(a_restore_with_new_ids_keeps_the_objects),
        cmocka_unit_test(recorded_restores_keep_the_objects),
        cmocka_unit_test(ids_stay_over_a_restart),
        cmocka_unit_test(a_node_without_ports_stays_over_a_restart),
        cmocka_unit_test(two_servers_with_one_id_have_two_objects),
        cmocka_unit_test(a_closed_project_shows_its_nodes_as_closed_without_stops),
        cmocka_unit_test(what_is_deleted_goes_after_two_lists_without_it),
        cmocka_unit_test(a_server_that_is_down_keeps_its_objects),
        cmocka_unit_test(garbage_changes_nothing_and_is_said),
        cmocka_unit_test(two_elements_with_one_name_do_not_share_a_series),
        cmocka_unit_test(a_renamed_node_keeps_its_history),
        cmocka_unit_test(a_feed_is_opened_only_where_leaving_it_closes_nothing),
        cmocka_unit_test(a_dead_compute_is_said_once_and_its_figures_end),
        cmocka_unit_test(what_a_full_cycle_may_cost_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
