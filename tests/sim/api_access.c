/* api_access - users, groups, roles and privileges of 3.x, as far as a client looks at them. */
#include "api.h"

#include "http.h"

#include <string.h>

static const char when[] = "2026-01-01T00:00:00";

/* id made of the name, so that it stays the same */
static void name_id(const char *name, char out[37])
{
    uint64_t seed = 0x6e73;
    for (const char *p = name; *p; p++)
        seed = seed * 131 + (unsigned char)*p;
    rng_uuid(&seed, out);
}

void api_authenticate(struct call *c)
{
    static const struct rule rules[] = {{"username", 's', true}, {"password", 's', true}};
    if (!check_body(c, rules, 2))
        return;
    auth_login(c, json_string_value(json_object_get(c->body, "username")),
               json_string_value(json_object_get(c->body, "password")));
}

void api_login(struct call *c)
{
    char name[64] = "", password[64] = "";
    const struct buf *b = &c->conn->req.body;
    const char *form = b->len ? b->data : "";
    if (!query_get(form, "username", name, sizeof(name)) ||
        !query_get(form, "password", password, sizeof(password))) {
        static const struct rule rules[] = {{"username", 's', true}, {"password", 's', true}};
        check_body(c, rules, 2);
        return;
    }
    auth_login(c, name, password);
}

static json_t *user_doc(const struct user *u)
{
    char id[37];
    name_id(u->name, id);
    return json_pack("{s:s,s:b,s:n,s:s,s:s,s:s,s:s,s:s,s:b}", "username", u->name, "is_active",
                     strcmp(u->role, "inactive") != 0, "email", "full_name", u->name, "created_at",
                     when, "updated_at", when, "user_id", id, "last_login", when, "is_superadmin",
                     strcmp(u->role, "admin") == 0);
}

void api_me(struct call *c)
{
    answer_json(c, 200, user_doc(c->user));
}

void api_users(struct call *c)
{
    json_t *list = json_array();
    for (int i = 0; i < c->server->n_users; i++)
        json_array_append_new(list, user_doc(&c->server->users[i]));
    answer_json(c, 200, list);
}

void api_groups(struct call *c)
{
    static const char *const groups[] = {"Administrators", "Users"};
    json_t *list = json_array();
    for (size_t i = 0; i < 2; i++) {
        char id[37];
        name_id(groups[i], id);
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:b}", "name", groups[i],
                                              "created_at", when, "updated_at", when,
                                              "user_group_id", id, "is_builtin", 1));
    }
    answer_json(c, 200, list);
}

static json_t *privilege_list(bool audit_only)
{
    static const char *const things[] = {"Project",  "Snapshot", "Node",  "Link",    "Drawing",
                                         "Template", "Symbol",   "Image", "Compute", "Appliance"};
    static const char *const acts[] = {"Allocate", "Audit", "Modify"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
        for (size_t k = 0; k < 3; k++) {
            char id[37], name[64] = "";
            struct buf b = {0};
            if (audit_only && k != 1)
                continue;
            buf_addf(&b, "%s.%s", things[i], acts[k]);
            sim_copy(name, sizeof(name), b.data);
            buf_free(&b);
            name_id(name, id);
            json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", name,
                                                  "description", name, "created_at", when,
                                                  "updated_at", when, "privilege_id", id));
        }
    return list;
}

void api_privileges(struct call *c)
{
    answer_json(c, 200, privilege_list(false));
}

void api_roles(struct call *c)
{
    static const char *const roles[] = {"Administrator", "User", "Auditor"};
    json_t *list = json_array();
    for (size_t i = 0; i < 3; i++) {
        char id[37];
        name_id(roles[i], id);
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:o}", "name", roles[i],
                                              "description", roles[i], "created_at", when,
                                              "updated_at", when, "role_id", id, "is_builtin", 1,
                                              "privileges", privilege_list(i == 2)));
    }
    answer_json(c, 200, list);
}

void api_empty_list(struct call *c)
{
    answer_json(c, 200, json_array());
}
