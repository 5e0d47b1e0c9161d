/* Any bytes as a TZif file: refused, or its spans follow each other and moments read back. */
#include "base/zone.h"
#include "fuzz.h"

static void check_moments(const struct zone *zone, int64_t time_s)
{
    struct zone_span span, again;
    zone_span_at(zone, time_s, &span);
    fuzz_check(span.from_s <= time_s && time_s < span.until_s && span.name);
    int64_t moment_s = zone_moment(zone, time_s + span.offset_s);
    fuzz_check(moment_s <= time_s);
    zone_span_at(zone, moment_s, &again);
    fuzz_check(moment_s + again.offset_s == time_s + span.offset_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct zone *zone = zone_parse(data, size);
    if (!zone)
        return 0;
    for (int64_t time_s = -INT64_C(3000000000); time_s < INT64_C(5000000000);
         time_s += INT64_C(97654321))
        check_moments(zone, time_s);
    zone_close(zone);
    return 0;
}
