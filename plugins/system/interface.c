/* interface.c - what network interfaces carried, whether they are up and how fast. */
#include "item.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order of /proc/net/dev. */
enum {
    IN_BYTES,
    IN_PACKETS,
    IN_ERRORS,
    IN_DROPS,
    IN_FIFO,
    IN_FRAME,
    IN_COMPRESSED,
    IN_MULTICAST,
    OUT_BYTES,
    OUT_PACKETS,
    OUT_ERRORS,
    OUT_DROPS,
    OUT_FIFO,
    OUT_COLLISIONS,
    OUT_CARRIER,
    OUT_COMPRESSED,
    COUNTS
};

enum { ROW_UP = COUNTS - 2, ROW_SPEED, ROW_IN_USED, ROW_OUT_USED, ROW };

struct interface {
    struct item item;
    struct file state, speed;
    bool told;         /* its going down is worth an event: it is no bridge, tap or the like */
    bool known, up;    /* up: as told, also in an earlier life */
    double speed_bits; /* NaN: not known; as its object has it */
    uint64_t in_bytes, out_bytes;
};

struct interfaces {
    struct items items;
    struct file dev;
    int64_t read_ms; /* monotonic, of the last reading */
};

static const struct gw_field fields[] = {
    {"in_bytes", GW_COUNTER, "By", "Received"},
    {"in_packets", GW_COUNTER, "{packet}", "Received"},
    {"in_errors", GW_COUNTER, "{packet}", "Received, but bad"},
    {"in_drops", GW_COUNTER, "{packet}", "Received, but there was no room or nobody wanted them"},
    {"in_fifo", GW_COUNTER, "{packet}", "The hardware's buffer was full"},
    {"in_frame", GW_COUNTER, "{packet}", "Bad frames"},
    {"in_multicast", GW_COUNTER, "{packet}", "Received for many"},
    {"out_bytes", GW_COUNTER, "By", "Sent"},
    {"out_packets", GW_COUNTER, "{packet}", "Sent"},
    {"out_errors", GW_COUNTER, "{packet}", "Not sent"},
    {"out_drops", GW_COUNTER, "{packet}", "Not sent because there was no room"},
    {"out_fifo", GW_COUNTER, "{packet}", "The hardware's buffer was full"},
    {"collisions", GW_COUNTER, "1", "Collisions"},
    {"carrier", GW_COUNTER, "1", "Carrier lost while sending"},
    {"up", GW_GAUGE, "1", "1: it can carry something"},
    {"speed", GW_GAUGE, "bit/s", "Speed of the link, where it has one"},
    {"in_used", GW_GAUGE, "%", "Of its speed, received"},
    {"out_used", GW_GAUGE, "%", "Of its speed, sent"},
    {0},
};

/* "unknown" is what tun, loopback and dummies say while they work. NaN: nobody says. */
static double is_up(struct system *system, struct interface *interface)
{
    const char *text = system_read(system, &interface->state);
    if (!text)
        return (double)NAN;
    return strncmp(text, "up", 2) == 0 || strncmp(text, "unknown", 7) == 0;
}

/* -1 and EINVAL mean that there is none. */
static double speed_of(struct system *system, struct interface *interface)
{
    const char *text = system_read(system, &interface->speed);
    uint64_t megabits;
    bool known = text && text_number(&text, &megabits) && megabits > 0 && megabits < 100000000;
    return known ? (double)megabits * 1e6 : (double)NAN;
}

static bool has(const struct system *system, const char *name, const char *what)
{
    char path[400];
    snprintf(path, sizeof path, "%s/class/net/%.64s/%s", system->roots.sys, name, what);
    return access(path, F_OK) == 0;
}

static void put_object(struct system *system, const struct interface *interface)
{
    char name[128], address[64] = "";
    snprintf(name, sizeof name, "class/net/%.64s/address", interface->item.name);
    file_line(system->roots.sys, name, address, sizeof address);
    json_t *json = json_pack(
        "{s:s, s:b, s:o, s:o}", "name", interface->item.name, "up", interface->up, "speed",
        isnan(interface->speed_bits) ? json_null()
                                     : json_integer((json_int_t)interface->speed_bits),
        "address", *address ? json_string(address) : json_null());
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text)
        gw_object_put(system->self, "system.interface", interface->item.name, text);
    free(text);
    json_decref(json);
}

static void take_state(struct system *system, struct interface *interface, double up, double speed)
{
    bool changed = interface->item.fresh;
    const char *name = interface->item.name;
    if (!isnan(up) && interface->known && interface->up != (up > 0)) {
        changed = true;
        if (interface->told)
            system_say(system, up > 0 ? "system.interface.up" : "system.interface.down",
                       up > 0 ? GW_NOTICE : GW_WARNING, "system.interface", name, NULL,
                       up > 0 ? "Network interface %s is up again"
                              : "Network interface %s is down: look at its cable or its peer",
                       name);
    }
    changed |= !(speed == interface->speed_bits || (isnan(speed) && isnan(interface->speed_bits)));
    interface->known = true;
    interface->up = isnan(up) || up > 0;
    interface->speed_bits = speed;
    if (changed)
        put_object(system, interface);
}

static void make(struct system *system, struct interface *interface)
{
    char name[128];
    const char *own = interface->item.name;
    snprintf(name, sizeof name, "class/net/%.64s/operstate", own);
    file_init(&interface->state, system->roots.sys, name);
    snprintf(name, sizeof name, "class/net/%.64s/speed", own);
    file_init(&interface->speed, system->roots.sys, name);
    interface->told =
        !has(system, own, "bridge") && !has(system, own, "tun_flags") && strcmp(own, "lo") != 0;
    interface->speed_bits = (double)NAN;
    json_t *before = system_before(system, "system.interface", own);
    const json_t *up = json_object_get(before, "up");
    interface->known = up != NULL;
    interface->up = json_is_true(up);
    json_decref(before);
}

static void put_row(struct system *system, struct interface *interface,
                    const uint64_t counts[COUNTS], int64_t gap_ms)
{
    double row[ROW];
    int place = 0;
    for (int i = 0; i < COUNTS; i++)
        if (i != IN_COMPRESSED && i != OUT_COMPRESSED)
            row[place++] = (double)counts[i];
    double speed = speed_of(system, interface), up = is_up(system, interface);
    double could = speed / 8 * (double)gap_ms / 1000;
    bool first = interface->item.fresh || gap_ms <= 0;
    row[ROW_UP] = up;
    row[ROW_SPEED] = speed;
    row[ROW_IN_USED] = row[ROW_OUT_USED] = (double)NAN;
    if (!first) {
        row[ROW_IN_USED] = percent((double)grown(counts[IN_BYTES], interface->in_bytes), could);
        row[ROW_OUT_USED] = percent((double)grown(counts[OUT_BYTES], interface->out_bytes), could);
    }
    interface->in_bytes = counts[IN_BYTES];
    interface->out_bytes = counts[OUT_BYTES];
    take_state(system, interface, up, speed);
    struct gw_label labels[] = {{"interface", interface->item.name}, {0}};
    system_row(system, &interface->item.series, "system.interface", labels, fields, row);
}

struct line {
    char name[64];
    uint64_t counts[COUNTS];
};

/* "  eth0: 1 2 3 ..."; a name may hold colons, the last one before the numbers counts. */
static bool read_line(const char *text, struct line *line)
{
    size_t bytes = strcspn(text, "\n");
    const char *colon = memrchr(text, ':', bytes), *begin = text + strspn(text, " ");
    if (!colon || colon <= begin || (size_t)(colon - begin) >= sizeof line->name)
        return false;
    memcpy(line->name, begin, (size_t)(colon - begin));
    line->name[colon - begin] = '\0';
    return text_numbers(colon + 1, line->counts, COUNTS) == COUNTS;
}

/* The files of each interface are read into the same buffer, so the lines are taken out first. */
static size_t read_lines(struct system *system, struct interfaces *all, struct line *lines)
{
    size_t count = 0;
    for (const char *at = system_read(system, &all->dev); at && count < ITEMS_MAX;
         at = text_next_line(at))
        if (read_line(at, &lines[count]) &&
            !system_listed(system, "interfaces_without", lines[count].name))
            count++;
    return count;
}

static void interface_turn(struct system *system, void *data)
{
    struct interfaces *all = data;
    int64_t gap_ms = all->read_ms ? system->now_ms - all->read_ms : 0;
    struct line *lines = calloc(ITEMS_MAX, sizeof *lines);
    if (!lines)
        return;
    size_t count = read_lines(system, all, lines);
    all->read_ms = system->now_ms;
    items_begin(&all->items);
    for (size_t i = 0; i < count; i++) {
        struct interface *interface = (struct interface *)items_take(&all->items, lines[i].name);
        if (!interface)
            break;
        if (interface->item.fresh)
            make(system, interface);
        put_row(system, interface, lines[i].counts, gap_ms);
    }
    items_end(&all->items, system);
    free(lines);
}

static void interface_fini(struct item *item)
{
    file_fini(&((struct interface *)item)->state);
    file_fini(&((struct interface *)item)->speed);
}

static void *interface_start(struct system *system)
{
    struct interfaces *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    items_init(&all->items, sizeof(struct interface), "system.interface");
    all->items.fini = interface_fini;
    file_init_net(&all->dev, &system->roots, "dev");
    return all;
}

static void interface_stop(void *data)
{
    struct interfaces *all = data;
    if (!all)
        return;
    items_fini(&all->items);
    file_fini(&all->dev);
    free(all);
}

const struct part interface_part = {"interface", interface_start, interface_turn, interface_stop};
