/* Text that grows up to its limit. */
#include "base/buf.h"

#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max_bytes)
{
    *buf = (struct buf){.data = "", .max = max_bytes};
}

void buf_fini(struct buf *buf)
{
    if (!buf)
        return;
    if (buf->cap)
        free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->error = 0;
    if (buf->cap)
        buf->data[0] = '\0';
}

char *buf_take(struct buf *buf)
{
    if (buf->error || buf_reserve(buf, 0))
        return NULL;
    char *text = buf->data;
    buf_init(buf, buf->max);
    return text;
}

int buf_error(const struct buf *buf)
{
    return buf->error;
}

int buf_reserve(struct buf *buf, size_t more_bytes)
{
    if (buf->error)
        return buf->error;
    if (more_bytes > buf->max || buf->len + more_bytes > buf->max)
        return buf->error = -EMSGSIZE;
    size_t need = buf->len + more_bytes + 1;
    if (need <= buf->cap)
        return 0;
    size_t cap = buf->cap ? buf->cap * 2 : 64;
    if (cap < need)
        cap = need;
    char *data = realloc(buf->cap ? buf->data : NULL, cap);
    if (!data)
        return buf->error = -ENOMEM;
    data[buf->len] = '\0';
    buf->data = data;
    buf->cap = cap;
    return 0;
}

void buf_add(struct buf *buf, const void *bytes, size_t count)
{
    if (buf_reserve(buf, count))
        return;
    if (count)
        memcpy(buf->data + buf->len, bytes, count);
    buf->len += count;
    buf->data[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
    if (text)
        buf_add(buf, text, strlen(text));
}

void buf_addc(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is the caller's, and set */
    int count = vsnprintf(NULL, 0, format, args);
    if (count >= 0 && buf_reserve(buf, (size_t)count) == 0) {
        vsnprintf(buf->data + buf->len, (size_t)count + 1, format, again);
        buf->len += (size_t)count;
    }
    va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

static void add_escaped(struct buf *buf, unsigned char c)
{
    const char *from = "\"\\\n\r\t\b\f", *to = "\"\\nrtbf";
    const char *at = c ? strchr(from, c) : NULL;
    if (at)
        buf_printf(buf, "\\%c", to[at - from]);
    else
        buf_printf(buf, "\\u%04x", c);
}

void buf_json_string_n(struct buf *buf, const char *text, size_t bytes)
{
    buf_addc(buf, '"');
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < bytes;) {
        size_t plain = i;
        while (plain < bytes && s[plain] >= 0x20 && s[plain] < 0x80 && s[plain] != '"' &&
               s[plain] != '\\')
            plain++;
        buf_add(buf, s + i, plain - i);
        i = plain;
        if (i == bytes)
            break;
        size_t n = s[i] < 0x80 ? 0 : utf8_length(s + i, bytes - i);
        if (n)
            buf_add(buf, s + i, n);
        else if (s[i] < 0x80)
            add_escaped(buf, s[i]);
        else
            buf_adds(buf, "\\ufffd");
        i += n ? n : 1;
    }
    buf_addc(buf, '"');
}

void buf_json_string(struct buf *buf, const char *text)
{
    if (text)
        buf_json_string_n(buf, text, strlen(text));
    else
        buf_adds(buf, "null");
}

void buf_json_int(struct buf *buf, int64_t value)
{
    char digits[24];
    char *end = digits + sizeof(digits), *p = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--p = '-';
    buf_add(buf, p, (size_t)(end - p));
}

/* Values with at most four decimals, the common case, without printf. */
static bool add_short_decimal(struct buf *buf, double value)
{
    double scaled = value * 10000;
    if (fabs(scaled) > 9e14)
        return false;
    int64_t fixed = (int64_t)llrint(scaled);
    if ((double)fixed / 10000 != value)
        return false;
    if (fixed < 0)
        buf_addc(buf, '-');
    uint64_t rest = fixed < 0 ? (uint64_t)-fixed : (uint64_t)fixed;
    buf_json_int(buf, (int64_t)(rest / 10000));
    unsigned part = (unsigned)(rest % 10000);
    if (part == 0)
        return true;
    char decimals[5] = {'.', (char)('0' + part / 1000), (char)('0' + part / 100 % 10),
                        (char)('0' + part / 10 % 10), (char)('0' + part % 10)};
    size_t n = 5;
    while (decimals[n - 1] == '0')
        n--;
    buf_add(buf, decimals, n);
    return true;
}

void buf_json_number(struct buf *buf, double value)
{
    if (!isfinite(value)) {
        buf_adds(buf, "null");
        return;
    }
    if (add_short_decimal(buf, value))
        return;
    char text[32];
    static const int tries[] = {9, 13, 15, 16, 17}; /* %g drops zeros at the end, so steps do */
    for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
        snprintf(text, sizeof(text), "%.*g", tries[i], value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_adds(buf, text);
}
