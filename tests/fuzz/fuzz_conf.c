/* A file of conf.d: instance values, or problems, never neither. */
#include "conf_tables.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct problems problems;
    struct buf out;
    problems_init(&problems);
    buf_init(&out, 16 << 20);
    struct conf *conf = conf_parse("conf.d/gns3.yaml", text, &test_tables, &problems);
    fuzz_check((conf != NULL) == (problems.count == 0));
    problems_print(&problems, &out);
    if (conf) {
        values_json(conf->instances[0].values, true, &out);
        json_t *json = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
        fuzz_check(json_is_object(json));
        json_decref(json);
        fuzz_check(conf_instance_equal(&conf->instances[0], &conf->instances[0]));
    }
    fuzz_check(buf_error(&out) == 0 && out.len > 0);
    conf_free(conf);
    buf_fini(&out);
    problems_fini(&problems);
    free(text);
    return 0;
}
