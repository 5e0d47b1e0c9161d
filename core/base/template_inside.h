/* A template's parts; shared by template_parse.c, template.c and template_format.c. */
#ifndef GW_BASE_TEMPLATE_INSIDE_H
#define GW_BASE_TEMPLATE_INSIDE_H

#include "base/buf.h"

#include <jansson.h>

enum {
    TEMPLATE_DEPTH_MAX = 32,
    TEMPLATE_BYTES_MAX = 1 << 20,
    TEMPLATE_FORMATS_MAX = 8,
};

enum template_kind {
    TEMPLATE_TEXT = 1,
    TEMPLATE_VALUE, /* escaped */
    TEMPLATE_RAW,
    TEMPLATE_SECTION,
    TEMPLATE_INVERTED,
    TEMPLATE_END,
    TEMPLATE_REMARK,
};

struct template_part {
    enum template_kind kind;
    const char *text; /* into the template: the text, or the name */
    size_t bytes;
    const char *formats; /* what stands behind the first bar; NULL: nothing */
    size_t format_bytes;
    size_t line;
    size_t end; /* of a section: its TEMPLATE_END */
};

struct template
{
    struct template_part *parts; /* owned */
    size_t count, room;
};

/* Borrows `text`, which must outlive it. 0, -EINVAL or -ENOMEM with a sentence in why. */
int template_parse(struct template *parsed, const char *text, char *why, size_t why_bytes);
void template_fini(struct template *parsed);
void template_trim(const char **text, size_t *bytes); /* blanks and line breaks at both ends */

/* Takes the first formatter off a list "a|b:c"; false: the list is empty. */
struct template_format {
    const char *name, *argument;
    size_t name_bytes, argument_bytes;
};
bool template_next_format(const char **list, size_t *bytes, struct template_format *format);
/* What is wrong with a list of formatters; 0 or -EINVAL with a sentence. */
int template_check_formats(const char *list, size_t bytes, char *why, size_t why_bytes);
/* The value as text, after its formatters. NULL value: missing. */
void template_write(const json_t *value, const struct template_part *part, const char *zone,
                    struct buf *out);

#endif
