/* captures.c - the memory of the captures gnswatch has started: captures.json in the state
 * directory. GNS3 never deletes their files; a link's next capture overwrites its last. */
#include "captures.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

static void path_of(const struct captures *captures, const char *end, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%.4000s/captures.json%s", gw_state_dir(captures->traffic->self),
             end);
}

void captures_load(struct captures *captures)
{
    char path[PATH_BYTES];
    path_of(captures, "", path);
    captures->files = json_load_file(path, 0, NULL); /* none yet, or spoiled: begin anew */
    if (!json_is_object(captures->files)) {
        json_decref(captures->files);
        captures->files = json_object();
    }
}

void captures_save(struct captures *captures)
{
    char path[PATH_BYTES], fresh[PATH_BYTES];
    path_of(captures, "", path);
    path_of(captures, ".new", fresh);
    captures->changed = false;
    if (json_dump_file(captures->files, fresh, JSON_INDENT(1)) < 0 || rename(fresh, path) < 0)
        gw_fail(captures->traffic->self, -EIO,
                "%s cannot be written: which captures gnswatch has started is forgotten at the "
                "next restart",
                path);
}

static json_t *file_of(const struct captures *captures, const struct link *link)
{
    const json_t *server =
        link->project ? json_object_get(captures->files, link->project->server) : NULL;
    return link->link_id ? json_object_get(server, link->link_id) : NULL;
}

void captures_record(struct captures *captures, const struct link *link, int64_t started_ms,
                     uint64_t bytes)
{
    if (!link->project || !link->link_id)
        return;
    json_t *file = file_of(captures, link);
    if (!file) {
        json_t *server = json_object_get(captures->files, link->project->server);
        if (!server) {
            server = json_object();
            json_object_set_new(captures->files, link->project->server, server);
        }
        file = json_object();
        json_object_set_new(server, link->link_id, file);
    }
    if (started_ms > 0)
        json_object_set_new(file, "started", json_integer(started_ms));
    if (json_integer_value(json_object_get(file, "bytes")) == (json_int_t)bytes && started_ms == 0)
        return;
    json_object_set_new(file, "bytes", json_integer((json_int_t)bytes));
    captures->changed = true;
    if (started_ms > 0)
        captures_save(captures);
}

bool captures_owns(const struct captures *captures, const struct link *link)
{
    return file_of(captures, link) != NULL;
}

uint64_t captures_disk(const struct captures *captures, const char *server)
{
    const char *id;
    json_t *file, *files = json_object_get(captures->files, server);
    uint64_t sum = 0;
    json_object_foreach(files, id, file)
    {
        json_int_t bytes = json_integer_value(json_object_get(file, "bytes"));
        sum += bytes > 0 ? (uint64_t)bytes : 0;
    }
    return sum;
}

void captures_tell_full(struct captures *captures, const struct server *server)
{
    char text[400];
    if (captures->told_full)
        return;
    captures->told_full = true;
    snprintf(text, sizeof text,
             "captures have filled %" PRIu64 " MiB on server %.100s: no more are started there. "
             "GNS3 keeps their files in the projects' folders captures; delete old ones and "
             "forget them by removing captures.json of gnswatch",
             captures_disk(captures, server->name) >> 20, server->name);
    gw_emit(captures->traffic->self, &(struct gw_event){.topic = "traffic.capture.full",
                                                        .severity = GW_WARNING,
                                                        .kind = "gns3.server",
                                                        .id = server->name,
                                                        .text = text});
}
