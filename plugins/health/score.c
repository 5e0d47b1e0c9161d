/* score.c - see score.h. */
#include "score.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { WHOLE = 100, TENTHS = 10 };

static double clamp(double value, double most)
{
    return value > 0 ? fmin(value, most) : 0; /* NaN: 0 */
}

double score_ramp(double value, double good, double bad)
{
    return clamp((value - good) / (bad - good), 1);
}

static int whole_score(double loss)
{
    if (loss <= 0.05)
        return WHOLE;
    int whole = (int)lround(loss);
    return WHOLE - (whole < 1 ? 1 : whole);
}

struct verdict score_judge(const struct factor_value *factors, size_t count, double least_coverage,
                           double bad_loss, double *points)
{
    double weights = 0, known = 0, sure = 0, remembered = 0;
    for (size_t i = 0; i < count; i++) {
        double weight = clamp(factors[i].weight, WHOLE), part = clamp(factors[i].known, 1);
        points[i] = weight * clamp(factors[i].badness, 1);
        weights += weight;
        known += weight * part;
        *(part > 0 ? &sure : &remembered) += points[i];
    }
    double sure_scale = sure > WHOLE ? WHOLE / sure : 1;
    double rest = clamp(WHOLE - sure, WHOLE);
    double remembered_scale = remembered > rest ? rest / remembered : 1;
    struct verdict verdict = {0};
    for (size_t i = 0; i < count; i++) {
        points[i] *= clamp(factors[i].known, 1) > 0 ? sure_scale : remembered_scale;
        verdict.loss += points[i];
    }
    verdict.loss = clamp(verdict.loss, WHOLE);
    verdict.coverage = sure >= WHOLE ? WHOLE : weights > 0 ? WHOLE * known / weights : 0;
    bool enough = verdict.coverage > 0 && verdict.coverage >= least_coverage - 1e-9;
    verdict.score = enough || sure > bad_loss ? whole_score(verdict.loss) : SCORE_UNKNOWN;
    return verdict;
}

struct remainder {
    double part;
    size_t index;
};

static int by_remainder(const void *a, const void *b)
{
    const struct remainder *x = a, *y = b;
    if (x->part != y->part)
        return x->part > y->part ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

void score_tenths(const double *points, size_t count, int whole, int *tenths)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += clamp(points[i], WHOLE);
    struct remainder *rest = calloc(count ? count : 1, sizeof *rest);
    int left = whole * TENTHS;
    for (size_t i = 0; i < count; i++) {
        double share = sum > 0 ? clamp(points[i], WHOLE) / sum * whole * TENTHS : 0;
        tenths[i] = (int)floor(share + 1e-9);
        left -= tenths[i];
        if (rest)
            rest[i] = (struct remainder){share - tenths[i], i};
    }
    if (rest)
        qsort(rest, count, sizeof *rest, by_remainder);
    for (size_t i = 0; i < count && left > 0; i++, left--)
        tenths[rest ? rest[i].index : i]++;
    free(rest);
}

static const struct {
    const char *name;
    int from;
} levels[] = {
    [LEVEL_UNKNOWN] = {"unknown", -1}, [LEVEL_BAD] = {"bad", 0},    [LEVEL_POOR] = {"poor", 40},
    [LEVEL_FAIR] = {"fair", 70},       [LEVEL_GOOD] = {"good", 90},
};

const char *level_name(enum level level)
{
    return levels[level].name;
}

enum level score_level(int score, enum level before, double hysteresis)
{
    if (score < 0)
        return LEVEL_UNKNOWN;
    enum level level = LEVEL_GOOD;
    while (level > LEVEL_BAD && score < levels[level].from)
        level--;
    if (before == LEVEL_UNKNOWN || score == WHOLE)
        return level;
    while (level > before && score < fmin(levels[level].from + hysteresis, WHOLE))
        level--;
    return level;
}
