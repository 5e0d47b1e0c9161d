/* Several GETs in one request. */
#ifndef GW_API_BATCH_H
#define GW_API_BATCH_H

#include "api/request.h"

enum { BATCH_MAX = 20 };

bool batch_answer(struct request *request);

#endif
