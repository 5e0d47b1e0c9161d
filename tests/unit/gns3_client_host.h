/* A plugin host for tests: timers and watches on poll(2), in one thread, in accelerated time.
 *
 * Each of our milliseconds is 1/speed of a real one: a back-off of a minute takes 60 ms at 1,000.
 * Implements what the HTTP client and the GNS3 client ask of a host, and remembers what they said.
 */
#ifndef GNS3_CLIENT_HOST_H
#define GNS3_CLIENT_HOST_H

#include <gnswatch/plugin.h>

struct gw_plugin *host_new(int speed);
void host_free(struct gw_plugin *host); /* releases what is kept, as after `stop` */

/* Turns the loop until `until` says so; false after 20 real seconds. */
bool host_run(struct gw_plugin *host, bool (*until)(void *data), void *data);
void host_run_ms(struct gw_plugin *host, int64_t ms); /* of the host's time */

/* The answers of gw_string and so on: text as in a file; NULL removes. */
void host_option(struct gw_plugin *host, const char *name, const char *value);
const struct gw_values *host_values(struct gw_plugin *host);
const char *host_log(const struct gw_plugin *host);                      /* every line so far */
const double *host_row(const struct gw_plugin *host, const char *field); /* last set; NULL: none */
int host_timers(const struct gw_plugin *host);
int host_watches(const struct gw_plugin *host);

#endif
