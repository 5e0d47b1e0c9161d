/* Answers about objects that two sets of routes share, and questions to the store. */
#ifndef GW_API_OBJECT_ROUTES_H
#define GW_API_OBJECT_ROUTES_H

#include "api/request.h"
#include "object/object.h"
#include "store/store.h"

#include "base/map.h" /* hash_bytes */

extern const struct gw_row list_query[], list_answer[], wait_query[];

bool objects_answer_list(struct request *request, const struct gw_kind *kind);
bool objects_answer_one(struct request *request, const struct gw_kind *kind, const char *id);

/* Commands as REST knows them (command_routes.c). */
bool command_answer(struct request *request, const char *name, const char *id);

enum store_ask { STORE_ASK_HISTORY = 1, STORE_ASK_COMMANDS, STORE_ASK_EVENTS };
/* Asks the store and answers later with {"items":…} (store_ask.c). The object's id is the second
 * capture. False, or true when it was answered with an error at once. */
bool answer_from_store(struct request *request, enum store_ask ask, const char *kind, size_t limit,
                       const struct store_events_query *events);

#endif
