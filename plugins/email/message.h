/* message.h - a whole mail as bytes: headers, text, HTML, pictures (RFC 5322, 2045 to 2049, 2387).
 * Pure; knows no notification. */
#ifndef EMAIL_MESSAGE_H
#define EMAIL_MESSAGE_H

#include "address.h"

#include <stddef.h>
#include <stdint.h>

struct message_picture {
    const char *cid;  /* [a-z0-9.-]; the HTML says <img src="cid:CID@DOMAIN"> */
    const char *name; /* of the file, for who saves it */
    const void *png;
    size_t bytes;
};

struct message_field {
    const char *name, *value;
};

struct message { /* all borrowed */
    struct address from;
    const struct address *to;
    size_t to_count;
    const char *subject;
    const char *id;     /* any text; the same text makes the same Message-ID */
    const char *thread; /* any text; mails with the same one belong together. NULL: on its own */
    int64_t time_ms;
    int offset_s; /* of the zone, east of UTC */
    const char *text;
    const char *html; /* NULL: none */
    const struct message_picture *pictures;
    size_t picture_count;
    const struct message_field *fields; /* further ones, ends with {0}; NULL: none */
};

enum { MESSAGE_ID_BYTES = 320, MESSAGE_DATE_BYTES = 96 };

/* NULL: no memory. The caller frees it with free; *bytes may be NULL. */
char *message_build(const struct message *message, size_t *bytes);
/* "<HEX@domain>", the domain that of `from`. */
void message_id(char out[MESSAGE_ID_BYTES], const struct message *message, const char *of);
void message_date(char out[MESSAGE_DATE_BYTES], int64_t time_ms, int offset_s);

#endif
