/* The OpenAPI document and the page that shows it. */
#include "api/route.h"
#include "api/server.h"

#include "base/map.h" /* hash_bytes */

#include <string.h>

static void hash_kind(void *data, const struct gw_kind *kind)
{
    uint64_t *hash = data;
    *hash = *hash * 31 + hash_bytes(kind->name, strlen(kind->name));
}

static void hash_command(void *data, const struct gw_command *command)
{
    uint64_t *hash = data;
    *hash = *hash * 31 + hash_bytes(command->name, strlen(command->name));
}

static bool hash_page(void *data, const struct gw_page *page)
{
    uint64_t *hash = data;
    *hash = *hash * 31 + hash_bytes(page->path, strlen(page->path));
    return true;
}

/* Made again when the kinds, the commands or the pages have changed. */
static bool get_openapi(struct request *request)
{
    struct api *api = request->api;
    uint64_t hash = 1;
    objects_each_kind(api->parts.objects, hash_kind, &hash);
    commands_each(api->parts.commands, hash_command, &hash);
    commands_each_page(api->parts.commands, hash_page, &hash);
    if (hash != api->openapi_hash || api->openapi.len == 0) {
        buf_clear(&api->openapi);
        api_openapi(api->parts.objects, api->parts.commands, &api->openapi);
        api->openapi_hash = hash;
    }
    buf_add(&request->out, api->openapi.data, api->openapi.len);
    return request_json_tagged(request);
}

static bool get_docs(struct request *request)
{
    return static_answer(request, request->api->web_dir, "/api-docs.html");
}

const struct route document_routes[] = {
    {.method = METHOD_GET,
     .path = "/api/openapi.json",
     .handle = get_openapi,
     .role = GW_VIEWER,
     .id = "getOpenapi",
     .tag = "host",
     .help = "This document"},
    {.method = METHOD_GET,
     .path = "/api/docs",
     .handle = get_docs,
     .id = "getDocs",
     .tag = "host",
     .help = "A page that shows this document",
     .answer_type = "text/html"},
    {0},
};
