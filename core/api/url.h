/* The dashboard's address as people know it. Pure but for the machine's own name. */
#ifndef GW_API_URL_H
#define GW_API_URL_H

#include "api/listen.h"

#include <stdbool.h>

/* `given` (NULL or "": none) without slashes at its end, when it is http(s)://host[:port][/path];
 * else made from where we listen, with the machine's name when that is everywhere. *out is the
 * caller's to free. 0, -ENOMEM, or -EINVAL with a sentence in *why. */
int url_make(const char *given, const struct listen_address *address, int port, bool tls,
             char **out, char **why);

#endif
