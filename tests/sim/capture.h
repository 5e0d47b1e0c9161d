/* capture - packet captures of links: a pcap file that grows while its link carries traffic, and
 * the readers that stream it. */
#ifndef SIM_CAPTURE_H
#define SIM_CAPTURE_H

#include "model.h"

/* 0, -ENODEV when no running node is on the link, -EBUSY when it captures already. */
int capture_start(struct link *l);
/* Ends it; readers get the end a real server gives. emit: send link.updated. */
void capture_stop(struct link *l, bool emit);
/* Turns the connection into a reader of the file, from its start. */
void capture_stream(struct conn *c, struct link *l);
void capture_conn_gone(struct conn *c);
/* The link is about to be freed. */
void capture_link_gone(struct link *l);
size_t capture_readers(const struct server *s);
/* All links carry traffic from now on, also where nothing captures (with --counters). */
void capture_pump(struct server *s);
/* Appends one pcap record of made-up traffic between the ends. The end it comes from. */
int packet_make(struct buf *out, struct server *s, const struct link *l, uint64_t now_us,
                size_t *bytes);

#endif
