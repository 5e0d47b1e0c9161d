/* SigV4 against the examples AWS publishes with the S3 API ("Signature Calculations for the
 * Authorization Header: Transferring Payload in a Single Chunk"). */
#include "unit.h"

#include "snapshot/sigv4.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* 2013-05-24 00:00 UTC, the keys of all the examples. */
static struct sigv4 example(void)
{
    return (struct sigv4){.access_key = "AKIAIOSFODNN7EXAMPLE",
                          .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                          .region = "us-east-1",
                          .service = "s3",
                          .method = "GET",
                          .host = "examplebucket.s3.amazonaws.com",
                          .path = "/",
                          .query = "",
                          .payload = EMPTY,
                          .time_ms = 1369353600000,
                          .extra = "",
                          .extra_names = ""};
}

static void expect_signature(const struct sigv4 *ask, const char *signature)
{
    struct sigv4_headers headers;
    assert_int_equal(sigv4_sign(ask, &headers), 0);
    assert_string_equal(headers.date, "20130524T000000Z");
    const char *at = strstr(headers.authorization, "Signature=");
    assert_non_null(at);
    assert_string_equal(at + strlen("Signature="), signature);
    assert_non_null(strstr(headers.authorization,
                           "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"));
}

static void the_example_get_object_is_signed_as_published(void **state)
{
    (void)state;
    struct sigv4 ask = example();
    ask.path = "/test.txt";
    ask.extra = "range:bytes=0-9\n";
    ask.extra_names = "range;";
    expect_signature(&ask, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void the_example_get_bucket_lifecycle_is_signed_as_published(void **state)
{
    (void)state;
    struct sigv4 ask = example();
    ask.query = "lifecycle=";
    expect_signature(&ask, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static void the_example_list_objects_is_signed_as_published(void **state)
{
    (void)state;
    struct sigv4 ask = example();
    ask.query = "max-keys=2&prefix=J";
    expect_signature(&ask, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static void keys_are_encoded_as_a_path(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(sigv4_encode("/a b/c@1+\xc3\xa9.zst", out, sizeof out), 0);
    assert_string_equal(out, "/a%20b/c%401%2B%C3%A9.zst");
    assert_int_equal(sigv4_encode("/too long", out, 6), -EMSGSIZE);
}

static void what_does_not_fit_is_an_error(void **state)
{
    (void)state;
    struct sigv4 ask = example();
    struct sigv4_headers headers;
    char longest[400];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ask.secret_key = longest;
    assert_int_equal(sigv4_sign(&ask, &headers), -EMSGSIZE);
    ask = example();
    ask.region = longest;
    assert_int_equal(sigv4_sign(&ask, &headers), -EMSGSIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_get_object_is_signed_as_published),
        cmocka_unit_test(the_example_get_bucket_lifecycle_is_signed_as_published),
        cmocka_unit_test(the_example_list_objects_is_signed_as_published),
        cmocka_unit_test(keys_are_encoded_as_a_path),
        cmocka_unit_test(what_does_not_fit_is_an_error),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
