/* A disk that fills up and empties again: a small tmpfs, so it needs root (skipped otherwise). */
#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000, SERIES = 4 };

static bool mount_small(struct store_fixture *f, const char *size)
{
    char options[64];
    snprintf(options, sizeof(options), "size=%s,mode=0750", size);
    return mount("tmpfs", f->dir, "tmpfs", 0, options) == 0;
}

/* Takes all the room that is left. */
static void fill(struct store_fixture *f)
{
    char path[128], block[4096];
    snprintf(path, sizeof(path), "%s/filler", f->dir);
    memset(block, 1, sizeof(block));
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0640);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof(block)) > 0)
        continue;
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

static void empty(struct store_fixture *f)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/filler", f->dir);
    assert_int_equal(unlink(path), 0);
}

static void run_for(struct store_fixture *f, struct gw_series **series, int64_t from, int seconds)
{
    for (int s = 0; s < seconds; s += 20) {
        for (int i = 0; i < SERIES; i++)
            fixture_rows(series[i], from + s, 20);
        fixture_advance_ms(f, 20000);
        fixture_tick(f);
    }
}

static bool is_well(struct store_fixture *f)
{
    struct buf out;
    bool well = false;
    buf_init(&out, 65536);
    store_health(f->store, &out, &well);
    buf_fini(&out);
    return well;
}

static bool says(void *data)
{
    char *text = fixture_events(data, &(struct store_events_query){.search = "disk full"});
    bool said = text && strstr(text, "store.disk.full");
    free(text);
    return said;
}

static bool healthy(void *data)
{
    struct store_fixture *f = data;
    fixture_advance_ms(f, 20000);
    fixture_tick(f);
    return is_well(f);
}

static void make_series(struct store_fixture *f, struct gw_series **series)
{
    for (int i = 0; i < SERIES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "PC%d", i);
        series[i] = fixture_series(f, name);
    }
}

/* `room` decides what fails: the journal's segment of 16 MiB, or only the RRD files. */
static void fill_run_empty(const char *room)
{
    struct store_fixture f;
    struct gw_series *series[SERIES];
    fixture_begin(&f);
    if (!mount_small(&f, room)) {
        fixture_end(&f);
        skip();
    }
    fixture_open(&f, NULL);
    make_series(&f, series);
    run_for(&f, series, T0, 20); /* the journal has its segment, if it can */
    fill(&f);
    run_for(&f, series, T0 + 20, 380); /* three times what a ring holds */
    assert_false(is_well(&f));
    empty(&f);
    assert_true(wait_for(says, &f));
    assert_true(wait_for(healthy, &f));
    run_for(&f, series, T0 + 400, 100);
    fixture_close(&f);
    fixture_open(&f, NULL);
    for (uint32_t id = 1; id <= SERIES; id++) {
        struct answer a = fixture_query(&f, id, T0, T0 + 499, 1000, STORE_AVERAGE);
        assert_int_equal(a.error, 0);
        size_t known = 0;
        for (size_t i = 0; i < a.count; i++)
            known += isnan(a.values[i]) ? 0u : 1u;
        answer_fini(&a);
        assert_int_equal(known, 499);
    }
    fixture_close(&f);
    assert_int_equal(umount(f.dir), 0);
    fixture_end(&f);
}

static void rows_of_a_full_disk_wait_in_the_journal_and_are_all_filed_later(void **state)
{
    (void)state;
    fill_run_empty("20m");
}

static void without_room_for_a_journal_the_newest_rows_still_get_filed(void **state)
{
    (void)state;
    struct store_fixture f;
    struct gw_series *series[SERIES];
    fixture_begin(&f);
    if (!mount_small(&f, "12m")) {
        fixture_end(&f);
        skip();
    }
    fixture_open(&f, NULL);
    make_series(&f, series);
    run_for(&f, series, T0, 300);
    assert_false(is_well(&f));
    struct answer a = fixture_query(&f, 1, T0, T0 + 299, 1000, STORE_AVERAGE);
    for (size_t i = 0; i < a.count; i++) {
        if (isnan(a.values[i]))
            fail_msg("no value at %zu", i);
    }
    answer_fini(&a);
    fixture_close(&f);
    assert_int_equal(umount(f.dir), 0);
    fixture_end(&f);
}

int main(int argc, char **argv)
{
    store_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_full_disk_wait_in_the_journal_and_are_all_filed_later),
        cmocka_unit_test(without_room_for_a_journal_the_newest_rows_still_get_filed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
