/* control - the second port of the simulator, by which tests break things and ask what was seen. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "sim.h"

int control_listen(struct sim *sim);
void control_dispatch(struct conn *c);
/* {"control": port, "servers": [{index, port, url, version}]} */
json_t *ports_doc(const struct sim *sim);
/* Writes the ports as JSON, by renaming a finished file. 0 or a negative errno. */
int ports_write(const struct sim *sim, const char *path);

#endif
