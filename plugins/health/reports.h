/* reports.h - which reports are made when, kept, shown, and sent to whom. */
#ifndef HEALTH_REPORTS_H
#define HEALTH_REPORTS_H

#include "health.h"

enum { REPORTS_KEPT = 100 };

struct reports *reports_new(struct health *health);
int reports_start(struct reports *reports);
void reports_tick(struct reports *reports); /* makes what is due, sends what waits */
void reports_free(struct reports *reports);

int reports_create(struct health *health, struct gw_call *call); /* health.report.create */
int reports_page(struct health *health, struct gw_call *call);

extern const struct gw_row report_option_rows[];
extern const struct gw_row report_fields[];

#endif
