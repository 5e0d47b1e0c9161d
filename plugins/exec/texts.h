/* texts.h - a list of texts that ends with NULL, as argv and the environment are. */
#ifndef EXEC_TEXTS_H
#define EXEC_TEXTS_H

#include <gnswatch/plugin.h>

struct texts {   /* the caller's; zeroed to begin with */
    char **list; /* owned; ends with NULL; NULL while empty */
    size_t count;
};

bool texts_add(struct texts *texts, const char *format, ...) GW_PRINTF(2, 3);
/* NAME=value in place of an earlier NAME. */
bool texts_set(struct texts *texts, const char *name, const char *value);
void texts_fini(struct texts *texts);

/* Splits as a shell would, without being one: quotes and backslashes count, and what only a shell
 * can do (| & ; < > $ ` and the like outside of quotes) is refused in `why`. */
bool texts_split(struct texts *texts, const char *text, char why[], size_t why_bytes);

#endif
