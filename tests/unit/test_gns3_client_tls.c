/* The GNS3 client over TLS. Arguments: the URL of a server that answers GET /v2/version, and the
 * certificate it was signed with. */
#include "gns3/client.h"
#include "gns3_client_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct world {
    const char *url, *ca_file;
    struct gw_plugin *host;
    struct client *client;
};

static bool is_decided(void *data)
{
    return client_state(((struct world *)data)->client) != CLIENT_CONNECTING;
}

static enum client_state outcome(struct world *world, const char *ca_file, const char *insecure)
{
    world->host = host_new(1);
    host_option(world->host, "name", "lab");
    host_option(world->host, "url", world->url);
    host_option(world->host, "ca_file", ca_file);
    host_option(world->host, "insecure", insecure);
    host_option(world->host, "timeout", "10000");
    host_option(world->host, "connections", "2");
    host_option(world->host, "budget", "10");
    struct client_events events = {0};
    world->client = client_new(world->host, host_values(world->host), &events);
    assert_non_null(world->client);
    assert_true(host_run(world->host, is_decided, world));
    return client_state(world->client);
}

static int teardown(void **state)
{
    struct world *world = *state;
    client_free(world->client);
    host_free(world->host);
    world->client = NULL;
    return 0;
}

static void an_unknown_certificate_is_refused(void **state)
{
    struct world *world = *state;
    assert_int_equal(outcome(world, NULL, "no"), CLIENT_DOWN);
    assert_non_null(strstr(client_why(world->client), "TLS: "));
}

static void the_given_certificate_is_trusted(void **state)
{
    struct world *world = *state;
    assert_int_equal(outcome(world, world->ca_file, "no"), CLIENT_UP);
}

static void insecure_takes_any_certificate(void **state)
{
    assert_int_equal(outcome(*state, NULL, "yes"), CLIENT_UP);
}

#define TEST(f)                       \
    {                                 \
#f, f, NULL, teardown, &world \
    }

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: %s URL CA_FILE\n", arguments[0]);
        return 2;
    }
    struct world world = {.url = arguments[1], .ca_file = arguments[2]};
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_certificate_is_refused),
        TEST(the_given_certificate_is_trusted),
        TEST(insecure_takes_any_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
