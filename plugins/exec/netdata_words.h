/* netdata_words.h - a line of a Netdata plugin becomes words: between blanks or '=', or in quotes.
 */
#ifndef EXEC_NETDATA_WORDS_H
#define EXEC_NETDATA_WORDS_H

#include <stddef.h>

enum { NETDATA_WORDS_MAX = 30 };

struct netdata_words { /* cut out of the line */
    char *list[NETDATA_WORDS_MAX];
    size_t count;
};

/* The rest of a line of more words means nothing. */
void netdata_words_split(struct netdata_words *words, char *line);
/* "SLOT:n" behind the keyword is of Netdata's own. */
void netdata_words_drop_slot(struct netdata_words *words);
/* The i-th word behind the keyword; NULL: not said, as '' is. */
char *netdata_word(const struct netdata_words *words, size_t i);

#endif
