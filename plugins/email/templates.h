/* templates.h - the two faces of a mail, for gnswatch/template.h. */
#ifndef EMAIL_TEMPLATES_H
#define EMAIL_TEMPLATES_H

extern const char template_text[], template_html[];

#endif
