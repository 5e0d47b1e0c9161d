/* The journal alone: whatever is cut off or bent, what was whole before it is read. */
#include "store/crc.h"
#include "store/journal.h"
#include "store/number.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RECORDS = 8, ENTRIES = 3 };

struct fixture {
    char dir[64], segment[128];
    struct journal journal;
    size_t ends[RECORDS]; /* of each record in the file */
};

/* An entry whose body is its number, over and over. */
static void add_entry(struct journal *journal, uint32_t n)
{
    size_t bytes = sizeof(struct journal_entry) + 8 * (1 + n % 5);
    assert_int_equal(journal_ready(journal), 0);
    char *room = journal_room(journal, bytes);
    assert_non_null(room);
    struct journal_entry entry = {.bytes = (uint32_t)bytes, .kind = JOURNAL_ROWS, .id = n};
    memcpy(room, &entry, sizeof(entry));
    memset(room + sizeof(entry), (int)n, bytes - sizeof(entry));
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    snprintf(f->dir, sizeof(f->dir), "/tmp/gw-journal-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(journal_open(&f->journal, f->dir), 0);
    uint32_t n = 0;
    for (int r = 0; r < RECORDS; r++) {
        for (int e = 0; e < ENTRIES; e++)
            add_entry(&f->journal, ++n);
        assert_int_equal(journal_commit(&f->journal), 0);
        f->ends[r] = f->journal.offset;
    }
    snprintf(f->segment, sizeof(f->segment), "%s/journal/00000001.seg", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    journal_close(&f->journal);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

/* Entries must come in order, whole and from the first on. */
static void expect_next(void *data, uint32_t segment, const struct journal_entry *entry,
                        const char *body)
{
    uint32_t *seen = data;
    (void)segment;
    assert_int_equal(entry->id, *seen + 1);
    for (size_t i = 0; i < entry->bytes - sizeof(*entry); i++)
        assert_int_equal(body[i], (char)entry->id);
    *seen = entry->id;
}

static uint32_t read_all(struct fixture *f)
{
    uint32_t seen = 0;
    assert_int_equal(journal_read(&f->journal, 1, expect_next, NULL, &seen), 0);
    return seen;
}

static void what_was_written_is_read(void **state)
{
    assert_int_equal(read_all(*state), RECORDS * ENTRIES);
}

static void a_journal_cut_at_any_byte_loses_only_its_tail(void **state)
{
    struct fixture *f = *state;
    for (size_t length = f->ends[RECORDS - 1]; length-- > 0;) {
        assert_int_equal(truncate(f->segment, (off_t)length), 0);
        uint32_t whole = 0;
        while (whole < RECORDS && f->ends[whole] <= length)
            whole++;
        assert_int_equal(read_all(f), whole * ENTRIES);
    }
}

static void a_bent_byte_ends_the_reading_at_its_record(void **state)
{
    struct fixture *f = *state;
    int fd = open(f->segment, O_RDWR);
    for (size_t at = 0; at < f->ends[RECORDS - 1]; at++) {
        uint32_t whole = 0;
        while (f->ends[whole] <= at)
            whole++;
        unsigned char byte, bent;
        assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
        bent = byte ^ 0x10;
        assert_int_equal(pwrite(fd, &bent, 1, (off_t)at), 1);
        uint32_t seen = read_all(f);
        /* In the segment's head nothing counts; unused bytes of heads bend nothing. */
        if (seen != whole * ENTRIES && seen != RECORDS * ENTRIES && at >= 64)
            fail_msg("byte %zu: %u entries", at, seen);
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    }
    close(fd);
    assert_int_equal(read_all(f), RECORDS * ENTRIES);
}

static void what_an_earlier_use_of_a_segment_left_is_not_read(void **state)
{
    struct fixture *f = *state;
    journal_reset(&f->journal);
    assert_int_equal(f->journal.spares, 1);
    add_entry(&f->journal, 1);
    assert_int_equal(journal_commit(&f->journal), 0);
    uint32_t seen = 0;
    assert_int_equal(journal_read(&f->journal, 2, expect_next, NULL, &seen), 0);
    assert_int_equal(seen, 1); /* records 2 to 8 of the first use still stand behind it */
}

static void a_second_process_is_kept_out(void **state)
{
    struct fixture *f = *state;
    struct journal other;
    assert_int_equal(journal_open(&other, f->dir), -EBUSY);
}

static void segments_follow_one_another_and_are_used_again(void **state)
{
    struct fixture *f = *state;
    struct journal *journal = &f->journal;
    while (journal->number < 4) {
        assert_int_equal(journal_ready(journal), 0);
        char *room = journal_room(journal, JOURNAL_RECORD_MAX / 2);
        assert_non_null(room);
        struct journal_entry entry = {.bytes = JOURNAL_RECORD_MAX / 2, .kind = JOURNAL_ROWS};
        memcpy(room, &entry, sizeof(entry));
        assert_int_equal(journal_commit(journal), 0);
    }
    journal_release(journal, 3);
    assert_int_equal(journal->first, 3);
    assert_int_equal(journal->spares, 2);
    uint32_t seen = 0;
    assert_int_equal(journal_read(journal, 1, expect_next, NULL, &seen), -ENOENT);
    journal_close(journal);
    assert_int_equal(journal_open(journal, f->dir), 0);
    assert_int_equal(journal->first, 3);
    assert_int_equal(journal->number, 4);
}

static void crc_is_that_of_the_standard(void **state)
{
    (void)state;
    /* RFC 3720, B.4: 32 bytes of zeros, of ones, and counting up */
    unsigned char bytes[32] = {0};
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794e);
}

static void numbers_are_written_to_fifteen_digits(void **state)
{
    (void)state;
    const double some[] = {0,
                           1,
                           -1,
                           0.5,
                           99.99,
                           1e15,
                           1e-5,
                           123456.789,
                           -0.001,
                           4294967296,
                           1e300,
                           3.14159265358979,
                           0.1,
                           1e14 + 0.5,
                           1.0 / 3,
                           9.99999999999999,
                           0.999999999999999};
    for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
        char text[NUMBER_TEXT_MAX + 1];
        *number_write(text, some[i]) = '\0';
        double back = strtod(text, NULL);
        if (fabs(back - some[i]) > fabs(some[i]) * 5.1e-15)
            fail_msg("%.17g became %s", some[i], text);
    }
    char text[NUMBER_TEXT_MAX];
    assert_int_equal(number_write(text, NAN) - text, 1);
    assert_int_equal(text[0], 'U');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(what_was_written_is_read),
        T(a_journal_cut_at_any_byte_loses_only_its_tail),
        T(a_bent_byte_ends_the_reading_at_its_record),
        T(what_an_earlier_use_of_a_segment_left_is_not_read),
        T(a_second_process_is_kept_out),
        T(segments_follow_one_another_and_are_used_again),
        cmocka_unit_test(crc_is_that_of_the_standard),
        cmocka_unit_test(numbers_are_written_to_fifteen_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
