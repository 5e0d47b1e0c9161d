/* rrd_picture.h - a line as a PNG, drawn by librrd. Knows no JSON. */
#ifndef CHART_RRD_PICTURE_H
#define CHART_RRD_PICTURE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { PICTURE_POINTS_MAX = 5000 };

struct picture {
    const char *title, *unit;
    time_t from_s, to_s;
    time_t since_s;   /* a mark; 0: none */
    double threshold; /* NaN: none */
    int width, height;
    time_t *times_s; /* rising, in regular steps */
    double *values;  /* NaN: unknown */
    size_t count;
};

/* *png is the caller's to free. 0, or -1 with a sentence in why. */
int picture_draw(const struct picture *picture, unsigned char **png, size_t *bytes, char *why,
                 size_t why_bytes);

#endif
