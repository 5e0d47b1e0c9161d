/* consoles.c - see consoles.h. */
#include "consoles.h"

#include <stdio.h>
#include <string.h>

enum { ESTABLISHED = 1 }; /* TCP_ESTABLISHED of the kernel */

int consoles_line(const char *line)
{
    unsigned port = 0, state = 0;
    if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &port, &state) != 2 ||
        state != ESTABLISHED || port > 65535)
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
