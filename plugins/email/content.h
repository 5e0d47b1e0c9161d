/* content.h - what a mail says: from notifications (plugins/alert/README.md) to subject, text and
 * HTML. Knows no server. Any thread. */
#ifndef EMAIL_CONTENT_H
#define EMAIL_CONTENT_H

#include <jansson.h>
#include <stddef.h>

enum { CONTENT_ALERTS_MAX = 20, CONTENT_LABELS_MAX = 12 };

enum content_language { CONTENT_ENGLISH = 1, CONTENT_FRENCH };

struct content_style { /* borrowed */
    enum content_language language;
    const char *zone;      /* NULL or "": the machine's */
    const char *dashboard; /* address, for the link at the end */
};

/* The document the templates are filled from, for one notification or a digest of several; members
 * items[].alerts[] have "chart" null until content_set_chart. The caller owns it; NULL: no memory.
 */
json_t *content_document(const json_t *const *notifications, size_t count,
                         const struct content_style *style);
/* A picture belongs to alert `alert` of item `item`: its content id with the domain. */
void content_set_chart(json_t *document, size_t item, size_t alert, const char *cid);

struct content { /* owned; content_fini */
    char *subject, *text, *html;
};
/* 0 or -EINVAL with a sentence in why. */
int content_render(const json_t *document, const struct content_style *style, struct content *out,
                   char *why, size_t why_bytes);
void content_fini(struct content *content);

#endif
