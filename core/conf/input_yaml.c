/* YAML to the tree, with libfyaml: one document, no aliases, no tags.
 *
 * The places of names and values are byte offsets into the source; lines and columns are counted
 * there, so they do not depend on how libfyaml counts tabs. */
#include "conf/input.h"

#include "base/utf8.h"
#include "conf/source.h"
#include "conf/yaml_words.h"

#include <errno.h>
#include <libfyaml.h>
#include <string.h>

struct reading {
    struct arena *arena;
    struct source *source;
    struct problems *problems;
    size_t nodes;
    size_t cursor; /* behind what was read last */
    bool bad;
};

static int read_node(struct reading *reading, struct fy_node *node, int depth, struct input *out);

static void report(struct reading *reading, size_t at, size_t end, const char *what)
{
    reading->bad = true;
    source_report(reading->source, reading->problems, at, end, what);
}

/* Quotes and signs around a scalar's text are part of what is written. */
static void widen(const struct source *source, enum fy_node_style style, struct input *out)
{
    bool quoted = style == FYNS_DOUBLE_QUOTED || style == FYNS_SINGLE_QUOTED;
    if ((quoted || style == FYNS_ALIAS) && out->at > 0)
        out->at--;
    if (quoted && out->end < source->bytes)
        out->end++;
}

static int read_scalar(struct reading *reading, struct fy_node *node, struct input *out)
{
    size_t bytes = 0;
    const char *text = fy_node_get_scalar(node, &bytes);
    struct fy_token *token = fy_node_get_scalar_token(node);
    const struct fy_mark *start = token ? fy_token_start_mark(token) : NULL;
    const struct fy_mark *end = token ? fy_token_end_mark(token) : NULL;
    enum fy_node_style style = fy_node_get_style(node);
    out->kind = style == FYNS_PLAIN || style == FYNS_ANY ? INPUT_PLAIN : INPUT_TEXT;
    if (start && end) {
        out->at = start->input_pos;
        out->end = end->input_pos;
        widen(reading->source, style, out);
        reading->cursor = out->end;
    }
    if (!start || out->at == out->end) /* nothing: shown where it would be */
        out->at = out->end = reading->cursor ? reading->cursor - 1 : 0;
    if (text && memchr(text, '\0', bytes)) { /* "\0" in double quotes */
        report(reading, out->at, out->end, "holds a NUL character; text here cannot");
        bytes = strlen(text);
    }
    out->text = arena_text(reading->arena, text ? text : "", text ? bytes : 0);
    if (style == FYNS_ALIAS) {
        out->kind = INPUT_REFUSED;
        out->text =
            "an alias (*name), which is not read here; put text that starts with * in quotes";
    }
    return out->text ? 0 : -ENOMEM;
}

/* Flow collections have no token of their own to ask: their bracket is the next one. */
static void enter(struct reading *reading, struct fy_node *node, struct input *out)
{
    const struct source *source = reading->source;
    size_t at = reading->cursor;
    if (fy_node_get_style(node) == FYNS_FLOW) {
        while (at < source->bytes && source->text[at] != '[' && source->text[at] != '{')
            at++;
        reading->cursor = at < source->bytes ? at + 1 : at;
    }
    out->at = at;
    out->end = reading->cursor;
}

static void leave(struct reading *reading, struct fy_node *node, struct input *out)
{
    const struct source *source = reading->source;
    size_t at = reading->cursor;
    if (fy_node_get_style(node) == FYNS_FLOW) {
        while (at < source->bytes && source->text[at] != ']' && source->text[at] != '}')
            at++;
        reading->cursor = at < source->bytes ? at + 1 : at;
    } else if (out->count) {
        const struct input *first = &out->items[0];
        out->at = first->key ? first->key_at : first->at;
    }
    out->end = reading->cursor;
}

/* Behind the next '-' of a list in block style, past comments: what follows may be nothing. */
static void pass_dash(struct reading *reading)
{
    const struct source *source = reading->source;
    size_t at = reading->cursor;
    while (at < source->bytes && source->text[at] != '-')
        at = source->text[at] == '#' ? source_next_line(source, at) : at + 1;
    if (at < source->bytes)
        reading->cursor = at + 1;
}

static int read_list(struct reading *reading, struct fy_node *node, int depth, struct input *out)
{
    int count = fy_node_sequence_item_count(node);
    struct input *items =
        arena_array(reading->arena, count > 0 ? (size_t)count : 0, sizeof(*items));
    if (!items)
        return -ENOMEM;
    out->kind = INPUT_LIST;
    out->items = items;
    void *at = NULL;
    bool block = fy_node_get_style(node) != FYNS_FLOW;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(node, &at)) != NULL; out->count++) {
        if (block)
            pass_dash(reading);
        int error = read_node(reading, item, depth + 1, &items[out->count]);
        if (error)
            return error;
    }
    return 0;
}

static int read_pair(struct reading *reading, struct fy_node_pair *pair, int depth,
                     struct input *out)
{
    struct input key = {.kind = INPUT_NULL};
    struct fy_node *name = fy_node_pair_key(pair);
    int error = name ? read_node(reading, name, depth + 1, &key) : 0;
    if (error)
        return error;
    if (key.kind != INPUT_PLAIN && key.kind != INPUT_TEXT)
        report(reading, key.at, key.end, "a name must be plain text, as in 'name: value'");
    else if (key.text[0] == '\0')
        report(reading, key.at, key.end, "a name is missing before the ':'");
    struct fy_node *value = fy_node_pair_value(pair);
    *out = (struct input){.kind = INPUT_NULL};
    error = value ? read_node(reading, value, depth + 1, out) : 0;
    if (input_is_null(out) &&
        (out->kind == INPUT_NULL ||
         out->text[0] == '\0')) { /* nothing is written: the name is what can be shown */
        out->at = key.at;
        out->end = key.end;
    }
    out->key = key.text ? key.text : "?";
    out->key_at = key.at;
    out->key_end = key.end;
    return error;
}

static int read_map(struct reading *reading, struct fy_node *node, int depth, struct input *out)
{
    int count = fy_node_mapping_item_count(node);
    struct input *items =
        arena_array(reading->arena, count > 0 ? (size_t)count : 0, sizeof(*items));
    if (!items)
        return -ENOMEM;
    out->kind = INPUT_MAP;
    out->items = items;
    void *at = NULL;
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(node, &at)) != NULL;
         out->count++) {
        int error = read_pair(reading, pair, depth, &items[out->count]);
        if (error)
            return error;
    }
    return 0;
}

static int read_node(struct reading *reading, struct fy_node *node, int depth, struct input *out)
{
    *out = (struct input){.kind = INPUT_NULL};
    if (depth > INPUT_DEPTH_MAX)
        return -ELOOP;
    if (++reading->nodes > INPUT_NODES_MAX)
        return -E2BIG;
    int error;
    if (fy_node_get_type(node) == FYNT_SCALAR) {
        error = read_scalar(reading, node, out);
    } else {
        enter(reading, node, out);
        error = fy_node_get_type(node) == FYNT_SEQUENCE ? read_list(reading, node, depth, out)
                                                        : read_map(reading, node, depth, out);
        if (!error)
            leave(reading, node, out);
    }
    if (!error && fy_node_get_tag_token(node)) {
        const struct fy_mark *start = fy_token_start_mark(fy_node_get_tag_token(node));
        const struct fy_mark *end = fy_token_end_mark(fy_node_get_tag_token(node));
        out->at = start ? start->input_pos : out->at;
        out->end = end && end->input_pos > out->end ? end->input_pos : out->end;
        out->kind = INPUT_REFUSED;
        out->text = "a tag (!name), which is not read here; put text that starts with ! in quotes";
    }
    return error;
}

/* Text that libfyaml need not see: what is not UTF-8, or holds control characters. */
static void check_bytes(struct reading *reading)
{
    const struct source *source = reading->source;
    for (size_t i = 0; i < source->bytes && !reading->bad;) {
        unsigned char c = (unsigned char)source->text[i];
        size_t length = utf8_length(source->text + i, source->bytes - i);
        if (length == 0)
            report(reading, i, i, "this byte is not UTF-8; save the file as UTF-8");
        else if (c == '\0')
            report(reading, i, i, "a NUL byte; this is no text file, or it was cut short");
        else if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
            report(reading, i, i, "a control character; remove it");
        i += length;
    }
}

/* What takes libfyaml minutes in a file of a MiB, and no file of options needs. */
static void check_effort(struct reading *reading)
{
    enum { ANCHORS_MAX = 100 };
    const struct source *source = reading->source;
    size_t anchors = 0;
    for (size_t i = 0; i < source->bytes && !reading->bad; i++) {
        char c = source->text[i];
        bool first = i == 0 || source->text[i - 1] == '\n';
        if (c == '%' && first)
            report(reading, i, i,
                   "a line that begins with % is a directive, which is not read here");
        else if (c == '&' && (first || strchr(" \t[{,", source->text[i - 1])) &&
                 ++anchors > ANCHORS_MAX)
            report(reading, i, i, "one anchor (&name) too many; nothing here reads them");
    }
}

static size_t tab_in_indent(const struct source *source, size_t to)
{
    bool indent = true;
    for (size_t i = 0; i < to; i++) {
        if (indent && source->text[i] == '\t')
            return i;
        indent = source->text[i] == '\n' || (indent && source->text[i] == ' ');
    }
    return source->bytes;
}

static void report_syntax(struct reading *reading, const struct fy_diag_error *error)
{
    const struct source *source = reading->source;
    const struct fy_mark *mark = error->fyt ? fy_token_start_mark(error->fyt) : NULL;
    size_t at = mark ? mark->input_pos
                     : source_offset(source, (size_t)(error->line > 0 ? error->line : 1),
                                     (size_t)(error->column > 0 ? error->column : 1));
    while (at > 0 && at >= source->bytes && source->text[at - 1] == '\n')
        at--; /* the end of the last line, not the line that is not there */
    size_t to = source_next_line(source, source_next_line(source, at));
    size_t tab = tab_in_indent(source, to);
    struct buf what;
    buf_init(&what, 1024);
    if (tab < source->bytes) {
        at = tab;
        buf_adds(&what, "a tab in the indentation; YAML indents with spaces only");
    } else {
        yaml_add_words(&what, error->msg ? error->msg : "");
    }
    report(reading, at, at, what.len ? what.data : "not YAML");
    buf_fini(&what);
}

static void report_limit(struct reading *reading, int error)
{
    struct buf what;
    buf_init(&what, 256);
    if (error == -ELOOP)
        buf_printf(&what, "nested more than %d deep", INPUT_DEPTH_MAX);
    else
        buf_printf(&what, "more than %d values in one file", INPUT_NODES_MAX);
    report(reading, reading->cursor, reading->cursor, what.len ? what.data : "too large");
    buf_fini(&what);
}

static int read_documents(struct reading *reading, struct fy_parser *parser, struct input *out)
{
    int error = 0, count = 0;
    struct fy_document *document;
    while (!error && (document = fy_parse_load_document(parser)) != NULL) {
        struct fy_node *root = fy_document_root(document);
        struct input extra;
        if (root)
            error = read_node(reading, root, 0, count ? &extra : out);
        bool empty = !root || error || input_is_null(count ? &extra : out);
        if (count && !empty)
            report(reading, extra.at, extra.at,
                   "a second document starts here; a file holds one, so remove the '---'");
        count++;
        fy_parse_document_destroy(parser, document);
    }
    return error;
}

/* AddressSanitizer's; absent otherwise. */
extern void __lsan_ignore_object(const void *object) __attribute__((weak));

/* libfyaml 0.7.12 puts a key on its free list twice when a tab follows the ':' of a complex key
 * (fy_fetch_value goes to its error exit after it gave the key back), and taking such a parser
 * apart frees it twice, which ends the program. After this one error it is left alone. */
static bool may_be_taken_apart(struct fy_diag *diag)
{
    void *at = NULL;
    for (struct fy_diag_error *said; (said = fy_diag_errors_iterate(diag, &at)) != NULL;) {
        if (said->msg && strncmp(said->msg, "cannot use tab", strlen("cannot use tab")) == 0)
            return false;
    }
    return true;
}

static void end_parser(struct fy_parser *parser, struct fy_diag *diag)
{
    if (may_be_taken_apart(diag)) {
        fy_parser_destroy(parser);
        fy_diag_destroy(diag);
    } else if (__lsan_ignore_object) {
        __lsan_ignore_object(parser);
    }
}

/* Takes `diag` over. */
static int parse(struct reading *reading, struct fy_diag *diag, struct input *out)
{
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_ALLOW_DUPLICATE_KEYS, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    if (!parser) {
        fy_diag_destroy(diag);
        return -ENOMEM;
    }
    int error = -ENOMEM;
    if (fy_parser_set_string(parser, reading->source->text, reading->source->bytes) == 0)
        error = read_documents(reading, parser, out);
    bool failed = fy_parser_get_stream_error(parser);
    void *at = NULL;
    for (struct fy_diag_error *said; (said = fy_diag_errors_iterate(diag, &at)) != NULL;) {
        if (said->type == FYET_ERROR && !reading->bad)
            report_syntax(reading, said);
    }
    if (error == -ELOOP || error == -E2BIG)
        report_limit(reading, error);
    else if (failed && !error && !reading->bad)
        error = -ENOMEM; /* libfyaml says nothing when memory ends */
    end_parser(parser, diag);
    return error == -ENOMEM ? error : reading->bad ? -EINVAL : 0;
}

int input_from_yaml(struct arena *arena, struct source *source, struct problems *problems,
                    struct input *out)
{
    struct reading reading = {.arena = arena, .source = source, .problems = problems};
    *out = (struct input){.kind = INPUT_NULL};
    check_bytes(&reading);
    check_effort(&reading);
    if (reading.bad)
        return -EINVAL;
    if (source->bytes == 0)
        return 0;
    struct fy_diag_cfg cfg;
    fy_diag_cfg_default(&cfg);
    cfg.fp = NULL; /* nothing goes to stderr: the errors are collected */
    struct fy_diag *diag = fy_diag_create(&cfg);
    if (!diag)
        return -ENOMEM;
    fy_diag_set_collect_errors(diag, true);
    return parse(&reading, diag, out);
}
