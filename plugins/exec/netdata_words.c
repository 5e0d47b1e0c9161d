/* netdata_words.c - see netdata_words.h. */
#include "netdata_words.h"

#include "words.h"

#include <string.h>

static bool separates(char c)
{
    return c == ' ' || c == '=' || (c >= '\t' && c <= '\r');
}

/* Behind the word at `at`, which begins behind its quote, if it has one. A backslash protects what
 * follows it from ending the word, and stays. */
static char *word_skip(char *at, char quote)
{
    while (*at && (quote ? *at != quote : !separates(*at)))
        at += *at == '\\' && at[1] ? 2 : 1;
    return at;
}

void netdata_words_split(struct netdata_words *words, char *line)
{
    *words = (struct netdata_words){0};
    while (words->count < NETDATA_WORDS_MAX) {
        while (separates(*line))
            line++;
        if (!*line)
            return;
        char quote = *line == '\'' || *line == '"' ? *line : '\0';
        line += quote != '\0';
        words->list[words->count++] = line;
        line = word_end(word_skip(line, quote));
    }
}

void netdata_words_drop_slot(struct netdata_words *words)
{
    if (words->count < 2 || strncmp(words->list[1], "SLOT:", 5) != 0)
        return;
    memmove(words->list + 1, words->list + 2, (words->count - 2) * sizeof *words->list);
    words->list[--words->count] = NULL;
}

char *netdata_word(const struct netdata_words *words, size_t i)
{
    return i + 1 < words->count && *words->list[i + 1] ? words->list[i + 1] : NULL;
}
