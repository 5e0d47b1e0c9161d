/* gnswatch/series.h - reading series, also those of other plugins (optional service, 1.1).
 *
 * Three ways: what there is and its newest row (gw_series_each), every row as it comes
 * (gw_follow_start), the past (gw_query). Nothing here slows down who writes: rows are copied from
 * the series' ring on the reader's own thread. Counters are rates per second unless `raw` is set.
 * NaN says "no value". */
#ifndef GNSWATCH_SERIES_H
#define GNSWATCH_SERIES_H

#include <gnswatch/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A series as it is now; belongs to the host, see each function for how long. */
struct gw_series_info {
    uint32_t id;                   /* kept over restarts */
    const char *key;               /* gns3.node{server="lab",project="net",node="PC1"} */
    const char *measurement;       /* gns3.node */
    const struct gw_label *labels; /* ends with {0} */
    const struct gw_field *fields; /* ends with {0} */
    size_t label_count, field_count;
    int64_t every_ms;
    bool live;          /* someone writes it now */
    int64_t last_ms;    /* of the newest row; 0: none known */
    const double *last; /* the newest row, counters as they were set; NULL: none known */
    void *mine;         /* the follower's own, NULL at first; see on_row */
};

/* Which series: a pattern of measurements ("gns3.node", "gns3.*", "*") and labels whose values may
 * be patterns too (ends with {0}; NULL: any). */
struct gw_match {
    const char *measurement;
    const struct gw_label *labels;
};

/* Visits what matches, in no order; `info` is valid for the call. False ends the walk. The number
 * visited. Only the host's memory is read: 10,000 series take about a millisecond. */
typedef bool gw_series_fn(struct gw_plugin *self, const struct gw_series_info *info, void *data);
GW_API size_t gw_series_each(struct gw_plugin *self, const struct gw_match *match, bool live_only,
                             gw_series_fn *visit, void *data);

/* The newest row with counters as rates (from the last two rows) into rates[0..field_count).
 * *time_ms may be NULL. -ENOENT: no such series; -ENODATA: no row within five intervals. */
GW_API int gw_series_last(struct gw_plugin *self, uint32_t id, double *rates, int64_t *time_ms);

/* ---- Every row as it comes ---------------------------------------------------------------- */

struct gw_follow;

struct gw_follow_options {
    size_t size; /* sizeof(struct gw_follow_options) */
    struct gw_match match;
    bool raw;         /* counters as they were set */
    int64_t every_ms; /* rows are handed over this often, in order of time within a series;
                         0: 1 s, at least 100 ms */
    /* Each row set from now on, once. `info` is the same pointer for a series at every call, and
     * *mine may be set. NULL: not wanted. */
    void (*on_row)(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data);
    /* A live series that matches was found (also those there are at the start), renamed, or came
     * back to life. NULL: not wanted. */
    void (*on_series)(struct gw_plugin *self, struct gw_series_info *info, void *data);
    /* It has ended, after its last row; `info` is freed after this, so free *mine here. Also called
     * for all by gw_follow_stop, and by the host before the plugin's `stop`: then info->live is
     * still true, for only the following ends. NULL: not wanted. */
    void (*on_end)(struct gw_plugin *self, struct gw_series_info *info, void *data);
    /* After each handing over that had rows. NULL: not wanted. */
    void (*on_turn)(struct gw_plugin *self, void *data);
    void *data;
};

GW_API struct gw_follow *gw_follow_start(struct gw_plugin *self,
                                         const struct gw_follow_options *options);
GW_API void gw_follow_stop(struct gw_follow *follow);
GW_API uint64_t gw_follow_lost(const struct gw_follow *follow); /* rows gone before their turn */

/* ---- The past ------------------------------------------------------------------------------ */

enum gw_consolidation { GW_AVERAGE = 1, GW_MIN, GW_MAX };

struct gw_query {
    size_t size;     /* sizeof(struct gw_query) */
    uint32_t id;     /* of the series, or 0 and */
    const char *key; /* its key */
    int64_t from_ms, to_ms;
    size_t points;            /* at most this many, 1 to 10,000 */
    enum gw_consolidation as; /* 0: GW_AVERAGE */
};

/* Columns in regular steps: times_ms[count]; values[field * count + i]. Borrowed for the call. */
struct gw_rows {
    int error; /* 0, -ENOENT, -ETIMEDOUT, -EIO; then there is nothing else */
    int64_t step_ms;
    size_t count, fields;
    const int64_t *times_ms;
    const double *values;
};

typedef void gw_rows_fn(struct gw_plugin *self, const struct gw_rows *rows, void *data);
/* Answers by callback on the instance's thread, never from within. -EAGAIN: 64 are under way. */
GW_API int gw_query(struct gw_plugin *self, const struct gw_query *query, gw_rows_fn *on_rows,
                    void *data);

#ifdef __cplusplus
}
#endif
#endif
