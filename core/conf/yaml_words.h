/* libfyaml's words for a syntax error, said so that a person knows what to do. */
#ifndef GW_CONF_YAML_WORDS_H
#define GW_CONF_YAML_WORDS_H

#include "base/buf.h"

/* Unknown messages are passed on as they are. They never hold text of the file beyond a sign. */
void yaml_add_words(struct buf *out, const char *message);

#endif
