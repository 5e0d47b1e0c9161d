/* When an instance's next tick is due. Pure: time comes in as a number.
 *
 * Ticks lie on a grid of `every` with a phase made from the instance's name, so instances with the
 * same interval spread over it and a restart keeps the phase. Turns that were missed are skipped.
 */
#ifndef GW_PLUGIN_SCHEDULE_H
#define GW_PLUGIN_SCHEDULE_H

#include <stdint.h>

struct schedule {
    int64_t every_ns, phase_ns, due_ns;
};

/* `every_ms` > 0. The first tick is due at the first grid point after now. */
void schedule_init(struct schedule *schedule, const char *name, int64_t every_ms, int64_t now_ns);
/* A turn was taken (it began at or after due_ns, and it is now_ns): sets the next due time, always
 * later than now, and returns how many turns in between were missed. */
int64_t schedule_next(struct schedule *schedule, int64_t now_ns);
/* Milliseconds to wait from now, rounded up so that a timer never comes early; 0: due. */
int64_t schedule_wait_ms(const struct schedule *schedule, int64_t now_ns);

/* How long to wait before try number `tries` (1 for the first retry): exponential back-off with
 * full jitter between 0.1 s and a limit that starts at 1 s and doubles up to 5 min (Brooker 2015,
 * "Exponential Backoff And Jitter", AWS Architecture Blog). `random` is any number. */
int64_t backoff_ms(unsigned tries, uint64_t random);

#endif
