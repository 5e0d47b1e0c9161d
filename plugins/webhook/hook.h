/* hook.h - one address notifications go to: what is sent there, and what its answers mean. */
#ifndef WEBHOOK_HOOK_H
#define WEBHOOK_HOOK_H

#include "format.h"

#include <gnswatch/http.h>
#include <gnswatch/plugin.h>
#include <sink/sink.h>

enum { HOOK_NAME_BYTES = 60, HOOK_WHY_BYTES = 300 };

struct hook {
    const char *name; /* the options' */
    struct gw_http *http;
    char *path;                     /* owned; may hold a secret: never shown */
    const struct gw_values *values; /* of its entry in `hooks` */
    enum format format;
};

/* Opens what the entry `values` describes. 0, or an error that gw_fail has recorded. */
int hook_init(struct hook *hook, struct gw_plugin *self, const struct gw_values *values);
void hook_fini(struct hook *hook); /* zeroed or half-built is fine */

/* Posts a notification; on_done gets the answer. 0, -EINVAL (it cannot be made into a body: why
 * says it), -EAGAIN (too many requests wait). */
int hook_post(struct hook *hook, struct gw_plugin *self, const char *notification,
              gw_http_done_fn *on_done, void *data, char why[HOOK_WHY_BYTES]);

/* What an answer means for a delivery; `why` is for people ("HTTP 404: no_team"). */
enum sink_outcome hook_judge(const struct gw_http_answer *answer, char why[HOOK_WHY_BYTES]);

/* "sha256=…": HMAC-SHA-256 (RFC 2104) of "TIMESTAMP.BODY". */
enum { HOOK_SIGNATURE_BYTES = 7 + 64 + 1 };
void hook_sign(const char *secret, int64_t timestamp_s, const char *body,
               char out[HOOK_SIGNATURE_BYTES]);

#endif
