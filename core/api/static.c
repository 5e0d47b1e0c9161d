/* Files of the dashboard. */
#include "api/static.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 16 << 20 };

const char *static_type(const char *path)
{
    static const struct {
        const char *extension, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".ico", "image/vnd.microsoft.icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
        {".md", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(dot, types[i].extension) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

/* Names below the directory only: no "..", no hidden files, no backslash, no control bytes. */
static bool is_plain(const char *path)
{
    if (path[0] != '/' || strstr(path, "/.") || strchr(path, '\\'))
        return false;
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        if (*c < 0x20)
            return false;
    }
    return true;
}

/* Of a type that is served; a server named lab.example.org in a path is none. */
static bool is_file_name(const char *path)
{
    return strcmp(static_type(path), "application/octet-stream") != 0;
}

static bool has_extension(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strchr(slash ? slash : path, '.') != NULL;
}

/* An open regular file, or -1. */
static int open_file(const char *dir, const char *path, const char *suffix, struct stat *info)
{
    char name[4096];
    int length = snprintf(name, sizeof(name), "%s%s%s", dir, path, suffix);
    if (length < 0 || (size_t)length >= sizeof(name))
        return -1;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 &&
        (fstat(fd, info) != 0 || !S_ISREG(info->st_mode) || info->st_size > FILE_MAX_BYTES)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool read_file(struct request *request, int fd, size_t bytes)
{
    struct buf *out = &request->out;
    if (buf_reserve(out, bytes))
        return false;
    while (bytes > 0) {
        ssize_t got = read(fd, out->data + out->len, bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        out->len += (size_t)got;
        bytes -= (size_t)got;
    }
    return true;
}

static bool send_file(struct request *request, const char *path, int fd, const struct stat *info)
{
    request_tag(request,
                (uint64_t)info->st_mtim.tv_sec * 1000000000u + (uint64_t)info->st_mtim.tv_nsec,
                (uint64_t)info->st_size * 2 + request->gzipped);
    request->type = static_type(path);
    request->page = strncmp(request->type, "text/html", 9) == 0;
    request->cache_long = strncmp(path, "/vendor/", 8) == 0;
    if (!request_matches_tag(request)) {
        request->status = 200;
        if (!read_file(request, fd, (size_t)info->st_size))
            request_problem(request, 500, "%s could not be read", path);
    }
    close(fd);
    return true;
}

bool static_answer(struct request *request, const char *web_dir, const char *path)
{
    if (request->method != METHOD_GET && request->method != METHOD_HEAD) {
        snprintf(request->allow, sizeof(request->allow), "GET, HEAD");
        return request_problem(request, 405, "Files can only be read");
    }
    struct stat info;
    int fd = -1;
    bool plain = web_dir && is_plain(path);
    if (plain && request->accepts_gzip && has_extension(path))
        fd = open_file(web_dir, path, ".gz", &info);
    request->gzipped = fd >= 0;
    if (plain && fd < 0)
        fd = open_file(web_dir, path, "", &info);
    if (plain && fd < 0 && !is_file_name(path)) {
        path = "/index.html";
        fd = open_file(web_dir, path, "", &info);
    }
    if (fd < 0)
        return request_problem(request, 404, "There is no such file");
    return send_file(request, path, fd, &info);
}
