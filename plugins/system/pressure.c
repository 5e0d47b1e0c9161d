/* pressure.c - how much work waited for a processor, memory or a disk (Linux' pressure stall
 * information, Documentation/accounting/psi.rst). */
#include "system.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const resources[] = {"cpu", "memory", "io"};
enum { RESOURCES = 3, LINE = 4, ROW = 2 * LINE };

struct pressure {
    struct file files[RESOURCES];
    struct gw_series *series[RESOURCES];
};

static const struct gw_field fields[] = {
    {"some", GW_GAUGE, "%", "Time in which something waited, of the last 10 s"},
    {"some_1m", GW_GAUGE, "%", "The same, of the last minute"},
    {"some_5m", GW_GAUGE, "%", "The same, of the last five minutes"},
    {"some_s", GW_COUNTER, "s", "Time in which something waited"},
    {"full", GW_GAUGE, "%", "Time in which all waited, of the last 10 s"},
    {"full_1m", GW_GAUGE, "%", "The same, of the last minute"},
    {"full_5m", GW_GAUGE, "%", "The same, of the last five minutes"},
    {"full_s", GW_COUNTER, "s", "Time in which all waited"},
    {0},
};

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static bool read_line(const char *text, const char *name, double out[LINE])
{
    static const char *const keys[LINE] = {" avg10=", " avg60=", " avg300=", " total="};
    size_t bytes = strlen(name);
    for (const char *line = text; line; line = text_next_line(line)) {
        if (strncmp(line, name, bytes) != 0 || line[bytes] != ' ')
            continue;
        for (int i = 0; i < LINE; i++) {
            const char *at = memmem(line, strcspn(line, "\n"), keys[i], strlen(keys[i]));
            out[i] = at ? strtod(at + strlen(keys[i]), NULL) : (double)NAN;
        }
        out[LINE - 1] /= 1e6;
        return true;
    }
    return false;
}

static void pressure_turn(struct system *system, void *data)
{
    struct pressure *pressure = data;
    for (int i = 0; i < RESOURCES; i++) {
        double row[ROW];
        for (int field = 0; field < ROW; field++)
            row[field] = (double)NAN;
        const char *text = system_read(system, &pressure->files[i]);
        if (!text || !read_line(text, "some", row))
            continue;
        read_line(text, "full", row + LINE);
        struct gw_label labels[] = {{"resource", resources[i]}, {0}};
        system_row(system, &pressure->series[i], "system.pressure", labels, fields, row);
    }
}

static void *pressure_start(struct system *system)
{
    static const char *const names[] = {"pressure/cpu", "pressure/memory", "pressure/io"};
    struct pressure *pressure = calloc(1, sizeof *pressure);
    for (int i = 0; pressure && i < RESOURCES; i++)
        file_init(&pressure->files[i], system->roots.proc, names[i]);
    return pressure;
}

static void pressure_stop(void *data)
{
    struct pressure *pressure = data;
    for (int i = 0; pressure && i < RESOURCES; i++)
        file_fini(&pressure->files[i]);
    free(pressure);
}

const struct part pressure_part = {"pressure", pressure_start, pressure_turn, pressure_stop};
