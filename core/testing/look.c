/* Objects, put by the test and looked at by it. */
#include "testing/inside.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- Others' objects ---- */

static void declare(struct gwt *test, const char *name)
{
    struct kind_of_others *kind = gwt_need(calloc(1, sizeof(*kind)));
    size_t prefix = strcspn(name, ".");
    if (!name[prefix])
        gwt_die("gwt_put: a kind is named \"plugin.thing\", not \"%s\"", name);
    kind->plugin = gwt_need(strndup(name, prefix));
    char *copy = gwt_need(strdup(name));
    kind->table[0] = (struct gw_kind){copy, "things", "Of another plugin, by the test", NULL};
    kind->next = test->kinds;
    test->kinds = kind;
    int error = objects_declare(test->objects, kind->plugin, kind->table);
    if (error)
        gwt_die("gwt_put %s: %s", name, strerror(-error));
}

void gwt_put(struct gwt *test, const char *kind, const char *id, const char *json)
{
    if (!objects_kind(test->objects, kind))
        declare(test, kind);
    char owner[64] = {0};
    strncpy(owner, kind, sizeof(owner) - 1);
    owner[strcspn(owner, ".")] = '\0';
    int error = objects_put(test->objects, owner, kind, id, json);
    if (error < 0)
        gwt_die("gwt_put %s %s: %s: %s", kind, id,
                error == -EILSEQ ? "not a JSON object" : strerror(-error), json);
}

void gwt_delete(struct gwt *test, const char *kind, const char *id)
{
    if (objects_delete(test->objects, kind, id))
        gwt_die("gwt_delete: there is no %s %s", kind, id);
}

/* ---- Looking ---- */

char *gwt_object(struct gwt *test, const char *kind, const char *id)
{
    return objects_get(test->objects, kind, id);
}

size_t gwt_objects(struct gwt *test, const char *kind)
{
    return objects_count(test->objects, kind);
}

static json_t *step_down(json_t *tree, const char *name)
{
    char *end;
    size_t index = strtoul(name, &end, 10);
    return json_is_array(tree) && *name && !*end ? json_array_get(tree, index)
                                                 : json_object_get(tree, name);
}

/* As a person would write it: text without quotes, numbers in their fewest digits. */
static char *value_text(const json_t *value)
{
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (json_is_string(value)) {
        buf_adds(&text, json_string_value(value));
    } else if (json_is_real(value)) {
        buf_json_number(&text, json_real_value(value));
    } else if (value) {
        char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        buf_adds(&text, json);
        free(json);
    }
    char *taken = text.len ? buf_take(&text) : strdup("");
    buf_fini(&text);
    return gwt_need(taken);
}

const char *gwt_member(struct gwt *test, const char *kind, const char *id, const char *member)
{
    char *json = gwt_object(test, kind, id);
    json_t *tree = json ? json_loads(json, 0, NULL) : NULL, *value = tree;
    char *path = gwt_need(strdup(member)), *rest = path;
    for (char *name; value && (name = strsep(&rest, "."));)
        value = step_down(value, name);
    free(test->member);
    test->member = value_text(value);
    free(path);
    json_decref(tree);
    free(json);
    return test->member;
}
