/* http_ask.h - is what a plugin asks of the HTTP client fit to be sent? Pure, for both hosts. */
#ifndef GW_PLUGIN_HTTP_ASK_H
#define GW_PLUGIN_HTTP_ASK_H

#include <gnswatch/http.h>

/* A path from its slash on in printable ASCII without a fragment, a method in capitals, headers
 * with a colon and no line break: nothing that could become another request. */
bool http_ask_is_plain(const struct gw_http_ask *ask);

#endif
