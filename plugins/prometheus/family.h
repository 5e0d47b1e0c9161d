/* family.h - the families there are, each name once. */
#ifndef PROMETHEUS_FAMILY_H
#define PROMETHEUS_FAMILY_H

#include "shape.h"

/* The family of this name and owner, made at the first call. A name that another owner has already
 * (a.b with c, a with b_c), or that is there with another type, gets a number. `owner` is the
 * measurement, and the field when it is the only one. NULL: no memory. */
struct family *family_get(struct shapes *shapes, const char *owner, const struct naming *naming,
                          enum family_type type, const char *help);
void families_free(struct shapes *shapes);

#endif
