/* Archives made by the test: whole, torn, changed, with names that lead out, far too large. */
#include "unit.h"

#include "snapshot/listing.h"
#include "snapshot/verify.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PC1 "11111111-0000-4000-8000-000000000001"
#define R1  "11111111-0000-4000-8000-000000000002"
#define TOPOLOGY                                                                                   \
    "{\"topology\":{\"nodes\":["                                                                   \
    "{\"name\":\"PC1\",\"node_type\":\"vpcs\",\"node_id\":\"" PC1 "\",\"compute_id\":\"local\"},"  \
    "{\"name\":\"R1\",\"node_type\":\"dynamips\",\"node_id\":\"" R1 "\",\"compute_id\":\"local\"}" \
    "],\"links\":[],\"drawings\":[],\"computes\":[]}}"
#define PC1_FILE "project-files/vpcs/" PC1 "/startup.vpc"
#define R1_FILE  "project-files/dynamips/" R1 "/c3725_i1_nvram"

struct world {
    char folder[64], path[96];
    struct archive *archive;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    snprintf(world->folder, sizeof world->folder, "/tmp/gnswatch-verify-XXXXXX");
    if (!mkdtemp(world->folder))
        return -1;
    snprintf(world->path, sizeof world->path, "%s/a.zip", world->folder);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    int code = system(command); /* NOLINT(cert-env33-c): a folder of our own */
    free(world);
    return code;
}

static void begin(struct world *world, const char *compression)
{
    world->archive = archive_write_new();
    archive_write_set_format_zip(world->archive);
    assert_int_equal(
        archive_write_set_format_option(world->archive, "zip", "compression", compression),
        ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(world->archive, world->path), ARCHIVE_OK);
}

static void head(struct world *world, const char *name, int64_t size)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, size);
    assert_int_equal(archive_write_header(world->archive, entry), ARCHIVE_OK);
    archive_entry_free(entry);
}

static void add(struct world *world, const char *name, const char *text)
{
    head(world, name, (int64_t)strlen(text));
    assert_int_equal(archive_write_data(world->archive, text, strlen(text)), strlen(text));
}

static void end(struct world *world)
{
    assert_int_equal(archive_write_close(world->archive), ARCHIVE_OK);
    archive_write_free(world->archive);
}

static void whole(struct world *world)
{
    begin(world, "store");
    add(world, "project.gns3", TOPOLOGY);
    add(world, PC1_FILE, "set pcname PC1\n");
    add(world, R1_FILE, "a configuration of the router");
    end(world);
}

static struct verify_result look(struct world *world, const char *expect)
{
    json_t *json = expect ? json_loads(expect, 0, NULL) : NULL;
    assert_true(!expect || json);
    struct verify_result result;
    struct verify_ask ask = {world->path, json, NULL};
    assert_int_equal(verify_archive(&ask, &result), 0);
    json_decref(json);
    return result;
}

static void expect_bad(struct world *world, const char *expect, const char *part)
{
    struct verify_result result = look(world, expect);
    if (result.ok || !strstr(result.text, part))
        fail_msg("'%s' is not in '%s'", part, result.text);
    assert_true(json_array_size(result.missing) > 0);
    verify_fini(&result);
}

/* ---- Whole ----------------------------------------------------------------------------------- */

static void a_whole_archive_is_good_and_is_described(void **state)
{
    struct world *world = *state;
    whole(world);
    struct verify_result result =
        look(world, "{\"nodes\":[{\"name\":\"PC1\",\"node_type\":\"vpcs\"},"
                    "{\"name\":\"R1\",\"node_type\":\"dynamips\",\"ran\":true}]}");
    if (!result.ok)
        fail_msg("%s", result.text);
    assert_int_equal(result.node_count, 2);
    assert_int_equal(result.file_count, 3);
    const json_t *files = json_object_get(result.list, "files");
    assert_int_equal(json_integer_value(json_object_get(files, "vpcs/PC1/startup.vpc")), 15);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(result.nodes, 1), "compute_id")), "local");
    verify_fini(&result);
}

static void no_file_is_an_error_not_a_verdict(void **state)
{
    struct world *world = *state;
    struct verify_result result;
    struct verify_ask ask = {world->path, NULL, NULL};
    assert_int_equal(verify_archive(&ask, &result), -ENOENT);
    verify_fini(&result);
}

/* ---- Torn ------------------------------------------------------------------------------------ */

static void an_archive_cut_anywhere_is_bad(void **state)
{
    struct world *world = *state;
    struct stat about;
    whole(world);
    assert_int_equal(stat(world->path, &about), 0);
    for (off_t size = about.st_size - 1; size >= 0; size -= 7) {
        assert_int_equal(truncate(world->path, size), 0);
        struct verify_result result = look(world, NULL);
        if (result.ok)
            fail_msg("cut to %lld of %lld bytes it is good", (long long)size,
                     (long long)about.st_size);
        verify_fini(&result);
    }
}

static void a_changed_byte_of_a_file_is_found(void **state)
{
    struct world *world = *state;
    char bytes[8192];
    whole(world);
    int fd = open(world->path, O_RDWR | O_CLOEXEC);
    ssize_t count = read(fd, bytes, sizeof bytes);
    assert_true(count > 0);
    char *at = memmem(bytes, (size_t)count, "a configuration", 15);
    assert_non_null(at);
    assert_int_equal(pwrite(fd, "A", 1, at - bytes), 1);
    close(fd);
    expect_bad(world, NULL, "nvram cannot be read");
}

static void no_topology_or_none_that_can_be_read_is_bad(void **state)
{
    struct world *world = *state;
    begin(world, "store");
    add(world, PC1_FILE, "x");
    end(world);
    expect_bad(world, NULL, "no project.gns3");
    begin(world, "store");
    add(world, "project.gns3", "{\"topology\":");
    end(world);
    expect_bad(world, NULL, "no JSON");
    begin(world, "store");
    add(world, "project.gns3", "{\"topology\":{}}");
    end(world);
    expect_bad(world, NULL, "no list of nodes");
}

/* ---- Hostile --------------------------------------------------------------------------------- */

static void names_that_lead_out_are_found(void **state)
{
    static const char *const names[] = {"../../etc/cron.d/x", "/etc/passwd",
                                        "project-files/../../x", "a\\..\\b", ".."};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        begin(world, "store");
        add(world, "project.gns3", TOPOLOGY);
        add(world, names[i], "x");
        end(world);
        expect_bad(world, NULL, "leads out");
    }
}

static void dots_within_names_are_fine(void **state)
{
    struct world *world = *state;
    begin(world, "store");
    add(world, "project.gns3", TOPOLOGY);
    add(world, "project-files/a..b/..c/d..", "x");
    end(world);
    struct verify_result result = look(world, NULL);
    assert_true(result.ok);
    verify_fini(&result);
}

static void what_unpacks_to_far_too_much_is_given_up(void **state)
{
    struct world *world = *state;
    enum { BLOCK = 1 << 20, BLOCKS = 400 };
    char *zeros = calloc(1, BLOCK);
    begin(world, "deflate");
    head(world, "disk", (int64_t)BLOCK * BLOCKS);
    for (int i = 0; i < BLOCKS; i++)
        assert_int_equal(archive_write_data(world->archive, zeros, BLOCK), BLOCK);
    add(world, "project.gns3", TOPOLOGY);
    end(world);
    free(zeros);
    struct verify_result result = look(world, NULL);
    assert_false(result.ok);
    assert_non_null(strstr(result.text, "unpacks to more"));
    assert_true(result.bytes < (int64_t)BLOCK * (BLOCKS - 100)); /* it was not read to its end */
    verify_fini(&result);
}

static void a_cancelled_look_ends(void **state)
{
    struct world *world = *state;
    atomic_bool cancel = true;
    whole(world);
    struct verify_result result;
    struct verify_ask ask = {world->path, NULL, &cancel};
    assert_int_equal(verify_archive(&ask, &result), -ECANCELED);
    verify_fini(&result);
}

/* ---- Against what should be in it ------------------------------------------------------------ */

static void a_missing_node_and_one_too_many_are_named(void **state)
{
    struct world *world = *state;
    whole(world);
    expect_bad(world,
               "{\"nodes\":[{\"name\":\"PC1\",\"node_type\":\"vpcs\"},{\"name\":\"R1\","
               "\"node_type\":\"dynamips\"},{\"name\":\"R2\",\"node_type\":\"dynamips\"}]}",
               "node R2 is not in");
    expect_bad(world, "{\"nodes\":[{\"name\":\"PC1\",\"node_type\":\"vpcs\"}]}",
               "node R1 was not in");
}

static void a_router_that_ran_has_files(void **state)
{
    struct world *world = *state;
    begin(world, "store");
    add(world, "project.gns3", TOPOLOGY);
    add(world, PC1_FILE, "x");
    end(world);
    expect_bad(world,
               "{\"nodes\":[{\"name\":\"PC1\",\"node_type\":\"vpcs\",\"ran\":true},"
               "{\"name\":\"R1\",\"node_type\":\"dynamips\",\"ran\":true}]}",
               "node R1 ran");
}

static void files_on_the_servers_disk_must_be_in_it_in_their_size(void **state)
{
    struct world *world = *state;
    whole(world);
    expect_bad(world, "{\"files\":{\"project-files/vpcs/" PC1 "/other\":3}}", "other is on");
    expect_bad(world, "{\"files\":{\"" PC1_FILE "\":16}}", "has 16 bytes");
    struct verify_result result =
        look(world, "{\"files\":{\"" PC1_FILE "\":15,\"" R1_FILE "\":-1}}");
    assert_true(result.ok);
    verify_fini(&result);
}

static void essential_files_of_the_one_before_must_be_there_others_need_not(void **state)
{
    struct world *world = *state;
    whole(world);
    expect_bad(world, "{\"earlier\":{\"files\":{\"vpcs/PC1/startup-config.cfg\":9}}}",
               "startup-config.cfg was in");
    struct verify_result result =
        look(world, "{\"earlier\":{\"files\":{\"vpcs/PC1/scratch.txt\":9,"
                    "\"vpcs/PC9/startup.vpc\":9}}}"); /* PC9 is no node any more */
    assert_true(result.ok);
    verify_fini(&result);
}

static void what_gns3_said_it_left_out_is_missing_and_a_small_one_is_worth_a_warning(void **state)
{
    struct world *world = *state;
    whole(world);
    expect_bad(world, "{\"lost\":[\"Could not export file /x\"]}", "Could not export");
    struct verify_result result = look(world, "{\"typical_bytes\":1000000}");
    assert_true(result.ok);
    assert_int_equal(json_array_size(result.warnings), 1);
    verify_fini(&result);
}

/* ---- The server's disk ----------------------------------------------------------------------- */

static void touch(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void the_listing_has_what_gns3_exports_and_no_more(void **state)
{
    struct world *world = *state;
    touch(world->folder, "lab.gns3", "{}");
    touch(world->folder, PC1_FILE, "12345");
    touch(world->folder, "project-files/vpcs/" PC1 "/vpcs.log", "x");
    touch(world->folder, "project-files/dynamips/dynamips_i1_log.txt", "x");
    touch(world->folder, "project-files/dynamips/shared", "x");
    touch(world->folder, "project-files/captures/a.pcap", "x");
    touch(world->folder, "project-files/tmp/b", "x");
    touch(world->folder, "snapshots/old.gns3snapshot", "x");
    json_t *list = listing_of(world->folder, INT64_MAX);
    assert_non_null(list);
    assert_int_equal(json_object_size(list), 2);
    assert_int_equal(json_integer_value(json_object_get(list, PC1_FILE)), 5);
    assert_int_equal(json_integer_value(json_object_get(list, "project-files/dynamips/shared")),
                     -1);
    json_decref(list);
    list = listing_of(world->folder, 1000); /* all of it changed after that */
    assert_int_equal(json_integer_value(json_object_get(list, PC1_FILE)), -1);
    json_decref(list);
    assert_null(listing_of("/nonexistent/folder", 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_archive_is_good_and_is_described),
        TEST(no_file_is_an_error_not_a_verdict),
        TEST(an_archive_cut_anywhere_is_bad),
        TEST(a_changed_byte_of_a_file_is_found),
        TEST(no_topology_or_none_that_can_be_read_is_bad),
        TEST(names_that_lead_out_are_found),
        TEST(dots_within_names_are_fine),
        TEST(what_unpacks_to_far_too_much_is_given_up),
        TEST(a_cancelled_look_ends),
        TEST(a_missing_node_and_one_too_many_are_named),
        TEST(a_router_that_ran_has_files),
        TEST(files_on_the_servers_disk_must_be_in_it_in_their_size),
        TEST(essential_files_of_the_one_before_must_be_there_others_need_not),
        TEST(what_gns3_said_it_left_out_is_missing_and_a_small_one_is_worth_a_warning),
        TEST(the_listing_has_what_gns3_exports_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
