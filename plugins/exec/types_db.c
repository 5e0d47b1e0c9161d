/* types_db.c - see types_db.h. */
#include "types_db.h"

#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TYPES_MAX = 10000, FILE_BYTES_MAX = 1 << 20 };

static void type_free(struct types_db *db, struct types_type *type)
{
    for (unsigned i = 0; i < type->count; i++)
        keep_free_text(&db->keep, type->sources[i].name);
    keep_free_text(&db->keep, type->name);
    keep_free(&db->keep, type, sizeof *type + type->count * sizeof *type->sources);
}

void types_db_fini(struct types_db *db)
{
    table_clear(&db->table);
    while (db->first) {
        struct types_type *type = db->first;
        db->first = type->next;
        type_free(db, type);
    }
    db->count = 0;
}

struct types_type *types_db_find(const struct types_db *db, const char *name)
{
    return table_find(&db->table, name);
}

/* ---- A line ---------------------------------------------------------------------------------- */

static const char *limit_read(const char *text, double *limit)
{
    *limit = NAN;
    return strcasecmp(text, "U") == 0 || number_read(text, limit) ? NULL
                                                                  : "a limit is a number or U";
}

/* name:KIND:min:max, cut in place; NULL, or why not. */
static const char *source_read(char *text, struct types_source *source)
{
    static const char *const kinds[] = {"GAUGE", "COUNTER", "DERIVE", "ABSOLUTE"};
    char *parts[4] = {text};
    for (int i = 1; i < 4; i++) {
        char *colon = strchr(parts[i - 1], ':');
        if (!colon)
            return "a source is name:KIND:min:max";
        *colon = '\0';
        parts[i] = colon + 1;
    }
    *source = (struct types_source){.name = parts[0]};
    for (unsigned i = 0; i < 4; i++) {
        if (strcasecmp(parts[1], kinds[i]) == 0)
            source->kind = (enum types_kind)(i + 1);
    }
    if (!*source->name || !source->kind)
        return *source->name ? "the kind is GAUGE, COUNTER, DERIVE or ABSOLUTE"
                             : "a source has a name";
    const char *why = limit_read(parts[2], &source->min);
    return why ? why : limit_read(parts[3], &source->max);
}

/* The sources of a line, between commas and blanks; NULL, or why not. */
static const char *sources_read(char *at, struct types_source *sources, unsigned *count)
{
    static const char between[] = ", \t\r";
    for (at += strspn(at, between); *at; at += strspn(at, between)) {
        char *source = at;
        at = source + strcspn(source, between);
        at = word_end(at);
        if (*count == TYPES_SOURCES_MAX)
            return "more than 32 sources";
        const char *why = source_read(source, &sources[*count]);
        if (why)
            return why;
        ++*count;
    }
    return *count ? NULL : "a type has at least one source";
}

static bool type_keep(struct types_db *db, const char *name, const struct types_source *sources,
                      unsigned count)
{
    struct types_type *type = keep_new(&db->keep, sizeof *type + count * sizeof *type->sources);
    if (!type)
        return false;
    type->count = count;
    type->name = keep_text(&db->keep, name);
    bool kept = type->name;
    for (unsigned i = 0; i < count; i++) {
        type->sources[i] = sources[i];
        type->sources[i].name = keep_text(&db->keep, sources[i].name);
        kept &= type->sources[i].name != NULL;
    }
    if (kept)
        table_remove(&db->table, name); /* the list has it until the end */
    if (!kept || !table_add(&db->table, type)) {
        type_free(db, type);
        return false;
    }
    type->next = db->first;
    db->first = type;
    db->count++;
    return true;
}

static const char *line_read(struct types_db *db, char *line)
{
    struct types_source sources[TYPES_SOURCES_MAX];
    unsigned count = 0;
    line[strcspn(line, "#\r")] = '\0';
    char *name = skip_blanks(line);
    if (!*name)
        return NULL;
    const char *why = sources_read(word_end(find_blank(name)), sources, &count);
    if (why)
        return why;
    if (db->count == TYPES_MAX || !type_keep(db, name, sources, count))
        return "no room to remember this type";
    return NULL;
}

/* ---- A file ---------------------------------------------------------------------------------- */

void types_db_read(struct types_db *db, char *text, types_error_fn *on_error, void *data)
{
    for (unsigned line = 1; *text; line++) {
        char *end = text + strcspn(text, "\n"), *next = *end ? end + 1 : end;
        *end = '\0';
        const char *why = line_read(db, text);
        if (why)
            on_error(data, line, why, text);
        text = next;
    }
}

static int file_read(const char *path, char **text)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    int error = fstat(fd, &about) ? -errno : 0;
    if (!error && !S_ISREG(about.st_mode))
        error = -EINVAL;
    if (!error && about.st_size > FILE_BYTES_MAX)
        error = -EFBIG;
    char *bytes = error ? NULL : calloc(1, (size_t)about.st_size + 1);
    ssize_t count = bytes ? read(fd, bytes, (size_t)about.st_size) : 0;
    if (!error && (!bytes || count < 0))
        error = bytes ? -errno : -ENOMEM;
    close(fd);
    if (error) {
        free(bytes);
        return error;
    }
    *text = bytes;
    return 0;
}

int types_db_load(struct types_db *db, const char *path, types_error_fn *on_error, void *data)
{
    char *text = NULL;
    int error = file_read(path, &text);
    if (error || !text)
        return error;
    types_db_read(db, text, on_error, data);
    free(text);
    return 0;
}
