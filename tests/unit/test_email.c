/* The plugin on the test host: its file, what it takes, and a server that is not there. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnswatch/testing.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct gw_descriptor gnswatch_plugin;

/* A port nobody listens on: bound, and kept until the test ends. */
static int closed_port(int *fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

static struct gwt *begin(int *fd)
{
    char yaml[300];
    snprintf(yaml, sizeof yaml,
             "server: 127.0.0.1\nport: %d\nsecurity: none\nfrom: watch@example.org\ncharts: no\n",
             closed_port(fd));
    struct gwt *test = gwt_new(&gnswatch_plugin, yaml, 0);
    assert_non_null(test);
    assert_int_equal(gwt_start(test), 0);
    return test;
}

static void end(struct gwt *test, int fd)
{
    gwt_stop(test);
    gwt_free(test);
    close(fd);
}

static bool is_down(void *data)
{
    return gwt_events(data, "email.down") > 0;
}

static bool is_shown(void *data)
{
    return gwt_objects(data, "email.letter") > 0;
}

static void the_file_needs_nothing_and_its_mistakes_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *says;
    } cases[] = {{"", ""},
                 {"security: tls\n", "security"},
                 {"port: 0\n", "port"},
                 {"rate: 0\n", "rate"},
                 {"zone: Mars/Olympus\n", "zone"},
                 {"langauge: en\n", "langauge"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *said = gwt_check(&gnswatch_plugin, cases[i].yaml);
        if (*cases[i].says)
            assert_non_null(strstr(said, cases[i].says));
        else
            assert_string_equal(said, "");
        gw_free(said);
    }
    static const char *const bad[][2] = {{"from: a b@c\n", "from"},
                                         {"user: me\n", "password"},
                                         {"ca_file: /nowhere/ca.pem\n", "/nowhere/ca.pem"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct gwt *test = gwt_new(&gnswatch_plugin, bad[i][0], 0);
        assert_int_not_equal(gwt_start(test), 0);
        assert_non_null(strstr(gwt_last_error(test), bad[i][1]));
        gwt_stop(test);
        gwt_free(test);
    }
}

static void what_is_no_notification_or_no_address_is_refused(void **state)
{
    (void)state;
    int fd;
    struct gwt *test = begin(&fd);
    const char *reply;
    static const char *const bad[][2] = {
        {"{\"to\":[\"a@b\"],\"notification\":[]}", "notification"},
        {"{\"to\":[\"a@b\"],\"notification\":{}}", "id"},
        {"{\"notification\":{\"id\":\"1\"}}", "no address"},
        {"{\"to\":[\"a b\"],\"notification\":{\"id\":\"1\"}}", "'a b'"},
        {"{\"to\":[\"a@b\\r\\nX: y\"],\"notification\":{\"id\":\"1\"}}", "line end"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(gwt_call(test, "email.send", bad[i][0], &reply), -EINVAL);
        if (!strstr(reply, bad[i][1]))
            fail_msg("'%s' is not in: %s", bad[i][1], reply);
    }
    assert_int_equal(gwt_objects(test, "email.letter"), 0);
    end(test, fd);
}

static void a_letter_waits_for_a_server_that_is_not_there_over_a_kill(void **state)
{
    (void)state;
    int fd;
    struct gwt *test = begin(&fd);
    const char *reply, *one = "{\"to\":[\"A <a@example.org>\"],\"notification\":{\"id\":\"n1\","
                              "\"title\":\"PC1 is down\"}}";
    assert_int_equal(gwt_call(test, "email.send", one, &reply), 0);
    assert_non_null(strstr(reply, "\"duplicate\":false"));
    assert_int_equal(gwt_call(test, "email.send", one, &reply), 0);
    assert_non_null(strstr(reply, "\"duplicate\":true"));
    assert_true(gwt_run_until(test, is_down, test, 3600000));
    assert_true(gwt_run_until(test, is_shown, test, 60000));
    assert_string_equal(gwt_member(test, "email.letter", "1", "state"), "waiting");
    assert_string_equal(gwt_member(test, "email.letter", "1", "subject"), "PC1 is down");
    assert_non_null(strstr(gwt_member(test, "email.letter", "1", "why"), "cannot be reached"));
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(gwt_call(test, "email.send", one, &reply), 0);
    assert_non_null(strstr(reply, "\"duplicate\":true"));
    assert_true(gwt_run_until(test, is_shown, test, 60000));
    end(test, fd);
}

static void a_test_says_that_nobody_is_there(void **state)
{
    (void)state;
    int fd;
    struct gwt *test = begin(&fd);
    const char *reply;
    assert_int_equal(gwt_call(test, "email.test", "{\"to\":[\"a@example.org\"]}", &reply), -EIO);
    assert_non_null(strstr(reply, "cannot be reached"));
    end(test, fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_needs_nothing_and_its_mistakes_are_told),
        cmocka_unit_test(what_is_no_notification_or_no_address_is_refused),
        cmocka_unit_test(a_letter_waits_for_a_server_that_is_not_there_over_a_kill),
        cmocka_unit_test(a_test_says_that_nobody_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
