/* page.c - see page.h. Only numbers are formatted here; the rest is copied. */
#include "page.h"

#include "number.h"

#include <math.h>
#include <string.h>

static bool is_fresh(const struct series *series, int64_t now_ms)
{
    return series->last_ms && now_ms - series->last_ms <= STALE_INTERVALS * series->every_ms;
}

static size_t block_write(struct bytes *out, const struct block *block)
{
    const struct series *series = block->series;
    const struct shape *shape = series->shape;
    uint32_t from = block->first ? series->ends[block->first - 1] : 0;
    uint32_t last = block->first + block->count - 1;
    char *at = bytes_room(out, series->ends[last] - from + block->count * (NUMBER_BYTES + 1));
    size_t samples = 0;
    for (uint32_t i = block->first; at && i <= last; from = series->ends[i++]) {
        double value = rule_value(&shape->lines[i].rule, series->row);
        if (isnan(value))
            continue;
        size_t text = series->ends[i] - from;
        memcpy(at, series->texts + from, text);
        at += text;
        at += number_put(at, value);
        *at++ = '\n';
        samples++;
    }
    if (at)
        out->len = (size_t)(at - out->data);
    return samples;
}

size_t page_write(struct bytes *out, const struct shapes *shapes, enum format format,
                  int64_t now_ms)
{
    size_t samples = 0;
    for (size_t f = 0; f < shapes->family_count; f++) {
        const struct family *family = shapes->families[f];
        const struct bytes *head = &family->head[format - 1];
        size_t before = out->len, here = 0;
        if (!family->block_count)
            continue;
        bytes_add(out, head->data, head->len);
        for (size_t i = 0; i < family->block_count; i++)
            if (is_fresh(family->blocks[i].series, now_ms))
                here += block_write(out, &family->blocks[i]);
        if (!here && !out->failed)
            out->len = before;
        samples += here;
    }
    if (format == FORMAT_OPENMETRICS)
        bytes_text(out, "# EOF\n");
    return samples;
}
