/* operation.h - how long commands took GNS3: one series a server and command. */
#ifndef GNS3_OPERATION_H
#define GNS3_OPERATION_H

#include "model.h"

/* `command` on this server ended; `done`: as it was asked for. */
void operation_note(struct server *server, const char *command, int64_t took_ms, bool done);
void operation_tick(struct server *server); /* a row of each that was ever used */
void operation_free_all(struct server *server);

#endif
