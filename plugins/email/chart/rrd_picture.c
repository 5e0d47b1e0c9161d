/* librrd draws what is in an RRD file, so the points go into one first: in memory when there is a
 * file system for that, gone when the picture is made. */
#include "rrd_picture.h"

#include <math.h>
#include <rrd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 128, TEXT_BYTES = 256, ARGS_MAX = 48 };

static int say(char *why, size_t why_bytes)
{
    snprintf(why, why_bytes, "librrd: %s", rrd_test_error() ? rrd_get_error() : "no reason given");
    rrd_clear_error();
    return -1;
}

/* The most common distance is what the smallest is, for they are regular. */
static time_t step_of(const struct picture *p)
{
    time_t step = p->times_s[1] - p->times_s[0];
    for (size_t i = 1; i < p->count; i++)
        if (p->times_s[i] - p->times_s[i - 1] < step)
            step = p->times_s[i] - p->times_s[i - 1];
    return step < 1 ? 1 : step;
}

/* A time on the file's own grid, so that a value goes in as it is. */
static time_t on_grid(time_t time, time_t step)
{
    return time - time % step;
}

static int create(const char *file, const struct picture *p, time_t step)
{
    char source[64], archive[64];
    snprintf(source, sizeof source, "DS:v:GAUGE:%lld:U:U", (long long)step * 2);
    snprintf(archive, sizeof archive, "RRA:AVERAGE:0.5:1:%zu", p->count + 16);
    const char *rows[] = {source, archive};
    return rrd_create_r(file, (unsigned long)step, on_grid(p->times_s[0], step) - step, 2, rows);
}

static int fill(const char *file, const struct picture *p, time_t step)
{
    time_t last = 0;
    for (size_t i = 0; i < p->count; i++) {
        time_t time = on_grid(p->times_s[i], step);
        if (time <= last)
            continue;
        last = time;
        char row[64];
        if (isfinite(p->values[i]))
            snprintf(row, sizeof row, "%lld:%.10g", (long long)time, p->values[i]);
        else
            snprintf(row, sizeof row, "%lld:U", (long long)time);
        const char *rows[] = {row};
        if (rrd_update_r(file, NULL, 1, rows))
            return -1;
    }
    return 0;
}

struct args {
    char texts[ARGS_MAX][TEXT_BYTES];
    char *list[ARGS_MAX + 1];
    int count;
};

static void add(struct args *args, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct args *args, const char *format, ...)
{
    if (args->count == ARGS_MAX)
        return;
    va_list list;
    va_start(list, format);
    vsnprintf(args->texts[args->count], TEXT_BYTES, format, list);
    va_end(list);
    args->list[args->count] = args->texts[args->count];
    args->count++;
}

/* A text may not be cut within a character: pango would refuse it. */
static void add_text(struct args *args, const char *name, const char *text)
{
    size_t bytes = strlen(text) < 120 ? strlen(text) : 120;
    while (bytes && ((unsigned char)text[bytes] & 0xC0) == 0x80)
        bytes--;
    if (!bytes)
        return;
    add(args, "--%s", name);
    add(args, "%.*s", (int)bytes, text);
}

static void add_colours(struct args *args)
{
    static const char *const colours[] = {
        "BACK#FFFFFF",  "CANVAS#FFFFFF", "SHADEA#FFFFFF", "SHADEB#FFFFFF", "GRID#E4E7EC",
        "MGRID#CBD2DA", "FONT#344054",   "AXIS#98A2B3",   "FRAME#FFFFFF",  "ARROW#FFFFFF"};
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
        add(args, "--color");
        add(args, "%s", colours[i]);
    }
}

static void arguments(struct args *args, const char *file, const struct picture *p)
{
    add(args, "graph");
    add(args, "-");
    add(args, "--imgformat");
    add(args, "PNG");
    add(args, "--start=%lld", (long long)p->from_s);
    add(args, "--end=%lld", (long long)p->to_s);
    add(args, "--width=%d", p->width < 100 ? 100 : p->width > 2000 ? 2000 : p->width);
    add(args, "--height=%d", p->height < 40 ? 40 : p->height > 1000 ? 1000 : p->height);
    add(args, "--slope-mode");
    add(args, "--no-legend");
    add_text(args, "title", p->title);
    add_text(args, "vertical-label", p->unit);
    add_colours(args);
    add(args, "DEF:v=%s:v:AVERAGE", file);
    add(args, "AREA:v#2E6FD840");
    add(args, "LINE1.5:v#2E6FD8");
    if (isfinite(p->threshold))
        add(args, "HRULE:%.10g#D92D20:threshold:dashes", p->threshold);
    if (p->since_s > p->from_s && p->since_s < p->to_s)
        add(args, "VRULE:%lld#F79009:since:dashes", (long long)p->since_s);
}

static int graph(const char *file, const struct picture *p, unsigned char **png, size_t *bytes)
{
    struct args *args = calloc(1, sizeof *args);
    if (!args)
        return -1;
    arguments(args, file, p);
    rrd_info_t *info = rrd_graph_v(args->count, args->list);
    int error = -1;
    for (const rrd_info_t *at = info; at && error; at = at->next) {
        if (strcmp(at->key, "image") != 0 || at->type != RD_I_BLO)
            continue;
        *bytes = at->value.u_blo.size;
        *png = malloc(*bytes ? *bytes : 1);
        if (*png) {
            memcpy(*png, at->value.u_blo.ptr, *bytes);
            error = 0;
        }
    }
    if (info)
        rrd_info_free(info);
    free(args);
    return error;
}

static bool make_dir(char dir[PATH_BYTES])
{
    const char *own = getenv("TMPDIR"), *places[] = {"/dev/shm", own ? own : "/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int length = snprintf(dir, PATH_BYTES, "%s/gnswatch-chart-XXXXXX", places[i]);
        if (length < PATH_BYTES && mkdtemp(dir))
            return true;
    }
    return false;
}

int picture_draw(const struct picture *picture, unsigned char **png, size_t *bytes, char *why,
                 size_t why_bytes)
{
    char dir[PATH_BYTES], file[PATH_BYTES + 8];
    if (picture->to_s <= picture->from_s || picture->times_s[0] <= 0) {
        snprintf(why, why_bytes, "`to` must be later than `from`, and times after 1970");
        return -1;
    }
    if (!make_dir(dir)) {
        snprintf(why, why_bytes, "no directory for a temporary file can be made");
        return -1;
    }
    snprintf(file, sizeof file, "%s/v.rrd", dir);
    time_t step = step_of(picture);
    int error = create(file, picture, step) || fill(file, picture, step) ||
                graph(file, picture, png, bytes);
    if (error)
        say(why, why_bytes);
    unlink(file);
    rmdir(dir);
    return error ? -1 : 0;
}
