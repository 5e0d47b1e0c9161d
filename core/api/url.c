/* Checking api.public_url, and doing without it. */
#include "api/url.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What an address in a message may hold without quoting: nothing that ends it or adds to it. */
static bool is_clean(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "-._~%:/[]") == strlen(text);
}

static int take_given(const char *given, char **out, char **why)
{
    const char *host = strncmp(given, "https://", 8) == 0  ? given + 8
                       : strncmp(given, "http://", 7) == 0 ? given + 7
                                                           : "";
    if (strcspn(host, ":/") == 0 || !is_clean(given)) {
        if (asprintf(why,
                     "api.public_url: '%.200s' is not an address such as "
                     "https://watch.example.org or http://10.0.0.5:8088",
                     given) < 0)
            *why = NULL;
        return -EINVAL;
    }
    size_t bytes = strlen(given);
    while (given[bytes - 1] == '/')
        bytes--;
    *out = strndup(given, bytes);
    return *out ? 0 : -ENOMEM;
}

static bool is_everywhere(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0 || !*host;
}

int url_make(const char *given, const struct listen_address *address, int port, bool tls,
             char **out, char **why)
{
    *out = NULL;
    if (given && *given)
        return take_given(given, out, why);
    char name[256] = "localhost";
    const char *host = address->host;
    if (is_everywhere(host)) {
        if (gethostname(name, sizeof(name) - 1) || !is_clean(name) || !*name)
            snprintf(name, sizeof(name), "localhost");
        host = name;
    }
    bool v6 = strchr(host, ':') != NULL;
    if (asprintf(out, "http%s://%s%s%s:%d", tls ? "s" : "", v6 ? "[" : "", host, v6 ? "]" : "",
                 port) < 0)
        *out = NULL;
    return *out ? 0 : -ENOMEM;
}
