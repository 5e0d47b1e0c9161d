/* report_page.h - a report's document as an HTML page, and as what goes into a mail. */
#ifndef HEALTH_REPORT_PAGE_H
#define HEALTH_REPORT_PAGE_H

#include <jansson.h>

/* `report` is a health.report, `dashboard` the address for links, `zone` as in gw_template_options.
 * The caller frees the text; NULL: no memory. The text is for people whose mail shows
 * no HTML. */
char *report_page(const json_t *report, const char *dashboard, const char *zone);
char *report_mail(const json_t *report, const char *dashboard, const char *zone);
char *report_text(const json_t *report, const char *dashboard, const char *zone);

#endif
