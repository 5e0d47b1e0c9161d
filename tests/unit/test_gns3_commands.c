/* The gns3 plugin's commands: what they ask GNS3, what they answer, what they refuse. */
#include "unit.h"

#include "gns3_story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct lab *begin(void)
{
    struct lab *lab = lab_new("lab", false);
    story_begin(lab, "lab");
    lab_run(lab, 6000);
    return lab;
}

static void expect(struct lab *lab, int wanted, const char *command, const char *params,
                   const char *part)
{
    const char *answer;
    int error = lab_call(lab, command, params, &answer);
    if (error != wanted)
        fail_msg("%s: %d, not %d: %s", command, error, wanted, answer);
    if (!strstr(answer, part))
        fail_msg("%s: '%s' is not in: %s", command, part, answer);
}

static void start_answers_with_the_status_the_list_has(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N2 "/start", 200,
               NODE(N2, "PC2", "stopped")); /* stale, as 2.2 answers */
    story_lists(lab, "lab", "[" NODE(N1, "PC1", "started") "," NODE(N2, "PC2", "started") "]",
                NULL);
    expect(lab, 0, "gns3.node.start", "{\"id\":\"" N2 "\"}", "\"status\":\"started\"");
    assert_int_equal(lab_requests(lab, "POST"), 1);
    lab_free(lab);
}

static void a_command_that_did_not_take_is_said(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N1 "/suspend", 200, "{}");
    expect(lab, 0, "gns3.node.suspend", "{\"id\":\"" N1 "\"}", "\"warning\":");
    lab_free(lab);
}

static void refusals_are_in_gns3s_words_with_what_to_do(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N1 "/start", 403,
               "{\"message\":\"The project is not opened\",\"status\":403}");
    expect(lab, -EBUSY, "gns3.node.start", "{\"id\":\"" N1 "\"}", "Open the project first");
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N1 "/start", 403,
               "{\"message\":\"Permission denied (privilege Node.PowerMgmt is required)\"}");
    expect(lab, -EPERM, "gns3.node.start", "{\"id\":\"" N1 "\"}", "Node.PowerMgmt");
    expect(lab, -ENOENT, "gns3.node.stop", "{\"id\":\"nowhere\"}", "no node");
    expect(lab, -ENOENT, "gns3.project.open", "{\"id\":\"nowhere\"}", "no project");
    expect(lab, -ENOENT, "gns3.server.test", "{\"id\":\"nowhere\"}", "no GNS3 server");
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N1 "/start", 500,
               "{\"message\":\"x\"}");
    expect(lab, -EIO, "gns3.node.start", "{\"id\":\"" N1 "\"}", "x");
    lab_free(lab);
}

static void things_are_found_by_id_by_a_unique_name_or_within_their_project(void **state)
{
    (void)state;
    struct lab *lab = begin();
    const char *const calls[] = {N1, "PC1", "demo/PC1"};
    for (size_t i = 0; i < 3; i++) {
        char params[128];
        snprintf(params, sizeof params, "{\"id\":\"%s\"}", calls[i]);
        expect(lab, 0, "gns3.node.console", params, "\"port\":5000");
    }
    expect(lab, -ENOENT, "gns3.node.console", "{\"id\":\"other/PC1\"}", "'other/PC1'");
    lab_free(lab);
}

static void a_name_of_several_is_refused_with_what_they_are(void **state)
{
    (void)state;
    struct lab *lab = lab_new("a,b", false);
    story_begin(lab, "a");
    story_begin(lab, "b");
    story_lists(lab, "b", "[" NODE(N1, "PC1", "started") "," NODE(N2, "PC9", "stopped") "]", NULL);
    lab_run(lab, 12000);
    expect(lab, -EINVAL, "gns3.node.console", "{\"id\":\"PC1\"}",
           "2 nodes are called 'PC1': give project/name or the id, one of demo/PC1 (" N1
           "), demo/PC1 (" N1 "~b)");
    expect(lab, 0, "gns3.node.console", "{\"id\":\"" N1 "~b\"}", "\"port\":5000");
    expect(lab, 0, "gns3.node.console", "{\"id\":\"PC9\"}", "\"port\":5000");
    expect(lab, -EINVAL, "gns3.project.close", "{\"id\":\"demo\"}", "2 projects are called 'demo'");
    lab_answer(lab, "b", "POST", "/projects/" P "/close", 204, "");
    lab_answer(lab, "b", "GET", "/projects", 200, PROJECT("closed", "false"));
    expect(lab, 0, "gns3.project.close", "{\"id\":\"b/demo\"}", "\"server\":\"b\"");
    lab_free(lab);
}

static void snapshots_are_refused_while_nodes_run_and_for_names_that_are_paths(void **state)
{
    (void)state;
    struct lab *lab = begin();
    expect(lab, -EBUSY, "gns3.snapshot.create", "{\"project\":\"demo\",\"name\":\"a\"}", "PC1 is");
    expect(lab, -EINVAL, "gns3.snapshot.create", "{\"project\":\"demo\",\"name\":\"../../x\"}",
           "/");
    expect(lab, -EINVAL, "gns3.snapshot.create", "{\"project\":\"demo\",\"name\":\"a/b\"}", "/");
    assert_int_equal(lab_requests(lab, "POST"), 0);
    story_lists(lab, "lab", "[" NODE(N1, "PC1", "stopped") "," NODE(N2, "PC2", "stopped") "]",
                NULL);
    lab_answer(lab, "lab", "POST", "/projects/" P "/snapshots", 201, SNAPSHOT("s1", "before"));
    lab_answer(lab, "lab", "GET", "/projects/" P "/snapshots", 200,
               "[" SNAPSHOT("s1", "before") "]");
    expect(lab, 0, "gns3.snapshot.create", "{\"project\":\"demo\",\"name\":\"before\"}",
           "before@1795391014000");
    assert_int_equal(lab_events(lab, "gns3.snapshot.created"), 1);
    lab_free(lab);
}

static void a_restore_reads_the_snapshots_id_first_and_keeps_the_objects(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "GET", "/projects/" P "/snapshots", 200,
               "[" SNAPSHOT("s1", "before") "]");
    expect(lab, 0, "gns3.server.sync", "{\"id\":\"lab\"}", "\"snapshots\":1");
    lab_answer(lab, "lab", "GET", "/projects/" P "/snapshots", 200,
               "[" SNAPSHOT("s2", "before") "]");
    lab_answer(lab, "lab", "POST", "/projects/" P "/snapshots/s2/restore", 201, "{}");
    story_lists(lab, "lab",
                "[" NODE("new-1", "PC1", "stopped") "," NODE("new-2", "PC2", "stopped") "]",
                "[" LINK("l-new", "new-1", "new-2") "]");
    expect(lab, 0, "gns3.snapshot.restore", "{\"id\":\"" P "/before@1795391014000\"}",
           "\"ids_changed\":true");
    assert_int_equal(lab_events(lab, "gns3.snapshot.restored"), 1);
    assert_int_equal(lab_events(lab, "gns3.node.stopped"), 0);
    assert_int_equal(lab_objects(lab, "gns3.node"), 2);
    lab_run(lab, 60000);
    assert_int_equal(lab_events(lab, "gns3.snapshot.restored"), 1);
    lab_free(lab);
}

static void an_archive_is_asked_for_by_the_files_name_of_its_version(void **state)
{
    (void)state;
    char file[] = "/tmp/gnswatch-fetch-XXXXXX", params[200];
    int fd = mkstemp(file);
    assert_true(fd >= 0 && write(fd, "zip", 3) == 3 && close(fd) == 0);
    struct lab *lab = begin();
    lab_answer(lab, "lab", "GET", "/projects/" P "/snapshots", 200,
               "[" SNAPSHOT("s1", "be fore") "]"); /* up to 2.2.57, and 3.0: no file name said */
    expect(lab, 0, "gns3.server.sync", "{\"id\":\"lab\"}", "\"snapshots\":1");
    snprintf(params, sizeof params, "{\"id\":\"be fore\",\"path\":\"%s\"}", file);
    lab_answer(lab, "lab", "GET",
               "/projects/" P "/files/snapshots/be%20fore_221126_234334.gns3project", 404,
               "{\"message\":\"Not Found\"}");
    expect(lab, -ENOENT, "gns3.snapshot.fetch", params, "has no file of it");
    lab_answer(lab, "lab", "GET",
               "/projects/" P "/files/snapshots/be%20fore_221126_234334.gns3project", 200, "zip");
    expect(lab, 0, "gns3.snapshot.fetch", params, "\"bytes\":3");
    unlink(file);
    lab_free(lab);
}

static void a_sync_answers_with_nodes_and_snapshots_read_again(void **state)
{
    (void)state;
    struct lab *lab = begin();
    story_lists(lab, "lab", "[" NODE(N1, "PC1", "stopped") "]", NULL);
    lab_answer(lab, "lab", "GET", "/projects/" P "/snapshots", 200,
               "[" SNAPSHOT("s1", "before") "]");
    expect(lab, 0, "gns3.project.sync", "{\"id\":\"demo\"}", "\"name\":\"before\"");
    expect(lab, 0, "gns3.project.sync", "{\"id\":\"demo\"}", "\"status\":\"stopped\"");
    assert_int_equal(lab_requests(lab, "POST"), 0);
    lab_free(lab);
}

static void a_restore_that_fails_lets_polling_go_on(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "GET", "/projects/" P "/snapshots", 200,
               "[" SNAPSHOT("s1", "before") "]");
    expect(lab, 0, "gns3.server.sync", "{\"id\":\"lab\"}", "");
    lab_answer(lab, "lab", "POST", "/projects/" P "/snapshots/s1/restore", 409,
               "{\"message\":\"The zip is torn\"}");
    expect(lab, -EBUSY, "gns3.snapshot.restore", "{\"id\":\"" P "/before@1795391014000\"}", "torn");
    size_t requests = lab_requests(lab, "/nodes");
    lab_run(lab, 20000);
    assert_true(lab_requests(lab, "/nodes") > requests + 2);
    lab_free(lab);
}

static void filters_that_can_never_be_taken_back_need_force(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "PUT", "/projects/" P "/links/" L1, 200, "{}");
    expect(lab, 0, "gns3.link.suspend", "{\"id\":\"" L1 "\"}", "\"status\":");
    lab_version(lab, "lab", "3.0.6");
    expect(lab, -EBUSY, "gns3.link.suspend", "{\"id\":\"" L1 "\"}", "force=yes");
    expect(lab, -EBUSY, "gns3.link.update", "{\"id\":\"" L1 "\",\"filters\":\"{}\"}", "force=yes");
    expect(lab, 0, "gns3.link.suspend", "{\"id\":\"" L1 "\",\"force\":true}", "\"warning\":");
    lab_version(lab, "lab", "3.0.7");
    expect(lab, 0, "gns3.link.suspend", "{\"id\":\"" L1 "\"}", "\"status\":");
    assert_int_equal(lab_requests(lab, "PUT"), 3);
    lab_free(lab);
}

static void start_all_goes_group_by_group_and_names_what_failed(void **state)
{
    (void)state;
    struct lab *lab = begin();
    story_lists(lab, "lab",
                "[" NODE(N1, "PC1", "stopped") "," NODE(N2, "PC2", "stopped") "," NODE(
                    "n3", "PC3", "stopped") "]",
                NULL);
    lab_run(lab, 6000);
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N1 "/start", 200, "{}");
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/" N2 "/start", 409,
               "{\"message\":\"no KVM here\"}");
    lab_answer(lab, "lab", "POST", "/projects/" P "/nodes/n3/start", 204, "");
    expect(lab, 0, "gns3.project.start_all",
           "{\"id\":\"demo\",\"order\":[\"PC3\",\"PC2\"],\"parallel\":2,\"pause\":2000}",
           "no KVM here");
    assert_int_equal(lab_requests(lab, "/start"), 3);
    lab_free(lab);
}

static void a_name_gns3_did_not_take_is_refused(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "PUT", "/projects/" P "/nodes/" N1, 200, "{}");
    expect(lab, -EEXIST, "gns3.node.update", "{\"id\":\"" N1 "\",\"name\":\"PC2\"}", "taken");
    expect(lab, 0, "gns3.node.update", "{\"id\":\"" N1 "\",\"x\":5}", N1);
    lab_free(lab);
}

static void what_is_deleted_is_gone_when_the_command_answers(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "DELETE", "/projects/" P "/nodes/" N2, 204, "");
    story_lists(lab, "lab", "[" NODE(N1, "PC1", "started") "]", "[]");
    expect(lab, 0, "gns3.node.delete", "{\"id\":\"" N2 "\"}", "deleted");
    assert_int_equal(lab_objects(lab, "gns3.node"), 1);
    assert_int_equal(lab_objects(lab, "gns3.link"), 0);
    lab_answer(lab, "lab", "DELETE", "/projects/" P, 204, "");
    lab_answer(lab, "lab", "GET", "/projects", 200, "[]");
    expect(lab, 0, "gns3.project.delete", "{\"id\":\"demo\"}", "deleted");
    assert_int_equal(lab_objects(lab, "gns3.project"), 0);
    assert_int_equal(lab_objects(lab, "gns3.node"), 0);
    lab_free(lab);
}

static void new_things_are_answered_as_objects(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_answer(lab, "lab", "POST", "/projects/" P "/templates/11111111-2222-4333-8444-0000000000aa",
               201, ""); /* old versions say nothing */
    story_lists(lab, "lab",
                "[" NODE(N1, "PC1", "started") "," NODE(N2, "PC2", "stopped") "," NODE(
                    "n3", "PC3", "stopped") "]",
                "[" LINK(L1, N1, N2) "," LINK("l2", N2, "n3") "]");
    expect(lab, 0, "gns3.node.create", "{\"project\":\"demo\",\"template\":\"VPCS\"}",
           "\"name\":\"PC3\"");
    lab_answer(lab, "lab", "POST", "/projects/" P "/links", 201, LINK("l2", N2, "n3"));
    expect(lab, 0, "gns3.link.create",
           "{\"project\":\"demo\",\"nodes\":[{\"node\":\"PC2\"},{\"node\":\"PC3\"}]}", "PC3 e0");
    expect(lab, 0, "gns3.node.console", "{\"id\":\"" N1 "\"}", "telnet://lab.invalid:5000");
    expect(lab, 0, "gns3.template.list", "{\"server\":\"lab\"}", "\"VPCS\"");
    lab_answer(lab, "lab", "POST", "/projects", 201,
               "{\"name\":\"two\",\"project_id\":\"p2\",\"status\":\"opened\"}");
    lab_answer(lab, "lab", "GET", "/projects/p2/nodes", 200, "[]");
    lab_answer(lab, "lab", "GET", "/projects/p2/links", 200, "[]");
    lab_answer(lab, "lab", "GET", "/projects", 200,
               "[{\"name\":\"demo\",\"project_id\":\"" P "\",\"status\":\"opened\"},"
               "{\"name\":\"two\",\"project_id\":\"p2\",\"status\":\"opened\"}]");
    expect(lab, 0, "gns3.project.create", "{\"server\":\"lab\",\"name\":\"two\"}", "\"p2\"");
    assert_int_equal(lab_events(lab, "gns3.project.created"), 1);
    lab_free(lab);
}

static void a_server_that_is_down_refuses_soon(void **state)
{
    (void)state;
    struct lab *lab = begin();
    lab_state(lab, "lab", CLIENT_DOWN);
    expect(lab, -EIO, "gns3.node.start", "{\"id\":\"" N1 "\"}", "lab");
    expect(lab, -EIO, "gns3.server.sync", "{\"id\":\"lab\"}", "no answer");
    lab_free(lab);
}

static void how_long_commands_took_is_a_series(void **state)
{
    (void)state;
    struct lab *lab = begin();
    assert_int_equal(lab_series(lab, "gns3.operation/lab/gns3.node.start"), 0);
    lab_state(lab, "lab", CLIENT_DOWN);
    expect(lab, -EIO, "gns3.node.start", "{\"id\":\"" N1 "\"}", "lab");
    size_t before = lab_series(lab, "gns3.operation/lab/gns3.node.start");
    assert_true(before > 0);
    lab_run(lab, 10000);
    assert_int_equal(lab_series(lab, "gns3.operation/lab/gns3.node.start"), before + 2);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_answers_with_the_status_the_list_has),
        cmocka_unit_test(a_command_that_did_not_take_is_said),
        cmocka_unit_test(refusals_are_in_gns3s_words_with_what_to_do),
        cmocka_unit_test(things_are_found_by_id_by_a_unique_name_or_within_their_project),
        cmocka_unit_test(a_name_of_several_is_refused_with_what_they_are),
        cmocka_unit_test(snapshots_are_refused_while_nodes_run_and_for_names_that_are_paths),
        cmocka_unit_test(a_restore_reads_the_snapshots_id_first_and_keeps_the_objects),
        cmocka_unit_test(an_archive_is_asked_for_by_the_files_name_of_its_version),
        cmocka_unit_test(a_sync_answers_with_nodes_and_snapshots_read_again),
        cmocka_unit_test(a_restore_that_fails_lets_polling_go_on),
        cmocka_unit_test(filters_that_can_never_be_taken_back_need_force),
        cmocka_unit_test(start_all_goes_group_by_group_and_names_what_failed),
        cmocka_unit_test(a_name_gns3_did_not_take_is_refused),
        cmocka_unit_test(what_is_deleted_is_gone_when_the_command_answers),
        cmocka_unit_test(new_things_are_answered_as_objects),
        cmocka_unit_test(a_server_that_is_down_refuses_soon),
        cmocka_unit_test(how_long_commands_took_is_a_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
