/* disk.c - what block devices did: operations, bytes, how busy they were and how long it took. */
#include "item.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order of /proc/diskstats (Documentation/admin-guide/iostats.rst); the later ones came with
 * Linux 4.18 and 5.5. */
enum {
    READS,
    READS_MERGED,
    READ_SECTORS,
    READ_MS,
    WRITES,
    WRITES_MERGED,
    WRITE_SECTORS,
    WRITE_MS,
    IN_FLIGHT,
    BUSY_MS,
    QUEUE_MS,
    DISCARDS,
    DISCARDS_MERGED,
    DISCARD_SECTORS,
    DISCARD_MS,
    FLUSHES,
    FLUSH_MS,
    STATS,
    STATS_MIN = QUEUE_MS + 1
};
enum { SECTOR = 512, LOOK_MS = 300000 };

struct disk {
    struct item item;
    uint64_t stats[STATS];
    double size;       /* bytes; as its object was put */
    int64_t looked_ms; /* monotonic: its size was looked at */
};

struct disks {
    struct items items;
    struct file stats;
    int64_t read_ms; /* of the last reading, monotonic */
};

static const struct gw_field fields[] = {
    {"reads", GW_COUNTER, "1", "Reads that ended"},
    {"read_bytes", GW_COUNTER, "By", "Bytes read"},
    {"reads_merged", GW_COUNTER, "1", "Reads that were joined to others"},
    {"read_ms", GW_GAUGE, "ms", "Mean time of a read"},
    {"writes", GW_COUNTER, "1", "Writes that ended"},
    {"write_bytes", GW_COUNTER, "By", "Bytes written"},
    {"writes_merged", GW_COUNTER, "1", "Writes that were joined to others"},
    {"write_ms", GW_GAUGE, "ms", "Mean time of a write"},
    {"busy", GW_GAUGE, "%", "Time in which it had something to do"},
    {"queue", GW_GAUGE, "1", "Mean number of requests that waited or were served"},
    {"in_flight", GW_GAUGE, "1", "Requests under way now"},
    {"discards", GW_COUNTER, "1", "Discards that ended"},
    {"discard_bytes", GW_COUNTER, "By", "Bytes discarded"},
    {"flushes", GW_COUNTER, "1", "Flushes that ended"},
    {0},
};

static double mean(uint64_t ms, uint64_t count)
{
    return count > 0 ? (double)ms / (double)count : 0;
}

static void put_row(struct system *system, struct disk *disk, const uint64_t now[STATS],
                    int64_t gap_ms)
{
    uint64_t more[STATS];
    bool first = disk->item.fresh || gap_ms <= 0;
    for (int i = 0; i < STATS; i++)
        more[i] = grown(now[i], disk->stats[i]);
    memcpy(disk->stats, now, sizeof disk->stats);
    double nan = (double)NAN;
    double row[] = {(double)now[READS],
                    (double)now[READ_SECTORS] * SECTOR,
                    (double)now[READS_MERGED],
                    first ? nan : mean(more[READ_MS], more[READS]),
                    (double)now[WRITES],
                    (double)now[WRITE_SECTORS] * SECTOR,
                    (double)now[WRITES_MERGED],
                    first ? nan : mean(more[WRITE_MS], more[WRITES]),
                    first ? nan : percent((double)more[BUSY_MS], (double)gap_ms),
                    first ? nan : (double)more[QUEUE_MS] / (double)gap_ms,
                    (double)now[IN_FLIGHT],
                    (double)now[DISCARDS],
                    (double)now[DISCARD_SECTORS] * SECTOR,
                    (double)now[FLUSHES]};
    struct gw_label labels[] = {{"disk", disk->item.name}, {0}};
    system_row(system, &disk->item.series, "system.disk", labels, fields, row);
}

static void put_object(struct system *system, struct disk *disk)
{
    char name[160], model[128] = "";
    double sectors = (double)NAN, spins = (double)NAN;
    if (!disk->item.fresh && system->now_ms - disk->looked_ms < LOOK_MS)
        return;
    disk->looked_ms = system->now_ms;
    snprintf(name, sizeof name, "class/block/%.80s/size", disk->item.name);
    file_number(system->roots.sys, name, &sectors);
    if (!disk->item.fresh && (sectors * SECTOR == disk->size || isnan(sectors)))
        return;
    disk->size = sectors * SECTOR;
    snprintf(name, sizeof name, "class/block/%.80s/device/model", disk->item.name);
    file_line(system->roots.sys, name, model, sizeof model);
    for (size_t end = strlen(model); end > 0 && model[end - 1] == ' '; end--)
        model[end - 1] = '\0'; /* SCSI pads it */
    snprintf(name, sizeof name, "class/block/%.80s/queue/rotational", disk->item.name);
    file_number(system->roots.sys, name, &spins);
    json_t *json = json_pack("{s:s, s:o, s:o, s:o}", "name", disk->item.name, "size",
                             isnan(sectors) ? json_null() : json_real(disk->size), "model",
                             *model ? json_string(model) : json_null(), "rotational",
                             isnan(spins) ? json_null() : json_boolean(spins > 0));
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text)
        gw_object_put(system->self, "system.disk", disk->item.name, text);
    free(text);
    json_decref(json);
}

static bool is_partition(const struct system *system, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/class/block/%.80s/partition", system->roots.sys, name);
    return access(path, F_OK) == 0;
}

static bool wanted(const struct system *system, const struct disks *disks, const char *name)
{
    return items_find(&disks->items, name) ||
           (!system_listed(system, "disks_without", name) && !is_partition(system, name));
}

/* " 254  0 vda 1 2 3 ..." */
static struct disk *take_line(struct system *system, struct disks *disks, const char *line,
                              int64_t gap_ms)
{
    uint64_t major, minor, stats[STATS];
    char name[80];
    if (!text_number(&line, &major) || !text_number(&line, &minor) ||
        !text_word(&line, name, sizeof name) || text_numbers(line, stats, STATS) < STATS_MIN ||
        !wanted(system, disks, name))
        return NULL;
    struct disk *disk = (struct disk *)items_take(&disks->items, name);
    if (disk)
        put_row(system, disk, stats, gap_ms);
    return disk;
}

static void disk_turn(struct system *system, void *data)
{
    struct disks *disks = data;
    int64_t gap_ms = disks->read_ms ? system->now_ms - disks->read_ms : 0;
    const char *line = system_read(system, &disks->stats);
    if (!line)
        return;
    disks->read_ms = system->now_ms;
    items_begin(&disks->items);
    for (; line; line = text_next_line(line)) {
        struct disk *disk = take_line(system, disks, line, gap_ms);
        if (disk)
            put_object(system, disk);
    }
    items_end(&disks->items, system);
}

static void *disk_start(struct system *system)
{
    struct disks *disks = calloc(1, sizeof *disks);
    if (!disks)
        return NULL;
    items_init(&disks->items, sizeof(struct disk), "system.disk");
    file_init(&disks->stats, system->roots.proc, "diskstats");
    return disks;
}

static void disk_stop(void *data)
{
    struct disks *disks = data;
    if (!disks)
        return;
    items_fini(&disks->items);
    file_fini(&disks->stats);
    free(disks);
}

const struct part disk_part = {"disk", disk_start, disk_turn, disk_stop};
