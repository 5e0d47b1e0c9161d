/* address.h - mail addresses as people write them in a file: "Team <team@example.org>". Pure. */
#ifndef EMAIL_ADDRESS_H
#define EMAIL_ADDRESS_H

enum { ADDRESS_BYTES = 255, ADDRESS_NAME_BYTES = 200 };

struct address {
    char name[ADDRESS_NAME_BYTES]; /* "" when there is none */
    char mailbox[ADDRESS_BYTES];   /* team@example.org: ASCII, safe in SMTP and in a header */
};

/* 0 or -EINVAL with a sentence in *why (a literal). A mailbox without "@" is a local user. */
int address_read(const char *text, struct address *out, const char **why);
/* Behind the "@"; "localhost" when there is none. */
const char *address_domain(const struct address *address);

#endif
