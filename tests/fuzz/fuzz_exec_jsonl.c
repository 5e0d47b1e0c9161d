/* Our own lines (plugins/exec/PROTOCOL.md): as fuzz_exec.h, and what only they can say. */
#include "exec/jsonl.h"
#include "fuzz_exec.h"

static void on_object(void *data, const char *kind, const char *id, const char *json)
{
    (void)data;
    fuzz_check(kind[0] && id[0] && (!json || json[0] == '{'));
}

static void on_event(void *data, const struct gw_event *event)
{
    (void)data;
    fuzz_check(event->topic[0] && event->text[0] && event->time_ms >= 0);
    fuzz_check(event->severity >= GW_DEBUG && event->severity <= GW_CRITICAL);
    fuzz_check(!event->data || event->data[0] == '{');
}

static void on_offer(void *data, const char *name, const char *help)
{
    (void)data;
    fuzz_check(name[0] && (!help || strlen(help) < 70000));
}

static void on_answer(void *data, int64_t id, const json_t *result, const char *error)
{
    (void)data;
    (void)id;
    fuzz_check(!result || json_is_object(result));
    fuzz_check(!error || strlen(error) < 70000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dialect_options options = {.item = "item", .every_ms = 1000};
    static const struct jsonl_heard heard = {
        .heard = {.value = exec_on_value,
                  .turn = exec_on_turn,
                  .gone = exec_check_metric,
                  .verdict = exec_on_verdict,
                  .object = on_object,
                  .event = on_event,
                  .wish = exec_on_wish,
                  .error = exec_on_error},
        .offer = on_offer,
        .answer = on_answer,
    };
    exec_fuzz_heard(&dialect_jsonl, &options, &heard.heard, data, size);
    return 0;
}
