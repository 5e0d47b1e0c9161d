/* here.c - see here.h. */
#include "here.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool same_address(const struct sockaddr *a, const struct sockaddr *b)
{
    if (!a || a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)(const void *)b)->sin_addr.s_addr;
    return a->sa_family == AF_INET6 &&
           memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
                  &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr,
                  sizeof(struct in6_addr)) == 0;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
               127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static bool is_own(const struct sockaddr *address)
{
    struct ifaddrs *all = NULL;
    if (is_loopback(address))
        return true;
    if (getifaddrs(&all) < 0)
        return false;
    bool own = false;
    for (const struct ifaddrs *at = all; at && !own; at = at->ifa_next)
        own = same_address(at->ifa_addr, address);
    freeifaddrs(all);
    return own;
}

bool host_is_here(const char *host)
{
    char name[256] = "";
    if (strcmp(host, "localhost") == 0)
        return true;
    if (gethostname(name, sizeof name - 1) == 0 && strcmp(host, name) == 0)
        return true;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0 || !found)
        return false;
    bool own = is_own(found->ai_addr);
    freeaddrinfo(found);
    return own;
}

bool url_is_here(const char *url)
{
    char host[256];
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    size_t bytes = *at == '[' ? strcspn(++at, "]") : strcspn(at, ":/");
    if (bytes == 0 || bytes >= sizeof host)
        return false;
    memcpy(host, at, bytes);
    host[bytes] = '\0';
    return host_is_here(host);
}
