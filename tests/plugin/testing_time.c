/* Time, threads, descriptors and lives on the test host. */
#include "testing_probe.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void note_a(struct gw_plugin *self, void *data)
{
    (void)self;
    note(data, "a");
}

static void note_b(struct gw_plugin *self, void *data)
{
    (void)self;
    note(data, "b");
}

static void note_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)self;
    note(data, event->topic);
}

static void what_is_due_comes_in_order_of_time(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("every: 3s\n");
    struct gw_plugin *self = gwt_self(test);
    notes_begin(&notes, test);
    assert_non_null(gw_timer_start(self, 2000, 2000, note_a, &notes));
    assert_non_null(gw_timer_start(self, 3000, 0, note_b, &notes));
    assert_int_equal(gw_subscribe(self, "object.*", note_event, &notes), 0);
    assert_int_equal(gw_post(self, note_b, &notes), 0);
    gwt_run(test, 6000);
    assert_string_equal(notes.text, "b@0 a@2000 object.put@3000 b@3000 a@4000 object.put@6000 "
                                    "a@6000 ");
    assert_string_equal(gwt_member(test, "probe.state", "now", "ticks"), "2");
    gwt_free(test);
}

struct own {
    struct gw_timer *timer;
    int turns;
};

static void stop_own(struct gw_plugin *self, void *data)
{
    (void)self;
    struct own *own = data;
    own->turns++;
    gw_timer_stop(own->timer);
}

static void a_timer_may_stop_itself(void **state)
{
    (void)state;
    struct own once = {0}, often = {0};
    struct gwt *test = probe_new("");
    once.timer = gw_timer_start(gwt_self(test), 10, 0, stop_own, &once);
    often.timer = gw_timer_start(gwt_self(test), 10, 10, stop_own, &often);
    gwt_run(test, 1000);
    assert_int_equal(once.turns, 1);
    assert_int_equal(often.turns, 1);
    gwt_free(test);
}

static void the_wall_clock_jumps_and_timers_do_not(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    notes_begin(&notes, test);
    assert_int_equal(gwt_now_ms(test), INT64_C(1772445600000));
    gw_timer_start(gwt_self(test), 5000, 0, note_a, &notes);
    gwt_set_clock(test, INT64_C(1800000000000));
    gwt_run(test, 5000);
    assert_string_equal(notes.text, "a@5000 ");
    assert_int_equal(gw_now_ms(gwt_self(test)), INT64_C(1800000005000));
    gwt_free(test);
}

/* ---- Threads and descriptors ---- */

struct worker {
    struct gw_plugin *self;
    pthread_t thread;
    int posted;     /* by the thread, read after it is joined */
    bool heard;     /* on the test's thread */
    bool timed_out; /* likewise */
};

static void on_heard(struct gw_plugin *self, void *data)
{
    (void)self;
    ((struct worker *)data)->heard = true;
}

static void on_timeout(struct gw_plugin *self, void *data)
{
    (void)self;
    ((struct worker *)data)->timed_out = true;
}

static bool was_heard(void *data)
{
    return ((struct worker *)data)->heard;
}

/* Its work takes real time: that is what is tested. */
static void *work(void *data)
{
    struct worker *worker = data;
    usleep(150000);
    worker->posted = gw_post(worker->self, on_heard, worker);
    return NULL;
}

static void a_threads_answer_comes_before_a_long_timeout(void **state)
{
    (void)state;
    struct gwt *test = probe_new("every: 1h\n");
    struct worker worker = {.self = gwt_self(test), .posted = -1};
    gw_timer_start(worker.self, 30000, 0, on_timeout, &worker);
    assert_int_equal(pthread_create(&worker.thread, NULL, work, &worker), 0);
    assert_true(gwt_run_until(test, was_heard, &worker, 60000));
    pthread_join(worker.thread, NULL);
    assert_int_equal(worker.posted, 0);
    assert_false(worker.timed_out);
    gwt_free(test);
}

static void without_threads_a_wait_in_vain_takes_no_time(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    struct worker worker = {.self = gwt_self(test)};
    int64_t begin_ms = gwt_now_ms(test);
    assert_false(gwt_run_until(test, was_heard, &worker, 86400000));
    assert_int_equal(gwt_now_ms(test) - begin_ms, 86400000);
    assert_string_equal(gwt_member(test, "probe.state", "now", "ticks"), "8640");
    gwt_free(test);
}

static void more_posts_than_1024_are_refused(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    notes_begin(&notes, test);
    for (int i = 0; i < 1024; i++)
        assert_int_equal(gw_post(gwt_self(test), note_a, &notes), 0);
    assert_int_equal(gw_post(gwt_self(test), note_a, &notes), -EAGAIN);
    gwt_run(test, 0);
    assert_int_equal(notes.count, 1024);
    gwt_free(test);
}

struct ends {
    int fd[2];
    char text[64];
    size_t length;
    bool hangup;
    struct gw_watch *watch;
};

static void on_ready(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self;
    struct ends *ends = data;
    ssize_t got = flags & GW_READ
                      ? read(fd, ends->text + ends->length, sizeof(ends->text) - 1 - ends->length)
                      : 0;
    ends->length += got > 0 ? (size_t)got : 0;
    if (flags & GW_HANGUP) {
        ends->hangup = true;
        gw_watch_stop(ends->watch);
    }
}

static bool was_hung_up(void *data)
{
    return ((struct ends *)data)->hangup;
}

/* Late in real time, likewise. */
static void *say_and_close(void *data)
{
    struct ends *ends = data;
    usleep(50000);
    (void)!write(ends->fd[1], " world", 6);
    close(ends->fd[1]);
    return NULL;
}

static void descriptors_are_looked_at_and_waited_for(void **state)
{
    (void)state;
    struct ends ends = {0};
    pthread_t thread;
    struct gwt *test = probe_new("");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.fd), 0);
    ends.watch = gw_watch_start(gwt_self(test), ends.fd[0], GW_READ, on_ready, &ends);
    assert_non_null(ends.watch);
    assert_int_equal(write(ends.fd[1], "hello", 5), 5);
    gwt_run(test, 0);
    assert_string_equal(ends.text, "hello");
    assert_int_equal(gw_watch_change(ends.watch, GW_READ | GW_HANGUP), 0);
    assert_int_equal(pthread_create(&thread, NULL, say_and_close, &ends), 0);
    assert_true(gwt_run_until(test, was_hung_up, &ends, 60000));
    assert_string_equal(ends.text, "hello world");
    pthread_join(thread, NULL);
    gwt_free(test);
    close(ends.fd[0]);
}

static void always_ready(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self, (void)fd, (void)flags;
    note(data, "w");
}

static void a_descriptor_that_is_always_ready_does_not_stop_time(void **state)
{
    (void)state;
    int fd[2];
    struct notes notes;
    struct gwt *test = probe_new("");
    notes_begin(&notes, test);
    assert_int_equal(pipe(fd), 0);
    gw_watch_start(gwt_self(test), fd[1], GW_WRITE, always_ready, &notes);
    gwt_run(test, 60000);
    assert_true(notes.count > 0);
    assert_string_equal(gwt_member(test, "probe.state", "now", "ticks"), "6");
    gwt_free(test);
    close(fd[0]);
    close(fd[1]);
}

/* ---- Lives ---- */

static void a_start_that_fails_is_stopped_and_told(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, "fail: yes\n", 0);
    assert_int_equal(gwt_start(test), -EIO);
    assert_string_equal(gwt_last_error(test), "asked to fail: Input/output error");
    assert_int_equal(gwt_logged(test, "stopped"), 1);
    gwt_run(test, 60000);
    assert_int_equal(gwt_objects(test, "probe.state"), 0);
    gwt_free(test);
}

static void what_an_instance_made_is_gone_after_its_stop(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    notes_begin(&notes, test);
    gw_timer_start(gwt_self(test), 1000, 1000, note_a, &notes);
    gw_post(gwt_self(test), note_b, &notes);
    gwt_stop(test);
    assert_int_equal(gw_post(gwt_self(test), note_b, &notes), -ESHUTDOWN);
    gwt_run(test, 60000);
    assert_string_equal(notes.text, "");
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 60000);
    assert_string_equal(notes.text, "");
    gwt_free(test);
}

static void a_killed_instance_keeps_its_objects_and_not_its_posts(void **state)
{
    (void)state;
    struct notes notes;
    struct gwt *test = probe_new("");
    notes_begin(&notes, test);
    gwt_run(test, 30000);
    struct gw_plugin *old = gwt_self(test);
    gw_timer_start(old, 1000, 1000, note_a, &notes);
    gwt_kill(test);
    assert_int_equal(gwt_logged(test, "stopped"), 0);
    assert_int_equal(gw_post(old, note_b, &notes), -ESHUTDOWN);
    assert_int_equal(gwt_start(test), 0);
    assert_string_equal(gwt_member(test, "probe.state", "now", "ticks"), "3");
    gwt_run(test, 10000);
    assert_string_equal(gwt_member(test, "probe.state", "now", "ticks"), "1");
    assert_string_equal(notes.text, "");
    gwt_free(test);
}

static void *piece(void)
{
    void *memory = malloc(16);
    assert_non_null(memory);
    return memory;
}

static void free_piece(struct gw_plugin *self, void *data)
{
    (void)self;
    free(data);
}

static void free_on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)self, (void)event;
    free(data);
}

static void free_on_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)self, (void)error, (void)json;
    free(data);
}

static void free_on_done(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self, (void)answer;
    free(data);
}

static void give_mine(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self, (void)data;
    info->mine = piece();
}

static void free_mine(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self, (void)data;
    free(info->mine);
}

/* AddressSanitizer judges: what the plugin hung on the host's things is lost by a kill, on
 * purpose, and by nothing else. */
static void what_a_kill_loses_is_no_leak(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    struct gw_plugin *self = gwt_self(test);
    const double row[] = {1};
    const struct gw_follow_options follow = {.size = sizeof(follow),
                                             .match = {"a.thing", NULL},
                                             .on_series = give_mine,
                                             .on_end = free_mine};
    const struct gw_http_options peer = {.size = sizeof(peer), .base = "http://peer"};
    gwt_row(test, "a.thing", "", "up", row);
    assert_non_null(gw_follow_start(self, &follow));
    gwt_run(test, 0);
    const struct gw_http_ask get = {.path = "/", .on_done = free_on_done, .data = piece()};
    assert_non_null(gw_http_send(gw_http_new(self, &peer), &get));
    assert_non_null(gw_timer_start(self, 5000, 0, free_piece, piece()));
    assert_int_equal(gw_post(self, free_piece, piece()), 0);
    assert_int_equal(gw_subscribe(self, "b.*", free_on_event, piece()), 0);
    assert_int_equal(gw_ask(self, "b.nothing", NULL, free_on_result, piece()), 0);
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 60000);
    gwt_free(test);
}

static void the_state_directory_is_there_to_the_end_of_the_test(void **state)
{
    (void)state;
    char path[512];
    struct gwt *test = probe_new("");
    assert_string_equal(gw_state_dir(gwt_self(test)), gwt_state_dir(test));
    snprintf(path, sizeof(path), "%s", gwt_state_dir(test));
    gwt_kill(test);
    assert_int_equal(access(path, W_OK), 0);
    gwt_free(test);
    assert_int_equal(access(path, F_OK), -1);
}

/* ---- Mistakes ---- */

static void *log_elsewhere(void *data)
{
    gw_log(data, GW_INFO, "from elsewhere");
    return NULL;
}

static void call_elsewhere(struct gwt *test)
{
    pthread_t thread;
    pthread_create(&thread, NULL, log_elsewhere, gwt_self(test));
    pthread_join(thread, NULL);
}

static void again(struct gw_plugin *self, void *data)
{
    gw_post(self, again, data);
}

static void never_rest(struct gwt *test)
{
    gw_post(gwt_self(test), again, NULL);
    gwt_run(test, 0);
}

static void run_inside(struct gw_plugin *self, void *data)
{
    (void)self;
    gwt_run(data, 1);
}

static void run_within_a_callback(struct gwt *test)
{
    gw_post(gwt_self(test), run_inside, test);
    gwt_run(test, 0);
}

static void mistakes_end_the_process_with_a_sentence(void **state)
{
    (void)state;
    struct gwt *test = probe_new("");
    assert_dies(call_elsewhere, test, "gw_log was called from another thread");
    assert_dies(never_rest, test, "does not come to rest");
    assert_dies(run_within_a_callback, test, "gwt_run was called from within a callback");
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_comes_in_order_of_time),
        cmocka_unit_test(a_timer_may_stop_itself),
        cmocka_unit_test(the_wall_clock_jumps_and_timers_do_not),
        cmocka_unit_test(a_threads_answer_comes_before_a_long_timeout),
        cmocka_unit_test(without_threads_a_wait_in_vain_takes_no_time),
        cmocka_unit_test(more_posts_than_1024_are_refused),
        cmocka_unit_test(descriptors_are_looked_at_and_waited_for),
        cmocka_unit_test(a_descriptor_that_is_always_ready_does_not_stop_time),
        cmocka_unit_test(a_start_that_fails_is_stopped_and_told),
        cmocka_unit_test(what_an_instance_made_is_gone_after_its_stop),
        cmocka_unit_test(a_killed_instance_keeps_its_objects_and_not_its_posts),
        cmocka_unit_test(what_a_kill_loses_is_no_leak),
        cmocka_unit_test(the_state_directory_is_there_to_the_end_of_the_test),
        cmocka_unit_test(mistakes_end_the_process_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
