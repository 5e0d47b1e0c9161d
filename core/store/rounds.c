/* What the store does seldom: remembers when series were last heard, and removes those that have
 * been silent too long or for which there is no room. */
#include "store/keeper.h"
#include "store/link_inside.h"
#include "store/path.h"

#include <stdlib.h>
#include <string.h>

enum { ROUND_MS = 60000, REMOVE_MAX = 256 };

struct gone {
    uint32_t id;
    int64_t last_ms;
    char *path; /* owned */
};

struct round {
    struct store *store;
    int64_t silent_since_ms; /* older: retired */
    bool over_budget;        /* also the oldest of the silent ones */
    struct gone gone[REMOVE_MAX];
    size_t count;
};

static void take_gone(struct round *round, const struct series_info *info)
{
    struct gone *slot = &round->gone[round->count];
    if (round->count == REMOVE_MAX) { /* in place of the youngest */
        slot = &round->gone[0];
        for (size_t i = 1; i < REMOVE_MAX; i++)
            slot = round->gone[i].last_ms > slot->last_ms ? &round->gone[i] : slot;
        if (info->last_ms >= slot->last_ms)
            return;
        free(slot->path);
    } else {
        round->count++;
    }
    struct buf path;
    buf_init(&path, 8192);
    path_of_series(info, &path);
    *slot = (struct gone){info->id, info->last_ms, buf_take(&path)};
}

static bool visit(void *data, const struct series_info *info)
{
    struct round *round = data;
    if (info->live)
        keeper_series_last(round->store->keeper, info->id, info->last_ms);
    else if (info->last_ms < round->silent_since_ms || round->over_budget)
        take_gone(round, info);
    return true;
}

static int older(const void *a, const void *b)
{
    const struct gone *x = a, *y = b;
    return (x->last_ms > y->last_ms) - (x->last_ms < y->last_ms);
}

/* Over the budget a few at a time: the process says after each whether it was enough. */
static void remove_gone(struct round *round)
{
    struct store *store = round->store;
    qsort(round->gone, round->count, sizeof(*round->gone), older);
    for (size_t i = 0; i < round->count; i++) {
        struct gone *gone = &round->gone[i];
        bool retired = gone->last_ms < round->silent_since_ms;
        if (gone->path && (retired || (round->over_budget && i < 16))) {
            metric_forget(store->parts.metric, gone->id);
            keeper_series_forget(store->keeper, gone->id);
            link_remove(store->link, gone->path);
        }
        free(gone->path);
    }
}

void rounds_run(struct store *store)
{
    int64_t now = clock_wall_ms(store->parts.clock);
    struct link_state state;
    link_state(store->link, &state);
    bool over = state.process.over_budget != 0;
    int64_t since_ms = now - atomic_load(&store->last_round_ms);
    if (since_ms >= 0 && since_ms < (over ? 5000 : ROUND_MS))
        return;
    atomic_store(&store->last_round_ms, now);
    struct round *round = calloc(1, sizeof(*round));
    if (!round)
        return;
    round->store = store;
    round->silent_since_ms = now - store->settings.retire_after_ms;
    round->over_budget = over;
    metric_each(store->parts.metric, visit, round);
    remove_gone(round);
    free(round);
}
