/* gnswatch demo: a simulated lab as a child, a configuration that points to it, and the daemon. */
#include "cmd.h"

#include "base/clock.h"
#include "daemon.h"
#include "demo_conf.h"
#include "places.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const struct cli_option demo_options[] = {
    {.name = "state",
     .arg = "DIR",
     .help = "Keep the demo's state; default: a temporary directory"},
    {.name = "plugins", .arg = "DIR", .help = "Search here for plugins first", .repeats = true},
    {.name = "listen", .arg = "HOST:PORT", .help = "Dashboard's address; default 127.0.0.1:8088"},
    {0},
};

enum { SIMULATOR_MS = 10000 };

struct demo {
    char *dir, *conf_dir, *ports_file; /* owned */
    const char *listen;
    bool temporary, made;
    pid_t simulator; /* 0: none */
};

static bool say(const char *what, const char *about)
{
    fprintf(stderr, "gnswatch demo: %s%s\n", what, about);
    return false;
}

static bool cannot_make(const char *dir, int error)
{
    fprintf(stderr,
            "gnswatch demo: cannot make the state directory %s: %s; give another one with "
            "--state\n",
            dir ? dir : "", strerror(error));
    return false;
}

/* The state directory: the one that was asked for, or a new one. */
static bool make_dir(struct demo *demo, const char *state)
{
    const char *tmp = getenv("TMPDIR");
    demo->temporary = state == NULL;
    if (state) {
        demo->dir = strdup(state);
        demo->made = demo->dir && (mkdir(state, 0750) == 0 || errno == EEXIST);
    } else if (asprintf(&demo->dir, "%s/gnswatch-demo-XXXXXX", tmp && *tmp ? tmp : "/tmp") >= 0) {
        demo->made = mkdtemp(demo->dir) != NULL;
    } else {
        demo->dir = NULL;
    }
    if (!demo->made)
        return cannot_make(demo->dir, errno);
    char *whole = realpath(demo->dir, NULL); /* some options want paths that begin with a slash */
    if (!whole)
        return say("cannot find the state directory: ", strerror(errno));
    free(demo->dir);
    demo->dir = whole;
    return true;
}

static bool make_files(struct demo *demo)
{
    if (asprintf(&demo->conf_dir, "%s/conf.d", demo->dir) < 0) {
        demo->conf_dir = NULL;
        return say("out of memory", "");
    }
    if (asprintf(&demo->ports_file, "%s/simulator.ports", demo->dir) < 0) {
        demo->ports_file = NULL;
        return say("out of memory", "");
    }
    unlink(demo->ports_file);
    if (mkdir(demo->conf_dir, 0750) && errno != EEXIST)
        return say("cannot make its configuration: ", strerror(errno));
    return true;
}

/* In the child: ends with us, but not by the Ctrl-C that ends us. */
static _Noreturn void become_simulator(const char *path, const char *ports_file)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setpgid(0, 0);
    if (null >= 0)
        dup2(null, STDOUT_FILENO);
    execl(path, path, "--demo", "--servers", "2", "--api", "2.2.59,3.0.6", "--ports-file",
          ports_file, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--inbox",
          (char *)NULL);
    _exit(127);
}

static bool start_simulator(struct demo *demo)
{
    char *path = place_simulator();
    if (!path)
        return say("gnswatch-sim was not found beside gnswatch, in ../libexec or on the PATH; "
                   "install it, or use 'gnswatch run' with a GNS3 server",
                   "");
    demo->simulator = fork();
    if (demo->simulator == 0)
        become_simulator(path, demo->ports_file);
    free(path);
    return demo->simulator > 0 || say("cannot start the simulator: ", strerror(errno));
}

static int port_of(const json_t *doc, const char *name)
{
    return (int)json_integer_value(json_object_get(doc, name));
}

static bool read_ports(const struct demo *demo, struct demo_places *places)
{
    json_t *doc = json_load_file(demo->ports_file, 0, NULL);
    const json_t *servers = json_object_get(doc, "servers");
    for (size_t i = 0; i < DEMO_SERVERS; i++)
        places->servers[i] = port_of(json_array_get(servers, i), "port");
    places->control = port_of(doc, "control");
    places->smtp = port_of(doc, "smtp");
    json_decref(doc);
    return places->smtp != 0;
}

/* The simulator's ports, once it has written them; false: it does not come. */
static bool wait_for_ports(const struct demo *demo, struct demo_places *places)
{
    int64_t until_ms = clock_monotonic_ms(clock_system()) + SIMULATOR_MS;
    while (clock_monotonic_ms(clock_system()) < until_ms) {
        if (read_ports(demo, places))
            return true;
        if (waitpid(demo->simulator, NULL, WNOHANG) != 0)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return false;
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about, (void)type, (void)where;
    return remove(path);
}

static void end_demo(struct demo *demo)
{
    if (demo->simulator > 0) {
        kill(demo->simulator, SIGTERM);
        waitpid(demo->simulator, NULL, 0);
    }
    if (demo->dir && demo->temporary && demo->made)
        nftw(demo->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(demo->dir);
    free(demo->conf_dir);
    free(demo->ports_file);
}

static void print_url(struct daemon *daemon)
{
    const struct gw_values *api = gw_table_at(daemon->host_values, "api", 0);
    const char *listen = api ? gw_string(api, "listen") : "127.0.0.1:8088";
    printf("\n  The dashboard is at http://%.*s:%d/   (Ctrl-C ends it)\n\n",
           (int)strcspn(listen, ":"), listen, api_port(daemon->api));
    fflush(stdout);
}

static int run(struct demo *demo, const struct cli_parsed *parsed)
{
    if (!make_dir(demo, cli_value(parsed, "state")) || !make_files(demo) || !start_simulator(demo))
        return EXIT_FAILED;
    struct demo_places places = {.listen = demo->listen};
    if (!wait_for_ports(demo, &places)) {
        say("the simulator did not start", "");
        return EXIT_FAILED;
    }
    struct setup setup;
    if (demo_conf_write(demo->conf_dir, &places) ||
        !setup_init(&setup, demo->conf_dir, demo->dir, parsed->repeated))
        return EXIT_FAILED;
    printf("\n  Mails and webhooks arrive at http://127.0.0.1:%d/inbox\n", places.control);
    struct daemon daemon = {0};
    int code = daemon_run(&daemon, &setup, print_url);
    setup_fini(&setup);
    return code;
}

int cmd_demo(const struct cli_command *command, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct demo demo = {0};
    int code;
    if (!cli_begin(command, argc, argv, &parsed, &code))
        return code;
    demo.listen = cli_value(&parsed, "listen");
    code = run(&demo, &parsed);
    end_demo(&demo);
    return code;
}
