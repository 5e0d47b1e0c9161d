/* What the database knows, into memory, at start. Rows that make no sense are skipped. */
#ifndef GW_STORE_RESTORE_H
#define GW_STORE_RESTORE_H

#include "metric/metric.h"
#include "object/object.h"
#include "store/db.h"

int restore_series(struct db *db, struct metric *metric); /* 0 or -EIO */
int restore_objects(struct db *db, struct objects *objects);

#endif
