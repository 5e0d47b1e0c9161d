/* accept.h - which of the two formats who asks would rather have (RFC 9110, 12.5.1). */
#ifndef PROMETHEUS_ACCEPT_H
#define PROMETHEUS_ACCEPT_H

enum format { FORMAT_TEXT = 1, FORMAT_OPENMETRICS };

/* By the header Accept; "" is anything. Text for those who want neither: a page is worth more to
 * them than a refusal, and all other exporters do so. */
enum format accept_format(const char *header);

#endif
