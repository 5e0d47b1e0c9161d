/* collectd_words.c - see collectd_words.h. */
#include "collectd_words.h"

#include "words.h"

#include <string.h>

enum { PART_BYTES_MAX = 127 };

int collectd_word(struct reader *reader, char **at, char **word)
{
    char *begin = skip_blanks(*at), *from = begin, *to = begin;
    bool quoted = false;
    if (!*from)
        return 0;
    for (; *from && (quoted || (*from != ' ' && *from != '\t')); from++) {
        if (*from == '"') {
            quoted = !quoted;
            continue;
        }
        if (*from == '\\' && quoted && *++from == '\0')
            break;
        *to++ = *from;
    }
    if (quoted) {
        reader_error(reader, begin, "a quote is not closed");
        return -1;
    }
    *at = *from ? from + 1 : from;
    *to = '\0';
    *word = begin;
    return 1;
}

bool collectd_option(char *word, char **value)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";
    size_t bytes = strspn(word, letters);
    if (bytes == 0 || word[bytes] != '=')
        return false;
    word[bytes] = '\0';
    *value = word + bytes + 1;
    return true;
}

/* name[-instance] */
static const char *instance_cut(char *text)
{
    char *dash = strchr(text, '-');
    if (!dash)
        return NULL;
    *dash = '\0';
    return dash[1] ? dash + 1 : NULL;
}

const char *collectd_identifier_read(char *text, struct collectd_identifier *identifier)
{
    char *first = strchr(text, '/'), *second = first ? strchr(first + 1, '/') : NULL;
    *identifier = (struct collectd_identifier){0};
    if (!first)
        return "the identifier is host/plugin-instance/type-instance";
    char *plugin = second ? first + 1 : text, *type = (second ? second : first) + 1;
    *first = '\0';
    if (second)
        *second = '\0';
    identifier->host = second ? text : NULL;
    identifier->plugin_instance = instance_cut(plugin);
    identifier->type_instance = instance_cut(type);
    identifier->plugin = plugin;
    identifier->type = type;
    const char *parts[] = {identifier->host, identifier->plugin, identifier->plugin_instance,
                           identifier->type, identifier->type_instance};
    for (size_t i = 0; i < 5; i++) {
        if (parts[i] && strlen(parts[i]) > PART_BYTES_MAX)
            return "a part of the identifier has more than 127 bytes";
    }
    if ((second && !*text) || !*plugin || !*type)
        return "a part of the identifier is empty: host/plugin-instance/type-instance";
    return NULL;
}
