/* Field tables shared by the series of a measurement. Under the registry's lock. */
#ifndef GW_METRIC_SCHEMA_H
#define GW_METRIC_SCHEMA_H

#include "metric/registry.h"

/* The schema in the list, added when it is new; NULL: no memory. */
const struct schema *schema_for(struct schema **list, const char *measurement,
                                const struct gw_field *fields, size_t count);
void schemas_free(struct schema *list);

#endif
