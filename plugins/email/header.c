/* Folding and encoding of header fields. Q encoding throughout: a person can guess at it. */
#include "header.h"

#include "utf8.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LINE_MAX_BYTES = 76, WORD_MAX_BYTES = 60, PARAMETER_MAX_BYTES = 60 };

static const char opening[] = "=?UTF-8?Q?", closing[] = "?=";

/* The value without anything that could end its line, in out[0..HEADER_VALUE_MAX + 1). */
static void sanitise(const char *value, char *out)
{
    memset(out, 0, HEADER_VALUE_MAX + 1);
    size_t bytes = strlen(value), used = 0, length;
    for (size_t i = 0; i < bytes; i += length) {
        char one[4];
        uint32_t c = utf8_read(value + i, bytes - i, &length);
        size_t count = utf8_write(one, utf8_is_control(c) ? ' ' : c);
        if (used + count > HEADER_VALUE_MAX)
            break;
        memcpy(out + used, one, count);
        used += count;
    }
}

/* It may stand as it is, folded at its blanks. */
static bool is_plain(const char *value)
{
    size_t run = 0, bytes = strlen(value);
    if (strstr(value, "=?") || value[0] == ' ' || (bytes && value[bytes - 1] == ' '))
        return false;
    for (const char *at = value; *at; at++) {
        if ((unsigned char)*at > 126 || (*at == ' ' && at[1] == ' '))
            return false;
        run = *at == ' ' ? 0 : run + 1;
        if (run > WORD_MAX_BYTES)
            return false;
    }
    return true;
}

static size_t write_folded(FILE *out, const char *value, size_t column)
{
    while (*value) {
        size_t word = strcspn(value + 1, " ") + 1; /* with the blank before it */
        if (*value == ' ' && column + word > LINE_MAX_BYTES) {
            fputs("\r\n", out);
            column = 0;
        }
        fwrite(value, 1, word, out);
        column += word;
        value += word;
    }
    return column;
}

/* What may stand for itself in an encoded word anywhere, also in a phrase (RFC 2047, 5). */
static bool is_bare(unsigned char c)
{
    return isalnum(c) || (c && strchr("!*+-/", c));
}

static size_t bare_length(const char *text, size_t bytes)
{
    size_t length = 0;
    for (size_t i = 0; i < bytes; i++)
        length += is_bare((unsigned char)text[i]) || text[i] == ' ' ? 1 : 3;
    return length;
}

static void write_bare(FILE *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == ' ')
            fputc('_', out);
        else if (is_bare(c))
            fputc(c, out);
        else
            fprintf(out, "=%02X", c);
    }
}

/* A character is never cut in two (RFC 2047, 5 (3)). */
static size_t write_encoded(FILE *out, const char *value, size_t column)
{
    size_t bytes = strlen(value), length;
    bool open = false;
    for (size_t i = 0; i < bytes; i += length) {
        utf8_read(value + i, bytes - i, &length);
        size_t need = bare_length(value + i, length);
        if (!open || column + need + strlen(closing) > LINE_MAX_BYTES) {
            if (open || column + strlen(opening) + need + strlen(closing) > LINE_MAX_BYTES) {
                fputs(open ? "?=\r\n " : "\r\n ", out);
                column = 1;
            }
            fputs(opening, out);
            column += strlen(opening);
            open = true;
        }
        write_bare(out, value + i, length);
        column += need;
    }
    if (open)
        fputs(closing, out);
    return column + (open ? strlen(closing) : 0);
}

void header_text(FILE *out, const char *name, const char *value)
{
    char clean[HEADER_VALUE_MAX + 1];
    sanitise(value, clean);
    fprintf(out, "%s: ", name);
    if (is_plain(clean))
        write_folded(out, clean, strlen(name) + 2);
    else
        write_encoded(out, clean, strlen(name) + 2);
    fputs("\r\n", out);
}

void header_token(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s: ", name);
    for (size_t i = 0; i < HEADER_VALUE_MAX / 4 && value[i]; i++)
        fputc((unsigned char)value[i] < 32 || (unsigned char)value[i] > 126 ? '?' : value[i], out);
    fputs("\r\n", out);
}

size_t header_phrase(FILE *out, const char *value, size_t column)
{
    char clean[HEADER_VALUE_MAX + 1];
    sanitise(value, clean);
    if (!*clean)
        return column;
    if (!is_plain(clean) || strlen(clean) > WORD_MAX_BYTES)
        return write_encoded(out, clean, column);
    fputc('"', out);
    for (const char *at = clean; *at; at++) {
        if (*at == '"' || *at == '\\')
            fputc('\\', out);
        fputc(*at, out);
    }
    fputc('"', out);
    return column + strlen(clean) + 2;
}

void header_parameter(FILE *out, const char *name, const char *value)
{
    char clean[HEADER_VALUE_MAX + 1];
    sanitise(value, clean);
    size_t bytes = strlen(clean), length = 0, used = 0;
    while (used < bytes) {
        utf8_read(clean + used, bytes - used, &length);
        if (used + length > PARAMETER_MAX_BYTES)
            break;
        used += length;
    }
    fprintf(out, ";\r\n %s*=UTF-8''", name);
    for (const char *at = clean; at < clean + used; at++) {
        unsigned char c = (unsigned char)*at;
        if (isalnum(c) || (c && strchr(".-_", c)))
            fputc(c, out);
        else
            fprintf(out, "%%%02X", c);
    }
}
