/* score.h - factors into a score: pure arithmetic, which knows nothing of labs, time or JSON.
 *
 * A factor takes at most `weight` points, times its badness. Points add up, to 100 at most: beyond
 * that they are scaled down to 100, first those of factors that are only remembered. A factor that
 * is not known keeps the badness it had when it was (0 when it never was), so that losing sight of
 * a thing never raises its score; what it loses is coverage. */
#ifndef HEALTH_SCORE_H
#define HEALTH_SCORE_H

#include <stddef.h>

struct factor_value {
    double weight;  /* points at most, 0 to 100 */
    double badness; /* 0 good to 1 as bad as can be; the last known one */
    double known;   /* 1 known, 0 not; between: of that part of what is below */
};

enum { SCORE_UNKNOWN = -1 };

struct verdict {
    double loss;     /* exact, 0 to 100 */
    double coverage; /* percent of the weight that is known */
    int score;       /* whole; 0 to 100, or SCORE_UNKNOWN */
};

/* points[i] is what factor i takes; they add up to verdict.loss. When the known factors take all
 * 100, the rest cannot matter and coverage is 100. Below `least_coverage` percent the score is
 * unknown, unless what is known takes more than `bad_loss` points: bad news needs no second
 * opinion. A loss of more than 0.05 is at least one point. */
struct verdict score_judge(const struct factor_value *factors, size_t count, double least_coverage,
                           double bad_loss, double *points);

/* Points into tenths that add up to whole * 10, by largest remainder (Hamilton's method). */
void score_tenths(const double *points, size_t count, int whole, int *tenths);

enum level { LEVEL_UNKNOWN = 1, LEVEL_BAD, LEVEL_POOR, LEVEL_FAIR, LEVEL_GOOD };

/* Down at once; up only when `hysteresis` points above the threshold, or at 100. */
enum level score_level(int score, enum level before, double hysteresis);
const char *level_name(enum level level);

/* 0 at `good` and on that side of it, 1 at `bad` and beyond, a line between. */
double score_ramp(double value, double good, double bad);

#endif
