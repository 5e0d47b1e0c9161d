/* What can be asked for: a notification as mail, a test, letters again or away. */
#include "email.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `to` of the call, else of the file. 0, or the call is refused. */
static int read_to(struct email *email, struct gw_call *call, struct address *to, size_t *count)
{
    const struct gw_values *from = gw_call_params(call);
    if (!gw_count(from, "to"))
        from = gw_options(email->self);
    size_t given = gw_count(from, "to");
    *count = 0;
    if (!given || given > EMAIL_TO_MAX) {
        gw_refuse(call, -EINVAL,
                  given ? "to: at most %d addresses"
                        : "to: no address is given, and the file has no `to` either (most: %d)",
                  EMAIL_TO_MAX);
        return -EINVAL;
    }
    for (size_t i = 0; i < given; i++) {
        const char *why;
        if (!address_read(gw_string_at(from, "to", i), &to[*count], &why)) {
            (*count)++;
            continue;
        }
        gw_refuse(call, -EINVAL, "to: '%.100s' is no mail address: %s", gw_string_at(from, "to", i),
                  why);
        return -EINVAL;
    }
    return 0;
}

static int email_send(struct gw_plugin *self, struct gw_call *call)
{
    struct email *email = gw_data(self);
    struct address to[EMAIL_TO_MAX];
    size_t count;
    json_t *notification = json_loads(gw_string(gw_call_params(call), "notification"), 0, NULL);
    const char *id = json_string_value(json_object_get(notification, "id"));
    if (!id) {
        json_decref(notification);
        gw_refuse(call, -EINVAL, "notification: an object with an id (see the README of alert)");
        return 0;
    }
    if (!read_to(email, call, to, &count)) {
        char key[SINK_KEY_BYTES];
        letter_key(key, to, count, id);
        char *text = letter_pack(to, count, notification);
        if (text)
            sink_accept(email->sink, call, key, text, strlen(text));
        else
            gw_refuse(call, -ENOMEM, "no memory");
        free(text);
    }
    json_decref(notification);
    return 0;
}

/* ---- A test goes past the queue, so that who asks hears what the server says ---- */

static json_t *test_notification(struct gw_plugin *self)
{
    int64_t now_ms = gw_now_ms(self);
    return json_pack(
        "{s:o, s:s, s:I, s:s, s:s, s:s, s:s, s:s}", "id",
        json_sprintf("test-%lld-%lld", (long long)now_ms, (long long)gw_monotonic_ms(self)), "kind",
        "test", "time", (json_int_t)now_ms, "status", "firing", "severity", "info", "title",
        "Test of gnswatch's mail", "text",
        "This mail was asked for by a person. Whoever reads it is reached.", "url",
        gw_dashboard(self));
}

static int email_test(struct gw_plugin *self, struct gw_call *call)
{
    struct email *email = gw_data(self);
    struct address to[EMAIL_TO_MAX];
    size_t count;
    if (read_to(email, call, to, &count))
        return 0;
    json_t *notification = test_notification(self);
    const json_t *list[] = {notification};
    struct job *job = notification ? job_new(email, to, count, list, 1) : NULL;
    json_decref(notification);
    if (!job)
        return -ENOMEM;
    job->call = call;
    if (!worker_take(email->worker, job))
        return 0;
    job_free(job);
    gw_refuse(call, -EBUSY, "too many mails are being sent just now; ask again in a while");
    return 0;
}

static json_t *refused_of(const struct job *job)
{
    json_t *refused = json_array();
    for (size_t i = 0; job->each && i < job->to_count; i++)
        if (job->each[i].verdict && job->each[i].verdict != SUBMIT_ACCEPTED)
            json_array_append_new(refused, json_pack("{s:s, s:s}", "to", job->to[i].mailbox,
                                                     "words", job->each[i].words));
    return refused;
}

void email_test_done(struct email *email, struct job *job)
{
    if (job->result.verdict == SUBMIT_ACCEPTED) {
        json_t *answer = json_pack("{s:s, s:s, s:o}", "server", email->where, "words",
                                   job->result.words, "refused", refused_of(job));
        char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
        gw_reply(job->call, text ? text : "{}");
        free(text);
        json_decref(answer);
    } else {
        gw_refuse(job->call, -EIO, "%s: %s", email->where, job->result.words);
    }
    job_free(job);
}

static int email_retry(struct gw_plugin *self, struct gw_call *call)
{
    struct email *email = gw_data(self);
    return sink_run_retry(email->sink, call);
}

static int email_delete(struct gw_plugin *self, struct gw_call *call)
{
    struct email *email = gw_data(self);
    return sink_run_delete(email->sink, call);
}

/* ---- Tables ---- */

static const struct gw_row send_rows[] = {
    {.name = "to",
     .type = GW_STRINGS,
     .max = EMAIL_TO_MAX,
     .help = "Addresses; without them those of the file"},
    {.name = "notification",
     .type = GW_JSON,
     .flags = GW_REQUIRED,
     .help = "What to say, as the alert plugin describes it"},
    {0},
};

static const struct gw_row test_rows[] = {
    {.name = "to",
     .type = GW_STRINGS,
     .max = EMAIL_TO_MAX,
     .help = "Addresses; without them those of the file"},
    {0},
};

static const struct gw_row test_result[] = {
    {.name = "server", .type = GW_STRING, .help = "Who took it"},
    {.name = "words", .type = GW_STRING, .help = "What the server said"},
    {.name = "refused", .type = GW_JSON, .help = "Recipients it did not take, each with its words"},
    {0},
};

const struct gw_command email_commands[] = {
    {.name = "email.send",
     .help = "Takes a notification to be delivered as mail; answers when it is on disk",
     .role = GW_OPERATOR,
     .params = send_rows,
     .result = sink_accept_rows,
     .run = email_send},
    {.name = "email.test",
     .help = "Sends one mail at once and tells what the server said",
     .role = GW_OPERATOR,
     .params = test_rows,
     .result = test_result,
     .run = email_test,
     .deadline_ms = 180000},
    {.name = "email.letter.retry",
     .help = "Tries a letter that waits or died at once",
     .role = GW_OPERATOR,
     .params = sink_id_rows,
     .run = email_retry},
    {.name = "email.letter.delete",
     .help = "Throws a letter away that waits or died",
     .role = GW_ADMIN,
     .params = sink_id_rows,
     .run = email_delete},
    {0},
};

static const struct gw_row letter_rows[] = {
    {.name = "to", .type = GW_STRINGS, .help = "Its recipients"},
    {.name = "subject", .type = GW_STRING, .help = "The title of its notification"},
    {.name = "state",
     .type = GW_ENUM,
     .choices = "waiting|dead",
     .help = "Whether it will be tried again"},
    {.name = "tries", .type = GW_INT, .help = "How often the server refused it for the moment"},
    {.name = "why", .type = GW_STRING, .help = "What went wrong the last time"},
    {.name = "put", .type = GW_TIME, .help = "When it was taken"},
    {.name = "due", .type = GW_TIME, .help = "When it is tried again"},
    {0},
};

const struct gw_kind email_kinds[] = {
    {.name = "email.letter",
     .plural = "letters",
     .help = "Letters that wait for the server, or that it refused",
     .fields = letter_rows},
    {0},
};
