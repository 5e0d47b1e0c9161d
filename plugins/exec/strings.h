/* strings.h - a list of texts that ends with NULL, as argv and the environment are. */
#ifndef EXEC_STRINGS_H
#define EXEC_STRINGS_H

#include <gnswatch/plugin.h>

struct strings { /* the caller's; zeroed to begin with */
    char **list; /* owned; ends with NULL; NULL while empty */
    size_t count;
};

bool strings_add(struct strings *strings, const char *format, ...) GW_PRINTF(2, 3);
/* NAME=value in place of an earlier NAME. */
bool strings_set(struct strings *strings, const char *name, const char *value);
void strings_fini(struct strings *strings);

/* Splits as a shell would, without being one: quotes and backslashes count, and what only a shell
 * can do (| & ; < > $ ` and the like outside of quotes) is refused in `why`. */
bool strings_split(struct strings *strings, const char *text, char why[], size_t why_bytes);

#endif
