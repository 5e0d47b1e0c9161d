/* One HTTP request as a curl easy handle: its settings, where its body goes, and what came of it.
 *
 * Knows nothing of queues and clients' lives. Sentences name the peer, never a path's query, a
 * header or a credential. */
#include "plugin/http_internal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RETRY_AFTER_MAX_S = 7 * 24 * 3600 };

static bool status_is_good(CURL *easy)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

/* ---- What comes in ---- */

static int sink_write(struct gw_http_request *request, const char *bytes, size_t count)
{
    if (request->sink_fd < 0) {
        request->sink_fd = open(request->sink_part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (request->sink_fd < 0)
            return -errno;
    }
    while (count > 0) {
        ssize_t written = write(request->sink_fd, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

static size_t on_body(char *bytes, size_t one, size_t count, void *data)
{
    struct gw_http_request *request = data;
    (void)one; /* always 1 */
    if (request->state != HTTP_RUNNING)
        return 0; /* ended below a callback: curl stops here */
    struct gw_http *http = request->http;
    bool good = status_is_good(request->easy);
    if (request->stream && good) {
        http_heard(request);
        http_enter(http);
        bool more = request->on_piece(http->self, bytes, count, request->data);
        if (!more && !http->freed)
            http_end(request, -ECANCELED);
        more = more && !http->freed && request->state == HTTP_RUNNING;
        http_leave(http);
        return more ? count : 0;
    }
    if (request->sink_path && good)
        request->error = sink_write(request, bytes, count);
    else
        buf_add(&request->body, bytes, count);
    if (!request->error)
        request->error = buf_error(&request->body);
    return request->error ? 0 : count;
}

static size_t on_header(char *bytes, size_t one, size_t count, void *data)
{
    struct gw_http_request *request = data;
    (void)bytes;
    (void)one;
    request->header_bytes += count;
    if (request->header_bytes > HTTP_HEADERS_MAX_BYTES)
        request->error = -EMSGSIZE;
    return request->error || request->state != HTTP_RUNNING ? 0 : count;
}

static int sink_close(struct gw_http_request *request, bool keep)
{
    if (!request->sink_path)
        return 0;
    int error = 0;
    if (keep && request->sink_fd < 0) /* an empty body is an empty file */
        error = sink_write(request, "", 0);
    if (request->sink_fd >= 0 && close(request->sink_fd) < 0)
        error = -errno;
    request->sink_fd = -1;
    if (keep && !error && rename(request->sink_part, request->sink_path) < 0)
        error = -errno;
    if (!keep || error)
        unlink(request->sink_part);
    return error;
}

/* ---- What goes out ---- */

static bool has_header(const char *const *headers, const char *name)
{
    size_t length = strlen(name);
    for (; headers && *headers; headers++)
        if (strncasecmp(*headers, name, length) == 0 && (*headers)[length] == ':')
            return true;
    return false;
}

static int add_header(struct gw_http_request *request, const char *header)
{
    struct curl_slist *longer = curl_slist_append(request->headers, header);
    if (!longer)
        return -ENOMEM;
    request->headers = longer;
    return 0;
}

static int set_headers(struct gw_http_request *request, const struct gw_http_ask *ask)
{
    int error = add_header(request, "Expect:"); /* never wait for "100 Continue" */
    for (const char *const *header = ask->headers; header && *header && !error; header++)
        error = add_header(request, *header);
    if (!error && !has_header(ask->headers, "Content-Type"))
        error = add_header(request, ask->body_file ? "Content-Type: application/octet-stream"
                                    : ask->body    ? "Content-Type: application/json"
                                                   : "Content-Type:");
    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers);
    return error;
}

static int set_source_file(struct gw_http_request *request, const char *path)
{
    request->source = fopen(path, "rbe");
    struct stat status;
    if (!request->source || fstat(fileno(request->source), &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    curl_easy_setopt(request->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(request->easy, CURLOPT_READDATA, request->source);
    curl_easy_setopt(request->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)status.st_size);
    return 0;
}

/* What may be sent twice without harm: curl does so when a kept connection turns out closed. */
static bool is_idempotent(const char *method)
{
    return strcmp(method, "POST") != 0 && strcmp(method, "PATCH") != 0;
}

static int set_method(struct gw_http_request *request, const struct gw_http_ask *ask)
{
    CURL *easy = request->easy;
    const char *method = ask->method ? ask->method : ask->body || ask->body_file ? "POST" : "GET";
    if (ask->body_file) {
        request->error = set_source_file(request, ask->body_file);
    } else if (ask->body || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
        request->sent_bytes = ask->body ? ask->body_bytes : 0;
        request->sent = malloc(request->sent_bytes + 1);
        if (!request->sent)
            return -ENOMEM;
        memcpy(request->sent, ask->body ? ask->body : "", request->sent_bytes);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->sent);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->sent_bytes);
    } else if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_idempotent(method) ? 0L : 1L);
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK ? 0 : -ENOMEM;
}

static int set_url(struct gw_http_request *request, const char *path)
{
    struct buf url;
    buf_init(&url, 64 * 1024);
    buf_adds(&url, request->http->base);
    buf_adds(&url, path);
    int error = buf_error(&url);
    if (!error && curl_easy_setopt(request->easy, CURLOPT_URL, url.data) != CURLE_OK)
        error = -ENOMEM;
    buf_fini(&url);
    return error;
}

static int set_sink(struct gw_http_request *request, const char *path)
{
    if (!path)
        return 0;
    request->sink_path = strdup(path);
    if (!request->sink_path || asprintf(&request->sink_part, "%s.part", path) < 0) {
        request->sink_part = NULL;
        free(request->sink_path);
        request->sink_path = NULL;
        return -ENOMEM;
    }
    return 0;
}

static void set_credentials(CURL *easy, const struct gw_http *http)
{
    if (http->user) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, http->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, http->password ? http->password : "");
    }
    if (http->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, http->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, http->insecure ? 0L : 2L);
}

/* curl counts in whole seconds and reuses until the second after is full. */
static void set_reuse(CURL *easy, int64_t idle_max_ms)
{
    if (idle_max_ms < 2000)
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    else
        curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)(idle_max_ms / 1000 - 1));
}

static void set_rest(struct gw_http_request *request)
{
    CURL *easy = request->easy;
    const struct gw_http *http = request->http;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error_text);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* the environment has no say */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gnswatch/" GNSWATCH_VERSION);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_ms);
    set_credentials(easy, http);
    set_reuse(easy, http->idle_max_ms);
}

int http_transfer_init(struct gw_http_request *request, const struct gw_http_ask *ask)
{
    request->easy = curl_easy_init();
    if (!request->easy)
        return -ENOMEM;
    set_rest(request);
    if (!request->stream && !ask->save_file)
        curl_easy_setopt(request->easy, CURLOPT_MAXFILESIZE_LARGE,
                         (curl_off_t)request->http->answer_max_bytes);
    int error = set_url(request, ask->path);
    if (!error)
        error = set_sink(request, ask->save_file);
    if (!error)
        error = set_headers(request, ask);
    if (!error)
        error = set_method(request, ask);
    return error;
}

void http_transfer_fini(struct gw_http_request *request)
{
    if (request->added)
        curl_multi_remove_handle(request->http->multi, request->easy);
    request->added = false;
    curl_easy_cleanup(request->easy);
    request->easy = NULL;
    for (struct curl_slist *header = request->headers; header; header = header->next)
        explicit_bzero(header->data, strlen(header->data)); /* tokens */
    curl_slist_free_all(request->headers);
    if (request->sent)
        explicit_bzero(request->sent, request->sent_bytes); /* passwords */
    free(request->sent);
    if (request->source)
        fclose(request->source);
    sink_close(request, false);
    free(request->sink_path);
    free(request->sink_part);
    buf_fini(&request->body);
}

/* ---- What came of it ---- */

static int error_of(CURL *easy, CURLcode code)
{
    long os_error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
    switch (code) {
    case CURLE_OK:
        return 0;
    case CURLE_COULDNT_RESOLVE_HOST:
        return -EHOSTUNREACH;
    case CURLE_COULDNT_CONNECT:
        return os_error > 0 ? (int)-os_error : -ECONNREFUSED;
    case CURLE_OPERATION_TIMEDOUT:
        return -ETIMEDOUT;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
        return -ECONNRESET;
    case CURLE_RECV_ERROR: /* also a chunk size that is none */
        return os_error > 0 ? (int)-os_error : -EPROTO;
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9, HTTP/2 … */
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS:
        return -EPROTO;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return -EACCES;
    case CURLE_FILESIZE_EXCEEDED:
        return -EMSGSIZE;
    case CURLE_OUT_OF_MEMORY:
        return -ENOMEM;
    case CURLE_ABORTED_BY_CALLBACK:
        return -ECANCELED;
    default:
        return -EIO;
    }
}

static double ms_of(CURL *easy, CURLINFO what)
{
    curl_off_t us = 0;
    curl_easy_getinfo(easy, what, &us);
    return (double)us / 1000.0;
}

static size_t bytes_of(CURL *easy, CURLINFO what)
{
    curl_off_t bytes = 0;
    curl_easy_getinfo(easy, what, &bytes);
    return bytes > 0 ? (size_t)bytes : 0;
}

static const char *say(struct gw_http_request *request, CURLcode code, int error)
{
    const char *peer = request->http->peer;
    const char *detail = request->error_text[0] ? request->error_text : curl_easy_strerror(code);
    char *text = request->text;
    size_t size = sizeof(request->text);
    bool connected = ms_of(request->easy, CURLINFO_CONNECT_TIME_T) > 0;
    switch (-error) {
    case 0:
        return NULL;
    case ETIMEDOUT:
        if (request->heard_ms)
            snprintf(text, size, "%s: the stream was silent for %g s", peer,
                     (double)request->silence_ms / 1000.0);
        else if (!request->started || connected)
            snprintf(text, size, "%s: no answer within %g s", peer,
                     (double)request->timeout_ms / 1000.0);
        else
            snprintf(text, size, "%s: no connection: timed out", peer);
        break;
    case EACCES:
        snprintf(text, size, "%s: TLS: %s", peer, detail);
        break;
    case EMSGSIZE:
        snprintf(text, size, "%s: the answer is too large", peer);
        break;
    case ECANCELED:
        snprintf(text, size, "%s: cancelled", peer);
        break;
    case EPROTO:
        snprintf(text, size, "%s: not proper HTTP: %s", peer, detail);
        break;
    case EHOSTUNREACH:
    case EIO:
        snprintf(text, size, "%s: %s", peer, detail);
        break;
    default:
        snprintf(text, size, "%s: %s", peer, strerror(-error));
        break;
    }
    return text;
}

void http_transfer_answer(struct gw_http_request *request, CURLcode code,
                          struct gw_http_answer *answer)
{
    CURL *easy = request->easy;
    int error = request->error ? request->error : error_of(easy, code);
    int closed = sink_close(request, !error && status_is_good(easy));
    if (!error)
        error = closed;
    long status = 0, connects = 0, request_bytes = 0, header_bytes = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &header_bytes);
    double before_ms = ms_of(easy, CURLINFO_PRETRANSFER_TIME_T);
    double first_ms = ms_of(easy, CURLINFO_STARTTRANSFER_TIME_T);
    double tls_ms = ms_of(easy, CURLINFO_APPCONNECT_TIME_T);
    *answer = (struct gw_http_answer){
        .error = error,
        .text = say(request, code, error),
        .status = (int)status,
        .body = request->body.data ? request->body.data : "",
        .body_bytes = request->body.len,
        .total_ms = ms_of(easy, CURLINFO_TOTAL_TIME_T),
        .connect_ms = tls_ms > 0 ? tls_ms : ms_of(easy, CURLINFO_CONNECT_TIME_T),
        .first_byte_ms = first_ms > before_ms ? first_ms - before_ms : 0,
        .reused = status > 0 && connects == 0,
        .sent_bytes = (size_t)request_bytes + bytes_of(easy, CURLINFO_SIZE_UPLOAD_T),
        .received_bytes = (size_t)header_bytes + bytes_of(easy, CURLINFO_SIZE_DOWNLOAD_T),
    };
    curl_off_t retry_after_s = 0;
    if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK &&
        retry_after_s > 0 && retry_after_s < RETRY_AFTER_MAX_S)
        answer->retry_after_ms = (int64_t)retry_after_s * 1000;
    char *type = NULL;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    answer->content_type = type;
}
