/* Effective and saved ids; see credentials(7). The C library changes all threads at once. */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool privileges_find(struct privileges *privileges, const char *user, char **why)
{
    *privileges = (struct privileges){0};
    *why = NULL;
    if (!user || !*user || geteuid() != 0)
        return true;
    struct passwd entry, *found = NULL;
    char texts[4096];
    if (getpwnam_r(user, &entry, texts, sizeof(texts), &found) || !found) {
        if (asprintf(why, "gnswatch.yaml: user: there is no user '%s' on this machine", user) < 0)
            *why = NULL;
        return false;
    }
    *privileges = (struct privileges){true, entry.pw_uid, entry.pw_gid};
    if (initgroups(user, entry.pw_gid) == 0)
        return true;
    if (asprintf(why, "cannot take the groups of '%s': %s", user, strerror(errno)) < 0)
        *why = NULL;
    return false;
}

bool privileges_lend(const struct privileges *privileges)
{
    return !privileges->dropping ||
           (setegid(privileges->gid) == 0 && seteuid(privileges->uid) == 0);
}

bool privileges_return(const struct privileges *privileges)
{
    return !privileges->dropping || (seteuid(0) == 0 && setegid(0) == 0);
}

bool privileges_drop(const struct privileges *privileges)
{
    return !privileges->dropping ||
           (setresgid(privileges->gid, privileges->gid, privileges->gid) == 0 &&
            setresuid(privileges->uid, privileges->uid, privileges->uid) == 0);
}

bool privileges_settle(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (getuid() != 0 || uid == 0)
        return true;
    /* As root once more: only it may set the group ids it has lent away. */
    return seteuid(0) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}
