/* Letters: what the queue holds, how it becomes a mail, and what the server's words mean for it. */
#include "email.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a job for letters of the queue is about. */
struct bundle {
    struct address to[EMAIL_TO_MAX];
    size_t to_count;
    int64_t ids[EMAIL_DIGEST_MAX]; /* of the queue */
    json_t *notifications[EMAIL_DIGEST_MAX];
    size_t count;
};

static void bundle_free(void *owner)
{
    struct bundle *bundle = owner;
    for (size_t i = 0; i < bundle->count; i++)
        json_decref(bundle->notifications[i]);
    free(bundle);
}

/* ---- Items ---- */

char *letter_pack(const struct address *to, size_t count, const json_t *notification)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const char *name = to[i].name, *mailbox = to[i].mailbox;
        json_array_append_new(list, *name ? json_sprintf("%s <%s>", name, mailbox)
                                          : json_string(mailbox));
    }
    json_t *item = json_pack("{s:o, s:O}", "to", list, "notification", notification);
    char *text = item ? json_dumps(item, JSON_COMPACT) : NULL;
    json_decref(item);
    return text;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The recipients' part comes first, so that letters for the same people have the same begin. */
void letter_key(char key[SINK_KEY_BYTES], const struct address *to, size_t count, const char *id)
{
    const char *sorted[EMAIL_TO_MAX] = {NULL};
    char *joined = NULL, people[SINK_KEY_BYTES];
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = to[i].mailbox;
    qsort(sorted, count, sizeof *sorted, by_text);
    FILE *out = open_memstream(&joined, &bytes);
    for (size_t i = 0; out && i < count; i++)
        fprintf(out, "%s\n", sorted[i]);
    if (out)
        fclose(out);
    sink_key(people, NULL, joined ? joined : "", NULL);
    sink_key(key, people, id, joined);
    free(joined);
}

static size_t read_recipients(const json_t *list, struct address *to)
{
    size_t count = 0;
    const char *why;
    for (size_t i = 0; i < json_array_size(list) && count < EMAIL_TO_MAX; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text && !address_read(text, &to[count], &why))
            count++;
    }
    return count;
}

static int bundle_add(struct bundle *bundle, const struct gw_queue_item *item)
{
    json_t *letter = json_loadb(item->bytes, item->count, 0, NULL);
    json_t *notification = json_incref(json_object_get(letter, "notification"));
    if (!bundle->count)
        bundle->to_count = read_recipients(json_object_get(letter, "to"), bundle->to);
    json_decref(letter);
    if (!json_is_object(notification) || !bundle->to_count) {
        json_decref(notification);
        return -EINVAL;
    }
    bundle->ids[bundle->count] = item->id;
    bundle->notifications[bundle->count++] = notification;
    return 0;
}

json_t *letter_describe(void *data, const struct gw_queue_item *item)
{
    (void)data;
    json_t *letter = json_loadb(item->bytes, item->count, 0, NULL);
    json_t *to = json_object_get(letter, "to");
    json_t *title = json_object_get(json_object_get(letter, "notification"), "title");
    json_t *out = json_pack("{s:O*, s:O*}", "to", to, "subject", title);
    json_decref(letter);
    return out;
}

/* ---- Sending ---- */

static void all_fare(struct email *email, const struct bundle *bundle, enum sink_outcome outcome,
                     const char *why)
{
    for (size_t i = 0; i < bundle->count; i++)
        sink_outcome(email->sink, bundle->ids[i], outcome, why, 0);
}

static void give_to_worker(struct email *email, struct job *job)
{
    if (!worker_take(email->worker, job))
        return;
    all_fare(email, job->owner, SINK_AGAIN, NULL);
    job_free(job);
}

static bool same_people(const char *a, const char *b)
{
    size_t length = strcspn(a, "|");
    return !strncmp(a, b, length + 1);
}

/* A pile for the same people becomes one mail: after an outage, or behind the rate limit. */
static void gather_pile(struct email *email, struct bundle *bundle, const char *key)
{
    struct gw_queue_item item;
    int64_t ids[EMAIL_DIGEST_MAX], after = 0;
    size_t count = 0;
    for (int seen = 0;
         seen < 500 && count < EMAIL_DIGEST_MAX - 1 && !sink_more(email->sink, after, &item);
         seen++) {
        after = item.id;
        if (item.key && same_people(key, item.key))
            ids[count++] = item.id;
    }
    if (count + 1 < email->digest)
        return;
    for (size_t i = 0; i < count; i++)
        if (!sink_more(email->sink, ids[i] - 1, &item) && item.id == ids[i] &&
            !bundle_add(bundle, &item) && sink_take(email->sink, &item))
            json_decref(bundle->notifications[--bundle->count]);
}

void letter_send(struct sink *sink, const struct gw_queue_item *item, void *data)
{
    struct email *email = data;
    struct bundle *bundle = calloc(1, sizeof *bundle);
    int64_t id = item->id;
    if (!bundle || bundle_add(bundle, item)) {
        sink_outcome(sink, id, bundle ? SINK_REFUSED : SINK_AGAIN,
                     "what is in the queue is no letter", 0);
        free(bundle);
        return;
    }
    char key[SINK_KEY_BYTES];
    snprintf(key, sizeof key, "%s", item->key ? item->key : "");
    if (email->digest && *key)
        gather_pile(email, bundle, key);
    const json_t *const *notifications = (const json_t *const *)bundle->notifications;
    struct job *job = job_new(email, bundle->to, bundle->to_count, notifications, bundle->count);
    if (!job) {
        all_fare(email, bundle, SINK_AGAIN, NULL);
        bundle_free(bundle);
        return;
    }
    job->owner = bundle;
    job->owner_free = bundle_free;
    history_fill(email, job, notifications, bundle->count, give_to_worker);
}

/* ---- What the server said ---- */

static enum sink_outcome outcome_of(enum submit_verdict verdict)
{
    static const enum sink_outcome outcomes[] = {[SUBMIT_ACCEPTED] = SINK_SENT,
                                                 [SUBMIT_LATER] = SINK_LATER,
                                                 [SUBMIT_NEVER] = SINK_REFUSED,
                                                 [SUBMIT_AWAY] = SINK_AWAY};
    return outcomes[verdict];
}

/* Who was accepted, or never named, fares as the mail does. */
static enum submit_verdict verdict_for(const struct job *job, size_t i)
{
    enum submit_verdict own = job->each ? job->each[i].verdict : 0;
    return own && own != SUBMIT_ACCEPTED ? own : job->result.verdict;
}

static const char *words_for(const struct job *job, size_t i)
{
    bool own = job->each && job->each[i].verdict && job->each[i].verdict != SUBMIT_ACCEPTED;
    return own ? job->each[i].words : job->result.words;
}

static bool all_alike(const struct job *job)
{
    for (size_t i = 1; i < job->to_count; i++)
        if (verdict_for(job, i) != verdict_for(job, 0))
            return false;
    return true;
}

/* The recipients of one verdict go on as a letter of their own. */
static int part(struct email *email, const struct job *job, const struct bundle *bundle, size_t at,
                enum submit_verdict verdict)
{
    struct address to[EMAIL_TO_MAX];
    size_t count = 0;
    const char *why = "";
    for (size_t i = 0; i < job->to_count; i++)
        if (verdict_for(job, i) == verdict) {
            to[count++] = job->to[i];
            why = words_for(job, i);
        }
    if (!count)
        return 0;
    const json_t *notification = bundle->notifications[at];
    const char *id = json_string_value(json_object_get(notification, "id"));
    char key[SINK_KEY_BYTES], words[ADDRESS_BYTES + SUBMIT_WORDS_BYTES + 4];
    letter_key(key, to, count, id ? id : "");
    snprintf(words, sizeof words, "%s: %s", to[0].mailbox, why);
    char *text = letter_pack(to, count, notification);
    int error = text ? sink_split(email->sink, bundle->ids[at], key, text, strlen(text),
                                  verdict == SUBMIT_NEVER ? SINK_REFUSED : SINK_LATER, words)
                     : -ENOMEM;
    free(text);
    return error;
}

static void split_up(struct email *email, const struct job *job, const struct bundle *bundle)
{
    bool any = false;
    for (size_t i = 0; i < job->to_count; i++)
        any = any || verdict_for(job, i) == SUBMIT_ACCEPTED;
    for (size_t i = 0; i < bundle->count; i++) {
        int error = part(email, job, bundle, i, SUBMIT_NEVER);
        error = error ? error : part(email, job, bundle, i, SUBMIT_LATER);
        error = error ? error : part(email, job, bundle, i, SUBMIT_AWAY);
        if (error) /* nobody may be forgotten; who has it already can see that by its Message-ID */
            sink_outcome(email->sink, bundle->ids[i], SINK_LATER, job->result.words, 0);
        else
            sink_outcome(email->sink, bundle->ids[i], any ? SINK_SENT : SINK_SPLIT, NULL, 0);
    }
}

static void report(struct email *email, const struct job *job)
{
    if (job->pictures_failed)
        gw_log(email->self, GW_INFO, "%zu pictures of a mail could not be made",
               job->pictures_failed);
    if (job->result.verdict == SUBMIT_AWAY)
        gw_fail(email->self, -EIO, "%s: %s", email->where, job->result.words);
}

void letter_done(struct gw_plugin *self, struct job *job, void *data)
{
    (void)self;
    struct email *email = data;
    if (job->call) {
        email_test_done(email, job);
        return;
    }
    const struct bundle *bundle = job->owner;
    report(email, job);
    if (all_alike(job))
        all_fare(email, bundle, outcome_of(verdict_for(job, 0)), words_for(job, 0));
    else
        split_up(email, job, bundle);
    job_free(job);
}
