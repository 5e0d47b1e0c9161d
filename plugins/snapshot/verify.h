/* verify.h - is an archive of a snapshot whole? Runs in a worker thread: takes files and JSON, asks
 * nothing of the host and knows nothing of GNS3's API.
 *
 * GNS3 answers 201 also when it left out files it could not read, and an archive that was cut short
 * is found only when it is needed. So everything is read, and compared with what should be in it.
 */
#ifndef SNAPSHOT_VERIFY_H
#define SNAPSHOT_VERIFY_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    VERIFY_ENTRIES_MAX = 1000000,
    VERIFY_GNS3_MAX = 32 * 1024 * 1024, /* project.gns3 */
    VERIFY_LIST_MAX = 20000,            /* files kept for the next time */
    VERIFY_TEXTS_MAX = 20,
};

/* Members of `expect`, all optional:
 *   nodes    [{name, node_type, node_id, ran}]  the nodes at the time of the snapshot
 *   files    {path: bytes}      what the server's disk had (listing.h); -1: a size that may differ
 *   earlier  {time, nodes, bytes, files: {"TYPE/NAME/file": bytes}}  the last good one's `list`
 *   lost     [text]             what GNS3 said it could not export
 *   typical_bytes               the middle of the last good ones */
struct verify_ask {
    const char *path;
    const json_t *expect;      /* borrowed; may be NULL */
    const atomic_bool *cancel; /* borrowed; may be NULL */
};

struct verify_result {
    bool ok;
    char text[400];   /* a sentence */
    json_t *missing;  /* owned: [text], why it is bad */
    json_t *warnings; /* owned: [text] */
    json_t *nodes;    /* owned: [{name, node_type, node_id, compute_id}] of project.gns3 */
    json_t *list;     /* owned: as `earlier` above, without time */
    int64_t node_count, file_count, bytes, archive_bytes;
};

/* 0: looked at, see `ok`; -ENOENT: there is no such file; -ECANCELED. */
int verify_archive(const struct verify_ask *ask, struct verify_result *result);
void verify_fini(struct verify_result *result);

#endif
