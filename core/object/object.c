/* Objects in memory: a sorted array a kind, a block of memory an object.
 *
 * Putting what is already there costs a comparison: a document is kept as it would come again, with
 * the id in front. Knows nothing of plugins, disks or HTTP. */
#include "object/objects_internal.h"

#include "base/json_scan.h"
#include "base/json_sound.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool kinds_hold(const struct gw_kind *kinds, const char *name)
{
    for (const struct gw_kind *row = kinds; name && row && row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
    }
    return false;
}

struct objects *objects_new(const struct clock *clock)
{
    struct objects *objects = calloc(1, sizeof(*objects));
    if (!objects)
        return NULL;
    objects->clock = clock;
    pthread_rwlock_init(&objects->lock, NULL);
    map_init(&objects->kinds);
    map_init(&objects->owners);
    return objects;
}

struct object *object_hold(struct object *object)
{
    atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
    return object;
}

void object_release(struct object *object)
{
    if (object && atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel) == 1)
        free(object);
}

static void kind_free(struct kind *kind)
{
    for (size_t i = 0; i < kind->count; i++)
        object_release(kind->list[i]);
    free(kind->list);
    free(kind->plugin);
    free(kind);
}

void objects_free(struct objects *objects)
{
    if (!objects)
        return;
    for (size_t i = 0; i < objects->kinds.count; i++)
        kind_free(objects->kinds.entries[i].value);
    map_fini(&objects->kinds);
    map_fini(&objects->owners);
    pthread_rwlock_destroy(&objects->lock);
    free(objects);
}

int objects_listen(struct objects *objects, object_listen_fn *listener, void *data)
{
    int error = -ENOSPC;
    pthread_rwlock_wrlock(&objects->lock);
    if (objects->listener_count < OBJECT_LISTENERS_MAX) {
        objects->listeners[objects->listener_count].fn = listener;
        objects->listeners[objects->listener_count++].data = data;
        error = 0;
    }
    pthread_rwlock_unlock(&objects->lock);
    return error;
}

void objects_unlisten(struct objects *objects, object_listen_fn *listener, void *data)
{
    pthread_rwlock_wrlock(&objects->lock);
    for (size_t i = 0; i < objects->listener_count; i++) {
        if (objects->listeners[i].fn != listener || objects->listeners[i].data != data)
            continue;
        objects->listeners[i--] = objects->listeners[--objects->listener_count];
    }
    pthread_rwlock_unlock(&objects->lock);
}

/* The kind of this name, made when it is new. With the lock held for writing. */
static struct kind *kind_make(struct objects *objects, const char *name)
{
    struct kind *kind = map_get(&objects->kinds, name);
    if (kind)
        return kind;
    kind = calloc(1, sizeof(*kind));
    if (kind && map_put(&objects->kinds, name, kind)) {
        free(kind);
        return NULL;
    }
    return kind;
}

static int declare(struct objects *objects, const char *plugin, const struct gw_kind *row)
{
    struct kind *kind = kind_make(objects, row->name);
    if (!kind)
        return -ENOMEM;
    if (kind->plugin && strcmp(kind->plugin, plugin) != 0)
        return -EEXIST;
    if (!kind->plugin && !(kind->plugin = strdup(plugin)))
        return -ENOMEM;
    kind->declared = row; /* a newer version's comes after */
    return 0;
}

int objects_declare(struct objects *objects, const char *plugin, const struct gw_kind *kinds)
{
    int error = 0;
    pthread_rwlock_wrlock(&objects->lock);
    for (const struct gw_kind *row = kinds; row && row->name && !error; row++)
        error = declare(objects, plugin, row);
    pthread_rwlock_unlock(&objects->lock);
    return error;
}

const struct gw_kind *objects_kind(struct objects *objects, const char *name)
{
    pthread_rwlock_rdlock(&objects->lock);
    struct kind *kind = map_get(&objects->kinds, name);
    const struct gw_kind *declared = kind ? kind->declared : NULL;
    pthread_rwlock_unlock(&objects->lock);
    return declared;
}

void objects_each_kind(struct objects *objects, object_kind_fn *visit, void *data)
{
    pthread_rwlock_rdlock(&objects->lock);
    for (size_t i = 0; i < objects->kinds.count; i++) {
        const struct kind *kind = objects->kinds.entries[i].value;
        if (kind->declared)
            visit(data, kind->declared);
    }
    pthread_rwlock_unlock(&objects->lock);
}

/* Where `id` is in the sorted list, or would go. */
static bool find(const struct kind *kind, const char *id, size_t *at)
{
    size_t low = 0, high = kind->count;
    /* Lists come in the order of their ids: look behind the last one first. */
    if (high && strcmp(object_id(kind->list[high - 1]), id) < 0)
        low = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(object_id(kind->list[middle]), id);
        if (order == 0) {
            *at = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return false;
}

static void add_id(struct buf *out, const char *id)
{
    buf_adds(out, "{\"id\":");
    buf_json_string(out, id);
}

/* Is `json` what made this document? True only for compact text without an id of its own, or with
 * the id in front; other text goes the long way and may turn out to be the same there. */
static bool quick_same(const struct object *object, const char *json, size_t bytes)
{
    const char *doc = object_doc(object);
    if (object->doc_bytes == bytes && memcmp(doc, json, bytes) == 0)
        return true;
    if (bytes < 3 || json[0] != '{' || object->doc_bytes <= bytes)
        return false;
    size_t head = object->doc_bytes - bytes + 1; /* {"id":"…", */
    return doc[head - 1] == ',' && memcmp(doc + head, json + 1, bytes - 1) == 0 && json[1] == '"' &&
           head > 7 && doc[head - 2] == '"' && !memchr(doc + 7, '"', head - 2 - 7);
}

/* Adds the members but "id", without blanks, each behind a comma. */
static void add_members(struct buf *out, const char *json)
{
    struct json_walk walk;
    struct json_slice name, value;
    json_walk_begin(&walk, json);
    while (json_walk_next(&walk, &name, &value)) {
        if (name.bytes == 2 && memcmp(name.at, "id", 2) == 0)
            continue;
        buf_adds(out, ",\"");
        buf_add(out, name.at, name.bytes);
        buf_adds(out, "\":");
        buf_add(out, value.at, value.bytes);
    }
}

/* One block of `head`, a comma where one is due, and `rest`, which ends with the last bracket. */
static struct object *object_new(const char *id, const struct buf *head, const char *rest,
                                 size_t rest_bytes)
{
    size_t id_bytes = strlen(id), comma = rest_bytes > 1;
    size_t doc_bytes = head->len + comma + rest_bytes;
    struct object *object = malloc(sizeof(*object) + id_bytes + doc_bytes + 2);
    if (!object)
        return NULL;
    object->id_bytes = (uint32_t)id_bytes;
    object->doc_bytes = (uint32_t)doc_bytes;
    object->owner = "";
    atomic_init(&object->references, 1);
    memcpy(object->text, id, id_bytes + 1);
    char *doc = object->text + id_bytes + 1;
    memcpy(doc, head->data, head->len);
    if (comma)
        doc[head->len] = ',';
    memcpy(doc + head->len + comma, rest, rest_bytes);
    doc[doc_bytes] = '\0';
    return object;
}

/* The members but "id" without blanks, then the bracket. */
static void add_rest(struct buf *rest, const char *json)
{
    struct buf compact;
    buf_init(&compact, OBJECT_MAX_BYTES);
    json_compact(json, &compact);
    rest->error = buf_error(&compact);
    add_members(rest, compact.data);
    buf_addc(rest, '}');
    buf_fini(&compact);
}

static bool is_object(const char *json)
{
    json_t *tree = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    bool sound = json_is_object(tree);
    json_decref(tree);
    return sound;
}

/* The document as it is kept: the id in front, compact. Text that is so already is copied as it is,
 * other text goes the long way. NULL: *error says why. */
static struct object *object_make(const char *id, const char *json, int *error)
{
    struct json_sound sound;
    bool known = json_is_sound(json, &sound);
    *error = known || is_object(json) ? 0 : -EILSEQ;
    if (*error)
        return NULL;
    struct buf head, rest;
    buf_init(&head, OBJECT_MAX_BYTES);
    buf_init(&rest, OBJECT_MAX_BYTES);
    add_id(&head, id);
    bool as_is = known && sound.compact && !sound.id;
    if (!as_is)
        add_rest(&rest, json);
    const char *members = as_is ? json + 1 : rest.data + (rest.len > 1);
    size_t bytes = as_is ? sound.bytes - 1 : rest.len - (rest.len > 1);
    *error = buf_error(&head) ? buf_error(&head) : buf_error(&rest);
    if (!*error && head.len + 1 + bytes > OBJECT_MAX_BYTES)
        *error = -EMSGSIZE;
    struct object *object = *error ? NULL : object_new(id, &head, members, bytes);
    if (!object && !*error)
        *error = -ENOMEM;
    buf_fini(&head);
    buf_fini(&rest);
    return object;
}

static const char *intern(struct objects *objects, const char *owner)
{
    if (!map_get(&objects->owners, owner) && map_put(&objects->owners, owner, objects))
        return "";
    for (size_t i = 0; i < objects->owners.count; i++) {
        if (strcmp(objects->owners.entries[i].key, owner) == 0)
            return objects->owners.entries[i].key;
    }
    return "";
}

static void tell(struct objects *objects, const char *kind_name, struct kind *kind,
                 struct object *before, struct object *after)
{
    kind->version = ++objects->version;
    const struct object *object = after ? after : before;
    struct object_change change = {
        .version = objects->version,
        .time_ms = clock_wall_ms(objects->clock),
        .kind = kind_name,
        .id = object_id(object),
        .owner = object->owner,
        .before = before ? object_doc(before) : NULL,
        .after = after ? object_doc(after) : NULL,
        .was = before,
        .is = after,
    };
    for (size_t i = 0; i < objects->listener_count; i++)
        objects->listeners[i].fn(objects->listeners[i].data, &change);
}

/* For so many more, and so many bytes, with what is of its plugin's other kinds. */
static bool has_room(const struct objects *objects, const struct kind *kind, size_t count,
                     size_t bytes)
{
    for (size_t i = 0; i < objects->kinds.count; i++) {
        const struct kind *one = objects->kinds.entries[i].value;
        bool same =
            one == kind || (one->plugin && kind->plugin && strcmp(one->plugin, kind->plugin) == 0);
        count += same ? one->count : 0;
        bytes += same ? one->bytes : 0;
    }
    return count <= PLUGIN_OBJECTS_MAX && bytes <= PLUGIN_BYTES_MAX;
}

static int insert(struct objects *objects, struct kind *kind, size_t at, struct object *object)
{
    if (objects->count >= OBJECTS_MAX || !has_room(objects, kind, 1, object->doc_bytes))
        return -ENOSPC;
    if (kind->count == kind->cap) {
        size_t cap = kind->cap ? kind->cap + kind->cap / 2 + 8 : 8;
        struct object **list = realloc(kind->list, cap * sizeof(struct object *));
        if (!list)
            return -ENOMEM;
        kind->list = list;
        kind->cap = cap;
    }
    memmove(kind->list + at + 1, kind->list + at, (kind->count - at) * sizeof(struct object *));
    kind->list[at] = object;
    kind->bytes += object->doc_bytes;
    kind->count++;
    objects->count++;
    return 0;
}

static bool good_id(const char *id)
{
    size_t bytes = id ? strlen(id) : 0;
    return bytes > 0 && bytes <= 255;
}

/* Puts a made object in its place. 1: changed, 0: the same (then it is freed). */
static int place(struct objects *objects, const char *kind_name, struct kind *kind,
                 struct object *object, bool quiet)
{
    size_t at;
    struct object *before = NULL;
    if (find(kind, object_id(object), &at)) {
        before = kind->list[at];
        if (strcmp(object_doc(before), object_doc(object)) == 0) {
            object_release(object);
            return 0;
        }
        size_t grown =
            object->doc_bytes > before->doc_bytes ? object->doc_bytes - before->doc_bytes : 0;
        if (grown && !has_room(objects, kind, 0, grown)) {
            object_release(object);
            return -ENOSPC;
        }
        kind->bytes += object->doc_bytes;
        kind->bytes -= before->doc_bytes;
        kind->list[at] = object;
    } else {
        int error = insert(objects, kind, at, object);
        if (error) {
            object_release(object);
            return error;
        }
    }
    if (!quiet)
        tell(objects, kind_name, kind, before, object);
    object_release(before);
    return 1;
}

int objects_put(struct objects *objects, const char *owner, const char *kind_name, const char *id,
                const char *json)
{
    if (!good_id(id) || !json)
        return -EINVAL;
    size_t at, bytes = strlen(json);
    pthread_rwlock_rdlock(&objects->lock);
    struct kind *kind = map_get(&objects->kinds, kind_name);
    bool declared = kind && kind->declared;
    bool same = declared && find(kind, id, &at) && quick_same(kind->list[at], json, bytes);
    pthread_rwlock_unlock(&objects->lock);
    if (!declared || same)
        return declared ? 0 : -ENOENT;

    int error; /* parsed outside of the lock */
    struct object *object = object_make(id, json, &error);
    if (!object)
        return error;
    pthread_rwlock_wrlock(&objects->lock);
    object->owner = intern(objects, owner ? owner : "");
    error = place(objects, kind_name, kind, object, false);
    pthread_rwlock_unlock(&objects->lock);
    return error;
}

int objects_restore(struct objects *objects, const char *kind_name, const char *id,
                    const char *json)
{
    if (!good_id(id) || !json)
        return -EINVAL;
    int error;
    struct object *object = object_make(id, json, &error);
    if (!object)
        return error;
    object->owner = "";
    pthread_rwlock_wrlock(&objects->lock);
    struct kind *kind = kind_make(objects, kind_name);
    if (kind) {
        error = place(objects, kind_name, kind, object, true);
    } else {
        object_release(object);
        error = -ENOMEM;
    }
    pthread_rwlock_unlock(&objects->lock);
    return error < 0 ? error : 0;
}

int objects_delete(struct objects *objects, const char *kind_name, const char *id)
{
    size_t at;
    int error = -ENOENT;
    pthread_rwlock_wrlock(&objects->lock);
    struct kind *kind = map_get(&objects->kinds, kind_name);
    if (kind && id && find(kind, id, &at)) {
        struct object *object = kind->list[at];
        kind->bytes -= object->doc_bytes;
        kind->count--;
        objects->count--;
        memmove(kind->list + at, kind->list + at + 1, (kind->count - at) * sizeof(struct object *));
        tell(objects, kind_name, kind, object, NULL);
        object_release(object);
        error = 0;
    }
    pthread_rwlock_unlock(&objects->lock);
    return error;
}
