/* zip - exported projects: a zip of stored entries, and the reading of one back. */
#ifndef SIM_ZIP_H
#define SIM_ZIP_H

#include "model.h"

void zip_project(struct buf *out, struct project *p);
/* What a snapshot kept, without the files of the node named `without` ("": all). */
void zip_saved(struct buf *out, struct project *p, const json_t *saved, const char *without);
/* The project.gns3 inside, or NULL when it is no zip of a project. Owned by the caller. */
json_t *zip_read_project(const struct buf *zip);

#endif
