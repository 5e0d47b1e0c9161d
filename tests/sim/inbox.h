/* inbox - where the demo's messages arrive: mail by SMTP, webhooks by POST /inbox on the control
 * port, and a page, /inbox, that shows them. Must not know GNS3. */
#ifndef SIM_INBOX_H
#define SIM_INBOX_H

#include "sim.h"

/* Listens for SMTP on the control port's address; 0 or a negative error of libuv. */
int inbox_listen(struct sim *sim);
void inbox_stop(struct sim *sim);
void inbox_free(struct inbox *inbox);      /* once the loop has ended; NULL is fine */
int inbox_port(const struct inbox *inbox); /* of SMTP; NULL: 0 */

/* GET or POST of /inbox…; false: not a path of the inbox. */
bool inbox_dispatch(struct conn *c);

#endif
