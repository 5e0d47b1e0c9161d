/* gnswatch-chart - one line over time as a PNG. A program of its own: librrd, cairo and fonts stay
 * out of the daemon, and whoever needs a picture can kill it.
 *
 * stdin, at most 1 MiB: {"title","unit","from","to" (ms),"times":[ms],"values":[number or null],
 * "threshold": number or null, "since": ms or null, "width","height"}; times in regular steps.
 * stdout: the PNG. Exit 1 with a sentence on stderr. */
#include "rrd_picture.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TIME_MAX_MS 1e14

enum { INPUT_MAX_BYTES = 1 << 20, CPU_MAX_S = 10, MEMORY_MAX_MB = 1024 };

static int fail(const char *why)
{
    fprintf(stderr, "gnswatch-chart: %s\n", why);
    return 1;
}

static double number(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static const char *text(const json_t *in, const char *name)
{
    const char *value = json_string_value(json_object_get(in, name));
    return value ? value : "";
}

static int64_t whole(const json_t *in, const char *name, int64_t otherwise)
{
    double value = number(json_object_get(in, name));
    return isfinite(value) && fabs(value) < TIME_MAX_MS ? (int64_t)value : otherwise;
}

static int read_points(const json_t *in, struct picture *picture)
{
    const json_t *times = json_object_get(in, "times"), *values = json_object_get(in, "values");
    size_t count = json_array_size(times);
    if (count < 2 || count > PICTURE_POINTS_MAX || json_array_size(values) != count)
        return fail("times and values are lists of the same length, 2 to 5,000");
    picture->times_s = calloc(count, sizeof *picture->times_s);
    picture->values = calloc(count, sizeof *picture->values);
    if (!picture->times_s || !picture->values)
        return fail("no memory");
    for (size_t i = 0; i < count; i++) {
        double time_ms = number(json_array_get(times, i));
        if (!(time_ms > 0 && time_ms < TIME_MAX_MS))
            return fail("a time is no milliseconds since 1970");
        picture->times_s[i] = (time_t)(time_ms / 1000);
        picture->values[i] = number(json_array_get(values, i));
    }
    picture->count = count;
    return 0;
}

static int draw(const json_t *in)
{
    struct picture picture = {.title = text(in, "title"),
                              .unit = text(in, "unit"),
                              .from_s = (time_t)(whole(in, "from", 0) / 1000),
                              .to_s = (time_t)(whole(in, "to", 0) / 1000),
                              .since_s = (time_t)(whole(in, "since", 0) / 1000),
                              .threshold = number(json_object_get(in, "threshold")),
                              .width = (int)whole(in, "width", 520),
                              .height = (int)whole(in, "height", 130)};
    int bad = read_points(in, &picture);
    unsigned char *png = NULL;
    size_t bytes = 0;
    char why[256];
    if (!bad && picture_draw(&picture, &png, &bytes, why, sizeof why))
        bad = fail(why);
    if (!bad && (fwrite(png, 1, bytes, stdout) != bytes || fflush(stdout)))
        bad = fail("the picture cannot be written");
    free(png);
    free(picture.times_s);
    free(picture.values);
    return bad;
}

int main(void)
{
    setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_MAX_S, CPU_MAX_S});
    setrlimit(RLIMIT_AS,
              &(struct rlimit){(rlim_t)MEMORY_MAX_MB << 20, (rlim_t)MEMORY_MAX_MB << 20});
    char *input = calloc(1, INPUT_MAX_BYTES + 1);
    size_t bytes = input ? fread(input, 1, INPUT_MAX_BYTES + 1, stdin) : 0;
    json_t *in = bytes && bytes <= INPUT_MAX_BYTES ? json_loadb(input, bytes, 0, NULL) : NULL;
    int bad = json_is_object(in) ? draw(in) : fail("stdin is no JSON object of at most 1 MiB");
    json_decref(in);
    free(input);
    return bad;
}
