/* The plugin in its host: pages, targets, outages, kills. */
#include "unit.h"

#include <errno.h>
#include <gnswatch/testing.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wire.h>

extern const struct gw_descriptor gnswatch_plugin;

#define URL  "http://receiver.invalid/api/v1/write"
#define YAML "targets:\n  - name: long\n    url: " URL "\n    external_labels: {site: lab}\n"

static struct gwt *begin(const char *yaml)
{
    struct gwt *test = gwt_new(&gnswatch_plugin, yaml, 0);
    assert_non_null(test);
    assert_int_equal(gwt_start(test), 0);
    return test;
}

static const char *page(struct gwt *test, const char *accept)
{
    const char *body = NULL, *type = NULL;
    assert_int_equal(gwt_page(test, "/metrics", accept, &type, &body), 0);
    assert_non_null(strstr(type, strstr(accept, "open") ? "openmetrics" : "text/plain"));
    return body;
}

static void holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

static void server_row(struct gwt *test, double breaker)
{
    const double row[] = {1, breaker, 3};
    gwt_row(test, "gns3.server", "server=lab", "up,breaker,projects_opened", row);
}

static void the_names_that_were_promised_are_there(void **state)
{
    (void)state;
    struct gwt *test = begin("");
    server_row(test, 2);
    const double node[] = {0, 0, 7}, other[] = {1, 0, 7};
    gwt_row(test, "gns3.node", "server=lab,project=net,node=PC1", "started,suspended,state_seconds",
            node);
    gwt_row(test, "gns3.node", "server=lab,project=net,node=PC2", "started,suspended,state_seconds",
            other);
    const double api[] = {12, 3, 1, 2, 1.25};
    gwt_row(test, "gns3.api", "server=lab",
            "requests:counter,le_inf:counter,le_5ms:counter,le_2500ms:counter,seconds:counter",
            api);
    const double operation[] = {4, 1, 9.5, 2, 4};
    gwt_row(test, "gns3.operation", "server=lab,operation=gns3.project.open",
            "count:counter,failed:counter,seconds:counter,le_1s:counter,le_inf:counter", operation);
    gwt_run(test, 2000);
    const char *text = page(test, "");
    holds(text, "\ngns3_api_requests_total{server=\"lab\"} 12\n");
    holds(text, "# TYPE gns3_project_operation_duration_seconds histogram\n"
                "gns3_project_operation_duration_seconds_bucket{server=\"lab\",operation=\"gns3."
                "project.open\",le=\"1.0\"} 2\n"
                "gns3_project_operation_duration_seconds_bucket{server=\"lab\",operation=\"gns3."
                "project.open\",le=\"+Inf\"} 4\n"
                "gns3_project_operation_duration_seconds_sum{server=\"lab\",operation=\"gns3."
                "project.open\"} 9.5\n"
                "gns3_project_operation_duration_seconds_count{server=\"lab\",operation=\"gns3."
                "project.open\"} 4\n");
    holds(text,
          "\ngns3_operation_failed_total{server=\"lab\",operation=\"gns3.project.open\"} 1\n");
    holds(text, "\ngns3_active_projects{server=\"lab\"} 3\n");
    holds(text,
          "gns3_node_status{server=\"lab\",project=\"net\",node=\"PC1\",status=\"started\"} 0\n"
          "gns3_node_status{server=\"lab\",project=\"net\",node=\"PC1\",status=\"stopped\"} 1\n"
          "gns3_node_status{server=\"lab\",project=\"net\",node=\"PC1\",status=\"suspended\"} "
          "0\n");
    holds(text, "node=\"PC2\",status=\"started\"} 1\n");
    holds(text, "gns3_circuit_breaker_state{server=\"lab\",state=\"closed\"} 0\n"
                "gns3_circuit_breaker_state{server=\"lab\",state=\"half_open\"} 0\n"
                "gns3_circuit_breaker_state{server=\"lab\",state=\"open\"} 1\n");
    holds(text, "gns3_api_request_duration_seconds_bucket{server=\"lab\",le=\"0.005\"} 1\n"
                "gns3_api_request_duration_seconds_bucket{server=\"lab\",le=\"2.5\"} 2\n"
                "gns3_api_request_duration_seconds_bucket{server=\"lab\",le=\"+Inf\"} 3\n"
                "gns3_api_request_duration_seconds_sum{server=\"lab\"} 1.25\n"
                "gns3_api_request_duration_seconds_count{server=\"lab\"} 3\n");
    lacks(text, "gns3_server_breaker");
    lacks(text, "gns3_node_started");
    holds(page(test, "application/openmetrics-text"), "# TYPE gns3_api_requests counter\n");
    gwt_free(test);
}

static void what_is_stale_or_gone_or_not_wanted_is_left_out(void **state)
{
    (void)state;
    struct gwt *test = begin("exclude: ['noise.*']\n");
    gwt_every(test, 1000);
    const double row[] = {1};
    gwt_row(test, "a.x", "name=x", "v", row);
    gwt_row(test, "a.x", "name=y", "v", row);
    gwt_row(test, "noise.x", "name=x", "v", row);
    gwt_run(test, 1500);
    holds(page(test, ""), "a_x_v{name=\"x\"} 1\na_x_v{name=\"y\"} 1\n");
    lacks(page(test, ""), "noise");
    gwt_series_gone(test, "a.x", "name=x");
    gwt_run(test, 1500);
    lacks(page(test, ""), "a_x_v{name=\"x\"}");
    holds(page(test, ""), "a_x_v{name=\"y\"} 1\n");
    gwt_run(test, 4000);
    lacks(page(test, ""), "a_x_v");
    gwt_free(test);
}

/* ---- Remote write ---------------------------------------------------------------------------- */

static uint64_t read_varint(const unsigned char **at)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        unsigned char byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

/* Values of the series whose labels hold `part`, from the requests [from, count), in order. Written
 * apart from the plugin's encoder. */
static size_t received(struct gwt *test, size_t from, const char *part, double *out, size_t space)
{
    size_t count = 0;
    for (size_t r = from; r < gwt_requests(test, URL); r++) {
        const struct gwt_request *request = gwt_request(test, URL, (int)r);
        struct bytes body = {0};
        assert_int_equal(wire_uncompress(&body, request->body, request->body_bytes), 0);
        const unsigned char *at = (const unsigned char *)body.data, *end = at + body.len;
        while (at < end) {
            unsigned char key = *at++;
            size_t bytes = read_varint(&at);
            const unsigned char *next = at + bytes, *sample = next;
            while (key == 0x0a && at < next) {
                unsigned char inner = *at++;
                size_t inner_bytes = read_varint(&at);
                sample = inner == 0x12 ? at : sample;
                at += inner_bytes;
            }
            if (key == 0x0a && memmem(next - bytes, bytes, part, strlen(part)) && count < space)
                memcpy(&out[count++], sample + 1, sizeof *out);
            at = next;
        }
        bytes_fini(&body);
    }
    return count;
}

static void put_rows(struct gwt *test, int from, int to)
{
    for (int i = from; i < to; i++) {
        const double row[] = {i};
        gwt_row(test, "a.x", "name=x", "v", row);
        gwt_run(test, 1000);
    }
}

static void are(struct gwt *test, size_t from, int first, int last)
{
    double values[1000];
    size_t count = received(test, from, "a_x_v", values, 1000);
    assert_int_equal(count, last - first);
    for (int i = first; i < last; i++)
        assert_true(values[i - first] == i);
}

static const char *header(const struct gwt_request *request, const char *name)
{
    for (size_t i = 0; request && request->headers[i]; i++)
        if (strncasecmp(request->headers[i], name, strlen(name)) == 0)
            return request->headers[i] + strlen(name) + 2;
    return "(none)";
}

static void every_row_arrives_once_and_in_order_over_outages_and_restarts(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML);
    gwt_http(test, "POST", URL, 200, "", 0);
    put_rows(test, 0, 20);
    are(test, 0, 0, 20);
    gwt_http(test, "POST", URL, -ECONNREFUSED, NULL, 0);
    put_rows(test, 20, 40);
    size_t before = gwt_requests(test, URL);
    gwt_run(test, 60000);
    assert_string_equal(gwt_member(test, "prometheus.target", "long", "state"), "down");
    assert_int_equal(gwt_events(test, "prometheus.down"), 1);
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "waiting") > 0);
    gwt_stop(test);
    gwt_http(test, "POST", URL, 503, "starting", 3);
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 200000);
    gwt_http(test, "POST", URL, 204, "", 0);
    size_t after = gwt_requests(test, URL);
    gwt_run(test, 60000);
    assert_true(after > before);
    are(test, after, 20, 40);
    assert_string_equal(gwt_member(test, "prometheus.target", "long", "state"), "up");
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "waiting") == 0);
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "dropped") == 0);
    const struct gwt_request *request = gwt_request(test, URL, -1);
    assert_string_equal(header(request, "Content-Encoding"), "snappy");
    assert_string_equal(header(request, "Content-Type"), "application/x-protobuf");
    assert_string_equal(header(request, "X-Prometheus-Remote-Write-Version"), "0.1.0");
    double site[8];
    assert_true(received(test, after, "\x0a\x0b\x0a\x04site\x12\x03lab", site, 8) == 8);
    gwt_free(test);
}

static void a_kill_costs_what_was_not_in_the_queue_and_doubles_nothing(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML);
    gwt_http(test, "POST", URL, -ECONNREFUSED, NULL, 0);
    put_rows(test, 0, 10);
    gwt_run(test, 2000);
    gwt_kill(test);
    gwt_http(test, "POST", URL, 200, "", 0);
    size_t from = gwt_requests(test, URL);
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 1000);
    put_rows(test, 10, 20);
    gwt_run(test, 2000);
    are(test, from, 0, 20);
    gwt_free(test);
}

static void what_is_refused_for_ever_is_dropped_counted_and_said(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML);
    gwt_http(test, "POST", URL, 400, "out of order sample", 0);
    put_rows(test, 0, 5);
    gwt_run(test, 10000);
    assert_true(gwt_events(test, "prometheus.failed") > 0);
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "failed") > 0);
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "samples_failed") > 0);
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "waiting") == 0);
    holds(gwt_last_error(test), "HTTP 400: out of order sample");
    holds(gwt_member(test, "prometheus.target", "long", "last_error"), "out of order");
    assert_string_equal(gwt_member(test, "prometheus.target", "long", "state"), "up");
    gwt_http(test, "POST", URL, 200, "", 0);
    size_t from = gwt_requests(test, URL);
    const char *reply;
    assert_int_equal(gwt_call(test, "prometheus.target.retry", "{\"id\":\"long\"}", &reply), 0);
    lacks(reply, "\"blocks\":0");
    gwt_run(test, 5000);
    are(test, from, 0, 5);
    assert_int_equal(gwt_call(test, "prometheus.target.retry", "{\"id\":\"x\"}", NULL), -ENOENT);
    gwt_free(test);
}

static void of_blocks_that_went_together_only_the_wrong_one_is_dropped(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML);
    gwt_http(test, "POST", URL, -ECONNREFUSED, NULL, 0);
    put_rows(test, 0, 10);
    gwt_http(test, "POST", URL, 200, "", 0);
    gwt_http(test, "POST", URL, 400, "one of them", 2); /* all of them, and the first alone */
    gwt_run(test, 120000);
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "failed") == 1);
    assert_true(gwt_value(test, "prometheus.queue", "target=long", "sent") >= 9);
    gwt_free(test);
}

static void later_means_when_the_receiver_says(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML);
    gwt_http(test, "POST", URL, 200, "", 0);
    gwt_http(test, "POST", URL, 429, "slowly", 1);
    gwt_http_retry_after(test, 30000);
    put_rows(test, 0, 20);
    assert_int_equal(gwt_requests(test, URL), 1);
    gwt_run(test, 15000);
    are(test, 1, 0, 20);
    gwt_free(test);
}

static void a_full_queue_drops_its_oldest_and_says_how_many(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML "    queue_bytes: 64KiB\n");
    gwt_http(test, "POST", URL, -ECONNREFUSED, NULL, 0);
    put_rows(test, 0, 990);
    double dropped = gwt_value(test, "prometheus.queue", "target=long", "dropped");
    assert_true(dropped > 0);
    size_t from = gwt_requests(test, URL);
    gwt_http(test, "POST", URL, 200, "", 0);
    gwt_run(test, 60000);
    double values[1000];
    size_t count = received(test, from, "a_x_v", values, 1000);
    assert_true(count > 0 && count < 990);
    for (size_t i = 0; i < count; i++)
        assert_true(values[i] == (double)(990 - count + i));
    gwt_free(test);
}

static void what_ends_or_has_no_value_is_marked_stale_once(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML);
    gwt_http(test, "POST", URL, 200, "", 0);
    const double rows[] = {1, NAN, NAN, 2};
    for (int i = 0; i < 4; i++) {
        gwt_row(test, "a.x", "name=x", "v", &rows[i]);
        gwt_run(test, 1000);
    }
    gwt_series_gone(test, "a.x", "name=x");
    gwt_run(test, 10000);
    double values[8], stale = wire_stale();
    assert_int_equal(received(test, 0, "a_x_v", values, 8), 4);
    assert_true(values[0] == 1 && values[2] == 2);
    assert_memory_equal(&values[1], &stale, sizeof stale);
    assert_memory_equal(&values[3], &stale, sizeof stale);
    gwt_free(test);
}

static void a_target_takes_only_what_it_wants(void **state)
{
    (void)state;
    struct gwt *test = begin(YAML "    include: ['a.*']\n    exclude: ['a.c']\n    metadata: no\n");
    gwt_http(test, "POST", URL, 200, "", 0);
    put_rows(test, 0, 3);
    const double row[] = {1};
    gwt_row(test, "a.c", "name=x", "v", row);
    gwt_run(test, 20000);
    double values[8];
    are(test, 0, 0, 3);
    assert_int_equal(received(test, 0, "a_c_v", values, 8), 0);
    assert_int_equal(received(test, 0, "gnswatch_", values, 8), 0);
    holds(page(test, ""), "a_c_v");
    gwt_free(test);
}

static void mistakes_are_said_at_the_start_without_secrets(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"targets:\n  - name: a\n    url: http://u:hush@x/\n", "must not hold a user"},
        {"targets:\n  - name: a\n    url: ftp://x/yyyy\n", "must be http"},
        {"targets:\n  - name: A-b\n    url: http://x/w\n", "a-z, 0-9 and _"},
        {"targets:\n  - name: a\n    url: http://x/w\n    headers: [nonsense]\n", "Name: value"},
        {"targets:\n  - name: a\n    url: http://x/w\n    external_labels: [x]\n", "a map"},
        {"targets:\n  - name: a\n    url: http://x/w\n    external_labels: {1x: y}\n", "'1x'"},
        {"targets:\n  - name: a\n    url: http://x/w\n    external_labels: {x: 1}\n", "text"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct gwt *test = gwt_new(&gnswatch_plugin, wrong[i][0], 0);
        assert_non_null(test);
        assert_int_not_equal(gwt_start(test), 0);
        holds(gwt_last_error(test), wrong[i][1]);
        lacks(gwt_last_error(test), "hush");
        gwt_free(test);
    }
}

static void a_target_taken_out_of_the_file_is_shown_no_more(void **state)
{
    (void)state;
    struct gwt *test = begin("");
    gwt_put(test, "prometheus.target", "old", "{\"name\":\"old\"}");
    gwt_stop(test);
    assert_int_equal(gwt_start(test), 0);
    assert_int_equal(gwt_objects(test, "prometheus.target"), 0);
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_names_that_were_promised_are_there),
        cmocka_unit_test(what_is_stale_or_gone_or_not_wanted_is_left_out),
        cmocka_unit_test(every_row_arrives_once_and_in_order_over_outages_and_restarts),
        cmocka_unit_test(a_kill_costs_what_was_not_in_the_queue_and_doubles_nothing),
        cmocka_unit_test(what_is_refused_for_ever_is_dropped_counted_and_said),
        cmocka_unit_test(of_blocks_that_went_together_only_the_wrong_one_is_dropped),
        cmocka_unit_test(later_means_when_the_receiver_says),
        cmocka_unit_test(a_full_queue_drops_its_oldest_and_says_how_many),
        cmocka_unit_test(what_ends_or_has_no_value_is_marked_stale_once),
        cmocka_unit_test(a_target_takes_only_what_it_wants),
        cmocka_unit_test(mistakes_are_said_at_the_start_without_secrets),
        cmocka_unit_test(a_target_taken_out_of_the_file_is_shown_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
