/* demo - believable labs for `gnswatch demo`, and the small accidents that keep them lively. */
#ifndef SIM_DEMO_H
#define SIM_DEMO_H

#include "sim.h"

void demo_fill(struct server *s);
/* From time to time something crashes, stops or starts again. Call once. */
void demo_start(struct sim *sim);

#endif
