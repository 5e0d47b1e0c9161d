/* Files of the dashboard. Reads whole files from the page cache; must not know who asks. */
#ifndef GW_API_STATIC_H
#define GW_API_STATIC_H

#include "api/request.h"

/* Answers with the file below `web_dir` that `path` names. A path that names neither a file
 * nor a type that is served is a route of the dashboard: index.html. Never leaves `web_dir`. */
bool static_answer(struct request *request, const char *web_dir, const char *path);
const char *static_type(const char *path); /* by extension */

#endif
