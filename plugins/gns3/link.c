/* link.c - links: two ends, filters, suspension. A link is known by its ends, so it stays the same
 * when a restore gives it a new id. Captures are shown, never touched. */
#include "events.h"
#include "identity.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 1500, NAMES_CHANGED_MS = 200, MISSING_MAX = 2 };

struct end {
    const struct node *node; /* NULL: not known (yet) */
    const char *node_id, *label;
    int adapter, port;
};

static const char *const status_names[] = {
    [LINK_UP] = "up",
    [LINK_SUSPENDED] = "suspended",
    [LINK_CLOSED] = "closed",
};

struct link *link_of(const struct project *project, const char *link_id)
{
    for (size_t i = 0; i < project->link_count; i++)
        if (strcmp(project->links[i]->link_id, link_id) == 0)
            return project->links[i];
    return NULL;
}

struct link *link_by_id(const struct project *project, const char *id)
{
    for (size_t i = 0; i < project->link_count; i++)
        if (strcmp(project->links[i]->id, id) == 0)
            return project->links[i];
    return NULL;
}

struct link *link_add(struct project *project, const char *id, const char *link_id)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link)
        return NULL;
    link->project = project;
    link->status = LINK_CLOSED;
    keep(&link->id, id);
    keep(&link->link_id, link_id);
    void *list =
        link->id && link->link_id ? list_add(project->links, &project->link_count, link) : NULL;
    if (!list) {
        link_free(link);
        return NULL;
    }
    project->links = list;
    project->dirty = true;
    return link;
}

void link_free(struct link *link)
{
    if (!link)
        return;
    free(link->id);
    free(link->link_id);
    free(link->ends);
    free(link->name);
    free(link->state);
    free(link);
}

void link_remove(struct link *link, bool told)
{
    struct project *project = link->project;
    if (link->ends)
        identity_bury(project, 'l', link->ends, link->id);
    if (told)
        say_link(link, "gns3.link.deleted", "was deleted");
    gw_object_delete(project->server->gns3->self, "gns3.link", link->id);
    for (size_t i = 0; i < project->link_count; i++)
        if (project->links[i] == link) {
            list_remove(project->links, &project->link_count, i);
            break;
        }
    project->dirty = true;
    link_free(link);
}

void links_again(struct project *project)
{
    for (size_t i = 0; i < project->link_count; i++)
        project->links[i]->hash = 0;
    job_forget(project_job(project, JOB_LINKS));
    job_soon(project_job(project, JOB_LINKS), NAMES_CHANGED_MS);
}

void links_closed(struct project *project)
{
    struct gw_plugin *self = project->server->gns3->self;
    for (size_t i = 0; i < project->link_count; i++) {
        struct link *link = project->links[i];
        link->hash = 0;
        link->status = LINK_CLOSED;
        char *before = gw_object_get(self, "gns3.link", link->id);
        json_t *json = before ? json_loads(before, 0, NULL) : NULL;
        json_object_del(json, "id");
        json_object_set_new(json, "status", json_string(status_names[LINK_CLOSED]));
        json_object_set_new(json, "capturing", json_false());
        char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
        if (text)
            gw_object_put(self, "gns3.link", link->id, text);
        free(text);
        json_decref(json);
        gw_free(before);
    }
}

/* ---- Ends ------------------------------------------------------------------------------------ */

static bool end_of(const struct project *project, const json_t *element, size_t i, struct end *end)
{
    const json_t *json = json_array_get(json_object_get(element, "nodes"), i);
    end->node_id = member_id(json, "node_id");
    if (!end->node_id)
        return false;
    end->node = node_of(project, end->node_id);
    end->label = member_text(json_object_get(json, "label"), "text");
    end->adapter = (int)(member_whole(json, "adapter_number", 0) & 0xffffff);
    end->port = (int)(member_whole(json, "port_number", 0) & 0xffffff);
    return true;
}

static void end_name(const struct end *end, char *name, size_t size)
{
    const struct node *node = end->node;
    const char *node_name = node ? node->name : "?";
    for (size_t i = 0; node && i < node->port_count; i++)
        if (node->ports[i].adapter == end->adapter && node->ports[i].number == end->port &&
            node->ports[i].name[0]) {
            snprintf(name, size, "%s %s", node_name, node->ports[i].name);
            return;
        }
    snprintf(name, size, "%s %d/%d", node_name, end->adapter, end->port);
}

static void end_key(const char *id, int adapter, int port, char *key, size_t size)
{
    snprintf(key, size, "%s:%d/%d", id, adapter, port);
}

static bool ends_join(const char *a, const char *b, char **ends)
{
    bool swap = strcmp(a, b) > 0;
    char both[1100];
    snprintf(both, sizeof both, "%s|%s", swap ? b : a, swap ? a : b);
    return keep(ends, both);
}

static void ends_key(const struct end end[2], char **ends)
{
    char key[2][512];
    for (size_t i = 0; i < 2; i++)
        end_key(end[i].node ? end[i].node->id : end[i].node_id, end[i].adapter, end[i].port, key[i],
                sizeof key[i]);
    ends_join(key[0], key[1], ends);
}

void link_seed(struct link *link, const json_t *json)
{
    const json_t *nodes = json_object_get(json, "nodes");
    char key[2][512] = {"", ""};
    for (size_t i = 0; i < 2; i++) {
        const json_t *end = json_array_get(nodes, i);
        const char *id = member_text(end, "node");
        end_key(id ? id : "?", (int)(member_whole(end, "adapter_number", 0) & 0xffffff),
                (int)(member_whole(end, "port_number", 0) & 0xffffff), key[i], sizeof key[i]);
    }
    ends_join(key[0], key[1], &link->ends);
}

/* ---- The document ---------------------------------------------------------------------------- */

static void put_end(struct text *text, const struct end *end)
{
    text_open(text, NULL, '{');
    text_string_member(text, "node", end->node ? end->node->id : NULL);
    text_string_member(text, "name", end->node ? end->node->name : NULL);
    text_int_member(text, "adapter_number", end->adapter);
    text_int_member(text, "port_number", end->port);
    text_string_member(text, "label", end->label);
    text_close(text, '}');
}

static void link_put(struct link *link, const json_t *element, const struct end end[2])
{
    struct project *project = link->project;
    struct text *text = &project->server->text;
    char *filters = json_dumps(json_object_get(element, "filters"), JSON_COMPACT);
    const char *type = member_text(element, "link_type");
    text_clear(text);
    text_open(text, NULL, '{');
    text_string_member(text, "server", project->server->name);
    text_string_member(text, "project", project->id);
    text_string_member(text, "project_name", project->name);
    text_string_member(text, "link_id", link->link_id);
    text_string_member(text, "name", link->name);
    text_string_member(text, "link_type", type ? type : "ethernet");
    text_string_member(text, "status", status_names[link->status]);
    text_json_member(text, "filters", filters ? filters : "{}");
    text_bool_member(text, "capturing", member_true(element, "capturing"));
    text_open(text, "nodes", '[');
    put_end(text, &end[0]);
    put_end(text, &end[1]);
    text_close(text, ']');
    text_close(text, '}');
    gw_object_put(project->server->gns3->self, "gns3.link", link->id, text_string(text));
    free(filters);
}

/* ---- Coming, changing, going ----------------------------------------------------------------- */

/* A link of a closed project has no `capturing`. */
static enum link_status status_of(const json_t *element)
{
    if (!json_object_get(element, "capturing"))
        return LINK_CLOSED;
    return member_true(element, "suspend") ? LINK_SUSPENDED : LINK_UP;
}

static bool link_state(struct link *link, const json_t *element)
{
    char *filters = json_dumps(json_object_get(element, "filters"), JSON_COMPACT);
    struct text state = {0};
    text_format(&state, "%s %d %d", filters ? filters : "{}", member_true(element, "suspend"),
                member_true(element, "capturing"));
    bool known = link->state;
    bool changed = keep(&link->state, text_string(&state)) && known;
    text_fini(&state);
    free(filters);
    return changed;
}

static int link_update(struct link *link, const json_t *element, uint64_t hash)
{
    struct project *project = link->project;
    struct end end[2];
    if (!end_of(project, element, 0, &end[0]) || !end_of(project, element, 1, &end[1]))
        return -EPROTO;
    bool nodes_known = end[0].node && end[1].node;
    char name[2][GNS3_NAME_MAX + 32], both[2 * GNS3_NAME_MAX + 72];
    end_name(&end[0], name[0], sizeof name[0]);
    end_name(&end[1], name[1], sizeof name[1]);
    snprintf(both, sizeof both, "%s – %s", name[0], name[1]);
    keep(&link->name, both);
    ends_key(end, &link->ends);
    enum link_status before = link->status;
    link->status = status_of(element);
    bool changed = link_state(link, element);
    link->hash = nodes_known ? hash : 0;
    link->missing = 0;
    if (!nodes_known) {
        job_forget(project_job(project, JOB_LINKS));
        job_soon(project_job(project, JOB_NODES), 0);
    }
    link_put(link, element, end);
    if (changed && before != LINK_CLOSED && link->status != LINK_CLOSED && !project->busy)
        say_link(link, "gns3.link.changed", "was changed");
    return 0;
}

/* The link with these ends under an id we have not seen; NULL: there is none. */
static struct link *link_rebind(struct project *project, const char *ends, const char *link_id)
{
    for (size_t i = 0; i < project->link_count; i++) {
        struct link *link = project->links[i];
        if (!link->seen && link->ends && strcmp(link->ends, ends) == 0) {
            keep(&link->link_id, link_id);
            return link;
        }
    }
    return NULL;
}

static struct link *link_find_or_add(struct project *project, const json_t *element, bool *created)
{
    const char *link_id = member_id(element, "link_id");
    struct end end[2];
    if (!link_id || !end_of(project, element, 0, &end[0]) || !end_of(project, element, 1, &end[1]))
        return NULL;
    struct link *link = link_of(project, link_id);
    char *ends = NULL;
    ends_key(end, &ends);
    if (!link && ends)
        link = link_rebind(project, ends, link_id);
    *created = !link;
    if (!link && ends) {
        char *id = identity_rise(project, 'l', ends);
        if (!id)
            id = identity_claim(project->server, "gns3.link", link_id);
        link = id ? link_add(project, id, link_id) : NULL;
        free(id);
    }
    free(ends);
    return link;
}

static int link_take(struct project *project, const json_t *element, uint64_t hash)
{
    bool created = false, told = project_job(project, JOB_LINKS)->ok_ms != 0 && !project->busy;
    struct link *link = link_find_or_add(project, element, &created);
    if (!link)
        return -EPROTO;
    link->seen = true;
    int error = link_update(link, element, hash);
    if (created && told)
        say_link(link, "gns3.link.created", "was created");
    return error;
}

int link_apply(struct project *project, const json_t *element, uint64_t hash, size_t place)
{
    (void)place;
    for (size_t i = 0; i < project->link_count; i++)
        project->links[i]->seen = false;
    return link_take(project, element, hash);
}

static bool links_same(void *data, uint64_t hash, size_t place)
{
    struct project *project = data;
    for (size_t i = 0; i < project->link_count; i++) {
        struct link *link = project->links[(place + i) % project->link_count];
        if (link->hash == hash) {
            link->missing = 0;
            return link->seen = true;
        }
    }
    return false;
}

static int links_apply(void *data, const json_t *element, uint64_t hash, size_t place)
{
    (void)place;
    return link_take(data, element, hash);
}

static void links_sweep(struct project *project)
{
    bool again = false;
    for (size_t i = project->link_count; i-- > 0;) {
        struct link *link = project->links[i];
        if (link->seen)
            continue;
        if (++link->missing >= MISSING_MAX)
            link_remove(link, true);
        else
            again = true;
    }
    if (again) {
        job_forget(project_job(project, JOB_LINKS));
        job_soon(project_job(project, JOB_LINKS), LOOK_AGAIN_MS);
    }
}

int links_read(struct project *project, const char *body, size_t bytes, char *why, size_t why_bytes)
{
    for (size_t i = 0; i < project->link_count; i++)
        project->links[i]->seen = false;
    struct list_reader reader = {.same = links_same, .apply = links_apply, .data = project};
    int error = list_read(&reader, body, bytes, why, why_bytes);
    if (error == 0 && reader.left_out == 0)
        links_sweep(project);
    project->dirty = true;
    project_put(project);
    return error;
}
