/* UTF-8 as RFC 3629 has it: no surrogates, nothing overlong, nothing above U+10FFFF. */
#include "utf8.h"

#include <string.h>

enum { BROKEN = 0xFFFD };

static size_t length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if ((first & 0xF0) == 0xE0)
        return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

uint32_t utf8_read(const char *text, size_t bytes, size_t *length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
    size_t count = length_of(at[0]);
    *length = 1;
    if (count == 1)
        return at[0];
    if (!count || count > bytes)
        return BROKEN;
    uint32_t character = at[0] & (0xFFU >> (count + 1));
    for (size_t i = 1; i < count; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return BROKEN;
        character = character << 6 | (at[i] & 0x3FU);
    }
    if (character < least[count] || character > 0x10FFFF ||
        (character >= 0xD800 && character <= 0xDFFF))
        return BROKEN;
    *length = count;
    return character;
}

size_t utf8_write(char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t count = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00U >> count & 0xFF) | c);
    return count;
}

void utf8_copy(char *out, size_t size, const char *text)
{
    size_t bytes = strlen(text), used = 0, length;
    while (used < bytes) {
        utf8_read(text + used, bytes - used, &length);
        if (used + length >= size)
            break;
        used += length;
    }
    memcpy(out, text, used);
    out[used] = '\0';
}

bool utf8_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}
