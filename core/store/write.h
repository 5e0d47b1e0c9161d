/* What waits, as SQL. On the keeper's thread. Knows nothing of queues' limits or of time. */
#ifndef GW_STORE_WRITE_H
#define GW_STORE_WRITE_H

#include "store/db.h"
#include "store/inside.h"
#include "store/job.h"

/* All of the list in one transaction, which stays the caller's; an SQLite code. */
int write_jobs(struct db *db, const struct job_list *jobs);
/* The objects in memory instead of those on disk; an SQLite code. */
int write_all_objects(struct db *db, struct objects *objects, int64_t now_ms);
/* Removes what is too old or too much, a part at a time. */
void write_retention(struct db *db, const struct settings *settings, int64_t now_ms);

void write_labels_json(const struct series_info *info, struct buf *out);
void write_fields_json(const struct series_info *info, struct buf *out);

#endif
