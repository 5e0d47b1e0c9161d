/* The queue on disk, with a clock of the test's own. */
#include "store/queue_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { DAY_MS = 86400000 };
static const int64_t NOON_MS = 1767268800000;

struct world {
    char dir[64];
    struct fake_clock clock;
    struct gw_queue_options options;
    struct queue_file *queue;
    char *note;
};

static void open_queue(struct world *w)
{
    free(w->note);
    int error = queue_file_open(w->dir, &w->options, &w->clock.clock, &w->queue, &w->note);
    if (error)
        fail_msg("%d: %s", error, w->note ? w->note : "");
}

static void reopen(struct world *w)
{
    queue_file_close(w->queue);
    open_queue(w);
}

static void begin(struct world *w)
{
    *w = (struct world){.dir = "/tmp/gw-queue-XXXXXX",
                        .options = {.size = sizeof(w->options), .name = "mail"}};
    assert_non_null(mkdtemp(w->dir));
    fake_clock_init(&w->clock, NOON_MS);
}

static void remove_all(const char *dir)
{
    DIR *list = opendir(dir);
    char path[512];
    for (struct dirent *entry; list && (entry = readdir(list));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (unlink(path))
            remove_all(path);
    }
    if (list)
        closedir(list);
    rmdir(dir);
}

static void end(struct world *w)
{
    queue_file_close(w->queue);
    free(w->note);
    remove_all(w->dir);
}

static int put(struct world *w, const char *key, const char *text)
{
    return queue_file_put(w->queue, key, text, strlen(text), NULL);
}

static void expect_next(struct world *w, int64_t after, const char *text,
                        struct gw_queue_item *item)
{
    assert_int_equal(queue_file_next(w->queue, after, item), 0);
    assert_int_equal(item->count, strlen(text));
    assert_memory_equal(item->bytes, text, item->count);
}

static struct gw_queue_counts counts(struct world *w)
{
    struct gw_queue_counts c;
    queue_file_count(w->queue, &c);
    return c;
}

static void items_come_out_in_the_order_they_went_in_also_after_a_restart(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    open_queue(&w);
    assert_null(w.note);
    assert_int_equal(put(&w, NULL, "one"), 0);
    fake_clock_advance_ms(&w.clock, 5);
    assert_int_equal(put(&w, "k", "two"), 0);
    assert_int_equal(queue_file_put(w.queue, NULL, NULL, 0, NULL), 0);
    reopen(&w);
    struct gw_queue_counts c = counts(&w);
    assert_int_equal(c.items, 3);
    assert_int_equal(c.bytes, 6);
    assert_int_equal(c.oldest_ms, NOON_MS);
    struct gw_queue_item item;
    expect_next(&w, 0, "one", &item);
    assert_null(item.key);
    assert_int_equal(item.tries, 0);
    int64_t first = item.id;
    expect_next(&w, first, "two", &item);
    assert_string_equal(item.key, "k");
    assert_int_equal(item.put_ms, NOON_MS + 5);
    expect_next(&w, item.id, "", &item);
    assert_int_equal(queue_file_next(w.queue, item.id, &item), -ENOENT);
    assert_int_equal(queue_file_done(w.queue, first), 0);
    assert_int_equal(queue_file_done(w.queue, first), -ENOENT);
    reopen(&w);
    expect_next(&w, 0, "two", &item);
    assert_int_equal(counts(&w).items, 2);
    end(&w);
}

static void an_item_put_off_comes_when_it_is_due_and_says_when(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    open_queue(&w);
    struct gw_queue_item item;
    assert_int_equal(put(&w, NULL, "one"), 0);
    expect_next(&w, 0, "one", &item);
    int64_t id = item.id;
    assert_int_equal(queue_file_later(w.queue, id, NOON_MS + 1000, "no answer"), 0);
    assert_int_equal(queue_file_next(w.queue, 0, &item), -ENOENT);
    assert_int_equal(item.due_ms, NOON_MS + 1000);
    assert_int_equal(put(&w, NULL, "two"), 0);
    expect_next(&w, 0, "two", &item);
    fake_clock_advance_ms(&w.clock, 1000);
    reopen(&w);
    expect_next(&w, 0, "one", &item);
    assert_int_equal(item.id, id);
    assert_int_equal(item.tries, 1);
    assert_string_equal(item.why, "no answer");
    assert_int_equal(queue_file_later(w.queue, 99, 0, ""), -ENOENT);
    assert_int_equal(queue_file_done(w.queue, id), 0);
    expect_next(&w, 0, "two", &item);
    assert_int_equal(queue_file_done(w.queue, item.id), 0);
    assert_int_equal(queue_file_next(w.queue, 0, &item), -ENOENT);
    assert_int_equal(item.due_ms, 0);
    end(&w);
}

static void a_key_goes_in_once_until_it_is_forgotten(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.options.keys_keep_ms = DAY_MS;
    open_queue(&w);
    struct gw_queue_item item;
    assert_int_equal(put(&w, "alert-1", "one"), 0);
    assert_int_equal(put(&w, "alert-1", "again"), -EEXIST);
    reopen(&w);
    assert_int_equal(put(&w, "alert-1", "again"), -EEXIST);
    expect_next(&w, 0, "one", &item);
    assert_int_equal(queue_file_done(w.queue, item.id), 0);
    reopen(&w);
    assert_int_equal(put(&w, "alert-1", "again"), -EEXIST);
    fake_clock_advance_ms(&w.clock, DAY_MS + 1);
    assert_int_equal(put(&w, "alert-1", "again"), 0);
    expect_next(&w, 0, "again", &item);
    assert_int_equal(queue_file_bury(w.queue, item.id, "refused"), 0);
    fake_clock_advance_ms(&w.clock, INT64_C(30) * DAY_MS);
    assert_int_equal(put(&w, "alert-1", "third"), -EEXIST); /* it is among the dead */
    char key[300];
    memset(key, 'k', sizeof(key));
    key[256] = '\0';
    assert_int_equal(put(&w, key, ""), -EINVAL);
    key[255] = '\0';
    assert_int_equal(put(&w, key, ""), 0);
    end(&w);
}

static bool note_item(void *data, const struct gw_queue_item *item)
{
    char *text = data;
    strncat(text, item->bytes, item->count);
    strncat(text, item->why ? item->why : "-", 20);
    return strlen(text) < 40;
}

static void what_is_buried_is_found_and_can_live_again(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.options.dead_max = 2;
    open_queue(&w);
    const char *texts[] = {"a", "b", "c"};
    struct gw_queue_item item;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(put(&w, texts[i], texts[i]), 0);
        expect_next(&w, 0, texts[i], &item);
        assert_int_equal(queue_file_bury(w.queue, item.id, "no"), 0);
        fake_clock_advance_ms(&w.clock, 1);
    }
    char text[128] = "";
    assert_int_equal(queue_file_dead(w.queue, note_item, text), 0);
    assert_string_equal(text, "cnobno"); /* the oldest went */
    assert_int_equal(put(&w, "a", "a"), -EEXIST);
    reopen(&w);
    assert_int_equal(counts(&w).dead, 2);
    assert_int_equal(queue_file_revive(w.queue, 1), -ENOENT);
    assert_int_equal(queue_file_revive(w.queue, item.id), 0);
    expect_next(&w, 0, "c", &item);
    assert_int_equal(item.tries, 0);
    assert_int_equal(queue_file_revive(w.queue, 0), 0);
    expect_next(&w, 0, "b", &item);
    assert_int_equal(counts(&w).dead, 0);
    assert_int_equal(counts(&w).items, 2);
    end(&w);
}

static void what_waits_is_shown_and_can_be_due_at_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    open_queue(&w);
    struct gw_queue_item item;
    assert_int_equal(put(&w, NULL, "a"), 0);
    assert_int_equal(put(&w, NULL, "b"), 0);
    expect_next(&w, 0, "a", &item);
    int64_t id = item.id;
    assert_int_equal(queue_file_later(w.queue, id, NOON_MS + 60000, "busy"), 0);
    char text[128] = "";
    assert_int_equal(queue_file_waiting(w.queue, note_item, text), 0);
    assert_string_equal(text, "abusyb-");
    expect_next(&w, 0, "b", &item);
    assert_int_equal(queue_file_revive(w.queue, id), 0);
    expect_next(&w, 0, "a", &item);
    assert_int_equal(item.tries, 1); /* it was not dead: what it went through still counts */
    assert_int_equal(queue_file_revive(w.queue, id + 9), -ENOENT);
    end(&w);
}

static void a_full_queue_says_so_or_drops_its_oldest_and_counts_them(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.options.items_max = 3;
    w.options.bytes_max = 10;
    open_queue(&w);
    assert_int_equal(put(&w, NULL, "12345678901"), -EMSGSIZE);
    assert_int_equal(put(&w, "one", "1111"), 0);
    assert_int_equal(put(&w, NULL, "2222"), 0);
    assert_int_equal(put(&w, NULL, "333"), -ENOSPC);
    assert_int_equal(put(&w, NULL, "3"), 0);
    assert_int_equal(put(&w, NULL, ""), -ENOSPC);
    w.options.drop_oldest = true;
    reopen(&w);
    assert_int_equal(put(&w, NULL, "444444"), 0); /* two must go for its bytes */
    reopen(&w);
    struct gw_queue_counts c = counts(&w);
    assert_int_equal(c.items, 2);
    assert_int_equal(c.bytes, 7);
    assert_int_equal(c.dropped, 2);
    assert_int_equal(put(&w, "one", "5"), 0); /* what was dropped was never finished */
    struct gw_queue_item item;
    expect_next(&w, 0, "3", &item);
    end(&w);
}

static void write_over(struct world *w, off_t at, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/mail.queue", w->dir);
    int fd = open(path, O_WRONLY | O_CREAT, 0640);
    assert_true(fd >= 0);
    for (int i = 0; i < 200; i++)
        assert_int_equal(pwrite(fd, text, strlen(text), at + i * (off_t)strlen(text)),
                         strlen(text));
    close(fd);
}

static bool is_aside(struct world *w)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/aside/mail.queue.20260101T120000Z", w->dir);
    return access(path, F_OK) == 0;
}

static void a_file_that_is_no_queue_is_put_aside(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    write_over(&w, 0, "This was never a database. ");
    open_queue(&w);
    assert_non_null(strstr(w.note, "mail.queue is not a queue of this program; it was put aside as "
                                   "aside/mail.queue.20260101T120000Z and a new one begun"));
    assert_true(is_aside(&w));
    assert_int_equal(put(&w, NULL, "one"), 0);
    reopen(&w);
    assert_null(w.note);
    assert_int_equal(counts(&w).items, 1);
    end(&w);
}

static void a_database_of_others_is_put_aside_unchanged(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    char path[128];
    snprintf(path, sizeof(path), "%s/mail.queue", w.dir);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "CREATE TABLE mine(x); INSERT INTO mine VALUES (7)", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(other);
    open_queue(&w);
    assert_non_null(strstr(w.note, "is not a queue"));
    assert_true(is_aside(&w));
    end(&w);
}

static void a_damaged_file_is_put_aside_and_a_new_one_begun(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    open_queue(&w);
    char text[5000];
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 20; i++)
        assert_int_equal(queue_file_put(w.queue, NULL, text, sizeof(text), NULL), 0);
    queue_file_close(w.queue);
    write_over(&w, 4096 * 2, "damage ");
    open_queue(&w);
    assert_non_null(strstr(w.note, "mail.queue is damaged; it was put aside"));
    assert_true(is_aside(&w));
    assert_int_equal(counts(&w).items, 0);
    assert_int_equal(put(&w, NULL, "one"), 0);
    end(&w);
}

static void a_queue_is_opened_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    open_queue(&w);
    struct queue_file *second;
    char *note;
    assert_int_equal(queue_file_open(w.dir, &w.options, &w.clock.clock, &second, &note), -EBUSY);
    assert_non_null(strstr(note, "is open already"));
    free(note);
    w.options.name = "../mail";
    assert_int_equal(queue_file_open(w.dir, &w.options, &w.clock.clock, &second, &note), -EINVAL);
    free(note);
    end(&w);
}

static off_t file_bytes(struct world *w)
{
    char path[128];
    struct stat info;
    snprintf(path, sizeof(path), "%s/mail.queue", w->dir);
    return stat(path, &info) ? -1 : info.st_size;
}

static void the_file_grows_small_again(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.options.commit_ms = 1000;
    open_queue(&w);
    char *text = calloc(1, 100000);
    assert_non_null(text);
    for (int i = 0; i < 100; i++)
        assert_int_equal(queue_file_put(w.queue, NULL, text, 100000, NULL), 0);
    reopen(&w);
    assert_true(file_bytes(&w) > 10000000);
    struct gw_queue_item item;
    while (queue_file_next(w.queue, 0, &item) == 0)
        assert_int_equal(queue_file_done(w.queue, item.id), 0);
    for (int i = 0; i < 20; i++) {
        fake_clock_advance_ms(&w.clock, 61000);
        assert_int_equal(queue_file_next(w.queue, 0, &item), -ENOENT);
    }
    reopen(&w);
    assert_true(file_bytes(&w) < 2000000);
    free(text);
    end(&w);
}

static void what_commit_ms_holds_back_is_due_then_and_flushed_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.options.commit_ms = 200;
    open_queue(&w);
    assert_int_equal(queue_file_flush_due_ms(w.queue), 0);
    assert_int_equal(put(&w, NULL, "one"), 0);
    int64_t due_ms = queue_file_flush_due_ms(w.queue);
    assert_int_equal(due_ms, clock_monotonic_ms(&w.clock.clock) + 200);
    fake_clock_advance_ms(&w.clock, 100);
    assert_int_equal(put(&w, NULL, "two"), 0);
    assert_int_equal(queue_file_flush_due_ms(w.queue), due_ms);
    assert_int_equal(queue_file_flush(w.queue), 0);
    assert_int_equal(queue_file_flush_due_ms(w.queue), 0);
    end(&w);
}

/* Puts numbered items and tells each that returned, until it is killed. */
static void put_until_killed(struct world *w, int told)
{
    open_queue(w);
    for (int i = 0;; i++) {
        char text[64], key[16];
        snprintf(key, sizeof(key), "%d", i);
        snprintf(text, sizeof(text), "item %d of many, to be found again", i);
        if (queue_file_put(w->queue, key, text, strlen(text), NULL) ||
            write(told, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
}

/* All that were told are there, in order, none twice; at most one more was on its way. */
static void expect_all(struct world *w, int last)
{
    struct gw_queue_item item = {0};
    int next = 0;
    while (queue_file_next(w->queue, item.id, &item) == 0) {
        assert_int_equal(strtol(item.key, NULL, 10), next);
        next++;
    }
    assert_true(next == last + 1 || next == last + 2);
    assert_int_equal(counts(w).items, next);
}

static void every_put_that_returned_survives_a_kill(void **state)
{
    (void)state;
    for (int round = 0; round < 12; round++) {
        struct world w;
        begin(&w);
        w.options.items_max = 1000000;
        w.options.commit_ms = round % 2 ? 500 : 0;
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            close(pipes[0]);
            put_until_killed(&w, pipes[1]);
        }
        assert_true(child > 0);
        close(pipes[1]);
        int last = -1, seen;
        while (last < 50 + round * 17 && read(pipes[0], &seen, sizeof(seen)) == sizeof(seen))
            last = seen;
        kill(child, SIGKILL);
        while (read(pipes[0], &seen, sizeof(seen)) == sizeof(seen))
            last = seen;
        close(pipes[0]);
        waitpid(child, NULL, 0);
        assert_true(last >= 50);
        open_queue(&w);
        assert_null(w.note);
        expect_all(&w, last);
        end(&w);
    }
}

static void fill_disk(struct world *w)
{
    char path[128], block[4096];
    snprintf(path, sizeof(path), "%s/filler", w->dir);
    memset(block, 1, sizeof(block));
    int fd = open(path, O_WRONLY | O_CREAT, 0640);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof(block)) > 0)
        continue;
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

static void on_a_full_disk_puts_are_refused_and_nothing_is_lost(void **state)
{
    (void)state;
    for (int64_t commit_ms = 0; commit_ms <= 500; commit_ms += 500) {
        struct world w;
        begin(&w);
        if (mount("tmpfs", w.dir, "tmpfs", 0, "size=4m,mode=0700")) {
            rmdir(w.dir);
            skip();
        }
        w.options.commit_ms = commit_ms;
        open_queue(&w);
        char text[3000];
        memset(text, 'x', sizeof(text));
        int64_t held = 0;
        for (int i = 0; i < 50; i++, held++)
            assert_int_equal(queue_file_put(w.queue, NULL, text, sizeof(text), NULL), 0);
        fill_disk(&w);
        int error = 0;
        for (int i = 0; i < 2000 && !error; i++, held += error ? 0 : 1)
            error = queue_file_put(w.queue, NULL, text, sizeof(text), NULL);
        assert_int_equal(error, -ENOSPC);
        assert_int_equal(counts(&w).items, held);
        char path[128];
        snprintf(path, sizeof(path), "%s/filler", w.dir);
        struct gw_queue_item item;
        assert_int_equal(queue_file_next(w.queue, 0, &item), 0);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(queue_file_put(w.queue, NULL, text, sizeof(text), NULL), 0);
        assert_int_equal(queue_file_done(w.queue, item.id), 0);
        reopen(&w);
        assert_null(w.note);
        assert_int_equal(counts(&w).items, held);
        while (queue_file_next(w.queue, 0, &item) == 0) {
            assert_int_equal(item.count, sizeof(text));
            assert_int_equal(queue_file_done(w.queue, item.id), 0);
            held--;
        }
        assert_int_equal(held, 0);
        queue_file_close(w.queue);
        w.queue = NULL;
        assert_int_equal(umount(w.dir), 0);
        end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_the_order_they_went_in_also_after_a_restart),
        cmocka_unit_test(an_item_put_off_comes_when_it_is_due_and_says_when),
        cmocka_unit_test(a_key_goes_in_once_until_it_is_forgotten),
        cmocka_unit_test(what_is_buried_is_found_and_can_live_again),
        cmocka_unit_test(what_waits_is_shown_and_can_be_due_at_once),
        cmocka_unit_test(a_full_queue_says_so_or_drops_its_oldest_and_counts_them),
        cmocka_unit_test(a_file_that_is_no_queue_is_put_aside),
        cmocka_unit_test(a_database_of_others_is_put_aside_unchanged),
        cmocka_unit_test(a_damaged_file_is_put_aside_and_a_new_one_begun),
        cmocka_unit_test(a_queue_is_opened_once),
        cmocka_unit_test(the_file_grows_small_again),
        cmocka_unit_test(what_commit_ms_holds_back_is_due_then_and_flushed_once),
        cmocka_unit_test(every_put_that_returned_survives_a_kill),
        cmocka_unit_test(on_a_full_disk_puts_are_refused_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
