/* What the files of core/object share. */
#ifndef GW_OBJECT_OBJECTS_INTERNAL_H
#define GW_OBJECT_OBJECTS_INTERNAL_H

#include "base/map.h"
#include "object/object.h"

#include <pthread.h>
#include <stdatomic.h>

/* What one plugin floods is refused while others have room left. */
enum {
    OBJECTS_MAX = 200000,
    PLUGIN_OBJECTS_MAX = 100000,
    PLUGIN_BYTES_MAX = 128 << 20,
    OBJECT_MAX_BYTES = 1024 * 1024,
    OBJECT_LISTENERS_MAX = 8,
};

struct object { /* one block of memory; replaced whole when the document changes */
    _Atomic unsigned references;
    const char *owner; /* interned in struct objects */
    uint32_t id_bytes, doc_bytes;
    char text[]; /* the id, NUL, the document, NUL */
};

static inline const char *object_id(const struct object *object)
{
    return object->text;
}

static inline const char *object_doc(const struct object *object)
{
    return object->text + object->id_bytes + 1;
}

struct kind {
    const struct gw_kind *declared; /* the plugin's table; NULL: known from disk only */
    char *plugin;                   /* who declared it; owned */
    struct object **list;           /* by id; owned */
    size_t count, cap, bytes;       /* bytes: of the documents */
    int64_t version;                /* of its last change */
};

struct objects {
    const struct clock *clock;
    pthread_rwlock_t lock; /* everything below */
    struct map kinds;      /* name -> struct kind, owned */
    struct map owners;     /* names of instances, once each */
    size_t count;
    int64_t version;
    struct {
        object_listen_fn *fn;
        void *data;
    } listeners[OBJECT_LISTENERS_MAX];
    size_t listener_count;
};

#endif
