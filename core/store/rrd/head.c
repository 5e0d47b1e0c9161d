/* The layout is librrd's own (rrd_format.h): stat_head, ds_def[], rra_def[], live_head, pdp_prep[],
 * cdp_prep[], rra_ptr[], values. librrd maps a file by what its head says and dies of a bus error
 * when it is shorter, so the length is checked here first. */
#include "store/rrd/head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RRD_EXPORT_DEPRECATED /* asks rrd.h for the structures of the file */
#include <rrd.h>

enum { FIELDS_MAX = 1024, ARCHIVES_OF_FILE_MAX = 1024 };

static bool stat_head_ok(const stat_head_t *head)
{
    static const char *const versions[] = {"0001", "0002", "0003", "0004", "0005"};
    bool known = false;
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
        known |= memcmp(head->version, versions[i], 5) == 0;
    return known && memcmp(head->cookie, RRD_COOKIE, sizeof(RRD_COOKIE)) == 0 &&
           head->float_cookie == FLOAT_COOKIE && head->ds_cnt >= 1 && head->ds_cnt <= FIELDS_MAX &&
           head->rra_cnt >= 1 && head->rra_cnt <= ARCHIVES_OF_FILE_MAX && head->pdp_step >= 1;
}

static bool read_at(int fd, void *out, size_t bytes, off_t at)
{
    return pread(fd, out, bytes, at) == (ssize_t)bytes;
}

static bool has_field(const struct rrd_shape *shape, const ds_def_t *field)
{
    bool found = false;
    for (size_t i = 0; i < shape->fields; i++)
        found |= strncmp(field->ds_nam, shape->names[i], sizeof(field->ds_nam)) == 0;
    return found && strncmp(field->dst, "GAUGE", sizeof(field->dst)) == 0;
}

static int check_fields(int fd, const stat_head_t *head, const struct rrd_shape *shape)
{
    bool same = head->ds_cnt == shape->fields && (int64_t)head->pdp_step == shape->step_s;
    bool any = false;
    off_t at = (off_t)sizeof(*head);
    for (size_t i = 0; i < head->ds_cnt; i++, at += (off_t)sizeof(ds_def_t)) {
        ds_def_t field;
        if (!read_at(fd, &field, sizeof(field), at))
            return -EILSEQ;
        bool known = has_field(shape, &field);
        any |= known;
        same = same && known && strncmp(field.ds_nam, shape->names[i], sizeof(field.ds_nam)) == 0;
    }
    return same ? 0 : any ? -ERANGE : -EINVAL;
}

static int check_length(int fd, const stat_head_t *head, off_t *live_at)
{
    off_t at = (off_t)(sizeof(*head) + head->ds_cnt * sizeof(ds_def_t));
    uint64_t rows = 0;
    for (unsigned long i = 0; i < head->rra_cnt; i++, at += (off_t)sizeof(rra_def_t)) {
        rra_def_t archive;
        if (!read_at(fd, &archive, sizeof(archive), at) || archive.row_cnt > (1u << 30))
            return -EILSEQ;
        rows += archive.row_cnt;
    }
    *live_at = at;
    uint64_t whole = (uint64_t)at + sizeof(live_head_t) + head->ds_cnt * sizeof(pdp_prep_t) +
                     head->rra_cnt * head->ds_cnt * sizeof(cdp_prep_t) +
                     head->rra_cnt * sizeof(rra_ptr_t) + rows * head->ds_cnt * sizeof(rrd_value_t);
    struct stat status;
    return fstat(fd, &status) || (uint64_t)status.st_size < whole ? -EILSEQ : 0;
}

static int check_open(int fd, const struct rrd_shape *shape, int64_t *last_s)
{
    stat_head_t head;
    live_head_t live;
    off_t live_at = 0;
    if (!read_at(fd, &head, sizeof(head), 0) || !stat_head_ok(&head))
        return -EILSEQ;
    int error = check_length(fd, &head, &live_at);
    if (!error)
        error = check_fields(fd, &head, shape);
    if ((!error || error == -ERANGE) && !read_at(fd, &live, sizeof(live), live_at))
        error = -EILSEQ;
    if (!error || error == -ERANGE)
        *last_s = (int64_t)live.last_up;
    return error;
}

int head_check(const char *path, const struct rrd_shape *shape, int64_t *last_s)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = check_open(fd, shape, last_s);
    close(fd);
    return error;
}
