/* The parts every subcommand needs that looks at plugins: the nouns and the host. */
#ifndef GW_NOUNS_H
#define GW_NOUNS_H

#include "setup.h"

struct nouns { /* all owned */
    struct bus *bus;
    struct objects *objects;
    struct metric *metric;
    struct commands *commands;
    struct host *host;
};

bool nouns_open(struct nouns *nouns, const struct setup *setup); /* false: said why */
void nouns_close(struct nouns *nouns); /* the host must be stopped, or is stopped here */

#endif
