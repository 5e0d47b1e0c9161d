/* A day of faults on four servers, counted alert by alert: missed, doubled, late, noisy. With the
 * built-in rules; once as it is, once with kills at random moments. The seed is printed; another
 * one can be given in ALERT_SEED. */
#include "unit.h"

#include "alert_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVERS = 4, PROJECTS = 3, NODES = 5, FAULTS_MAX = 2000, DAY_S = 86400 };

/* Each alert in a group of its own, so that a notification is about one alert. */
#define ALONE                                                      \
    "receivers:\n  - {name: team, send: [{command: sink.send}]}\n" \
    "group_by: [alertname, server, project, node, compute, link]\nrepeat_interval: 12h\n"

enum kind {
    SERVER_DOWN = 1,
    SERVER_SHOT, /* comes back with its projects closed */
    SERVER_LAST, /* what is on it is seen to fail first */
    COMPUTE_LOST,
    NODE_CRASH,
    NODE_STOP,
    CPU_HIGH,
    DISK_HIGH,
    LAST_TOLD = DISK_HIGH, /* those below are no problems, and nobody must hear of them */
    BLIP_SERVER,
    BLIP_CPU,
    BLIP_NODE,
    BLIP_COMPUTE,
    CLOSE_PROJECT,
    STOP_PROJECT,
    KINDS
};

static const struct {
    const char *name, *rule;
    int64_t least_s, most_s;              /* how long it lasts */
    int64_t told_within_s, over_within_s; /* at the latest */
} about[KINDS] = {
    [SERVER_DOWN] = {"server down", "server down", 60, 900, 45, 100},
    [SERVER_SHOT] = {"server shot", "server down", 60, 300, 45, 100},
    [SERVER_LAST] = {"server after its children", "server down", 60, 600, 45, 100},
    [COMPUTE_LOST] = {"compute lost", "compute lost", 90, 600, 60, 100},
    [NODE_CRASH] = {"node crashed", "node crashed", 60, 900, 50, 100},
    [NODE_STOP] = {"node down", "node down", 150, 900, 100, 100},
    [CPU_HIGH] = {"cpu high", "compute cpu high", 600, 1200, 400, 300},
    [DISK_HIGH] = {"disk full", "compute disk full", 180, 900, 110, 100},
    [BLIP_SERVER] = {"short break", NULL, 3, 9, 0, 0},
    [BLIP_CPU] = {"short load", NULL, 10, 120, 0, 0},
    [BLIP_NODE] = {"node restarted", NULL, 5, 30, 0, 0},
    [BLIP_COMPUTE] = {"compute blinks", NULL, 3, 14, 0, 0},
    [CLOSE_PROJECT] = {"project closed", NULL, 60, 900, 0, 0},
    [STOP_PROJECT] = {"lab stopped", NULL, 60, 900, 0, 0},
};

struct fault {
    enum kind kind;
    size_t server, project, node;
    int64_t begin_ms, seen_ms, end_ms;
    size_t told, over;
    int64_t told_ms, over_ms;
};

struct day {
    struct lab *lab;
    struct fault faults[FAULTS_MAX];
    size_t count;
    struct fault *now[SERVERS]; /* one at a time on a server */
    int64_t next_ms[SERVERS];
    bool second[SERVERS]; /* SERVER_LAST: the server itself is down, too */
    bool alive;
    int64_t wake_ms, kill_ms;
    uint64_t seed;
    size_t noisy, kills;
    int64_t kill_list[200];
};

static int64_t pick(struct day *day, int64_t least, int64_t most)
{
    day->seed ^= day->seed << 13;
    day->seed ^= day->seed >> 7;
    day->seed ^= day->seed << 17;
    return least + (int64_t)((day->seed >> 11) % (uint64_t)(most - least + 1));
}

/* ---- Faults ---------------------------------------------------------------------------------- */

static void server_event(struct lab *lab, size_t server, const char *topic)
{
    char id[16];
    snprintf(id, sizeof id, "s%zu", server);
    gwt_say(lab->test, topic, GW_ERROR, "gns3.server", id, topic, "{}");
}

static void server_goes(struct lab *lab, size_t server, bool up)
{
    lab_server(lab, server, up);
    server_event(lab, server, up ? "gns3.server.up" : "gns3.server.down");
}

static void node_goes(struct lab *lab, const struct fault *fault, size_t node, const char *status,
                      const char *topic)
{
    lab_node(lab, fault->server, fault->project, node, status);
    lab_node_event(lab, fault->server, fault->project, node, topic);
}

static void fault_begin(struct day *day, struct fault *fault)
{
    struct lab *lab = day->lab;
    switch (fault->kind) {
    case SERVER_DOWN:
    case SERVER_SHOT:
    case BLIP_SERVER:
        server_goes(lab, fault->server, false);
        break;
    case SERVER_LAST:
        node_goes(lab, fault, 0, "stopped", "gns3.node.crashed");
        node_goes(lab, fault, 3, "stopped", "gns3.node.crashed");
        lab_compute(lab, fault->server, false);
        day->second[fault->server] = false;
        fault->seen_ms = fault->begin_ms + pick(day, 2, 15) * 1000;
        break;
    case COMPUTE_LOST:
    case BLIP_COMPUTE:
        lab_compute(lab, fault->server, false);
        break;
    case NODE_CRASH:
        node_goes(lab, fault, fault->node, "stopped", "gns3.node.crashed");
        break;
    case NODE_STOP:
    case BLIP_NODE:
        node_goes(lab, fault, fault->node, "stopped", "gns3.node.stopped");
        break;
    case CPU_HIGH:
    case BLIP_CPU:
        lab->cpu[fault->server] = 100;
        break;
    case DISK_HIGH:
        lab->disk[fault->server] = (double)pick(day, 88, 99);
        break;
    case CLOSE_PROJECT:
        lab_project(lab, fault->server, fault->project, "closed");
        break;
    case STOP_PROJECT:
        for (size_t i = 0; i < NODES; i++)
            node_goes(lab, fault, i, "stopped", "gns3.node.stopped");
        break;
    case KINDS:
        break;
    }
}

static void server_returns(struct day *day, const struct fault *fault)
{
    struct lab *lab = day->lab;
    server_goes(lab, fault->server, true);
    if (fault->kind == SERVER_DOWN || fault->kind == BLIP_SERVER)
        return;
    lab_compute(lab, fault->server, true);
    for (size_t i = 0; i < PROJECTS; i++)
        lab_project(lab, fault->server, i, "closed");
    for (size_t i = 0; i < PROJECTS; i++)
        lab_project(lab, fault->server, i, "opened");
}

static void fault_end(struct day *day, const struct fault *fault)
{
    struct lab *lab = day->lab;
    switch (fault->kind) {
    case SERVER_DOWN:
    case SERVER_SHOT:
    case SERVER_LAST:
    case BLIP_SERVER:
        server_returns(day, fault);
        break;
    case COMPUTE_LOST:
    case BLIP_COMPUTE:
        lab_compute(lab, fault->server, true);
        break;
    case NODE_CRASH:
    case NODE_STOP:
    case BLIP_NODE:
        node_goes(lab, fault, fault->node, "started", "gns3.node.started");
        break;
    case CPU_HIGH:
    case BLIP_CPU:
        lab->cpu[fault->server] = 20;
        break;
    case DISK_HIGH:
        lab->disk[fault->server] = 40;
        break;
    case CLOSE_PROJECT:
        lab_project(lab, fault->server, fault->project, "opened");
        break;
    case STOP_PROJECT:
        for (size_t i = 0; i < NODES; i++)
            node_goes(lab, fault, i, "started", "gns3.node.started");
        break;
    case KINDS:
        break;
    }
}

static void server_second(struct day *day, size_t server)
{
    struct fault *fault = day->now[server];
    struct lab *lab = day->lab;
    int64_t now = gwt_now_ms(lab->test);
    if (fault) {
        if (fault->kind == SERVER_LAST && !day->second[server] && now >= fault->seen_ms) {
            server_goes(lab, server, false);
            day->second[server] = true;
        }
        if (now < fault->end_ms)
            return;
        fault_end(day, fault);
        day->now[server] = NULL;
        day->next_ms[server] = now + pick(day, 700, 2000) * 1000;
        return;
    }
    if (now < day->next_ms[server] || day->count == FAULTS_MAX)
        return;
    fault = &day->faults[day->count++];
    enum kind kind = (enum kind)pick(day, SERVER_DOWN, KINDS - 1);
    *fault = (struct fault){.kind = kind,
                            .server = server,
                            .project = (size_t)pick(day, 0, PROJECTS - 1),
                            .node = (size_t)pick(day, 0, NODES - 1),
                            .begin_ms = now,
                            .seen_ms = now};
    fault->end_ms = now + pick(day, about[kind].least_s, about[kind].most_s) * 1000;
    day->now[server] = fault;
    fault_begin(day, fault);
}

/* ---- Counting -------------------------------------------------------------------------------- */

static const char *label_of(const json_t *alert, const char *name)
{
    const char *value = json_string_value(json_object_get(json_object_get(alert, "labels"), name));
    return value ? value : "";
}

static bool is_about(const struct fault *fault, const json_t *alert)
{
    char server[16], project[16], node[16];
    int64_t since = json_integer_value(json_object_get(alert, "since"));
    snprintf(server, sizeof server, "s%zu", fault->server);
    snprintf(project, sizeof project, "lab%zu", fault->project);
    snprintf(node, sizeof node, "PC%zu", fault->node);
    bool of_node = fault->kind == NODE_CRASH || fault->kind == NODE_STOP;
    return fault->kind <= LAST_TOLD &&
           strcmp(json_string_value(json_object_get(alert, "rule")), about[fault->kind].rule) ==
               0 &&
           strcmp(label_of(alert, "server"), server) == 0 &&
           (!of_node || (strcmp(label_of(alert, "project"), project) == 0 &&
                         strcmp(label_of(alert, "node"), node) == 0)) &&
           since >= fault->begin_ms - 1000 && since <= fault->end_ms + 1000;
}

static struct fault *fault_of(struct day *day, const json_t *alert)
{
    for (size_t i = 0; i < day->count; i++)
        if (is_about(&day->faults[i], alert))
            return &day->faults[i];
    return NULL;
}

static void count_notice(struct day *day, const json_t *notice)
{
    const char *kind = json_string_value(json_object_get(notice, "kind"));
    int64_t time = json_integer_value(json_object_get(notice, "time"));
    size_t i;
    json_t *alert;
    json_array_foreach(json_object_get(notice, "alerts"), i, alert)
    {
        struct fault *fault = fault_of(day, alert);
        if (!fault) {
            day->noisy++;
            char *text = json_dumps(alert, JSON_COMPACT);
            print_message("noisy: %s %s\n", kind, text);
            free(text);
        } else if (strcmp(kind, "firing") == 0) {
            fault->told += 1;
            fault->told_ms = time;
        } else if (strcmp(kind, "resolved") == 0) {
            fault->over += 1;
            fault->over_ms = time;
        }
    }
}

/* Time in which nobody was there to look, of the stretch. */
static int64_t away(const struct day *day, int64_t from_ms, int64_t to_ms)
{
    int64_t sum = 0;
    for (size_t i = 0; i < day->kills; i++)
        if (day->kill_list[i] > from_ms - 60000 && day->kill_list[i] < to_ms)
            sum += 30000;
    return sum;
}

static bool is_late(const struct day *day, const struct fault *fault)
{
    int64_t told = fault->told_ms - fault->seen_ms, over = fault->over_ms - fault->end_ms;
    told -= away(day, fault->seen_ms, fault->told_ms);
    over -= away(day, fault->end_ms, fault->over_ms);
    return told > about[fault->kind].told_within_s * 1000 ||
           over > about[fault->kind].over_within_s * 1000;
}

static void print_kills(const struct day *day, const struct fault *fault)
{
    for (size_t i = 0; i < day->kills; i++)
        if (day->kill_list[i] > fault->begin_ms - 60000 && day->kill_list[i] < fault->end_ms)
            print_message("    killed %lld ms after it began\n",
                          (long long)(day->kill_list[i] - fault->begin_ms));
}

static void print_and_check(struct day *day, const char *what)
{
    size_t missed = 0, doubled = 0, late = 0, expected = 0;
    for (size_t i = 0; i < day->lab->sinks[0].count; i++)
        count_notice(day, day->lab->sinks[0].notices[i]);
    print_message("%-28s %6s %6s %7s %5s %10s %10s\n", what, "faults", "missed", "doubled", "late",
                  "told s", "over s");
    for (enum kind kind = SERVER_DOWN; kind < KINDS; kind++) {
        size_t count = 0, m = 0, d = 0, l = 0;
        int64_t told = 0, over = 0;
        for (size_t i = 0; i < day->count; i++) {
            const struct fault *fault = &day->faults[i];
            if (fault->kind != kind)
                continue;
            count++;
            if (kind > LAST_TOLD)
                continue;
            m += fault->told == 0 || fault->over == 0;
            d += fault->told > 1 || fault->over > 1;
            l += fault->told && fault->over && is_late(day, fault);
            told += fault->told ? fault->told_ms - fault->seen_ms : 0;
            over += fault->over ? fault->over_ms - fault->end_ms : 0;
            if (fault->told != 1 || fault->over != 1 || is_late(day, fault))
                print_message("  %s on s%zu lab%zu PC%zu: told %zu after %lld s, over %zu after "
                              "%lld s\n",
                              about[kind].name, fault->server, fault->project, fault->node,
                              fault->told, (long long)(fault->told_ms - fault->seen_ms) / 1000,
                              fault->over, (long long)(fault->over_ms - fault->end_ms) / 1000),
                    print_kills(day, fault);
        }
        double n = count ? 1000.0 * (double)count : 1;
        print_message("%-28s %6zu %6zu %7zu %5zu %10.1f %10.1f\n", about[kind].name, count, m, d, l,
                      (double)told / n, (double)over / n);
        missed += m, doubled += d, late += l, expected += kind <= LAST_TOLD ? count : 0;
    }
    print_message("%zu alerts expected: %zu missed, %zu doubled, %zu late, %zu noisy; %zu kills, "
                  "%zu notices\n",
                  expected, missed, doubled, late, day->noisy, day->kills,
                  day->lab->sinks[0].count);
    assert_true(expected > 50);
    assert_int_equal(missed, 0);
    assert_int_equal(doubled, 0);
    assert_int_equal(late, 0);
    assert_int_equal(day->noisy, 0);
}

/* ---- Days ------------------------------------------------------------------------------------ */

static void maybe_kill(struct day *day)
{
    struct gwt *test = day->lab->test;
    int64_t now = gwt_now_ms(test);
    if (day->alive && day->kill_ms && now >= day->kill_ms && day->kills < 200) {
        gwt_kill(test);
        day->kill_list[day->kills++] = now;
        day->alive = false;
        day->wake_ms = now + pick(day, 1, 20) * 1000;
    } else if (!day->alive && now >= day->wake_ms) {
        lab_start(day->lab);
        day->alive = true;
        day->kill_ms = now + pick(day, 5, 3000) * 1000;
    }
}

static void live_a_day(const char *what, bool kills)
{
    const char *seed = getenv("ALERT_SEED");
    struct day *day = calloc(1, sizeof *day);
    assert_non_null(day);
    day->seed = seed ? strtoull(seed, NULL, 10) : 20260302;
    print_message("seed %llu\n", (unsigned long long)day->seed);
    day->lab = lab_new(ALONE, SERVERS, PROJECTS, NODES);
    day->alive = true;
    lab_start(day->lab);
    lab_run(day->lab, 1000);
    int64_t begin = gwt_now_ms(day->lab->test);
    day->kill_ms = kills ? begin + 600000 : 0;
    for (size_t i = 0; i < SERVERS; i++)
        day->next_ms[i] = begin + pick(day, 300, 1800) * 1000;
    for (int64_t second = 0;
         second < DAY_S || day->now[0] || day->now[1] || day->now[2] || day->now[3]; second++) {
        for (size_t i = 0; i < SERVERS; i++)
            if (second < DAY_S || day->now[i])
                server_second(day, i);
        maybe_kill(day);
        lab_run(day->lab, pick(day, 1, 1999)); /* out of step with the turns */
    }
    if (!day->alive)
        lab_start(day->lab);
    lab_run(day->lab, 1800000);
    print_and_check(day, what);
    lab_free(day->lab);
    free(day);
}

static void a_day_of_faults_gives_each_alert_once_in_time_and_no_other(void **state)
{
    (void)state;
    live_a_day("a day", false);
}

static void a_day_of_faults_and_kills_gives_each_alert_once_and_no_other(void **state)
{
    (void)state;
    live_a_day("a day with kills", true);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_of_faults_gives_each_alert_once_in_time_and_no_other),
        cmocka_unit_test(a_day_of_faults_and_kills_gives_each_alert_once_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
