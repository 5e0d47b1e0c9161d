/* webhook - notifications to HTTP addresses: chats, Alertmanager, anything that takes a POST.
 *
 * A notification goes into the queue (sink.h) and from there to its hook. This file is the options,
 * the commands and what is under way; hook.c is one address, format.c what is sent. */
#include "hook.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOOKS_MAX = 100, EVERY_MS = 5000 };

struct webhook {
    struct gw_plugin *self;
    struct sink *sink;
    struct hook *hooks; /* owned */
    size_t count;
    struct delivery *deliveries; /* under way; owned */
};

struct delivery {
    struct delivery *next;
    struct webhook *webhook;
    const struct hook *hook;
    int64_t id;           /* of the queue's item; 0: a test */
    struct gw_call *call; /* of a test */
};

static struct hook *hook_named(struct webhook *webhook, const char *name)
{
    if (!name && webhook->count == 1)
        return &webhook->hooks[0];
    for (size_t i = 0; name && i < webhook->count; i++)
        if (strcmp(webhook->hooks[i].name, name) == 0)
            return &webhook->hooks[i];
    return NULL;
}

/* The item's hook is the lane, which stands before the bar of its key. */
static const char *item_lane(void *data, const struct gw_queue_item *item)
{
    struct webhook *webhook = data;
    if (!item->key)
        return NULL;
    size_t bytes = strcspn(item->key, "|");
    for (size_t i = 0; i < webhook->count; i++)
        if (strlen(webhook->hooks[i].name) == bytes &&
            memcmp(webhook->hooks[i].name, item->key, bytes) == 0)
            return webhook->hooks[i].name;
    return NULL;
}

static json_t *item_describe(void *data, const struct gw_queue_item *item)
{
    (void)data;
    json_t *doc = json_loadb(item->bytes, item->count, 0, NULL);
    json_t *about = json_pack("{s:s%, s:O*}", "hook", item->key ? item->key : "",
                              item->key ? strcspn(item->key, "|") : (size_t)0, "title",
                              json_object_get(doc, "title"));
    json_decref(doc);
    return about;
}

/* ---- Under way ------------------------------------------------------------------------------- */

static struct delivery *delivery_new(struct webhook *webhook, const struct hook *hook)
{
    struct delivery *delivery = calloc(1, sizeof *delivery);
    if (!delivery)
        return NULL;
    *delivery = (struct delivery){.next = webhook->deliveries, .webhook = webhook, .hook = hook};
    webhook->deliveries = delivery;
    return delivery;
}

static void delivery_free(struct delivery *delivery)
{
    struct delivery **at = &delivery->webhook->deliveries;
    while (*at != delivery)
        at = &(*at)->next;
    *at = delivery->next;
    free(delivery);
}

static void on_delivered(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    struct delivery *delivery = data;
    struct webhook *webhook = delivery->webhook;
    int64_t id = delivery->id;
    delivery_free(delivery);
    char why[HOOK_WHY_BYTES] = "";
    enum sink_outcome outcome = hook_judge(answer, why);
    int64_t not_before_ms = answer->retry_after_ms ? gw_now_ms(self) + answer->retry_after_ms : 0;
    sink_outcome(webhook->sink, id, outcome, *why ? why : NULL, not_before_ms);
}

static void item_send(struct sink *sink, const struct gw_queue_item *item, void *data)
{
    struct webhook *webhook = data;
    struct hook *hook = hook_named(webhook, item_lane(webhook, item));
    char why[HOOK_WHY_BYTES] = "out of memory";
    int64_t id = item->id;
    if (!hook) {
        sink_outcome(sink, id, SINK_REFUSED, "there is no hook of this name any more", 0);
        return;
    }
    struct delivery *delivery = delivery_new(webhook, hook);
    char *text = delivery ? strndup(item->bytes, item->count) : NULL;
    int error = -EAGAIN;
    if (text) {
        delivery->id = id;
        error = hook_post(hook, webhook->self, text, on_delivered, delivery, why);
    }
    free(text);
    if (error == 0)
        return;
    if (delivery)
        delivery_free(delivery);
    sink_outcome(sink, id, error == -EINVAL ? SINK_REFUSED : SINK_LATER, why, 0);
}

/* ---- Commands -------------------------------------------------------------------------------- */

static struct hook *call_hook(struct webhook *webhook, struct gw_call *call)
{
    const char *name = gw_string(gw_call_params(call), "hook");
    struct hook *hook = hook_named(webhook, name);
    if (!hook && !name)
        gw_refuse(call, -EINVAL, "say which `hook`: there are %zu", webhook->count);
    else if (!hook)
        gw_refuse(call, -ENOENT, "there is no hook '%s' in conf.d", name);
    return hook;
}

static int webhook_send(struct gw_plugin *self, struct gw_call *call)
{
    struct webhook *webhook = gw_data(self);
    const char *text = gw_string(gw_call_params(call), "notification");
    struct hook *hook = call_hook(webhook, call);
    if (!hook)
        return 0;
    json_t *doc = json_loads(text, 0, NULL);
    const char *id = json_string_value(json_object_get(doc, "id"));
    char key[SINK_KEY_BYTES];
    if (id && *id)
        sink_key(key, hook->name, id, NULL);
    int error = id && *id ? sink_accept(webhook->sink, call, key, text, strlen(text))
                          : gw_refuse(call, -EINVAL, "`notification` must be an object with an id");
    json_decref(doc);
    return error;
}

static void on_tested(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self;
    struct delivery *delivery = data;
    struct gw_call *call = delivery->call;
    const char *name = delivery->hook->name;
    char why[HOOK_WHY_BYTES] = "";
    enum sink_outcome outcome = hook_judge(answer, why);
    if (outcome == SINK_SENT) {
        char reply[128];
        snprintf(reply, sizeof reply, "{\"hook\":\"%s\",\"status\":%d,\"took_ms\":%.0f}", name,
                 answer->status, answer->total_ms);
        gw_reply(call, reply);
    } else {
        gw_refuse(call, -EIO, "hook %s: %s", name, why);
    }
    delivery_free(delivery);
}

static char *test_notification(struct gw_plugin *self)
{
    json_t *doc = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:{}, s:[]}", "id",
                            "", "kind", "test", "receiver", "", "time", (json_int_t)gw_now_ms(self),
                            "status", "firing", "severity", "info", "title", "A test from gnswatch",
                            "text", "If you can read this, notifications arrive here.", "thread",
                            "test", "url", gw_dashboard(self), "group", "alerts");
    char id[48];
    snprintf(id, sizeof id, "test-%lld", (long long)gw_now_ms(self));
    json_object_set_new(doc, "id", json_string(id));
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    json_decref(doc);
    return text;
}

static int webhook_test(struct gw_plugin *self, struct gw_call *call)
{
    struct webhook *webhook = gw_data(self);
    struct hook *hook = call_hook(webhook, call);
    if (!hook)
        return 0;
    struct delivery *delivery = delivery_new(webhook, hook);
    char *text = delivery ? test_notification(self) : NULL;
    char why[HOOK_WHY_BYTES] = "out of memory";
    int error = -ENOMEM;
    if (text) {
        delivery->call = call;
        error = hook_post(hook, self, text, on_tested, delivery, why);
    }
    free(text);
    if (error == 0)
        return 0;
    if (delivery)
        delivery_free(delivery);
    return gw_refuse(call, error, "hook %s: %s", hook->name, why);
}

static int webhook_retry(struct gw_plugin *self, struct gw_call *call)
{
    struct webhook *webhook = gw_data(self);
    return sink_run_retry(webhook->sink, call);
}

static int webhook_delete(struct gw_plugin *self, struct gw_call *call)
{
    struct webhook *webhook = gw_data(self);
    return sink_run_delete(webhook->sink, call);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static int webhook_start(struct gw_plugin *self, void **data)
{
    const struct gw_values *options = gw_options(self);
    struct webhook *webhook = calloc(1, sizeof *webhook);
    if (!webhook || sodium_init() < 0) {
        free(webhook);
        return -ENOMEM;
    }
    *data = webhook;
    webhook->self = self;
    size_t count = gw_count(options, "hooks");
    webhook->hooks = calloc(count ? count : 1, sizeof *webhook->hooks);
    if (!webhook->hooks)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        webhook->count = i + 1;
        int error = hook_init(&webhook->hooks[i], self, gw_table_at(options, "hooks", i));
        if (error)
            return error;
    }
    struct sink_options sink = {.plugin = "webhook",
                                .queue = "deliveries",
                                .kind = "webhook.delivery",
                                .noun = "delivery",
                                .items_max = gw_int(options, "queue_max"),
                                .bytes_max = gw_int(options, "queue_bytes"),
                                .tries_max = (unsigned)gw_int(options, "tries"),
                                .retry_longest_ms = gw_int(options, "retry_longest"),
                                .age_max_ms = gw_int(options, "age_max"),
                                .per_minute = gw_number(options, "per_minute"),
                                .burst = 10,
                                .send = item_send,
                                .lane = item_lane,
                                .describe = item_describe,
                                .data = webhook};
    webhook->sink = sink_new(self, &sink);
    return webhook->sink ? 0 : -EIO;
}

static int webhook_tick(struct gw_plugin *self, void *data)
{
    (void)self;
    struct webhook *webhook = data;
    sink_tick(webhook->sink);
    return 0;
}

static void webhook_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct webhook *webhook = data;
    if (!webhook)
        return;
    for (size_t i = 0; i < webhook->count; i++)
        hook_fini(&webhook->hooks[i]);
    while (webhook->deliveries) {
        struct delivery *next = webhook->deliveries->next;
        free(webhook->deliveries);
        webhook->deliveries = next;
    }
    sink_free(webhook->sink);
    free(webhook->hooks);
    free(webhook);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static const struct gw_row hook_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = HOOK_NAME_BYTES,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .help = "What receivers call it"},
    {.name = "url",
     .type = GW_SECRET,
     .help = "Where to; it is shown nowhere, since addresses of chats are secrets themselves"},
    {.name = "format",
     .type = GW_ENUM,
     .choices = FORMAT_NAMES,
     .def = "json",
     .help = "What is sent: the notification as JSON, or as Slack, Teams or Alertmanager take it"},
    {.name = "template",
     .type = GW_STRING,
     .max = 65536,
     .help = "format: template: the body, with {{title}}, {{#alerts}}{{summary}}{{/alerts}} …"},
    {.name = "method",
     .type = GW_ENUM,
     .choices = "POST|PUT",
     .def = "POST",
     .help = "HTTP method"},
    {.name = "content_type",
     .type = GW_STRING,
     .def = "application/json",
     .min = 3,
     .max = 200,
     .help = "Type of the body"},
    {.name = "headers",
     .type = GW_STRINGS,
     .max = 20,
     .help = "Further headers, as Name: value; not for secrets"},
    {.name = "token", .type = GW_SECRET, .help = "Sent as Authorization: Bearer"},
    {.name = "user", .type = GW_STRING, .help = "For HTTP basic authentication"},
    {.name = "password", .type = GW_SECRET, .help = "Of this user"},
    {.name = "secret",
     .type = GW_SECRET,
     .help = "Key for X-Gnswatch-Signature: HMAC-SHA-256 of the time stamp, a dot and the body"},
    {.name = "ca_file", .type = GW_STRING, .help = "PEM of a certificate authority of your own"},
    {.name = "insecure",
     .type = GW_BOOL,
     .def = "no",
     .help = "Do not check who answers by TLS: only for trying out"},
    {.name = "timeout",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "10s",
     .min = 1000,
     .max = 120000,
     .help = "Of one try"},
    {.name = "hold",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "24h",
     .min = 60000,
     .max = 2592000000,
     .help =
         "format: alertmanager: a firing alert it hears nothing more of ends after this; longer "
         "than repeat_interval"},
    {0},
};

static const struct gw_row options[] = {
    {.name = "hooks",
     .type = GW_TABLES,
     .max = HOOKS_MAX,
     .rows = hook_rows,
     .help = "The addresses"},
    {.name = "tries",
     .type = GW_INT,
     .def = "12",
     .min = 1,
     .max = 1000,
     .help = "How often a delivery that is refused for now is tried; an address that is away costs "
             "no try"},
    {.name = "retry_longest",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "15m",
     .min = 1000,
     .max = 86400000,
     .help = "The longest pause between two tries; pauses double, with full jitter"},
    {.name = "age_max",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "3d",
     .min = 60000,
     .max = 2592000000,
     .help = "What could not be delivered for so long is given up and kept as dead"},
    {.name = "per_minute",
     .type = GW_NUMBER,
     .def = "60",
     .min = 0.1,
     .max = 60000,
     .help = "Deliveries a minute to one hook, after ten at once"},
    {.name = "queue_max",
     .type = GW_INT,
     .def = "10000",
     .min = 10,
     .max = 1000000,
     .help = "Deliveries that may wait; more are refused and stay with who sent them"},
    {.name = "queue_bytes",
     .type = GW_SIZE,
     .unit = "By",
     .def = "64MiB",
     .min = 1048576,
     .max = 10737418240,
     .help = "Their size on disk"},
    {0},
};

static const struct gw_row delivery_fields[] = {
    {.name = "hook", .type = GW_STRING, .help = "Where to"},
    {.name = "title", .type = GW_STRING, .help = "Title of the notification"},
    {.name = "state", .type = GW_ENUM, .choices = "waiting|dead", .help = "dead: it was given up"},
    {.name = "tries", .type = GW_INT, .help = "How often it was tried"},
    {.name = "why", .type = GW_STRING, .help = "How the last try went; null: there was none"},
    {.name = "put", .type = GW_TIME, .unit = "ms", .help = "When it came"},
    {.name = "due", .type = GW_TIME, .unit = "ms", .help = "When it is tried next"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"webhook.delivery", "deliveries", "A notification that waits for its hook or was given up",
     delivery_fields},
    {0},
};

static const struct gw_row send_params[] = {
    {.name = "hook", .type = GW_STRING, .help = "Which one; may be left out when there is one"},
    {.name = "notification",
     .type = GW_JSON,
     .flags = GW_REQUIRED,
     .help = "What to say (plugins/alert/README.md)"},
    {0},
};

static const struct gw_row test_params[] = {
    {.name = "hook", .type = GW_STRING, .help = "Which one; may be left out when there is one"},
    {0},
};

static const struct gw_row test_result[] = {
    {.name = "hook", .type = GW_STRING, .help = "Which one"},
    {.name = "status", .type = GW_INT, .help = "HTTP status of its answer"},
    {.name = "took_ms", .type = GW_NUMBER, .unit = "ms", .help = "Until it answered"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "webhook.send",
     .help = "Sends a notification; answers when it is on disk",
     .role = GW_OPERATOR,
     .params = send_params,
     .result = sink_accept_rows,
     .run = webhook_send},
    {.name = "webhook.test",
     .help = "Sends a test to a hook now and says what it answers",
     .role = GW_OPERATOR,
     .params = test_params,
     .result = test_result,
     .run = webhook_test,
     .deadline_ms = 130000},
    {.name = "webhook.delivery.retry",
     .help = "Tries a delivery again now, also one that was given up",
     .role = GW_OPERATOR,
     .params = sink_id_rows,
     .run = webhook_retry},
    {.name = "webhook.delivery.delete",
     .help = "Forgets a delivery",
     .role = GW_ADMIN,
     .params = sink_id_rows,
     .run = webhook_delete},
    {0},
};

GW_PLUGIN(.name = "webhook", .version = "0.1.0",
          .summary = "Notifications to HTTP addresses: Slack, Teams, Alertmanager, any",
          .options = options, .kinds = kinds, .commands = commands, .every_ms = EVERY_MS,
          .start = webhook_start, .tick = webhook_tick, .stop = webhook_stop);
