/* What an answer says, in a sentence for a person. Knows GNS3's shapes of errors. */
#include "client_internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *status_words(int status)
{
    switch (status) {
    case 400:
    case 422:
        return "the request was refused as wrong";
    case 401:
        return "user and password were not accepted";
    case 403:
        return "not allowed";
    case 404:
        return "there is no such thing";
    case 405:
        return "that cannot be done with this";
    case 409:
        return "it conflicts with the present state";
    case 500:
        return "an internal error of the server";
    case 502:
    case 503:
    case 504:
        return "the server is not available";
    default:
        return "an unexpected answer";
    }
}

/* Cuts at a character, not within one, and makes control characters spaces. */
static void copy_text(char *text, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);
    while (length > 0 && ((unsigned char)from[length] & 0xc0) == 0x80)
        length--;
    for (size_t i = 0; i < length; i++)
        text[i] = (unsigned char)from[i] < ' ' ? ' ' : from[i];
    while (length > 0 && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
}

void client_message(char *text, size_t size, int status, const char *body, size_t body_bytes)
{
    json_t *json = json_loadb(body, body_bytes, 0, NULL);
    const char *said = json_string_value(json_object_get(json, "message"));
    if (!said)
        said = json_string_value(json_object_get(json, "detail"));
    copy_text(text, size < CLIENT_MESSAGE_BYTES ? size : CLIENT_MESSAGE_BYTES, said ? said : "");
    if (!text[0])
        snprintf(text, size, "%s (HTTP %d)", status_words(status), status);
    json_decref(json);
}

bool client_is_no_answer(int error)
{
    switch (-error) {
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ETIMEDOUT:
    case EPROTO:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EACCES: /* TLS */
    case EIO:
        return true;
    default:
        return false;
    }
}
