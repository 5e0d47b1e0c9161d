/* commands.h - what one can ask for, and the tables of it. */
#ifndef ALERT_COMMANDS_H
#define ALERT_COMMANDS_H

#include <gnswatch/plugin.h>

extern const struct gw_command alert_commands[];
int alert_test_run(struct gw_plugin *self, struct gw_call *call); /* backtest.c */

#endif
