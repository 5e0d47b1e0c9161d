/* Rows of an RRD file, read without librrd and without waiting for a disk.
 *
 * librrd maps a file for each question, which costs eight times what reading its head and the rows
 * of one archive does. So the daemon reads here what the page cache holds and leaves all else -
 * cold files, large windows, files it does not quite understand - to the store process: -EAGAIN.
 * tests/unit/test_store_fetch.c holds this against librrd. Knows nothing of series or rings. */
#ifndef GW_STORE_FILE_ROWS_H
#define GW_STORE_FILE_ROWS_H

#include "store/rrd/module.h"

enum { FILE_ROWS_HEAD_MAX = 32 << 10, FILE_ROWS_CELLS_MAX = 16 << 10 };

struct file_rows {
    int fd;
    size_t fields, archives, live_at, head_bytes;
    _Alignas(8) char head[FILE_ROWS_HEAD_MAX];
};

/* 0: `file` is to be closed; else -EAGAIN. */
int file_rows_open(struct file_rows *file, const char *path, size_t fields);
void file_rows_close(struct file_rows *file);
int64_t file_rows_last_s(const struct file_rows *file); /* the last update */
/* As rrd_module.fetch, the same archive and the same rows; out->values is malloc'd. */
int file_rows_fetch(const struct file_rows *file, const char *as, int64_t start_s, int64_t end_s,
                    int64_t step_s, struct rrd_rows *out);
/* Nothing was written since file_rows_open: what was fetched belongs together. */
bool file_rows_unchanged(const struct file_rows *file);

#endif
