/* Parsing targets and writing answers. */
#include "api/request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h" /* hash_bytes */
#include "conf/scalar.h"

static const char *const methods[] = {
    [METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
    [METHOD_PUT] = "PUT",         [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
    [METHOD_OPTIONS] = "OPTIONS",
};

const char *method_name(enum method method)
{
    return methods[method];
}

int method_parse(const char *name)
{
    for (int m = METHOD_GET; m <= METHOD_OPTIONS; m++) {
        if (strcmp(methods[m], name) == 0)
            return m;
    }
    return -EINVAL;
}

struct request *request_new(struct api *api, enum method method)
{
    struct request *request = calloc(1, sizeof(*request));
    if (!request)
        return NULL;
    request->api = api;
    request->method = method;
    buf_init(&request->body, ANSWER_MAX_BYTES);
    buf_init(&request->out, ANSWER_MAX_BYTES + HEAD_ROOM_BYTES + 1);
    request_start_over(request);
    return request;
}

void request_free(struct request *request)
{
    if (!request)
        return;
    free(request->path);
    for (size_t i = 0; i < request->parameter_count; i++)
        free(request->parameters[i].name);
    for (size_t i = 0; i < CAPTURES_MAX; i++)
        free(request->captures[i]);
    buf_fini(&request->body);
    buf_fini(&request->out);
    free(request);
}

/* ---- Targets -------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes percent-encoding (RFC 3986, section 2.1); a new string or NULL with *error. */
static char *decode(const char *text, size_t bytes, bool plus_is_space, int *error)
{
    char *out = malloc(bytes + 1);
    *error = out ? 0 : -ENOMEM;
    size_t n = 0;
    for (size_t i = 0; out && i < bytes; i++) {
        char c = text[i];
        if (c == '%') {
            int high = bytes - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = bytes - i > 2 ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                *error = -EINVAL;
            else
                c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0')
            *error = -EINVAL;
        if (*error) {
            free(out);
            return NULL;
        }
        out[n++] = c;
    }
    if (out)
        out[n] = '\0';
    return out;
}

static int take_parameter(struct request *request, char *text)
{
    if (request->parameter_count == PARAMETERS_MAX) {
        free(text);
        return -E2BIG;
    }
    char *equal = strchr(text, '=');
    if (equal)
        *equal = '\0';
    request->parameters[request->parameter_count++] =
        (struct parameter){.name = text, .value = equal ? equal + 1 : ""};
    return 0;
}

int request_add_parameter(struct request *request, const char *text, size_t bytes)
{
    if (bytes == 0)
        return 0;
    char *copy = strndup(text, bytes);
    return copy ? take_parameter(request, copy) : -ENOMEM;
}

static int parse_parameter(struct request *request, const char *text, size_t bytes)
{
    if (bytes == 0)
        return 0;
    int error;
    char *copy = decode(text, bytes, true, &error);
    return copy ? take_parameter(request, copy) : error;
}

int request_parse_target(struct request *request, const char *target, size_t bytes)
{
    if (bytes > TARGET_MAX_BYTES)
        return -E2BIG;
    if (bytes == 0 || target[0] != '/')
        return -EINVAL;
    const char *end = target + bytes;
    const char *query = memchr(target, '?', bytes);
    int error;
    free(request->path);
    request->path = decode(target, (size_t)((query ? query : end) - target), false, &error);
    if (!request->path)
        return error;
    for (const char *at = query; at && at < end;) {
        at++; /* past "?" or "&" */
        const char *next = memchr(at, '&', (size_t)(end - at));
        error = parse_parameter(request, at, (size_t)((next ? next : end) - at));
        if (error)
            return error;
        at = next;
    }
    return 0;
}

const char *request_parameter(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->parameter_count; i++) {
        if (strcmp(request->parameters[i].name, name) == 0)
            return request->parameters[i].value;
    }
    return NULL;
}

static int int_parse(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || (*text != '-' && (*text < '0' || *text > '9')))
        return -EINVAL;
    *out = value;
    return 0;
}

static bool bad_parameter(struct request *request, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool bad_parameter(struct request *request, const char *name, const char *format, ...)
{
    char where[80], what[256];
    snprintf(where, sizeof(where), "query parameter '%s'", name);
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    struct problems problems;
    problems_init(&problems);
    problems_add(&problems, where, NULL, "%s", what);
    request_problems(request, &problems);
    problems_fini(&problems);
    return false;
}

bool request_int(struct request *request, const char *name, int64_t least, int64_t most,
                 int64_t absent, int64_t *out)
{
    const char *text = request_parameter(request, name);
    *out = absent;
    if (!text)
        return true;
    if (int_parse(text, out) == 0 && *out >= least && *out <= most)
        return true;
    return bad_parameter(request, name,
                         "expected a whole number from %" PRId64 " to %" PRId64 ", not '%.40s'",
                         least, most, text);
}

int time_parse(const char *text, int64_t now_ms, int64_t *out_ms)
{
    int64_t ms;
    if (int_parse(text, &ms) == 0 && ms < 0)
        return -EINVAL; /* a time ago without its unit, rather than one before 1970 */
    if (scalar_moment(text, now_ms, &ms))
        return -EINVAL;
    *out_ms = ms;
    return 0;
}

bool request_time(struct request *request, const char *name, int64_t now_ms, int64_t absent_ms,
                  int64_t *out_ms)
{
    const char *text = request_parameter(request, name);
    *out_ms = absent_ms;
    if (!text || time_parse(text, now_ms, out_ms) == 0)
        return true;
    return bad_parameter(request, name,
                         "expected milliseconds since 1970, a time such as 2030-01-31T12:00:00Z, "
                         "now, or a time ago such as -90s, -15m, -1h, -7d; not '%.40s'",
                         text);
}

/* ---- Answers -------------------------------------------------------------------------------- */

void request_start_over(struct request *request)
{
    buf_clear(&request->out);
    if (buf_reserve(&request->out, HEAD_ROOM_BYTES + 512) == 0)
        request->out.len = HEAD_ROOM_BYTES;
    request->status = 0;
    request->etag[0] = '\0';
}

const char *request_body(const struct request *request, size_t *bytes)
{
    bool whole = !buf_error(&request->out) && request->out.len >= HEAD_ROOM_BYTES;
    *bytes = whole ? request->out.len - HEAD_ROOM_BYTES : 0;
    return whole ? request->out.data + HEAD_ROOM_BYTES : "";
}

bool request_json(struct request *request, int status)
{
    if (buf_error(&request->out)) {
        int error = buf_error(&request->out);
        buf_fini(&request->out);
        return request_problem(request, error == -EMSGSIZE ? 413 : 500,
                               error == -EMSGSIZE ? "The answer is too large; ask for less"
                                                  : "Out of memory");
    }
    request->status = status;
    request->type = "application/json";
    return true;
}

static void open_problem(struct request *request, int status, const char *detail)
{
    request_start_over(request);
    request->status = status;
    request->type = "application/problem+json";
    struct buf *out = &request->out;
    buf_adds(out, "{\"type\":\"about:blank\",\"title\":");
    buf_json_string(out, status_text(status));
    buf_printf(out, ",\"status\":%d,\"detail\":", status);
    buf_json_string(out, detail);
    if (request->path) {
        buf_adds(out, ",\"instance\":");
        buf_json_string(out, request->path);
    }
}

bool request_problem(struct request *request, int status, const char *format, ...)
{
    char detail[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    open_problem(request, status, detail);
    buf_addc(&request->out, '}');
    return true;
}

bool request_problems(struct request *request, const struct problems *problems)
{
    char detail[600];
    const struct problem *first = problems->count ? &problems->list[0] : NULL;
    snprintf(detail, sizeof(detail), "%s%s%s", first ? first->where : "The input is not valid",
             first ? ": " : "", first ? first->what : "");
    open_problem(request, 400, detail);
    struct buf *out = &request->out;
    buf_adds(out, ",\"errors\":[");
    for (size_t i = 0; i < problems->count; i++) {
        buf_adds(out, i ? ",{\"where\":" : "{\"where\":");
        buf_json_string(out, problems->list[i].where);
        buf_adds(out, ",\"what\":");
        buf_json_string(out, problems->list[i].what);
        buf_addc(out, '}');
    }
    buf_adds(out, "]}");
    return true;
}

int status_of_errno(int error)
{
    switch (-error) {
    case ENOENT:
        return 404;
    case EINVAL:
    case EILSEQ:
        return 400;
    case EEXIST:
    case EBUSY:
    case ECANCELED:
        return 409;
    case EPERM:
    case EACCES:
        return 403;
    case ETIMEDOUT:
        return 504;
    case EIO:
        return 502;
    case EAGAIN:
    case ESHUTDOWN:
        return 503;
    default:
        return 500;
    }
}

bool request_errno(struct request *request, int error, const char *detail)
{
    if (error == -EAGAIN)
        request->retry_after_s = 1;
    return request_problem(request, status_of_errno(error), "%s", detail);
}

void request_tag(struct request *request, uint64_t a, uint64_t b)
{
    snprintf(request->etag, sizeof(request->etag), "\"%" PRIx64 "-%" PRIx64 "\"", a, b);
}

/* If-None-Match is a list, weak tags count as equal (RFC 9110, section 13.1.2). */
bool request_matches_tag(struct request *request)
{
    const char *list = request->if_none_match;
    bool same = list[0] && request->etag[0] &&
                (strcmp(list, "*") == 0 || strstr(list, request->etag) != NULL);
    if (!same)
        return false;
    char etag[sizeof(request->etag)];
    memcpy(etag, request->etag, sizeof(etag));
    request_start_over(request);
    memcpy(request->etag, etag, sizeof(etag));
    request->status = 304;
    return true;
}

bool request_json_tagged(struct request *request)
{
    request_json(request, 200);
    if (request->status != 200)
        return true;
    size_t bytes;
    const char *body = request_body(request, &bytes);
    request_tag(request, hash_bytes(body, bytes), bytes);
    request_matches_tag(request);
    return true;
}

void request_done(struct request *request)
{
    if (request->gone)
        request_free(request);
    else
        request->done(request);
}

const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].status == status)
            return texts[i].text;
    }
    return "Unknown";
}
