/* Member by member as written, with null for what one side lacks: no trees are built, for this is
 * done for every change of every object. */
#include "store/changed.h"

#include "base/json_scan.h"

#include <stdint.h>
#include <string.h>

char *changed_members(const char *before, const char *after)
{
    if (!before || !after)
        return strdup("{}");
    struct buf members;
    buf_init(&members, SIZE_MAX / 2); /* bounded by two documents */
    json_changed(before, after, &members);
    char *text = buf_take(&members);
    buf_fini(&members);
    return text;
}
