/* See http_ask.h. */
#include "plugin/http_ask.h"

#include <ctype.h>
#include <string.h>

static bool is_path(const char *path)
{
    if (!path || path[0] != '/')
        return false;
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || *c == '#')
            return false;
    return true;
}

bool http_ask_is_plain(const struct gw_http_ask *ask)
{
    if (!is_path(ask->path))
        return false;
    for (const char *c = ask->method ? ask->method : ""; *c; c++)
        if (!isupper((unsigned char)*c))
            return false;
    for (const char *const *header = ask->headers; header && *header; header++)
        if (strpbrk(*header, "\r\n") || !strchr(*header, ':'))
            return false;
    return true;
}
