/* Objects: kind + id -> JSON document, in memory; the store keeps them on disk behind.
 *
 * Threads: any. Readers and writers take one lock for a moment; listeners run under it and must
 * only take notes. Documents are compact JSON text that begins with {"id":"…". */
#ifndef GW_OBJECT_OBJECT_H
#define GW_OBJECT_OBJECT_H

#include "base/buf.h"
#include "base/clock.h"

#include <gnswatch/plugin.h>
#include <jansson.h>

struct objects;
struct object; /* an id and a document that never change */

struct object_change {
    int64_t version; /* grows by one over all changes of a run */
    int64_t time_ms;
    const char *kind, *id;
    const char *owner;       /* instance name */
    const char *before;      /* NULL: it is new */
    const char *after;       /* NULL: it is deleted */
    struct object *was, *is; /* the same for those who hold them; borrowed; NULL likewise */
};

typedef void object_listen_fn(void *data, const struct object_change *change);

struct objects *objects_new(const struct clock *clock);
void objects_free(struct objects *objects);
int objects_listen(struct objects *objects, object_listen_fn *listener, void *data); /* up to 8 */
/* When it returns, `listener` is not running and is not called again. */
void objects_unlisten(struct objects *objects, object_listen_fn *listener, void *data);

/* A listener may keep an object of a change without copying it: one more reference, to be given
 * back from any thread. It may outlive `objects`. */
struct object *object_hold(struct object *object);
void object_release(struct object *object); /* NULL is fine */

/* Kinds: `plugin` declares them (copied by reference: the table must stay). The same kind by
 * another plugin: -EEXIST. */
int objects_declare(struct objects *objects, const char *plugin, const struct gw_kind *kinds);
const struct gw_kind *objects_kind(struct objects *objects, const char *name); /* NULL: unknown */
/* Is `name` (NULL: no) one of this table of a plugin's? NULL is an empty table. */
bool kinds_hold(const struct gw_kind *kinds, const char *name);
typedef void object_kind_fn(void *data, const struct gw_kind *kind);
void objects_each_kind(struct objects *objects, object_kind_fn *visit, void *data);

/* 1: changed, 0: the same, or an error (see gw_object_put; -ENOSPC beyond 100,000 objects). */
int objects_put(struct objects *objects, const char *owner, const char *kind, const char *id,
                const char *json);
int objects_delete(struct objects *objects, const char *kind, const char *id); /* -ENOENT */
/* From disk at start: no change, no listener. */
int objects_restore(struct objects *objects, const char *kind, const char *id, const char *json);

char *objects_get(struct objects *objects, const char *kind, const char *id); /* caller frees */
char *objects_list(struct objects *objects, const char *kind);                /* caller frees */

/* A page of a kind, ordered by id, or by `sort` (a top-level member; "-name" descending). */
struct object_query {
    const char *kind;
    struct {
        const char *member, *value; /* equality with a top-level member as text; true, 12, x */
    } filters[16];
    size_t filter_count;
    const char *search; /* a part of any text value, without case; NULL: none */
    const char *sort;
    size_t offset, limit;
};
/* Adds `[doc,doc,…]` to `out`; *total counts the matches, *version is of the kind's last change
 * (for an ETag). -ENOENT: unknown kind. */
int objects_query(struct objects *objects, const struct object_query *query, struct buf *out,
                  size_t *total, int64_t *version);
size_t objects_count(struct objects *objects, const char *kind);

#endif
