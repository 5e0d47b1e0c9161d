/* judge.c - scores of all that is dirty, from below to above. */
#include "judge.h"

#include "rollup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000, BAD_LOSS = 60 }; /* a loss of more than 60 points is the level "bad" */

size_t thing_changes(const struct thing *thing, int64_t now_ms)
{
    size_t count = 0;
    for (size_t i = 0; i < CHANGES_MAX; i++)
        count += thing->changes[i] > now_ms - HOUR_MS;
    return count;
}

void thing_changed(struct thing *thing, int64_t time_ms)
{
    thing->changes[thing->change_next] = time_ms;
    thing->change_next = (thing->change_next + 1) % CHANGES_MAX;
    thing->flaps = true;
}

uint64_t judge_mix(uint64_t hash, uint64_t value)
{
    hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    return hash * 0xff51afd7ed558ccdu;
}

/* What a thing above sees of this one, and what is shown of it, in a number that changes with it.
 */
static uint64_t fingerprint(const struct thing *thing)
{
    uint64_t hash = judge_mix((uint64_t)thing->counts, (uint64_t)llround(thing->weight * 16));
    hash = judge_mix(hash, (uint64_t)llround(thing->verdict.loss * 50));
    hash = judge_mix(hash, (uint64_t)llround(thing->verdict.coverage * 2));
    hash = judge_mix(hash, (uint64_t)thing->verdict.score);
    for (size_t i = 0; i < thing->reason_count; i++) {
        const struct reason *reason = &thing->reasons[i];
        hash = judge_mix(hash, (uint64_t)reason->factor);
        hash = judge_mix(hash, (uint64_t)(uintptr_t)reason->thing);
        hash = judge_mix(hash, (uint64_t)llround(reason->points * 20));
        hash = judge_mix(hash, reason->more);
    }
    return hash;
}

static void judge(const struct world *world, struct thing *thing)
{
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    struct factor_value values[FACTORS];
    uint64_t before = fingerprint(thing);
    judge_factors(world, thing);
    for (size_t i = 0; i < count; i++) {
        const struct factor_state *state = &thing->factors[i];
        values[i] =
            (struct factor_value){.weight = state->applies ? world->options->weights[names[i]] : 0,
                                  .badness = state->badness,
                                  .known = state->known};
    }
    thing->verdict =
        score_judge(values, count, world->options->least_coverage, BAD_LOSS, thing->points);
    reasons_make(thing);
    if (thing->published && fingerprint(thing) == before)
        return;
    thing->unpublished = true;
    if (thing->above)
        thing_dirty(world->lab, thing->above);
}

size_t judge_all(const struct world *world)
{
    struct lab *lab = world->lab;
    size_t judged = 0;
    lab_settle(lab);
    for (enum thing_kind kind = THING_LINK; kind >= THING_ALL; kind--)
        while (!TAILQ_EMPTY(&lab->dirty[kind])) {
            struct thing *thing = TAILQ_FIRST(&lab->dirty[kind]);
            TAILQ_REMOVE(&lab->dirty[kind], thing, dirty_entry);
            thing->dirty = false;
            judge(world, thing);
            judged++;
        }
    return judged;
}
