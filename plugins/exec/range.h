/* range.h - thresholds as Nagios writes them: [@][start:]end, ends inclusive, '~' for minus
 * infinity, "10" is 0 to 10; outside is bad, with '@' inside (Monitoring Plugins guidelines). */
#ifndef EXEC_RANGE_H
#define EXEC_RANGE_H

#include <stdbool.h>

enum { RANGE_BYTES_MAX = 80 };

/* Writes the range with both ends multiplied by `scale` (above 0). False: `text` is no range. */
bool range_scaled(const char *text, double scale, char out[RANGE_BYTES_MAX]);

/* The same of Munin's: "max", "min:", ":max", "min:max", where what is not said is unbounded. */
bool range_munin(const char *text, double scale, char out[RANGE_BYTES_MAX]);

#endif
