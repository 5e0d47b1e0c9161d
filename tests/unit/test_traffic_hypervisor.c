/* The traffic plugin and a hypervisor of this machine: a process that looks like uBridge, in the
 * directory of a docker node, which is how its bridges are known to be that node's. */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnswatch/testing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct gw_descriptor gnswatch_plugin;

enum { SECOND = 1000, LISTENER = 3, READY = 4 };
static const char node_id[] = "5e1f0d2c-0000-4bad-8bad-7a35f1c0ffee";

/* Each get_stats finds 20 packets more sent and 10 more got; the fourth also lost 5. What is no
 * question ends it; every tenth answer is none. */
static const char program[] =
    "import os,socket,sys\n"
    "s=socket.socket(fileno=3);n=0\n"
    "os.write(4,b'.')\n"
    "def serve(c):\n"
    " global n\n"
    " for line in c.makefile('r'):\n"
    "  line=line.strip()\n"
    "  if line=='bridge list': c.sendall(b'101 bridge0 (NIOs = 2)\\r\\n100-OK\\r\\n')\n"
    "  elif line=='iol_bridge list': c.sendall(b'100-OK\\r\\n')\n"
    "  elif line=='bridge get_stats bridge0':\n"
    "   n+=1;i=100+20*n;o=10*n;d=5 if n>3 else 0\n"
    "   if n%10==0: c.sendall(b'what?\\r\\n');return\n"
    "   t='101 Source NIO:      IN: %d packets (%d bytes) OUT: %d packets (%d bytes)\\r\\n'\\\n"
    "    '101 Destination NIO: IN: %d packets (%d bytes) OUT: %d packets (%d bytes)\\r\\n'\\\n"
    "    '100-OK\\r\\n'%(i+d,100*i,o,100*o,o,100*o,i,100*i)\n"
    "   h=len(t)//2;c.sendall(t[:h].encode());c.sendall(t[h:].encode())\n"
    "  else: sys.exit(1)\n"
    "while True:\n"
    " try: serve(s.accept()[0])\n"
    " except OSError: pass\n";

struct machine {
    struct gwt *test;
    pid_t process;
    char folder[64], directory[160];
};

static void make_folders(struct machine *machine)
{
    static const char *const parts[] = {"project-files", "docker", node_id};
    snprintf(machine->folder, sizeof machine->folder, "/tmp/gnswatch-test-XXXXXX");
    assert_non_null(mkdtemp(machine->folder));
    snprintf(machine->directory, sizeof machine->directory, "%s", machine->folder);
    for (int i = 0; i < 3; i++) {
        size_t used = strlen(machine->directory);
        snprintf(machine->directory + used, sizeof machine->directory - used, "/%s", parts[i]);
        assert_int_equal(mkdir(machine->directory, 0700), 0);
    }
}

static void remove_folders(struct machine *machine)
{
    for (int i = 0; i < 4; i++) {
        rmdir(machine->directory);
        *strrchr(machine->directory, '/') = '\0';
    }
}

static void start_process(struct machine *machine)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    char where[32];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    snprintf(where, sizeof where, "127.0.0.1:%d", ntohs(address.sin_port));
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    machine->process = fork();
    if (machine->process == 0) {
        int kept = fcntl(ready[1], F_DUPFD, READY + 1);
        if (listener != LISTENER)
            dup2(listener, LISTENER);
        dup2(kept, READY);
        if (chdir(machine->directory) == 0)
            execl("/usr/bin/python3", "ubridge", "-c", program, "-H", where, (char *)NULL);
        _exit(127);
    }
    close(listener);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1); /* time must not run before it does */
    close(ready[0]);
}

static void stop_process(struct machine *machine, int *status)
{
    kill(machine->process, SIGKILL);
    waitpid(machine->process, status, 0);
    machine->process = 0;
}

static void put_objects(struct machine *machine)
{
    struct gwt *test = machine->test;
    char json[700];
    gwt_put(test, "gns3.server", "here",
            "{\"name\":\"here\",\"url\":\"http://127.0.0.1:3080\",\"status\":\"up\"}");
    snprintf(json, sizeof json,
             "{\"server\":\"here\",\"project_id\":\"p\",\"name\":\"lab\",\"status\":\"opened\","
             "\"path\":\"%s\"}",
             machine->folder);
    gwt_put(test, "gns3.project", "p", json);
    snprintf(json, sizeof json,
             "{\"server\":\"here\",\"project\":\"p\",\"node_id\":\"%s\",\"name\":\"web\","
             "\"node_type\":\"docker\",\"compute_id\":\"local\",\"status\":\"started\","
             "\"node_directory\":\"%s\"}",
             node_id, machine->directory);
    gwt_put(test, "gns3.node", "web", json);
    gwt_put(test, "gns3.node", "sw",
            "{\"server\":\"here\",\"project\":\"p\",\"node_id\":\"s\",\"name\":\"SW1\","
            "\"node_type\":\"ethernet_switch\",\"compute_id\":\"local\",\"status\":\"started\"}");
    gwt_put(test, "gns3.link", "l",
            "{\"server\":\"here\",\"project\":\"p\",\"link_id\":\"l\",\"name\":\"web - SW1\","
            "\"status\":\"up\",\"nodes\":[{\"node\":\"sw\",\"adapter_number\":0,\"port_number\":4},"
            "{\"node\":\"web\",\"adapter_number\":0,\"port_number\":0}]}");
}

static int begin(void **state)
{
    struct machine *machine = calloc(1, sizeof *machine);
    make_folders(machine);
    start_process(machine);
    machine->test = gwt_new(&gnswatch_plugin, "", 0);
    assert_non_null(machine->test);
    put_objects(machine);
    assert_int_equal(gwt_start(machine->test), 0);
    *state = machine;
    return 0;
}

static int end(void **state)
{
    struct machine *machine = *state;
    gwt_stop(machine->test);
    gwt_free(machine->test);
    if (machine->process > 0)
        stop_process(machine, NULL);
    remove_folders(machine);
    free(machine);
    return 0;
}

static const char link_labels[] = "server=here,project=lab,link=web - SW1";

static bool has_three_rows(void *data)
{
    const struct machine *machine = data;
    return gwt_value(machine->test, "traffic.link", link_labels, "drops") > 0;
}

static bool is_dead(void *data)
{
    const struct machine *machine = data;
    return gwt_events(machine->test, "traffic.link.dead") > 0;
}

static bool was_broken_off(void *data)
{
    const struct machine *machine = data;
    return gwt_value(machine->test, "traffic.link", link_labels, "ba_packets") > 300;
}

static void its_counters_are_the_links_and_what_it_lost_is_a_drop(void **state)
{
    struct machine *machine = *state;
    assert_true(gwt_run_until(machine->test, has_three_rows, machine, 300 * SECOND));
    double ab = gwt_value(machine->test, "traffic.link", link_labels, "ab_packets");
    double ba = gwt_value(machine->test, "traffic.link", link_labels, "ba_packets");
    assert_true(ab > 0 && ba == 2 * ab); /* the node is the second end, and sends twice as many */
    assert_true(gwt_value(machine->test, "traffic.link", link_labels, "ba_bytes") == 100 * ba);
    assert_true(gwt_value(machine->test, "traffic.link", link_labels, "drops") == 5);
    assert_true(gwt_value(machine->test, "traffic.node", "server=here,project=lab,node=web",
                          "out_packets") == ba);
    assert_string_equal(gwt_member(machine->test, "traffic.link", "l", "source"), "ubridge");
    assert_string_equal(gwt_member(machine->test, "traffic.project", "p", "status"), "active");
    assert_int_equal(waitpid(machine->process, NULL, WNOHANG), 0); /* it was only asked */
}

static void an_answer_that_is_none_costs_a_connection_not_the_counters(void **state)
{
    struct machine *machine = *state;
    assert_true(gwt_run_until(machine->test, was_broken_off, machine, 300 * SECOND));
    assert_int_equal(waitpid(machine->process, NULL, WNOHANG), 0);
}

static void a_node_whose_process_died_has_a_dead_link_and_no_data(void **state)
{
    struct machine *machine = *state;
    assert_true(gwt_run_until(machine->test, has_three_rows, machine, 300 * SECOND));
    stop_process(machine, NULL);
    assert_true(gwt_run_until(machine->test, is_dead, machine, 300 * SECOND));
    assert_string_equal(gwt_member(machine->test, "traffic.link", "l", "status"), "no_data");
    assert_string_equal(gwt_member(machine->test, "traffic.project", "p", "status"), "no_data");
    assert_non_null(strstr(gwt_member(machine->test, "traffic.link", "l", "fault"), "web"));
}

int main(void)
{
    if (access("/usr/bin/python3", X_OK) != 0) {
        printf("no /usr/bin/python3: not tried\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_counters_are_the_links_and_what_it_lost_is_a_drop,
                                        begin, end),
        cmocka_unit_test_setup_teardown(an_answer_that_is_none_costs_a_connection_not_the_counters,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_node_whose_process_died_has_a_dead_link_and_no_data,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
