/* What of a file must not be shown in an excerpt. Rather too much than a secret. */
#include "conf/hide.h"

#include "conf/near.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool has_word(const char *name, size_t length, const char *word)
{
    size_t word_length = strlen(word);
    for (size_t i = 0; i + word_length <= length; i++) {
        if (strncasecmp(name + i, word, word_length) == 0)
            return true;
    }
    return false;
}

static bool ends_with(const char *name, size_t length, const char *end)
{
    size_t end_length = strlen(end);
    return length >= end_length && strncasecmp(name + length - end_length, end, end_length) == 0;
}

static bool suspicious(const char *name, size_t length)
{
    static const char *const words[] = {"pass",  "pwd", "pasw",  "secret", "secert",
                                        "token", "key", "crede", "auth",   "jwt"};
    if (ends_with(name, length, "_file") || ends_with(name, length, "_env"))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (has_word(name, length, words[i]))
            return true;
    }
    return false;
}

static bool near_a_secret(const struct gw_row *table, const char *key)
{
    struct near near;
    near_init(&near, key);
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (row->type == GW_SECRET)
            near_offer(&near, row->name);
    }
    return near_best(&near) != NULL;
}

static void hide_value(struct source *source, const struct gw_row *table, const struct input *item)
{
    const char *suffix = "";
    const struct gw_row *row = check_find(table, item->key, true, &suffix);
    bool secret = row ? row->type == GW_SECRET && *suffix == '\0'
                      : suspicious(item->key, strlen(item->key)) || near_a_secret(table, item->key);
    if (secret && !input_is_null(item))
        source_hide(source, item->at, item->end);
    else if (item->kind == INPUT_MAP)
        hide_secrets(source, row ? row->rows : NULL, item);
    for (size_t i = 0; item->kind == INPUT_LIST && i < item->count; i++) {
        if (item->items[i].kind == INPUT_MAP)
            hide_secrets(source, row ? row->rows : NULL, &item->items[i]);
    }
}

void hide_secrets(struct source *source, const struct gw_row *table, const struct input *map)
{
    for (size_t i = 0; map->kind == INPUT_MAP && i < map->count; i++)
        hide_value(source, table, &map->items[i]);
}

void hide_addresses(struct source *source)
{
    const char *text = source->text;
    for (size_t i = 0; i + 3 < source->bytes; i++) {
        if (memcmp(text + i, "://", 3) != 0)
            continue;
        size_t at = i + 3, end = at, sign = 0;
        for (; end < source->bytes && !isspace((unsigned char)text[end]) && text[end] != '/'; end++)
            sign = text[end] == '@' ? end : sign;
        if (sign)
            source_hide(source, at, sign);
        i = end - 1;
    }
}

static size_t indent_of(const struct source *source, size_t start, size_t end)
{
    size_t i = start;
    while (i < end && (source->text[i] == ' ' || source->text[i] == '-'))
        i++;
    return i - start;
}

static bool is_secret_of(const struct gw_row *table, const char *name, size_t length)
{
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (row->type == GW_SECRET && strlen(row->name) == length &&
            strncmp(row->name, name, length) == 0)
            return true;
        if (row->rows && is_secret_of(row->rows, name, length))
            return true;
    }
    return false;
}

/* `text` up to a ':' is a name that may have blanks, quotes and dashes around it. */
static bool names_a_secret(const struct gw_row *table, const char *text, size_t length)
{
    if (suspicious(text, length))
        return true;
    while (length && strchr(" -\"'", text[0])) {
        text++;
        length--;
    }
    while (length && strchr(" \"'", text[length - 1]))
        length--;
    return is_secret_of(table, text, length);
}

/* Where in this line a value begins that looks secret by its name; `end` if none does. */
static size_t suspect_at(const struct source *source, const struct gw_row *table, size_t start,
                         size_t end)
{
    size_t name = start;
    for (size_t i = start; i < end; i++) {
        char c = source->text[i];
        if ((c == ':' || c == '=') && names_a_secret(table, source->text + name, i - name))
            return i + 1;
        if (!isalnum((unsigned char)c) && c != '_' && c != '-' && c != ' ' && c != '"')
            name = i + 1;
    }
    return end;
}

void hide_suspects(struct source *source, const struct gw_row *table)
{
    size_t below = SIZE_MAX; /* lines indented deeper belong to a hidden value */
    bool open_quote = false;
    for (size_t start = 0; start < source->bytes;) {
        size_t end = source_next_line(source, start);
        size_t indent = indent_of(source, start, end);
        bool blank = start + indent + 1 >= end;
        if (!blank && !open_quote && indent <= below)
            below = SIZE_MAX;
        bool inside = open_quote || (below != SIZE_MAX && (blank || indent > below));
        size_t line_end = end > start && source->text[end - 1] == '\n' ? end - 1 : end;
        size_t at = inside ? start : suspect_at(source, table, start, line_end);
        while (!inside && at < line_end && source->text[at] == ' ')
            at++;
        source_hide(source, at, line_end);
        if (!inside && at < line_end) {
            char quote = source->text[at];
            below = indent;
            open_quote = (quote == '"' || quote == '\'') &&
                         !memchr(source->text + at + 1, quote, line_end - at - 1);
        } else if (!inside && suspect_at(source, table, start, line_end) == line_end &&
                   line_end > start && source->text[line_end - 1] == ':' &&
                   names_a_secret(table, source->text + start, line_end - start - 1)) {
            below = indent; /* the value is in the lines below */
        }
        start = end;
    }
}

bool hide_find_plugin(const struct source *source, char *name, size_t bytes)
{
    static const char key[] = "plugin:";
    for (size_t at = 0; at < source->bytes; at = source_next_line(source, at)) {
        size_t length = source_next_line(source, at) - at;
        if (length < sizeof(key) || strncmp(source->text + at, key, sizeof(key) - 1) != 0)
            continue;
        const char *from = source->text + at + sizeof(key) - 1, *end = source->text + at + length;
        while (from < end && strchr(" \"'", *from))
            from++;
        size_t count = 0;
        while (from + count < end &&
               (isalnum((unsigned char)from[count]) || from[count] == '_' || from[count] == '-'))
            count++;
        if (count == 0 || count >= bytes)
            return false;
        memcpy(name, from, count);
        name[count] = '\0';
        return true;
    }
    return false;
}
