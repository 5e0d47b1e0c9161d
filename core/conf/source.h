/* A file's text, to show where in it something is wrong. Secrets in it are never shown. */
#ifndef GW_CONF_SOURCE_H
#define GW_CONF_SOURCE_H

#include "conf/values.h"

struct span {
    size_t at, end; /* bytes */
};

struct source {
    const char *name; /* borrowed: "conf.d/gns3.yaml" */
    const char *text; /* borrowed */
    size_t bytes;
    struct span *hidden; /* owned */
    size_t hidden_count, hidden_cap;
    bool hide_all; /* no memory to remember what to hide: show nothing */
};

void source_init(struct source *source, const char *name, const char *text, size_t bytes);
void source_fini(struct source *source);

/* This part is shown as ***. */
void source_hide(struct source *source, size_t at, size_t end);

size_t source_line(const struct source *source, size_t at); /* from 1 */

size_t source_offset(const struct source *source, size_t line, size_t column); /* both from 1 */
size_t source_next_line(const struct source *source, size_t at); /* its first byte, or the end */

/* Adds "NAME:LINE:COLUMN" with the line and a caret under `at`, tildes up to `end`. Columns count
 * characters from 1, a tab as one. */
void source_report(const struct source *source, struct problems *problems, size_t at, size_t end,
                   const char *what);

#endif
