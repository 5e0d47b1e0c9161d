/* options - see options.h. Every wrong value gets a sentence that says what would be right. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: gnswatch-sim [OPTION]...\n"
    "Pretends to be one or more GNS3 servers, for tests and for `gnswatch demo`.\n"
    "\n"
    "  --listen HOST:PORT    first server's address (default 127.0.0.1:0; 0: any free port)\n"
    "  --api VERSION[,...]   2.2.59 (default), 2.2.49, 3.0.6 ...; several are dealt in turn\n"
    "  --servers N           number of servers, on consecutive ports unless the port is 0\n"
    "  --computes N          computes of each server (default 1)\n"
    "  --projects P          projects of each server (default 1)\n"
    "  --nodes N             nodes of each project (default 10)\n"
    "  --opened K            how many projects are opened (default all)\n"
    "  --started PERCENT     how many nodes of an opened project run (default 100)\n"
    "  --pps N               packets a second of a busy link (default 20)\n"
    "  --auth USER:PASSWORD  2.2: ask for it; 3.x: the administrator (default admin:admin)\n"
    "  --user NAME:PASSWORD:ROLE\n"
    "                        3.x: one more user; ROLE admin, user, auditor, none or inactive\n"
    "  --login-ms N          3.x: how long a login takes (default 0; a real one 250)\n"
    "  --control HOST:PORT   control port for tests (default: none)\n"
    "  --inbox               mails (SMTP) and webhooks are taken, and shown at /inbox of the "
    "control\n"
    "                        port\n"
    "  --ports-file FILE     write the ports as JSON once all listen\n"
    "  --counters            a hypervisor tells the links' counters, as uBridge does\n"
    "  --console             VPCS nodes answer on telnet consoles\n"
    "  --demo                named labs, counters, and now and then an accident or a pause\n"
    "  --seed N              of everything random (default 1)\n"
    "  --speed X             simulated time runs X times as fast (default 1)\n"
    "  --help                this text\n";

enum opt {
    OPT_LISTEN = 1,
    OPT_API,
    OPT_SERVERS,
    OPT_COMPUTES,
    OPT_PROJECTS,
    OPT_NODES,
    OPT_OPENED,
    OPT_STARTED,
    OPT_PPS,
    OPT_AUTH,
    OPT_USER,
    OPT_LOGIN_MS,
    OPT_CONTROL,
    OPT_INBOX,
    OPT_PORTS_FILE,
    OPT_CONSOLE,
    OPT_COUNTERS,
    OPT_DEMO,
    OPT_SEED,
    OPT_SPEED,
    OPT_HELP,
};

static const struct option table[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"api", required_argument, NULL, OPT_API},
    {"servers", required_argument, NULL, OPT_SERVERS},
    {"computes", required_argument, NULL, OPT_COMPUTES},
    {"projects", required_argument, NULL, OPT_PROJECTS},
    {"nodes", required_argument, NULL, OPT_NODES},
    {"opened", required_argument, NULL, OPT_OPENED},
    {"started", required_argument, NULL, OPT_STARTED},
    {"pps", required_argument, NULL, OPT_PPS},
    {"auth", required_argument, NULL, OPT_AUTH},
    {"user", required_argument, NULL, OPT_USER},
    {"login-ms", required_argument, NULL, OPT_LOGIN_MS},
    {"control", required_argument, NULL, OPT_CONTROL},
    {"inbox", no_argument, NULL, OPT_INBOX},
    {"ports-file", required_argument, NULL, OPT_PORTS_FILE},
    {"console", no_argument, NULL, OPT_CONSOLE},
    {"counters", no_argument, NULL, OPT_COUNTERS},
    {"demo", no_argument, NULL, OPT_DEMO},
    {"seed", required_argument, NULL, OPT_SEED},
    {"speed", required_argument, NULL, OPT_SPEED},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

static int refuse(const char *name, const char *value, const char *want)
{
    fprintf(stderr, "gnswatch-sim: --%s %s: expected %s\n", name, value, want);
    return -EINVAL;
}

static int number(const char *name, const char *text, int low, int high, int *out)
{
    char *end, want[64];
    errno = 0;
    long v = strtol(text, &end, 10);
    if (*text && !*end && !errno && v >= low && v <= high) {
        *out = (int)v;
        return 0;
    }
    snprintf(want, sizeof(want), "a whole number from %d to %d", low, high);
    return refuse(name, text, want);
}

static int real(const char *name, const char *text, double low, double high, double *out)
{
    char *end, want[64];
    double v = strtod(text, &end);
    if (*text && !*end && v >= low && v <= high) {
        *out = v;
        return 0;
    }
    snprintf(want, sizeof(want), "a number from %g to %g", low, high);
    return refuse(name, text, want);
}

static int address(const char *name, const char *text, char *host, size_t size, int *port)
{
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= size)
        return refuse(name, text, "HOST:PORT, as 127.0.0.1:0");
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    struct sockaddr_in6 addr;
    if (uv_ip4_addr(host, 0, (struct sockaddr_in *)&addr) < 0 && uv_ip6_addr(host, 0, &addr) < 0)
        return refuse(name, text, "an address in digits, as 127.0.0.1:0");
    return number(name, colon + 1, 0, 65535, port);
}

static int versions(struct options *o, const char *text)
{
    o->n_versions = 0;
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, ",");
        if (o->n_versions >= SIM_SERVERS_MAX || len < 3 || len >= sizeof(o->versions[0]))
            return refuse("api", text, "versions as 2.2.59 or 3.0.6");
        char *v = o->versions[o->n_versions];
        memcpy(v, p, len);
        v[len] = '\0';
        if ((strncmp(v, "2.2.", 4) != 0 && strncmp(v, "3.", 2) != 0) ||
            strspn(v, "0123456789.") != len)
            return refuse("api", text, "versions as 2.2.59 or 3.0.6");
        o->n_versions++;
        p += len + (p[len] == ',');
    }
    return o->n_versions ? 0 : refuse("api", text, "versions as 2.2.59 or 3.0.6");
}

/* Cuts text at the first colon into name and the rest. */
static bool cut(const char *text, char *name, size_t size, const char **rest)
{
    size_t len = strcspn(text, ":");
    if (!len || len >= size || text[len] != ':')
        return false;
    memcpy(name, text, len);
    name[len] = '\0';
    *rest = text + len + 1;
    return true;
}

static int auth(struct options *o, const char *text)
{
    const char *rest;
    if (!cut(text, o->user, sizeof(o->user), &rest) || strlen(rest) >= sizeof(o->password))
        return refuse("auth", "...", "USER:PASSWORD, each shorter than 64 bytes");
    sim_copy(o->password, sizeof(o->password), rest);
    o->auth = true;
    return 0;
}

static int user(struct options *o, const char *text)
{
    static const char *const roles[] = {"admin", "user", "auditor", "none", "inactive"};
    const char *rest;
    if (o->n_extra + 1 >= SIM_USERS_MAX)
        return refuse("user", "...", "at most 7 users");
    struct user *u = &o->extra[o->n_extra];
    if (cut(text, u->name, sizeof(u->name), &rest) &&
        cut(rest, u->password, sizeof(u->password), &rest))
        for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
            if (strcmp(roles[i], rest) == 0) {
                sim_copy(u->role, sizeof(u->role), rest);
                o->n_extra++;
                return 0;
            }
    return refuse("user", "...",
                  "NAME:PASSWORD:ROLE, ROLE one of admin user auditor none inactive");
}

static int seed(struct options *o, const char *text)
{
    char *end;
    errno = 0;
    o->seed = strtoull(text, &end, 10);
    return *text && !*end && !errno && *text != '-' ? 0 : refuse("seed", text, "a whole number");
}

static int apply(struct options *o, enum opt which, const char *arg)
{
    switch (which) {
    case OPT_LISTEN:
        return address("listen", arg, o->listen_host, sizeof(o->listen_host), &o->listen_port);
    case OPT_API:
        return versions(o, arg);
    case OPT_SERVERS:
        return number("servers", arg, 1, SIM_SERVERS_MAX, &o->servers);
    case OPT_COMPUTES:
        return number("computes", arg, 1, SIM_COMPUTES_MAX, &o->computes);
    case OPT_PROJECTS:
        return number("projects", arg, 0, 1000, &o->projects);
    case OPT_NODES:
        return number("nodes", arg, 0, 2000, &o->nodes);
    case OPT_OPENED:
        return number("opened", arg, 0, 1000, &o->opened);
    case OPT_STARTED:
        return number("started", arg, 0, 100, &o->started_percent);
    case OPT_PPS:
        return real("pps", arg, 0, 10000, &o->pps);
    case OPT_AUTH:
        return auth(o, arg);
    case OPT_USER:
        return user(o, arg);
    case OPT_LOGIN_MS:
        return number("login-ms", arg, 0, 60000, &o->login_ms);
    case OPT_CONTROL:
        return address("control", arg, o->control_host, sizeof(o->control_host), &o->control_port);
    case OPT_INBOX:
        o->inbox = true;
        return 0;
    case OPT_PORTS_FILE:
        o->ports_file = arg;
        return 0;
    case OPT_CONSOLE:
        o->console = true;
        return 0;
    case OPT_COUNTERS:
        o->counters = true;
        return 0;
    case OPT_DEMO:
        o->demo = true;
        o->counters = true;
        return 0;
    case OPT_SEED:
        return seed(o, arg);
    case OPT_SPEED:
        return real("speed", arg, 0.01, 1000, &o->speed);
    default:
        return 0;
    }
}

int options_parse(struct options *o, int argc, char **argv)
{
    *o = (struct options){.listen_host = "127.0.0.1",
                          .control_port = -1,
                          .versions = {"2.2.59"},
                          .n_versions = 1,
                          .servers = 1,
                          .computes = 1,
                          .projects = 1,
                          .nodes = 10,
                          .opened = -1,
                          .started_percent = 100,
                          .pps = 20.0,
                          .seed = 1,
                          .speed = 1.0};
    int c;
    while ((c = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        if (c == OPT_HELP || c == 'h') {
            fputs(help, stdout);
            return 1;
        }
        if (c == '?') {
            fputs("gnswatch-sim: see gnswatch-sim --help\n", stderr);
            return -EINVAL;
        }
        int rc = apply(o, (enum opt)c, optarg);
        if (rc < 0)
            return rc;
    }
    if (optind < argc) {
        fprintf(stderr, "gnswatch-sim: unexpected argument '%s'; see --help\n", argv[optind]);
        return -EINVAL;
    }
    if (o->listen_port && o->listen_port + o->servers > 65536)
        return refuse("listen", "...", "a port that leaves room for all servers below 65536");
    return 0;
}
