/* tail.c - see tail.h. */
#include "tail.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void text_copy(char *out, size_t size, const char *text)
{
    size_t length = strnlen(text, size);
    if (length == size)
        for (length = size - 1; length && ((unsigned char)text[length] & 0xc0) == 0x80; length--)
            ;
    memcpy(out, text, length);
    out[length] = '\0';
}

void tail_add(struct tail *tail, const char *line)
{
    char cut[TAIL_LINE_BYTES];
    text_copy(cut, sizeof cut, line);
    char **place = &tail->lines[tail->next];
    if (*place && strcmp(*place, cut) == 0) {
        tail->next = (tail->next + 1) % TAIL_LINES;
        return;
    }
    char *copy = strdup(cut);
    if (!copy)
        return;
    free(*place);
    *place = copy;
    tail->next = (tail->next + 1) % TAIL_LINES;
}

void tail_clear(struct tail *tail)
{
    for (size_t i = 0; i < TAIL_LINES; i++)
        free(tail->lines[i]);
    *tail = (struct tail){0};
}

const char *tail_last(const struct tail *tail)
{
    return tail->lines[(tail->next + TAIL_LINES - 1) % TAIL_LINES];
}

const char *tail_reason(const struct tail *tail)
{
    const char *first = NULL;
    for (size_t i = 0; i < TAIL_LINES && !first; i++)
        first = tail->lines[(tail->next + i) % TAIL_LINES];
    bool trace = first && (*first == ' ' || strncmp(first, "Traceback", 9) == 0);
    return trace ? tail_last(tail) : first;
}

json_t *tail_json(const struct tail *tail)
{
    json_t *list = json_array();
    for (size_t i = 0; i < TAIL_LINES; i++) {
        const char *line = tail->lines[(tail->next + i) % TAIL_LINES];
        if (line)
            json_array_append_new(list, json_string(line));
    }
    return list;
}
