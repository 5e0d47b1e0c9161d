/* Single values: whatever is read can be written, and reads back as the same. */
#include "conf/near.h"
#include "conf/scalar.h"
#include "fuzz.h"

static void round_trip(const char *text, int (*read)(const char *, int64_t *),
                       void (*add)(struct buf *, int64_t))
{
    int64_t value, again;
    if (read(text, &value))
        return;
    struct buf out;
    buf_init(&out, 256);
    add(&out, value);
    fuzz_check(buf_error(&out) == 0 && read(out.data, &again) == 0 && again == value);
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    bool truth;
    double number;
    scalar_bool(text, &truth);
    scalar_number(text, &number);
    round_trip(text, scalar_int, buf_json_int);
    round_trip(text, scalar_duration, scalar_add_duration);
    round_trip(text, scalar_size, scalar_add_size);
    round_trip(text, scalar_time, scalar_add_time);
    size_t distance = near_distance(text, "timeout");
    fuzz_check(distance == near_distance("timeout", text));
    free(text);
    return 0;
}
