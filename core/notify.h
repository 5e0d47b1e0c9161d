/* Telling systemd (sd_notify(3)) without its library; silent when nobody asked. */
#ifndef GW_NOTIFY_H
#define GW_NOTIFY_H

#include <stdint.h>

void notify_systemd(const char *state); /* "READY=1", "STOPPING=1", "WATCHDOG=1" */
void notify_reloading(void);            /* with the monotonic time, as Type=notify-reload wants */
int64_t notify_watchdog_ms(void);       /* how often to send WATCHDOG=1; 0: not wanted */

#endif
