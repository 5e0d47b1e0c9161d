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
    {"missing comma in flow sequence", "expected ',' or, at the end of the list, ']'"},
    {"missing comma in flow mapping", "expected ',' or, at the end of the map, '}'"},
    {"block sequence on the same line as a mapping key",
     "a list begins on the line of its name; put '- ' on the next line"},
    {"did not find expected '-' indicator",
     "expected '- ' here, as the lines above are entries of a list"},
    {"double-quoted scalar without closing quote", "text opened with \" here is never closed"},
    {"single-quoted scalar without closing quote", "text opened with ' here is never closed"},
    {"did not find expected node content", "expected a value here"},
    {"cannot use tab for indentation of block entry",
     "a tab in the indentation; YAML indents with spaces only"},
    {"invalid alias detected", "text that starts with * must be in quotes"},
    {"Max depth (64) exceeded", "nested more than 64 deep"},
};

/* Messages that go on with text of the file, which may be a secret: none of it is passed on. */
static const struct {
    const char *theirs, *ours;
} beginnings[] = {
    {"Missing tag directive",
     "a tag (!name), which is not read here; put text that starts with ! in quotes"},
    {"invalid escape", "a '\\' in double quotes that YAML does not know; use single quotes"},
    {"invalid trailing content after", "there is more text behind the closing quote"},
};

void yaml_add_words(struct buf *out, const char *message)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(words[i].theirs, message) == 0) {
            buf_adds(out, words[i].ours);
            return;
        }
    }
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
        if (strncmp(message, beginnings[i].theirs, strlen(beginnings[i].theirs)) == 0) {
            buf_adds(out, beginnings[i].ours);
            return;
        }
    }
    const char *start = "plain scalar cannot start with ";
    if (strncmp(message, start, strlen(start)) == 0) /* goes on with a sign of YAML's */
        buf_printf(out, "text that starts with %.3s must be in quotes", message + strlen(start));
    else
        buf_printf(out, "this is not YAML: %s", message[0] ? message : "it cannot be read");
}
