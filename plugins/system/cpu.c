/* cpu.c - what the processors did, in all and each, and how fast they run. */
#include "system.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order of /proc/stat. Guest time is part of user, guest_nice of nice. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, GUEST, GUEST_NICE, MODES };
enum { CORES_MAX = 1024, SPEEDS_MAX = 64 }; /* speeds are files kept open */

struct core {
    uint64_t ticks[MODES];
    bool known;
    struct file speed; /* of cpufreq */
    double hertz;      /* NaN: not known */
    struct gw_series *series;
};

struct cpu {
    struct file stat;
    struct core all;
    struct core *cores[CORES_MAX]; /* by number; owned */
    size_t count;                  /* seen in this turn */
    double base_hertz;             /* where the kernel does not tell it of each; NaN: not known */
};

/* Of all and of each. */
#define SHARES                                                                                \
    {"used", GW_GAUGE, "%", "Time that was neither idle nor waiting for disks"},              \
        {"user", GW_GAUGE, "%", "In programs"},                                               \
        {"nice", GW_GAUGE, "%", "In programs of low priority"},                               \
        {"system", GW_GAUGE, "%", "In the kernel"}, {"idle", GW_GAUGE, "%", "Nothing to do"}, \
        {"iowait", GW_GAUGE, "%", "Nothing to do but waiting for disks"},                     \
        {"irq", GW_GAUGE, "%", "In interrupts"},                                              \
        {"softirq", GW_GAUGE, "%", "In work left by interrupts"},                             \
        {"steal", GW_GAUGE, "%", "Taken by the host of this virtual machine"},                \
        {"guest", GW_GAUGE, "%", "In virtual machines, part of user"},                        \
    {                                                                                         \
        "guest_nice", GW_GAUGE, "%", "In virtual machines of low priority, part of nice"      \
    }

static const struct gw_field cpu_fields[] = {
    SHARES,
    {"user_s", GW_COUNTER, "s", "In programs"},
    {"nice_s", GW_COUNTER, "s", "In programs of low priority"},
    {"system_s", GW_COUNTER, "s", "In the kernel"},
    {"idle_s", GW_COUNTER, "s", "Nothing to do"},
    {"iowait_s", GW_COUNTER, "s", "Nothing to do but waiting for disks"},
    {"irq_s", GW_COUNTER, "s", "In interrupts"},
    {"softirq_s", GW_COUNTER, "s", "In work left by interrupts"},
    {"steal_s", GW_COUNTER, "s", "Taken by the host of this virtual machine"},
    {"guest_s", GW_COUNTER, "s", "In virtual machines"},
    {"guest_nice_s", GW_COUNTER, "s", "In virtual machines of low priority"},
    {"cores", GW_GAUGE, "1", "Processors that are on"},
    {"frequency", GW_GAUGE, "Hz", "Mean of the processors"},
    {0},
};

static const struct gw_field core_fields[] = {
    SHARES,
    {"frequency", GW_GAUGE, "Hz", "As the kernel tells it"},
    {0},
};

/* used and each mode in percent; NaN at the first reading. */
static void shares(struct core *core, const uint64_t now[MODES], double row[MODES + 1])
{
    double whole = 0, parts[MODES];
    for (int i = 0; i < MODES; i++) {
        parts[i] = core->known ? (double)grown(now[i], core->ticks[i]) : (double)NAN;
        whole += i < GUEST ? parts[i] : 0;
        core->ticks[i] = now[i];
    }
    core->known = true;
    row[0] = percent(whole - parts[IDLE] - parts[IOWAIT], whole);
    for (int i = 0; i < MODES; i++)
        row[i + 1] = percent(parts[i], whole);
}

static struct core *core_of(struct system *system, struct cpu *cpu, size_t number)
{
    if (number >= CORES_MAX)
        return NULL;
    if (cpu->cores[number])
        return cpu->cores[number];
    struct core *core = cpu->cores[number] = calloc(1, sizeof *core);
    char name[96];
    snprintf(name, sizeof name, "devices/system/cpu/cpu%zu/cpufreq/scaling_cur_freq", number);
    if (core) {
        file_init(&core->speed, system->roots.sys, name);
        core->hertz = (double)NAN;
    }
    return core;
}

/* "cpu3 1 2 3 ..." */
static void take_core(struct system *system, struct cpu *cpu, const char *line)
{
    char *at, number_text[16];
    unsigned long number = strtoul(line, &at, 10);
    uint64_t ticks[MODES];
    struct core *core = core_of(system, cpu, number);
    if (!core || text_numbers(at, ticks, MODES) < IDLE + 1)
        return;
    double row[MODES + 2];
    shares(core, ticks, row);
    row[MODES + 1] = isnan(core->hertz) ? cpu->base_hertz : core->hertz;
    cpu->count++;
    if (!gw_bool(gw_options(system->self), "per_cpu"))
        return;
    snprintf(number_text, sizeof number_text, "%lu", number);
    struct gw_label labels[] = {{"cpu", number_text}, {0}};
    system_row(system, &core->series, "system.core", labels, core_fields, row);
}

/* After the lines of /proc/stat have been dealt with: both are read into one buffer. */
static void read_speeds(struct system *system, struct cpu *cpu)
{
    for (size_t i = 0; i < SPEEDS_MAX; i++) {
        struct core *core = cpu->cores[i];
        const char *text = core ? system_read(system, &core->speed) : NULL;
        uint64_t kilohertz;
        if (core)
            core->hertz =
                text && text_number(&text, &kilohertz) ? (double)kilohertz * 1000 : (double)NAN;
    }
}

static double mean_speed(const struct cpu *cpu)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < SPEEDS_MAX; i++)
        if (cpu->cores[i] && !isnan(cpu->cores[i]->hertz)) {
            sum += cpu->cores[i]->hertz;
            count++;
        }
    return count > 0 ? sum / (double)count : cpu->base_hertz;
}

static void take_all(struct system *system, struct cpu *cpu, const uint64_t ticks[MODES])
{
    double row[2 * MODES + 3], a_second = (double)sysconf(_SC_CLK_TCK);
    shares(&cpu->all, ticks, row);
    for (int i = 0; i < MODES; i++)
        row[MODES + 1 + i] = (double)ticks[i] / a_second;
    row[2 * MODES + 1] = (double)cpu->count;
    row[2 * MODES + 2] = mean_speed(cpu);
    system_row(system, &cpu->all.series, "system.cpu", NULL, cpu_fields, row);
}

static void cpu_turn(struct system *system, void *data)
{
    struct cpu *cpu = data;
    uint64_t ticks[MODES];
    bool whole = false;
    cpu->count = 0;
    read_speeds(system, cpu);
    for (const char *line = system_read(system, &cpu->stat); line; line = text_next_line(line)) {
        if (strncmp(line, "cpu", 3) != 0)
            continue;
        if (isdigit((unsigned char)line[3]))
            take_core(system, cpu, line + 3);
        else
            whole |= text_numbers(line + 3, ticks, MODES) >= IDLE + 1;
    }
    if (whole)
        take_all(system, cpu, ticks);
}

/* Virtual machines have no cpufreq, but often say how fast they are meant to be. */
static double base_speed(struct system *system)
{
    struct file file;
    double hertz = NAN;
    file_init(&file, system->roots.proc, "cpuinfo");
    const char *text = system_read(system, &file);
    const char *at = text ? strstr(text, "cpu MHz") : NULL;
    at = at ? strchr(at, ':') : NULL;
    if (at)
        hertz = strtod(at + 1, NULL) * 1e6;
    file_fini(&file);
    return hertz > 0 ? hertz : (double)NAN;
}

static void *cpu_start(struct system *system)
{
    struct cpu *cpu = calloc(1, sizeof *cpu);
    if (!cpu)
        return NULL;
    file_init(&cpu->stat, system->roots.proc, "stat");
    cpu->base_hertz = base_speed(system);
    return cpu;
}

static void cpu_stop(void *data)
{
    struct cpu *cpu = data;
    if (!cpu)
        return;
    file_fini(&cpu->stat);
    for (size_t i = 0; i < CORES_MAX; i++)
        if (cpu->cores[i]) {
            file_fini(&cpu->cores[i]->speed);
            free(cpu->cores[i]);
        }
    free(cpu);
}

const struct part cpu_part = {"cpu", cpu_start, cpu_turn, cpu_stop};
