/* Targets, times, routes and numbers of the API, without a socket. */
#include "api/api.h"
#include "api/request.h"
#include "api/route.h"
#include "api/rows.h"
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct request *parsed(const char *target)
{
    struct request *request = request_new(NULL, METHOD_GET);
    assert_non_null(request);
    assert_int_equal(request_parse_target(request, target, strlen(target)), 0);
    return request;
}

static void a_target_is_decoded_into_path_and_parameters(void **state)
{
    (void)state;
    struct request *request =
        parsed("/api/a%2Fb%20c?x=1&key=gns3.node%7Ba%3D%22b%22%7D&y&z=a+b%2B");
    assert_string_equal(request->path, "/api/a/b c");
    assert_string_equal(request_parameter(request, "x"), "1");
    assert_string_equal(request_parameter(request, "key"), "gns3.node{a=\"b\"}");
    assert_string_equal(request_parameter(request, "y"), "");
    assert_string_equal(request_parameter(request, "z"), "a b+");
    assert_null(request_parameter(request, "none"));
    request_free(request);
}

static void a_bad_target_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "api", "/%", "/%2", "/%zz", "/a%00b", "/?a=%g1", "/%0"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct request *request = request_new(NULL, METHOD_GET);
        assert_int_equal(request_parse_target(request, bad[i], strlen(bad[i])), -EINVAL);
        request_free(request);
    }
    char longest[TARGET_MAX_BYTES + 2];
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    struct request *request = request_new(NULL, METHOD_GET);
    assert_int_equal(request_parse_target(request, longest, sizeof(longest)), -E2BIG);
    request_free(request);
}

static void more_parameters_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    char target[1024] = "/?";
    for (int i = 0; i <= PARAMETERS_MAX; i++)
        memcpy(target + 2 + 4 * i, "a=1&", 5);
    struct request *request = request_new(NULL, METHOD_GET);
    assert_int_equal(request_parse_target(request, target, strlen(target)), -E2BIG);
    request_free(request);
}

static void times_are_read_as_a_person_writes_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"now", 1000000000000},
        {"-90s", 1000000000000 - 90000},
        {"-15m", 1000000000000 - 900000},
        {"-1h", 1000000000000 - 3600000},
        {"-7d", 1000000000000 - 604800000},
        {"-2w", 1000000000000 - 1209600000},
        {"-0s", 1000000000000},
        {"1500000000000", 1500000000000},
        {"2017-07-14T04:40:00+02:00", 1500000000000},
    };
    int64_t ms;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(time_parse(good[i].text, 1000000000000, &ms), 0);
        assert_int_equal(ms, good[i].ms);
    }
    static const char *const bad[] = {"",     "-",    "-h",        "-1",
                                      "-1y",  "1h",   "yesterday", "-1 h",
                                      "--1h", "-1hh", " now",      "-99999999999999999d"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(time_parse(bad[i], 1000000000000, &ms), -EINVAL);
}

static void check_match(const char *pattern, const char *path, const char *first,
                        const char *second)
{
    char *captures[CAPTURES_MAX] = {0};
    bool matches = route_matches(pattern, path, captures);
    assert_int_equal(matches, first != NULL);
    if (first && *first)
        assert_string_equal(captures[0], first);
    if (second)
        assert_string_equal(captures[1], second);
    for (size_t i = 0; i < CAPTURES_MAX; i++)
        free(captures[i]);
}

static void routes_match_whole_paths_and_capture_parts(void **state)
{
    (void)state;
    check_match("/api/v1/jobs", "/api/v1/jobs", "", NULL);
    check_match("/api/v1/jobs", "/api/v1/jobs/", NULL, NULL);
    check_match("/api/v1/jobs", "/api/v1/job", NULL, NULL);
    check_match("/api/v1/jobs/{id}", "/api/v1/jobs/12", "12", NULL);
    check_match("/api/v1/jobs/{id}", "/api/v1/jobs/", NULL, NULL);
    check_match("/api/v1/jobs/{id}", "/api/v1/jobs/1/2", NULL, NULL);
    check_match("/o/{kind}/{id*}", "/o/k/a", "k", "a");
    check_match("/o/{kind}/{id*}", "/o/k/a/b/c", "k", "a/b/c");
    check_match("/o/{kind}/{id*}", "/o/k/", NULL, NULL);
    check_match("/o/{kind}/{id*}/history", "/o/k/a/b/history", "k", "a/b");
    check_match("/o/{kind}/{id*}/history", "/o/k/history", NULL, NULL);
    check_match("/o/{kind}/{id*}/history", "/o/k/a/other", NULL, NULL);
}

static void check_value(double value, const char *text)
{
    struct buf buf;
    buf_init(&buf, 64);
    json_value(&buf, value);
    assert_string_equal(buf.data, text);
    buf_fini(&buf);
}

static void numbers_have_ten_significant_digits(void **state)
{
    (void)state;
    check_value(0, "0");
    check_value(-0.0, "0");
    check_value(1, "1");
    check_value(-12.5, "-12.5");
    check_value(0.05, "0.05");
    check_value(3.14159265358979, "3.141592654");
    check_value(1.0 / 3, "0.333333333");
    check_value(99.99999999999, "100");
    check_value(17179869184.0, "17179869184");
    check_value(123456789012.75, "123456789013");
    check_value(1e300, "1e+300");
    check_value(0.0001, "0.0001");
    check_value(NAN, "null");
    check_value(INFINITY, "null");
}

static void numbers_in_a_row_are_those_one_by_one(void **state)
{
    (void)state;
    double values[200];
    int64_t times[200];
    struct buf one, all;
    buf_init(&one, 1 << 16);
    buf_init(&all, 1 << 16);
    for (size_t i = 0; i < 200; i++) {
        values[i] = i % 17 == 0 ? NAN : i % 13 == 0 ? 1e-9 * (double)i : sin((double)i) * 1e4;
        times[i] = 1700000000000 + (int64_t)i * 999;
        if (i)
            buf_addc(&one, ',');
        json_value(&one, values[i]);
    }
    json_values(&all, values, 200);
    assert_string_equal(all.data, one.data);
    buf_clear(&one);
    buf_clear(&all);
    for (size_t i = 0; i < 200; i++)
        buf_printf(&one, "%s%lld", i ? "," : "", (long long)times[i]);
    json_times(&all, times, 200);
    assert_string_equal(all.data, one.data);
    buf_clear(&all);
    json_times(&all, times, 0);
    json_values(&all, values, 0);
    assert_int_equal(all.len, 0);
    buf_fini(&one);
    buf_fini(&all);
}

static void an_unchanged_answer_becomes_304(void **state)
{
    (void)state;
    struct request *request = parsed("/x");
    buf_adds(&request->out, "{\"a\":1}");
    request_json_tagged(request);
    assert_int_equal(request->status, 200);
    char tag[sizeof(request->etag)];
    memcpy(tag, request->etag, sizeof(tag));
    request_start_over(request);
    memcpy(request->if_none_match, tag, sizeof(tag));
    buf_adds(&request->out, "{\"a\":1}");
    request_json_tagged(request);
    size_t bytes;
    request_body(request, &bytes);
    assert_int_equal(request->status, 304);
    assert_int_equal(bytes, 0);
    assert_string_equal(request->etag, tag);
    request_free(request);
}

static void an_answer_beyond_its_limit_is_a_problem(void **state)
{
    (void)state;
    struct request *request = parsed("/x");
    request->out.max = HEAD_ROOM_BYTES + 1024;
    for (int i = 0; i < 2000; i++)
        buf_addc(&request->out, 'x');
    request_json(request, 200);
    assert_int_equal(request->status, 413);
    size_t bytes;
    assert_non_null(strstr(request_body(request, &bytes), "too large"));
    request_free(request);
}

static void every_route_has_what_the_document_needs(void **state)
{
    (void)state;
    for (size_t t = 0; route_tables[t]; t++) {
        for (const struct route *route = route_tables[t]; route->path; route++) {
            assert_non_null(route->handle);
            assert_non_null(route->id);
            assert_non_null(route->tag);
            assert_non_null(route->help);
            size_t captures = 0;
            for (const char *at = route->path; (at = strchr(at, '{')); at++)
                captures++;
            for (size_t i = 0; i < captures; i++)
                assert_non_null(route->captures[i]);
        }
    }
}

static const struct gw_row fields[] = {
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {0},
};
static const struct gw_kind kinds[] = {{"demo.thing", "things", "A thing", fields}, {0}};
static const struct gw_row params[] = {
    {.name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Id"},
    {0},
};

static int never(void *instance, struct gw_call *call)
{
    (void)instance;
    (void)call;
    return -EAGAIN;
}

static void the_document_is_made_from_the_tables(void **state)
{
    (void)state;
    static const struct gw_command table[] = {
        {.name = "demo.thing.start", .help = "Starts", .role = GW_OPERATOR, .params = params},
        {.name = "demo.thing.update", .help = "Changes", .role = GW_OPERATOR, .params = params},
        {.name = "demo.thing.create", .help = "Makes", .role = GW_OPERATOR},
        {.name = "demo.test", .help = "Tests", .role = GW_ADMIN},
        {0},
    };
    static const char *const operations[][2] = {
        {"/api/demo/things", "get"},
        {"/api/demo/things", "post"},
        {"/api/demo/things/{id}", "patch"},
        {"/api/demo/things/{id}/start", "post"},
        {"/api/v1/commands/demo.test", "post"},
        {"/api/v1/objects/{kind}/{id}/history", "get"},
    };
    int instance;
    struct objects *objects = objects_new(clock_system());
    struct commands *commands = commands_new(clock_system());
    assert_int_equal(objects_declare(objects, "demo", kinds), 0);
    assert_int_equal(commands_add(commands, "demo", "demo", &instance, never, table), 0);
    struct buf text;
    buf_init(&text, 1 << 20);
    api_openapi(objects, commands, &text);
    json_t *document = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "openapi")), "3.1.0");
    json_t *paths = json_object_get(document, "paths");
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        assert_non_null(
            json_object_get(json_object_get(paths, operations[i][0]), operations[i][1]));
    json_decref(document);
    buf_fini(&text);
    commands_remove(commands, &instance);
    commands_free(commands);
    objects_free(objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_decoded_into_path_and_parameters),
        cmocka_unit_test(a_bad_target_is_refused),
        cmocka_unit_test(more_parameters_than_there_is_room_for_are_refused),
        cmocka_unit_test(times_are_read_as_a_person_writes_them),
        cmocka_unit_test(routes_match_whole_paths_and_capture_parts),
        cmocka_unit_test(numbers_have_ten_significant_digits),
        cmocka_unit_test(numbers_in_a_row_are_those_one_by_one),
        cmocka_unit_test(an_unchanged_answer_becomes_304),
        cmocka_unit_test(an_answer_beyond_its_limit_is_a_problem),
        cmocka_unit_test(every_route_has_what_the_document_needs),
        cmocka_unit_test(the_document_is_made_from_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
