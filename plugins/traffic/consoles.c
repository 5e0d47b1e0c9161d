/* consoles.c - see consoles.h. */
#include "consoles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESTABLISHED = 1 }; /* TCP_ESTABLISHED of the kernel */

/* "  1: 0100007F:1388 0100007F:D431 01 …": number, local address, remote address, state. */
int consoles_line(const char *line)
{
    char *end;
    const char *at = strchr(line, ':');
    at = at ? strchr(at + 1, ':') : NULL;
    if (!at)
        return -1;
    unsigned long port = strtoul(at + 1, &end, 16);
    bool local = end != at + 1 && *end == ' ' && port < 65536;
    at = strchr(end, ':');
    at = local && at ? strchr(at, ' ') : NULL;
    if (!at || strtoul(at, &end, 16) != ESTABLISHED || end == at)
        return -1;
    return (int)port;
}

static bool read_list(const char *path, struct consoles *consoles)
{
    char line[512];
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        int port = consoles_line(line);
        if (port >= 0)
            consoles->used[port / 8] |= (uint8_t)(1 << (port % 8));
    }
    fclose(file);
    return true;
}

void consoles_read(const char *tcp, const char *tcp6, struct consoles *consoles)
{
    memset(consoles->used, 0, sizeof consoles->used);
    consoles->known = read_list(tcp, consoles);
    read_list(tcp6, consoles); /* not there: no IPv6 */
}

bool consoles_used(const struct consoles *consoles, int port)
{
    return port > 0 && port < 65536 && (consoles->used[port / 8] >> (port % 8) & 1);
}
