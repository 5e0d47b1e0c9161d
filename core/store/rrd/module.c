/* librrd behind the table of module.h. */
#include "store/rrd/module.h"

#include "store/rrd/append.h"
#include "store/rrd/head.h"

#include <errno.h>
#include <rrd.h>
#include <rrd_client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 64, HEARTBEAT_STEPS = 5, DAEMON_LINE_MAX = 3800 };

extern const struct rrd_module gnswatch_rrd_module;

/* The rrdcached that writes, if one does; librrd keeps its connection in a global as well. */
static char daemon_address[512];

static bool by_daemon(void)
{
    return daemon_address[0] != '\0';
}

/* Connects again after a loss: without this, librrd would quietly write the files itself. */
static int reach_daemon(void)
{
    return rrdc_is_connected(daemon_address) || rrdc_connect(daemon_address) == 0 ? 0 : -ENOTCONN;
}

/* librrd answers with sentences; errno tells the one case that matters. */
static int failure(void)
{
    return errno == ENOSPC || errno == EDQUOT ? -ENOSPC : errno == EACCES ? -EACCES : -EIO;
}

static const char *last_error(void)
{
    const char *text = rrd_get_error();
    return text && *text ? text : strerror(errno);
}

static int add_archive(char texts[][TEXT_MAX], int at, const struct archive *archive,
                       int64_t step_s, bool finest)
{
    static const char *const all[] = {"AVERAGE", "MIN", "MAX"};
    int64_t steps = archive->step_s > step_s ? archive->step_s / step_s : 1;
    /* A tenth more than asked, so that "the last day" is wholly inside a day's archive. */
    int64_t span_s = steps * step_s;
    int64_t rows = span_s > 0 ? archive->keep_s / span_s * 11 / 10 + 2 : 2;
    for (int i = 0; i < (finest ? 1 : 3); i++)
        snprintf(texts[at++], TEXT_MAX, "RRA:%s:0.99:%lld:%lld", all[i], (long long)steps,
                 (long long)rows);
    return at;
}

/* Archives no coarser than the step become one, the longest. */
static int add_archives(char texts[][TEXT_MAX], int at, const struct rrd_shape *shape)
{
    struct archive finest = {.keep_s = 10 * shape->step_s};
    size_t i = 0;
    for (; i < shape->archives->count && shape->archives->list[i].step_s <= shape->step_s; i++) {
        if (shape->archives->list[i].keep_s > finest.keep_s)
            finest.keep_s = shape->archives->list[i].keep_s;
    }
    at = add_archive(texts, at, &finest, shape->step_s, true);
    for (; i < shape->archives->count; i++)
        at = add_archive(texts, at, &shape->archives->list[i], shape->step_s, false);
    return at;
}

static int create(const char *path, const struct rrd_shape *shape, int64_t last_s,
                  const char *source)
{
    const char *sources[] = {source, NULL};
    char texts[32 + 3 * ARCHIVES_MAX + 1][TEXT_MAX];
    const char *argv[32 + 3 * ARCHIVES_MAX + 1];
    int count = 0;
    for (; count < (int)shape->fields; count++)
        snprintf(texts[count], TEXT_MAX, "DS:%s:GAUGE:%lld:U:U", shape->names[count],
                 (long long)(HEARTBEAT_STEPS * shape->step_s));
    count = add_archives(texts, count, shape);
    for (int i = 0; i < count; i++)
        argv[i] = texts[i];
    rrd_clear_error();
    errno = 0;
    int bad = rrdc_is_any_connected()
                  ? rrdc_create_r2(path, (unsigned long)shape->step_s, (time_t)last_s, 1, NULL,
                                   NULL, count, argv)
                  : rrd_create_r2(path, (unsigned long)shape->step_s, (time_t)last_s, 1,
                                  source ? sources : NULL, NULL, count, argv);
    return bad ? failure() : 0;
}

static int append(const char *path, size_t fields, size_t count, const int64_t *seconds,
                  const double *values)
{
    rrd_clear_error();
    errno = 0;
    return by_daemon() ? -EAGAIN : append_rows(path, fields, count, seconds, values);
}

/* The client of rrdcached makes a command in 4,096 bytes, so long batches go in several. */
static int update_by_daemon(const char *path, int count, const char **rows)
{
    size_t room = DAEMON_LINE_MAX - strlen(path);
    for (int first = 0; first < count;) {
        size_t used = 0;
        int end = first;
        while (end < count && (end == first || used + strlen(rows[end]) + 1 < room))
            used += strlen(rows[end++]) + 1;
        if (rrdc_update(path, end - first, rows + first))
            return failure();
        first = end;
    }
    return 0;
}

static int update(const char *path, int count, const char **rows)
{
    rrd_clear_error();
    errno = 0;
    if (by_daemon())
        return reach_daemon() ? -ENOTCONN : update_by_daemon(path, count, rows);
    return rrd_updatex_r(path, NULL, RRD_SKIP_PAST_UPDATES, count, rows) ? failure() : 0;
}

/* A daemon on this machine has its files here, so they are looked at as well. */
static int check(const char *path, const struct rrd_shape *shape, int64_t *last_s)
{
    int error = !by_daemon() || path[0] == '/' ? head_check(path, shape, last_s) : 0;
    if (error || !by_daemon())
        return error;
    rrd_clear_error();
    if (reach_daemon())
        return -ENOTCONN;
    time_t last = rrdc_last(path);
    *last_s = (int64_t)last;
    return last <= 0 ? -ENOENT : 0;
}

static int fetch(const char *path, const char *consolidation, int64_t start_s, int64_t end_s,
                 int64_t step_s, struct rrd_rows *out)
{
    time_t start = (time_t)start_s, end = (time_t)end_s;
    unsigned long step = (unsigned long)step_s, fields = 0;
    char **names = NULL;
    *out = (struct rrd_rows){0};
    rrd_clear_error();
    errno = 0;
    int bad =
        rrdc_is_any_connected()
            ? rrdc_fetch(path, consolidation, &start, &end, &step, &fields, &names, &out->values)
            : rrd_fetch_r(path, consolidation, &start, &end, &step, &fields, &names, &out->values);
    if (bad)
        return failure();
    for (unsigned long i = 0; i < fields; i++)
        rrd_freemem(names[i]);
    rrd_freemem(names);
    out->start_s = (int64_t)start;
    out->step_s = (int64_t)step;
    out->fields = fields;
    out->count = step && end > start ? (size_t)(end - start) / step : 0;
    return 0;
}

static void free_rows(struct rrd_rows *rows)
{
    rrd_freemem(rows->values);
    *rows = (struct rrd_rows){0};
}

static int connect_daemon(const char *address)
{
    rrd_clear_error();
    if (strlen(address) >= sizeof(daemon_address))
        return -ENAMETOOLONG;
    snprintf(daemon_address, sizeof(daemon_address), "%s", address);
    return reach_daemon();
}

__attribute__((visibility("default"))) const struct rrd_module gnswatch_rrd_module = {
    .version = RRD_MODULE_VERSION,
    .connect = connect_daemon,
    .check = check,
    .create = create,
    .append = append,
    .update = update,
    .fetch = fetch,
    .free_rows = free_rows,
    .error = last_error,
};
