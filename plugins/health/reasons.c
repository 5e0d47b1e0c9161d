/* reasons.c - who took how many points: the leaves below a thing, the heaviest first. Points of
 * what is below are shared out as rollup.h says, so that they add up to the loss at every height.
 */
#include "judge.h"
#include "rollup.h"

#include <stdlib.h>
#include <string.h>

struct bag {
    struct reason *all;
    size_t count, size;
};

static void bag_put(struct bag *bag, struct reason reason)
{
    if (reason.points <= 0)
        return;
    if (bag->count == bag->size) {
        size_t size = bag->size ? 2 * bag->size : 32;
        struct reason *all = reallocarray(bag->all, size, sizeof *all);
        if (!all)
            return;
        bag->all = all;
        bag->size = size;
    }
    bag->all[bag->count++] = reason;
}

static enum thing_kind kind_below(enum factor factor)
{
    static const enum thing_kind kinds[] = {
        [FACTOR_SERVERS] = THING_SERVER,   [FACTOR_COMPUTES] = THING_COMPUTE,
        [FACTOR_PROJECTS] = THING_PROJECT, [FACTOR_NODES] = THING_NODE,
        [FACTOR_LINKS] = THING_LINK,
    };
    return kinds[factor];
}

static void put_child(struct bag *bag, const struct thing *child, double points)
{
    double sum = 0;
    for (size_t i = 0; i < child->reason_count; i++)
        sum += child->reasons[i].points;
    for (size_t i = 0; sum > 0 && i < child->reason_count; i++) {
        struct reason reason = child->reasons[i];
        reason.points *= points / sum;
        bag_put(bag, reason);
    }
}

/* Without memory the points stay with the thing itself. */
static void put_below(struct bag *bag, struct thing *thing, enum factor factor, double points)
{
    enum thing_kind kind = kind_below(factor);
    struct thing *below;
    size_t count = 0, i = 0;
    TAILQ_FOREACH(below, &thing->below, below_entry)
    count += below->kind == kind && below->counts && below->verdict.loss > 0;
    struct child *children = calloc(count ? count : 1, sizeof *children);
    double *shares = calloc(count ? count : 1, sizeof *shares);
    if (!children || !shares || count == 0) {
        bag_put(bag, (struct reason){.factor = factor, .points = points, .thing = thing});
        free(children);
        free(shares);
        return;
    }
    TAILQ_FOREACH(below, &thing->below, below_entry)
    if (below->kind == kind && below->counts && below->verdict.loss > 0)
        children[i++] = (struct child){.weight = below->weight, .loss = below->verdict.loss / 100};
    rollup_join(children, count, shares);
    i = 0;
    TAILQ_FOREACH(below, &thing->below, below_entry)
    if (below->kind == kind && below->counts && below->verdict.loss > 0)
        put_child(bag, below, points * shares[i++]);
    free(children);
    free(shares);
}

static int heaviest_first(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    if (!x->thing != !y->thing)
        return x->thing ? -1 : 1;
    if (x->points != y->points)
        return x->points > y->points ? -1 : 1;
    int order = x->thing ? strcmp(x->thing->key, y->thing->key) : 0;
    return order ? order : (int)x->factor - (int)y->factor;
}

/* One of `more` at most, at the end. */
static void fold(struct bag *bag)
{
    qsort(bag->all, bag->count, sizeof *bag->all, heaviest_first);
    size_t listed = 0;
    while (listed < bag->count && bag->all[listed].thing)
        listed++;
    if (listed == bag->count && listed <= REASONS_MAX)
        return;
    if (listed > REASONS_MAX - 1)
        listed = REASONS_MAX - 1;
    struct reason rest = {.factor = FACTOR_MORE};
    for (size_t i = listed; i < bag->count; i++) {
        rest.points += bag->all[i].points;
        rest.more += bag->all[i].thing ? 1 : bag->all[i].more;
    }
    bag->all[listed] = rest;
    bag->count = listed + 1;
}

void reasons_make(struct thing *thing)
{
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    struct bag bag = {0};
    for (size_t i = 0; i < count; i++) {
        if (thing->points[i] <= 0)
            continue;
        if (factor_rolls(names[i]))
            put_below(&bag, thing, names[i], thing->points[i]);
        else
            bag_put(&bag, (struct reason){
                              .factor = names[i], .points = thing->points[i], .thing = thing});
    }
    if (bag.count)
        fold(&bag);
    free(thing->reasons);
    thing->reasons = bag.all;
    thing->reason_count = bag.count;
}
