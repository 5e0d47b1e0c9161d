/* quoted-printable and base64. */
#include "encode.h"

#include "utf8.h"

#include <stdbool.h>
#include <string.h>

enum { QUOTED_LINE = 75 /* and the '=' of a soft line end */, BASE64_BYTES_A_LINE = 57 };

/* Blanks must not end a line. "." and "From " at its begin are what old relays stumble over. */
static bool stands_for_itself(const char *line, size_t at, size_t end)
{
    unsigned char c = (unsigned char)line[at];
    if (c == ' ' || c == '\t')
        return at + 1 < end;
    if (at == 0 && (c == '.' || (c == 'F' && end >= 5 && !memcmp(line, "From ", 5))))
        return false;
    return c > 32 && c < 127 && c != '=';
}

static size_t put_byte(FILE *out, unsigned char c, bool bare, size_t column)
{
    size_t need = bare ? 1 : 3;
    if (column + need > QUOTED_LINE) {
        fputs("=\r\n", out);
        column = 0;
    }
    if (bare)
        fputc(c, out);
    else
        fprintf(out, "=%02X", c);
    return column + need;
}

static void put_line(FILE *out, const char *line, size_t bytes)
{
    size_t column = 0, length;
    for (size_t i = 0; i < bytes; i += length) {
        char one[4];
        size_t count = utf8_write(one, utf8_read(line + i, bytes - i, &length));
        bool bare = count == 1 && stands_for_itself(line, i, bytes);
        for (size_t k = 0; k < count; k++)
            column = put_byte(out, (unsigned char)one[k], bare, column);
    }
    fputs("\r\n", out);
}

void encode_quoted(FILE *out, const char *text)
{
    while (*text) {
        size_t bytes = strcspn(text, "\r\n");
        put_line(out, text, bytes);
        text += bytes;
        if (text[0] == '\r' && text[1] == '\n')
            text++;
        if (*text)
            text++;
    }
}

void encode_base64(FILE *out, const void *data, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i;
        unsigned group = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63], digits[group >> 6 & 63],
                        digits[group & 63]};
        if (left < 3)
            four[3] = '=';
        if (left < 2)
            four[2] = '=';
        fwrite(four, 1, sizeof four, out);
        if ((i + 3) % BASE64_BYTES_A_LINE == 0 || left <= 3)
            fputs("\r\n", out);
    }
}
