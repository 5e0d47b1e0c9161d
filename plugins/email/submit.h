/* submit.h - hands one mail to one server by libesmtp and tells what was said. Blocks, so it is for
 * a thread; any number of them at once. Knows no queue. */
#ifndef EMAIL_SUBMIT_H
#define EMAIL_SUBMIT_H

#include "address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum submit_security { SUBMIT_REQUIRED = 1, SUBMIT_OFFERED, SUBMIT_NONE }; /* STARTTLS */

struct submit_server { /* borrowed */
    const char *host;
    int port;
    enum submit_security security;
    const char *ca_file;         /* PEM; NULL: the system's */
    const char *user, *password; /* NULL: no AUTH. Never over an open line unless SUBMIT_NONE */
    int64_t timeout_ms; /* of each answer; connecting takes as long as the system lets it */
};

enum submit_verdict {
    SUBMIT_ACCEPTED = 1,
    SUBMIT_LATER, /* 4xx, or the line was cut while the mail was on it */
    SUBMIT_NEVER, /* 5xx */
    SUBMIT_AWAY,  /* the server was not to be had: no connection, TLS, AUTH, 421 */
};

enum { SUBMIT_WORDS_BYTES = 400 };

struct submit_result {
    enum submit_verdict verdict;    /* of the mail; ACCEPTED: for those whose own is */
    char words[SUBMIT_WORDS_BYTES]; /* a sentence; the server's where there are some */
};

/* `mail` is CRLF text. `each` has to_count places: what was said of each recipient; verdict 0:
 * nothing. Who was accepted there fares as the mail does. */
void submit(const struct submit_server *server, const char *from, const struct address *to,
            size_t to_count, const char *mail, struct submit_result *result,
            struct submit_result *each);

#endif
