/* text.c - see text.h. Knows nothing of GNS3. */
#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_fini(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->failed = false;
    if (text->data)
        text->data[0] = '\0';
}

const char *text_string(const struct text *text)
{
    if (text->failed)
        return NULL;
    return text->data ? text->data : "";
}

/* Room for `more` bytes and the NUL. */
static bool text_reserve(struct text *text, size_t more)
{
    if (text->failed || more > TEXT_MAX || text->length + more + 1 > TEXT_MAX) {
        text->failed = true;
        return false;
    }
    size_t need = text->length + more + 1;
    if (need <= text->size)
        return true;
    size_t size = text->size ? text->size : 256;
    while (size < need)
        size *= 2;
    char *data = realloc(text->data, size);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->size = size;
    return true;
}

void text_add(struct text *text, const char *bytes, size_t count)
{
    if (!text_reserve(text, count))
        return;
    memcpy(text->data + text->length, bytes, count);
    text->length += count;
    text->data[text->length] = '\0';
}

void text_puts(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_encoded(struct text *text, const char *value)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    for (const char *at = value; *at; at++)
        if (strchr(plain, *at))
            text_add(text, at, 1);
        else
            text_format(text, "%%%02X", (unsigned char)*at);
}

void text_format(struct text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char small[512];
    int length = vsnprintf(small, sizeof small, format, list);
    va_end(list);
    if (length < 0)
        return;
    if ((size_t)length < sizeof small) {
        text_add(text, small, (size_t)length);
        return;
    }
    if (!text_reserve(text, (size_t)length))
        return;
    va_start(list, format);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, list);
    va_end(list);
    text->length += (size_t)length;
}

static void text_escaped(struct text *text, unsigned char c)
{
    switch (c) {
    case '"':
        text_add(text, "\\\"", 2);
        break;
    case '\\':
        text_add(text, "\\\\", 2);
        break;
    case '\b':
        text_add(text, "\\b", 2);
        break;
    case '\f':
        text_add(text, "\\f", 2);
        break;
    case '\n':
        text_add(text, "\\n", 2);
        break;
    case '\r':
        text_add(text, "\\r", 2);
        break;
    case '\t':
        text_add(text, "\\t", 2);
        break;
    default:
        text_format(text, "\\u%04X", c);
    }
}

static void text_quoted(struct text *text, const char *value)
{
    text_add(text, "\"", 1);
    const char *from = value;
    for (const char *at = value;; at++) {
        unsigned char c = (unsigned char)*at;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        text_add(text, from, (size_t)(at - from));
        if (!c)
            break;
        text_escaped(text, c);
        from = at + 1;
    }
    text_add(text, "\"", 1);
}

/* The comma and the name before a value. A value never ends in an opening bracket, so the last
 * byte says whether it is the first of its list or object. */
static void text_name(struct text *text, const char *name)
{
    char last = text->length ? text->data[text->length - 1] : '[';
    if (last != '{' && last != '[')
        text_add(text, ",", 1);
    if (!name)
        return;
    text_quoted(text, name);
    text_add(text, ":", 1);
}

void text_open(struct text *text, const char *name, char bracket)
{
    text_name(text, name);
    text_add(text, &bracket, 1);
}

void text_close(struct text *text, char bracket)
{
    text_add(text, &bracket, 1);
}

void text_string_member(struct text *text, const char *name, const char *value)
{
    text_name(text, name);
    if (value)
        text_quoted(text, value);
    else
        text_add(text, "null", 4);
}

void text_int_member(struct text *text, const char *name, int64_t value)
{
    text_name(text, name);
    text_format(text, "%lld", (long long)value);
}

void text_number_member(struct text *text, const char *name, double value)
{
    text_name(text, name);
    if (!isfinite(value))
        text_add(text, "null", 4);
    else if (value == floor(value) && fabs(value) < 1e15)
        text_format(text, "%.0f", value);
    else
        text_format(text, "%.17g", value);
}

void text_bool_member(struct text *text, const char *name, bool value)
{
    text_name(text, name);
    text_puts(text, value ? "true" : "false");
}

void text_json_member(struct text *text, const char *name, const char *json)
{
    text_name(text, name);
    text_puts(text, json ? json : "null");
}
