/* A bounded list of sentences about an input. Knows nothing of what the input is. */
#include "conf/conf_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_BYTES = 4096 };

void problems_init(struct problems *problems)
{
    *problems = (struct problems){0};
}

static void problem_fini(struct problem *problem)
{
    free(problem->where);
    free(problem->what);
    free(problem->source);
}

void problems_fini(struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        problem_fini(&problems->list[i]);
    free(problems->list);
    problems_init(problems);
}

/* Room for one more; doubles at the powers of two. */
static int make_room(struct problems *problems)
{
    size_t count = problems->count;
    if (count & (count - 1))
        return 0;
    size_t cap = count ? count * 2 : 1;
    struct problem *list = realloc(problems->list, cap * sizeof(*list));
    if (!list)
        return -ENOMEM;
    problems->list = list;
    return 0;
}

static char *format_sentence(const char *format, va_list args)
{
    struct buf text;
    buf_init(&text, SENTENCE_BYTES);
    buf_vprintf(&text, format, args);
    if (buf_error(&text) == -EMSGSIZE) {
        buf_clear(&text);
        buf_adds(&text, "is wrong, and too long to say how");
    }
    char *sentence = buf_take(&text);
    buf_fini(&text);
    return sentence;
}

int problems_add(struct problems *problems, const char *where, const char *source,
                 const char *format, ...)
{
    if (problems->count >= PROBLEMS_MAX) {
        problems->left_off++;
        return 0;
    }
    va_list args;
    va_start(args, format);
    struct problem problem = {
        .where = strdup(where),
        .what = format_sentence(format, args),
        .source = source ? strdup(source) : NULL,
    };
    va_end(args);
    if (!problem.where || !problem.what || (source && !problem.source) || make_room(problems)) {
        problem_fini(&problem);
        problems->left_off++; /* counted at least, so nobody takes the input for good */
        return -ENOMEM;
    }
    problems->list[problems->count++] = problem;
    return 0;
}

void problems_print(const struct problems *problems, struct buf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        /* Files are reported the way compilers do it, so editors jump to the place. */
        bool file = strncmp(problem->where, "parameter", strlen("parameter")) != 0;
        buf_printf(out, "%s%s: %s%s\n", i ? "\n" : "", problem->where, file ? "error: " : "",
                   problem->what);
        if (problem->source)
            buf_printf(out, "%s\n", problem->source);
    }
    if (problems->left_off)
        buf_printf(out, "%sand %zu more\n", problems->count ? "\n" : "", problems->left_off);
}

/* The line and column at the end of "FILE:LINE:COLUMN", as one number; 0 without. */
static uint64_t place_of(const char *where)
{
    const char *column = strrchr(where, ':');
    if (!column)
        return 0;
    const char *line = column;
    while (line > where && line[-1] >= '0' && line[-1] <= '9')
        line--;
    if (line == column || line == where || line[-1] != ':')
        return 0;
    return (strtoull(line, NULL, 10) << 32) + strtoull(column + 1, NULL, 10);
}

void problems_sort_places(struct problems *problems, size_t first)
{
    for (size_t i = first + 1; i < problems->count; i++) { /* at most 100, mostly in order */
        struct problem problem = problems->list[i];
        uint64_t place = place_of(problem.where);
        size_t at = i;
        for (; at > first && place_of(problems->list[at - 1].where) > place; at--)
            problems->list[at] = problems->list[at - 1];
        problems->list[at] = problem;
    }
}
