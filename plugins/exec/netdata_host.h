/* netdata_host.h - the virtual nodes a Netdata plugin has defined, by their UUID. */
#ifndef EXEC_NETDATA_HOST_H
#define EXEC_NETDATA_HOST_H

#include "keep.h"
#include "reader.h"

struct netdata_host {
    char *key;  /* its UUID as 32 small digits; the hosts' */
    char *name; /* the hosts'; NULL: no room */
    struct netdata_host *next;
};

struct netdata_hosts {
    struct reader *reader; /* the dialect's */
    struct keep *keep;     /* the dialect's */
    struct table table;
    struct netdata_host *first;
    struct limit limit;
};

void netdata_hosts_init(struct netdata_hosts *hosts, struct reader *reader, struct keep *keep);
void netdata_hosts_clear(struct netdata_hosts *hosts);

/* `uuid` has 32 digits, with or without dashes; NULL: unknown, or no UUID. */
const struct netdata_host *netdata_host_find(const struct netdata_hosts *hosts, const char *uuid);
/* -EINVAL: no UUID. Other troubles are told. One that is there keeps its name, by which its charts
 * are known. */
int netdata_host_put(struct netdata_hosts *hosts, const char *uuid, const char *name);

#endif
