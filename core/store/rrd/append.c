/* The file's dynamic head (live_head, pdp_prep, cdp_prep, rra_ptr: rrd_format.h) is read, brought
 * forward row by row in memory and written back after the values: a crash in between leaves the old
 * head, and the same rows are written again. */
#include "store/rrd/append.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RRD_EXPORT_DEPRECATED /* asks rrd.h for the structures of the file */
#include <rrd.h>

enum { HEAD_MAX = 256 << 10, PDPS_MAX = 1 << 16 };

enum kind { AVERAGE = 1, MINIMUM, MAXIMUM };

struct archive_state {
    const rra_def_t *def;
    cdp_prep_t *prep;  /* one a field */
    rra_ptr_t *cursor; /* the row written last */
    enum kind kind;
    off_t at;     /* of its values in the file */
    double *rows; /* new rows, in `struct append`'s memory */
    size_t count;
};

struct append {
    int fd;
    char *head; /* owned */
    size_t live_at, head_bytes, fields, archives;
    live_head_t *live;
    pdp_prep_t *pdp;
    struct archive_state *states; /* owned */
    double *rows;                 /* owned */
};

/* ---- The head -------------------------------------------------------------------------------- */

static int read_head(struct append *a)
{
    stat_head_t stat;
    if (pread(a->fd, &stat, sizeof(stat), 0) != (ssize_t)sizeof(stat))
        return -EIO;
    if (memcmp(stat.cookie, RRD_COOKIE, sizeof(RRD_COOKIE)) != 0 ||
        stat.float_cookie != FLOAT_COOKIE || stat.pdp_step != 1 || stat.ds_cnt != a->fields ||
        stat.rra_cnt < 1 || stat.rra_cnt > 64)
        return -EAGAIN;
    a->archives = stat.rra_cnt;
    a->live_at = sizeof(stat) + a->fields * sizeof(ds_def_t) + a->archives * sizeof(rra_def_t);
    a->head_bytes = a->live_at + sizeof(live_head_t) + a->fields * sizeof(pdp_prep_t) +
                    a->fields * a->archives * sizeof(cdp_prep_t) + a->archives * sizeof(rra_ptr_t);
    if (a->head_bytes > HEAD_MAX)
        return -EAGAIN;
    a->head = malloc(a->head_bytes);
    if (!a->head)
        return -ENOMEM;
    return pread(a->fd, a->head, a->head_bytes, 0) == (ssize_t)a->head_bytes ? 0 : -EIO;
}

static bool fields_are_simple(const struct append *a, unsigned long *heartbeat)
{
    const ds_def_t *field = (const ds_def_t *)(const void *)(a->head + sizeof(stat_head_t));
    *heartbeat = field->par[DS_mrhb_cnt].u_cnt;
    for (size_t f = 0; f < a->fields; f++, field++) {
        if (strcmp(field->dst, "GAUGE") != 0 || field->par[DS_mrhb_cnt].u_cnt != *heartbeat ||
            !isnan(field->par[DS_min_val].u_val) || !isnan(field->par[DS_max_val].u_val))
            return false;
    }
    return true;
}

static enum kind kind_of(const rra_def_t *def)
{
    return strcmp(def->cf_nam, "AVERAGE") == 0 ? AVERAGE
           : strcmp(def->cf_nam, "MIN") == 0   ? MINIMUM
           : strcmp(def->cf_nam, "MAX") == 0   ? MAXIMUM
                                               : 0;
}

/* Finds the parts of the head; false: something in it is not simple, or the file is too short. */
static bool find_parts(struct append *a)
{
    char *at = a->head + a->live_at;
    a->live = (live_head_t *)(void *)at;
    at += sizeof(live_head_t);
    a->pdp = (pdp_prep_t *)(void *)at;
    at += a->fields * sizeof(pdp_prep_t);
    cdp_prep_t *preps = (cdp_prep_t *)(void *)at;
    rra_ptr_t *cursors = (rra_ptr_t *)(void *)(at + a->fields * a->archives * sizeof(cdp_prep_t));
    const rra_def_t *defs =
        (const rra_def_t *)(const void *)(a->head + a->live_at - a->archives * sizeof(rra_def_t));
    off_t values = (off_t)a->head_bytes;
    for (size_t i = 0; i < a->archives; i++) {
        struct archive_state *s = &a->states[i];
        *s = (struct archive_state){
            .def = &defs[i], .prep = preps + i * a->fields, .cursor = &cursors[i], .at = values};
        s->kind = kind_of(s->def);
        if (!s->kind || s->def->pdp_cnt < 1 || s->cursor->cur_row >= s->def->row_cnt)
            return false;
        values += (off_t)(s->def->row_cnt * a->fields * sizeof(double));
    }
    struct stat status;
    return a->live->last_up_usec == 0 && fstat(a->fd, &status) == 0 && status.st_size >= values;
}

/* ---- The arithmetic -------------------------------------------------------------------------- */

static double empty_value(enum kind kind)
{
    return kind == AVERAGE ? 0 : kind == MINIMUM ? INFINITY : -INFINITY;
}

static void accumulate(enum kind kind, cdp_prep_t *prep, double value)
{
    double *sum = &prep->scratch[CDP_val].u_val;
    if (isnan(value))
        prep->scratch[CDP_unkn_pdp_cnt].u_cnt++;
    else if (kind == AVERAGE && !isnan(*sum))
        *sum += value;
    else if (isnan(*sum) || (kind == MINIMUM ? value < *sum : value > *sum))
        *sum = value;
}

/* The consolidated point that is complete now; the next one begins empty. */
static double complete(const struct archive_state *s, cdp_prep_t *prep)
{
    unsigned long steps = s->def->pdp_cnt, unknown = prep->scratch[CDP_unkn_pdp_cnt].u_cnt;
    double value = prep->scratch[CDP_val].u_val;
    if ((double)unknown > (double)steps * s->def->par[RRA_cdp_xff_val].u_val || unknown >= steps)
        value = NAN;
    else if (s->kind == AVERAGE)
        value /= (double)(steps - unknown);
    prep->scratch[CDP_primary_val].u_val = value;
    prep->scratch[CDP_val].u_val = empty_value(s->kind);
    prep->scratch[CDP_unkn_pdp_cnt].u_cnt = 0;
    return value;
}

/* One step of one second that ends at `second`. */
static void add_step(const struct append *a, struct archive_state *s, int64_t second,
                     const double *values)
{
    double *row = s->rows + s->count * a->fields;
    if (s->def->pdp_cnt == 1) {
        memcpy(row, values, a->fields * sizeof(*row));
        s->count++;
        return;
    }
    for (size_t f = 0; f < a->fields; f++)
        accumulate(s->kind, &s->prep[f], values[f]);
    if (second % (int64_t)s->def->pdp_cnt != 0)
        return;
    for (size_t f = 0; f < a->fields; f++)
        row[f] = complete(s, &s->prep[f]);
    s->count++;
}

static void add_row(struct append *a, int64_t second, const double *values)
{
    for (int64_t at = (int64_t)a->live->last_up + 1; at <= second; at++) {
        for (size_t i = 0; i < a->archives; i++)
            add_step(a, &a->states[i], at, values);
    }
    a->live->last_up = (time_t)second;
}

static void note_last(struct append *a, const double *values)
{
    for (size_t f = 0; f < a->fields; f++) {
        pdp_prep_t *pdp = &a->pdp[f];
        if (isnan(values[f]))
            snprintf(pdp->last_ds, sizeof(pdp->last_ds), "U");
        else
            snprintf(pdp->last_ds, sizeof(pdp->last_ds), "%.15g", values[f]);
        pdp->scratch[PDP_unkn_sec_cnt].u_cnt = 0;
        pdp->scratch[PDP_val].u_val = 0;
    }
}

/* ---- Writing --------------------------------------------------------------------------------- */

static bool write_at(const struct append *a, const void *bytes, size_t count, off_t at)
{
    return pwrite(a->fd, bytes, count, at) == (ssize_t)count;
}

/* The new rows follow the cursor, and go round once at most. */
static bool write_archive(const struct append *a, struct archive_state *s)
{
    size_t row_bytes = a->fields * sizeof(double);
    size_t first = (s->cursor->cur_row + 1) % s->def->row_cnt;
    size_t straight = s->def->row_cnt - first < s->count ? s->def->row_cnt - first : s->count;
    if (s->count == 0)
        return true;
    s->cursor->cur_row = (s->cursor->cur_row + s->count) % s->def->row_cnt;
    return write_at(a, s->rows, straight * row_bytes, s->at + (off_t)(first * row_bytes)) &&
           write_at(a, s->rows + straight * a->fields, (s->count - straight) * row_bytes, s->at);
}

static int write_all(struct append *a)
{
    for (size_t i = 0; i < a->archives; i++) {
        if (!write_archive(a, &a->states[i]))
            return errno ? -errno : -EIO;
    }
    if (!write_at(a, a->head + a->live_at, a->head_bytes - a->live_at, (off_t)a->live_at))
        return errno ? -errno : -EIO;
    return 0;
}

/* Every gap within the heartbeat, and no archive written round more than once. */
static bool rows_are_simple(const struct append *a, size_t count, const int64_t *seconds,
                            unsigned long heartbeat)
{
    int64_t last = (int64_t)a->live->last_up;
    uint64_t steps = (uint64_t)(seconds[count - 1] - last);
    for (size_t i = 0; i < count; i++) {
        if (seconds[i] <= last || seconds[i] - last > (int64_t)heartbeat)
            return false;
        last = seconds[i];
    }
    for (size_t i = 0; i < a->archives; i++) {
        if (steps / a->states[i].def->pdp_cnt + 1 > a->states[i].def->row_cnt)
            return false;
    }
    return steps <= PDPS_MAX;
}

static int make_room(struct append *a, uint64_t steps)
{
    size_t rows = 0;
    for (size_t i = 0; i < a->archives; i++)
        rows += steps / a->states[i].def->pdp_cnt + 1;
    if (!rows || !a->fields)
        return -EINVAL;
    a->rows = malloc(rows * a->fields * sizeof(double));
    if (!a->rows)
        return -ENOMEM;
    double *at = a->rows;
    for (size_t i = 0; i < a->archives; i++) {
        a->states[i].rows = at;
        at += (steps / a->states[i].def->pdp_cnt + 1) * a->fields;
    }
    return 0;
}

static int append(struct append *a, size_t count, const int64_t *seconds, const double *values)
{
    unsigned long heartbeat = 0;
    int error = read_head(a);
    if (error)
        return error;
    a->states = calloc(a->archives, sizeof(*a->states));
    if (!a->states)
        return -ENOMEM;
    if (!fields_are_simple(a, &heartbeat) || !find_parts(a) ||
        !rows_are_simple(a, count, seconds, heartbeat))
        return -EAGAIN;
    error = make_room(a, (uint64_t)(seconds[count - 1] - (int64_t)a->live->last_up));
    if (error)
        return error;
    for (size_t i = 0; i < count; i++)
        add_row(a, seconds[i], values + i * a->fields);
    note_last(a, values + (count - 1) * a->fields);
    return write_all(a);
}

int append_rows(const char *path, size_t fields, size_t count, const int64_t *seconds,
                const double *values)
{
    if (count == 0)
        return 0;
    struct append a = {.fields = fields, .fd = open(path, O_RDWR | O_CLOEXEC)};
    if (a.fd < 0)
        return -errno;
    int error = append(&a, count, seconds, values);
    close(a.fd);
    free(a.head);
    free(a.states);
    free(a.rows);
    return error;
}
