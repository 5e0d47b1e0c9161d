/* Moves by rename, so it costs nothing and works on a full disk. */
#include "store/aside.h"

#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void add_flat(struct buf *out, const char *name)
{
    size_t len = strlen(name);
    if (len > 180) /* leaves room for the time in a file name of 255 */
        name += len - 180;
    for (; *name; name++)
        buf_addc(out, *name == '/' ? '_' : *name);
}

static int make_name(struct buf *to, const char *dir, const char *name, int64_t now_ms, int n)
{
    char stamp[32];
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm;
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    buf_clear(to);
    buf_printf(to, "%s/aside/", dir);
    add_flat(to, name);
    buf_printf(to, ".%s", stamp);
    if (n)
        buf_printf(to, ".%d", n);
    return buf_error(to);
}

int aside_move(const char *dir, const char *name, int64_t now_ms, char **to)
{
    struct buf from, target;
    buf_init(&from, 8192);
    buf_init(&target, 8192);
    buf_printf(&target, "%s/aside", dir);
    int error = buf_error(&target);
    if (!error && mkdir(target.data, 0750) && errno != EEXIST)
        error = -errno;
    for (int n = 0; !error && n < 1000; n++) {
        error = make_name(&target, dir, name, now_ms, n);
        if (!error && access(target.data, F_OK))
            break;
    }
    buf_printf(&from, "%s/%s", dir, name);
    if (!error)
        error = buf_error(&from);
    if (!error && rename(from.data, target.data))
        error = -errno;
    if (!error && to)
        *to = strdup(target.data + strlen(dir) + 1);
    buf_fini(&from);
    buf_fini(&target);
    return error;
}
