/* match.h - matchers of labels as one writes them: `node=PC1` `node!=PC1` `project=~net-.*`
 * `project!~tmp.*`. A regular expression (POSIX extended) must fit the whole value; a label that is
 * missing has the value "". Values may be quoted. */
#ifndef ALERT_MATCH_H
#define ALERT_MATCH_H

#include "labels.h"

#include <regex.h>
#include <stdbool.h>

enum { MATCHERS_MAX = 20 };

enum match_op { MATCH_IS = 1, MATCH_IS_NOT, MATCH_FITS, MATCH_FITS_NOT };

struct matcher {
    char *label, *value; /* owned */
    enum match_op op;
    regex_t regex; /* made for MATCH_FITS and MATCH_FITS_NOT */
};

struct matchers {
    struct matcher *at; /* owned */
    size_t count;
};

/* 0, or -EINVAL with a sentence in why. */
int matchers_add(struct matchers *matchers, const char *text, char *why, size_t why_bytes);
/* Of a list of texts, or one text; NULL is none. Leaves nothing behind when it fails. */
int matchers_load(struct matchers *matchers, const json_t *texts, char *why, size_t why_bytes);
void matchers_fini(struct matchers *matchers);

bool matcher_fits(const struct matcher *matcher, const char *value);
/* All fit; none at all fits everything. */
bool matchers_fit(const struct matchers *matchers, const struct labels *labels);
json_t *matchers_json(const struct matchers *matchers);  /* [{label,op,value}] */
json_t *matchers_texts(const struct matchers *matchers); /* as matchers_load reads them */

#endif
