/* take.h - what take.c and take_recover.c share. */
#ifndef SNAPSHOT_TAKE_H
#define SNAPSHOT_TAKE_H

#include "run.h"

void take_check(struct run *run);     /* it is taken and what ran runs: look at the archive */
void take_restarted(struct run *run); /* after the nodes were started */
void take_close(struct run *run, run_step_fn *then); /* the project again, if we opened it */

#endif
