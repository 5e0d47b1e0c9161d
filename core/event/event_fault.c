/* What an event of a plugin may be: everyone who reads the timeline has to bear it. */
#include "event/event.h"

#include <errno.h>
#include <string.h>

enum { EVENT_NAME_MAX = 255, EVENT_TEXT_MAX = 16 << 10, EVENT_DATA_MAX = 256 << 10 };
static const int64_t event_latest_ms = INT64_C(253402300800000); /* the year 10000 */

static bool is_word(const char *topic)
{
    const char *at = topic;
    while (*at > ' ' && *at <= '~')
        at++;
    return *topic && !*at && at - topic <= EVENT_NAME_MAX;
}

/* What only the host can know, and what others act upon. */
static bool is_of_host(const char *topic)
{
    static const char *const heads[] = {"gnswatch.", "object.", "store."};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        if (strncmp(topic, heads[i], strlen(heads[i])) == 0)
            return true;
    return false;
}

static bool is_longer(const char *text, size_t most)
{
    return text && strnlen(text, most + 1) > most;
}

const char *event_fault(const struct gw_event *event, int *error)
{
    *error = -EINVAL;
    if (!is_word(event->topic))
        return "its topic is no word of at most 255 plain characters";
    if (event->time_ms < 0 || event->time_ms >= event_latest_ms)
        return "its time is none in milliseconds";
    *error = -EPERM;
    if (is_of_host(event->topic))
        return "gnswatch.*, object.* and store.* are said by the host alone";
    *error = -EMSGSIZE;
    if (is_longer(event->kind, EVENT_NAME_MAX) || is_longer(event->id, EVENT_NAME_MAX))
        return "its kind or id is longer than 255 bytes";
    if (is_longer(event->text, EVENT_TEXT_MAX))
        return "its text is longer than 16 KiB";
    return is_longer(event->data, EVENT_DATA_MAX) ? "its data is more than 256 KiB" : NULL;
}
