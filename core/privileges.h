/* From root to an ordinary user, once what only root may do is done. */
#ifndef GW_PRIVILEGES_H
#define GW_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

struct privileges {
    bool dropping; /* started as root and a user is wanted */
    uid_t uid;
    gid_t gid;
};

/* Looks `user` up (NULL: nobody is wanted). false with a sentence in *why (the caller frees). */
bool privileges_find(struct privileges *privileges, const char *user, char **why);
bool privileges_lend(const struct privileges *privileges);   /* act as the user, may go back */
bool privileges_return(const struct privileges *privileges); /* act as root again */
bool privileges_drop(const struct privileges *privileges);   /* for good */
/* The same for a child made while lent: what it may go back to is given up. */
bool privileges_settle(void);

#endif
