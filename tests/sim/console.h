/* console - the telnet console of a simulated VPCS (only with --console). */
#ifndef SIM_CONSOLE_H
#define SIM_CONSOLE_H

#include "model.h"

/* Opens a listener of its own and writes its port into the node's document. */
void console_attach(struct node *n);
void console_detach(struct node *n);

#endif
