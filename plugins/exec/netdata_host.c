/* netdata_host.c - see netdata_host.h. */
#include "netdata_host.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { HOSTS_MAX = 1000, UUID_DIGITS = 32 };

void netdata_hosts_init(struct netdata_hosts *hosts, struct reader *reader, struct keep *keep)
{
    *hosts = (struct netdata_hosts){
        .reader = reader,
        .keep = keep,
        .limit = {.what = "virtual hosts", .max = HOSTS_MAX},
    };
}

static void host_free(struct keep *keep, struct netdata_host *host)
{
    keep_free_text(keep, host->key);
    keep_free_text(keep, host->name);
    keep_free(keep, host, sizeof *host);
}

void netdata_hosts_clear(struct netdata_hosts *hosts)
{
    table_clear(&hosts->table);
    while (hosts->first) {
        struct netdata_host *host = hosts->first;
        hosts->first = host->next;
        host_free(hosts->keep, host);
    }
    hosts->limit.count = 0;
}

static bool key_of(const char *uuid, char key[UUID_DIGITS + 1])
{
    size_t count = 0;
    for (; *uuid; uuid++) {
        if (*uuid == '-')
            continue;
        if (!isxdigit((unsigned char)*uuid) || count == UUID_DIGITS)
            return false;
        key[count++] = (char)tolower((unsigned char)*uuid);
    }
    key[count] = '\0';
    return count == UUID_DIGITS;
}

const struct netdata_host *netdata_host_find(const struct netdata_hosts *hosts, const char *uuid)
{
    char key[UUID_DIGITS + 1];
    return key_of(uuid, key) ? table_find(&hosts->table, key) : NULL;
}

int netdata_host_put(struct netdata_hosts *hosts, const char *uuid, const char *name)
{
    char key[UUID_DIGITS + 1];
    if (!key_of(uuid, key))
        return -EINVAL;
    if (table_find(&hosts->table, key) || !limit_take(&hosts->limit, hosts->reader, uuid))
        return 0;
    struct netdata_host *host = keep_new(hosts->keep, sizeof *host);
    if (host) {
        host->key = keep_text(hosts->keep, key);
        host->name = keep_text(hosts->keep, name);
    }
    if (host && host->key && host->name && table_add(&hosts->table, host)) {
        host->next = hosts->first;
        hosts->first = host;
        return 0;
    }
    reader_error(hosts->reader, uuid, "no room to remember this host");
    if (host)
        host_free(hosts->keep, host);
    hosts->limit.count--;
    return 0;
}
