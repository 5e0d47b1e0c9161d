/* kill -9 of a daemon under load: of it alone, and of it and its store process at once.
 *
 * The daemon is this program again, started with `daemon DIR`: it says events, puts objects and
 * sets rows as fast as 50 a second (a ring holds 128), and tells through a pipe what it had done
 * and when. */
#include "store_fixture.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000, SERIES = 20, PAUSE_MS = 20 };

/* What the daemon had done by `at_ms` of the monotonic clock. */
struct progress {
    int64_t at_ms, sequence, rounds;
    int pid, store_pid;
};

static int64_t now_ms(void)
{
    return clock_monotonic_ms(clock_system());
}

/* ---- The daemon ------------------------------------------------------------------------------ */

static void do_round(struct store_fixture *f, struct gw_series **series, int64_t round,
                     struct progress *progress)
{
    char text[64], json[64];
    fixture_advance_ms(f, 1000);
    for (int i = 0; i < SERIES; i++)
        fixture_rows(series[i], T0 + round, 1);
    snprintf(text, sizeof(text), "round %" PRId64, round);
    snprintf(json, sizeof(json), "{\"round\":%" PRId64 "}", round);
    objects_put(f->objects, "lab", "gns3.node", "n1", json);
    progress->sequence =
        bus_emit(f->bus, &(struct gw_event){.topic = "a.b", .severity = GW_INFO, .text = text});
    progress->rounds = round + 1;
    progress->at_ms = now_ms();
}

static bool is_ready(void *data)
{
    struct link_state state;
    link_state(((struct store_fixture *)data)->store->link, &state);
    return state.ready;
}

static int daemon_main(const char *dir, int out)
{
    struct store_fixture f = {0};
    struct gw_series *series[SERIES];
    snprintf(f.dir, sizeof(f.dir), "%s", dir);
    fixture_clock(&f);
    fixture_open_live(&f, NULL);
    for (int i = 0; i < SERIES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "PC%d", i);
        series[i] = fixture_series(&f, name);
    }
    struct progress progress = {.pid = getpid()};
    if (!wait_for(is_ready, &f))
        return 1;
    for (int64_t round = 0;; round++) {
        struct link_state state;
        link_state(f.store->link, &state);
        progress.store_pid = state.ready ? state.pid : 0;
        do_round(&f, series, round, &progress);
        if (write(out, &progress, sizeof(progress)) != sizeof(progress))
            return 1;
        nanosleep(&(struct timespec){0, PAUSE_MS * 1000000}, NULL);
    }
}

static pid_t start_daemon(const char *program, const char *dir, int *in)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    char fd[16];
    snprintf(fd, sizeof(fd), "%d", pipes[1]);
    pid_t pid = fork();
    if (pid == 0) {
        close(pipes[0]);
        execl(program, program, "daemon", dir, fd, (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    *in = pipes[0];
    return pid;
}

/* ---- The tests ------------------------------------------------------------------------------- */

struct story {
    struct store_fixture f;
    struct progress last;          /* the daemon's last word */
    struct progress second_before; /* its last word at least 1.2 s before it died */
};

enum { HISTORY = 100000 };

/* Lets the daemon run, kills it (and its store process when `both`), and waits until the process
 * has gone too. */
static void run_and_kill(struct story *story, bool both)
{
    static struct progress history[HISTORY];
    size_t count = 0;
    int in;
    pid_t pid = start_daemon("/proc/self/exe", story->f.dir, &in);
    int64_t begun = now_ms();
    while (count < HISTORY && now_ms() - begun < 4000) {
        assert_int_equal(read(in, &history[count], sizeof(history[0])), sizeof(history[0]));
        count++;
    }
    assert_true(history[count - 1].store_pid > 0);
    int64_t died = now_ms();
    kill(pid, SIGKILL);
    if (both)
        kill(history[count - 1].store_pid, SIGKILL);
    waitpid(pid, NULL, 0);
    while (count < HISTORY && read(in, &history[count], sizeof(history[0])) == sizeof(history[0]))
        count++;
    close(in);
    story->last = history[count - 1];
    for (size_t i = 0; i < count && history[i].at_ms < died - 1200; i++)
        story->second_before = history[i];
    assert_true(story->second_before.rounds > 20);
}

static int64_t newest_event(struct store_fixture *f)
{
    char *text = fixture_events(f, &(struct store_events_query){.topic = "a.b", .limit = 1});
    assert_non_null(text);
    json_t *json = json_loads(text, 0, NULL);
    json_t *event = json_array_get(json_object_get(json, "items"), 0);
    int64_t sequence = json_integer_value(json_object_get(event, "sequence"));
    json_decref(json);
    free(text);
    return sequence;
}

static int64_t round_of_object(struct store_fixture *f)
{
    char *text = objects_get(f->objects, "gns3.node", "n1");
    assert_non_null(text);
    json_t *json = json_loads(text, 0, NULL);
    int64_t round = json_integer_value(json_object_get(json, "round"));
    json_decref(json);
    free(text);
    return round;
}

/* Rows from the first one on without a gap, per series; the least number over all. */
static int64_t rows_kept(struct store_fixture *f, int64_t rounds)
{
    int64_t least = INT64_MAX;
    for (uint32_t id = 1; id <= SERIES; id++) {
        struct answer a =
            fixture_query(f, id, T0 - 1, T0 + rounds, (size_t)rounds + 10, STORE_AVERAGE);
        assert_int_equal(a.error, 0);
        assert_int_equal(a.step_ms, 1000);
        int64_t kept = 0;
        while (kept < (int64_t)a.count && !isnan(a.values[kept]))
            kept++;
        least = kept < least ? kept : least;
        answer_fini(&a);
    }
    return least;
}

static void check_after(struct story *story, bool both)
{
    struct store_fixture *f = &story->f;
    fixture_open(f, NULL);
    fixture_tick(f);
    int64_t rows = rows_kept(f, story->last.rounds);
    int64_t event = newest_event(f), object = round_of_object(f);
    print_message("of %" PRId64 " rounds (%" PRId64 " a second before): rows %" PRId64
                  ", events %" PRId64 ", object %" PRId64 "\n",
                  story->last.rounds, story->second_before.rounds, rows, event, object);
    /* With the process alive every row was saved; with both gone at most the last second is lost.
     */
    assert_true(rows >= (both ? story->second_before.rounds : story->last.rounds));
    assert_true(event >= story->second_before.sequence);
    assert_true(object + 1 >= story->second_before.rounds);
    int64_t next =
        bus_emit(f->bus, &(struct gw_event){.topic = "a.b", .severity = GW_INFO, .text = "on"});
    assert_true(next > story->last.sequence);
    fixture_close(f);
}

static void kill_and_check(bool both)
{
    struct story story = {0};
    fixture_begin(&story.f);
    run_and_kill(&story, both);
    check_after(&story, both);
    fixture_end(&story.f);
}

static void a_killed_daemon_loses_no_row_and_at_most_a_second_of_events(void **state)
{
    (void)state;
    kill_and_check(false);
}

static void daemon_and_process_killed_at_once_lose_at_most_a_second(void **state)
{
    (void)state;
    kill_and_check(true);
}

int main(int argc, char **argv)
{
    store_fixture_main(argc, argv);
    if (argc == 4 && strcmp(argv[1], "daemon") == 0)
        return daemon_main(argv[2], (int)strtol(argv[3], NULL, 10));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_daemon_loses_no_row_and_at_most_a_second_of_events),
        cmocka_unit_test(daemon_and_process_killed_at_once_lose_at_most_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
