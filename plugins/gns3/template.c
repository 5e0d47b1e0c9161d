/* template.c - the templates of a server: what nodes can be made from. */
#include "identity.h"
#include "inventory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct template *template_add(struct server *server, const char *id, const char *template_id)
{
    struct template *template = calloc(1, sizeof *template);
    if (!template)
        return NULL;
    keep(&template->id, id);
    keep(&template->template_id, template_id);
    void *list = template->id && template->template_id
                     ? list_add(server->templates, &server->template_count, template)
                     : NULL;
    if (!list) {
        template_free(template);
        return NULL;
    }
    server->templates = list;
    return template;
}

void template_free(struct template *template)
{
    if (!template)
        return;
    free(template->id);
    free(template->template_id);
    free(template->name);
    free(template->type);
    free(template->compute_id);
    free(template);
}

static void template_put(struct server *server, const struct template *template,
                         const json_t *element)
{
    struct text *text = &server->text;
    text_clear(text);
    text_open(text, NULL, '{');
    text_string_member(text, "server", server->name);
    text_string_member(text, "template_id", template->template_id);
    text_string_member(text, "name", template->name);
    text_string_member(text, "template_type", template->type);
    text_string_member(text, "category", member_text(element, "category"));
    text_string_member(text, "compute_id", template->compute_id);
    text_bool_member(text, "builtin", member_true(element, "builtin"));
    text_string_member(text, "symbol", member_text(element, "symbol"));
    text_close(text, '}');
    gw_object_put(server->gns3->self, "gns3.template", template->id, text_string(text));
}

static struct template *template_of(const struct server *server, const char *template_id)
{
    for (size_t i = 0; i < server->template_count; i++)
        if (strcmp(server->templates[i]->template_id, template_id) == 0)
            return server->templates[i];
    return NULL;
}

static bool templates_same(void *data, uint64_t hash, size_t place)
{
    struct server *server = data;
    for (size_t i = 0; i < server->template_count; i++) {
        struct template *template = server->templates[(place + i) % server->template_count];
        if (template->hash == hash)
            return template->seen = true;
    }
    return false;
}

static int templates_apply(void *data, const json_t *element, uint64_t hash, size_t place)
{
    (void)place;
    struct server *server = data;
    const char *template_id = member_id(element, "template_id"),
               *name = member_name(element, "name");
    if (!template_id || !name)
        return -EPROTO;
    struct template *template = template_of(server, template_id);
    if (!template) {
        char *id = identity_claim(server, "gns3.template", template_id);
        template = id ? template_add(server, id, template_id) : NULL;
        free(id);
    }
    if (!template)
        return -ENOMEM;
    keep(&template->name, name);
    keep(&template->type, member_text(element, "template_type"));
    keep(&template->compute_id, member_text(element, "compute_id"));
    template->hash = hash;
    template->seen = true;
    template_put(server, template, element);
    return 0;
}

int templates_read(struct server *server, const char *body, size_t bytes, char *why,
                   size_t why_bytes)
{
    for (size_t i = 0; i < server->template_count; i++)
        server->templates[i]->seen = false;
    struct list_reader reader = {.same = templates_same, .apply = templates_apply, .data = server};
    int error = list_read(&reader, body, bytes, why, why_bytes);
    for (size_t i = server->template_count; error == 0 && reader.left_out == 0 && i-- > 0;) {
        struct template *template = server->templates[i];
        if (template->seen)
            continue;
        gw_object_delete(server->gns3->self, "gns3.template", template->id);
        list_remove(server->templates, &server->template_count, i);
        template_free(template);
    }
    return error;
}
