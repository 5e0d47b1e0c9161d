/* system.h - the instance: what its files share. Each part of the machine (cpu, memory, ...) is a
 * file of its own behind struct part, and knows of the others nothing. */
#ifndef SYSTEM_SYSTEM_H
#define SYSTEM_SYSTEM_H

#include "file.h"

#include <gnswatch/plugin.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct system;

/* A part: `start` may answer NULL (no memory), `turn` reads and tells, `stop` takes NULL. What is
 * not there on this machine is left out without a word. */
struct part {
    const char *name; /* as the option `without` has it */
    void *(*start)(struct system *system);
    void (*turn)(struct system *system, void *data);
    void (*stop)(void *data);
};

extern const struct part cpu_part, memory_part, disk_part, filesystem_part, interface_part,
    socket_part, pressure_part, sensor_part, host_part, node_part;

enum { PARTS = 10 };

struct system {
    struct gw_plugin *self;
    struct roots roots;
    struct buffer text; /* what was read last; every reader's */
    void *data[PARTS];  /* owned by the part; NULL: left out */
    int64_t now_ms;     /* monotonic, of this turn */
};

/* The text of `file` as it is now, ended by NUL, until the next reading; NULL: there is none. */
const char *system_read(struct system *system, struct file *file);
/* Makes the series the first time. Rows that come within a millisecond are left out. */
void system_row(struct system *system, struct gw_series **series, const char *measurement,
                const struct gw_label *labels, const struct gw_field *fields, const double *row);
/* An event about `kind`/`id` (NULL: about nothing of ours); `data_json` may be NULL. */
void system_say(struct system *system, const char *topic, enum gw_severity severity,
                const char *kind, const char *id, const char *data_json, const char *format, ...)
    GW_PRINTF(7, 8);
/* The object as it was put last, also in an earlier life: what was told then is not told again.
 * json_decref; NULL: none. */
json_t *system_before(struct system *system, const char *kind, const char *id);
/* Does `name` fit a pattern of this option? */
bool system_listed(const struct system *system, const char *option, const char *name);

double percent(double part, double whole);     /* NaN when there is no whole; 0 to 100 */
uint64_t grown(uint64_t now, uint64_t before); /* 0: it fell, the counter began anew */

#endif
