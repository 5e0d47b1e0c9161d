/* Reading objects: one, all of a kind, or a page with filters, search and order.
 *
 * Filters look at the raw text of top-level members; no document is parsed. */
#include "object/objects_internal.h"

#include "base/json_scan.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct object *find(const struct kind *kind, const char *id)
{
    size_t low = 0, high = kind ? kind->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(object_id(kind->list[middle]), id);
        if (order == 0)
            return kind->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

char *objects_get(struct objects *objects, const char *kind, const char *id)
{
    pthread_rwlock_rdlock(&objects->lock);
    const struct object *object = find(map_get(&objects->kinds, kind), id);
    char *text = object ? strdup(object_doc(object)) : NULL;
    pthread_rwlock_unlock(&objects->lock);
    return text;
}

static void add_doc(struct buf *out, bool *first, const struct object *object)
{
    buf_addc(out, *first ? '[' : ',');
    *first = false;
    buf_add(out, object_doc(object), object->doc_bytes);
}

char *objects_list(struct objects *objects, const char *name)
{
    struct buf out;
    bool first = true;
    buf_init(&out, SIZE_MAX / 2); /* bounded by the number and size of objects */
    pthread_rwlock_rdlock(&objects->lock);
    const struct kind *kind = map_get(&objects->kinds, name);
    size_t bytes = 2;
    for (size_t i = 0; kind && i < kind->count; i++)
        bytes += kind->list[i]->doc_bytes + 1;
    buf_reserve(&out, bytes);
    for (size_t i = 0; kind && i < kind->count; i++)
        add_doc(&out, &first, kind->list[i]);
    pthread_rwlock_unlock(&objects->lock);
    if (!kind) {
        buf_fini(&out);
        return NULL;
    }
    buf_adds(&out, first ? "[]" : "]");
    char *text = buf_take(&out);
    buf_fini(&out);
    return text;
}

size_t objects_count(struct objects *objects, const char *name)
{
    pthread_rwlock_rdlock(&objects->lock);
    const struct kind *kind = map_get(&objects->kinds, name);
    size_t count = kind ? kind->count : 0;
    pthread_rwlock_unlock(&objects->lock);
    return count;
}

/* Most documents that do not match do not even hold the text: strstr says so at a few bytes a
 * nanosecond. Documents with escapes may hide it, so they go on to the scanner. */
static bool may_match(const char *doc, const char *value)
{
    return strstr(doc, value) || strchr(doc, '\\');
}

static bool matches(const struct object *object, const struct object_query *query)
{
    const char *doc = object_doc(object);
    for (size_t i = 0; i < query->filter_count; i++) {
        if (!may_match(doc, query->filters[i].value))
            return false;
    }
    for (size_t i = 0; i < query->filter_count; i++) {
        struct json_slice value;
        if (!json_member(doc, query->filters[i].member, &value) ||
            !json_is(value, query->filters[i].value))
            return false;
    }
    if (!query->search || !*query->search)
        return true;
    return (strcasestr(doc, query->search) || strchr(doc, '\\')) &&
           json_has_text(doc, query->search);
}

struct hit {
    const struct object *object;
    struct json_slice key; /* the raw member to sort by */
    double number;
};

/* Nothing, false, true, numbers, text, then lists and maps. */
static int rank(struct json_slice key)
{
    switch (key.bytes ? key.at[0] : 'n') {
    case 'n':
        return 1;
    case 'f':
        return 2;
    case 't':
        return 3;
    case '"':
        return 5;
    case '[':
    case '{':
        return 6;
    default:
        return 4;
    }
}

static int compare_hits(const void *left, const void *right)
{
    const struct hit *a = left, *b = right;
    int order = rank(a->key) - rank(b->key);
    if (order == 0 && rank(a->key) == 4)
        order = (a->number > b->number) - (a->number < b->number);
    else if (order == 0 && rank(a->key) >= 5) {
        size_t bytes = a->key.bytes < b->key.bytes ? a->key.bytes : b->key.bytes;
        order = memcmp(a->key.at, b->key.at, bytes);
        if (order == 0)
            order = (a->key.bytes > b->key.bytes) - (a->key.bytes < b->key.bytes);
    }
    return order ? order : strcmp(object_id(a->object), object_id(b->object));
}

static int compare_down(const void *left, const void *right)
{
    return compare_hits(right, left);
}

static void sort_hits(struct hit *hits, size_t count, const char *sort)
{
    bool down = *sort == '-';
    const char *member = down ? sort + 1 : sort;
    for (size_t i = 0; i < count; i++) {
        json_member(object_doc(hits[i].object), member, &hits[i].key);
        if (rank(hits[i].key) == 4)
            hits[i].number = strtod(hits[i].key.at, NULL);
    }
    qsort(hits, count, sizeof(*hits), down ? compare_down : compare_hits);
}

/* In the order of ids there is nothing to collect: count all, add the page. */
static void page_by_id(const struct kind *kind, const struct object_query *query, struct buf *out,
                       size_t *total)
{
    bool first = true;
    size_t found = 0;
    for (size_t i = 0; i < kind->count; i++) {
        if (!matches(kind->list[i], query))
            continue;
        if (found >= query->offset && found - query->offset < query->limit)
            add_doc(out, &first, kind->list[i]);
        found++;
    }
    buf_adds(out, first ? "[]" : "]");
    *total = found;
}

static int page_sorted(const struct kind *kind, const struct object_query *query, struct buf *out,
                       size_t *total)
{
    struct hit *hits = calloc(kind->count ? kind->count : 1, sizeof(*hits));
    if (!hits)
        return -ENOMEM;
    size_t found = 0;
    for (size_t i = 0; i < kind->count; i++) {
        if (matches(kind->list[i], query))
            hits[found++].object = kind->list[i];
    }
    sort_hits(hits, found, query->sort);
    bool first = true;
    for (size_t i = query->offset; i < found && i - query->offset < query->limit; i++)
        add_doc(out, &first, hits[i].object);
    buf_adds(out, first ? "[]" : "]");
    free(hits);
    *total = found;
    return 0;
}

int objects_query(struct objects *objects, const struct object_query *query, struct buf *out,
                  size_t *total, int64_t *version)
{
    int error = 0;
    pthread_rwlock_rdlock(&objects->lock);
    const struct kind *kind = map_get(&objects->kinds, query->kind);
    if (!kind)
        error = -ENOENT;
    else if (query->sort && *query->sort && strcmp(query->sort, "id") != 0)
        error = page_sorted(kind, query, out, total);
    else
        page_by_id(kind, query, out, total);
    if (kind)
        *version = kind->version;
    pthread_rwlock_unlock(&objects->lock);
    return error ? error : buf_error(out);
}
