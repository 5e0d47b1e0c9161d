/* name=value arguments as a JSON object. */
#ifndef GW_CALL_PARAMS_H
#define GW_CALL_PARAMS_H

#include <jansson.h>
#include <stddef.h>

/* `schema` is the command's, a JSON Schema object; NULL: unknown. What it calls a string stays one;
 * other values are read as JSON (true, 12, [1,2], {"a":1}), and as text when they are none.
 * NULL with the bad argument in *bad, which has no '='. The caller owns the object. */
json_t *call_params(const char *const *args, size_t count, const json_t *schema, const char **bad);

#endif
