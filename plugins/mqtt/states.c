/* states.c - see states.h. */
#include "states.h"

#include "ledger.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { FLYING_MAX = 100, AT_ONCE = 200, AGAIN_MS = 1000 };

struct state {
    TAILQ_ENTRY(state) entry; /* in all of them */
    TAILQ_ENTRY(state) turn;  /* in the waiting ones */
    char *topic;              /* owned */
    char *text;               /* owned; NULL: to be removed */
    bool waits, flies;
    bool stale;   /* it has changed since it flew */
    bool written; /* the ledger has it */
    unsigned sweep;
    int64_t id; /* the token of its publications */
};

TAILQ_HEAD(state_list, state);

struct states {
    struct gw_plugin *self;
    struct ledger *ledger;
    struct broker *broker;  /* while it is up */
    void *by_topic, *by_id; /* of tsearch */
    struct state_list all, waiting;
    struct states_counts counts;
    size_t count, count_max, flying;
    int64_t last_id;
    unsigned sweep;
    struct gw_timer *timer;
};

static void pump_in(struct states *states, int64_t delay_ms);

static int topic_order(const void *a, const void *b)
{
    return strcmp(((const struct state *)a)->topic, ((const struct state *)b)->topic);
}

static int id_order(const void *a, const void *b)
{
    int64_t left = ((const struct state *)a)->id, right = ((const struct state *)b)->id;
    return left < right ? -1 : left > right;
}

static struct state *find(const struct states *states, const char *topic)
{
    struct state key = {.topic = (char *)(uintptr_t)topic};
    struct state *const *found = tfind(&key, &states->by_topic, topic_order);
    return found ? *found : NULL;
}

static void forget(struct states *states, struct state *state)
{
    tdelete(state, &states->by_topic, topic_order);
    tdelete(state, &states->by_id, id_order);
    TAILQ_REMOVE(&states->all, state, entry);
    if (state->waits)
        TAILQ_REMOVE(&states->waiting, state, turn);
    states->count--;
    free(state->topic);
    free(state->text);
    free(state);
}

static struct state *add(struct states *states, const char *topic)
{
    struct state *state = states->count < states->count_max ? calloc(1, sizeof *state) : NULL;
    if (!state || !(state->topic = strdup(topic))) {
        free(state);
        states->counts.dropped++;
        return NULL;
    }
    state->id = ++states->last_id;
    TAILQ_INSERT_TAIL(&states->all, state, entry);
    states->count++;
    if (tsearch(state, &states->by_topic, topic_order) && tsearch(state, &states->by_id, id_order))
        return state;
    forget(states, state);
    return NULL;
}

static void wait_for_turn(struct states *states, struct state *state)
{
    state->stale = true;
    if (state->waits || state->flies)
        return;
    state->waits = true;
    TAILQ_INSERT_TAIL(&states->waiting, state, turn);
    if (states->broker)
        pump_in(states, 0);
}

/* ---- What is wanted -------------------------------------------------------------------------- */

void states_set(struct states *states, const char *topic, const char *text)
{
    struct state *state = find(states, topic);
    if (!state && !text)
        return;
    if (!state)
        state = add(states, topic);
    if (!state) {
        gw_fail(states->self, -ENOSPC,
                "more than %zu retained topics: see `topics_max` and `objects`", states->count_max);
        return;
    }
    state->sweep = states->sweep;
    bool same = text ? state->text && strcmp(text, state->text) == 0 : !state->text && state->stale;
    if (same)
        return;
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return;
    free(state->text);
    state->text = copy;
    wait_for_turn(states, state);
}

void states_keep(struct states *states, const char *topic)
{
    struct state *state = find(states, topic);
    if (state)
        state->sweep = states->sweep;
}

void states_begin(struct states *states)
{
    states->sweep++;
}

void states_sweep(struct states *states)
{
    struct state *state;
    TAILQ_FOREACH(state, &states->all, entry)
    {
        bool gone = state->sweep != states->sweep && (state->text || !state->stale);
        if (!gone)
            continue;
        free(state->text);
        state->text = NULL;
        wait_for_turn(states, state);
    }
}

/* ---- Publishing ------------------------------------------------------------------------------ */

static void on_done(void *owner, int64_t token, int outcome, const char *why)
{
    struct states *states = owner;
    struct state key = {.id = token};
    struct state *const *found = tfind(&key, &states->by_id, id_order);
    struct state *state = found ? *found : NULL;
    if (!state)
        return;
    state->flies = false;
    states->flying--;
    if (outcome > 0) {
        states->counts.refused++;
        gw_fail(states->self, 0, "the broker refused '%s': %s", state->topic, why);
    } else if (outcome == 0) {
        states->counts.published++;
    } else {
        state->stale = true;
    }
    if (state->stale) {
        wait_for_turn(states, state);
    } else if (!state->text) {
        if (!outcome && state->written)
            ledger_note(states->ledger, state->topic, false);
        forget(states, state);
    }
    if (states->broker)
        pump_in(states, 0);
}

static int publish(struct states *states, struct state *state)
{
    char why[BROKER_WHY_BYTES];
    if (!state->written && state->text) {
        int error = ledger_note(states->ledger, state->topic, true);
        if (error)
            gw_fail(states->self, error, "the list of retained topics cannot be written: %s",
                    strerror(-error));
        state->written = true;
    }
    struct broker_post post = {.topic = state->topic,
                               .payload = state->text ? state->text : "",
                               .bytes = state->text ? strlen(state->text) : 0,
                               .retain = true,
                               .done = on_done,
                               .owner = states,
                               .token = state->id};
    int error = broker_publish(states->broker, &post, why);
    if (error == -ENOTCONN || error == -EAGAIN)
        return error;
    TAILQ_REMOVE(&states->waiting, state, turn);
    state->waits = state->stale = false;
    state->flies = !error;
    states->flying += !error;
    if (error) {
        states->counts.refused++;
        gw_fail(states->self, 0, "'%s' cannot be published: %s", state->topic, why);
    }
    return 0;
}

static void on_pump(struct gw_plugin *self, void *data)
{
    (void)self;
    struct states *states = data;
    states->timer = NULL;
    if (!states->broker)
        return;
    int error = 0;
    for (int i = 0; i < AT_ONCE && !error && states->flying < FLYING_MAX; i++) {
        struct state *state = TAILQ_FIRST(&states->waiting);
        if (!state)
            return;
        error = publish(states, state);
    }
    if (error) /* full: what is done pumps again; lost: states_down comes; else look again */
        pump_in(states, AGAIN_MS);
}

static void pump_in(struct states *states, int64_t delay_ms)
{
    if (states->timer && delay_ms)
        return;
    gw_timer_stop(states->timer);
    states->timer = gw_timer_start(states->self, delay_ms, 0, on_pump, states);
}

void states_up(struct states *states, struct broker *broker)
{
    states->broker = broker;
    struct state *state;
    TAILQ_FOREACH(state, &states->all, entry)
    {
        if (state->text || state->stale)
            wait_for_turn(states, state);
    }
    pump_in(states, 0);
}

void states_down(struct states *states)
{
    states->broker = NULL;
    gw_timer_stop(states->timer);
    states->timer = NULL;
}

void states_count(const struct states *states, struct states_counts *out)
{
    *out = states->counts;
    out->topics = out->waiting = 0;
    const struct state *state;
    TAILQ_FOREACH(state, &states->all, entry)
    {
        out->topics += state->text != NULL;
        out->waiting += state->waits || state->flies;
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* Of the last run: nothing is said on it until someone wants something; a sweep removes it. */
static void remember(void *data, const char *topic)
{
    struct state *state = add(data, topic);
    if (state)
        state->written = true;
}

struct states *states_new(struct gw_plugin *self, size_t topics_max)
{
    struct states *states = calloc(1, sizeof *states);
    if (!states) {
        gw_fail(self, -ENOMEM, "no memory for retained topics");
        return NULL;
    }
    states->self = self;
    states->count_max = topics_max;
    TAILQ_INIT(&states->all);
    TAILQ_INIT(&states->waiting);
    states->ledger = ledger_open(gw_state_dir(self), remember, states);
    if (states->ledger)
        return states;
    gw_fail(self, -errno, "%s/retained: %s", gw_state_dir(self), strerror(errno));
    states_free(states);
    return NULL;
}

void states_free(struct states *states)
{
    if (!states)
        return;
    gw_timer_stop(states->timer);
    while (!TAILQ_EMPTY(&states->all))
        forget(states, TAILQ_FIRST(&states->all));
    ledger_close(states->ledger);
    free(states);
}
