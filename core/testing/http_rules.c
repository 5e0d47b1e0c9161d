/* The peers of the plugin's HTTP client: rules that answer, and the requests that came. */
#include "testing/http_rules.h"

#include <stdlib.h>
#include <string.h>

void gwt_http(struct gwt *test, const char *method, const char *url, int status, const char *body,
              int times)
{
    struct http_rule *rule = gwt_need(calloc(1, sizeof(*rule)));
    rule->method = gwt_need(strdup(method));
    rule->url = gwt_need(strdup(url));
    rule->body = gwt_need(strdup(body ? body : ""));
    rule->status = status;
    rule->left = times > 0 ? times : -1;
    rule->next = test->rules; /* the newest is asked first */
    test->rules = rule;
}

static struct http_rule *newest(struct gwt *test)
{
    if (!test->rules)
        gwt_die("there is no rule yet: call gwt_http first");
    return test->rules;
}

void gwt_http_slow(struct gwt *test, int64_t delay_ms)
{
    newest(test)->delay_ms = delay_ms;
}

void gwt_http_retry_after(struct gwt *test, int64_t retry_after_ms)
{
    newest(test)->retry_after_ms = retry_after_ms;
}

struct http_rule *rule_take(struct gwt *test, const char *method, const char *url)
{
    for (struct http_rule *rule = test->rules; rule; rule = rule->next) {
        if (rule->left == 0 || strcmp(rule->method, method) != 0 || !topic_matches(rule->url, url))
            continue;
        if (rule->left > 0)
            rule->left--;
        return rule;
    }
    return NULL;
}

void record_add(struct gwt *test, struct http_record *record)
{
    record->test = test;
    record->seen = (struct gwt_request){.method = record->method,
                                        .url = record->url,
                                        .body = record->body,
                                        .body_bytes = record->body_bytes,
                                        .headers = (const char *const *)record->headers};
    *test->last_record = record;
    test->last_record = &record->next;
}

size_t gwt_requests(struct gwt *test, const char *part_of_url)
{
    size_t count = 0;
    for (const struct http_record *record = test->records; record; record = record->next)
        count += strstr(record->url, part_of_url) != NULL;
    return count;
}

const struct gwt_request *gwt_request(struct gwt *test, const char *part_of_url, int i)
{
    if (i < 0)
        i += (int)gwt_requests(test, part_of_url);
    for (const struct http_record *record = test->records; i >= 0 && record;
         record = record->next) {
        if (strstr(record->url, part_of_url) && i-- == 0)
            return &record->seen;
    }
    return NULL;
}

static void record_free(struct http_record *record)
{
    for (size_t i = 0; i < record->header_count; i++)
        free(record->headers[i]);
    free(record->headers);
    free(record->method);
    free(record->url);
    free(record->body);
    free(record);
}

void http_fini(struct gwt *test)
{
    for (struct http_rule *rule; (rule = test->rules);) {
        test->rules = rule->next;
        free(rule->method);
        free(rule->url);
        free(rule->body);
        free(rule);
    }
    for (struct http_record *record; (record = test->records);) {
        test->records = record->next;
        record_free(record);
    }
}
