/* Directories of files: what is read, what is refused, and secrets kept in files of their own. */
#include "conf_tables.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char old_dir[4096], dir[64];
};

static int make_dir(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/gnswatch-conf-XXXXXX");
    if (!getcwd(fixture->old_dir, sizeof(fixture->old_dir)) || !mkdtemp(fixture->dir) ||
        chdir(fixture->dir) || mkdir("conf.d", 0700))
        return -1;
    *state = fixture;
    return 0;
}

static int remove_dir(void **state)
{
    struct fixture *fixture = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", fixture->dir);
    int error = chdir(fixture->old_dir) || system(command);
    free(fixture);
    return error ? -1 : 0;
}

static void write_file(const char *name, const char *text, size_t bytes, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, bytes), bytes);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void write_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text), 0600);
}

/* Loads conf.d; the problems as text in `said`. */
static struct conf *load(struct buf *said)
{
    struct problems problems;
    problems_init(&problems);
    buf_init(said, 1 << 20);
    struct conf *conf = conf_load("conf.d", &test_tables, &problems);
    problems_print(&problems, said);
    problems_fini(&problems);
    return conf;
}

static void expect_said(const char *expected)
{
    struct buf said;
    struct conf *conf = load(&said);
    assert_null(conf);
    assert_string_equal(said.data, expected);
    buf_fini(&said);
}

static struct conf *load_good(void)
{
    struct buf said;
    struct conf *conf = load(&said);
    if (!conf)
        fail_msg("%s", said.data);
    buf_fini(&said);
    return conf;
}

static void files_are_read_in_the_order_of_their_names(void **state)
{
    (void)state;
    write_text("conf.d/b.yaml", "plugin: gns3\n");
    write_text("conf.d/a.yaml", "plugin: load\n");
    write_text("conf.d/gnswatch.yaml", "port: 0\n");
    write_text("conf.d/.hidden.yaml", "{{{");
    write_text("conf.d/a.yaml~", "{{{");
    write_text("conf.d/README", "{{{");
    struct conf *conf = load_good();
    assert_int_equal(conf->count, 2);
    assert_string_equal(conf->instances[0].name, "a");
    assert_string_equal(conf->instances[1].name, "b");
    assert_string_equal(conf->instances[1].file, "conf.d/b.yaml");
    assert_int_equal(gw_int(conf->host, "port"), 0);
    conf_free(conf);
}

static void an_empty_directory_is_a_host_with_defaults(void **state)
{
    (void)state;
    struct conf *conf = load_good();
    assert_int_equal(conf->count, 0);
    assert_int_equal(gw_int(conf->host, "port"), 8080);
    conf_free(conf);
}

static void a_directory_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_int_equal(rmdir("conf.d"), 0);
    expect_said("conf.d: error: cannot be read: No such file or directory\n");
}

static void problems_of_all_files_come_at_once(void **state)
{
    (void)state;
    write_text("conf.d/a.yaml", "plugin: gns3\nbudget: 0\n");
    write_text("conf.d/b.yaml", "plugin: [\n");
    write_text("conf.d/load.yaml", "");
    write_text("conf.d/z.yaml", "plugin: gns3\nmode: quick\n");
    expect_said("conf.d/a.yaml:2:9: error: budget: 0 is under the minimum of 1/s\n"
                "    budget: 0\n"
                "            ^\n"
                "\n"
                "conf.d/b.yaml:1:10: error: a list opened with '[' is not closed with ']'\n"
                "    plugin: [\n"
                "             ^\n"
                "\n"
                "conf.d/z.yaml:2:7: error: mode: expected fast, careful or slow, not 'quick'\n"
                "    mode: quick\n"
                "          ^~~~~\n");
}

static void what_is_no_file_is_refused_with_its_name(void **state)
{
    (void)state;
    static char huge[(1 << 20) + 1];
    memset(huge, '#', sizeof(huge));
    assert_int_equal(mkdir("conf.d/a.yaml", 0700), 0);
    assert_int_equal(symlink("nowhere", "conf.d/b.yaml"), 0);
    assert_int_equal(mkfifo("conf.d/c.yaml", 0600), 0);
    write_file("conf.d/d.yaml", huge, sizeof(huge), 0600);
    write_text("conf.d/e.yml", "");
    write_file("conf.d/f.yaml", "plugin: gns3\nbu\0dget", 20, 0600);
    expect_said("conf.d/a.yaml: error: is a directory; a file of options was expected\n"
                "\n"
                "conf.d/b.yaml: error: is a link to a file that does not exist\n"
                "\n"
                "conf.d/c.yaml: error: is not a regular file\n"
                "\n"
                "conf.d/d.yaml: error: is larger than 1 MiB; that is no file of options\n"
                "\n"
                "conf.d/e.yml: error: is not read; rename it to end in .yaml\n"
                "\n"
                "conf.d/f.yaml:2:3: error: a NUL byte; this is no text file, or it was cut short\n"
                "    bu?dget\n"
                "      ^\n");
}

static void a_file_this_user_may_not_read_is_named(void **state)
{
    (void)state;
    write_file("conf.d/gns3.yaml", "", 0, 0);
    bool root = geteuid() == 0; /* who may read everything, so be someone else meanwhile */
    if (root)
        assert_int_equal(chmod(".", 0755) | chmod("conf.d", 0755) | seteuid(65534), 0);
    expect_said("conf.d/gns3.yaml: error: cannot be read: Permission denied; give this user the "
                "right to read it\n");
    if (root)
        assert_int_equal(seteuid(0), 0);
}

static const char *secret_of(const struct conf *conf)
{
    return gw_string(conf->instances[0].values, "token");
}

static void a_secret_is_read_from_a_file_beside_the_configuration(void **state)
{
    (void)state;
    write_text("conf.d/gns3.yaml", "token_file: token\n");
    write_text("conf.d/token", "hunter2\n");
    struct conf *conf = load_good();
    assert_string_equal(secret_of(conf), "hunter2");
    write_text("conf.d/token", "hunter3\r\n");
    struct conf *changed = load_good();
    assert_string_equal(secret_of(changed), "hunter3");
    assert_false(conf_instance_equal(&conf->instances[0], &changed->instances[0]));
    struct buf shown;
    buf_init(&shown, 65536);
    values_json(conf->instances[0].values, false, &shown);
    assert_null(strstr(shown.data, "hunter"));
    assert_non_null(strstr(shown.data, "\"token\":\"***\""));
    buf_fini(&shown);
    conf_free(conf);
    conf_free(changed);
}

static void a_secret_is_read_from_the_environment(void **state)
{
    (void)state;
    write_text("conf.d/gns3.yaml", "token_env: GNSWATCH_TEST_TOKEN\n");
    setenv("GNSWATCH_TEST_TOKEN", "hunter2", 1);
    struct conf *conf = load_good();
    assert_string_equal(secret_of(conf), "hunter2");
    conf_free(conf);
    unsetenv("GNSWATCH_TEST_TOKEN");
}

static void a_secret_that_everyone_can_read_is_refused(void **state)
{
    (void)state;
    write_text("conf.d/gns3.yaml", "token_file: token\n");
    write_file("conf.d/token", "hunter2", 7, 0644);
    expect_said("conf.d/gns3.yaml:1:13: error: token_file: 'token' is open to everyone on this "
                "machine; run: chmod 600 'conf.d/token'\n"
                "    token_file: token\n"
                "                ^~~~~\n");
}

static void a_secret_file_that_holds_no_secret_is_refused(void **state)
{
    (void)state;
    static char huge[65537];
    memset(huge, 'x', sizeof(huge));
    write_text("conf.d/gns3.yaml", "token_file: token\n");
    assert_int_equal(mkdir("conf.d/token", 0700), 0);
    expect_said("conf.d/gns3.yaml:1:13: error: token_file: 'token' is not a file\n"
                "    token_file: token\n"
                "                ^~~~~\n");
    assert_int_equal(rmdir("conf.d/token"), 0);
    write_file("conf.d/token", huge, sizeof(huge), 0600);
    expect_said("conf.d/gns3.yaml:1:13: error: token_file: 'token' is larger than 64 KiB\n"
                "    token_file: token\n"
                "                ^~~~~\n");
    write_file("conf.d/token", "a\0b", 3, 0600);
    expect_said(
        "conf.d/gns3.yaml:1:13: error: token_file: 'token' holds a NUL byte; it should hold "
        "text\n"
        "    token_file: token\n"
        "                ^~~~~\n");
}

#define LOAD_TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOAD_TEST(files_are_read_in_the_order_of_their_names),
        LOAD_TEST(an_empty_directory_is_a_host_with_defaults),
        LOAD_TEST(a_directory_that_is_not_there_is_named),
        LOAD_TEST(problems_of_all_files_come_at_once),
        LOAD_TEST(what_is_no_file_is_refused_with_its_name),
        LOAD_TEST(a_file_this_user_may_not_read_is_named),
        LOAD_TEST(a_secret_is_read_from_a_file_beside_the_configuration),
        LOAD_TEST(a_secret_is_read_from_the_environment),
        LOAD_TEST(a_secret_that_everyone_can_read_is_refused),
        LOAD_TEST(a_secret_file_that_holds_no_secret_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
