/* JSON that is written must be JSON, whatever the bytes; numbers read back as they were. */
#include "base/buf.h"
#include "fuzz.h"

#include <jansson.h>
#include <math.h>

static void check_string(const uint8_t *data, size_t size)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_json_string_n(&out, (const char *)data, size);
    json_t *json = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    fuzz_check(json_is_string(json));
    json_decref(json);
    buf_fini(&out);
}

static void check_number(double value)
{
    struct buf out;
    buf_init(&out, 64);
    buf_json_number(&out, value);
    fuzz_check(buf_error(&out) == 0);
    if (isfinite(value)) {
        double again = strtod(out.data, NULL);
        fuzz_check(again >= value && again <= value);
    } else {
        fuzz_check(strcmp(out.data, "null") == 0);
    }
    json_t *json = json_loads(out.data, JSON_DECODE_ANY, NULL);
    fuzz_check(json);
    json_decref(json);
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_string(data, size);
    for (size_t at = 0; at + sizeof(double) <= size; at += sizeof(double)) {
        double value;
        memcpy(&value, data + at, sizeof(value));
        check_number(value);
    }
    return 0;
}
