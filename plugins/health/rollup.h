/* rollup.h - the health of what is below into one factor of what is above: pure arithmetic.
 *
 * The losses of the children are joined by their quadratic mean, sqrt(sum w l^2 / sum w). By the
 * inequality of power means (Hardy, Littlewood, Polya, Inequalities, chapter II) it lies between
 * the mean, in which one dead node of a hundred drowns (1 point), and the largest, in which it is
 * all one sees (100 points): it gives 10 points. It grows with each loss, is 1 only when all is
 * lost, and with weights by number of nodes it does not matter how nodes are divided into projects:
 * the mean of means is the mean of all. */
#ifndef HEALTH_ROLLUP_H
#define HEALTH_ROLLUP_H

#include <stddef.h>

struct child {
    double weight; /* 0: does not count */
    double loss;   /* 0 to 1 */
    double known;  /* 0 to 1: its coverage */
};

struct rollup {
    double loss;  /* 0 to 1 */
    double known; /* 0 to 1; 1 without children that count: then there is nothing to lose */
};

/* shares[i] (may be NULL) is the part of the loss that is child i's; they add up to 1, or are all 0
 * when there is no loss. */
struct rollup rollup_join(const struct child *children, size_t count, double *shares);

#endif
