/* ledger.h - the topics on which the broker keeps a message of ours, on disk: what goes while the
 * broker or we are away is removed there later. A file of lines "+topic" and "-topic", written
 * anew at the start. Knows nothing of what is said on them. */
#ifndef MQTT_LEDGER_H
#define MQTT_LEDGER_H

#include <stdbool.h>

struct ledger;

/* Calls `visit` with each topic of the last run. NULL: the file cannot be opened (errno). */
struct ledger *ledger_open(const char *folder, void (*visit)(void *data, const char *topic),
                           void *data);
/* With the system when it returns: before a topic is published, and after it was removed. */
int ledger_note(struct ledger *ledger, const char *topic, bool there);
void ledger_close(struct ledger *ledger); /* NULL is fine */

#endif
