/* Several GETs in one request, for a first paint. */
#include "api/batch.h"
#include "api/live.h"
#include "api/route.h"
#include "api/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct batch {
    struct request *request;
    size_t count, waiting;
    int64_t sequence; /* of the live feed when it was asked: what is read is not older */
    struct request *parts[BATCH_MAX]; /* owned */
};

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        request_free(batch->parts[i]);
    free(batch);
}

static void write_answer(struct batch *batch)
{
    struct buf *out = &batch->request->out;
    buf_adds(out, "{\"items\":[");
    for (size_t i = 0; i < batch->count; i++) {
        const struct request *part = batch->parts[i];
        size_t bytes;
        const char *body = request_body(part, &bytes);
        if (part->guest && strncmp(part->type, "application/json", 16) != 0)
            bytes = 0; /* a page that is no JSON has no place in here */
        buf_printf(out, "%s{\"status\":%d,\"body\":", i ? "," : "", part->status);
        buf_add(out, bytes ? body : "null", bytes ? bytes : 4);
        buf_addc(out, '}');
    }
    buf_printf(out, "],\"sequence\":%" PRId64 "}", batch->sequence);
    request_json(batch->request, 200);
}

static void part_done(struct request *part)
{
    struct batch *batch = part->owner;
    if (--batch->waiting > 0)
        return;
    struct request *request = batch->request;
    write_answer(batch);
    batch_free(batch);
    request_done(request);
}

static struct request *part_new(struct request *whole, const char *target)
{
    struct request *part = request_new(whole->api, METHOD_GET);
    if (!part)
        return NULL;
    memcpy(part->caller, whole->caller, sizeof(part->caller));
    memcpy(part->peer, whole->peer, sizeof(part->peer));
    part->role = whole->role;
    part->on_socket = whole->on_socket;
    part->proxied = whole->proxied;
    part->done = part_done;
    int error = request_parse_target(part, target, strlen(target));
    if (error)
        request_problem(part, 400, "'%.80s' is not a path with a query", target);
    else if (strncmp(part->path, "/api/", 5) != 0 || strcmp(part->path, "/api/v1/batch") == 0)
        request_problem(part, 400, "A batch is made of paths below /api, and of no batch");
    return part;
}

static bool make_parts(struct batch *batch)
{
    struct request *request = batch->request;
    for (size_t i = 0; i < request->parameter_count; i++) {
        if (batch->count == BATCH_MAX) {
            request_problem(request, 400, "At most %d", BATCH_MAX);
            return false;
        }
        struct request *part = part_new(request, request->parameters[i].value);
        if (!part) {
            request_errno(request, -ENOMEM, "Out of memory");
            return false;
        }
        batch->parts[batch->count++] = part;
    }
    if (batch->count == 0)
        request_problem(request, 400, "Say what to get: get=/api/…");
    return batch->count > 0;
}

bool batch_answer(struct request *request)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (!batch)
        return request_errno(request, -ENOMEM, "Out of memory");
    batch->request = request;
    batch->sequence = live_sequence(request->api->live);
    if (!make_parts(batch)) {
        batch_free(batch);
        return true;
    }
    batch->waiting = 1; /* this function */
    for (size_t i = 0; i < batch->count; i++) {
        struct request *part = batch->parts[i];
        if (part->status)
            continue;
        batch->waiting++;
        if (route_request(part))
            batch->waiting--;
        else
            part->owner = batch;
    }
    if (--batch->waiting > 0)
        return false;
    write_answer(batch);
    batch_free(batch);
    return true;
}
