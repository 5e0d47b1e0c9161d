/* Any text as a schedule: refused with a sentence, or its times are in order and agree both ways.
 */
#include <gnswatch/cron.h>

#include "fuzz.h"

static void check_times(const struct gw_cron *cron, int64_t from_ms)
{
    int64_t time_ms = from_ms;
    for (int i = 0; i < 4; i++) {
        int64_t next_ms = gw_cron_next(cron, time_ms);
        if (next_ms == 0)
            return;
        fuzz_check(next_ms > time_ms && next_ms % 1000 == 0);
        fuzz_check(gw_cron_last(cron, next_ms) == next_ms);
        int64_t last_ms = gw_cron_last(cron, next_ms - 1);
        fuzz_check(last_ms < next_ms && (i == 0 || last_ms == time_ms));
        time_ms = next_ms;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const zones[] = {"UTC", "Europe/Paris", "Australia/Lord_Howe"};
    char *text = fuzz_text(data, size), why[200] = "";
    for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
        struct gw_cron *cron = gw_cron_new(text, zones[i], why, sizeof(why));
        fuzz_check(cron || why[0]);
        if (cron)
            check_times(cron, INT64_C(1774569600000)); /* two days before summer time in Paris */
        gw_cron_free(cron);
    }
    free(text);
    return 0;
}
