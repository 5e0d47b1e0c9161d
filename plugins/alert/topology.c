/* topology.c - see topology.h. Documents are kept by kind and id, and names are indexed, so that an
 * alert finds its place without a walk. */
#include "topology.h"

#include "alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct topology {
    json_t *kinds; /* {kind: {id: document}} */
    json_t *names; /* {"kind|server|project|name": id} */
};

struct topology *topology_new(void)
{
    struct topology *topology = calloc(1, sizeof *topology);
    if (!topology)
        return NULL;
    topology->kinds = json_object();
    topology->names = json_object();
    return topology;
}

void topology_free(struct topology *topology)
{
    if (!topology)
        return;
    json_decref(topology->kinds);
    json_decref(topology->names);
    free(topology);
}

bool topology_kind(const char *kind)
{
    static const char *const kinds[] = {"gns3.server", "gns3.compute", "gns3.project", "gns3.node",
                                        "gns3.link"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

static const char *text_of(const json_t *document, const char *name)
{
    const char *text = json_string_value(json_object_get(document, name));
    return text ? text : "";
}

static void name_key(const char *kind, const char *server, const char *project, const char *name,
                     char out[KEY_MAX])
{
    snprintf(out, KEY_MAX, "%s|%s|%s|%s", kind, server, project, name);
}

static bool document_key(const char *kind, const json_t *document, char out[KEY_MAX])
{
    bool project = strcmp(kind, "gns3.project") == 0;
    if (!project && strcmp(kind, "gns3.node") != 0 && strcmp(kind, "gns3.link") != 0)
        return false;
    name_key(kind, text_of(document, "server"), project ? "" : text_of(document, "project_name"),
             text_of(document, "name"), out);
    return true;
}

static void index_remove(struct topology *topology, const char *kind, const char *id,
                         const json_t *document)
{
    char key[KEY_MAX];
    if (!document || !document_key(kind, document, key))
        return;
    const char *held = text_of(topology->names, key);
    if (strcmp(held, id) == 0)
        json_object_del(topology->names, key);
}

void topology_put(struct topology *topology, const char *kind, const char *id, json_t *document)
{
    json_t *all = json_object_get(topology->kinds, kind);
    if (!all) {
        all = json_object();
        json_object_set_new(topology->kinds, kind, all);
    }
    index_remove(topology, kind, id, json_object_get(all, id));
    char key[KEY_MAX];
    if (!document)
        json_object_del(all, id);
    else if (document_key(kind, document, key))
        json_object_set_new(topology->names, key, json_string(id));
    if (document)
        json_object_set_new(all, id, document);
}

json_t *topology_all(const struct topology *topology, const char *kind)
{
    return json_object_get(topology->kinds, kind);
}

/* What other plugins say of a thing of GNS3 carries its id: traffic.link is the gns3.link. */
const char *topology_alias(const char *kind)
{
    static const char *const kinds[] = {"gns3.server", "gns3.compute", "gns3.project", "gns3.node",
                                        "gns3.link"};
    const char *last = strrchr(kind, '.');
    for (size_t i = 0; last && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i] + 4, last) == 0)
            return kinds[i];
    return kind;
}

json_t *topology_get(const struct topology *topology, const char *kind, const char *id)
{
    if (!kind || !id)
        return NULL;
    json_t *document = json_object_get(topology_all(topology, kind), id);
    return document ? document : json_object_get(topology_all(topology, topology_alias(kind)), id);
}

const char *topology_name(const struct topology *topology, const char *kind, const char *id)
{
    const char *name = text_of(topology_get(topology, kind, id), "name");
    return *name ? name : id;
}

/* ---- Places ---------------------------------------------------------------------------------- */

void place_fini(struct place *place)
{
    free(place->server);
    free(place->compute);
    free(place->project);
    free(place->node);
    free(place->link);
    *place = (struct place){0};
}

static void compute_of(const json_t *document, char out[KEY_MAX])
{
    const char *compute = text_of(document, "compute_id");
    out[0] = '\0';
    if (*compute)
        snprintf(out, KEY_MAX, "%s/%s", text_of(document, "server"), compute);
}

void topology_place(const struct topology *topology, const char *kind, const char *id,
                    struct place *place)
{
    const json_t *document = topology_get(topology, kind, id);
    char compute[KEY_MAX] = "";
    kind = topology_alias(kind);
    if (strcmp(kind, "gns3.server") == 0)
        keep(&place->server, id);
    if (!document)
        return;
    if (strcmp(kind, "gns3.server") != 0)
        keep(&place->server, text_of(document, "server"));
    if (strcmp(kind, "gns3.compute") == 0)
        keep(&place->compute, id);
    if (strcmp(kind, "gns3.project") == 0)
        keep(&place->project, id);
    else if (*text_of(document, "project"))
        keep(&place->project, text_of(document, "project"));
    if (strcmp(kind, "gns3.node") == 0) {
        compute_of(document, compute);
        keep(&place->node, id);
        keep(&place->compute, compute);
    }
    if (strcmp(kind, "gns3.link") == 0)
        keep(&place->link, id);
}

static const char *named(const struct topology *topology, const char *kind, const char *server,
                         const char *project, const char *name)
{
    char key[KEY_MAX];
    name_key(kind, server, project, name, key);
    return json_string_value(json_object_get(topology->names, key));
}

static const char *compute_id(const struct topology *topology, const char *server, const char *name)
{
    char key[KEY_MAX];
    snprintf(key, sizeof key, "%s/%s", server, name);
    const json_t *all = topology_all(topology, "gns3.compute");
    return json_object_iter_key(json_object_iter_at((json_t *)(uintptr_t)all, key));
}

void topology_subject(const struct topology *topology, const struct labels *labels,
                      const char **kind, const char **id)
{
    const char *server = labels_get(labels, "server"), *project = labels_get(labels, "project");
    const char *node = labels_get(labels, "node"), *link = labels_get(labels, "link");
    const char *compute = labels_get(labels, "compute");
    *kind = *id = NULL;
    if (!*server)
        return;
    if (*link)
        *id = named(topology, *kind = "gns3.link", server, project, link);
    else if (*node)
        *id = named(topology, *kind = "gns3.node", server, project, node);
    else if (*project)
        *id = named(topology, *kind = "gns3.project", server, "", project);
    else if (*compute)
        *id = compute_id(topology, server, compute);
    else
        *id = server;
    if (!*kind)
        *kind = *compute ? "gns3.compute" : "gns3.server";
    if (!*id)
        *kind = NULL;
}

void topology_labels(const struct topology *topology, const char *kind, const char *id,
                     struct labels *labels)
{
    const json_t *document = topology_get(topology, kind, id);
    kind = topology_alias(kind);
    const char *last = strrchr(kind, '.') ? strrchr(kind, '.') + 1 : kind;
    const char *name = *text_of(document, "name") ? text_of(document, "name") : id;
    labels_set(labels, "server", text_of(document, "server"));
    if (strcmp(kind, "gns3.compute") == 0) { /* its series are labelled with the id */
        labels_set(labels, "compute", text_of(document, "compute_id"));
        return;
    }
    const char *project = text_of(document, "project_name");
    labels_set(labels, "project", project);
    labels_set(labels, topology_kind(kind) ? last : "name", name);
}

json_t *topology_member(const struct topology *topology, json_t *document, const char *member)
{
    const char *dot = strchr(member, '.');
    const json_t *of = document;
    if (dot && strncmp(member, "project.", 8) == 0)
        of = topology_get(topology, "gns3.project", text_of(document, "project"));
    else if (dot && strncmp(member, "server.", 7) == 0)
        of = topology_get(topology, "gns3.server", text_of(document, "server"));
    else if (dot && strncmp(member, "compute.", 8) == 0) {
        char id[KEY_MAX];
        compute_of(document, id);
        of = topology_get(topology, "gns3.compute", id);
    }
    return json_object_get(of, of == document ? member : dot + 1);
}

/* ---- Above ----------------------------------------------------------------------------------- */

struct above {
    char (*keys)[KEY_MAX];
    size_t count;
};

static void above_add(struct above *above, const char *kind, const char *id)
{
    char key[KEY_MAX];
    if (!id || !*id || above->count == PARENTS_MAX)
        return;
    snprintf(key, sizeof key, "%s/%s", kind, id);
    for (size_t i = 0; i < above->count; i++)
        if (strcmp(above->keys[i], key) == 0)
            return;
    memcpy(above->keys[above->count++], key, sizeof key);
}

static void above_ends(const struct topology *topology, const char *link, struct above *above)
{
    const json_t *ends = json_object_get(topology_get(topology, "gns3.link", link), "nodes");
    size_t i;
    json_t *end;
    json_array_foreach(ends, i, end)
    {
        const char *node = text_of(end, "node");
        char compute[KEY_MAX];
        above_add(above, "gns3.node", node);
        compute_of(topology_get(topology, "gns3.node", node), compute);
        above_add(above, "gns3.compute", compute);
    }
}

size_t topology_parents(const struct topology *topology, const char *kind,
                        const struct place *place, char keys[PARENTS_MAX][KEY_MAX])
{
    struct above above = {keys, 0};
    if (!place->server)
        return 0;
    kind = kind ? topology_alias(kind) : NULL;
    bool server = kind && strcmp(kind, "gns3.server") == 0;
    bool compute = kind && strcmp(kind, "gns3.compute") == 0;
    bool project = kind && strcmp(kind, "gns3.project") == 0;
    bool node = kind && strcmp(kind, "gns3.node") == 0;
    if (server)
        return 0;
    if (place->link)
        above_ends(topology, place->link, &above);
    if (!node)
        above_add(&above, "gns3.node", place->node);
    if (!compute)
        above_add(&above, "gns3.compute", place->compute);
    if (!project)
        above_add(&above, "gns3.project", place->project);
    above_add(&above, "gns3.server", place->server);
    return above.count;
}

bool topology_closed(const struct topology *topology, const struct place *place)
{
    const json_t *project = topology_get(topology, "gns3.project", place->project);
    return project && strcmp(text_of(project, "status"), "closed") == 0;
}
