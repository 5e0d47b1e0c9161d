/* The HTTP client of the test host. */
#include "testing_probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct notes notes;
    struct gwt *test;
    struct gw_http *http;
    int64_t retry_after_ms;
};

static void world_begin(struct world *world)
{
    *world = (struct world){.test = probe_new("")};
    const struct gw_http_options options = {.size = sizeof(options),
                                            .base = "http://peer:3080/",
                                            .user = "Aladdin",
                                            .password = "open sesame"};
    notes_begin(&world->notes, world->test);
    world->http = gw_http_new(gwt_self(world->test), &options);
    assert_non_null(world->http);
}

static void on_done(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self;
    struct world *world = data;
    char text[128];
    snprintf(text, sizeof(text), "%d:%d:%s", answer->error, answer->status,
             answer->body ? answer->body : "");
    world->retry_after_ms = answer->retry_after_ms;
    note(&world->notes, text);
}

static struct gw_http_request *get(struct world *world, const char *path)
{
    const struct gw_http_ask ask = {.path = path, .on_done = on_done, .data = world};
    return gw_http_send(world->http, &ask);
}

static void rules_answer_the_newest_first_and_so_often(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    gwt_http(world.test, "GET", "http://peer:3080/v3/version", 200, "{\"v\":3}", 0);
    gwt_http(world.test, "GET", "http://peer:3080/v3/version", 503, "no", 2);
    gwt_http_retry_after(world.test, 7000);
    for (int i = 0; i < 2; i++)
        assert_non_null(get(&world, "/v3/version"));
    assert_string_equal(world.notes.text, "");
    gwt_run(world.test, 0);
    assert_int_equal(world.retry_after_ms, 7000);
    get(&world, "/v3/version");
    get(&world, "/elsewhere");
    gwt_run(world.test, 0);
    assert_string_equal(world.notes.text, "0:503:no@0 0:503:no@0 0:200:{\"v\":3}@0 -111:0:@0 ");
    gwt_free(world.test);
}

static void timeouts_and_slow_answers_take_their_time(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    gwt_http(world.test, "GET", "http://peer:3080/never", -ETIMEDOUT, NULL, 0);
    gwt_http(world.test, "GET", "http://peer:3080/slow", 200, "at last", 0);
    gwt_http_slow(world.test, 3000);
    gwt_http(world.test, "GET", "http://peer:3080/slower", 200, "too late", 0);
    gwt_http_slow(world.test, 12000);
    get(&world, "/never");
    get(&world, "/slow");
    get(&world, "/slower");
    gwt_run(world.test, 20000);
    assert_string_equal(world.notes.text, "0:200:at last@3000 -110:0:@10000 -110:0:@10000 ");
    gwt_free(world.test);
}

static void requests_are_kept_with_headers_and_body(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    const char *headers[] = {"X-Mine: yes", NULL};
    const struct gw_http_ask ask = {
        .path = "/hook", .body = "{\"a\":1}", .body_bytes = 7, .headers = headers};
    assert_non_null(gw_http_send(world.http, &ask));
    get(&world, "/other");
    gwt_run(world.test, 0);
    assert_int_equal(gwt_requests(world.test, "peer"), 2);
    const struct gwt_request *request = gwt_request(world.test, "/hook", -1);
    assert_string_equal(request->method, "POST");
    assert_string_equal(request->url, "http://peer:3080/hook");
    assert_string_equal(request->body, "{\"a\":1}");
    assert_int_equal(request->body_bytes, 7);
    assert_string_equal(request->headers[0], "X-Mine: yes");
    assert_string_equal(request->headers[1], "Content-Type: application/json");
    /* the example of RFC 7617 */
    assert_string_equal(request->headers[2], "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_null(request->headers[3]);
    assert_null(gwt_request(world.test, "/hook", 1));
    gwt_free(world.test);
}

static void files_are_sent_and_saved(void **state)
{
    (void)state;
    struct world world;
    char out[512], in[512], text[16] = {0};
    world_begin(&world);
    snprintf(out, sizeof(out), "%s/out", gwt_state_dir(world.test));
    snprintf(in, sizeof(in), "%s/in", gwt_state_dir(world.test));
    FILE *file = fopen(out, "w");
    assert_non_null(file);
    fputs("to send", file);
    fclose(file);
    const struct gw_http_ask ask = {.method = "PUT",
                                    .path = "/file",
                                    .body_file = out,
                                    .save_file = in,
                                    .on_done = on_done,
                                    .data = &world};
    gwt_http(world.test, "PUT", "http://peer:3080/*", 201, "to keep", 0);
    assert_non_null(gw_http_send(world.http, &ask));
    gwt_run(world.test, 0);
    assert_string_equal(gwt_request(world.test, "/file", 0)->body, "to send");
    assert_string_equal(world.notes.text, "0:201:@0 ");
    file = fopen(in, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 7);
    assert_string_equal(text, "to keep");
    fclose(file);
    gwt_free(world.test);
}

static bool note_piece(struct gw_plugin *self, const char *piece, size_t bytes, void *data)
{
    (void)self;
    struct world *world = data;
    assert_int_equal(bytes, strlen(piece));
    note(&world->notes, piece);
    return true;
}

static bool free_client(struct gw_plugin *self, const char *piece, size_t bytes, void *data)
{
    (void)self, (void)piece, (void)bytes;
    struct world *world = data;
    gw_http_free(world->http);
    return true;
}

static void streams_get_their_body_and_may_free_the_client(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    gwt_http(world.test, "GET", "http://peer:3080/feed", 200, "line", 0);
    struct gw_http_ask ask = {
        .path = "/feed", .on_piece = note_piece, .on_done = on_done, .data = &world};
    gw_http_send(world.http, &ask);
    gwt_run(world.test, 0);
    assert_string_equal(world.notes.text, "line@0 0:200:@0 ");
    ask.on_piece = free_client;
    gw_http_send(world.http, &ask);
    get(&world, "/feed");
    gwt_run(world.test, 0);
    assert_int_equal(world.notes.count, 4);
    assert_non_null(strstr(world.notes.text, "-125:0:@0 -125:0:@0 "));
    gwt_free(world.test);
}

static void what_is_cancelled_or_freed_is_told_once(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    gwt_http(world.test, "GET", "http://peer:3080/a", 200, "a", 0);
    struct gw_http_request *request = get(&world, "/a");
    gw_http_cancel(request);
    gw_http_cancel(request);
    assert_string_equal(world.notes.text, "");
    gwt_run(world.test, 0);
    assert_string_equal(world.notes.text, "-125:0:@0 ");
    get(&world, "/a");
    gw_http_free(world.http);
    assert_string_equal(world.notes.text, "-125:0:@0 -125:0:@0 ");
    gwt_run(world.test, 0);
    assert_int_equal(world.notes.count, 2);
    gwt_free(world.test);
}

static void what_is_under_way_at_the_stop_is_not_told(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    get(&world, "/a");
    gwt_stop(world.test);
    gwt_run(world.test, 1000);
    assert_string_equal(world.notes.text, "");
    gwt_free(world.test);
}

static void bad_addresses_are_refused(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    const char *bad[] = {"peer", "ftp://peer", "http://", "http://u:p@peer", "http://peer/?a=1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const struct gw_http_options options = {.size = sizeof(options), .base = bad[i]};
        assert_null(gw_http_new(gwt_self(world.test), &options));
    }
    assert_null(get(&world, "no-slash"));
    assert_null(get(&world, "/a b"));
    assert_int_equal(gwt_logged(world.test, "HTTP client:"), 7);
    gwt_free(world.test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_answer_the_newest_first_and_so_often),
        cmocka_unit_test(timeouts_and_slow_answers_take_their_time),
        cmocka_unit_test(requests_are_kept_with_headers_and_body),
        cmocka_unit_test(files_are_sent_and_saved),
        cmocka_unit_test(streams_get_their_body_and_may_free_the_client),
        cmocka_unit_test(what_is_cancelled_or_freed_is_told_once),
        cmocka_unit_test(what_is_under_way_at_the_stop_is_not_told),
        cmocka_unit_test(bad_addresses_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
