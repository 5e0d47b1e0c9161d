/* s3.h - one file to, from, or away from S3-compatible storage: path style, one request, signed
 * with SigV4. Knows targets and files, not snapshots. */
#ifndef SNAPSHOT_S3_H
#define SNAPSHOT_S3_H

#include "model.h"

#define S3_BYTES_MAX ((int64_t)5 << 30) /* of one PUT */

/* `error` 0, or a negative errno with a sentence (without secrets). Called once. */
typedef void s3_done_fn(struct snap *snap, int error, const char *text, void *data);

/* 0, or a negative errno: then `on_done` is not called. `sha256` is the file's, in hex. */
int s3_put(struct snap *snap, const struct target *target, const char *key, const char *file,
           const char *sha256, s3_done_fn *on_done, void *data);
/* The object into `file`, which is not there, or not whole, after an error. */
int s3_get(struct snap *snap, const struct target *target, const char *key, const char *file,
           s3_done_fn *on_done, void *data);
int s3_delete(struct snap *snap, const struct target *target, const char *key, s3_done_fn *on_done,
              void *data);
/* The host as curl writes it into its Host header. */
void s3_host(const char *endpoint, char *out, size_t size);

#endif
