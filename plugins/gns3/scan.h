/* scan.h - splits the text of a JSON list into its elements without parsing them, so that elements
 * that have not changed need no parser. Only brackets and strings are looked at; whether an
 * element is sound JSON is for the parser to say. Knows nothing of GNS3. */
#ifndef GNS3_SCAN_H
#define GNS3_SCAN_H

#include <stddef.h>

struct scan {
    const char *begin, *at, *end; /* borrowed */
    int elements;                 /* given so far */
};

/* 0, or -EILSEQ: not a list. The text is borrowed until the last scan_next. */
int scan_begin(struct scan *scan, const char *text, size_t bytes);
/* 1: *element is the next one, borrowed, without blanks around it. 0: the list ended and nothing
 * follows it. -EILSEQ: cut off or not a list, at scan_offset. */
int scan_next(struct scan *scan, const char **element, size_t *bytes);
size_t scan_offset(const struct scan *scan);

#endif
