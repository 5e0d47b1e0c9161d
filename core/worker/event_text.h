/* What both sides share about events: a frame's JSON, and how many a second. */
#ifndef GW_WORKER_EVENT_TEXT_H
#define GW_WORKER_EVENT_TEXT_H

#include "worker/wire.h"

#include <gnswatch/plugin.h>

void event_tell(const struct gw_event *event, struct buf *json); /* all but data */
/* Borrowed from the frame. false: it is none. */
bool event_read(const struct wire_frame *frame, struct gw_event *out);

/* A bucket of tokens that fills steadily: at most so many a second, and ten seconds' worth at once
 * (Turner 1986, "New directions in communications", the leaky bucket). */
struct bucket {
    double per_s; /* 0: no limit */
    double left;
    int64_t since_ns; /* 0: full */
};
bool bucket_take(struct bucket *bucket, int64_t now_ns);

#endif
