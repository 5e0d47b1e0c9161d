/* alerts.c - see alerts.h. Alerts that are about a score are left out: a score must not be low
 * because it is low. */
#include "alerts.h"

#include <jansson.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alert {
    TAILQ_ENTRY(alert) entry;
    char *id, *subject, *summary; /* owned; subject: "kind/id" */
    struct thing *thing;          /* NULL: its subject is not known */
    double badness;
};

struct alerts {
    struct lab *lab;
    void *by_id; /* tree of tsearch */
    TAILQ_HEAD(, alert) homeless;
    bool there;
};

static int by_id(const void *a, const void *b)
{
    const struct alert *x = a, *y = b;
    return strcmp(x->id, y->id);
}

static struct alert *alert_find(const struct alerts *alerts, const char *id)
{
    union {
        const char *in;
        char *out;
    } borrowed = {.in = id};
    struct alert wanted = {.id = borrowed.out};
    void *const *found = tfind(&wanted, &alerts->by_id, by_id);
    return found ? *found : NULL;
}

static void alert_unhook(struct alerts *alerts, struct alert *alert)
{
    if (alert->thing) {
        TAILQ_REMOVE(&alert->thing->alerts, alert, entry);
        thing_dirty(alerts->lab, alert->thing);
    } else {
        TAILQ_REMOVE(&alerts->homeless, alert, entry);
    }
    alert->thing = NULL;
}

static void alert_hook(struct alerts *alerts, struct alert *alert)
{
    alert->thing = lab_find_key(alerts->lab, alert->subject);
    if (alert->thing) {
        TAILQ_INSERT_TAIL(&alert->thing->alerts, alert, entry);
        thing_dirty(alerts->lab, alert->thing);
    } else {
        TAILQ_INSERT_TAIL(&alerts->homeless, alert, entry);
    }
}

static void alert_free(struct alert *alert)
{
    if (!alert)
        return;
    free(alert->id);
    free(alert->subject);
    free(alert->summary);
    free(alert);
}

static void alert_drop(struct alerts *alerts, const char *id)
{
    struct alert *alert = alert_find(alerts, id);
    if (!alert)
        return;
    alert_unhook(alerts, alert);
    tdelete(alert, &alerts->by_id, by_id);
    alert_free(alert);
}

static struct alert *alert_add(struct alerts *alerts, const char *id, const char *subject)
{
    struct alert *alert = calloc(1, sizeof *alert);
    if (!alert)
        return NULL;
    alert->id = strdup(id);
    alert->subject = strdup(subject);
    if (!alert->id || !alert->subject || !tsearch(alert, &alerts->by_id, by_id)) {
        alert_free(alert);
        return NULL;
    }
    alert_hook(alerts, alert);
    return alert;
}

/* ---- Documents ------------------------------------------------------------------------------- */

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

static bool is_open(const json_t *doc)
{
    const json_t *silenced = json_object_get(doc, "silenced_by");
    const json_t *inhibited = json_object_get(doc, "inhibited_by");
    const json_t *window = json_object_get(doc, "window");
    return strcmp(text_of(doc, "state"), "firing") == 0 && json_array_size(silenced) == 0 &&
           !json_is_string(inhibited) && !json_is_string(window);
}

static double badness_of(const json_t *doc)
{
    const char *severity = text_of(doc, "severity");
    double badness = strcmp(severity, "critical") == 0  ? 1
                     : strcmp(severity, "warning") == 0 ? 0.5
                                                        : 0.25;
    return json_is_object(json_object_get(doc, "acknowledged")) ? badness / 2 : badness;
}

/* Objects of traffic have the ids of GNS3's. */
static bool subject_of(const json_t *doc, char *out, size_t bytes)
{
    const json_t *subject = json_object_get(doc, "subject");
    const char *kind = text_of(subject, "kind"), *id = text_of(subject, "id");
    if (strcmp(kind, "traffic.link") == 0)
        kind = "gns3.link";
    if (strcmp(kind, "traffic.project") == 0)
        kind = "gns3.project";
    snprintf(out, bytes, "%s/%s", kind, id);
    const char *key = text_of(json_object_get(doc, "series"), "key");
    return *id && thing_kind_of(kind) && strncmp(key, "health.", 7) != 0;
}

static void take_alert(struct alerts *alerts, const char *id, const json_t *doc)
{
    char subject[320];
    alerts->there = true;
    if (!is_open(doc) || !subject_of(doc, subject, sizeof subject)) {
        alert_drop(alerts, id);
        return;
    }
    struct alert *alert = alert_find(alerts, id);
    if (alert && strcmp(alert->subject, subject) != 0) {
        alert_drop(alerts, id);
        alert = NULL;
    }
    if (!alert && !(alert = alert_add(alerts, id, subject)))
        return;
    alert->badness = badness_of(doc);
    const char *summary = text_of(doc, "summary");
    keep_text(&alert->summary, *summary ? summary : text_of(doc, "rule"));
    if (alert->thing)
        thing_dirty(alerts->lab, alert->thing);
}

static void take_link(struct alerts *alerts, const char *id, const json_t *doc)
{
    struct thing *thing = lab_find(alerts->lab, "gns3.link", id);
    if (!thing)
        return;
    const char *fault = json_string_value(json_object_get(doc, "fault"));
    const char *status = text_of(doc, "status");
    thing->watched = strcmp(status, "active") == 0 || strcmp(status, "idle") == 0;
    keep_text(&thing->why, fault);
    thing_dirty(alerts->lab, thing);
}

bool alerts_takes(const char *kind)
{
    return strcmp(kind, "alert.alert") == 0 || strcmp(kind, "alert.rule") == 0 ||
           strcmp(kind, "traffic.link") == 0;
}

void alerts_take(struct alerts *alerts, const char *kind, const char *id, const char *json)
{
    json_t *doc = json ? json_loads(json, 0, NULL) : NULL;
    if (strcmp(kind, "alert.rule") == 0)
        alerts->there = true;
    else if (strcmp(kind, "traffic.link") == 0)
        take_link(alerts, id, doc);
    else if (doc)
        take_alert(alerts, id, doc);
    else
        alert_drop(alerts, id);
    json_decref(doc);
}

static void read_kind(struct alerts *alerts, const char *kind)
{
    char *text = gw_object_list(alerts->lab->self, kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL, *doc;
    gw_free(text);
    size_t i;
    json_array_foreach(list, i, doc)
    {
        const char *id = text_of(doc, "id");
        if (strcmp(kind, "traffic.link") == 0)
            take_link(alerts, id, doc);
        else if (strcmp(kind, "alert.alert") == 0)
            take_alert(alerts, id, doc);
        else
            alerts->there = true;
    }
    json_decref(list);
}

void alerts_read(struct alerts *alerts)
{
    read_kind(alerts, "alert.rule");
    read_kind(alerts, "alert.alert");
    read_kind(alerts, "traffic.link");
}

bool alerts_there(const struct alerts *alerts)
{
    return alerts->there;
}

/* ---- Things ---------------------------------------------------------------------------------- */

void alerts_new_thing(struct alerts *alerts, struct thing *thing)
{
    struct alert *alert, *next;
    for (alert = TAILQ_FIRST(&alerts->homeless); alert; alert = next) {
        next = TAILQ_NEXT(alert, entry);
        if (strcmp(alert->subject, thing->key) == 0) {
            alert_unhook(alerts, alert);
            alert_hook(alerts, alert);
        }
    }
    if (thing->kind == THING_LINK) {
        char *json = gw_object_get(alerts->lab->self, "traffic.link", thing->id);
        if (json)
            alerts_take(alerts, "traffic.link", thing->id, json);
        gw_free(json);
    }
}

void alerts_gone_thing(struct alerts *alerts, struct thing *thing)
{
    struct alert *alert;
    while ((alert = TAILQ_FIRST(&thing->alerts)) != NULL) {
        TAILQ_REMOVE(&thing->alerts, alert, entry);
        alert->thing = NULL;
        TAILQ_INSERT_TAIL(&alerts->homeless, alert, entry);
    }
}

struct alert_sum alerts_sum(const struct thing *thing)
{
    struct alert_sum sum = {.summary = ""};
    const struct alert *alert;
    double left = 1, worst = 0;
    TAILQ_FOREACH(alert, &thing->alerts, entry)
    {
        left *= 1 - alert->badness;
        sum.count++;
        if (alert->badness > worst) {
            worst = alert->badness;
            sum.summary = alert->summary ? alert->summary : "";
        }
    }
    sum.badness = 1 - left;
    return sum;
}

struct alerts *alerts_new(struct lab *lab)
{
    struct alerts *alerts = calloc(1, sizeof *alerts);
    if (alerts) {
        alerts->lab = lab;
        TAILQ_INIT(&alerts->homeless);
    }
    return alerts;
}

void alerts_free(struct alerts *alerts)
{
    if (!alerts)
        return;
    while (alerts->by_id) {
        struct alert *alert = *(struct alert **)alerts->by_id;
        tdelete(alert, &alerts->by_id, by_id);
        alert_free(alert);
    }
    free(alerts);
}
