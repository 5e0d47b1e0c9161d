/* Optimal string alignment with three rows of the matrix. */
#include "conf/near.h"

#include <ctype.h>
#include <string.h>

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static int lower(char c)
{
    return tolower((unsigned char)c);
}

size_t near_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > NEAR_MAX || b_len > NEAR_MAX)
        return NEAR_MAX + 1;
    size_t rows[3][NEAR_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3];
        const size_t *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t differs = lower(a[i - 1]) != lower(b[j - 1]);
            now[j] = least(up[j] + 1, now[j - 1] + 1, up[j - 1] + differs);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]) && up2[j - 2] + 1 < now[j])
                now[j] = up2[j - 2] + 1;
        }
    }
    return rows[a_len % 3][b_len];
}

void near_init(struct near *near, const char *name)
{
    *near = (struct near){.name = name, .distance = NEAR_MAX + 1};
}

void near_offer(struct near *near, const char *candidate)
{
    size_t distance = near_distance(near->name, candidate);
    if (distance < near->distance) {
        near->distance = distance;
        near->best = candidate;
    }
}

/* A third of the letters may be wrong, one at least; a word with no letter right is not meant. */
const char *near_best(const struct near *near)
{
    if (!near->best)
        return NULL;
    size_t name_len = strlen(near->name), best_len = strlen(near->best);
    size_t longer = name_len > best_len ? name_len : best_len;
    size_t allowed = longer < 6 ? (longer < 3 ? 1 : 2) : longer / 3;
    return near->distance <= allowed && near->distance < longer ? near->best : NULL;
}
