/* consoles.h - local TCP ports somebody is connected to, as /proc/net/tcp lists them. */
#ifndef TRAFFIC_CONSOLES_H
#define TRAFFIC_CONSOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct consoles {
    bool known;              /* it could be read */
    uint8_t used[65536 / 8]; /* a bit a port */
};

void consoles_read(const char *tcp, const char *tcp6, struct consoles *consoles);
bool consoles_used(const struct consoles *consoles, int port);
/* The local port of one line, when it is an established connection; -1: it is not. Pure. */
int consoles_line(const char *line);

#endif
