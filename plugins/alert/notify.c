/* notify.c - see notify.h: what a notification says. */
#include "notify.h"

#include "alerts.h"
#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lines { /* plain text that grows */
    char *text;
    size_t bytes;
    FILE *file;
};

static int worse_first(const struct alert *a, const struct alert *b)
{
    bool a_fires = a->eval.loud > LEVEL_OK, b_fires = b->eval.loud > LEVEL_OK;
    if (a_fires != b_fires)
        return a_fires ? -1 : 1;
    if (a->eval.loud != b->eval.loud)
        return a->eval.loud > b->eval.loud ? -1 : 1;
    return a->since_ms < b->since_ms ? -1 : a->since_ms > b->since_ms;
}

static int compare(const void *a, const void *b)
{
    return worse_first(*(const struct alert *const *)a, *(const struct alert *const *)b);
}

/* What belongs into the notification: news and ends, and what the receiver knows of already. */
static bool belongs(const struct alert *alert, const struct group *group, bool reminder)
{
    for (size_t i = 0; i < alert->told_count; i++) {
        const struct told *told = &alert->told[i];
        if (told->group != group)
            continue;
        if (reminder)
            return told->level > LEVEL_OK && !told->over && !alert->ack_by;
        return told->news || told->over || told->level > LEVEL_OK;
    }
    return false;
}

static size_t members(const struct world *world, const struct group *group, bool reminder,
                      const struct alert ***out)
{
    size_t count = 0;
    const struct alert **list = calloc(world->alert_count + 1, sizeof *list);
    for (size_t i = 0; list && i < world->alert_count; i++)
        if (belongs(world->alerts[i], group, reminder))
            list[count++] = world->alerts[i];
    if (list)
        qsort(list, count, sizeof *list, compare);
    *out = list;
    return count;
}

static void line_of(struct world *world, FILE *file, const struct alert *alert)
{
    char *summary = document_summary(world, alert), took[60];
    bool over = alert->eval.loud == LEVEL_OK;
    int64_t end = over ? alert->ended_ms : world->now_ms;
    duration_text(end - alert->since_ms, took, sizeof took);
    fprintf(file, "%s: %s (%s %s%s%s)\n", over ? "RESOLVED" : level_name(alert->eval.loud),
            summary ? summary : alert->rule_name, over ? "after" : "for", took,
            alert->why_ended && over ? ", " : "", alert->why_ended && over ? alert->why_ended : "");
    free(summary);
}

static char *text_of(struct world *world, const struct alert *const *list, size_t count,
                     json_t *documents)
{
    struct lines lines = {0};
    lines.file = open_memstream(&lines.text, &lines.bytes);
    if (!lines.file)
        return NULL;
    for (size_t i = 0; i < count && i < GROUP_ALERTS_MAX; i++) {
        const json_t *document = json_array_get(documents, i);
        const char *more = json_string_value(json_object_get(document, "description"));
        const char *url = json_string_value(json_object_get(document, "url"));
        line_of(world, lines.file, list[i]);
        if (more && *more && list[i]->eval.loud > LEVEL_OK)
            fprintf(lines.file, "  %s\n", more);
        if (url)
            fprintf(lines.file, "  %s\n", url);
    }
    if (count > GROUP_ALERTS_MAX)
        fprintf(lines.file, "and %zu more\n", count - GROUP_ALERTS_MAX);
    return fclose(lines.file) == 0 ? lines.text : NULL;
}

static char *title_of(struct world *world, const struct group *group, const char *kind,
                      const struct alert *const *list, size_t count, size_t firing)
{
    const struct alert *worst = list[0];
    const char *what = firing ? level_name(worst->eval.loud) : "resolved";
    char *summary = document_summary(world, worst), *title = NULL, took[60], where[160] = "";
    for (size_t i = 0; i < group->labels.count; i++) {
        size_t used = strlen(where);
        snprintf(where + used, sizeof where - used, "%s%s", i ? " " : " on ",
                 group->labels.at[i].value);
    }
    duration_text((firing ? world->now_ms : worst->ended_ms) - worst->since_ms, took, sizeof took);
    bool again = strcmp(kind, "reminder") == 0 || strcmp(kind, "escalated") == 0;
    int length;
    if (count == 1)
        length = asprintf(&title, "[%s] %s%s%s%s", what, summary ? summary : worst->rule_name,
                          firing && !again ? "" : " (", firing && !again ? "" : took,
                          firing && !again ? ""
                          : firing         ? ", goes on)"
                                           : ")");
    else if (firing)
        length =
            asprintf(&title, "[%s] %zu problem%s%s: %s%s", what, firing, firing == 1 ? "" : "s",
                     where, summary ? summary : worst->rule_name, firing == 1 ? "" : ", …");
    else
        length = asprintf(&title, "[resolved] %zu problems%s", count, where);
    free(summary);
    return length < 0 ? NULL : title;
}

static void set_text(json_t *document, const char *name, const char *text)
{
    json_object_set_new(document, name, text ? json_string(text) : json_null());
}

static json_t *notification(struct world *world, const char *id, const char *kind, size_t receiver)
{
    json_t *json = json_object();
    set_text(json, "id", id);
    set_text(json, "kind", kind);
    set_text(json, "receiver", world->receivers[receiver].name);
    json_object_set_new(json, "time", json_integer(world->now_ms));
    set_text(json, "html", NULL);
    return json;
}

static void remember(struct world *world, const struct alert *const_alert, const char *receiver,
                     const char *kind, const char *notice)
{
    struct alert *alert = alerts_find(world, const_alert->id);
    if (!alert)
        return;
    json_array_append_new(alert->notified,
                          json_pack("{s:s, s:s, s:I, s:b, s:s, s:s}", "receiver", receiver, "kind",
                                    kind, "time", (json_int_t)world->now_ms, "ok", 0, "text",
                                    "waiting", "notice", notice));
    if (json_array_size(alert->notified) > NOTIFIED_MAX)
        json_array_remove(alert->notified, 0);
    alert->dirty = alert->shown_stale = true;
}

static void letters_for(struct world *world, size_t receiver, const char *kind, const char *thread,
                        const char *notice, json_t *json, const json_t *alerts)
{
    const struct receiver *to = &world->receivers[receiver];
    for (size_t i = 0; i < to->send_count; i++) {
        struct letter *letter = letter_add(world, world->letter_last + 1);
        if (!letter)
            return;
        json_t *params = to->sends[i].with ? json_copy(to->sends[i].with) : json_object();
        json_object_set(params, "notification", json);
        keep(&letter->notice, notice);
        keep(&letter->receiver, to->name);
        keep(&letter->command, to->sends[i].command);
        keep(&letter->thread, thread);
        keep(&letter->kind, kind);
        letter->params = json_dumps(params, JSON_COMPACT);
        letter->alerts = json_deep_copy(alerts);
        letter->put_ms = world->now_ms;
        letter_queue(world, letter);
        json_decref(params);
    }
}

/* Never the same again, also when the state was deleted: receivers remember ids. */
static void notice_id(struct world *world, char out[64])
{
    snprintf(out, 64, "%s-%llx-%llx", gw_name(world->self), (unsigned long long)world->now_ms,
             (unsigned long long)world->letter_last + 1);
}

static void fill(struct world *world, struct group *group, const char *kind, json_t *json,
                 const struct alert *const *list, size_t count)
{
    json_t *documents = json_array();
    size_t firing = 0;
    for (size_t i = 0; i < count; i++)
        firing += list[i]->eval.loud > LEVEL_OK;
    for (size_t i = 0; i < count && i < GROUP_ALERTS_MAX; i++)
        json_array_append_new(documents, document_for_notice(world, list[i]));
    char *text = text_of(world, list, count, documents);
    char *title = title_of(world, group, kind, list, count, firing);
    char *url = count == 1 ? document_url(world, list[0]->id) : document_url(world, "");
    set_text(json, "status", firing ? "firing" : "resolved");
    set_text(json, "severity", firing ? level_name(list[0]->eval.loud) : "info");
    set_text(json, "title", title ? title : kind);
    set_text(json, "text", text ? text : "");
    set_text(json, "thread", group->thread);
    set_text(json, "url", url);
    json_object_set_new(
        json, "group",
        json_pack("{s:s, s:o}", "key", group->id, "labels", labels_json(&group->labels)));
    json_object_set_new(json, "alerts", documents);
    free(text);
    free(title);
    free(url);
}

void notify_group(struct world *world, struct group *group, const char *kind)
{
    const struct alert **list;
    size_t count = members(world, group, strcmp(kind, "reminder") == 0, &list);
    if (count == 0) {
        free(list);
        return;
    }
    char notice[64];
    notice_id(world, notice);
    json_t *json = notification(world, notice, kind, group->receiver), *ids = json_array();
    fill(world, group, kind, json, list, count);
    for (size_t i = 0; i < count; i++) {
        remember(world, list[i], world->receivers[group->receiver].name, kind, notice);
        json_array_append_new(ids, json_string(list[i]->id));
    }
    letters_for(world, group->receiver, kind, group->thread, notice, json, ids);
    json_decref(ids);
    json_decref(json);
    free(list);
}

size_t notify_test(struct world *world, size_t receiver)
{
    char notice[64];
    notice_id(world, notice);
    json_t *json = notification(world, notice, "test", receiver), *none = json_array();
    char *url = document_url(world, "");
    set_text(json, "status", "resolved");
    set_text(json, "severity", "info");
    set_text(json, "title", "Test of gnswatch's notifications");
    set_text(json, "text",
             "Somebody asked for this on the dashboard or the command line. Nothing "
             "is wrong.");
    set_text(json, "thread", notice);
    set_text(json, "url", url);
    json_object_set_new(json, "group", json_pack("{s:s, s:{}}", "key", notice, "labels"));
    json_object_set(json, "alerts", none);
    letters_for(world, receiver, "test", notice, notice, json, none);
    free(url);
    json_decref(none);
    json_decref(json);
    return world->receivers[receiver].send_count;
}
