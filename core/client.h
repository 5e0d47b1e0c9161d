/* Talking to the running daemon over its unix socket, for the command line. */
#ifndef GW_CLIENT_H
#define GW_CLIENT_H

#include "base/buf.h"

#include <jansson.h>

struct client_answer {
    long status;  /* HTTP; 0: no answer */
    json_t *json; /* the caller's; NULL: none */
};

/* `body` NULL: GET. Returns 0, -ECONNREFUSED when no daemon listens there, -EACCES when it is not
 * for this user, or another error with a sentence in `error_text` (256 bytes). */
int client_ask(const char *socket_path, const char *path, const char *body, long timeout_s,
               struct client_answer *answer, char *error_text);

#endif
