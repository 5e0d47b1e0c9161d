/* answers.h - what uBridge and dynamips hypervisors say, and what their names mean. Pure; input is
 * from outside and may be anything. */
#ifndef TRAFFIC_ANSWERS_H
#define TRAFFIC_ANSWERS_H

#include "meter.h"

#include <stddef.h>

enum { ANSWER_NAME_MAX = 128, NODE_ID_BYTES = 37 };

/* A line "101 text" (more follow) or "100-text" (the last). -1: neither. */
struct answer_line {
    int code;         /* 100, 101, 200 … */
    bool last;        /* nothing more to this command */
    const char *text; /* within the line */
};
int answer_line(const char *line, struct answer_line *out);

/* "NAME (NIOs = 2)" of `bridge list`; false: it is none, or its name could not be asked for. */
bool answer_bridge(const char *text, char name[ANSWER_NAME_MAX]);

/* "Source NIO:      IN: 96 packets (9202 bytes) OUT: 106 packets (9838 bytes)". */
enum nio_side { NIO_SOURCE = 1, NIO_DESTINATION };
bool answer_nio(const char *text, enum nio_side *side, struct nio *nio);

/* "port 1/0:      IN: …" of `iol_bridge get_stats`. */
bool answer_iol_port(const char *text, int *adapter, int *port, struct nio *nio);

/* "3 4 200 300" of dynamips `nio get_stats`: packets in, out, bytes in, out. */
bool answer_dynamips_nio(const char *text, struct nio *nio);

/* "0: udp-1234" of dynamips `vm slot_nio_bindings`. */
bool answer_binding(const char *text, int *port, char nio[ANSWER_NAME_MAX]);

/* Which end of which node a bridge serves, by the way GNS3 names them. */
struct bridge_name {
    char node_id[NODE_ID_BYTES]; /* ""  the process's directory says it */
    int adapter, port;
    bool wire_is_source; /* clouds: the first interface faces the link */
    bool iol;            /* its ports come with its counters */
};
/* false: a name that is not GNS3's, or that does not say it ("DYNAMIPS-…"). */
bool bridge_name(const char *name, struct bridge_name *out);

bool is_node_id(const char *text, size_t bytes); /* a UUID */

#endif
