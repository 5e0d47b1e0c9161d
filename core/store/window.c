/* The archive that fits the steps, and the finest one for what that has not got yet. */
#include "store/window.h"

#include <errno.h>
#include <math.h>

static const char *name_of(enum store_consolidation as)
{
    return as == STORE_MIN ? "MIN" : as == STORE_MAX ? "MAX" : "AVERAGE";
}

/* The finest archive has no MIN and MAX of its own: one row is its own least and greatest. */
static const char *consolidation(const struct window *window)
{
    const struct archives *archives = window->archives;
    if (archives->count < 2 || window->bins->step_ms < archives->list[1].step_s * 1000)
        return "AVERAGE";
    return name_of(window->bins->as);
}

static void add_rows(struct window *window, const struct rrd_rows *rows)
{
    for (size_t k = 0; k < rows->count; k++) {
        int64_t from_ms = (rows->start_s + (int64_t)k * rows->step_s) * 1000;
        int64_t to_ms = from_ms + rows->step_s * 1000;
        if (to_ms > window->until_ms)
            to_ms = window->until_ms;
        bins_add(window->bins, from_ms, to_ms, rows->values + k * rows->fields);
    }
}

/* The end of the last interval that has a value; `start_s` when none has. */
static int64_t known_until(const struct rrd_rows *rows, int64_t start_s)
{
    for (size_t k = rows->count; k-- > 0;) {
        for (size_t f = 0; f < rows->fields; f++) {
            if (!isnan(rows->values[k * rows->fields + f]))
                return rows->start_s + ((int64_t)k + 1) * rows->step_s;
        }
    }
    return start_s;
}

/* Fetches [start_s, until) at about `step_s`; *end_s is how far it was known, *got_s its step. */
static int fetch(struct window *window, const char *as, int64_t start_s, int64_t step_s,
                 int64_t *end_s, int64_t *got_s)
{
    struct rrd_rows rows;
    int64_t until_s = (window->until_ms + 999) / 1000;
    *end_s = start_s;
    if (until_s <= start_s)
        return 0;
    int error = window->fetch(window->data, as, start_s, until_s, step_s, &rows);
    if (error)
        return error;
    if (rows.fields == window->bins->fields) /* else its fields change with the next rows */
        add_rows(window, &rows);
    *end_s = known_until(&rows, start_s);
    *got_s = rows.step_s;
    window->free_rows(&rows);
    return 0;
}

/* A coarse archive ends with its last whole interval; the rest comes from the finest one. */
int window_add_file(struct window *window)
{
    const struct bins *bins = window->bins;
    /* Finer than the steps asked for, as the archive's intervals lie across them. */
    int64_t start_s = bins->start_ms / 1000, end_s, got_s = 0, step_s = bins->step_ms / 4000;
    const char *as = consolidation(window);
    int64_t fine_s = bins->every_ms < 1000 ? 1 : (bins->every_ms + 999) / 1000;
    int error = fetch(window, as, start_s, step_s < 1 ? 1 : step_s, &end_s, &got_s);
    if (!error && got_s > fine_s && end_s * 1000 < window->until_ms)
        error = fetch(window, "AVERAGE", end_s, fine_s, &end_s, &got_s);
    return error;
}
