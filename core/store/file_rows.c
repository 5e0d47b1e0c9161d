/* The layout is librrd's own (rrd_format.h): stat_head, ds_def[], rra_def[], live_head, pdp_prep[],
 * cdp_prep[], rra_ptr[], values. Only its structures are used here, none of its functions. */
#include "store/file_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define RRD_EXPORT_DEPRECATED /* asks rrd.h for the structures of the file */
#include <rrd.h>

enum { FIRST_READ = 4096 };

/* RWF_NOWAIT: what is not in memory is an error, not a wait. */
static ssize_t read_now(int fd, void *out, size_t bytes, off_t at)
{
    struct iovec part = {out, bytes};
    return preadv2(fd, &part, 1, at, RWF_NOWAIT);
}

static bool read_whole(int fd, void *out, size_t bytes, off_t at)
{
    return bytes == 0 || read_now(fd, out, bytes, at) == (ssize_t)bytes;
}

/* ---- The head -------------------------------------------------------------------------------- */

static const stat_head_t *stat_of(const struct file_rows *file)
{
    return (const stat_head_t *)(const void *)file->head;
}

static const live_head_t *live_of(const struct file_rows *file)
{
    return (const live_head_t *)(const void *)(file->head + file->live_at);
}

static const rra_def_t *archives_of(const struct file_rows *file)
{
    return (const rra_def_t *)(const void *)(file->head + file->live_at) - file->archives;
}

static const rra_ptr_t *cursors_of(const struct file_rows *file)
{
    return (const rra_ptr_t *)(const void *)(file->head + file->head_bytes) - file->archives;
}

static bool take_sizes(struct file_rows *file, size_t fields)
{
    const stat_head_t *stat = stat_of(file);
    if (memcmp(stat->cookie, RRD_COOKIE, sizeof(RRD_COOKIE)) != 0 ||
        memcmp(stat->version, "0003", 5) < 0 || memcmp(stat->version, "0005", 5) > 0 ||
        stat->float_cookie != FLOAT_COOKIE || stat->ds_cnt != fields || stat->rra_cnt < 1 ||
        stat->rra_cnt > 64 || stat->pdp_step < 1 || stat->pdp_step > 86400)
        return false;
    file->fields = fields;
    file->archives = stat->rra_cnt;
    file->live_at = sizeof(*stat) + fields * sizeof(ds_def_t) + file->archives * sizeof(rra_def_t);
    file->head_bytes = file->live_at + sizeof(live_head_t) + fields * sizeof(pdp_prep_t) +
                       fields * file->archives * sizeof(cdp_prep_t) +
                       file->archives * sizeof(rra_ptr_t);
    return file->head_bytes <= sizeof(file->head);
}

static bool archives_are_sound(const struct file_rows *file)
{
    const rra_def_t *defs = archives_of(file);
    const rra_ptr_t *cursors = cursors_of(file);
    for (size_t i = 0; i < file->archives; i++) {
        if (defs[i].row_cnt < 1 || defs[i].row_cnt > 1u << 30 || defs[i].pdp_cnt < 1 ||
            defs[i].pdp_cnt > 1u << 30 || cursors[i].cur_row >= defs[i].row_cnt)
            return false;
    }
    return live_of(file)->last_up > 0;
}

static bool read_head(struct file_rows *file, size_t fields)
{
    ssize_t got = read_now(file->fd, file->head, FIRST_READ, 0);
    if (got < (ssize_t)sizeof(stat_head_t) || !take_sizes(file, fields))
        return false;
    size_t have = (size_t)got;
    if (have < file->head_bytes &&
        !read_whole(file->fd, file->head + have, file->head_bytes - have, (off_t)have))
        return false;
    return archives_are_sound(file);
}

int file_rows_open(struct file_rows *file, const char *path, size_t fields)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_CACHED};
    file->fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
    if (file->fd < 0)
        return -EAGAIN;
    if (read_head(file, fields))
        return 0;
    file_rows_close(file);
    return -EAGAIN;
}

void file_rows_close(struct file_rows *file)
{
    close(file->fd);
    file->fd = -1;
}

int64_t file_rows_last_s(const struct file_rows *file)
{
    return (int64_t)live_of(file)->last_up;
}

bool file_rows_unchanged(const struct file_rows *file)
{
    char now[FILE_ROWS_HEAD_MAX];
    size_t bytes = file->head_bytes - file->live_at;
    return read_whole(file->fd, now, bytes, (off_t)file->live_at) &&
           memcmp(now, file->head + file->live_at, bytes) == 0;
}

/* ---- Choosing an archive --------------------------------------------------------------------- */

struct choice {
    int64_t step_s, last_s; /* of its newest row */
    size_t index;
    int64_t covers_s, off_s; /* of the window; of the step asked for */
    bool whole, any;
};

/* As librrd: of those that reach back to the start the one whose step is nearest, else the one that
 * covers most. */
static bool is_better(const struct choice *a, const struct choice *than)
{
    if (!than->any || a->whole != than->whole)
        return !than->any || a->whole;
    if (!a->whole && a->covers_s != than->covers_s)
        return a->covers_s > than->covers_s;
    return a->off_s < than->off_s;
}

/* A row of one interval is its own average, least, greatest and last. */
static bool answers(const rra_def_t *def, const char *as)
{
    static const char *const alike[] = {"AVERAGE", "MIN", "MAX", "LAST"};
    bool is_alike = false, asks_alike = false;
    for (size_t i = 0; i < sizeof(alike) / sizeof(*alike); i++) {
        is_alike |= strncmp(def->cf_nam, alike[i], sizeof(def->cf_nam)) == 0;
        asks_alike |= strcmp(as, alike[i]) == 0;
    }
    return strncmp(def->cf_nam, as, sizeof(def->cf_nam)) == 0 ||
           (def->pdp_cnt == 1 && is_alike && asks_alike);
}

static struct choice choose(const struct file_rows *file, const char *as, int64_t start_s,
                            int64_t end_s, int64_t step_s)
{
    struct choice best = {0};
    const rra_def_t *defs = archives_of(file);
    for (size_t i = 0; i < file->archives; i++) {
        if (!answers(&defs[i], as))
            continue;
        int64_t step = (int64_t)(defs[i].pdp_cnt * stat_of(file)->pdp_step);
        int64_t last = file_rows_last_s(file) - file_rows_last_s(file) % step;
        int64_t first = last - step * (int64_t)defs[i].row_cnt;
        struct choice one = {.step_s = step,
                             .last_s = last,
                             .index = i,
                             .whole = first <= start_s,
                             .covers_s = end_s - (first > start_s ? first : start_s),
                             .off_s = step > step_s ? step - step_s : step_s - step,
                             .any = true};
        if (is_better(&one, &best))
            best = one;
    }
    return best;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static off_t values_at(const struct file_rows *file, size_t index)
{
    const rra_def_t *defs = archives_of(file);
    uint64_t rows = 0;
    for (size_t i = 0; i < index; i++)
        rows += defs[i].row_cnt;
    return (off_t)(file->head_bytes + rows * file->fields * sizeof(double));
}

/* `count` rows that end `back` rows before the newest; they go round the archive's end once. */
static bool read_rows(const struct file_rows *file, size_t index, int64_t back, size_t count,
                      double *out)
{
    size_t rows = archives_of(file)[index].row_cnt, row_bytes = file->fields * sizeof(double);
    size_t newest = cursors_of(file)[index].cur_row;
    size_t first = (newest + 2 * rows - (size_t)back - count + 1) % rows;
    size_t straight = rows - first < count ? rows - first : count;
    off_t at = values_at(file, index);
    return read_whole(file->fd, out, straight * row_bytes, at + (off_t)(first * row_bytes)) &&
           read_whole(file->fd, out + straight * file->fields, (count - straight) * row_bytes, at);
}

static void fill_unknown(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
}

int file_rows_fetch(const struct file_rows *file, const char *as, int64_t start_s, int64_t end_s,
                    int64_t step_s, struct rrd_rows *out)
{
    *out = (struct rrd_rows){0};
    struct choice use = choose(file, as, start_s, end_s, step_s);
    if (!use.any || start_s < 0 || end_s < start_s)
        return -EAGAIN;
    start_s -= start_s % use.step_s;
    end_s += use.step_s - end_s % use.step_s;
    size_t count = (size_t)((end_s - start_s) / use.step_s);
    if (count > FILE_ROWS_CELLS_MAX / file->fields)
        return -EAGAIN;
    double *values = malloc(count * file->fields * sizeof(*values));
    if (!values)
        return -EAGAIN;
    /* Row k ends at start + (k + 1) * step; there are rows from `lead` on, up to `until`. */
    int64_t oldest = use.last_s - use.step_s * ((int64_t)archives_of(file)[use.index].row_cnt - 1);
    int64_t lead = (oldest - start_s) / use.step_s - 1, until = (use.last_s - start_s) / use.step_s;
    lead = oldest <= start_s ? 0 : lead > (int64_t)count ? (int64_t)count : lead;
    until = use.last_s < start_s ? 0 : until > (int64_t)count ? (int64_t)count : until;
    until = until < lead ? lead : until;
    int64_t back = (use.last_s - start_s) / use.step_s - until;
    fill_unknown(values, (size_t)lead * file->fields);
    fill_unknown(values + (size_t)until * file->fields, (count - (size_t)until) * file->fields);
    if (until > lead && !read_rows(file, use.index, back, (size_t)(until - lead),
                                   values + (size_t)lead * file->fields)) {
        free(values);
        return -EAGAIN;
    }
    *out = (struct rrd_rows){start_s, use.step_s, count, file->fields, values};
    return 0;
}
