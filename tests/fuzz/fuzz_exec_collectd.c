/* What collectd's exec plugins print (fuzz_exec.h). */
#include "fuzz_exec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dialect_options options = {.item = "item", .every_ms = 1000};
    exec_fuzz(&dialect_collectd, &options, data, size);
    return 0;
}
