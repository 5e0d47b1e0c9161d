/* topic.c - see topic.h. */
#include "topic.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { LEVEL_KEPT = TOPIC_LEVEL_MAX - 17 }; /* what a cut level keeps: "~" and a hash follow */

void topic_hash(const char *text, char out[TOPIC_HASH_BYTES])
{
    snprintf(out, TOPIC_HASH_BYTES, "%016llx", (unsigned long long)XXH3_64bits(text, strlen(text)));
}

/* The code point at the beginning of a text, and its bytes; 0 bytes: no UTF-8 (RFC 3629). */
static size_t code_point(const char *text, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
    size_t bytes = *at < 0x80 ? 1 : *at < 0xc0 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    if (bytes == 0 || *at > 0xf4)
        return 0;
    *code = bytes == 1 ? *at : *at & (0x7fU >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (at[i] & 0x3fU);
    }
    bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code < least[bytes] || *code > 0x10ffff || surrogate ? 0 : bytes;
}

/* What brokers refuse in a topic: control characters and non-characters (MQTT 5, 1.5.4). */
static bool is_refused(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code & 0xfffe) == 0xfffe ||
           (code >= 0xfdd0 && code <= 0xfdef);
}

static bool is_special(uint32_t code, bool first)
{
    return code == '/' || code == '+' || code == '#' || code == '%' || (code == '$' && first);
}

static void append(struct topic *topic, const char *bytes, size_t count)
{
    if (topic->too_long || count >= sizeof topic->text - topic->length) {
        topic->too_long = true;
        return;
    }
    memcpy(topic->text + topic->length, bytes, count);
    topic->length += count;
    topic->text[topic->length] = '\0';
}

void topic_begin(struct topic *topic, const char *prefix)
{
    topic->length = 0;
    topic->too_long = false;
    append(topic, prefix, strlen(prefix));
}

void topic_add(struct topic *topic, const char *level)
{
    append(topic, "/", 1);
    append(topic, level, strlen(level));
}

/* The next character of a name as it stands in a level; *used are its bytes in the name. */
static size_t escape(const char *at, bool first, char out[13], size_t *used)
{
    uint32_t code = 0;
    size_t bytes = code_point(at, &code);
    if (bytes && !is_refused(code) && !is_special(code, first)) {
        memcpy(out, at, bytes);
        *used = bytes;
        return bytes;
    }
    *used = bytes ? bytes : 1;
    for (size_t i = 0; i < *used; i++)
        snprintf(out + 3 * i, 4, "%%%02X", (unsigned)(unsigned char)at[i]);
    return 3 * *used;
}

static void add_level(struct topic *topic, const char *name, size_t count)
{
    char level[TOPIC_LEVEL_MAX + 13], piece[13];
    size_t length = 0, kept = 0, used;
    for (size_t at = 0; at < count && length <= TOPIC_LEVEL_MAX; at += used) {
        size_t bytes = escape(name + at, at == 0, piece, &used);
        memcpy(level + length, piece, bytes);
        length += bytes;
        if (length <= LEVEL_KEPT)
            kept = length;
    }
    if (length > TOPIC_LEVEL_MAX) {
        int hash = snprintf(level + kept, sizeof level - kept, "~%016llx",
                            (unsigned long long)XXH3_64bits(name, count));
        length = kept + (size_t)hash;
    }
    append(topic, "/", 1);
    append(topic, count ? level : "%", count ? length : 1);
}

void topic_add_name(struct topic *topic, const char *name)
{
    add_level(topic, name, strlen(name));
}

void topic_add_dotted(struct topic *topic, const char *dotted)
{
    for (;;) {
        size_t count = strcspn(dotted, ".");
        add_level(topic, dotted, count);
        if (!dotted[count])
            return;
        dotted += count + 1;
    }
}

bool topic_is_sound(const char *text)
{
    size_t length = strlen(text);
    if (!length || length >= TOPIC_BYTES || *text == '$')
        return false;
    for (size_t bytes = 1; *text; text += bytes) {
        uint32_t code = 0;
        bytes = code_point(text, &code);
        if (!bytes || is_refused(code) || code == '+' || code == '#')
            return false;
    }
    return true;
}

bool topic_is_below(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 && (!text[length] || text[length] == '/');
}

bool topic_fits(const char *pattern, const char *text)
{
    return fnmatch(pattern, text, FNM_NOESCAPE) == 0;
}
