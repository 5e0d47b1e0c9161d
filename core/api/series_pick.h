/* Choosing series by measurement, labels and part of their key. */
#ifndef GW_API_SERIES_PICK_H
#define GW_API_SERIES_PICK_H

#include "api/request.h"
#include "metric/metric.h"

struct series_pick {
    const char *measurement; /* may hold "*"; NULL: any */
    const char *search;      /* part of the key, without case; NULL: any */
    struct {
        const char *name, *value;
    } labels[GW_LABELS_MAX];
    size_t label_count;
    size_t offset, limit;

    uint32_t *ids; /* owned: those from `offset` on, at most `limit`, in order of id */
    size_t count, total;
};

/* From the parameters; those of `words` (ends with NULL) are not labels. False: answered. */
bool series_pick_read(struct series_pick *pick, struct request *request, const char *const *words);
int series_pick_run(struct series_pick *pick, struct metric *metric);
void series_pick_fini(struct series_pick *pick);

void series_json(struct metric *metric, const struct series_info *info, struct buf *out);

#endif
