/* RRD files: made, recognised, set aside, renamed, removed, counted. */
#include "store/aside.h"
#include "store/proc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { RETRY_MS = 10000, NOTE_MS = 60000, FUTURE_S = 3600, FULL_BYTES = 4 << 20 };

void proc_file_path(const struct proc *proc, const char *path, struct buf *out)
{
    buf_init(out, 8192);
    if (!proc->remote)
        buf_printf(out, "%s/", proc->dir);
    buf_adds(out, path);
}

static int make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int error = mkdir(path, 0750) && errno != EEXIST ? -errno : 0;
        *slash = '/';
        if (error)
            return error;
    }
    return 0;
}

/* Splits "a,b" into list; `names` is the storage. */
size_t proc_shape(const struct proc_series *series, char *names, const char **list)
{
    size_t count = 0;
    memcpy(names, series->names, strlen(series->names) + 1);
    for (char *at = names; at && count < GW_FIELDS_MAX;) {
        list[count++] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
    }
    return count;
}

static void count_file(struct proc *proc, const char *path, int sign)
{
    struct stat status;
    if (proc->remote || stat(path, &status))
        return;
    uint64_t bytes = (uint64_t)status.st_blocks * 512;
    if (sign > 0) {
        proc->stats.files++;
        proc->stats.disk_bytes += bytes;
        return;
    }
    proc->stats.files -= proc->stats.files > 0;
    proc->stats.disk_bytes -= bytes < proc->stats.disk_bytes ? bytes : proc->stats.disk_bytes;
}

static void note_budget(struct proc *proc)
{
    bool over = proc->disk_max > 0 && proc->stats.disk_bytes >= (uint64_t)proc->disk_max;
    if (over && !proc->stats.over_budget)
        proc_note(
            proc, GW_ERROR, "store.disk.budget",
            "RRD files use %llu MiB, all that disk_max allows; silent series are removed, and "
            "until there is room new series have no file",
            (unsigned long long)(proc->stats.disk_bytes >> 20));
    if (!over && proc->stats.over_budget)
        proc_note(proc, GW_NOTICE, "store.disk.room", "There is room for new RRD files again");
    proc->stats.over_budget = over;
}

static void set_aside(struct proc *proc, struct proc_series *series, const char *full,
                      const char *why)
{
    char *to = NULL;
    count_file(proc, full, -1);
    int error = aside_move(proc->dir, series->path, proc->wall_ms, &to);
    if (error)
        proc_note(proc, GW_ERROR, "store.file.failing", "%s %s, and cannot be moved aside: %s",
                  series->path, why, strerror(-error));
    else
        proc_note(proc, GW_WARNING, "store.file.aside",
                  "%s %s; it was moved to %s and a new file is begun", series->path, why, to);
    free(to);
}

/* librrd tells no reasons: with next to no room left, that is the reason. */
static bool disk_is_full(const struct proc *proc)
{
    struct statvfs status;
    return statvfs(proc->dir, &status) == 0 &&
           (uint64_t)status.f_bavail * status.f_frsize < FULL_BYTES;
}

static int create(struct proc *proc, struct proc_series *series, char *full,
                  const struct rrd_shape *shape, int64_t first_s)
{
    note_budget(proc);
    if (proc->stats.over_budget)
        return -EDQUOT;
    int error = proc->remote ? 0 : make_parents(full);
    if (!error)
        error = proc->rrd->create(full, shape, first_s - shape->step_s, NULL);
    if (error)
        return !proc->remote && disk_is_full(proc) ? -ENOSPC : error;
    count_file(proc, full, 1);
    series->last_s = first_s - shape->step_s;
    return 0;
}

/* The plugin's interval or fields changed: a file of the new shape with the old one's history takes
 * its place. */
static int take_over(struct proc *proc, struct proc_series *series, const char *full,
                     const struct rrd_shape *shape, int64_t first_s, int64_t last_s)
{
    struct buf made;
    buf_init(&made, 8192);
    buf_printf(&made, "%s.new", full);
    int error = buf_error(&made);
    int64_t begin_s = first_s - shape->step_s > last_s ? first_s - shape->step_s : last_s;
    if (!error && unlink(made.data) && errno != ENOENT)
        error = -errno;
    if (!error)
        error = proc->rrd->create(made.data, shape, begin_s, full);
    if (!error) {
        count_file(proc, full, -1);
        if (rename(made.data, full))
            error = -errno;
        count_file(proc, full, 1);
    }
    if (!error)
        series->last_s = begin_s;
    buf_fini(&made);
    return error;
}

static int check_or_create(struct proc *proc, struct proc_series *series, char *full,
                           int64_t first_s, int64_t newest_s)
{
    char names[GW_FIELDS_MAX * 24];
    const char *list[GW_FIELDS_MAX];
    struct rrd_shape shape = {
        .step_s = (series->every_ms + 999) / 1000, .names = list, .archives = &proc->archives};
    shape.fields = proc_shape(series, names, list);
    int64_t last_s = PROC_NEVER;
    int error = proc->rrd->check(full, &shape, &last_s);
    if (error == -ERANGE && proc->remote)
        error = -EINVAL;
    if (error == -EILSEQ || error == -EINVAL || error == -EISDIR) {
        set_aside(proc, series, full,
                  error == -EINVAL ? "has other fields or another step" : "is damaged");
        error = -ENOENT;
    } else if ((!error || error == -ERANGE) && newest_s != PROC_NEVER &&
               last_s > newest_s + FUTURE_S) {
        set_aside(proc, series, full, "has rows from the future");
        error = -ENOENT;
    }
    if (error == -ERANGE && first_s != PROC_NEVER) {
        error = take_over(proc, series, full, &shape, first_s, last_s);
        if (error != -EIO)
            return error;
        set_aside(proc, series, full, "has another step or other fields, which librrd cannot turn");
        error = -ENOENT;
    }
    if (error == -ERANGE) /* nothing to write: it can be read as it is */
        error = 0;
    if (error == -ENOENT && first_s != PROC_NEVER)
        return create(proc, series, full, &shape, first_s);
    if (!error)
        series->last_s = last_s;
    return error;
}

int proc_file_ready(struct proc *proc, struct proc_series *series, int64_t first_s,
                    int64_t newest_s)
{
    if (series->file == FILE_READY)
        return 0;
    struct buf full;
    proc_file_path(proc, series->path, &full);
    int error = buf_error(&full);
    if (!error)
        error = check_or_create(proc, series, full.data, first_s, newest_s);
    if (!error && first_s != PROC_NEVER)
        series->file = FILE_READY;
    buf_fini(&full);
    return error;
}

void proc_file_failed(struct proc *proc, struct proc_series *series, int error)
{
    proc->stats.rrd_errors++;
    series->file = FILE_UNKNOWN; /* look again: it may be damaged, or gone */
    series->retry_ms = proc->wall_ms + RETRY_MS;
    if (error == -EDQUOT)
        return; /* said by note_budget */
    bool first = !proc->stats.files_failing;
    proc->stats.files_failing = 1;
    if (!first && proc->wall_ms - proc->note_ms < NOTE_MS)
        return;
    proc->note_ms = proc->wall_ms;
    if (error == -ENOSPC)
        proc_note(proc, GW_ERROR, "store.disk.full",
                  "The disk is full: %s cannot be made; rows wait in the journal and are filed "
                  "when there is room",
                  series->path);
    else
        proc_note(proc, GW_ERROR, "store.file.failing", "%s cannot be written: %s (%s)",
                  series->path, strerror(-error), proc->rrd->error());
}

static int rename_file(struct proc *proc, struct proc_series *series, const char *path)
{
    struct buf from, to;
    proc_file_path(proc, series->path, &from);
    proc_file_path(proc, path, &to);
    int error = buf_error(&from) ? buf_error(&from) : buf_error(&to);
    if (!error)
        error = make_parents(to.data);
    if (!error && access(to.data, F_OK) == 0) {
        char *moved = NULL;
        count_file(proc, to.data, -1);
        if (aside_move(proc->dir, path, proc->wall_ms, &moved) == 0)
            proc_note(proc, GW_WARNING, "store.file.aside",
                      "%s is taken by a renamed series; the old file was moved to %s", path, moved);
        free(moved);
    }
    if (!error && rename(from.data, to.data) && errno != ENOENT)
        error = -errno;
    buf_fini(&from);
    buf_fini(&to);
    return error;
}

/* All rows are filed first, so that the journal needs the old name for nothing. */
void proc_file_rename(struct proc *proc, struct proc_series *series, const char *path)
{
    char *from = strdup(series->path), *names = strdup(series->names);
    if (series->ring)
        proc_flush(proc, series);
    int error = from && names ? 0 : -ENOMEM;
    if (!error && !proc->remote && strcmp(from, path) != 0)
        error = rename_file(proc, series, path);
    if (error)
        proc_note(proc, GW_ERROR, "store.file.failing", "%s cannot be renamed to %s: %s",
                  series->path, path, strerror(-error));
    if (from && names && proc_series_set(series, path, names) == 0)
        proc_describe_rename(proc, series, from);
    free(from);
    free(names);
}

/* Directories that became empty go as well. */
static void remove_parents(const struct proc *proc, char *full)
{
    size_t top = strlen(proc->dir) + sizeof("/rrd/") - 1;
    for (char *slash = strrchr(full, '/'); slash && (size_t)(slash - full) > top;
         slash = strrchr(full, '/')) {
        *slash = '\0';
        if (rmdir(full))
            return;
    }
}

void proc_file_remove(struct proc *proc, const char *path)
{
    struct buf full;
    proc_file_path(proc, path, &full);
    if (!proc->remote && !buf_error(&full)) {
        count_file(proc, full.data, -1);
        if (unlink(full.data) == 0)
            remove_parents(proc, full.data);
    }
    buf_fini(&full);
    note_budget(proc);
}

static void count_below(struct proc *proc, struct buf *path);

static void count_entry(struct proc *proc, struct buf *path, const struct dirent *entry)
{
    size_t length = path->len;
    if (entry->d_name[0] == '.')
        return;
    buf_printf(path, "/%s", entry->d_name);
    if (!buf_error(path)) {
        if (entry->d_type == DT_DIR)
            count_below(proc, path);
        else
            count_file(proc, path->data, 1);
    }
    path->len = length;
    path->data[length] = '\0';
}

static void count_below(struct proc *proc, struct buf *path)
{
    DIR *dir = opendir(path->data);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        count_entry(proc, path, entry);
    if (dir)
        closedir(dir);
}

void proc_count_files(struct proc *proc)
{
    if (proc->remote)
        return;
    struct buf path;
    buf_init(&path, 16384);
    buf_printf(&path, "%s/rrd", proc->dir);
    if (!buf_error(&path))
        count_below(proc, &path);
    buf_fini(&path);
    note_budget(proc);
}
