/* What the system plugin tells of the processes of GNS3 nodes, on a made /proc. */
#include "unit.h"

#include "system/match.h"
#include "system_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEAR(value, wanted) assert_true(fabs((value) - (wanted)) < 0.01)
#define LAB                 "11111111-1111-4111-8111-111111111111"
#define PC1                 "aaaaaaaa-0000-4000-8000-000000000001"
#define PC2                 "aaaaaaaa-0000-4000-8000-000000000002"
#define PROJECTS            "/srv/gns3/projects"
#define FILES               PROJECTS "/" LAB "/project-files"
#define CONTAINER           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NODE(name)          "server=local,project=lab1,node=" name

static struct tree tree;
static const struct tree_process gns3_server = {
    .pid = 100, .parent = 1, .name = "gns3server", .command = "/usr/bin/python3 -m gns3server"};

/* ---- What gns3 tells ------------------------------------------------------------------------- */

static void put_project(const char *status)
{
    char json[512];
    snprintf(json, sizeof json,
             "{\"server\":\"local\",\"project_id\":\"" LAB "\",\"name\":\"lab1\",\"status\":\"%s\","
             "\"path\":\"" PROJECTS "/" LAB "\"}",
             status);
    gwt_put(tree.test, "gns3.project", LAB, json);
}

struct told {
    const char *id, *name, *type, *status, *command, *container;
};

static void put_node(const struct told *node)
{
    char json[1024], directory[256];
    snprintf(directory, sizeof directory, FILES "/%s/%s", node->type, node->id);
    snprintf(json, sizeof json,
             "{\"server\":\"local\",\"project\":\"" LAB "\",\"node_id\":\"%s\",\"name\":\"%s\","
             "\"node_type\":\"%s\",\"status\":\"%s\",\"compute_id\":\"local\","
             "\"node_directory\":\"%s\",\"command_line\":\"%s\",\"container_id\":\"%s\"}",
             node->id, node->name, node->type, node->status, directory,
             node->command ? node->command : "", node->container ? node->container : "");
    gwt_put(tree.test, "gns3.node", node->id, json);
}

static void vpcs(const char *id, const char *name, const char *status)
{
    put_node(&(struct told){.id = id, .name = name, .type = "vpcs", .status = status});
}

static void put_server(const char *status)
{
    char json[128];
    snprintf(json, sizeof json, "{\"url\":\"http://127.0.0.1:3080\",\"status\":\"%s\"}", status);
    gwt_put(tree.test, "gns3.server", "local", json);
}

static void put_link(void)
{
    gwt_put(tree.test, "gns3.link", "l1",
            "{\"project\":\"" LAB "\",\"nodes\":[{\"node\":\"" PC1 "\"},{\"node\":\"" PC2 "\"}]}");
}

/* ---- The story ------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    tree_begin(&tree);
    tree_start(&tree, "dead_after: 5s\norphan_after: 5s\nzombies_above: 1\n");
    put_server("up");
    put_project("opened");
    tree_process(&tree, &gns3_server);
    assert_int_equal(gwt_start(tree.test), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tree_end(&tree);
    return 0;
}

static struct tree_process vpcs_process(int pid, const char *cwd)
{
    return (struct tree_process){.pid = pid,
                                 .parent = 100,
                                 .name = "vpcs",
                                 .command = "/usr/bin/vpcs -p 5000 -m 1 startup.vpc",
                                 .cwd = cwd,
                                 .threads = 3,
                                 .rss_pages = 10,
                                 .files = 4};
}

static void run_vpcs(int pid, const char *cwd)
{
    struct tree_process process = vpcs_process(pid, cwd);
    tree_process(&tree, &process);
}

static void run_ubridge(int pid, const char *cwd)
{
    tree_process(&tree, &(struct tree_process){.pid = pid,
                                               .parent = 100,
                                               .name = "ubridge",
                                               .command = "/usr/bin/ubridge -H 127.0.0.1:4000",
                                               .cwd = cwd});
}

static void has_directory(const char *type, const char *id)
{
    char name[256];
    snprintf(name, sizeof name, "root" FILES "/%s/%s/startup.vpc", type, id);
    tree_put(&tree, name, "set pcname PC\n");
}

static const char *about(const char *id, const char *member)
{
    return gwt_member(tree.test, "system.node", id, member);
}

static size_t told(const char *topic)
{
    return gwt_events(tree.test, topic);
}

static void seconds(int count)
{
    tree_run(&tree, count);
}

/* ---- What a node takes ----------------------------------------------------------------------- */

static void a_node_takes_what_its_processes_take(void **state)
{
    (void)state;
    double page = (double)sysconf(_SC_PAGESIZE), a_second = (double)sysconf(_SC_CLK_TCK);
    vpcs(PC1, "PC1", "started");
    struct tree_process process = vpcs_process(200, FILES "/vpcs/" PC1);
    tree_process(&tree, &process);
    run_ubridge(201, FILES "/vpcs/" PC1);
    tree_process(&tree, &(struct tree_process){.pid = 2, .name = "kthreadd"});
    seconds(2);
    process.ticks = (unsigned long)(a_second / 2);
    process.read_bytes = 4096;
    process.written_bytes = 8192;
    tree_process(&tree, &process);
    seconds(1);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "cpu"), 50);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "memory"), 10 * page);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "pss"), 2 * 65536.0);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "processes"), 2);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "threads"), 4);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "read_bytes"), 4096);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "write_bytes"), 8192);
    NEAR(tree_value(&tree, "system.project", "server=local,project=lab1", "cpu"), 50);
    NEAR(tree_value(&tree, "system.project", "server=local,project=lab1", "write_bytes"), 8192);
    NEAR(tree_value(&tree, "system.project", "server=local,project=lab1", "running"), 1);
    NEAR(tree_value(&tree, "system.processes", "", "total"), 4);
    assert_string_equal(about(PC1, "status"), "running");
    assert_string_equal(about(PC1, "ubridge"), "running");
    assert_string_equal(about(PC1, "why"), "in its directory");
    assert_string_equal(about(PC1, "pids"), "[200]");
    process.started = 999; /* another process with its number */
    process.ticks = 0;
    process.written_bytes = 1;
    tree_process(&tree, &process);
    seconds(2);
    NEAR(tree_value(&tree, "system.node", NODE("PC1"), "write_bytes"), 8192); /* never falls */
    assert_int_equal(told("system.*"), 0);
}

static void a_node_is_known_by_id_command_line_or_container(void **state)
{
    (void)state;
    static const char iou[] = "bbbbbbbb-0000-4000-8000-000000000001";
    static const char qemu[] = "bbbbbbbb-0000-4000-8000-000000000002";
    static const char docker[] = "bbbbbbbb-0000-4000-8000-000000000003";
    put_node(&(struct told){.id = iou,
                            .name = "R1",
                            .type = "iou",
                            .status = "started",
                            .command = "/images/router.bin -L 1"});
    put_node(&(struct told){.id = qemu, .name = "VM1", .type = "qemu", .status = "started"});
    put_node(&(struct told){
        .id = docker, .name = "D1", .type = "docker", .status = "started", .container = CONTAINER});
    tree_process(&tree, &(struct tree_process){.pid = 300,
                                               .parent = 100,
                                               .name = "router.bin",
                                               .command = "/images/router.bin -L 1"});
    tree_process(&tree,
                 &(struct tree_process){.pid = 301,
                                        .parent = 100,
                                        .name = "qemu-system-x86",
                                        .command = "/usr/bin/qemu-system-x86_64 -name VM1 -uuid "
                                                   "bbbbbbbb-0000-4000-8000-000000000002 -m 512"});
    tree_process(&tree, &(struct tree_process){.pid = 302,
                                               .parent = 50,
                                               .name = "sh",
                                               .command = "/bin/sh",
                                               .cwd = "/",
                                               .container = CONTAINER});
    seconds(2);
    assert_string_equal(about(iou, "why"), "by its command line");
    assert_string_equal(about(qemu, "why"), "its id is in the command line");
    assert_string_equal(about(docker, "why"), "in its container");
    assert_string_equal(about(docker, "pids"), "[302]");
}

static void of_two_servers_nodes_with_one_id_the_directory_decides(void **state)
{
    (void)state;
    gwt_put(tree.test, "gns3.server", "copy",
            "{\"url\":\"http://localhost:3081\",\"status\":\"up\"}");
    gwt_put(tree.test, "gns3.project", "p~copy",
            "{\"server\":\"copy\",\"project_id\":\"" LAB
            "\",\"name\":\"lab1\",\"status\":\"opened\"}");
    gwt_put(tree.test, "gns3.node", PC1 "~copy",
            "{\"server\":\"copy\",\"project\":\"p~copy\",\"node_id\":\"" PC1 "\",\"name\":\"PC1\","
            "\"node_type\":\"vpcs\",\"status\":\"started\",\"compute_id\":\"local\","
            "\"node_directory\":\"/copy/projects/" LAB "/project-files/vpcs/" PC1 "\"}");
    vpcs(PC1, "PC1", "started");
    run_vpcs(200, FILES "/vpcs/" PC1);
    run_vpcs(201, "/copy/projects/" LAB "/project-files/vpcs/" PC1);
    seconds(2);
    assert_string_equal(about(PC1, "pids"), "[200]");
    assert_string_equal(about(PC1 "~copy", "pids"), "[201]");
}

static void routers_that_share_a_dynamips_share_what_it_takes(void **state)
{
    (void)state;
    static const char r1[] = "cccccccc-0000-4000-8000-000000000001";
    static const char r2[] = "cccccccc-0000-4000-8000-000000000002";
    put_node(&(struct told){.id = r1, .name = "R1", .type = "dynamips", .status = "started"});
    put_node(&(struct told){.id = r2, .name = "R2", .type = "dynamips", .status = "started"});
    struct tree_process dynamips = {.pid = 400,
                                    .parent = 100,
                                    .name = "dynamips",
                                    .command = "/usr/bin/dynamips -H 127.0.0.1:7200",
                                    .cwd = FILES "/dynamips",
                                    .rss_pages = 100};
    tree_process(&tree, &dynamips);
    seconds(2);
    double page = (double)sysconf(_SC_PAGESIZE);
    NEAR(tree_value(&tree, "system.node", NODE("R1"), "shared"), 2);
    NEAR(tree_value(&tree, "system.node", NODE("R1"), "memory"), 50 * page);
    NEAR(tree_value(&tree, "system.project", "server=local,project=lab1", "memory"), 100 * page);
    assert_string_equal(about(r2, "shared"), "2");
    assert_string_equal(about(r2, "pids"), "[400]");
    tree_kill(&tree, 400);
    has_directory("dynamips", r1);
    /* One that has a router's files open is that router's alone. */
    dynamips.pid = 401;
    tree_process(&tree, &dynamips);
    tree_link(&tree, "proc/401/fd/3", FILES "/dynamips/cccccccc-0000-4000-8000-000000000001/nvram");
    seconds(2);
    assert_string_equal(about(r1, "shared"), "1");
    assert_string_equal(about(r1, "why"), "it has files of its open");
    NEAR(tree_value(&tree, "system.node", NODE("R1"), "memory"), 100 * page);
    NEAR(tree_value(&tree, "system.node", NODE("R2"), "memory"), 0);
}

static void directories_are_added_up(void **state)
{
    (void)state;
    vpcs(PC1, "PC1", "started");
    run_vpcs(200, FILES "/vpcs/" PC1);
    tree_put(&tree, "root" FILES "/vpcs/" PC1 "/a", "%065000d", 1);
    tree_put(&tree, "root" FILES "/vpcs/" PC1 "/sub/b", "%065000d", 1);
    tree_put(&tree, "root" PROJECTS "/" LAB "/snapshots/c", "%065000d", 1);
    tree_link(&tree, "root" FILES "/vpcs/" PC1 "/loop", "..");
    seconds(5);
    double node = tree_value(&tree, "system.node", NODE("PC1"), "directory_bytes");
    double project =
        tree_value(&tree, "system.project", "server=local,project=lab1", "directory_bytes");
    assert_true(node >= 130000 && node < 200000);
    assert_true(project >= node + 65000 && project < node + 130000);
}

/* ---- Dead ------------------------------------------------------------------------------------ */

static void a_container_that_dies_is_told_dead_and_when_it_runs_again(void **state)
{
    (void)state;
    static const char docker[] = "bbbbbbbb-0000-4000-8000-000000000003";
    struct tree_process process = {.pid = 302,
                                   .parent = 50,
                                   .name = "sh",
                                   .command = "/bin/sh",
                                   .cwd = "/",
                                   .container = CONTAINER};
    put_node(&(struct told){
        .id = docker, .name = "D1", .type = "docker", .status = "started", .container = CONTAINER});
    tree_process(&tree, &process);
    seconds(3);
    tree_kill(&tree, 302);
    seconds(4);
    assert_int_equal(told("system.node.dead"), 0); /* it may be being stopped */
    seconds(4);
    assert_int_equal(told("system.node.dead"), 1);
    const struct gw_event *event = gwt_event(tree.test, "system.node.dead", 0);
    assert_string_equal(event->kind, "system.node");
    assert_string_equal(event->id, docker);
    assert_non_null(strstr(event->text, "D1 in lab1 is dead"));
    assert_string_equal(about(docker, "status"), "dead");
    gwt_stop(tree.test); /* over a restart it is neither told again nor forgotten */
    assert_int_equal(gwt_start(tree.test), 0);
    seconds(10);
    assert_int_equal(told("system.node.*"), 1);
    tree_process(&tree, &process);
    seconds(2);
    assert_int_equal(told("system.node.recovered"), 1);
    assert_string_equal(about(docker, "status"), "running");
}

static void a_node_that_gns3_stops_or_closes_is_not_dead(void **state)
{
    (void)state;
    vpcs(PC1, "PC1", "started");
    vpcs(PC2, "PC2", "started");
    run_vpcs(200, FILES "/vpcs/" PC1);
    run_vpcs(201, FILES "/vpcs/" PC2);
    seconds(3);
    tree_kill(&tree, 200);
    seconds(3); /* GNS3's list comes later */
    vpcs(PC1, "PC1", "stopped");
    seconds(10);
    assert_string_equal(about(PC1, "status"), "off");
    tree_kill(&tree, 201);
    put_project("closed");
    vpcs(PC1, "PC1", "closed");
    vpcs(PC2, "PC2", "closed");
    seconds(10);
    assert_int_equal(told("system.*"), 0);
    assert_int_equal(gwt_objects(tree.test, "system.node"), 0);
}

static void while_the_server_is_down_nobody_is_told_dead(void **state)
{
    (void)state;
    vpcs(PC1, "PC1", "started");
    run_vpcs(200, FILES "/vpcs/" PC1);
    seconds(3);
    put_server("down");
    tree_kill(&tree, 200);
    tree_kill(&tree, 100);
    seconds(20);
    assert_int_equal(told("system.*"), 0);
}

static void a_node_never_seen_alive_is_dead_only_where_it_would_be_seen(void **state)
{
    (void)state;
    vpcs(PC1, "PC1", "started");
    vpcs(PC2, "PC2", "started");
    has_directory("vpcs", PC2);
    seconds(10);
    assert_int_equal(told("system.node.dead"), 1);
    assert_string_equal(gwt_event(tree.test, "system.node.dead", 0)->id, PC2);
    assert_string_equal(about(PC1, "status"), "hidden");
    vpcs(PC2, "PC2", "stopped");
    seconds(2);
    assert_int_equal(told("system.node.recovered"), 1);
}

static void without_a_gns3_server_in_sight_nothing_is_said(void **state)
{
    (void)state;
    tree_kill(&tree, 100);
    vpcs(PC1, "PC1", "started");
    has_directory("vpcs", PC1);
    seconds(20);
    assert_int_equal(told("system.*"), 0);
    assert_int_equal(gwt_objects(tree.test, "system.node"), 0);
    assert_int_equal(gwt_rows(tree.test, "system.node", NODE("PC1")), 0);
}

static void a_zombie_is_a_dead_node_and_strays_confuse_nobody(void **state)
{
    (void)state;
    vpcs(PC1, "PC1", "started");
    struct tree_process process = vpcs_process(200, FILES "/vpcs/" PC1), stray;
    tree_process(&tree, &process);
    stray = (struct tree_process){.pid = 900, .parent = 1, .name = "vpcs", .state = 'Z'};
    tree_process(&tree, &stray);
    stray.pid = 901;
    tree_process(&tree, &stray);
    seconds(3);
    assert_string_equal(about(PC1, "pids"), "[200]");
    process.state = 'Z';
    tree_process(&tree, &process);
    seconds(8);
    assert_int_equal(told("system.node.dead"), 1);
    assert_non_null(strstr(about(PC1, "why"), "process 200 has ended"));
    assert_int_equal(told("system.zombies"), 0);
    seconds(60);
    assert_int_equal(told("system.zombies"), 1); /* once, for all */
    assert_int_equal(told("system.orphan"), 0);
    tree_kill(&tree, 900);
    tree_kill(&tree, 901);
    tree_kill(&tree, 200);
    seconds(2);
    assert_int_equal(told("system.zombies.gone"), 1);
}

/* ---- uBridge --------------------------------------------------------------------------------- */

static void linked_pair(void)
{
    vpcs(PC1, "PC1", "started");
    vpcs(PC2, "PC2", "started");
    put_link();
    run_vpcs(200, FILES "/vpcs/" PC1);
    run_vpcs(201, FILES "/vpcs/" PC2);
    run_ubridge(202, FILES "/vpcs/" PC1);
    run_ubridge(203, FILES "/vpcs/" PC2);
    seconds(3);
}

static void a_ubridge_that_goes_is_told_once(void **state)
{
    (void)state;
    linked_pair();
    tree_kill(&tree, 202);
    seconds(20);
    assert_int_equal(told("system.*"), 0);
    seconds(15);
    assert_int_equal(told("system.node.ubridge"), 1);
    assert_string_equal(about(PC1, "ubridge"), "missing");
    assert_string_equal(about(PC2, "ubridge"), "running");
    run_ubridge(204, FILES "/vpcs/" PC1);
    seconds(2);
    assert_int_equal(told("system.node.recovered"), 1);
    assert_int_equal(told("system.*"), 2);
}

static void what_traffic_has_told_is_not_told_again(void **state)
{
    (void)state;
    linked_pair();
    tree_kill(&tree, 202);
    seconds(20);
    gwt_put(tree.test, "traffic.link", "l1", "{\"fault\":\"its uBridge process has ended\"}");
    seconds(20);
    assert_string_equal(about(PC1, "ubridge"), "missing");
    run_ubridge(204, FILES "/vpcs/" PC1);
    seconds(5); /* nor is its end */
    assert_int_equal(told("system.*"), 0);
}

static void where_directories_are_hidden_no_ubridge_is_missed(void **state)
{
    (void)state;
    linked_pair();
    tree_kill(&tree, 202);
    run_ubridge(205, NULL); /* it may be this one */
    seconds(60);
    assert_string_equal(about(PC1, "ubridge"), "hidden");
    assert_int_equal(told("system.*"), 0);
}

/* ---- Orphans --------------------------------------------------------------------------------- */

static void what_a_killed_server_leaves_behind_is_told_with_what_to_do(void **state)
{
    (void)state;
    linked_pair();
    tree_kill(&tree, 100);
    put_server("down");
    seconds(20);
    assert_int_equal(told("system.*"), 0);
    put_server("up"); /* another one: it knows of no process, its projects are closed */
    put_project("closed");
    vpcs(PC1, "PC1", "closed");
    vpcs(PC2, "PC2", "closed");
    seconds(10);
    assert_int_equal(told("system.orphan"), 1);
    const struct gw_event *event = gwt_event(tree.test, "system.orphan", 0);
    assert_non_null(strstr(event->text, "4 processes of labs belong to no running node"));
    assert_non_null(strstr(event->text, "kill 2"));
    assert_non_null(strstr(event->data, "\"pid\":203"));
    for (int pid = 200; pid <= 203; pid++)
        tree_kill(&tree, pid);
    seconds(2);
    assert_int_equal(told("system.orphan.gone"), 1);
}

static void a_node_that_was_deleted_leaves_an_orphan(void **state)
{
    (void)state;
    vpcs(PC1, "PC1", "started");
    run_vpcs(200, FILES "/vpcs/" PC1);
    seconds(3);
    gwt_delete(tree.test, "gns3.node", PC1);
    seconds(10);
    assert_int_equal(told("system.orphan"), 1);
    assert_non_null(strstr(gwt_event(tree.test, "system.orphan", 0)->text, "its node is no more"));
    assert_int_equal(gwt_objects(tree.test, "system.node"), 0);
}

static void labs_of_servers_nobody_watches_are_their_own_business(void **state)
{
    (void)state;
    static const char theirs[] =
        "/home/ann/GNS3/projects/22222222-2222-4222-8222-222222222222/project-files/vpcs/" PC2;
    run_vpcs(200, theirs); /* its server lives */
    seconds(20);
    assert_int_equal(told("system.*"), 0);
    struct tree_process process = vpcs_process(200, theirs);
    process.parent = 1; /* it does no more */
    tree_process(&tree,
                 &(struct tree_process){.pid = 1, .name = "systemd", .command = "/sbin/init"});
    tree_process(&tree, &process);
    seconds(10);
    assert_int_equal(told("system.orphan"), 1);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void ids_and_containers_are_found_in_any_text(void **state)
{
    (void)state;
    char id[ID_TEXT + 1], container[CONTAINER_TEXT + 1];
    const char *at = "/a/" PC1 "/x" PC2 "ff-" PC2 ".log";
    assert_true(next_uuid(&at, id));
    assert_string_equal(id, PC1);
    assert_true(next_uuid(&at, id));
    assert_string_equal(id, PC2);
    assert_string_equal(at, ".log"); /* the one with more digits is none */
    assert_false(next_uuid(&at, id));
    at = "aaaaaaaa-0000-4000-8000-00000000000";
    assert_false(next_uuid(&at, id));
    assert_true(container_of("12:cpu:/docker/" CONTAINER "\n0::/\n", container));
    assert_string_equal(container, CONTAINER);
    assert_true(container_of("0::/system.slice/docker-" CONTAINER ".scope", container));
    assert_false(container_of("0::/" CONTAINER "0", container));
    assert_false(container_of("", container));
    assert_int_equal(program_of("/usr/bin/qemu-system-x86_64"), PROGRAM_EMULATOR);
    assert_int_equal(program_of("vpcs"), PROGRAM_EMULATOR);
    assert_int_equal(program_of("/opt/vpcs-notes"), PROGRAM_OTHER);
    assert_int_equal(program_of("ubridge"), PROGRAM_UBRIDGE);
    assert_int_equal(program_of(""), PROGRAM_OTHER);
}

static void hundreds_of_processes_are_looked_at_in_slices(void **state)
{
    (void)state;
    for (int pid = 1000; pid < 1600; pid++)
        tree_process(&tree, &(struct tree_process){
                                .pid = pid, .parent = 1, .name = "a (b) c", .command = "/bin/a"});
    vpcs(PC1, "PC1", "started");
    run_vpcs(2000, FILES "/vpcs/" PC1);
    seconds(3);
    NEAR(tree_value(&tree, "system.processes", "", "total"), 602);
    assert_string_equal(about(PC1, "pids"), "[2000]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_node_takes_what_its_processes_take),
        TEST(a_node_is_known_by_id_command_line_or_container),
        TEST(of_two_servers_nodes_with_one_id_the_directory_decides),
        TEST(routers_that_share_a_dynamips_share_what_it_takes),
        TEST(directories_are_added_up),
        TEST(a_container_that_dies_is_told_dead_and_when_it_runs_again),
        TEST(a_node_that_gns3_stops_or_closes_is_not_dead),
        TEST(while_the_server_is_down_nobody_is_told_dead),
        TEST(a_node_never_seen_alive_is_dead_only_where_it_would_be_seen),
        TEST(without_a_gns3_server_in_sight_nothing_is_said),
        TEST(a_zombie_is_a_dead_node_and_strays_confuse_nobody),
        TEST(a_ubridge_that_goes_is_told_once),
        TEST(what_traffic_has_told_is_not_told_again),
        TEST(where_directories_are_hidden_no_ubridge_is_missed),
        TEST(what_a_killed_server_leaves_behind_is_told_with_what_to_do),
        TEST(a_node_that_was_deleted_leaves_an_orphan),
        TEST(labs_of_servers_nobody_watches_are_their_own_business),
        cmocka_unit_test(ids_and_containers_are_found_in_any_text),
        TEST(hundreds_of_processes_are_looked_at_in_slices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
