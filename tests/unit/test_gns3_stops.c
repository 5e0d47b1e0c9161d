/* What the gns3 plugin says of nodes that stop: asked for, closing, crashed. */
#include "unit.h"

#include "gns3_story.h"

#include <string.h>

#define BOTH_STOPPED "[" NODE(N1, "PC1", "stopped") "," NODE(N2, "PC2", "stopped") "]"
#define BOTH_STARTED "[" NODE(N1, "PC1", "started") "," NODE(N2, "PC2", "started") "]"

static const char crash[] = "{\"message\":\"VPCS process has stopped, return code: -9\\nno more\"}";

static struct lab *begin(bool feeds)
{
    struct lab *lab = lab_new("lab", feeds);
    story_begin(lab, "lab");
    lab_run(lab, 6000);
    return lab;
}

static void a_stop_nobody_asked_for_is_said_after_the_next_list(void **state)
{
    (void)state;
    struct lab *lab = begin(false);
    story_lists(lab, "lab", BOTH_STOPPED, NULL);
    lab_run(lab, 12000);
    assert_int_equal(lab_events(lab, "gns3.node.stopped"), 1);
    assert_int_equal(lab_events(lab, "gns3.node.crashed"), 0);
    lab_free(lab);
}

static void our_own_stop_is_said_at_once(void **state)
{
    (void)state;
    struct lab *lab = begin(false);
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N1 "/stop", 200, "{}");
    story_lists(lab, "lab", BOTH_STOPPED, NULL);
    assert_int_equal(lab_call(lab, "gns3.node.stop", "{\"id\":\"" N1 "\"}", NULL), 0);
    assert_int_equal(lab_events(lab, "gns3.node.stopped"), 1);
    lab_feed(lab, "lab", P, "log.error", crash); /* GNS3 needed a SIGKILL */
    lab_run(lab, 20000);
    assert_int_equal(lab_events(lab, "gns3.node.stopped"), 1);
    assert_int_equal(lab_events(lab, "gns3.node.crashed"), 0);
    assert_int_equal(lab_events(lab, "gns3.log.error"), 1);
    lab_free(lab);
}

static void a_crash_is_known_by_the_feeds_message_after_the_stop(void **state)
{
    (void)state;
    struct lab *lab = begin(true);
    lab_feed(lab, "lab", P, "node.updated", NODE(N1, "PC1", "stopped"));
    lab_feed(lab, "lab", P, "node.updated", NODE(N1, "PC1", "stopped"));
    lab_run(lab, 400);
    lab_feed(lab, "lab", P, "log.error", crash);
    story_lists(lab, "lab", BOTH_STOPPED, NULL);
    lab_run(lab, 20000);
    assert_int_equal(lab_events(lab, "gns3.node.crashed"), 1);
    assert_int_equal(lab_events(lab, "gns3.node.stopped"), 0);
    lab_free(lab);
}

static void a_crash_is_known_by_a_message_before_the_stop(void **state)
{
    (void)state;
    struct lab *lab = begin(true);
    lab_feed(lab, "lab", P, "log.error", crash);
    lab_run(lab, 300);
    lab_feed(lab, "lab", P, "node.updated", NODE(N1, "PC1", "stopped"));
    assert_int_equal(lab_events(lab, "gns3.node.crashed"), 1);
    lab_free(lab);
}

static void the_feed_changes_objects_at_once(void **state)
{
    (void)state;
    struct lab *lab = begin(true);
    lab_feed(lab, "lab", P, "node.updated", NODE(N2, "PC2", "started"));
    json_t *json = lab_object(lab, "gns3.node", N2);
    assert_string_equal(json_string_value(json_object_get(json, "status")), "started");
    json_decref(json);
    assert_int_equal(lab_events(lab, "gns3.node.started"), 1);
    lab_feed(lab, "lab", P, "link.updated",
             LINK_OF(L1, N1, N2, ",\"capturing\":false,\"suspend\":true"));
    json = lab_object(lab, "gns3.link", L1);
    assert_string_equal(json_string_value(json_object_get(json, "status")), "suspended");
    json_decref(json);
    assert_int_equal(lab_events(lab, "gns3.link.changed"), 1);
    lab_feed(lab, "lab", P, "node.deleted", "{\"node_id\":\"" N2 "\",\"name\":\"PC2\"}");
    lab_feed(lab, "lab", P, "node.deleted", NODE(N2, "PC2", "stopped"));
    assert_int_equal(lab_events(lab, "gns3.node.deleted"), 1);
    assert_int_equal(lab_objects(lab, "gns3.node"), 1);
    lab_free(lab);
}

static void nodes_that_stop_while_a_project_closes_are_not_said(void **state)
{
    (void)state;
    struct lab *lab = lab_new("lab", false);
    story_around(lab, "lab");
    story_lists(lab, "lab", BOTH_STARTED, "[" LINK(L1, N1, N2) "]");
    lab_run(lab, 9000);
    story_lists(lab, "lab", "[" NODE(N1, "PC1", "stopped") "," NODE(N2, "PC2", "started") "]",
                NULL);
    lab_run(lab, 5200);
    story_lists(lab, "lab", BOTH_STOPPED, NULL);
    lab_run(lab, 1000);
    lab_answer(lab, "lab", "GET", "/projects", 200, PROJECT("closed", "false"));
    story_lists(lab, "lab", "[" CLOSED_NODE(N1, "PC1") "," CLOSED_NODE(N2, "PC2") "]", NULL);
    lab_run(lab, 30000);
    assert_int_equal(lab_events(lab, "gns3.project.closed"), 1);
    assert_true(lab_events(lab, "gns3.node.stopped") <= 1);
    lab_free(lab);
}

static void a_message_about_nothing_is_no_crash(void **state)
{
    (void)state;
    struct lab *lab = begin(true);
    lab_feed(lab, "lab", P, "log.error",
             "{\"message\":\"QEMU process has stopped, return code: 1\"}");
    lab_feed(lab, "lab", P, "log.error", "{\"message\":12}");
    lab_feed(lab, "lab", P, "log.error", "not json");
    lab_feed(lab, "lab", P, "node.updated", "{\"node_id\":null}");
    lab_feed(lab, "lab", P, "node.updated", "[]");
    lab_feed(lab, "lab", P, "link.created", "{\"link_id\":\"x\",\"nodes\":[{},{}]}");
    lab_feed(lab, "lab", "unknown-project", "node.updated", NODE(N1, "PC1", "stopped"));
    lab_run(lab, 20000);
    assert_int_equal(lab_events(lab, "gns3.node.crashed"), 0);
    assert_int_equal(lab_events(lab, "gns3.log.error"), 1);
    assert_int_equal(lab_objects(lab, "gns3.node"), 2);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_nobody_asked_for_is_said_after_the_next_list),
        cmocka_unit_test(our_own_stop_is_said_at_once),
        cmocka_unit_test(a_crash_is_known_by_the_feeds_message_after_the_stop),
        cmocka_unit_test(a_crash_is_known_by_a_message_before_the_stop),
        cmocka_unit_test(the_feed_changes_objects_at_once),
        cmocka_unit_test(nodes_that_stop_while_a_project_closes_are_not_said),
        cmocka_unit_test(a_message_about_nothing_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
