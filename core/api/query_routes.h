/* Values of series over time. */
#ifndef GW_API_QUERY_ROUTES_H
#define GW_API_QUERY_ROUTES_H

#include "api/request.h"

enum { QUERY_SERIES_MAX = 50 };

bool query_answer_route(struct request *request);

#endif
