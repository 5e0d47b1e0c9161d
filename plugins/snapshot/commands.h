/* commands.h - the plugin's commands and kinds: tables and what they do. */
#ifndef SNAPSHOT_COMMANDS_H
#define SNAPSHOT_COMMANDS_H

#include "model.h"

extern const struct gw_command snapshot_commands[];
extern const struct gw_kind snapshot_kinds[];

#endif
