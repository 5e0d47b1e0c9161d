/* match.c - see match.h. */
#include "match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 250 };

static const char *op_text(enum match_op op)
{
    static const char *const texts[] = {"", "=", "!=", "=~", "!~"};
    return texts[op];
}

static enum match_op op_read(const char *at, size_t *length)
{
    for (enum match_op op = MATCH_FITS_NOT; op >= MATCH_IS; op--) {
        *length = strlen(op_text(op));
        if (strncmp(at, op_text(op), *length) == 0)
            return op;
    }
    return 0;
}

static int regex_make(struct matcher *matcher, char *why, size_t why_bytes)
{
    char whole[VALUE_MAX + 8];
    snprintf(whole, sizeof whole, "^(%s)$", matcher->value);
    int error = regcomp(&matcher->regex, whole, REG_EXTENDED | REG_NOSUB);
    if (!error)
        return 0;
    char text[120];
    regerror(error, &matcher->regex, text, sizeof text);
    snprintf(why, why_bytes, "'%s' is no regular expression: %s", matcher->value, text);
    return -EINVAL;
}

static void matcher_fini(struct matcher *matcher)
{
    free(matcher->label);
    free(matcher->value);
}

static int matcher_read(struct matcher *out, const char *text, char *why, size_t why_bytes)
{
    text += strspn(text, " ");
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    const char *at = text + name + strspn(text + name, " ");
    size_t length = 0;
    enum match_op op = op_read(at, &length);
    if (name == 0 || !op) {
        snprintf(why, why_bytes,
                 "'%s' is no matcher: write label=value, label!=value, "
                 "label=~expression or label!~expression",
                 text);
        return -EINVAL;
    }
    at += length + strspn(at + length, " ");
    size_t bytes = strlen(at);
    while (bytes && at[bytes - 1] == ' ')
        bytes--;
    if (bytes >= 2 && at[0] == '"' && at[bytes - 1] == '"') {
        at++;
        bytes -= 2;
    }
    if (bytes > VALUE_MAX || name > LABEL_BYTES_MAX) {
        snprintf(why, why_bytes, "'%.40s…' is longer than %d bytes", text, VALUE_MAX);
        return -EINVAL;
    }
    *out = (struct matcher){.label = strndup(text, name), .value = strndup(at, bytes), .op = op};
    int error = !out->label || !out->value ? -ENOMEM
                : op >= MATCH_FITS         ? regex_make(out, why, why_bytes)
                                           : 0;
    if (error)
        matcher_fini(out);
    return error;
}

int matchers_add(struct matchers *matchers, const char *text, char *why, size_t why_bytes)
{
    if (matchers->count >= MATCHERS_MAX) {
        snprintf(why, why_bytes, "more than %d matchers", MATCHERS_MAX);
        return -EINVAL;
    }
    struct matcher one;
    int error = matcher_read(&one, text, why, why_bytes);
    if (error)
        return error;
    struct matcher *more = realloc(matchers->at, (matchers->count + 1) * sizeof *more);
    if (!more) {
        if (one.op >= MATCH_FITS)
            regfree(&one.regex);
        matcher_fini(&one);
        return -ENOMEM;
    }
    matchers->at = more;
    more[matchers->count++] = one;
    return 0;
}

int matchers_load(struct matchers *matchers, const json_t *texts, char *why, size_t why_bytes)
{
    int error = 0;
    size_t i;
    json_t *text;
    if (json_is_string(texts))
        error = matchers_add(matchers, json_string_value(texts), why, why_bytes);
    json_array_foreach(texts, i, text)
    {
        if (error)
            break;
        const char *one = json_string_value(text);
        error = matchers_add(matchers, one ? one : "", why, why_bytes);
    }
    if (error)
        matchers_fini(matchers);
    return error;
}

void matchers_fini(struct matchers *matchers)
{
    for (size_t i = 0; i < matchers->count; i++) {
        if (matchers->at[i].op >= MATCH_FITS)
            regfree(&matchers->at[i].regex);
        matcher_fini(&matchers->at[i]);
    }
    free(matchers->at);
    *matchers = (struct matchers){0};
}

bool matcher_fits(const struct matcher *matcher, const char *value)
{
    bool is = matcher->op >= MATCH_FITS ? regexec(&matcher->regex, value, 0, NULL, 0) == 0
                                        : strcmp(matcher->value, value) == 0;
    return is == (matcher->op == MATCH_IS || matcher->op == MATCH_FITS);
}

bool matchers_fit(const struct matchers *matchers, const struct labels *labels)
{
    for (size_t i = 0; i < matchers->count; i++)
        if (!matcher_fits(&matchers->at[i], labels_get(labels, matchers->at[i].label)))
            return false;
    return true;
}

json_t *matchers_json(const struct matchers *matchers)
{
    json_t *list = json_array();
    for (size_t i = 0; i < matchers->count; i++) {
        const struct matcher *one = &matchers->at[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "label", one->label, "op",
                                              op_text(one->op), "value", one->value));
    }
    return list;
}

json_t *matchers_texts(const struct matchers *matchers)
{
    json_t *list = json_array();
    for (size_t i = 0; i < matchers->count; i++) {
        const struct matcher *one = &matchers->at[i];
        json_array_append_new(list,
                              json_sprintf("%s%s\"%s\"", one->label, op_text(one->op), one->value));
    }
    return list;
}
