/* listing.h - what GNS3 would export of a project's folder on this machine. In a worker thread. */
#ifndef SNAPSHOT_LISTING_H
#define SNAPSHOT_LISTING_H

#include <jansson.h>
#include <stdint.h>

/* {path: bytes} of regular files below `folder`, without what GNS3 leaves out on purpose
 * (gns3server/controller/export_project.py); bytes are -1 for files changed after `before_ms` and
 * for those outside of a node's folder. A new reference; NULL: the folder cannot be read, or has
 * more than VERIFY_LIST_MAX files. */
json_t *listing_of(const char *folder, int64_t before_ms);

#endif
