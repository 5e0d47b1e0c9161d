/* From headers to a checked request. Refuses what must not reach a handler. */
#include "api/connection.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A header's text, or -1: absent, -2: too long for `size`. */
static int header(struct lws *wsi, enum lws_token_indexes token, char *out, int size)
{
    out[0] = '\0';
    int length = lws_hdr_total_length(wsi, token);
    if (length <= 0)
        return -1;
    if (length >= size || lws_hdr_copy(wsi, out, size, token) < 0) {
        out[0] = '\0';
        return -2;
    }
    return length;
}

static enum method method_of(struct lws *wsi, char **uri, int *uri_bytes)
{
    static const enum method methods[] = {
        [LWSHUMETH_GET] = METHOD_GET,         [LWSHUMETH_POST] = METHOD_POST,
        [LWSHUMETH_OPTIONS] = METHOD_OPTIONS, [LWSHUMETH_PUT] = METHOD_PUT,
        [LWSHUMETH_PATCH] = METHOD_PATCH,     [LWSHUMETH_DELETE] = METHOD_DELETE,
        [LWSHUMETH_HEAD] = METHOD_HEAD,
    };
    int method = lws_http_get_uri_and_method(wsi, uri, uri_bytes);
    if (method < 0 || (size_t)method >= sizeof(methods) / sizeof(methods[0]))
        return 0;
    return methods[method];
}

static void read_parameters(struct request *request, struct lws *wsi)
{
    char text[TARGET_MAX_BYTES + 1];
    for (int i = 0;; i++) {
        int length =
            lws_hdr_copy_fragment(wsi, text, (int)sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length <= 0)
            return;
        if (request_add_parameter(request, text, (size_t)length) == -E2BIG) {
            request_problem(request, 400, "At most %d query parameters", PARAMETERS_MAX);
            return;
        }
    }
}

static bool read_target(struct request *request, struct lws *wsi, const char *uri, int uri_bytes)
{
    if (uri_bytes + lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) > TARGET_MAX_BYTES) {
        request_problem(request, 414, "The address is longer than %d bytes", TARGET_MAX_BYTES);
        return false;
    }
    request->path = strndup(uri, (size_t)uri_bytes);
    if (!request->path)
        return false;
    read_parameters(request, wsi);
    return request->status == 0;
}

static bool check_host(struct request *request, struct lws *wsi)
{
    if (header(wsi, WSI_TOKEN_HOST, request->host, (int)sizeof(request->host)) < 0 &&
        !request->on_socket) {
        request_problem(request, 400, "The Host header is missing or too long");
        return false;
    }
    if (request->on_socket || auth_host_is_ours(request->api->auth, request->host))
        return true;
    request_problem(request, 421,
                    "This server does not answer for the host '%s'; add it to api.hosts if it "
                    "should",
                    request->host);
    request->host[0] = '\0';
    return false;
}

static bool changes(enum method method)
{
    return method == METHOD_POST || method == METHOD_PUT || method == METHOD_PATCH ||
           method == METHOD_DELETE;
}

static bool check_origin(struct request *request, struct lws *wsi)
{
    char origin[160];
    int length = header(wsi, WSI_TOKEN_ORIGIN, origin, (int)sizeof(origin));
    bool upgrade = lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) > 0;
    if (length == -1 || request->on_socket || (!changes(request->method) && !upgrade) ||
        (length > 0 && auth_origin_is_ours(request->api->auth, origin, request->host)))
        return true;
    request_problem(request, 403, "Pages of other sites may not do this (Origin is not this host)");
    return false;
}

/* What follows as a body. Everything that leaves the message's end unclear closes the connection
 * (RFC 9112, section 6.3). */
static bool check_body(struct connection *connection, struct request *request, struct lws *wsi)
{
    char text[64];
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
        connection->close_after = true;
        request_problem(request, 411, "Send the body with a Content-Length, not in chunks");
        return false;
    }
    int length = header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, (int)sizeof(text));
    if (length == -1) {
        /* libwebsockets would wait for a body after a POST. */
        connection->close_after = changes(request->method);
        return true;
    }
    if (length < 0 || length > 15 || strspn(text, "0123456789") != (size_t)length) {
        connection->close_after = true;
        request_problem(request, 400, "Content-Length is not a number");
        return false;
    }
    connection->body_bytes = strtoll(text, NULL, 10);
    if (connection->body_bytes > request->api->body_max_bytes) {
        connection->discard_body = true;
        connection->close_after = true;
        request_problem(request, 413, "The body is larger than %" PRId64 " bytes (api.body_max)",
                        request->api->body_max_bytes);
        return false;
    }
    return true;
}

static bool check_type(struct connection *connection, struct request *request, struct lws *wsi)
{
    header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, request->content_type,
           (int)sizeof(request->content_type));
    if (connection->body_bytes == 0)
        return true;
    size_t length = strcspn(request->content_type, "; ");
    if (length == 16 && strncasecmp(request->content_type, "application/json", 16) == 0)
        return true;
    request_problem(request, 415, "Send the body as Content-Type: application/json");
    return false;
}

/* A proxy on this machine has a loopback address, its callers need not. Headers only take away from
 * what a caller may do, so nothing is won by inventing them. */
static bool through_proxy(struct lws *wsi)
{
    static const char forwarded[] = "forwarded:";
    static const enum lws_token_indexes headers[] = {WSI_TOKEN_X_FORWARDED_FOR,
                                                     WSI_TOKEN_HTTP_X_REAL_IP, WSI_TOKEN_HTTP_VIA};
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (lws_hdr_total_length(wsi, headers[i]) > 0)
            return true;
    }
    return lws_hdr_custom_length(wsi, forwarded, (int)sizeof(forwarded) - 1) > 0;
}

static void read_peer(struct request *request, struct lws *wsi)
{
    struct api *api = request->api;
    request->on_socket = lws_get_vhost(wsi) == api->local;
    request->secure = !request->on_socket && api->tls;
    request->proxied = through_proxy(wsi);
    if (!request->on_socket)
        lws_get_peer_simple(wsi, request->peer, sizeof(request->peer));
}

static void read_cookie(struct request *request, struct lws *wsi)
{
    size_t size = sizeof(request->cookie);
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COOKIE) <= 0 ||
        lws_http_cookie_get(wsi, "gnswatch_session", request->cookie, &size) != 0)
        request->cookie[0] = '\0';
}

static bool check_rate(struct request *request)
{
    struct api *api = request->api;
    if (request->on_socket ||
        limits_take(&api->limits, request->peer, clock_monotonic_ms(api->clock)))
        return true;
    request->retry_after_s = 1;
    request_problem(request, 429, "More than api.requests_per_second");
    return false;
}

static bool check_all(struct connection *connection, struct request *request, struct lws *wsi,
                      const char *uri, int uri_bytes)
{
    char authorization[512], encodings[128];
    if (!check_host(request, wsi) || !read_target(request, wsi, uri, uri_bytes) ||
        !check_body(connection, request, wsi) || !check_rate(request) ||
        !check_origin(request, wsi) || !check_type(connection, request, wsi))
        return false;
    header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, request->if_none_match,
           (int)sizeof(request->if_none_match));
    header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, encodings, (int)sizeof(encodings));
    header(wsi, WSI_TOKEN_HTTP_ACCEPT, request->accept, (int)sizeof(request->accept));
    request->accepts_gzip = strstr(encodings, "gzip") != NULL;
    read_cookie(request, wsi);
    if (header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, authorization, (int)sizeof(authorization)) ==
        -2) {
        request_problem(request, 401, "The Authorization header is too long");
        return false;
    }
    return request_authorise(request, authorization);
}

struct request *receive_request(struct connection *connection, struct lws *wsi)
{
    char *uri = NULL;
    int uri_bytes = 0;
    enum method method = method_of(wsi, &uri, &uri_bytes);
    struct request *request = request_new(api_of(wsi), method ? method : METHOD_GET);
    if (!request)
        return NULL;
    read_peer(request, wsi);
    request->api->counts.requests++;
    if (!method) {
        connection->close_after = true;
        request_problem(request, 405, "This method is not known here");
    } else if (!check_all(connection, request, wsi, uri, uri_bytes) && request->status == 0) {
        request_problem(request, 500, "Out of memory");
    }
    return request;
}

bool receive_body(struct connection *connection, const char *bytes, size_t count)
{
    struct request *request = connection->request;
    if (connection->discard_body || !request || request->status)
        return true;
    if (request->body.len + count > (size_t)connection->body_bytes)
        return false;
    buf_add(&request->body, bytes, count);
    if (buf_error(&request->body))
        request_problem(request, 500, "Out of memory");
    return true;
}
