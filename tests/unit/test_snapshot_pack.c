/* Packed copies: what comes out is what went in, and half a file is never there. */
#include "unit.h"

#include "snapshot/pack.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES = 3000000 };
#define ZEROES "0000000000000000000000000000000000000000000000000000000000000000"

struct world {
    char folder[64], from[96], to[128], back[96];
    char *bytes;
};

static void write_file(const char *path, const char *bytes, size_t count)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    snprintf(world->folder, sizeof world->folder, "/tmp/gnswatch-pack-XXXXXX");
    if (!mkdtemp(world->folder))
        return -1;
    snprintf(world->from, sizeof world->from, "%s/from", world->folder);
    snprintf(world->to, sizeof world->to, "%s/a/b/to.zst", world->folder);
    snprintf(world->back, sizeof world->back, "%s/back", world->folder);
    world->bytes = malloc(BYTES);
    for (size_t i = 0; i < BYTES; i++)
        world->bytes[i] = (char)(i % 251 + i / 1000);
    write_file(world->from, world->bytes, BYTES);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    int code = system(command); /* NOLINT(cert-env33-c): a folder of our own */
    free(world->bytes);
    free(world);
    return code;
}

static void what_comes_out_is_what_went_in(void **state)
{
    struct world *world = *state;
    struct pack_result packed, unpacked;
    char *read = malloc(BYTES + 1);
    assert_int_equal(pack_file(world->from, world->to, 3, NULL, &packed), 0);
    assert_true(packed.bytes > 0 && packed.bytes < BYTES);
    assert_int_equal(unpack_file(world->to, world->back, &(struct unpack){packed.sha256, BYTES},
                                 NULL, &unpacked),
                     0);
    assert_int_equal(unpacked.bytes, BYTES);
    FILE *file = fopen(world->back, "re");
    assert_int_equal(fread(read, 1, BYTES + 1, file), BYTES);
    assert_memory_equal(read, world->bytes, BYTES);
    fclose(file);
    free(read);
}

static void a_file_cut_or_changed_does_not_unpack(void **state)
{
    struct world *world = *state;
    struct pack_result packed, unpacked;
    assert_int_equal(pack_file(world->from, world->to, 3, NULL, &packed), 0);
    assert_int_equal(
        unpack_file(world->to, world->back, &(struct unpack){ZEROES, 0}, NULL, &unpacked),
        -EBADMSG);
    assert_int_equal(access(world->back, F_OK), -1);
    assert_int_equal(truncate(world->to, packed.bytes - 10), 0);
    assert_int_equal(unpack_file(world->to, world->back, &(struct unpack){0}, NULL, &unpacked),
                     -EBADMSG);
    assert_int_equal(access(world->back, F_OK), -1);
}

static void one_that_unpacks_to_more_than_it_should_is_stopped(void **state)
{
    struct world *world = *state;
    struct pack_result packed, unpacked;
    assert_int_equal(pack_file(world->from, world->to, 3, NULL, &packed), 0);
    assert_int_equal(unpack_file(world->to, world->back, &(struct unpack){packed.sha256, BYTES - 1},
                                 NULL, &unpacked),
                     -EFBIG);
    assert_int_equal(access(world->back, F_OK), -1);
}

static void what_cannot_be_written_leaves_nothing_and_says_why(void **state)
{
    struct world *world = *state;
    struct pack_result packed;
    char below_a_file[128];
    snprintf(below_a_file, sizeof below_a_file, "%s/x/to.zst", world->from);
    assert_true(pack_file(world->from, below_a_file, 3, NULL, &packed) < 0);
    assert_true(packed.text[0] != '\0');
    assert_int_equal(pack_file("/nonexistent", world->to, 3, NULL, &packed), -ENOENT);
    assert_int_equal(access(world->to, F_OK), -1);
    atomic_bool cancel = true;
    assert_int_equal(pack_file(world->from, world->to, 3, &cancel, &packed), -ECANCELED);
    assert_int_equal(access(world->to, F_OK), -1);
    char part[160];
    snprintf(part, sizeof part, "%s.part", world->to);
    assert_int_equal(access(part, F_OK), -1);
}

static void a_small_file_is_replaced_as_a_whole(void **state)
{
    struct world *world = *state;
    char text[16] = "";
    assert_int_equal(write_whole(world->to, "first", 5), 0);
    assert_int_equal(write_whole(world->to, "second", 6), 0);
    FILE *file = fopen(world->to, "re");
    assert_int_equal(fread(text, 1, sizeof text - 1, file), 6);
    assert_string_equal(text, "second");
    fclose(file);
}

static void names_become_safe_names_of_files(void **state)
{
    (void)state;
    char out[16];
    plain_name("../a b/c", out, sizeof out);
    assert_string_equal(out, "_._a_b_c");
    plain_name("lab-1.x", out, sizeof out);
    assert_string_equal(out, "lab-1.x");
    plain_name("0123456789012345678", out, sizeof out);
    assert_string_equal(out, "012345678901234");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_comes_out_is_what_went_in),
        TEST(a_file_cut_or_changed_does_not_unpack),
        TEST(one_that_unpacks_to_more_than_it_should_is_stopped),
        TEST(what_cannot_be_written_leaves_nothing_and_says_why),
        TEST(a_small_file_is_replaced_as_a_whole),
        TEST(names_become_safe_names_of_files),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
