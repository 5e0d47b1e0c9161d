/* validate - bodies that break the schema, answered as jsonschema (2.2) and pydantic (3.x) do. */
#include "route.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERRORS_MAX = 8 };

bool is_uuid(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return text[36] == '\0';
}

/* JSON as Python prints it. */
static void py_repr(struct buf *b, const json_t *v)
{
    const char *key;
    json_t *item;
    size_t i;
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        buf_adds(b, "{");
        json_object_foreach((json_t *)(uintptr_t)v, key, item)
        {
            buf_addf(b, "%s'%s': ", b->data[b->len - 1] == '{' ? "" : ", ", key);
            py_repr(b, item);
        }
        buf_adds(b, "}");
        break;
    case JSON_ARRAY:
        buf_adds(b, "[");
        json_array_foreach(v, i, item)
        {
            if (i)
                buf_adds(b, ", ");
            py_repr(b, item);
        }
        buf_adds(b, "]");
        break;
    case JSON_STRING:
        buf_addf(b, "'%s'", json_string_value(v));
        break;
    case JSON_INTEGER:
        buf_addf(b, "%lld", (long long)json_integer_value(v));
        break;
    case JSON_REAL:
        buf_addf(b, "%g", json_real_value(v));
        break;
    default:
        buf_adds(b, json_is_true(v) ? "True" : json_is_false(v) ? "False" : "None");
    }
}

static void answer_400(struct call *c, const char *message, json_t *request)
{
    char path[512];
    snprintf(path, sizeof(path), "/v2/%s", c->route->pattern);
    answer_json(c, 400,
                json_pack("{s:s,s:s,s:s,s:O,s:i}", "message", message, "method", c->route->method,
                          "path", path, "request", request, "status", 400));
}

static void schema_error(struct call *c, const char *what)
{
    struct buf b = {0};
    json_t *body = c->body ? json_incref(c->body) : json_object();
    buf_addf(&b, "JSON schema error with API request '%s' and JSON data '", c->conn->req.path);
    py_repr(&b, body);
    buf_addf(&b, "': %s", what);
    answer_400(c, b.data, body);
    json_decref(body);
    buf_free(&b);
}

static void answer_422(struct call *c, const char *errors, int count)
{
    struct buf b = {0};
    buf_addf(&b,
             "%d validation error%s:\n%s\n  File \"gns3server/api/routes/controller\"\n    "
             "%s /v3/%s",
             count, count == 1 ? "" : "s", errors, c->route->method, c->route->pattern);
    answer_error(c, 422, "%s", b.data);
    buf_free(&b);
}

void answer_bad_json(struct call *c)
{
    const struct buf *raw = &c->conn->req.body;
    if (server_is(c->server, 3)) {
        char text[256];
        snprintf(text, sizeof(text),
                 "  {'type': 'json_invalid', 'loc': ('body', %zu), 'msg': 'JSON decode error', "
                 "'input': {}, 'ctx': {'error': 'Expecting value'}}\n",
                 raw->len);
        answer_422(c, text, 1);
        return;
    }
    char text[128];
    snprintf(text, sizeof(text), "Invalid JSON Expecting value: line 1 column %zu (char %zu)",
             raw->len + 1, raw->len);
    json_t *malformed = json_stringn(raw->data, raw->len);
    json_t *request = json_pack("{s:o}", "malformed_json", malformed ? malformed : json_null());
    answer_400(c, text, request);
    json_decref(request);
}

void answer_bad_uuid(struct call *c, const char *field, const char *value)
{
    char text[1024];
    snprintf(text, sizeof(text),
             "  {'type': 'uuid_parsing', 'loc': ('path', '%s'), 'msg': 'Input should be a valid "
             "UUID, invalid character: found `%c` at 1', 'input': '%.200s'}\n",
             field, value[0], value);
    answer_422(c, text, 1);
}

static bool type_ok(const json_t *v, char type)
{
    switch (type) {
    case 's':
        return json_is_string(v);
    case 'i':
        return json_is_integer(v);
    case 'b':
        return json_is_boolean(v);
    case 'o':
        return json_is_object(v);
    case 'a':
        return json_is_array(v);
    default:
        return true;
    }
}

static const char *type_word(char type, bool v3)
{
    switch (type) {
    case 's':
        return "string";
    case 'i':
        return "integer";
    case 'b':
        return v3 ? "bool" : "boolean";
    case 'o':
        return v3 ? "dict" : "object";
    default:
        return v3 ? "list" : "array";
    }
}

static bool known_field(const char *key, const struct rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rules[i].name, key) == 0)
            return true;
    return false;
}

static bool check_v2(struct call *c, const struct rule *rules, size_t n)
{
    char text[512];
    const char *key;
    json_t *value;
    json_object_foreach(c->body, key, value)
    {
        if (!known_field(key, rules, n)) {
            snprintf(text, sizeof(text),
                     "Additional properties are not allowed ('%.200s' was unexpected)", key);
            schema_error(c, text);
            return false;
        }
    }
    for (size_t i = 0; i < n; i++) {
        value = json_object_get(c->body, rules[i].name);
        if (!value && rules[i].required) {
            snprintf(text, sizeof(text), "'%s' is a required property", rules[i].name);
            schema_error(c, text);
            return false;
        }
        if (value && !json_is_null(value) && !type_ok(value, rules[i].type)) {
            struct buf b = {0};
            py_repr(&b, value);
            snprintf(text, sizeof(text), "%.200s is not of type '%s', 'null'", b.data,
                     type_word(rules[i].type, false));
            buf_free(&b);
            schema_error(c, text);
            return false;
        }
    }
    return true;
}

static bool check_v3(struct call *c, const struct rule *rules, size_t n)
{
    struct buf b = {0};
    int errors = 0;
    for (size_t i = 0; i < n && errors < ERRORS_MAX; i++) {
        json_t *value = json_object_get(c->body, rules[i].name);
        if (!value && rules[i].required) {
            buf_addf(&b, "  {'type': 'missing', 'loc': ('body', '%s'), 'msg': 'Field required'}\n",
                     rules[i].name);
            errors++;
        } else if (value && !json_is_null(value) && !type_ok(value, rules[i].type)) {
            const char *word = type_word(rules[i].type, true);
            buf_addf(&b,
                     "  {'type': '%s_type', 'loc': ('body', '%s'), 'msg': 'Input should be a "
                     "valid %s'}\n",
                     word, rules[i].name, word);
            errors++;
        }
    }
    if (errors)
        answer_422(c, b.data, errors);
    buf_free(&b);
    return !errors;
}

bool check_body(struct call *c, const struct rule *rules, size_t n)
{
    return server_is(c->server, 3) ? check_v3(c, rules, n) : check_v2(c, rules, n);
}

bool check_choice(struct call *c, const char *field, const char *const *choices, size_t n)
{
    const char *value = json_string_value(json_object_get(c->body, field));
    for (size_t i = 0; value && i < n; i++)
        if (strcmp(choices[i], value) == 0)
            return true;
    struct buf list = {0}, text = {0};
    for (size_t i = 0; i < n; i++)
        buf_addf(&list, "%s'%s'", i ? ", " : "", choices[i]);
    if (server_is(c->server, 3)) {
        buf_addf(&text,
                 "  {'type': 'enum', 'loc': ('body', '%s'), 'msg': \"Input should be %s\", "
                 "'input': '%s'}\n",
                 field, list.data, value ? value : "");
        answer_422(c, text.data, 1);
    } else {
        buf_addf(&text, "'%s' is not one of [%s]", value ? value : "", list.data);
        schema_error(c, text.data);
    }
    buf_free(&list);
    buf_free(&text);
    return false;
}
