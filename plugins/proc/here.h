/* here.h - is an address one of this machine's? Names other than localhost and the machine's own
 * are not resolved: that could block. */
#ifndef PROC_HERE_H
#define PROC_HERE_H

#include <stdbool.h>

/* Does the host of this URL, or this host, mean this machine? */
bool host_is_here(const char *host);
bool url_is_here(const char *url);

#endif
