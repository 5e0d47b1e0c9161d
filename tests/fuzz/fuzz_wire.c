/* Frames of a child, whatever the bytes: what is taken for one has its parts where it says, and
 * what its JSON may be read as is sound. */
#include "fuzz.h"
#include "worker/event_text.h"
#include "worker/series_text.h"

#include <sys/socket.h>
#include <unistd.h>

static void check_frame(const struct wire_frame *frame)
{
    struct gw_event event;
    struct gw_match match;
    struct gw_label labels[GW_LABELS_MAX + 1];
    struct series_read series;
    fuzz_check(frame->raw[frame->raw_bytes] == '\0');
    if (event_read(frame, &event))
        fuzz_check(*event.topic && event.severity >= GW_DEBUG && event.severity <= GW_CRITICAL);
    match_read(json_object_get(frame->json, "match"), &match, labels);
    if (series_read(frame->json, &series))
        fuzz_check(series.info.label_count <= GW_LABELS_MAX &&
                   series.info.field_count <= GW_FIELDS_MAX && series.info.key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_in in = {0};
    struct wire_frame frame;
    char why[128];
    int ends[2];
    fuzz_check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    bool from_child = size % 2 == 0;
    size_t sent = size < 65536 ? size : 65536;
    fuzz_check(write(ends[0], data, sent) == (ssize_t)sent);
    close(ends[0]);
    int got = 0;
    while (got >= 0 && wire_read(&in, ends[1]) > 0) {
        while ((got = wire_next(&in, from_child, &frame, why)) > 0) {
            check_frame(&frame);
            wire_done(&frame);
        }
    }
    close(ends[1]);
    wire_in_fini(&in);
    return 0;
}
