/* sensor.c - temperatures and fans by hwmon, else the kernel's thermal zones. */
#include "item.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MS = 300000, CLEAR_BELOW = 3, COLDEST = -100, HOTTEST = 200 };

struct sensor {
    struct item item; /* its name is chip/sensor */
    struct file input;
    char chip[64], label[64];
    bool fan;
    double critical; /* degrees; NaN: nobody says */
    bool hot;
};

struct sensors {
    struct items items;
    int64_t looked_ms; /* monotonic; 0: not yet */
    bool zones;        /* no chip has a temperature */
};

static const struct gw_field temperature_fields[] = {
    {"temperature", GW_GAUGE, "Cel", "As measured"},
    {"critical", GW_GAUGE, "Cel", "From where damage is near, as the chip says"},
    {0},
};

static const struct gw_field fan_fields[] = {
    {"speed", GW_GAUGE, "{turn}/min", "Turns a minute"},
    {0},
};

/* ---- Which there are ------------------------------------------------------------------------- */

static void take(struct system *system, struct sensors *all, const char *chip, const char *label,
                 const char *input, bool fan, double critical)
{
    char name[160];
    snprintf(name, sizeof name, "%s/%s", chip, label);
    if (system_listed(system, "sensors_without", name))
        return;
    struct sensor *sensor = (struct sensor *)items_take(&all->items, name);
    if (!sensor || !sensor->item.fresh)
        return;
    file_init(&sensor->input, system->roots.sys, input);
    snprintf(sensor->chip, sizeof sensor->chip, "%s", chip);
    snprintf(sensor->label, sizeof sensor->label, "%s", label);
    sensor->fan = fan;
    sensor->critical = critical;
}

/* The name of a chip; of several of one name, with the device it is on. */
static void chip_name(const struct system *system, const char *dir, char *out, size_t size)
{
    char path[400], device[256], name[96];
    snprintf(path, sizeof path, "class/hwmon/%.60s/name", dir);
    if (!file_line(system->roots.sys, path, name, sizeof name))
        snprintf(name, sizeof name, "%.60s", dir);
    snprintf(path, sizeof path, "%s/class/hwmon/%.60s/device", system->roots.sys, dir);
    ssize_t count = readlink(path, device, sizeof device - 1);
    device[count > 0 ? count : 0] = '\0';
    const char *slash = strrchr(device, '/');
    const char *base = slash ? slash + 1 : device;
    bool says_more = *base && strncmp(base, name, strlen(name)) != 0;
    snprintf(out, size, "%.40s%s%.20s",
             says_more ? name
             : *base   ? base
                       : name,
             says_more ? "-" : "", says_more ? base : "");
}

/* "temp1_input", "fan2_input" */
static bool is_input(const char *name, bool *fan, int *number)
{
    char *end;
    *fan = strncmp(name, "fan", 3) == 0;
    if (!*fan && strncmp(name, "temp", 4) != 0)
        return false;
    const char *digits = name + (*fan ? 3 : 4);
    if (!isdigit((unsigned char)*digits))
        return false;
    *number = (int)strtol(digits, &end, 10);
    return strcmp(end, "_input") == 0;
}

static void look_at_chip(struct system *system, struct sensors *all, const char *dir)
{
    char path[400], chip[80], label[64];
    chip_name(system, dir, chip, sizeof chip);
    snprintf(path, sizeof path, "%s/class/hwmon/%.60s", system->roots.sys, dir);
    DIR *files = opendir(path);
    const struct dirent *entry;
    while (files && (entry = readdir(files))) {
        bool fan;
        int number;
        double critical = (double)NAN;
        if (!is_input(entry->d_name, &fan, &number))
            continue;
        const char *what = fan ? "fan" : "temp";
        snprintf(path, sizeof path, "class/hwmon/%.60s/%s%d_label", dir, what, number);
        if (!file_line(system->roots.sys, path, label, sizeof label))
            snprintf(label, sizeof label, "%s%d", what, number);
        snprintf(path, sizeof path, "class/hwmon/%.60s/temp%d_crit", dir, number);
        if (!fan && file_number(system->roots.sys, path, &critical))
            critical = critical > 0 ? critical / 1000 : (double)NAN;
        snprintf(path, sizeof path, "class/hwmon/%.60s/%.60s", dir, entry->d_name);
        take(system, all, chip, label, path, fan, critical);
        all->zones &= fan;
    }
    if (files)
        closedir(files);
}

static void look_at_zone(struct system *system, struct sensors *all, const char *dir)
{
    char path[400], type[64];
    snprintf(path, sizeof path, "class/thermal/%.60s/type", dir);
    if (strncmp(dir, "thermal_zone", 12) != 0 ||
        !file_line(system->roots.sys, path, type, sizeof type))
        return;
    snprintf(path, sizeof path, "class/thermal/%.60s/temp", dir);
    take(system, all, type, dir, path, false, (double)NAN);
}

static void look_below(struct system *system, struct sensors *all, const char *name,
                       void look(struct system *, struct sensors *, const char *))
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", system->roots.sys, name);
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            look(system, all, entry->d_name);
    if (dir)
        closedir(dir);
}

static void look(struct system *system, struct sensors *all)
{
    all->looked_ms = system->now_ms;
    all->zones = true;
    items_begin(&all->items);
    look_below(system, all, "class/hwmon", look_at_chip);
    if (all->zones)
        look_below(system, all, "class/thermal", look_at_zone);
    items_end(&all->items, system);
}

/* ---- What they say --------------------------------------------------------------------------- */

static void judge(struct system *system, struct sensor *sensor, double degrees)
{
    double limit = sensor->critical;
    if (isnan(limit))
        limit = gw_number(gw_options(system->self), "temperature_critical");
    bool hot = degrees >= limit - (sensor->hot ? CLEAR_BELOW : 0);
    if (isnan(degrees) || hot == sensor->hot)
        return;
    sensor->hot = hot;
    char data[64];
    snprintf(data, sizeof data, "{\"degrees\":%.1f,\"critical\":%.1f}", degrees, limit);
    system_say(system, hot ? "system.temperature.critical" : "system.temperature.ok",
               hot ? GW_CRITICAL : GW_NOTICE, "system.sensor", sensor->item.name, data,
               hot ? "%s is %.0f degrees hot, %.0f is critical: look at fans and load"
                   : "%s is down to %.0f degrees, %.0f is critical",
               sensor->item.name, degrees, limit);
}

static void read_one(struct system *system, struct sensor *sensor)
{
    const char *text = system_read(system, &sensor->input);
    char *end = NULL;
    double value = text ? strtod(text, &end) : (double)NAN;
    struct gw_label labels[] = {{"chip", sensor->chip}, {"sensor", sensor->label}, {0}};
    if (!text || end == text)
        return;
    if (sensor->fan) {
        system_row(system, &sensor->item.series, "system.fan", labels, fan_fields, &value);
        return;
    }
    double row[] = {value / 1000, sensor->critical};
    if (row[0] < COLDEST || row[0] > HOTTEST)
        return; /* an input that is not connected */
    judge(system, sensor, row[0]);
    system_row(system, &sensor->item.series, "system.temperature", labels, temperature_fields, row);
}

static void sensor_turn(struct system *system, void *data)
{
    struct sensors *all = data;
    struct item *item;
    if (all->looked_ms == 0 || system->now_ms - all->looked_ms >= LOOK_MS)
        look(system, all);
    TAILQ_FOREACH(item, &all->items.list, entry)
    read_one(system, (struct sensor *)item);
}

static void sensor_fini(struct item *item)
{
    file_fini(&((struct sensor *)item)->input);
}

static void *sensor_start(struct system *system)
{
    (void)system;
    struct sensors *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    items_init(&all->items, sizeof(struct sensor), NULL);
    all->items.fini = sensor_fini;
    return all;
}

static void sensor_stop(void *data)
{
    struct sensors *all = data;
    if (!all)
        return;
    items_fini(&all->items);
    free(all);
}

const struct part sensor_part = {"sensor", sensor_start, sensor_turn, sensor_stop};
