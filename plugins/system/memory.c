/* memory.c - memory, swap and what the kernel pages; programs killed for want of memory. */
#include "system.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum memory_place {
    TOTAL,
    USED,
    USED_PERCENT,
    AVAILABLE,
    FREE,
    BUFFERS,
    CACHED,
    SHMEM,
    SLAB,
    SLAB_RECLAIMABLE,
    SLAB_UNRECLAIMABLE,
    ACTIVE,
    INACTIVE,
    ANON,
    MAPPED,
    DIRTY,
    WRITEBACK,
    KERNEL_STACK,
    PAGE_TABLES,
    MLOCKED,
    COMMITTED,
    COMMIT_LIMIT,
    ANON_HUGE,
    HUGE_TOTAL,
    HUGE_FREE,
    CORRUPTED,
    MEMORY_FIELDS
};

static const struct gw_field memory_fields[] = {
    {"total", GW_GAUGE, "By", "Memory of the machine"},
    {"used", GW_GAUGE, "By", "What is not available"},
    {"used_percent", GW_GAUGE, "%", "The same, of all"},
    {"available", GW_GAUGE, "By", "What programs could have without swapping"},
    {"free", GW_GAUGE, "By", "Not used for anything"},
    {"buffers", GW_GAUGE, "By", "Blocks of disks"},
    {"cached", GW_GAUGE, "By", "Files"},
    {"shared", GW_GAUGE, "By", "Shared memory and files in memory (tmpfs)"},
    {"slab", GW_GAUGE, "By", "The kernel's own structures"},
    {"slab_reclaimable", GW_GAUGE, "By", "Of these, what can be given back"},
    {"slab_unreclaimable", GW_GAUGE, "By", "Of these, what cannot"},
    {"active", GW_GAUGE, "By", "Used recently"},
    {"inactive", GW_GAUGE, "By", "Not used recently"},
    {"anonymous", GW_GAUGE, "By", "Of programs, not from files"},
    {"mapped", GW_GAUGE, "By", "Files that programs have mapped"},
    {"dirty", GW_GAUGE, "By", "Waiting to be written to disks"},
    {"writeback", GW_GAUGE, "By", "Being written to disks"},
    {"kernel_stack", GW_GAUGE, "By", "Stacks of the kernel"},
    {"page_tables", GW_GAUGE, "By", "Page tables"},
    {"locked", GW_GAUGE, "By", "Locked by programs"},
    {"committed", GW_GAUGE, "By", "What programs have asked for, used or not"},
    {"commit_limit", GW_GAUGE, "By", "What they may have under strict accounting"},
    {"huge_anonymous", GW_GAUGE, "By", "Transparent huge pages"},
    {"huge_total", GW_GAUGE, "By", "Huge pages that are set aside"},
    {"huge_free", GW_GAUGE, "By", "Of these, what nobody uses"},
    {"corrupted", GW_GAUGE, "By", "Found bad by the hardware"},
    {0},
};

/* Of /proc/meminfo, beyond the fields above. */
enum { SWAP_TOTAL = MEMORY_FIELDS, SWAP_FREE, SWAP_CACHED, HUGE_PAGE, INFO_PLACES };

static const struct key memory_keys[] = {
    {"MemTotal", TOTAL, 1024},
    {"MemFree", FREE, 1024},
    {"MemAvailable", AVAILABLE, 1024},
    {"Buffers", BUFFERS, 1024},
    {"Cached", CACHED, 1024},
    {"Shmem", SHMEM, 1024},
    {"Slab", SLAB, 1024},
    {"SReclaimable", SLAB_RECLAIMABLE, 1024},
    {"SUnreclaim", SLAB_UNRECLAIMABLE, 1024},
    {"Active", ACTIVE, 1024},
    {"Inactive", INACTIVE, 1024},
    {"AnonPages", ANON, 1024},
    {"Mapped", MAPPED, 1024},
    {"Dirty", DIRTY, 1024},
    {"Writeback", WRITEBACK, 1024},
    {"KernelStack", KERNEL_STACK, 1024},
    {"PageTables", PAGE_TABLES, 1024},
    {"Mlocked", MLOCKED, 1024},
    {"Committed_AS", COMMITTED, 1024},
    {"CommitLimit", COMMIT_LIMIT, 1024},
    {"AnonHugePages", ANON_HUGE, 1024},
    {"HugePages_Total", HUGE_TOTAL, 1},
    {"HugePages_Free", HUGE_FREE, 1},
    {"Hugepagesize", HUGE_PAGE, 1024},
    {"HardwareCorrupted", CORRUPTED, 1024},
    {"SwapTotal", SWAP_TOTAL, 1024},
    {"SwapFree", SWAP_FREE, 1024},
    {"SwapCached", SWAP_CACHED, 1024},
    {0},
};

static const struct gw_field swap_fields[] = {
    {"total", GW_GAUGE, "By", "Room to swap to"},
    {"used", GW_GAUGE, "By", "Memory that is swapped out"},
    {"used_percent", GW_GAUGE, "%", "The same, of all"},
    {"free", GW_GAUGE, "By", "Room that is left"},
    {"cached", GW_GAUGE, "By", "Swapped out and in memory too"},
    {"in", GW_COUNTER, "By", "Read back"},
    {"out", GW_COUNTER, "By", "Swapped out"},
    {0},
};

enum paging_place {
    PAGED_IN,
    PAGED_OUT,
    FAULTS,
    MAJOR_FAULTS,
    REFAULTS,
    SCANNED,
    STOLEN,
    STALLS,
    OOM_KILLS,
    PAGING_FIELDS,
    SWAPPED_IN = PAGING_FIELDS,
    SWAPPED_OUT,
    SCANNED_KSWAPD,
    SCANNED_DIRECT,
    STOLEN_KSWAPD,
    STOLEN_DIRECT,
    STALL_DMA32,
    STALL_NORMAL,
    STALL_MOVABLE,
    REFAULT_ANON,
    REFAULT_FILE,
    STAT_PLACES
};

static const struct gw_field paging_fields[] = {
    {"in", GW_COUNTER, "By", "Read from disks"},
    {"out", GW_COUNTER, "By", "Written to disks"},
    {"faults", GW_COUNTER, "{fault}", "Pages that programs touched and that were not mapped"},
    {"major_faults", GW_COUNTER, "{fault}", "Of these, what had to come from a disk"},
    {"refaults", GW_COUNTER, "{fault}", "Pages read again soon after they were dropped"},
    {"scanned", GW_COUNTER, "{page}", "Pages looked at to find room"},
    {"stolen", GW_COUNTER, "{page}", "Pages taken back to make room"},
    {"stalls", GW_COUNTER, "1", "Programs that had to find room themselves"},
    {"oom_kills", GW_COUNTER, "1", "Programs killed because memory ran out"},
    {0},
};

static const struct key paging_keys[] = {
    {"pgpgin", PAGED_IN, 1024},
    {"pgpgout", PAGED_OUT, 1024},
    {"pgfault", FAULTS, 1},
    {"pgmajfault", MAJOR_FAULTS, 1},
    {"workingset_refault_anon", REFAULT_ANON, 1},
    {"workingset_refault_file", REFAULT_FILE, 1},
    {"pgscan_kswapd", SCANNED_KSWAPD, 1},
    {"pgscan_direct", SCANNED_DIRECT, 1},
    {"pgsteal_kswapd", STOLEN_KSWAPD, 1},
    {"pgsteal_direct", STOLEN_DIRECT, 1},
    {"allocstall_dma32", STALL_DMA32, 1},
    {"allocstall_normal", STALL_NORMAL, 1},
    {"allocstall_movable", STALL_MOVABLE, 1},
    {"oom_kill", OOM_KILLS, 1},
    {"pswpin", SWAPPED_IN, 1},
    {"pswpout", SWAPPED_OUT, 1},
    {0},
};

struct memory {
    struct file info, stat;
    struct gw_series *memory, *swap, *paging;
    double oom_kills; /* NaN: not known yet */
};

static void clear(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (double)NAN;
}

/* Before Linux 3.14 the kernel did not say what is available. */
static void complete(double info[INFO_PLACES])
{
    if (isnan(info[AVAILABLE]))
        info[AVAILABLE] = info[FREE] + info[BUFFERS] + info[CACHED];
    info[USED] = fmax(0, info[TOTAL] - info[AVAILABLE]);
    if (isnan(info[TOTAL]) || isnan(info[AVAILABLE]))
        info[USED] = (double)NAN;
    info[USED_PERCENT] = percent(info[USED], info[TOTAL]);
    info[HUGE_TOTAL] *= info[HUGE_PAGE];
    info[HUGE_FREE] *= info[HUGE_PAGE];
}

static void tell_oom(struct system *system, struct memory *memory, double kills)
{
    double more = kills - memory->oom_kills; /* NaN at first: no event */
    memory->oom_kills = kills;
    if (more > 0)
        system_say(system, "system.oom", GW_ERROR, "system.host", "host", NULL,
                   "Memory ran out: the kernel has killed %.0f program%s; see `journalctl -k` for "
                   "which",
                   more, more > 1 ? "s" : "");
}

/* The sum of those that are known; NaN: none is. */
static double sum(double a, double b)
{
    return isnan(a) ? b : isnan(b) ? a : a + b;
}

static void read_paging(struct system *system, struct memory *memory, double swap[7])
{
    double stat[STAT_PLACES], page = (double)sysconf(_SC_PAGESIZE);
    clear(stat, STAT_PLACES);
    const char *text = system_read(system, &memory->stat);
    if (!text || text_keys(text, paging_keys, stat) == 0)
        return;
    stat[SCANNED] = sum(stat[SCANNED_KSWAPD], stat[SCANNED_DIRECT]);
    stat[STOLEN] = sum(stat[STOLEN_KSWAPD], stat[STOLEN_DIRECT]);
    stat[STALLS] = sum(sum(stat[STALL_DMA32], stat[STALL_NORMAL]), stat[STALL_MOVABLE]);
    stat[REFAULTS] = sum(stat[REFAULT_ANON], stat[REFAULT_FILE]);
    swap[5] = stat[SWAPPED_IN] * page;
    swap[6] = stat[SWAPPED_OUT] * page;
    tell_oom(system, memory, stat[OOM_KILLS]);
    system_row(system, &memory->paging, "system.paging", NULL, paging_fields, stat);
}

static void memory_turn(struct system *system, void *data)
{
    struct memory *memory = data;
    double info[INFO_PLACES], swap[7];
    clear(info, INFO_PLACES);
    clear(swap, 7);
    const char *text = system_read(system, &memory->info);
    bool told = text && text_keys(text, memory_keys, info) > 0;
    complete(info);
    if (told)
        system_row(system, &memory->memory, "system.memory", NULL, memory_fields, info);
    read_paging(system, memory, swap);
    if (isnan(info[SWAP_TOTAL]))
        return;
    swap[0] = info[SWAP_TOTAL];
    swap[1] = fmax(0, info[SWAP_TOTAL] - info[SWAP_FREE]);
    swap[2] = info[SWAP_TOTAL] > 0 ? percent(swap[1], swap[0]) : 0;
    swap[3] = info[SWAP_FREE];
    swap[4] = info[SWAP_CACHED];
    system_row(system, &memory->swap, "system.swap", NULL, swap_fields, swap);
}

static void *memory_start(struct system *system)
{
    struct memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        return NULL;
    file_init(&memory->info, system->roots.proc, "meminfo");
    file_init(&memory->stat, system->roots.proc, "vmstat");
    memory->oom_kills = (double)NAN;
    return memory;
}

static void memory_stop(void *data)
{
    struct memory *memory = data;
    if (!memory)
        return;
    file_fini(&memory->info);
    file_fini(&memory->stat);
    free(memory);
}

const struct part memory_part = {"memory", memory_start, memory_turn, memory_stop};
