/* Who may: tokens, sessions, hosts, limits, with a clock that stands still. */
#include "api/api.h"
#include "api/auth.h"
#include "api/limits.h"
#include "api/listen.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static struct fake_clock fake;

static struct auth *make(const char *options_json, const char *address, char **why)
{
    struct problems problems;
    problems_init(&problems);
    json_t *json = json_loads(options_json, 0, NULL);
    assert_non_null(json);
    struct gw_values *options = values_from_json(api_options, json, &problems);
    assert_non_null(options);
    fake_clock_init(&fake, 1700000000000);
    struct auth *auth = auth_new(&fake.clock, options, address, why);
    values_free(options);
    json_decref(json);
    problems_fini(&problems);
    return auth;
}

static struct auth *sound(const char *options_json)
{
    char *why = NULL;
    struct auth *auth = make(options_json, "127.0.0.1", &why);
    assert_non_null(auth);
    assert_null(why);
    return auth;
}

#define ONE_TOKEN \
    "{\"tokens\":[{\"name\":\"a\",\"role\":\"admin\",\"token\":\"0123456789abcdef\"}]}"

static void a_token_is_known_by_its_hash(void **state)
{
    (void)state;
    struct auth *auth = sound(ONE_TOKEN);
    struct identity who = {.role = 0};
    assert_true(auth_token(auth, "0123456789abcdef", &who));
    assert_int_equal(who.role, GW_ADMIN);
    assert_string_equal(who.name, "a");
    assert_false(auth_token(auth, "0123456789abcdeF", &who));
    assert_false(auth_token(auth, "", &who));
    auth_free(auth);
}

static void without_tokens_only_callers_on_this_machine_have_a_role(void **state)
{
    (void)state;
    struct auth *auth = sound("{\"anonymous_role\":\"viewer\"}");
    assert_int_equal(auth_anonymous(auth, true).role, GW_VIEWER);
    assert_int_equal(auth_anonymous(auth, false).role, 0);
    auth_free(auth);
    auth = sound(ONE_TOKEN);
    assert_int_equal(auth_anonymous(auth, true).role, 0);
    auth_free(auth);
    auth = sound("{\"anonymous_role\":\"none\"}");
    assert_int_equal(auth_anonymous(auth, true).role, 0);
    auth_free(auth);
}

static void a_session_ends_when_unused_for_long(void **state)
{
    (void)state;
    struct auth *auth = sound(ONE_TOKEN);
    struct identity who = {.name = "a", .role = GW_ADMIN}, found;
    char cookie[AUTH_COOKIE_CHARS + 1];
    assert_int_equal(auth_open_session(auth, &who, cookie), 0);
    assert_int_equal(strlen(cookie), AUTH_COOKIE_CHARS);
    fake_clock_advance_ms(&fake, AUTH_SESSION_S * INT64_C(1000) - 1);
    assert_true(auth_cookie(auth, cookie, &found)); /* which begins its time again */
    fake_clock_advance_ms(&fake, AUTH_SESSION_S * INT64_C(1000) - 1);
    assert_true(auth_cookie(auth, cookie, &found));
    fake_clock_advance_ms(&fake, AUTH_SESSION_S * INT64_C(1000) + 1);
    assert_false(auth_cookie(auth, cookie, &found));
    auth_free(auth);
}

static void the_oldest_session_makes_room(void **state)
{
    (void)state;
    struct auth *auth = sound(ONE_TOKEN);
    struct identity who = {.name = "a", .role = GW_ADMIN}, found;
    char first[AUTH_COOKIE_CHARS + 1], last[AUTH_COOKIE_CHARS + 1];
    auth_open_session(auth, &who, first);
    for (int i = 0; i < AUTH_SESSIONS_MAX; i++) {
        fake_clock_advance_ms(&fake, 1);
        auth_open_session(auth, &who, last);
    }
    assert_false(auth_cookie(auth, first, &found));
    assert_true(auth_cookie(auth, last, &found));
    auth_close_session(auth, last);
    assert_false(auth_cookie(auth, last, &found));
    auth_free(auth);
}

static void what_cannot_be_safe_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *options, *address, *says;
    } bad[] = {
        {"{}", "0.0.0.0", "api.tokens is empty"},
        {"{}", "192.0.2.1", "api.tokens is empty"},
        {"{\"tokens\":[{\"name\":\"a\",\"token\":\"short\"}]}", "127.0.0.1", "too short"},
        {"{\"tokens\":[{\"name\":\"a\"}]}", "127.0.0.1", "needs either token"},
        {"{\"tokens\":[{\"name\":\"a\",\"hash\":\"zz34567890123456789012345678901234567890123456789"
         "012345678901234\"}]}",
         "127.0.0.1", "not 64 hexadecimal digits"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *why = NULL;
        assert_null(make(bad[i].options, bad[i].address, &why));
        assert_non_null(why);
        assert_non_null(strstr(why, bad[i].says));
        assert_null(strstr(why, "short\""));
        free(why);
    }
}

static void only_our_own_hosts_are_ours(void **state)
{
    (void)state;
    static const char *const ours[] = {"localhost",  "localhost:80", "127.0.0.1:8088",  "127.9.9.9",
                                       "[::1]:8088", "lab.example",  "lab.example:8443"};
    static const char *const others[] = {"",
                                         "evil.example",
                                         "127.0.0.1.evil.example",
                                         "localhost.evil.example",
                                         "lab.example.evil",
                                         "[::1",
                                         "localhost:80:80",
                                         "localhost:",
                                         "10.0.0.1",
                                         "[::1]x"};
    struct auth *auth = sound("{\"hosts\":[\"lab.example\"]}");
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        assert_true(auth_host_is_ours(auth, ours[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(auth_host_is_ours(auth, others[i]));
    auth_free(auth);
}

static void only_our_own_pages_are_ours(void **state)
{
    (void)state;
    struct auth *auth = sound("{\"hosts\":[\"lab.example\"]}");
    assert_true(auth_origin_is_ours(auth, "http://127.0.0.1:8088", "127.0.0.1:8088"));
    assert_true(auth_origin_is_ours(auth, "https://lab.example", "127.0.0.1:8088"));
    assert_false(auth_origin_is_ours(auth, "http://127.0.0.1:9", "127.0.0.1:8088"));
    assert_false(auth_origin_is_ours(auth, "null", "127.0.0.1:8088"));
    assert_false(auth_origin_is_ours(auth, "https://evil.example", "127.0.0.1:8088"));
    auth_free(auth);
}

static void any_address_is_ours_only_where_we_listen_on_all(void **state)
{
    (void)state;
    char *why = NULL;
    struct auth *auth = make(ONE_TOKEN, "0.0.0.0", &why);
    assert_non_null(auth);
    assert_true(auth_host_is_ours(auth, "192.0.2.7:8088"));
    assert_false(auth_host_is_ours(auth, "evil.example:8088"));
    auth_free(auth);
}

static void requests_are_limited_by_address_and_time(void **state)
{
    (void)state;
    struct limits limits = {.requests_per_second = 10};
    int taken = 0;
    for (int i = 0; i < 50; i++)
        taken += limits_take(&limits, "192.0.2.1", 1000);
    assert_int_equal(taken, 20);
    assert_true(limits_take(&limits, "192.0.2.2", 1000));
    assert_false(limits_take(&limits, "192.0.2.1", 1050));
    assert_true(limits_take(&limits, "192.0.2.1", 1200));
}

static void wrong_tokens_make_wait_for_the_rest_of_a_minute(void **state)
{
    (void)state;
    struct limits limits = {.requests_per_second = 0};
    for (int i = 0; i < LIMITS_FAILURES; i++) {
        assert_int_equal(limits_login_wait_s(&limits, "192.0.2.1", 1000), 0);
        limits_failed_login(&limits, "192.0.2.1", 1000);
    }
    assert_int_equal(limits_login_wait_s(&limits, "192.0.2.1", 11000), 51);
    assert_int_equal(limits_login_wait_s(&limits, "192.0.2.2", 11000), 0);
    assert_int_equal(limits_login_wait_s(&limits, "192.0.2.1", 61000), 0);
}

static void addresses_to_listen_on_are_checked(void **state)
{
    (void)state;
    struct listen_address address;
    char *why = NULL;
    assert_int_equal(listen_parse("127.0.0.1:8088", &address, &why), 0);
    assert_string_equal(address.host, "127.0.0.1");
    assert_int_equal(address.port, 8088);
    assert_int_equal(listen_parse("[::1]:0", &address, &why), 0);
    assert_string_equal(address.host, "::1");
    assert_int_equal(listen_parse("localhost:1", &address, &why), 0);
    assert_string_equal(address.host, "127.0.0.1");
    static const char *const bad[] = {"",
                                      "8088",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "host:1",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:1x",
                                      ":80"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(listen_parse(bad[i], &address, &why) < 0);
        assert_non_null(strstr(why, "api.listen"));
        free(why);
        why = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_known_by_its_hash),
        cmocka_unit_test(without_tokens_only_callers_on_this_machine_have_a_role),
        cmocka_unit_test(a_session_ends_when_unused_for_long),
        cmocka_unit_test(the_oldest_session_makes_room),
        cmocka_unit_test(what_cannot_be_safe_is_refused_with_a_sentence),
        cmocka_unit_test(only_our_own_hosts_are_ours),
        cmocka_unit_test(only_our_own_pages_are_ours),
        cmocka_unit_test(any_address_is_ours_only_where_we_listen_on_all),
        cmocka_unit_test(requests_are_limited_by_address_and_time),
        cmocka_unit_test(wrong_tokens_make_wait_for_the_rest_of_a_minute),
        cmocka_unit_test(addresses_to_listen_on_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
