/* compute.c - the computes of a server, from three sources: the list, the statistics, the feed.
 * v3 lists only computes of its database, so there the statistics name the local one. */
#include "events.h"
#include "inventory.h"
#include "poll.h"
#include "series.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct compute *compute_of(const struct server *server, const char *compute_id)
{
    for (size_t i = 0; i < server->compute_count; i++)
        if (strcmp(server->computes[i]->compute_id, compute_id) == 0)
            return server->computes[i];
    return NULL;
}

struct compute *compute_add(struct server *server, const char *compute_id)
{
    struct compute *compute = calloc(1, sizeof *compute);
    if (!compute)
        return NULL;
    compute->server = server;
    compute->cpu = compute->memory = compute->swap = compute->disk = NAN;
    compute->load[0] = compute->load[1] = compute->load[2] = NAN;
    compute->used_bytes = compute->total_bytes = NAN;
    keep(&compute->compute_id, compute_id);
    if (asprintf(&compute->id, "%s/%s", server->name, compute_id) < 0)
        compute->id = NULL;
    void *list = compute->id && compute->compute_id
                     ? list_add(server->computes, &server->compute_count, compute)
                     : NULL;
    if (!list) {
        compute_free(compute);
        return NULL;
    }
    server->computes = list;
    return compute;
}

void compute_free(struct compute *compute)
{
    if (!compute)
        return;
    free(compute->id);
    free(compute->compute_id);
    free(compute->name);
    free(compute->host);
    free(compute->last_error);
    free(compute);
}

void compute_remove(struct compute *compute)
{
    struct server *server = compute->server;
    series_end_compute(compute);
    gw_object_delete(server->gns3->self, "gns3.compute", compute->id);
    for (size_t i = 0; i < server->compute_count; i++)
        if (server->computes[i] == compute) {
            list_remove(server->computes, &server->compute_count, i);
            break;
        }
    compute_free(compute);
}

static void compute_put(struct compute *compute)
{
    struct server *server = compute->server;
    struct text *text = &server->text;
    text_clear(text);
    text_open(text, NULL, '{');
    text_string_member(text, "server", server->name);
    text_string_member(text, "compute_id", compute->compute_id);
    text_string_member(text, "name", compute->name);
    text_string_member(text, "host", compute->host);
    text_bool_member(text, "connected", compute->connected);
    text_string_member(text, "last_error", compute->last_error);
    text_close(text, '}');
    gw_object_put(server->gns3->self, "gns3.compute", compute->id, text_string(text));
}

static void compute_say(struct compute *compute)
{
    const char *name = compute->name ? compute->name : compute->compute_id;
    struct server *server = compute->server;
    if (compute->connected)
        say(server, GW_NOTICE, "gns3.compute.back", "gns3.compute", compute->id, NULL,
            "Compute %s of %s is connected again.", name, server->name);
    else if (strcmp(compute->compute_id, "local") == 0) /* told by a server that ends, too */
        say(server, GW_WARNING, "gns3.compute.lost", "gns3.compute", compute->id, NULL,
            "Compute %s of %s is lost: it is the server itself, which is stopping or very busy.",
            name, server->name);
    else
        say(server, GW_ERROR, "gns3.compute.lost", "gns3.compute", compute->id, NULL,
            "Compute %s of %s is lost%s%s: its nodes cannot be reached, and after ten failed "
            "tries GNS3 closes every project on it.",
            name, server->name, compute->last_error ? ", " : "",
            compute->last_error ? compute->last_error : "");
}

static void compute_connected(struct compute *compute, bool connected)
{
    bool changed = compute->known && compute->connected != connected;
    compute->connected = connected;
    compute->known = true;
    if (!connected)
        compute->cpu = compute->memory = compute->disk = NAN;
    if (changed)
        compute_say(compute);
}

/* One element of GET /computes, or of the feed's compute.updated: they have the same members. */
int compute_apply(struct server *server, const json_t *element)
{
    const char *compute_id = member_id(element, "compute_id");
    const json_t *connected = json_object_get(element, "connected");
    if (!compute_id || !json_is_boolean(connected))
        return -EPROTO;
    struct compute *compute = compute_of(server, compute_id);
    if (!compute && !(compute = compute_add(server, compute_id)))
        return -ENOMEM;
    keep(&compute->name, member_text(element, "name"));
    keep(&compute->host, member_text(element, "host"));
    keep(&compute->last_error, member_text(element, "last_error"));
    compute_connected(compute, json_is_true(connected));
    double cpu = member_real(element, "cpu_usage_percent"),
           memory = member_real(element, "memory_usage_percent"),
           disk = member_real(element, "disk_usage_percent");
    if (compute->connected && isfinite(cpu)) {
        compute->cpu = cpu;
        compute->memory = memory;
        if (isfinite(disk))
            compute->disk = disk;
        compute->feed_ms = gw_monotonic_ms(server->gns3->self);
    }
    compute->seen = true;
    compute_put(compute);
    return 0;
}

static bool computes_same(void *data, uint64_t hash, size_t place)
{
    (void)data;
    (void)hash;
    (void)place;
    return false; /* few, and with figures that move */
}

static int computes_apply(void *data, const json_t *element, uint64_t hash, size_t place)
{
    (void)hash;
    (void)place;
    int error = compute_apply(data, element);
    const char *compute_id = member_id(element, "compute_id");
    struct compute *compute = error == 0 && compute_id ? compute_of(data, compute_id) : NULL;
    if (compute)
        compute->listed = true;
    return error;
}

int computes_read(struct server *server, const char *body, size_t bytes, char *why,
                  size_t why_bytes)
{
    for (size_t i = 0; i < server->compute_count; i++)
        server->computes[i]->seen = false;
    struct list_reader reader = {.same = computes_same, .apply = computes_apply, .data = server};
    int error = list_read(&reader, body, bytes, why, why_bytes);
    for (size_t i = server->compute_count; error == 0 && reader.left_out == 0 && i-- > 0;) {
        struct compute *compute = server->computes[i];
        /* v3 does not list the local compute. */
        if (!compute->seen && (compute->listed || client_api(server->client) == 2))
            compute_remove(compute);
    }
    return error;
}

/* ---- Statistics ------------------------------------------------------------------------------ */

static int statistics_apply(struct server *server, const json_t *element)
{
    const char *compute_id = member_id(element, "compute_id");
    const json_t *figures = json_object_get(element, "statistics");
    if (!compute_id || !json_is_object(figures))
        return -EPROTO;
    struct compute *compute = compute_of(server, compute_id);
    if (!compute && !(compute = compute_add(server, compute_id)))
        return -ENOMEM;
    if (!compute->name)
        keep(&compute->name, member_text(element, "compute_name"));
    compute_connected(compute, true);
    compute->cpu = member_real(figures, "cpu_usage_percent");
    compute->memory = member_real(figures, "memory_usage_percent");
    compute->swap = member_real(figures, "swap_usage_percent");
    compute->disk = member_real(figures, "disk_usage_percent");
    compute->used_bytes = member_real(figures, "memory_used");
    compute->total_bytes = member_real(figures, "memory_total");
    const json_t *load = json_object_get(figures, "load_average_percent");
    for (size_t i = 0; i < 3; i++) {
        const json_t *value = json_array_get(load, i);
        compute->load[i] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    compute->statistics_ms = gw_monotonic_ms(server->gns3->self);
    compute->seen = true;
    compute_put(compute);
    return 0;
}

int statistics_read(struct server *server, const char *body, size_t bytes, char *why,
                    size_t why_bytes)
{
    json_error_t json_error;
    json_t *json = json_loadb(body, bytes, 0, &json_error);
    /* 3.1 wraps the list. */
    const json_t *list = json_is_object(json) ? json_object_get(json, "computes") : json;
    int error = 0;
    if (!json_is_array(list)) {
        snprintf(why, why_bytes, "%s", json ? "the answer is not a list" : json_error.text);
        error = -EPROTO;
    }
    for (size_t i = 0; i < json_array_size(list); i++)
        if (statistics_apply(server, json_array_get(list, i)) < 0)
            snprintf(why, why_bytes,
                     "element %zu of the list is left out: members are missing "
                     "or of the wrong type",
                     i + 1);
    json_decref(json);
    return error;
}
