/* words.h - the words of a mail in the languages there are, as a JSON object for the templates. */
#ifndef EMAIL_WORDS_H
#define EMAIL_WORDS_H

#include "content.h"

/* Keys: what stands in words.c; the caller owns it. */
json_t *words_all(enum content_language language);
/* One word, a literal; the key itself when there is none. */
const char *words_get(enum content_language language, const char *key);

#endif
