/* What http.c and http_rules.c share. */
#ifndef GW_TESTING_HTTP_RULES_H
#define GW_TESTING_HTTP_RULES_H

#include "testing/inside.h"

struct http_rule {
    struct http_rule *next;
    char *method, *url, *body; /* owned */
    int status;                /* below 0: a negative errno */
    int64_t delay_ms, retry_after_ms;
    int left; /* answers to go; below 0: no end */
};

struct http_record { /* a request that was sent; kept to the end */
    struct http_record *next;
    struct gwt *test;
    char *method, *url, *body; /* owned, all below too */
    size_t body_bytes;
    char **headers; /* ends with NULL */
    size_t header_count;
    struct gwt_request seen; /* points to the above */
};

/* The rule that answers, one time less; NULL: nobody is there. Lives as long as the test. */
struct http_rule *rule_take(struct gwt *test, const char *method, const char *url);
void record_add(struct gwt *test, struct http_record *record); /* takes it */

#endif
