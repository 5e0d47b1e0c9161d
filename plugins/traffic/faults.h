/* faults.h - links that pass nothing though all looks well: GNS3 says nothing of them. */
#ifndef TRAFFIC_FAULTS_H
#define TRAFFIC_FAULTS_H

#include "traffic.h"

/* What each end has sent and got in this turn, where it was read. */
void fault_hear(struct link *link, const bool fresh[2], const struct counts sent[2],
                const struct counts got[2], int64_t now_ms);
/* Decides, and tells of changes. */
void fault_turn(struct traffic *traffic, struct link *link, int64_t now_ms);

#endif
