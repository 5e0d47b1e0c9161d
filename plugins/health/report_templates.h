/* report_templates.h - the words and looks of reports, for gnswatch/template.h. */
#ifndef HEALTH_REPORT_TEMPLATES_H
#define HEALTH_REPORT_TEMPLATES_H

/* Parts to be put one behind the other; each ends with NULL. */
extern const char *const template_page[]; /* a whole page */
extern const char *const template_mail[]; /* a piece of a mail's body: styles are in the tags */
extern const char *const template_text[];

#endif
