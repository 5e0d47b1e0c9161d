/* The exec plugin in its host, with programs that are sh scripts made here: what becomes of what
 * they print, and of how they end. */
#include "unit.h"

#include <errno.h>
#include <gnswatch/testing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct gw_descriptor gnswatch_plugin;

struct world {
    char folder[64];
    struct gwt *test;
    const char *item, *member, *value; /* what is waited for */
    const char *series, *labels;
    size_t rows;
};

static const char *path_of(struct world *world, const char *name)
{
    static _Thread_local char path[200];
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    return path;
}

static void put_file(struct world *world, const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(path_of(world, name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path_of(world, name), mode), 0);
}

static void script(struct world *world, const char *name, const char *body)
{
    char text[4000];
    snprintf(text, sizeof text, "#!/bin/sh\ncd %s\n%s\n", world->folder, body);
    put_file(world, name, text, 0755);
}

/* A % in the YAML stands for the folder. */
static void begin(struct world *world, const char *yaml)
{
    char text[8000];
    size_t used = 0;
    for (const char *at = yaml; *at; at++)
        used += (size_t)snprintf(text + used, sizeof text - used, *at == '%' ? "%s" : "%.1s",
                                 *at == '%' ? world->folder : at);
    world->test = gwt_new(&gnswatch_plugin, text, 0);
    assert_non_null(world->test);
    assert_int_equal(gwt_start(world->test), 0);
}

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    snprintf(world->folder, sizeof world->folder, "/tmp/gnswatch-exec-XXXXXX");
    *state = world;
    return mkdtemp(world->folder) && chmod(world->folder, 0755) == 0 ? 0 : -1;
}

static int end_world(void **state)
{
    struct world *world = *state;
    char command[200];
    gwt_free(world->test);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    int answer = system(command);
    free(world);
    return answer;
}

static bool member_is(void *data)
{
    struct world *world = data;
    return strstr(gwt_member(world->test, "exec.item", world->item, world->member), world->value) !=
           NULL;
}

static void wait_member(struct world *world, const char *item, const char *member,
                        const char *value)
{
    world->item = item;
    world->member = member;
    world->value = value;
    if (!gwt_run_until(world->test, member_is, world, 120000)) {
        char *json = gwt_object(world->test, "exec.item", item);
        fail_msg("%s.%s never had '%s': %s", item, member, value, json ? json : "(none)");
    }
}

static bool has_rows(void *data)
{
    struct world *world = data;
    return gwt_rows(world->test, world->series, world->labels) >= world->rows;
}

static void wait_rows(struct world *world, const char *series, const char *labels, size_t rows)
{
    world->series = series;
    world->labels = labels;
    world->rows = rows;
    if (!gwt_run_until(world->test, has_rows, world, 120000))
        fail_msg("%s{%s} has %zu rows and not %zu", series, labels,
                 gwt_rows(world->test, series, labels), rows);
}

static const char *member(struct world *world, const char *item, const char *name)
{
    return gwt_member(world->test, "exec.item", item, name);
}

/* ---- Our own lines --------------------------------------------------------------------------- */

static void a_stream_writes_rows_with_units_and_labels(void **state)
{
    struct world *world = *state;
    script(world, "room.sh",
           "while :; do\n"
           "echo '{\"series\":\"room\",\"labels\":{\"room\":\"A\"},\"values\":{\"temp\":"
           "{\"value\":21.5,\"unit\":\"celsius\",\"min\":-40,\"warning\":\"30\"},\"open\":true}}'\n"
           "sleep 0.2; done");
    begin(world, "items:\n  - {name: room, protocol: jsonl, command: %/room.sh, every: 1s, "
                 "labels: {site: lab}}\n");
    wait_rows(world, "exec.room", "item=room,site=lab,room=A", 2);
    assert_float_equal(gwt_value(world->test, "exec.room", "item=room,site=lab,room=A", "temp"),
                       21.5, 0);
    assert_float_equal(gwt_value(world->test, "exec.room", "item=room,site=lab,room=A", "open"), 1,
                       0);
    wait_member(world, "room", "metrics", "\"warning\":\"30\"");
    assert_non_null(strstr(member(world, "room", "metrics"), "\"unit\":\"Cel\""));
    assert_string_equal(member(world, "room", "state"), "running");
}

static void events_objects_and_answers_come_from_a_child(void **state)
{
    struct world *world = *state;
    const char *reply;
    script(world, "all.sh",
           "echo '{\"offer\":\"greet\",\"help\":\"says hello\"}'\n"
           "echo '{\"event\":\"backup.done\",\"text\":\"All is kept\",\"severity\":\"notice\"}'\n"
           "echo '{\"object\":\"host\",\"id\":\"a\",\"fields\":{\"up\":true}}'\n"
           "while read line; do id=${line#*\\\"call\\\":}; id=${id%%,*}\n"
           "echo \"{\\\"answer\\\":$id,\\\"result\\\":{\\\"said\\\":\\\"hello\\\"}}\"; done");
    put_file(world, "conf", "", 0644);
    begin(world, "items:\n  - {name: all, protocol: jsonl, command: %/all.sh, every: 1s}\n");
    wait_member(world, "all", "offers", "greet");
    assert_int_equal(gwt_call(world->test, "exec.item.ask",
                              "{\"id\":\"all\",\"ask\":\"greet\",\"params\":{\"x\":1}}", &reply),
                     0);
    assert_non_null(strstr(reply, "hello"));
    assert_int_equal(
        gwt_call(world->test, "exec.item.ask", "{\"id\":\"all\",\"ask\":\"nosuch\"}", &reply),
        -ENOENT);
    assert_int_equal(gwt_events(world->test, "exec.backup.done"), 1);
    assert_string_equal(gwt_event(world->test, "exec.backup.done", 0)->text, "All is kept");
    assert_string_equal(gwt_member(world->test, "exec.thing", "all/host/a", "kind"), "host");
}

static void what_cannot_be_read_is_told_with_its_place(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *line, *column, *why;
    } faults[] = {
        {"hello", "1", "expected"},
        {"{\"series\":\"a\",\"valeus\":{}}", "15", "there is no member 'valeus'"},
        {"{\"series\":\"a\",\"values\":{\"x\":\"y\"}}", "25", "value 'x' must be a number"},
        {"{\"nothing\":1}", "1", "says nothing"},
        {"{\"event\":\"Bad\",\"text\":\"t\"}", "10", "`event` must be of a-z"},
        {"{\"series\":\"a\",\"labels\":{\"b\":1},\"values\":{\"x\":1}}", "25", "and be a text"},
        {"[1]", "1", "one JSON object"},
    };
    begin(world, "items: []\n");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const char *reply;
        char body[400], params[300];
        snprintf(body, sizeof body, "echo\necho '%s'", faults[i].line);
        script(world, "fault.sh", body);
        snprintf(params, sizeof params,
                 "{\"protocol\":\"jsonl\",\"mode\":\"each\",\"command\":[\"%s\"]}",
                 path_of(world, "fault.sh"));
        assert_int_equal(gwt_call(world->test, "exec.try", params, &reply), 0);
        char place[60];
        snprintf(place, sizeof place, "\"line\":2,\"column\":%s,", faults[i].column);
        if (!strstr(reply, place) || !strstr(reply, faults[i].why))
            fail_msg("%s: %s", faults[i].line, reply);
    }
}

static void a_plugin_that_asks_to_be_disabled_stays_off_until_somebody_starts_it(void **state)
{
    struct world *world = *state;
    script(world, "off.sh", "echo run >>runs; echo '{\"wish\":\"disable\"}'; sleep 100");
    begin(world, "items:\n  - {name: off, protocol: jsonl, command: %/off.sh, every: 1s}\n");
    wait_member(world, "off", "state", "disabled");
    gwt_run(world->test, 600000);
    assert_string_equal(member(world, "off", "state"), "disabled");
    assert_int_equal(gwt_events(world->test, "exec.item.disabled"), 1);
    gwt_stop(world->test);
    assert_int_equal(gwt_start(world->test), 0);
    gwt_run(world->test, 60000);
    assert_string_equal(member(world, "off", "state"), "disabled");
    assert_int_equal(gwt_call(world->test, "exec.item.enable", "{\"id\":\"off\"}", NULL), 0);
    wait_member(world, "off", "state", "disabled");
    struct stat runs;
    assert_int_equal(stat(path_of(world, "runs"), &runs), 0);
    assert_int_equal(runs.st_size, 8); /* twice */
}

/* ---- Where values go ------------------------------------------------------------------------- */

static void a_field_that_comes_later_has_its_place_and_keeps_it(void **state)
{
    struct world *world = *state;
    script(world, "more.sh",
           "echo '{\"series\":\"s\",\"values\":{\"b\":1,\"a\":2}}'; sleep 0.05\n"
           "test -e later && echo '{\"series\":\"s\",\"values\":{\"c\":3}}'; exit 0");
    begin(world,
          "items:\n  - {name: m, protocol: jsonl, mode: each, command: %/more.sh, every: 1s}\n");
    wait_rows(world, "exec.s", "item=m", 2);
    put_file(world, "later", "", 0644);
    wait_rows(world, "exec.s", "item=m,part=2", 1);
    assert_float_equal(gwt_value(world->test, "exec.s", "item=m", "a"), 2, 0);
    assert_float_equal(gwt_value(world->test, "exec.s", "item=m,part=2", "c"), 3, 0);
    gwt_stop(world->test);
    script(world, "more.sh", "echo '{\"series\":\"s\",\"values\":{\"c\":30,\"b\":10}}'");
    assert_int_equal(gwt_start(world->test), 0);
    size_t before = gwt_rows(world->test, "exec.s", "item=m,part=2");
    wait_rows(world, "exec.s", "item=m,part=2", before + 1);
    assert_float_equal(gwt_value(world->test, "exec.s", "item=m,part=2", "c"), 30, 0);
    assert_float_equal(gwt_value(world->test, "exec.s", "item=m", "b"), 10, 0);
}

static void series_beyond_the_limit_are_refused_counted_and_told_once(void **state)
{
    struct world *world = *state;
    script(world, "many.sh",
           "i=0; while [ $i -lt 50 ]; do i=$((i+1))\n"
           "echo \"{\\\"series\\\":\\\"s\\\",\\\"labels\\\":{\\\"i\\\":\\\"$i\\\"},"
           "\\\"values\\\":{\\\"x\\\":1}}\"; done");
    begin(world, "items:\n  - {name: many, protocol: jsonl, mode: each, command: %/many.sh, every: "
                 "1s, limits: {series: 20}}\n");
    wait_member(world, "many", "error", "more than 20 series");
    assert_string_equal(member(world, "many", "counts.series"), "20");
    assert_string_equal(member(world, "many", "state"), "ok");
    assert_int_equal(gwt_logged(world->test, "more than 20 series"), 1);
    assert_int_equal(gwt_rows(world->test, "exec.s", "item=many,i=20"), 1);
    assert_int_equal(gwt_rows(world->test, "exec.s", "item=many,i=21"), 0);
}

static void labels_beyond_eight_are_joined(void **state)
{
    struct world *world = *state;
    script(world, "wide.sh",
           "echo '{\"series\":\"w\",\"labels\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"4\","
           "\"e\":\"5\",\"f\":\"6\",\"g\":\"7\",\"h\":\"8\"},\"values\":{\"x\":1}}'");
    begin(world,
          "items:\n  - {name: w, protocol: jsonl, mode: each, command: %/wide.sh, every: 1s}\n");
    wait_member(world, "w", "metrics", "\"more\":\"f=6,g=7,h=8\"");
}

/* ---- Checks ---------------------------------------------------------------------------------- */

static void a_check_says_its_state_its_words_and_its_numbers(void **state)
{
    struct world *world = *state;
    script(world, "check.sh", "echo 'DISK WARNING - 5% left | /=95%;90;98;0;100'; exit 1");
    begin(world, "items:\n  - {name: disk, protocol: nagios, command: %/check.sh, every: 10s}\n");
    wait_member(world, "disk", "state", "warning");
    assert_string_equal(member(world, "disk", "verdict.text"), "DISK WARNING - 5% left");
    assert_int_equal(gwt_events(world->test, "exec.check.warning"), 1);
    assert_float_equal(gwt_value(world->test, "exec.check", "item=disk", "state"), 1, 0);
    assert_non_null(strstr(member(world, "disk", "metrics"), "\"warning\":\"90\""));
    wait_rows(world, "exec.check", "item=disk", 3);
    assert_int_equal(gwt_events(world->test, "exec.check.*"), 1);
    script(world, "check.sh", "echo 'DISK OK'");
    wait_member(world, "disk", "state", "ok");
    assert_int_equal(gwt_events(world->test, "exec.check.ok"), 1);
}

static void a_bad_state_is_believed_after_its_attempts(void **state)
{
    struct world *world = *state;
    script(world, "check.sh", "test -e bad && exit 2; echo fine");
    begin(world, "items:\n  - {name: c, protocol: nagios, command: %/check.sh, every: 10s, "
                 "attempts: 3, retry_every: 1s}\n");
    wait_member(world, "c", "state", "ok");
    put_file(world, "bad", "", 0644);
    wait_member(world, "c", "verdict.now", "critical");
    assert_string_equal(member(world, "c", "state"), "ok");
    assert_int_equal(gwt_events(world->test, "exec.check.critical"), 0);
    int64_t since_ms = gwt_now_ms(world->test);
    wait_member(world, "c", "state", "critical");
    assert_true(gwt_now_ms(world->test) - since_ms < 5000);
    assert_int_equal(gwt_events(world->test, "exec.check.critical"), 1);
    gwt_kill(world->test);
    assert_int_equal(gwt_start(world->test), 0);
    wait_rows(world, "exec.check", "item=c", gwt_rows(world->test, "exec.check", "item=c") + 2);
    assert_int_equal(gwt_events(world->test, "exec.check.critical"), 1); /* known already */
}

static void a_check_that_hangs_is_unknown_and_all_of_it_is_ended(void **state)
{
    struct world *world = *state;
    script(world, "hang.sh", "trap '' TERM; sleep 1000 & echo $! >pid; while :; do sleep 1; done");
    begin(world,
          "items:\n  - {name: h, protocol: nagios, command: %/hang.sh, every: 10s, timeout: 2s}\n");
    wait_member(world, "h", "state", "unknown");
    assert_string_equal(member(world, "h", "verdict.text"), "timed out after 2 s and was ended");
    FILE *file = fopen(path_of(world, "pid"), "r");
    int pid = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    char stat[64];
    snprintf(stat, sizeof stat, "/proc/%d/cmdline", pid);
    file = fopen(stat, "r"); /* gone, or a zombie of the init's, whose line is empty */
    assert_true(!file || fgetc(file) == EOF);
    if (file)
        fclose(file);
}

static void the_reason_on_stderr_is_shown_when_there_is_no_other(void **state)
{
    struct world *world = *state;
    script(world, "mute.sh", "echo 'cannot reach it' >&2; exit 3");
    begin(world, "items:\n  - {name: m, protocol: nagios, command: %/mute.sh, every: 10s}\n");
    wait_member(world, "m", "verdict.text", "cannot reach it");
    assert_string_equal(member(world, "m", "state"), "unknown");
}

/* ---- How they end ---------------------------------------------------------------------------- */

static void what_ends_is_started_again_with_pauses_up_to_five_intervals(void **state)
{
    struct world *world = *state;
    script(world, "die.sh", "echo x >>runs; echo 'no such host' >&2; exit 7");
    begin(world, "items:\n  - {name: d, protocol: jsonl, command: %/die.sh, every: 10s}\n");
    wait_member(world, "d", "state", "failed");
    assert_non_null(strstr(member(world, "d", "error.why"), "exit code 7: no such host"));
    wait_member(world, "d", "counts.restarts", "4");
    int64_t from_ms = gwt_now_ms(world->test);
    wait_member(world, "d", "counts.restarts", "6");
    int64_t took_ms = gwt_now_ms(world->test) - from_ms;
    assert_true(took_ms >= 95000 && took_ms <= 105000);
    assert_int_equal(gwt_events(world->test, "exec.item.failed"), 1);
    script(world, "die.sh", "echo '{\"series\":\"s\",\"values\":{\"x\":1}}'; sleep 100");
    wait_member(world, "d", "state", "running");
    assert_int_equal(gwt_events(world->test, "exec.item.recovered"), 1);
}

static void what_cannot_start_says_why(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *item, *why;
    } items[] = {
        {"missing", "there is no such file"},
        {"nobit", "may not be executed"},
        {"interpreter", "its interpreter /no/such/sh is missing"},
        {"nothing", "neither a binary"},
        {"empty", "is empty"},
        {"windows", "its lines end in carriage returns"},
        {"mark", "a byte-order mark"},
        {"wide", "UTF-16"},
        {"pipe", "is no file"},
        {"folder", "directory"},
        {"inpath", "there is no program 'nosuchprogram_x'"},
        {"both", "only one may be said"},
        {"none", "what is run is missing"},
        {"shell", "which only a shell understands"},
        {"attempts", "`attempts` is for protocol nagios"},
        {"env", "is no name of a variable"},
        {"user", "there is no user"},
        {"relative", "must begin with /"},
    };
    put_file(world, "nobit", "#!/bin/sh\n", 0644);
    put_file(world, "interpreter", "#!/no/such/sh\n", 0755);
    put_file(world, "nothing", "just text\n", 0755);
    put_file(world, "empty", "", 0755);
    put_file(world, "windows", "#!/bin/sh\r\necho fine\r\n", 0755);
    put_file(world, "mark", "\xef\xbb\xbf#!/bin/sh\n", 0755);
    put_file(world, "wide", "\xff\xfe#", 0755);
    assert_int_equal(mkfifo(path_of(world, "pipe"), 0755), 0);
    assert_int_equal(mkdir(path_of(world, "folder"), 0755), 0);
    script(world, "good", "echo fine");
    begin(world, "items:\n"
                 "  - {name: missing, protocol: nagios, command: %/missing, every: 1s}\n"
                 "  - {name: nobit, protocol: nagios, command: %/nobit, every: 1s}\n"
                 "  - {name: interpreter, protocol: nagios, command: %/interpreter, every: 1s}\n"
                 "  - {name: nothing, protocol: nagios, command: %/nothing, every: 1s}\n"
                 "  - {name: empty, protocol: nagios, command: %/empty, every: 1s}\n"
                 "  - {name: windows, protocol: nagios, command: %/windows, every: 1s}\n"
                 "  - {name: mark, protocol: nagios, command: %/mark, every: 1s}\n"
                 "  - {name: wide, protocol: nagios, command: %/wide, every: 1s}\n"
                 "  - {name: pipe, protocol: nagios, command: %/pipe, every: 1s}\n"
                 "  - {name: folder, protocol: nagios, command: %/folder, every: 1s}\n"
                 "  - {name: inpath, protocol: nagios, command: nosuchprogram_x, every: 1s}\n"
                 "  - {name: both, protocol: prometheus, command: a, url: 'http://a/'}\n"
                 "  - {name: none, protocol: nagios}\n"
                 "  - {name: shell, protocol: nagios, command: 'a | b'}\n"
                 "  - {name: attempts, protocol: jsonl, command: a, attempts: 3}\n"
                 "  - {name: env, protocol: nagios, command: a, env: {'a b': 1}}\n"
                 "  - {name: user, protocol: nagios, command: a, user: nosuchuser_x}\n"
                 "  - {name: relative, protocol: nagios, command: ./a}\n"
                 "  - {name: good, protocol: nagios, command: %/good, every: 1s}\n");
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        wait_member(world, items[i].item, "state", "failed");
        if (!strstr(member(world, items[i].item, "error.why"), items[i].why))
            fail_msg("%s: %s", items[i].item, member(world, items[i].item, "error.why"));
    }
    wait_member(world, "good", "state", "ok");
}

static void what_the_machine_lacked_is_looked_for_again(void **state)
{
    struct world *world = *state;
    char folder[300];
    script(world, "n.plugin",
           "echo \"CHART a.b '' t u\"; echo 'DIMENSION x'; while :; do\n"
           "echo 'BEGIN a.b'; echo 'SET x = 1'; echo END; sleep 0.1; done");
    begin(world, "items:\n  - {name: n, protocol: netdata, command: %/n.plugin, every: 1s}\n");
    wait_member(world, "n", "state", "running");
    gwt_stop(world->test);
    snprintf(folder, sizeof folder, "%s/netdata", gwt_state_dir(world->test));
    assert_int_equal(rmdir(folder), 0);
    FILE *file = fopen(folder, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(gwt_start(world->test), 0);
    wait_member(world, "n", "state", "failed");
    assert_non_null(strstr(member(world, "n", "error.why"), "cannot make the folder"));
    assert_int_equal(unlink(folder), 0);
    wait_member(world, "n", "state", "running");
}

static void a_wildcard_that_says_nothing_is_told_to_need_a_name(void **state)
{
    struct world *world = *state;
    const char *reply = NULL;
    char params[300];
    script(world, "if_", "[ -n \"$1\" ] || exit 0; echo 'graph_title x'");
    begin(world, "items:\n  - {name: w, protocol: munin, command: %/if_, every: 1s}\n");
    wait_member(world, "w", "state", "failed");
    assert_non_null(strstr(member(world, "w", "error.why"), "needs `as`"));
    snprintf(params, sizeof params, "{\"protocol\":\"munin\",\"command\":\"%s\"}",
             path_of(world, "if_"));
    assert_int_equal(gwt_call(world->test, "exec.try", params, &reply), 0);
    assert_non_null(strstr(reply, "needs `as`"));
}

static void what_is_not_to_be_seen_is_not_seen(void **state)
{
    struct world *world = *state;
    script(world, "secret.sh", "echo \"$TOKEN is wrong\"; echo \"$TOKEN\" >&2; exit 2");
    put_file(world, "token", "hunter22\n", 0600);
    begin(world, "items:\n  - name: s\n    protocol: nagios\n    every: 10s\n"
                 "    command: [%/secret.sh, --password, swordfish, --url, 'http://u:pw99@h/', "
                 "--token=abcdef]\n"
                 "    secrets: [{name: TOKEN, value_file: %/token}]\n");
    wait_member(world, "s", "state", "critical");
    char *json = gwt_object(world->test, "exec.item", "s");
    assert_null(strstr(json, "hunter22"));
    assert_null(strstr(json, "swordfish"));
    assert_null(strstr(json, "pw99"));
    assert_null(strstr(json, "abcdef"));
    assert_non_null(strstr(json, "******** is wrong"));
    gw_free(json);
    assert_null(strstr(gwt_event(world->test, "exec.check.critical", 0)->text, "hunter22"));
}

static void nothing_of_ours_is_handed_on_but_what_is_promised(void **state)
{
    struct world *world = *state;
    script(world, "look.sh",
           "env | sort >environ; ls -l /proc/self/fd >fds; pwd -P >/dev/null\n"
           "readlink /proc/$$/cwd >cwd; ps -o pgid=,sid= -p $$ >ids; echo $$ >>ids\n"
           "grep -E 'SigBlk|SigIgn' /proc/self/status >signals; echo fine");
    char text[4000];
    snprintf(text, sizeof text, "#!/bin/sh\ncd %s\n", world->folder);
    setenv("NOT_FOR_CHILDREN", "1", 1);
    begin(world, "items:\n  - {name: l, protocol: nagios, command: %/look.sh, every: 10s, env: "
                 "{MINE: 5}}\n");
    wait_member(world, "l", "state", "ok");
    char line[200];
    FILE *file = fopen(path_of(world, "environ"), "r");
    assert_non_null(file);
    bool mine = false, path = false;
    while (fgets(line, sizeof line, file)) {
        assert_null(strstr(line, "NOT_FOR_CHILDREN"));
        mine |= strcmp(line, "MINE=5\n") == 0;
        path |= strncmp(line, "PATH=/usr/local/sbin", 20) == 0;
    }
    fclose(file);
    assert_true(mine && path);
    file = fopen(path_of(world, "signals"), "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        assert_non_null(strstr(line, "0000000000000000"));
    fclose(file);
    unsetenv("NOT_FOR_CHILDREN");
}

static void programs_of_a_directory_come_and_go(void **state)
{
    struct world *world = *state;
    assert_int_equal(mkdir(path_of(world, "d"), 0755), 0);
    put_file(world, "d/one", "#!/bin/sh\necho one\n", 0755);
    put_file(world, "d/two", "#!/bin/sh\necho two\n", 0755);
    put_file(world, "d/notes.txt", "nothing to run\n", 0644);
    begin(world, "items:\n  - {name: d, protocol: nagios, directory: %/d, every: 1s, except: "
                 "[two]}\n");
    wait_member(world, "d.one", "state", "ok");
    assert_int_equal(gwt_objects(world->test, "exec.item"), 2);
    put_file(world, "d/three", "#!/bin/sh\necho three\n", 0755);
    wait_member(world, "d.three", "state", "ok");
    assert_int_equal(unlink(path_of(world, "d/one")), 0);
    gwt_run(world->test, 61000);
    assert_int_equal(gwt_objects(world->test, "exec.item"), 2);
    assert_string_equal(member(world, "d.one", "state"), "");
}

static void not_too_many_run_at_once(void **state)
{
    struct world *world = *state;
    char yaml[4000];
    script(world, "busy.sh",
           "mkdir at.$$; set -- at.*; echo $# >>seen; sleep 0.03; rmdir at.$$; echo fine");
    int used = snprintf(yaml, sizeof yaml, "at_once: 2\nitems:\n");
    for (int i = 0; i < 12; i++)
        used += snprintf(yaml + used, sizeof yaml - (size_t)used,
                         "  - {name: i%c, protocol: nagios, command: %%/busy.sh, every: 1s}\n",
                         'a' + i);
    begin(world, yaml);
    for (int i = 0; i < 12; i++) {
        char name[] = {'i', (char)('a' + i), '\0'};
        wait_member(world, name, "state", "ok");
    }
    int most = 0, count = 0;
    FILE *file = fopen(path_of(world, "seen"), "r");
    assert_non_null(file);
    for (int n; fscanf(file, "%d", &n) == 1; count++)
        most = n > most ? n : most;
    fclose(file);
    assert_true(count >= 12);
    assert_true(most >= 1 && most <= 2);
}

static void what_is_tried_leaves_nothing(void **state)
{
    struct world *world = *state;
    const char *reply;
    char params[300];
    script(world, "check.sh", "echo 'OK | a=5s;1;2 b=3'");
    begin(world, "items: []\n");
    snprintf(params, sizeof params, "{\"protocol\":\"nagios\",\"command\":[\"%s\"]}",
             path_of(world, "check.sh"));
    assert_int_equal(gwt_call(world->test, "exec.try", params, &reply), 0);
    assert_non_null(strstr(reply, "\"field\":\"a\""));
    assert_non_null(strstr(reply, "\"exit\":0"));
    assert_int_equal(gwt_objects(world->test, "exec.item"), 0);
    assert_int_equal(gwt_call(world->test, "exec.try",
                              "{\"protocol\":\"nagios\",\"command\":[\"/no/such\"]}", &reply),
                     -EINVAL);
    assert_non_null(strstr(reply, "there is no such file"));
}

static void a_scrape_is_read_and_its_absence_told(void **state)
{
    struct world *world = *state;
    begin(world, "items:\n  - {name: node, protocol: prometheus, url: "
                 "'http://node.invalid:9100/metrics', every: 15s}\n");
    gwt_http(world->test, "GET", "http://node.invalid:9100/metrics", 200,
             "# TYPE up gauge\nup 1\n# TYPE hits_total counter\nhits_total{path=\"/a\"} 5\n", 1);
    wait_member(world, "node", "state", "ok");
    assert_int_equal(gwt_rows(world->test, "exec.up", "item=node"), 1);
    gwt_http(world->test, "GET", "http://node.invalid:9100/metrics", -ECONNREFUSED, NULL, 0);
    wait_member(world, "node", "state", "failed");
    assert_non_null(strstr(member(world, "node", "error.why"), "did not answer"));
    assert_float_equal(gwt_value(world->test, "exec.run", "item=node", "up"), 0, 0);
}

static void a_stop_in_the_middle_of_a_scrape_is_no_failure_of_the_exporter(void **state)
{
    struct world *world = *state;
    begin(world, "items:\n  - {name: node, protocol: prometheus, url: "
                 "'http://node.invalid:9100/metrics', every: 15s}\n");
    gwt_http(world->test, "GET", "http://node.invalid:9100/metrics", 200, "a 1\n", 0);
    gwt_http_slow(world->test, 5000);
    for (int i = 0; i < 100 && gwt_requests(world->test, "http://node.invalid:9100/metrics") == 0;
         i++)
        gwt_run(world->test, 1000);
    assert_int_equal(gwt_requests(world->test, "http://node.invalid:9100/metrics"), 1);
    gwt_stop(world->test);
    assert_int_equal(gwt_events(world->test, "exec.item.failed"), 0);
    assert_int_equal(gwt_start(world->test), 0);
    wait_member(world, "node", "state", "ok");
}

static void text_files_are_read_and_a_bad_one_hurts_no_other(void **state)
{
    struct world *world = *state;
    put_file(world, "good.prom", "# TYPE a gauge\na 1\n", 0644);
    put_file(world, "bad.prom", "# TYPE b gauge\nb one\n", 0644);
    begin(world, "items:\n  - {name: t, protocol: prometheus, path: %, every: 1s}\n");
    wait_member(world, "t", "error.why", "bad.prom");
    assert_true(gwt_rows(world->test, "exec.a", "item=t") >= 1);
    assert_float_equal(gwt_value(world->test, "exec.file", "item=t,file=bad.prom", "error"), 1, 0);
    assert_float_equal(gwt_value(world->test, "exec.file", "item=t,file=good.prom", "error"), 0, 0);
    assert_string_equal(member(world, "t", "state"), "ok");
}

static void a_stream_of_influx_is_asked_each_interval(void **state)
{
    struct world *world = *state;
    script(world, "execd.sh",
           "n=0; while read line; do n=$((n+1)); echo \"asked,by=us n=${n}i\"; done");
    begin(world, "items:\n  - {name: e, protocol: influx, mode: stream, signal: stdin, command: "
                 "%/execd.sh, every: 1s}\n");
    wait_rows(world, "exec.asked", "item=e,by=us", 3);
    assert_true(gwt_value(world->test, "exec.asked", "item=e,by=us", "n") >= 3);
    assert_string_equal(member(world, "e", "state"), "running");
}

static void a_wildcard_of_munin_runs_under_its_name_with_its_configuration(void **state)
{
    struct world *world = *state;
    assert_int_equal(mkdir(path_of(world, "conf"), 0755), 0);
    put_file(world, "conf/all", "[if_*]\nenv.speed 100\n[if_eth7]\nenv.speed 1000\n", 0644);
    script(world, "if_",
           "name=${0##*if_}\nif [ \"$1\" = config ]; then\n"
           "echo \"graph_title $name\"; echo 'down.label received'; echo \"down.max $speed\"\n"
           "echo 'down.warning 10:90'; exit; fi; echo 'down.value 42'");
    begin(world, "items:\n  - {name: m, protocol: munin, command: %/if_, as: if_eth7, every: 1s, "
                 "plugin_conf: %/conf}\n");
    wait_member(world, "m", "metrics", "\"last\":42");
    assert_non_null(strstr(member(world, "m", "metrics"), "\"max\":1000"));
    assert_non_null(strstr(member(world, "m", "metrics"), "\"warning\":\"10:90\""));
}

static void it_runs_as_whom_it_is_said(void **state)
{
    struct world *world = *state;
    if (geteuid() != 0)
        skip(); /* only root can */
    script(world, "who.sh", "echo \"who uid=$(id -u),groups=$(id -G | wc -w)\"");
    begin(world, "items:\n  - {name: w, protocol: influx, command: %/who.sh, every: 1s, user: "
                 "nobody}\n"
                 "  - {name: c, protocol: collectd, command: %/who.sh, every: 1s}\n");
    wait_member(world, "w", "state", "ok");
    assert_float_equal(gwt_value(world->test, "exec.who", "item=w", "uid"), 65534, 0);
    assert_float_equal(gwt_value(world->test, "exec.who", "item=w", "groups"), 1, 0);
    assert_non_null(
        strstr(member(world, "c", "error.why"), "collectd does not run programs as root"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_writes_rows_with_units_and_labels),
        TEST(events_objects_and_answers_come_from_a_child),
        TEST(what_cannot_be_read_is_told_with_its_place),
        TEST(a_plugin_that_asks_to_be_disabled_stays_off_until_somebody_starts_it),
        TEST(a_field_that_comes_later_has_its_place_and_keeps_it),
        TEST(series_beyond_the_limit_are_refused_counted_and_told_once),
        TEST(labels_beyond_eight_are_joined),
        TEST(a_check_says_its_state_its_words_and_its_numbers),
        TEST(a_bad_state_is_believed_after_its_attempts),
        TEST(a_check_that_hangs_is_unknown_and_all_of_it_is_ended),
        TEST(the_reason_on_stderr_is_shown_when_there_is_no_other),
        TEST(what_ends_is_started_again_with_pauses_up_to_five_intervals),
        TEST(what_cannot_start_says_why),
        TEST(what_the_machine_lacked_is_looked_for_again),
        TEST(a_wildcard_that_says_nothing_is_told_to_need_a_name),
        TEST(what_is_not_to_be_seen_is_not_seen),
        TEST(nothing_of_ours_is_handed_on_but_what_is_promised),
        TEST(programs_of_a_directory_come_and_go),
        TEST(not_too_many_run_at_once),
        TEST(what_is_tried_leaves_nothing),
        TEST(a_scrape_is_read_and_its_absence_told),
        TEST(a_stop_in_the_middle_of_a_scrape_is_no_failure_of_the_exporter),
        TEST(a_stream_of_influx_is_asked_each_interval),
        TEST(a_wildcard_of_munin_runs_under_its_name_with_its_configuration),
        TEST(it_runs_as_whom_it_is_said),
        TEST(text_files_are_read_and_a_bad_one_hurts_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
