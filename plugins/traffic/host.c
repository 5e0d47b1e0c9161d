/* host.c - what this machine shows of a lab besides its links: the CPU its processes take, and
 * whether somebody is on one of its consoles (a TCP connection to its port). */
#include "traffic.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CONSOLES_MS = 20000 }; /* the kernel goes through its whole table: 10 ms and more */

static void read_consoles(struct traffic *traffic, int64_t now_ms)
{
    if (traffic->consoles_ms && now_ms - traffic->consoles_ms < CONSOLES_MS)
        return;
    traffic->consoles_ms = now_ms;
    consoles_read("/proc/net/tcp", "/proc/net/tcp6", &traffic->consoles);
}

void host_processes(struct traffic *traffic)
{
    int64_t now_ms = gw_monotonic_ms(traffic->self), gap_ms = now_ms - traffic->scanned_ms;
    double ticks = (double)sysconf(_SC_CLK_TCK);
    struct node *node;
    TAILQ_FOREACH(node, &traffic->lab.nodes, entry)
    {
        bool both = node->cpu_processes > 0 && traffic->scanned_ms > 0 && gap_ms > 0;
        node->cpu_percent = NAN;
        if (both && node->cpu_before > 0 && node->cpu_now >= node->cpu_before)
            node->cpu_percent =
                (double)(node->cpu_now - node->cpu_before) / ticks * 1e5 / (double)gap_ms;
        node->cpu_before = node->cpu_processes > 0 ? node->cpu_now : 0;
    }
    traffic->scanned_ms = now_ms;
    read_consoles(traffic, now_ms);
}

int host_consoles(struct traffic *traffic, const struct project *project)
{
    const struct node *node;
    bool hidden = false;
    TAILQ_FOREACH(node, &traffic->lab.nodes, entry)
    {
        if (node->project != project || node->console == 0 || node->state == NODE_CLOSED)
            continue;
        if (!node->here)
            hidden = true;
        else if (consoles_used(&traffic->consoles, node->console))
            return 1;
    }
    return hidden || !traffic->consoles.known ? -1 : 0;
}
