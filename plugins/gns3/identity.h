/* identity.h - ids of objects: GNS3's id at first sight, kept over restores and restarts. */
#ifndef GNS3_IDENTITY_H
#define GNS3_IDENTITY_H

#include "model.h"

/* The id for a new object of `kind` that GNS3 calls `gns3_id`: the same, or with "~server" when an
 * object of another server has it. NULL: no memory. The caller frees it. */
char *identity_claim(struct server *server, const char *kind, const char *gns3_id);

/* Keeps the identity of what is gone; `key` is what it is known by ("PC1\nvpcs"). */
void identity_bury(struct project *project, char kind, const char *key, const char *id);
/* The id buried under `key`, which is then free again; NULL: none. The caller frees it. */
char *identity_rise(struct project *project, char kind, const char *key);

/* Fills the servers from the objects of earlier runs and deletes those of servers that are no
 * longer configured. Once, at start. */
int identity_seed(struct gns3 *gns3);

#endif
