/* Files to instances. Knows names and tables; what a value may be is check.c's. */
#include "conf/conf.h"

#include "conf/conf_file.h"
#include "conf/hide.h"
#include "conf/near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64, MESSAGE_BYTES_MAX = 2048 };

/* One file on its way in. */
struct file {
    const struct conf_tables *tables;
    struct problems *problems;
    struct source source;
    const char *stem; /* "gns3" of "conf.d/gns3.yaml" */
    const char *dir;
    size_t found;
};

static void __attribute__((format(printf, 4, 5)))
report(struct file *file, size_t at, size_t end, const char *format, ...)
{
    struct buf what;
    buf_init(&what, MESSAGE_BYTES_MAX);
    va_list args;
    va_start(args, format);
    buf_vprintf(&what, format, args);
    va_end(args);
    file->found++;
    source_report(&file->source, file->problems, at, end, what.len ? what.data : "is wrong");
    buf_fini(&what);
}

static bool name_is_good(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= NAME_MAX_BYTES && name[0] != '_' && name[0] != '.' &&
           name[0] != '-' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == length;
}

/* The values of `map`, or NULL with problems. */
static struct gw_values *check_options(struct file *file, const struct gw_row *table,
                                       const struct gw_row *also, const struct input *map)
{
    struct gw_values *values = values_new();
    struct check check = {.arena = values ? &values->arena : NULL,
                          .problems = file->problems,
                          .source = &file->source,
                          .dir = file->dir,
                          .also = also};
    const struct check_path top = {0};
    int error = values ? check_map(&check, &top, table, map, values) : -ENOMEM;
    file->found += check.found;
    if (error == -ENOMEM)
        report(file, 0, 0, "out of memory, or too large");
    if (!error)
        return values;
    values_free(values);
    return NULL;
}

/* The items of `map` whose names are common, or the others. */
static int pick(struct arena *arena, const struct gw_row *table, const struct input *map,
                bool common, struct input *out)
{
    struct input *items = arena_array(arena, map->count, sizeof(*items));
    if (!items)
        return -ENOMEM;
    *out = *map;
    out->items = items;
    out->count = 0;
    for (size_t i = 0; i < map->count; i++) {
        if ((conf_common_row(table, map->items[i].key) != NULL) == common)
            items[out->count++] = map->items[i];
    }
    return 0;
}

static const char *nearest_of(const char *name, const char *known, char *best, size_t bytes)
{
    struct near near;
    near_init(&near, name);
    best[0] = '\0';
    char candidate[NEAR_MAX + 1];
    for (const char *at = known; at && *at;) {
        at += strspn(at, ", ");
        size_t length = strcspn(at, ", ");
        if (length && length < sizeof(candidate) && length < bytes) {
            memcpy(candidate, at, length);
            candidate[length] = '\0';
            size_t before = near.distance;
            near_offer(&near, candidate);
            if (near.distance < before)
                memcpy(best, candidate, length + 1);
        }
        at += length;
    }
    near.best = best[0] ? best : NULL;
    return near_best(&near);
}

static void report_unusable(struct file *file, size_t at, size_t end, const char *plugin,
                            const char *why)
{
    size_t before = file->problems->count;
    report(file, at, end, "plugin %s cannot be used: %s", plugin, why);
    if (file->problems->count > before)
        file->problems->list[before].unusable = true;
}

/* ". Looked in A, B; …": whoever wrote a plugin has it somewhere else. */
static void add_searched(struct buf *out, const char *const *dirs)
{
    for (size_t i = 0; dirs && dirs[i]; i++)
        buf_printf(out, "%s%s", i ? ", " : " Looked in ", dirs[i]);
    if (dirs && *dirs)
        buf_adds(out, "; --plugins DIR, or plugin_dirs in gnswatch.yaml, adds a directory");
}

static void report_plugin(struct file *file, const struct input *said, const char *plugin,
                          int error, const char *known)
{
    size_t at = said ? said->at : 0, end = said ? said->end : 0;
    struct buf name, searched;
    buf_init(&name, MESSAGE_BYTES_MAX);
    buf_init(&searched, MESSAGE_BYTES_MAX);
    check_add_quoted(&name, plugin);
    add_searched(&searched, file->tables->plugin_dirs);
    char best[NEAR_MAX + 1];
    const char *hint = error == -ENOENT ? nearest_of(plugin, known, best, sizeof(best)) : NULL;
    const char *shown = name.len ? name.data : "", *where = searched.len ? searched.data : "";
    if (error != -ENOENT)
        report_unusable(file, at, end, shown, known && *known ? known : strerror(-error));
    else if (hint && said)
        report(file, at, end, "there is no plugin %s; did you mean '%s'?%s", shown, hint, where);
    else if (hint)
        report(file, at, end,
               "there is no plugin %s, as this file is called; did you mean '%s'? "
               "Rename the file, or say 'plugin: %s' in it%s%s",
               shown, hint, hint, *where ? "." : "", where);
    else
        report(file, at, end, "there is no plugin %s%s; known: %s%s%s", shown,
               said ? "" : ", as this file is called (or say 'plugin: NAME' in it)",
               known && *known ? known : "none", *where ? "." : "", where);
    buf_fini(&searched);
    buf_fini(&name);
}

static const struct input *find_item(const struct input *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->items[i].key, name) == 0)
            return &map->items[i];
    }
    return NULL;
}

static void instance_fini(struct conf_instance *instance)
{
    free(instance->name);
    free(instance->plugin);
    free(instance->file);
    free(instance->run_as);
    values_free(instance->values);
}

static int add_instance(struct conf *conf, struct conf_instance *instance)
{
    struct conf_instance *list =
        realloc(conf->instances, (conf->count + 1) * sizeof(*conf->instances));
    if (!list || !instance->name || !instance->plugin || !instance->file) {
        conf->instances = list ? list : conf->instances;
        return -ENOMEM;
    }
    conf->instances = list;
    list[conf->count++] = *instance;
    return 0;
}

static void set_common(struct file *file, struct conf_instance *instance,
                       const struct gw_values *options, const struct input *map)
{
    const struct input *place;
    const char *wrong = conf_common_set(instance, options, map, &place);
    if (wrong)
        report(file, place->key_at, place->key_end, "%s", wrong);
}

static int read_instance(struct file *file, struct arena *arena, const struct input *map,
                         struct conf *conf)
{
    struct input common, own;
    const struct input *said = find_item(map, "plugin");
    if (said && (input_is_null(said) || !said->text || said->text[0] == '\0'))
        said = NULL;
    const char *plugin = said ? said->text : file->stem, *known = NULL;
    const struct gw_row *table = NULL;
    int error = file->tables->plugin_table(file->tables->data, plugin, conf_common_isolation(map),
                                           &table, &known);
    if (error)
        report_plugin(file, said, plugin, error, known);
    hide_secrets(&file->source, table, map);
    if (pick(arena, table, map, true, &common) || pick(arena, table, map, false, &own))
        return -ENOMEM;
    const struct gw_row *common_rows = conf_common_rows();
    struct gw_values *options = check_options(file, common_rows, table, &common);
    struct conf_instance instance = {
        .name = strdup(file->stem),
        .plugin = strdup(plugin),
        .file = strdup(file->source.name),
        .line = said ? (int)source_line(&file->source, said->at) : 1,
        .values = error ? NULL : check_options(file, table, common_rows, &own),
    };
    if (options)
        set_common(file, &instance, options, &common);
    values_free(options);
    error = file->found ? -EINVAL : add_instance(conf, &instance);
    if (error)
        instance_fini(&instance);
    return error;
}

static int read_map(struct file *file, struct arena *arena, const struct input *input,
                    struct conf *conf)
{
    struct input map = {.kind = INPUT_MAP};
    if (input->kind == INPUT_MAP)
        map = *input;
    else if (!input_is_null(input))
        report(file, input->at, input->at, "expected lines of 'name: value', not %s",
               input_kind_name(input));
    if (file->found)
        return -EINVAL;
    if (strcmp(file->stem, "gnswatch") != 0)
        return read_instance(file, arena, &map, conf);
    hide_secrets(&file->source, file->tables->host, &map);
    conf->host = check_options(file, file->tables->host, NULL, &map);
    return conf->host ? 0 : -EINVAL;
}

/* The table by which secrets may be known in a file that is not understood. */
static const struct gw_row *likely_table(const struct file *file)
{
    char plugin[NAME_MAX_BYTES + 1];
    const struct gw_row *table = NULL;
    const char *known;
    if (strcmp(file->stem, "gnswatch") == 0)
        return file->tables->host;
    bool said = hide_find_plugin(&file->source, plugin, sizeof(plugin));
    enum conf_isolation isolation = conf_common_likely(file->source.text, file->source.bytes);
    int error = file->tables->plugin_table(file->tables->data, said ? plugin : file->stem,
                                           isolation, &table, &known);
    return error ? NULL : table;
}

static int read_source(struct file *file, struct conf *conf)
{
    struct arena arena;
    struct input input;
    arena_init(&arena, VALUES_BYTES_MAX);
    struct source plain = file->source; /* a syntax error must not show what may be a secret */
    hide_suspects(&plain, likely_table(file));
    hide_addresses(&plain);
    int error = input_from_yaml(&arena, &plain, file->problems, &input);
    source_fini(&plain);
    hide_addresses(&file->source);
    if (!error)
        error = read_map(file, &arena, &input, conf);
    if (error == -ENOMEM)
        report(file, 0, 0, "out of memory, or too large");
    arena_fini(&arena);
    return error;
}

/* "conf.d/gns3.yaml" to "gns3" and "conf.d"; the caller frees both. */
static int split_name(const char *name, char **stem, char **dir)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');
    bool yaml = dot && strcmp(dot, ".yaml") == 0;
    *stem = strndup(base, yaml ? (size_t)(dot - base) : strlen(base));
    *dir = slash ? strndup(name, slash == name ? 1 : (size_t)(slash - name)) : strdup(".");
    return *stem && *dir ? 0 : -ENOMEM;
}

int conf_read_file(const char *name, const char *text, size_t bytes,
                   const struct conf_tables *tables, struct problems *problems, struct conf *conf)
{
    static const char bom[] = "\xef\xbb\xbf";
    bool marked = bytes >= 3 && memcmp(text, bom, 3) == 0;
    struct file file = {.tables = tables, .problems = problems};
    source_init(&file.source, name, marked ? text + 3 : text, marked ? bytes - 3 : bytes);
    size_t before = problems->count;
    char *stem = NULL, *dir = NULL;
    int error = split_name(name, &stem, &dir);
    file.stem = stem;
    file.dir = dir;
    if (!error && !name_is_good(stem)) {
        error = -EINVAL;
        problems_add(
            problems, name, NULL,
            "the file's name is the instance's name, so it must be at most 64 of a-z, 0-9, "
            "'_', '.' and '-', and begin with a letter or digit; rename it");
    }
    if (!error)
        error = read_source(&file, conf);
    source_fini(&file.source);
    free(stem);
    free(dir);
    problems_sort_places(problems, before);
    return error;
}

void conf_free(struct conf *conf)
{
    if (!conf)
        return;
    for (size_t i = 0; i < conf->count; i++)
        instance_fini(&conf->instances[i]);
    free(conf->instances);
    values_free(conf->host);
    free(conf);
}

int conf_add_host_defaults(const char *name, const struct conf_tables *tables,
                           struct problems *problems, struct conf *conf)
{
    struct file file = {.tables = tables, .problems = problems, .stem = "gnswatch", .dir = "."};
    const struct input empty = {.kind = INPUT_MAP};
    source_init(&file.source, name, "", 0);
    conf->host = check_options(&file, tables->host, NULL, &empty);
    source_fini(&file.source);
    return conf->host ? 0 : -EINVAL;
}

struct conf *conf_parse(const char *file_name, const char *text, const struct conf_tables *tables,
                        struct problems *problems)
{
    struct conf *conf = calloc(1, sizeof(*conf));
    int error =
        conf ? conf_read_file(file_name, text, strlen(text), tables, problems, conf) : -ENOMEM;
    if (!error && !conf->host)
        error = conf_add_host_defaults("gnswatch.yaml", tables, problems, conf);
    if (!error)
        return conf;
    if (problems->count + problems->left_off == 0)
        problems_add(problems, file_name, NULL, "%s", strerror(-error));
    conf_free(conf);
    return NULL;
}

static bool text_equal(const char *a, const char *b)
{
    return !a || !b ? a == b : strcmp(a, b) == 0;
}

static bool limits_equal(const struct conf_limits *a, const struct conf_limits *b)
{
    return a->memory_bytes == b->memory_bytes && a->files == b->files && a->series == b->series &&
           a->processes == b->processes && a->hang_ms == b->hang_ms &&
           a->cpu_percent >= b->cpu_percent && a->cpu_percent <= b->cpu_percent &&
           a->events_per_s >= b->events_per_s && a->events_per_s <= b->events_per_s;
}

bool conf_instance_equal(const struct conf_instance *a, const struct conf_instance *b)
{
    return text_equal(a->name, b->name) && text_equal(a->plugin, b->plugin) &&
           a->enabled == b->enabled && a->every_ms == b->every_ms && a->isolation == b->isolation &&
           text_equal(a->run_as, b->run_as) && limits_equal(&a->limits, &b->limits) &&
           values_equal(a->values, b->values);
}
