/* RRD files that are damaged, foreign or gone; names that are not fit for files; crashes. */
#include "store_fixture.h"

#include "store/path.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000 };

static const char file[] = "rrd/gns3.node/a/PC1.rrd";

static int setup(void **state)
{
    struct store_fixture *f = malloc(sizeof(*f));
    fixture_begin(f);
    fixture_open(f, NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct store_fixture *f = *state;
    if (f->store)
        fixture_close(f);
    fixture_end(f);
    free(f);
    return 0;
}

static int64_t size_of(const struct store_fixture *f, const char *name)
{
    char path[512];
    struct stat status;
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    return stat(path, &status) ? -1 : (int64_t)status.st_size;
}

static size_t set_aside(const struct store_fixture *f)
{
    char command[256];
    snprintf(command, sizeof(command), "ls %s/aside 2>/dev/null | wc -l", f->dir);
    FILE *pipe = popen(command, "r");
    char line[32] = "0";
    assert_non_null(fgets(line, sizeof(line), pipe));
    pclose(pipe);
    return (size_t)strtoul(line, NULL, 10);
}

static size_t known_points(struct store_fixture *f, int64_t from_s, int64_t to_s)
{
    struct answer a = fixture_query(f, 1, from_s, to_s, 10000, STORE_AVERAGE);
    size_t known = 0;
    for (size_t i = 0; i < a.count; i++)
        known += isnan(a.values[i]) ? 0u : 1u;
    answer_fini(&a);
    return known;
}

/* A file with 100 rows, and the store closed. */
static void make_file(struct store_fixture *f)
{
    fixture_rows(fixture_series(f, "PC1"), T0, 100);
    fixture_close(f);
    assert_true(size_of(f, file) > 100000);
}

static void write_over(const struct store_fixture *f, const char *name, const char *text,
                       off_t length)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0640);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(ftruncate(fd, length), 0);
    close(fd);
}

static void file_again(struct store_fixture *f, int64_t from_s)
{
    fixture_open(f, NULL);
    fixture_rows(fixture_series(f, "PC1"), from_s, 100);
    f->clock.now_wall_ms = 1000 * (from_s + 100);
    fixture_tick(f);
    fixture_close(f);
    fixture_open(f, NULL);
}

static void a_damaged_file_is_set_aside_and_a_new_one_begun(void **state)
{
    struct store_fixture *f = *state;
    make_file(f);
    write_over(f, file, "this is no RRD file", 500000);
    file_again(f, T0 + 200);
    assert_int_equal(set_aside(f), 1);
    assert_int_equal(known_points(f, T0 + 200, T0 + 299), 99);
}

static void a_file_cut_short_at_any_length_is_set_aside(void **state)
{
    struct store_fixture *f = *state;
    make_file(f);
    int64_t whole = size_of(f, file);
    const int64_t lengths[] = {0, 1, 100, 127, 128, 1000, 5000, whole / 2, whole - 1};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", f->dir, file);
        assert_int_equal(truncate(path, lengths[i]), 0);
        int64_t from_s = T0 + 200 * ((int64_t)i + 1);
        file_again(f, from_s);
        assert_int_equal(known_points(f, from_s, from_s + 99), 99);
        assert_int_equal(set_aside(f), i + 1);
        assert_true(size_of(f, file) == whole);
        fixture_close(f);
    }
}

static void a_foreign_file_is_set_aside_and_said(void **state)
{
    struct store_fixture *f = *state;
    make_file(f);
    char command[512];
    snprintf(command, sizeof(command),
             "rrdtool create %s/%s --step 1 --start 1600000000 DS:other:GAUGE:5:U:U "
             "RRA:AVERAGE:0.5:1:100",
             f->dir, file);
    assert_int_equal(system(command), 0);
    file_again(f, T0 + 200);
    assert_int_equal(set_aside(f), 1);
    assert_int_equal(known_points(f, T0 + 200, T0 + 299), 99);
    fixture_close(f);
    fixture_open(f, NULL);
    char *events = fixture_events(f, &(struct store_events_query){.topic = "store.file.aside"});
    assert_non_null(strstr(events, "other fields"));
    free(events);
}

static void a_file_of_another_step_and_fewer_fields_gives_its_history_to_the_new_one(void **state)
{
    struct store_fixture *f = *state;
    make_file(f);
    char command[512];
    snprintf(command, sizeof(command),
             "cd %s && rrdtool create %s --step 2 --start %d DS:cpu:GAUGE:10:U:U "
             "RRA:AVERAGE:0.5:1:1000 && for i in $(seq 2 2 198); do echo update %s "
             "$((%d + i)):7; done | rrdtool - >/dev/null",
             f->dir, file, T0, file, T0);
    assert_int_equal(system(command), 0);
    file_again(f, T0 + 200);
    assert_int_equal(set_aside(f), 0);
    assert_int_equal(known_points(f, T0 + 200, T0 + 299), 99);
    struct answer a = fixture_query(f, 1, T0 + 100, T0 + 190, 10000, STORE_AVERAGE);
    assert_int_equal(a.step_ms, 1000);
    assert_true(a.count >= 90 && a.fields == 2);
    for (size_t i = 0; i < 90; i++) {
        assert_true(a.values[i] == 7.0);
        assert_true(isnan(a.values[a.count + i]));
    }
    answer_fini(&a);
}

static void a_file_that_somebody_removed_is_made_again(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 100);
    fixture_tick(f);
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", f->dir, file);
    assert_int_equal(unlink(path), 0);
    for (int i = 0; i < 5; i++) {
        fixture_rows(series, T0 + 100 + 50 * i, 50);
        fixture_advance_ms(f, 50000);
        fixture_tick(f);
    }
    assert_true(size_of(f, file) > 100000);
}

static void rrdtool_reads_our_files(void **state)
{
    struct store_fixture *f = *state;
    make_file(f);
    char command[512], line[256];
    snprintf(command, sizeof(command), "rrdtool lastupdate %s/%s | tail -1", f->dir, file);
    FILE *pipe = popen(command, "r");
    assert_non_null(fgets(line, sizeof(line), pipe));
    pclose(pipe);
    assert_string_equal(line, "1700000099: 99 10\n");
}

static void a_killed_store_process_loses_nothing_while_the_daemon_lives(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 20);
    fixture_tick(f);                   /* in the journal, not in a file */
    fixture_rows(series, T0 + 20, 20); /* only in the ring */
    struct link_state state_now;
    link_state(f->store->link, &state_now);
    assert_int_equal(kill(state_now.pid, SIGKILL), 0);
    fixture_rows(series, T0 + 40, 20);
    for (int i = 0; i < 3; i++)
        fixture_tick(f);
    fixture_close(f);
    fixture_open(f, NULL);
    assert_int_equal(known_points(f, T0, T0 + 59), 59);
}

/* The daemon and the process die at once: what was journaled is there again. */
static void the_journal_is_replayed_after_both_were_killed(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 20);
    fixture_tick(f);
    const struct gw_label labels[] = {{"server", "a"}, {"node", "PC9"}, {0}};
    assert_int_equal(metric_relabel(series, labels), 0);
    fixture_rows(series, T0 + 20, 10);
    fixture_tick(f);
    f->store->settings.flush_every_ms = 0;
    fixture_drop(f);
    assert_false(file_exists(f, file));
    fixture_open(f, NULL);
    fixture_tick(f);
    assert_true(file_exists(f, "rrd/gns3.node/a/PC9.rrd"));
    assert_false(file_exists(f, file));
    assert_int_equal(known_points(f, T0, T0 + 29), 29);
}

static void rows_that_left_the_ring_unfiled_come_from_the_journal(void **state)
{
    struct store_fixture *f = *state;
    char path[512];
    struct gw_series *series = fixture_series(f, "PC1");
    /* A file where the directory has to be: no RRD file can be made. */
    snprintf(path, sizeof(path), "%s/rrd", f->dir);
    write_over(f, "rrd", "in the way", 10);
    for (int i = 0; i < 20; i++) {
        fixture_rows(series, T0 + 20 * i, 20);
        fixture_advance_ms(f, 20000);
        fixture_tick(f);
    }
    bool well = true;
    struct buf out;
    buf_init(&out, 65536);
    store_health(f->store, &out, &well);
    buf_fini(&out);
    assert_false(well);
    assert_int_equal(unlink(path), 0);
    for (int i = 0; i < 4; i++) {
        fixture_advance_ms(f, 20000);
        fixture_tick(f);
    }
    assert_int_equal(known_points(f, T0, T0 + 399), 399);
}

static void names_become_paths_without_surprises(void **state)
{
    (void)state;
    const struct {
        const char *value, *path;
    } cases[] = {
        {"PC1", "rrd/m/PC1.rrd"},      {"Ethernet switch-1", "rrd/m/Ethernet switch-1.rrd"},
        {"Gi0/1", "rrd/m/Gi0_1~"},     {"..", "rrd/m/__~"},
        {".hidden", "rrd/m/_hidden~"}, {"", "rrd/m/~"},
        {"a.rrd", "rrd/m/a.rrd~"},     {"caf\xc3\xa9", "rrd/m/caf\xc3\xa9.rrd"},
        {"a\nb", "rrd/m/a_b~"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char measurement[] = "m";
        struct series_info info = {.measurement = measurement, .label_count = 1};
        info.labels[0] = (struct gw_label){"x", cases[i].value};
        struct buf out;
        buf_init(&out, 4096);
        path_of_series(&info, &out);
        if (strncmp(out.data, cases[i].path, strlen(cases[i].path)) != 0)
            fail_msg("%s became %s", cases[i].value, out.data);
        assert_null(strstr(out.data, "/../"));
        buf_fini(&out);
    }
    char measurement[] = "m", longest[256];
    memset(longest, 'x', 255);
    longest[255] = '\0';
    struct series_info info = {.measurement = measurement, .label_count = 1};
    info.labels[0] = (struct gw_label){"x", longest};
    struct buf out;
    buf_init(&out, 4096);
    path_of_series(&info, &out);
    assert_true(out.len < 240);
    buf_fini(&out);
}

int main(int argc, char **argv)
{
    store_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_damaged_file_is_set_aside_and_a_new_one_begun),
        T(a_file_cut_short_at_any_length_is_set_aside),
        T(a_foreign_file_is_set_aside_and_said),
        T(a_file_of_another_step_and_fewer_fields_gives_its_history_to_the_new_one),
        T(a_file_that_somebody_removed_is_made_again),
        T(rrdtool_reads_our_files),
        T(a_killed_store_process_loses_nothing_while_the_daemon_lives),
        T(the_journal_is_replayed_after_both_were_killed),
        T(rows_that_left_the_ring_unfiled_come_from_the_journal),
        cmocka_unit_test(names_become_paths_without_surprises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
