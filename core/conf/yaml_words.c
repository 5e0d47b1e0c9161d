/* A small dictionary. */
#include "conf/yaml_words.h"

#include <string.h>

static const struct {
    const char *theirs, *ours;
} words[] = {
    {"invalid multiline plain key",
     "this value runs into the next line, which looks like 'name: value'; "
     "give both lines the same indentation"},
    {"invalid mapping in plain multiline",
     "this value runs into the next line, which looks like 'name: value'; "
     "give both lines the same indentation"},
    {"invalid value after mapping", "this does not belong here; expected one 'name: value' a line"},
    {"did not find expected key", "expected 'name: value' here"},
    {"could not find expected ':'", "expected 'name: value', and there is no ': ' here"},
    {"invalid nested block mapping on the same line",
     "a second 'name:' on one line; put text that holds ': ' in quotes"},
    {"flow sequence without a closing bracket", "a list opened with '[' is not closed with ']'"},
    {"flow mapping without a closing bracket", "a map opened with '{' is not closed with '}'"},
    {"wrongly indented double-quoted scalar", "text opened with \" here is not closed on its line"},
    {"wrongly indented single-quoted scalar", "text opened with ' here is not closed on its line"},
    {"Max depth (64) exceeded", "nested more than 64 deep"},
};

void yaml_add_words(struct buf *out, const char *message)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(words[i].theirs, message) == 0) {
            buf_adds(out, words[i].ours);
            return;
        }
    }
    const char *start = "plain scalar cannot start with ";
    if (strncmp(message, start, strlen(start)) == 0)
        buf_printf(out, "text that starts with %s must be in quotes", message + strlen(start));
    else
        buf_printf(out, "this is not YAML: %s", message[0] ? message : "it cannot be read");
}
