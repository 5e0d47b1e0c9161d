/* lab_internal.h - between lab.c and lab_read.c. */
#ifndef HEALTH_LAB_INTERNAL_H
#define HEALTH_LAB_INTERNAL_H

#include "lab.h"

struct thing *lab_add(struct lab *lab, enum thing_kind kind, const char *id);
void lab_drop_unseen(struct lab *lab);

#endif
