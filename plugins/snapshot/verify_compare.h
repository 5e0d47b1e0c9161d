/* verify_compare.h - what an archive has against what it should have. Knows no archives. */
#ifndef SNAPSHOT_VERIFY_COMPARE_H
#define SNAPSHOT_VERIFY_COMPARE_H

#include "verify.h"

/* At most VERIFY_TEXTS_MAX are kept. */
__attribute__((format(printf, 2, 3))) void verify_note(json_t *texts, const char *format, ...);

/* `topology` of project.gns3, `files` {path: bytes} of the archive; expect as in verify.h. Fills
 * nodes, node_count, list, missing and warnings. */
void verify_compare(struct verify_result *result, const json_t *topology, const json_t *files,
                    const json_t *expect);

#endif
