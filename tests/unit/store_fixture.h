/* A store with all its parts in a directory of its own, for tests.
 *
 * The test program is the store process as well: main calls store_fixture_main first. */
#ifndef GW_TESTS_STORE_FIXTURE_H
#define GW_TESTS_STORE_FIXTURE_H

#include "store/inside.h"
#include "store/link.h"

/* A clock that stands still until it is turned, by one thread while others look. */
struct still_clock {
    struct clock clock; /* first */
    _Atomic int64_t now_wall_ms;
};

struct store_fixture {
    char dir[64];
    struct still_clock clock;
    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    struct gw_values *options;
    struct store *store;
};

/* Runs the store process and exits when this program was started as one. */
void store_fixture_main(int argc, char **argv);

void fixture_begin(struct store_fixture *f); /* a new directory, nothing opened */
void fixture_clock(struct store_fixture *f); /* only the clock; fixture_begin does it too */
void fixture_open(struct store_fixture *f, const char *options_json); /* manual turns */
void fixture_open_live(struct store_fixture *f, const char *options_json);
void fixture_close(struct store_fixture *f); /* the store; the directory stays */
/* As after kill -9: the store process is killed, and what the daemon had in memory is gone. */
void fixture_drop(struct store_fixture *f);
void fixture_end(struct store_fixture *f);

struct gw_series *fixture_series(struct store_fixture *f, const char *node);
/* `count` rows a second apart beginning at `from_s`: cpu = second % 100, bytes = 10 * second. */
void fixture_rows(struct gw_series *series, int64_t from_s, int count);
void fixture_tick(struct store_fixture *f);
void fixture_advance_ms(struct store_fixture *f, int64_t ms);

/* Asks and waits; the answer's values are the caller's to free. */
struct answer {
    int error;
    int64_t step_ms;
    size_t count, fields;
    int64_t *times_ms;
    double *values;
};
struct answer fixture_query(struct store_fixture *f, uint32_t id, int64_t from_s, int64_t to_s,
                            size_t points, enum store_consolidation as);
void answer_fini(struct answer *answer);

/* Asks for events and waits; the caller frees. */
char *fixture_events(struct store_fixture *f, const struct store_events_query *query);
char *fixture_history(struct store_fixture *f, const char *kind, const char *id);

bool file_exists(const struct store_fixture *f, const char *name);
/* True as soon as `what` is; false after 20 s. */
bool wait_for(bool (*what)(void *data), void *data);

#endif
