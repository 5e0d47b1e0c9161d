/* ws - the server side of WebSocket (RFC 6455): handshake, frames out, frames in. */
#ifndef SIM_WS_H
#define SIM_WS_H

#include "sim.h"

enum ws_op { WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

/* Answers 101; the connection speaks frames from then on. */
void ws_accept(struct conn *c);
void ws_send(struct conn *c, enum ws_op op, const void *data, size_t len);
void ws_send_close(struct conn *c, unsigned code, const char *reason);
/* Takes one frame from c->in; false when it is not complete yet. */
bool ws_input(struct conn *c);

#endif
