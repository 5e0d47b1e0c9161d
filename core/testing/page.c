/* Reading the plugin's pages, with their parameters from path and query as over HTTP. */
#include "testing/inside.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- Parameters ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Percent-encoding undone (RFC 3986); the caller frees it. */
static char *decode(const char *text, size_t bytes)
{
    char *out = gwt_need(malloc(bytes + 1)), *end = out;
    for (size_t i = 0; i < bytes; i++) {
        bool coded =
            text[i] == '%' && i + 2 < bytes && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
        *end++ = coded ? (char)(hex(text[i + 1]) * 16 + hex(text[i + 2])) : text[i];
        i += coded ? 2 : 0;
    }
    *end = '\0';
    return out;
}

static void read_query(json_t *params, const struct gw_page *page, const char *query)
{
    while (query && *query) {
        size_t bytes = strcspn(query, "&"), name_bytes = strcspn(query, "=&");
        size_t skip = name_bytes < bytes ? name_bytes + 1 : bytes;
        char *name = decode(query, name_bytes), *value = decode(query + skip, bytes - skip);
        page_param(params, page, name, value);
        free(name);
        free(value);
        query += bytes + (query[bytes] == '&');
    }
}

/* ---- Which page ---- */

/* "/a/{name}" against "/a/x", bytes long; with `params` it sets what stands in the braces. */
static bool matches(const char *pattern, const char *path, size_t bytes, json_t *params)
{
    const char *end = path + bytes;
    while (*pattern && path < end) {
        if (*pattern == '{') {
            size_t part = strcspn(path, "/?"), name_bytes = strcspn(pattern, "}");
            if (part == 0)
                return false;
            char *name = decode(pattern + 1, name_bytes - 1), *value = decode(path, part);
            if (params)
                json_object_set_new(params, name, json_string(value));
            free(name);
            free(value);
            pattern += name_bytes + 1;
            path += part;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return !*pattern && path == end;
}

static const struct gw_page *find_page(struct gwt *test, const char *path, size_t bytes)
{
    const struct gw_page *page = test->descriptor.pages;
    while (page && page->path && !matches(page->path, path, bytes, NULL))
        page++;
    return page && page->path ? page : NULL;
}

/* ---- The call ---- */

static void keep_type(struct gwt *test, const char *type)
{
    free(test->page_type);
    test->page_type = gwt_need(strdup(type));
}

static int call_page(struct gwt *test, const struct gw_page *page, const json_t *params,
                     const char *accept)
{
    const struct caller caller = {"test", "page", GW_ADMIN};
    struct problems problems;
    struct gw_call *call = NULL;
    problems_init(&problems);
    int error = commands_call_page(test->commands, page->path, params, accept, &caller, NULL, NULL,
                                   &problems, &call);
    if (error) {
        answer_problems(test, &problems, error);
    } else {
        error = call_finish_for(test, call, page->deadline_ms > 0 ? page->deadline_ms : 10000);
        if (!error)
            keep_type(test, call_page_answer(call).type);
        call_unref(call);
    }
    problems_fini(&problems);
    return error;
}

int gwt_page(struct gwt *test, const char *path, const char *accept, const char **type,
             const char **body)
{
    size_t bytes = strcspn(path, "?");
    const struct gw_page *page = find_page(test, path, bytes);
    if (!page)
        gwt_die("gwt_page: the plugin has no page %s", path);
    json_t *params = json_object();
    read_query(params, page, path[bytes] ? path + bytes + 1 : NULL);
    matches(page->path, path, bytes, params);
    keep_type(test, "");
    int error = call_page(test, page, params, accept);
    json_decref(params);
    if (type)
        *type = test->page_type;
    if (body)
        *body = test->answer;
    return error;
}
