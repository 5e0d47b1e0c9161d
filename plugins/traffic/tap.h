/* tap.h - the packets of one link's capture, as they come through a pipe from the gns3 plugin:
 * counted by direction and protocol. Knows nothing of when captures are started. */
#ifndef TRAFFIC_TAP_H
#define TRAFFIC_TAP_H

#include "dpi.h"
#include "pcap_stream.h"
#include "protocols.h"

enum tap_end { TAP_OPEN = 1, TAP_ENDED, TAP_BROKEN };

/* Judges time stamps. Pure. `offset_ms` is the server's clock minus ours; INT64_MIN: not known. */
struct tap_clock {
    int64_t offset_ms;
    int64_t since_ms;             /* wall clock; what is older is history, or an old file's */
    bool ours;                    /* the capture was started at since_ms: nothing may be older */
    int64_t first_ms, arrived_ms; /* time stamp and arrival of the first packet; 0: none */
    bool caught_up;               /* history has ended */
    uint64_t stale;               /* packets older than the capture itself */
};
/* true: the packet is of now and counts. */
bool tap_clock_take(struct tap_clock *clock, int64_t time_ms, int64_t arrival_ms);

struct tap {
    struct traffic *traffic;
    int fd;
    struct gw_watch *watch;
    enum tap_end end;
    struct pcap_stream stream;
    struct sides *sides;         /* owned; outlives a reading */
    struct protocols *protocols; /* owned */
    struct link *link;           /* borrowed; it outlives the tap */
    struct dpi *dpi;             /* borrowed */
    struct tap_clock clock;
    struct counts sent[2]; /* 0: by the link's first end */
    uint64_t bytes;        /* of the stream, since its start: as large is the file */
    uint64_t live_bytes;   /* without history */
    int64_t data_ms;       /* monotonic; the last bytes */
};

void tap_init(struct tap *tap, struct traffic *traffic, struct link *link);
void tap_fini(struct tap *tap);
/* Makes what counts, the first time (most links are never read), and the pipe `path` and opens it
 * for reading. 0 or a negative errno. */
int tap_open(struct tap *tap, const char *path);
int tap_listen(struct tap *tap); /* somebody writes to it now */
void tap_close(struct tap *tap); /* counts stay */

#endif
