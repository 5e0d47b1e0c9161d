/* Topics against patterns: the first line is the pattern. It ends soon, and agrees with the plain
 * definition of "*". */
#include "event/event.h"
#include "fuzz.h"

enum { TEXT_MAX = 64 };

/* The definition, slow and plain. */
static bool matches(const char *pattern, const char *topic)
{
    bool can[TEXT_MAX + 1][TEXT_MAX + 1] = {{false}};
    size_t p = strlen(pattern), t = strlen(topic);
    for (size_t i = p + 1; i-- > 0;) {
        for (size_t j = t + 1; j-- > 0;) {
            if (i == p)
                can[i][j] = j == t;
            else if (pattern[i] == '*')
                can[i][j] = can[i + 1][j] || (j < t && can[i][j + 1]);
            else
                can[i][j] = j < t && pattern[i] == topic[j] && can[i + 1][j + 1];
        }
    }
    return can[0][0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *pattern = fuzz_text(data, size), *topic = strchr(pattern, '\n');
    if (topic) {
        *topic++ = '\0';
        bool said = topic_matches(pattern, topic);
        if (strlen(pattern) <= TEXT_MAX && strlen(topic) <= TEXT_MAX)
            fuzz_check(said == matches(pattern, topic));
    }
    free(pattern);
    return 0;
}
