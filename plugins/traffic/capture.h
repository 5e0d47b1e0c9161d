/* capture.h - what the source capture tells of a link to the others. */
#ifndef TRAFFIC_CAPTURE_H
#define TRAFFIC_CAPTURE_H

#include "lab.h"

#include <jansson.h>

void capture_forget(struct link *link); /* the link goes */
/* Old packets out of a capture that was just started: the link is dead. */
bool capture_fault(const struct link *link, char *text, size_t size);
bool capture_sees(const struct link *link);    /* its packets come in now */
bool capture_is_ours(const struct link *link); /* we have started it */
/* Why there are no packets of the link; "": nothing to say. */
const char *capture_why(const struct link *link);
/* [{name, share}] of a link's newest minute; new reference. */
json_t *capture_protocols(const struct link *link);

#endif
