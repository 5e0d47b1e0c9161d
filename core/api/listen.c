/* The libwebsockets context. Comments say where 4.1.6 differs from its manual. */
#include "api/listen.h"

#include "api/connection.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    HEADER_MAX_BYTES = 16384,
    SERVICE_BUFFER_BYTES = 16000, /* beyond 16,384 large answers break (upstream issue 2351) */
    GOODBYE_MS = 300,
    KEEPALIVE_S = 75,
    REQUEST_S = 20, /* to send headers, and each piece of a body */
};

static void say(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(char **why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (vasprintf(why, format, args) < 0)
        *why = NULL;
    va_end(args);
}

int listen_parse(const char *text, struct listen_address *out, char **why)
{
    const char *colon = text ? strrchr(text, ':') : NULL;
    size_t bytes = colon ? (size_t)(colon - text) : 0;
    char *end = NULL;
    long port = colon ? strtol(colon + 1, &end, 10) : -1;
    bool bracketed = bytes > 2 && text[0] == '[' && text[bytes - 1] == ']';
    if (!colon || !colon[1] || *end || port < 0 || port > 65535 || bytes == 0 ||
        bytes >= sizeof(out->host)) {
        say(why,
            "api.listen: expected ADDRESS:PORT, for example 127.0.0.1:8088 or [::1]:8088, not "
            "'%s'",
            text ? text : "");
        return -EINVAL;
    }
    snprintf(out->host, sizeof(out->host), "%.*s", (int)(bracketed ? bytes - 2 : bytes),
             text + bracketed);
    if (strcasecmp(out->host, "localhost") == 0)
        snprintf(out->host, sizeof(out->host), "127.0.0.1");
    out->port = (int)port;
    unsigned char address[16];
    if (inet_pton(AF_INET, out->host, address) != 1 &&
        inet_pton(AF_INET6, out->host, address) != 1) {
        say(why,
            "api.listen: '%s' is not an address; write 127.0.0.1, [::1], 0.0.0.0 or one of "
            "this machine's",
            out->host);
        return -EINVAL;
    }
    return 0;
}

/* Binds for a moment, because libwebsockets does not say why it could not. */
static int try_bind(const struct listen_address *address)
{
    struct sockaddr_storage name = {0};
    socklen_t length;
    struct sockaddr_in *v4 = (struct sockaddr_in *)&name;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&name;
    if (inet_pton(AF_INET, address->host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)address->port);
        length = sizeof(*v4);
    } else {
        inet_pton(AF_INET6, address->host, &v6->sin6_addr);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)address->port);
        length = sizeof(*v6);
    }
    int fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int on = 1, error = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&name, length) != 0 || listen(fd, 1) != 0)
        error = -errno;
    close(fd);
    return error;
}

static int check_bind(const struct listen_address *address, char **why)
{
    int error = try_bind(address);
    if (error == -EADDRINUSE)
        say(why,
            "%s:%d is in use by another program; stop it or set api.listen (gnswatch demo: "
            "--listen)",
            address->host, address->port);
    else if (error == -EADDRNOTAVAIL)
        say(why, "api.listen: this machine has no address %s", address->host);
    else if (error == -EACCES)
        say(why, "api.listen: port %d needs rights this user does not have; take one above 1023",
            address->port);
    else if (error)
        say(why, "api.listen: %s:%d: %s", address->host, address->port, strerror(-error));
    return error;
}

/* libwebsockets tells of clients' mistakes as errors; to an operator they are not. */
static void log_from_lws(int level, const char *line)
{
    size_t length = strcspn(line, "\n");
    if (length == 0)
        return;
    log_line(level == LLL_ERR ? GW_INFO : GW_DEBUG, "api", "libwebsockets: %.*s",
             (int)(length > 300 ? 300 : length), line);
}

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_no_context_takeover; server_no_context_takeover"},
    {NULL, NULL, NULL},
};

static void fill_common(struct api *api, struct lws_context_creation_info *info,
                        const struct lws_protocols *protocols)
{
    info->protocols = protocols;
    info->extensions = api->compression ? extensions : NULL;
    info->timeout_secs = REQUEST_S;
    info->keepalive_timeout = KEEPALIVE_S;
    info->server_string = "gnswatch";
    info->user = api;
}

static int make_context(struct api *api)
{
    void *loops[] = {&api->loop};
    struct lws_context_creation_info info = {0};
    lws_set_log_level(LLL_ERR | LLL_WARN | (log_wants(GW_DEBUG) ? LLL_NOTICE : 0), log_from_lws);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   (api->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0);
    info.foreign_loops = loops;
    info.count_threads = 1;
    info.pt_serv_buf_size = SERVICE_BUFFER_BYTES;
    info.max_http_header_data = HEADER_MAX_BYTES;
    info.fd_limit_per_thread = (unsigned)api->connections_max + 32;
    info.user = api;
    info.timeout_secs = REQUEST_S;
    api->context = lws_create_context(&info);
    return api->context ? 0 : -EIO;
}

static const struct lws_protocols *protocols(void)
{
    static const struct lws_protocols list[] = {
        /* The last: a piece in one send; else lws cuts it at 4,096 and keeps a copy of the rest. */
        {"http", http_callback, sizeof(struct connection), 4096, 0, NULL, PIECE_BYTES},
        {NULL, NULL, 0, 0, 0, NULL, 0},
    };
    return list;
}

static int open_tcp(struct api *api, const struct listen_address *address, char **why)
{
    struct lws_context_creation_info info = {0};
    fill_common(api, &info, protocols());
    info.vhost_name = "tcp";
    info.iface = address->host;
    info.port = address->port;
    info.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (strchr(address->host, ':') ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6);
    if (api->tls) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = gw_string(api->parts.options, "tls_cert");
        info.ssl_private_key_filepath = gw_string(api->parts.options, "tls_key");
        info.alpn = "http/1.1";
    }
    api->tcp = lws_create_vhost(api->context, &info);
    if (!api->tcp) {
        say(why,
            api->tls ? "api: listening with TLS on %s:%d does not work; see to tls_cert and "
                       "tls_key"
                     : "api: listening on %s:%d does not work",
            address->host, address->port);
        return -EIO;
    }
    api->port = lws_get_vhost_listen_port(api->tcp);
    return 0;
}

/* The file's mode is the right to administer, so it must never be wider, not for a moment. */
static int open_socket(struct api *api, char **why)
{
    if (!api->socket_path)
        return 0;
    if (strlen(api->socket_path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        log_line(GW_WARNING, "api", "%s is too long for a socket; the command line uses TCP",
                 api->socket_path);
        return 0;
    }
    struct lws_context_creation_info info = {0};
    fill_common(api, &info, protocols());
    info.vhost_name = "socket";
    info.iface = api->socket_path;
    info.options = LWS_SERVER_OPTION_UNIX_SOCK;
    unlink(api->socket_path);
    mode_t before = umask(0177);
    api->local = lws_create_vhost(api->context, &info);
    umask(before);
    if (!api->local || chmod(api->socket_path, 0600) != 0) {
        say(why, "the socket %s cannot be made", api->socket_path);
        return -EIO;
    }
    return 0;
}

static int check_tls(struct api *api, char **why)
{
    static const char *const names[] = {"tls_cert", "tls_key"};
    if (!gw_has(api->parts.options, "tls_cert") && !gw_has(api->parts.options, "tls_key"))
        return 0;
    for (size_t i = 0; i < 2; i++) {
        const char *path = gw_string(api->parts.options, names[i]);
        if (!path || access(path, R_OK) != 0) {
            say(why, "api.%s: %s %s", names[i], path ? path : "is needed too",
                path ? strerror(errno) : "");
            return -EINVAL;
        }
    }
    return 0;
}

int listen_start(struct api *api, const struct listen_address *address, char **why)
{
    int error = check_tls(api, why);
    if (!error)
        error = check_bind(address, why);
    if (!error && (error = make_context(api)))
        say(why, "libwebsockets does not start; is libwebsockets-evlib-uv installed?");
    if (!error)
        error = open_tcp(api, address, why);
    if (!error)
        error = open_socket(api, why);
    return error;
}

static void on_goodbye_over(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

void listen_say_goodbye(struct api *api)
{
    live_wake_all(api->live);
    uv_timer_start(&api->goodbye, on_goodbye_over, GOODBYE_MS, 0);
}

void listen_end(struct api *api)
{
    if (api->context)
        lws_context_destroy(api->context);
}

/* On a loop of ours, 4.1.6 leaves the second half to a second call. */
void listen_free(struct api *api)
{
    if (api->context)
        lws_context_destroy(api->context);
    api->context = NULL;
}
