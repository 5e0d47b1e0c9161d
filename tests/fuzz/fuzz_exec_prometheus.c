/* Prometheus's text, as 0.0.4, as OpenMetrics and as a textfile (fuzz_exec.h). */
#include "fuzz_exec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int way = 0; way < 3; way++) {
        struct dialect_options options = {
            .item = "item", .every_ms = 1000, .openmetrics = way == 1, .no_timestamps = way == 2};
        exec_fuzz(&dialect_prometheus, &options, data, size);
    }
    return 0;
}
