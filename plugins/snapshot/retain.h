/* retain.h - which snapshots stay and which go, each with its reason. Pure: times come in, nothing
 * is asked for. Knows nothing of GNS3, files or JSON. */
#ifndef SNAPSHOT_RETAIN_H
#define SNAPSHOT_RETAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many to keep; 0: this rule keeps none. All 0: everything is kept. */
struct retain_rules {
    int64_t last, hourly, daily, weekly, monthly, yearly;
    int64_t since_ms; /* all that were taken since then; 0: this rule keeps none */
};

struct retain_item {
    int64_t time_ms;
    bool good;   /* verified, or at least not known to be bad */
    bool proven; /* verified */
    bool pinned;
    /* What was decided. */
    bool keep;
    char text[160];
};

/* Decides for items[0..count), newest first (they are sorted). A rule keeps the newest of each of
 * its last N periods that have a snapshot, as restic, borg and proxmox-backup do: periods without
 * one do not count. Periods are those of the wall clock in `zone`; weeks begin on Monday (ISO
 * 8601). Bad snapshots take no period's place: they are kept only while nothing newer is good. The
 * newest good one, proven before unproven, is always kept. `floor_count` of the oldest that would
 * be kept go too, because the disk is too full; never pins, never the last good one. */
void retain_decide(const struct retain_rules *rules, const char *zone, struct retain_item *items,
                   size_t count, size_t floor_count);

#endif
