/* tap.c - see tap.h. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIPE_BYTES = 1024 * 1024,
    READ_MAX = 256 * 1024, /* in one turn; the loop comes back */
    SLACK_MS = 5000,       /* between two clocks that agree */
    AHEAD_MS = 3000,       /* packets that come faster than time passes were captured before */
    STEP_MS = 1500,        /* keeps step with time: within this */
    LEARN_MS = 5000,       /* and for this long: then it is of now, and tells the server's clock */
    PAUSE_MS = 500,        /* history comes without a pause */
};

/* ---- Time stamps ----------------------------------------------------------------------------- */

/* How much further the stamps are than time since the first packet looked at. */
static int64_t ahead_ms(const struct tap_clock *clock, int64_t time_ms, int64_t arrival_ms)
{
    return (time_ms - clock->first_ms) - (arrival_ms - clock->arrived_ms);
}

static bool is_old(struct tap_clock *clock, int64_t time_ms, int64_t arrival_ms)
{
    if (clock->offset_ms != INT64_MIN)
        return time_ms + SLACK_MS < clock->since_ms + clock->offset_ms;
    if (ahead_ms(clock, time_ms, arrival_ms) <= AHEAD_MS)
        return false;
    clock->first_ms = time_ms; /* from here on it may keep step with time */
    clock->arrived_ms = arrival_ms;
    return true;
}

static bool keeps_step(const struct tap_clock *clock, int64_t time_ms, int64_t arrival_ms,
                       int64_t for_ms)
{
    int64_t ahead = ahead_ms(clock, time_ms, arrival_ms);
    return arrival_ms - clock->arrived_ms >= for_ms && ahead > -STEP_MS && ahead < STEP_MS;
}

bool tap_clock_take(struct tap_clock *clock, int64_t time_ms, int64_t arrival_ms)
{
    if (clock->first_ms == 0) {
        clock->first_ms = time_ms;
        clock->arrived_ms = arrival_ms;
    }
    bool old = is_old(clock, time_ms, arrival_ms);
    bool unknown = clock->offset_ms == INT64_MIN;
    if (old && clock->ours) {
        clock->stale++;
        return false;
    }
    if (old && !clock->caught_up)
        return false;
    if (clock->stale > 0 && unknown && !keeps_step(clock, time_ms, arrival_ms, STEP_MS))
        return false; /* the next of the old ones, or the first of now */
    clock->stale = 0;
    if (unknown && keeps_step(clock, time_ms, arrival_ms, LEARN_MS)) {
        clock->offset_ms = time_ms - arrival_ms;
        return true;
    }
    /* As long as nobody knows whether this is history it does not count. */
    return clock->ours || clock->caught_up || !unknown;
}

/* ---- Packets --------------------------------------------------------------------------------- */

static void on_packet(const struct pcap_packet *packet, void *data)
{
    struct tap *tap = data;
    struct frame frame;
    int64_t now_ms = gw_now_ms(tap->traffic->self);
    if (!tap_clock_take(&tap->clock, packet->time_ms, now_ms))
        return;
    bool ethernet = tap->stream.link_type == 1;
    bool read = ethernet && frame_read(packet->bytes, packet->captured, &frame);
    int direction = read ? sides_direction(tap->sides, &frame) : 0;
    tap->sent[direction].packets++;
    tap->sent[direction].bytes += packet->length;
    tap->live_bytes += packet->length + 16;
    const char *name = read && tap->dpi ? dpi_name(tap->dpi, &frame, packet->time_ms) : "Other";
    protocols_add(tap->protocols, name, packet->length, now_ms);
    struct project *project = tap->link->project;
    if (project && !project->protocols)
        project->protocols = calloc(1, sizeof *project->protocols);
    if (project && project->protocols)
        protocols_add(project->protocols, name, packet->length, now_ms);
}

static void on_ready(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)flags;
    struct tap *tap = data;
    uint8_t bytes[65536];
    int64_t now_ms = gw_monotonic_ms(self);
    if (tap->data_ms > 0 && now_ms - tap->data_ms > PAUSE_MS)
        tap->clock.caught_up = true;
    for (size_t all = 0; all < READ_MAX;) {
        ssize_t count = read(fd, bytes, sizeof bytes);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (count <= 0) {
            tap_close(tap);
            return;
        }
        tap->data_ms = now_ms;
        tap->bytes += (size_t)count;
        all += (size_t)count;
        if (pcap_stream_add(&tap->stream, bytes, (size_t)count, on_packet, tap) < 0) {
            tap_close(tap);
            tap->end = TAP_BROKEN;
            return;
        }
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

void tap_init(struct tap *tap, struct traffic *traffic, struct link *link)
{
    *tap = (struct tap){.traffic = traffic, .link = link, .fd = -1, .end = TAP_ENDED};
}

void tap_close(struct tap *tap)
{
    gw_watch_stop(tap->watch);
    tap->watch = NULL;
    if (tap->fd >= 0)
        close(tap->fd);
    tap->fd = -1;
    tap->end = TAP_ENDED;
    pcap_stream_fini(&tap->stream);
}

void tap_fini(struct tap *tap)
{
    tap_close(tap);
    free(tap->sides);
    protocols_free(tap->protocols);
    tap->sides = NULL;
    tap->protocols = NULL;
}

int tap_open(struct tap *tap, const char *path)
{
    tap_close(tap);
    tap->sides = tap->sides ? tap->sides : calloc(1, sizeof *tap->sides);
    tap->protocols = tap->protocols ? tap->protocols : calloc(1, sizeof *tap->protocols);
    if (!tap->sides || !tap->protocols)
        return -ENOMEM;
    unlink(path);
    if (mkfifo(path, 0600) < 0)
        return -errno;
    tap->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (tap->fd < 0) {
        int error = -errno;
        unlink(path);
        return error;
    }
    fcntl(tap->fd, F_SETPIPE_SZ, PIPE_BYTES); /* as large as we may; smaller will do */
    tap->end = TAP_OPEN;
    tap->bytes = 0;
    tap->data_ms = 0;
    tap->clock.first_ms = 0;
    return 0;
}

int tap_listen(struct tap *tap)
{
    tap->watch = gw_watch_start(tap->traffic->self, tap->fd, GW_READ, on_ready, tap);
    return tap->watch ? 0 : -ENOMEM;
}
