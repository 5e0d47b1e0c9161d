/* texts.c - see texts.h. */
#include "texts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes `text` over. */
static bool add_taken(struct texts *texts, char *text)
{
    char **list = text ? realloc(texts->list, (texts->count + 2) * sizeof *texts->list) : NULL;
    if (!list) {
        free(text);
        return false;
    }
    texts->list = list;
    list[texts->count++] = text;
    list[texts->count] = NULL;
    return true;
}

bool texts_add(struct texts *texts, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return length >= 0 && add_taken(texts, text);
}

bool texts_set(struct texts *texts, const char *name, const char *value)
{
    size_t bytes = strlen(name);
    for (size_t i = 0; i < texts->count; i++) {
        if (strncmp(texts->list[i], name, bytes) != 0 || texts->list[i][bytes] != '=')
            continue;
        char *text = NULL;
        if (asprintf(&text, "%s=%s", name, value) < 0)
            return false;
        free(texts->list[i]);
        texts->list[i] = text;
        return true;
    }
    return texts_add(texts, "%s=%s", name, value);
}

void texts_fini(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->list[i]);
    free(texts->list);
    *texts = (struct texts){0};
}

/* ---- Splitting ------------------------------------------------------------------------------- */

struct split {
    const char *at;
    char *word; /* owned: as long as the text, so anything fits */
    size_t used;
    char quote; /* '\0' outside */
};

static bool shell_only(const struct split *split, char *why, size_t why_bytes)
{
    char c = *split->at;
    bool bad = split->quote == '\0' ? strchr("|&;<>()`$*?~#", c) != NULL
                                    : split->quote == '"' && strchr("$`", c) != NULL;
    if (bad && (c == '~' || c == '#'))
        bad = split->used == 0;
    if (bad)
        snprintf(why, why_bytes,
                 "`command` has a %c, which only a shell understands: quote it, or write sh -c '…'",
                 c);
    return bad;
}

/* One word from split->at, which is no blank. */
static bool take_word(struct split *split, char *why, size_t why_bytes)
{
    for (split->used = 0, split->quote = '\0'; *split->at; split->at++) {
        char c = *split->at;
        bool blank = c == ' ' || c == '\t' || c == '\n';
        if (blank && split->quote == '\0')
            break;
        if (c == split->quote)
            split->quote = '\0';
        else if (split->quote == '\0' && (c == '\'' || c == '"'))
            split->quote = c;
        else if (c == '\\' && split->quote != '\'' && split->at[1])
            split->word[split->used++] = *++split->at;
        else if (split->quote != '\'' && shell_only(split, why, why_bytes))
            return false;
        else
            split->word[split->used++] = c;
    }
    split->word[split->used] = '\0';
    if (split->quote)
        snprintf(why, why_bytes, "`command` has a %c without its other", split->quote);
    return split->quote == '\0';
}

bool texts_split(struct texts *texts, const char *text, char why[], size_t why_bytes)
{
    struct split split = {.at = text, .word = malloc(strlen(text) + 1)};
    bool good = split.word != NULL;
    while (good && *(split.at += strspn(split.at, " \t\n")))
        good = take_word(&split, why, why_bytes) && texts_add(texts, "%s", split.word);
    free(split.word);
    return good;
}
