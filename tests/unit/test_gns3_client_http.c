/* The HTTP client of gnswatch/http.h against peers that misbehave. */
#include "gns3_client_host.h"
#include "gns3_client_server.h"

#include <errno.h>
#include <fcntl.h>
#include <gnswatch/http.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct world {
    struct gw_plugin *host;
    struct server *server;
    struct gw_http *http;
    int done, error, status, reused;
    char body[4096], text[512], type[64], pieces[4096];
    struct gw_http_request *request;
    bool free_in_done, cancel_in_piece, free_in_piece;
};

static void on_done(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self;
    struct world *world = data;
    world->done++;
    world->error = answer->error;
    world->status = answer->status;
    world->reused += answer->reused;
    snprintf(world->body, sizeof(world->body), "%s", answer->body);
    snprintf(world->text, sizeof(world->text), "%s", answer->text ? answer->text : "");
    snprintf(world->type, sizeof(world->type), "%s",
             answer->content_type ? answer->content_type : "");
    if (world->free_in_done) {
        struct gw_http *http = world->http;
        world->http = NULL;
        world->free_in_done = false;
        gw_http_free(http);
    }
}

static bool on_piece(struct gw_plugin *self, const char *piece, size_t bytes, void *data)
{
    (void)self;
    struct world *world = data;
    size_t used = strlen(world->pieces);
    snprintf(world->pieces + used, sizeof(world->pieces) - used, "%.*s", (int)bytes, piece);
    if (world->free_in_piece) {
        struct gw_http *http = world->http;
        world->http = NULL;
        gw_http_free(http);
    }
    return !world->cancel_in_piece;
}

/* The peer's script: the path says what to do. */
static void script(struct server *server, struct peer *peer, const struct request *request,
                   void *data)
{
    (void)server;
    (void)data;
    const char *path = request->path;
    if (strcmp(path, "/keep") == 0)
        server_answer(peer, 200, "", "{\"kept\":1}");
    else if (strcmp(path, "/close") == 0) /* says close and stays open, as GNS3 2.2 does */
        server_answer(peer, 200, "Connection: close\r\n", "{}");
    else if (strcmp(path, "/echo") == 0)
        server_answer(peer, 201, "", request->body);
    else if (strcmp(path, "/head") == 0)
        server_answer(peer, 200, "", request->head);
    else if (strcmp(path, "/204") == 0)
        server_send(peer, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    else if (strcmp(path, "/garbage") == 0)
        server_send(peer, "\x01\x02 not http at all\r\n\r\n"), server_close(peer);
    else if (strcmp(path, "/half") == 0)
        server_send(peer, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ha"),
            server_close(peer);
    else if (strcmp(path, "/large") == 0)
        server_send(peer, "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n0123456789");
    else if (strcmp(path, "/404") == 0)
        server_answer(peer, 404, "", "{\"message\":\"none\"}");
    else if (strcmp(path, "/stale") == 0 && request->on_connection > 1)
        server_close(peer); /* a kept connection that is closed under a request */
    else if (strcmp(path, "/stale") == 0)
        server_answer(peer, 200, "", "{}");
    else if (strcmp(path, "/stream") == 0)
        server_send(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\n\r\n");
    else if (strcmp(path, "/stream22") == 0) /* the end of a GNS3 2.2 stream */
        server_send(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\n\r\n"
                          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n0\r\n\r\n");
    /* anything else, "/hang": no answer */
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    world->host = host_new(1);
    world->server = server_new(world->host, 0, script, world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    gw_http_free(world->http);
    if (world->server)
        server_free(world->server);
    assert_int_equal(host_watches(world->host), 0);
    assert_int_equal(host_timers(world->host), 0);
    host_free(world->host);
    free(world);
    return 0;
}

static void client(struct world *world)
{
    struct gw_http_options options = {.size = sizeof(options),
                                      .base = server_url(world->server),
                                      .user = "ann",
                                      .password = "se:cret",
                                      .connections_max = 2,
                                      .answer_max_bytes = 1000};
    world->http = gw_http_new(world->host, &options);
    assert_non_null(world->http);
}

static bool is_done(void *data)
{
    return ((struct world *)data)->done > 0;
}

static void ask(struct world *world, struct gw_http_ask *ask)
{
    world->done = 0;
    ask->on_done = on_done;
    ask->data = world;
    world->request = gw_http_send(world->http, ask);
    assert_non_null(world->request);
    assert_int_equal(world->done, 0); /* never from within send */
}

static void get(struct world *world, const char *path)
{
    ask(world, &(struct gw_http_ask){.path = path, .timeout_ms = 5000});
    assert_true(host_run(world->host, is_done, world));
}

static void an_answer_has_status_body_and_type(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/keep");
    assert_int_equal(world->error, 0);
    assert_int_equal(world->status, 200);
    assert_string_equal(world->body, "{\"kept\":1}");
    assert_string_equal(world->type, "application/json");
    get(world, "/404");
    assert_int_equal(world->error, 0);
    assert_int_equal(world->status, 404);
}

static void basic_credentials_are_sent_to_the_letter(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/head");
    assert_non_null(strstr(world->body, "\r\nAuthorization: Basic YW5uOnNlOmNyZXQ=\r\n"));
    assert_null(strstr(world->body, "Expect"));
}

static void a_kept_connection_is_used_again(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/keep");
    get(world, "/keep");
    get(world, "/keep");
    assert_int_equal(server_connections(world->server), 1);
    assert_int_equal(world->reused, 2);
}

static void a_connection_that_said_close_is_not_used_again(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/close");
    get(world, "/204");
    assert_int_equal(world->status, 204);
    get(world, "/close");
    assert_int_equal(server_connections(world->server), 3);
    assert_int_equal(world->reused, 0);
}

static void a_get_on_a_connection_closed_meanwhile_is_sent_again(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/stale");
    get(world, "/stale");
    assert_int_equal(world->error, 0);
    assert_int_equal(world->status, 200);
    assert_int_equal(server_connections(world->server), 2);
}

static void a_post_never_runs_on_a_kept_connection(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/keep");
    ask(world, &(struct gw_http_ask){.path = "/echo", .body = "{\"a\":1}", .body_bytes = 7});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->status, 201);
    assert_string_equal(world->body, "{\"a\":1}");
    assert_int_equal(server_connections(world->server), 2);
}

static void what_is_no_http_is_a_protocol_error(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/garbage");
    assert_int_equal(world->error, -EPROTO);
    assert_non_null(strstr(world->text, "not proper HTTP"));
    get(world, "/half");
    assert_int_equal(world->error, -EPROTO);
}

static void no_answer_in_time_is_a_timeout(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/hang", .timeout_ms = 100});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->error, -ETIMEDOUT);
    assert_non_null(strstr(world->text, "no answer within 0.1 s"));
}

static void refused_says_so(void **state)
{
    struct world *world = *state;
    client(world);
    server_free(world->server);
    world->server = NULL;
    get(world, "/keep");
    assert_int_equal(world->error, -ECONNREFUSED);
    assert_non_null(strstr(world->text, "Connection refused"));
}

static bool are_all_done(void *data)
{
    return ((struct world *)data)->done == 2 + 1024;
}

static void the_queue_holds_what_the_connections_do_not_and_is_bounded(void **state)
{
    struct world *world = *state;
    client(world);
    struct gw_http_ask held = {
        .path = "/hang", .timeout_ms = 1000, .on_done = on_done, .data = world};
    for (int i = 0; i < 2 + 1024; i++)
        assert_non_null(gw_http_send(world->http, &held));
    assert_null(gw_http_send(world->http, &held));
    host_run_ms(world->host, 30);
    assert_int_equal(server_connections(world->server), 2);
    assert_true(host_run(world->host, are_all_done, world));
    assert_int_equal(world->error, -ETIMEDOUT);
}

static void a_stream_comes_in_pieces_until_it_is_silent(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/stream", .on_piece = on_piece, .silence_ms = 100});
    assert_true(host_run(world->host, is_done, world));
    assert_string_equal(world->pieces, "ab\n");
    assert_int_equal(world->error, -ETIMEDOUT);
    assert_non_null(strstr(world->text, "silent"));
}

static void a_stream_that_ends_as_gns3_2_2_does_is_over(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/stream22", .on_piece = on_piece});
    assert_true(host_run(world->host, is_done, world));
    assert_string_equal(world->pieces, "ab\n");
    assert_int_equal(world->error, -EPROTO);
}

static void a_stream_without_a_first_byte_times_out(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/hang", .on_piece = on_piece, .timeout_ms = 100});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->error, -ETIMEDOUT);
}

static void a_refused_stream_has_its_body_in_the_answer(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/404", .on_piece = on_piece});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->status, 404);
    assert_string_equal(world->pieces, "");
    assert_string_equal(world->body, "{\"message\":\"none\"}");
}

static void a_piece_can_end_its_stream(void **state)
{
    struct world *world = *state;
    client(world);
    world->cancel_in_piece = true;
    ask(world, &(struct gw_http_ask){.path = "/stream", .on_piece = on_piece});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->error, -ECANCELED);
}

static void cancel_is_told_once_and_later(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/hang"});
    gw_http_cancel(world->request);
    gw_http_cancel(world->request);
    assert_int_equal(world->done, 0);
    assert_true(host_run(world->host, is_done, world));
    host_run_ms(world->host, 50);
    assert_int_equal(world->done, 1);
    assert_int_equal(world->error, -ECANCELED);
}

static void free_ends_every_request(void **state)
{
    struct world *world = *state;
    client(world);
    for (int i = 0; i < 5; i++) {
        ask(world, &(struct gw_http_ask){.path = "/hang"});
    }
    gw_http_free(world->http);
    world->http = NULL;
    assert_int_equal(world->done, 5);
    assert_int_equal(world->error, -ECANCELED);
}

static void a_client_may_be_freed_in_its_own_callback(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/hang"});
    world->free_in_done = true;
    get(world, "/keep");
    assert_int_equal(world->done, 2);
}

static void a_client_may_be_freed_in_a_piece(void **state)
{
    struct world *world = *state;
    client(world);
    world->free_in_piece = true;
    ask(world, &(struct gw_http_ask){.path = "/stream", .on_piece = on_piece});
    assert_true(host_run(world->host, is_done, world));
    host_run_ms(world->host, 20);
    assert_int_equal(world->done, 1);
    assert_int_equal(world->error, -ECANCELED);
}

static void what_is_left_at_stop_is_released_without_a_word(void **state)
{
    struct world *world = *state;
    client(world);
    ask(world, &(struct gw_http_ask){.path = "/hang"});
    host_run_ms(world->host, 20);
    server_free(world->server);
    host_free(world->host);
    assert_int_equal(world->done, 0);
    world->http = NULL;
    world->host = host_new(1);
    world->server = NULL;
}

static void a_bad_address_path_or_header_is_refused(void **state)
{
    struct world *world = *state;
    const char *bad[] = {"ftp://a",   "127.0.0.1:3080", "http://ann:secret@a/",
                         "http://",   "http:// a",      "http://a/?x=1",
                         "http://:80"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_null(gw_http_new(
            world->host,
            &(struct gw_http_options){.size = sizeof(struct gw_http_options), .base = bad[i]}));
    assert_null(strstr(host_log(world->host), "secret"));
    client(world);
    const char *headers[] = {"A: b\r\nC: d", NULL};
    assert_null(gw_http_send(world->http, &(struct gw_http_ask){.path = "no slash"}));
    assert_null(gw_http_send(world->http, &(struct gw_http_ask){.path = "/a b"}));
    assert_null(gw_http_send(world->http, &(struct gw_http_ask){.path = "/a\r\nX: y"}));
    assert_null(gw_http_send(world->http, &(struct gw_http_ask){.path = "/", .headers = headers}));
    assert_null(gw_http_send(world->http, &(struct gw_http_ask){.path = "/", .method = "G\r\n"}));
}

static void files_are_sent_and_saved(void **state)
{
    struct world *world = *state;
    client(world);
    char source[] = "/tmp/gns3_client_XXXXXX";
    int fd = mkstemp(source);
    assert_int_equal(write(fd, "content", 7), 7);
    close(fd);
    char saved[64];
    snprintf(saved, sizeof(saved), "%s.saved", source);
    ask(world, &(struct gw_http_ask){
                   .method = "POST", .path = "/echo", .body_file = source, .save_file = saved});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->error, 0);
    assert_int_equal(world->status, 201);
    assert_string_equal(world->body, "");
    char read_back[16] = "";
    fd = open(saved, O_RDONLY);
    assert_int_equal(read(fd, read_back, sizeof(read_back) - 1), 7);
    close(fd);
    assert_string_equal(read_back, "content");
    assert_int_equal(unlink(saved), 0);
    ask(world, &(struct gw_http_ask){.path = "/404", .save_file = saved});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(access(saved, F_OK), -1);
    assert_string_equal(world->body, "{\"message\":\"none\"}");
    unlink(source);
    ask(world, &(struct gw_http_ask){.path = "/echo", .body_file = source});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->error, -ENOENT);
}

static void a_larger_answer_than_allowed_ends(void **state)
{
    struct world *world = *state;
    client(world);
    get(world, "/large"); /* announced */
    assert_int_equal(world->error, -EMSGSIZE);
    char body[1101];
    memset(body, 'x', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    ask(world, &(struct gw_http_ask){.path = "/echo", .body = body, .body_bytes = 1100});
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->error, -EMSGSIZE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_has_status_body_and_type),
        TEST(basic_credentials_are_sent_to_the_letter),
        TEST(a_kept_connection_is_used_again),
        TEST(a_connection_that_said_close_is_not_used_again),
        TEST(a_get_on_a_connection_closed_meanwhile_is_sent_again),
        TEST(a_post_never_runs_on_a_kept_connection),
        TEST(what_is_no_http_is_a_protocol_error),
        TEST(no_answer_in_time_is_a_timeout),
        TEST(refused_says_so),
        TEST(the_queue_holds_what_the_connections_do_not_and_is_bounded),
        TEST(a_stream_comes_in_pieces_until_it_is_silent),
        TEST(a_stream_that_ends_as_gns3_2_2_does_is_over),
        TEST(a_stream_without_a_first_byte_times_out),
        TEST(a_refused_stream_has_its_body_in_the_answer),
        TEST(a_piece_can_end_its_stream),
        TEST(cancel_is_told_once_and_later),
        TEST(free_ends_every_request),
        TEST(a_client_may_be_freed_in_its_own_callback),
        TEST(a_client_may_be_freed_in_a_piece),
        TEST(what_is_left_at_stop_is_released_without_a_word),
        TEST(a_bad_address_path_or_header_is_refused),
        TEST(files_are_sent_and_saved),
        TEST(a_larger_answer_than_allowed_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
