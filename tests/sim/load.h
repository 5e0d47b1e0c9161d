/* load - the make-believe machine under a simulated server: cpu, memory, disk. Everything is a
 * function of simulated time, of the server and of what runs on it. */
#ifndef SIM_LOAD_H
#define SIM_LOAD_H

#include "sim.h"

double load_cpu_percent(struct server *s, int compute);
double load_memory_percent(struct server *s, int compute);
double load_disk_percent(const struct server *s);
/* The "statistics" object of one compute, in the key order of 3.x. */
json_t *load_statistics(struct server *s, int compute);
/* 0..1: how busy the network is at this moment; seed makes links differ. */
double load_wave(uint64_t now_ms, uint64_t seed);

#endif
