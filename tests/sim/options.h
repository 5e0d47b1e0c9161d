/* options - the command line of gnswatch-sim. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim.h"

/* 0: run, 1: help was shown, -EINVAL: a sentence has been written to stderr. */
int options_parse(struct options *o, int argc, char **argv);

#endif
