/* Parameters as JSON: what is taken must be the same after a way to JSON and back. */
#include "conf_tables.h"
#include "fuzz.h"

static struct gw_values *read_values(const char *text, size_t size)
{
    json_t *json = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (!json)
        return NULL;
    struct problems problems;
    problems_init(&problems);
    struct gw_values *values = values_from_json(test_rows, json, &problems);
    fuzz_check((values != NULL) == (problems.count == 0));
    problems_fini(&problems);
    json_decref(json);
    return values;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_values *values = read_values((const char *)data, size);
    if (!values)
        return 0;
    struct buf out;
    buf_init(&out, 64 << 20);
    values_json(values, true, &out);
    fuzz_check(buf_error(&out) == 0);
    struct gw_values *again = read_values(out.data, out.len);
    fuzz_check(again && values_equal(values, again));
    values_free(values);
    values_free(again);
    buf_fini(&out);
    return 0;
}
