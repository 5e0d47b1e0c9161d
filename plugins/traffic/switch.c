/* switch.c - the selection's life: what is watched, what was chosen by hand (both kept over
 * restarts, in switch.json of the state directory), each turn's decision, and its event. */
#include "traffic.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOLD_CANDIDATES_MAX = 20, PRIORITY = 5, PATH_BYTES = 4096 };

/* ---- What is watched ------------------------------------------------------------------------- */

static struct watch *watch_of(const struct traffic *traffic, const char *project)
{
    for (size_t i = 0; i < traffic->watch_count; i++)
        if (strcmp(traffic->watches[i].project, project) == 0)
            return &traffic->watches[i];
    return NULL;
}

/* A command's word counts before the file's; the file's first pattern that fits counts. Without any
 * all projects are watched. */
bool switch_watches(const struct traffic *traffic, const struct project *project, int *priority)
{
    const struct watch *watch = watch_of(traffic, project->id);
    const struct gw_values *options = gw_options(traffic->self);
    size_t count = gw_count(options, "watch");
    *priority = PRIORITY;
    if (watch) {
        *priority = watch->priority > 0 ? watch->priority : PRIORITY;
        return watch->priority > 0;
    }
    for (size_t i = 0; i < count; i++) {
        const struct gw_values *row = gw_table_at(options, "watch", i);
        const char *pattern = gw_string(row, "project"), *slash = strchr(pattern, '/');
        char full[600];
        snprintf(full, sizeof full, "%.255s/%.255s", project->server, project->name);
        if (fnmatch(pattern, slash ? full : project->name, 0) == 0 ||
            strcmp(pattern, project->id) == 0) {
            *priority = (int)gw_int(row, "priority");
            return *priority > 0;
        }
    }
    return count == 0;
}

int switch_watch(struct traffic *traffic, const char *project, int priority)
{
    struct watch *watch = watch_of(traffic, project);
    if (!watch) {
        if (traffic->watch_count >= WATCHES_MAX)
            return -ENOSPC;
        struct watch *more =
            realloc(traffic->watches, (traffic->watch_count + 1) * sizeof *traffic->watches);
        char *id = strdup(project);
        if (more)
            traffic->watches = more;
        if (!more || !id) {
            free(id);
            return -ENOMEM;
        }
        watch = &traffic->watches[traffic->watch_count++];
        watch->project = id;
    }
    watch->priority = priority;
    switch_save(traffic);
    return 0;
}

static void set_text(char **place, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    free(*place);
    *place = copy;
}

void switch_pin(struct traffic *traffic, const char *project, int64_t until_ms)
{
    set_text(&traffic->pinned, project);
    traffic->selection.pinned = traffic->pinned;
    traffic->selection.pinned_until_ms = project ? until_ms : 0;
    traffic->switch_changed = true;
    switch_save(traffic);
}

void switch_mode(struct traffic *traffic, enum select_mode mode)
{
    traffic->selection.mode = mode;
    traffic->switch_changed = true;
    switch_save(traffic);
}

/* ---- The state file -------------------------------------------------------------------------- */

static void path_of(const struct traffic *traffic, const char *end, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/switch.json%s", gw_state_dir(traffic->self), end);
}

void switch_save(struct traffic *traffic)
{
    json_t *watches = json_object(), *kept = json_object();
    const struct project *project;
    for (size_t i = 0; i < traffic->watch_count; i++)
        json_object_set_new(watches, traffic->watches[i].project,
                            json_integer(traffic->watches[i].priority));
    TAILQ_FOREACH(project, &traffic->lab.projects, entry)
    if (project->idling.kept_until_ms > gw_now_ms(traffic->self))
        json_object_set_new(kept, project->id, json_integer(project->idling.kept_until_ms));
    json_t *all =
        json_pack("{s:i,s:s?,s:I,s:s?,s:I,s:o,s:o}", "mode", (int)traffic->selection.mode,
                  "current", traffic->current, "since", (json_int_t)traffic->selection.since_ms,
                  "pinned", traffic->pinned, "pinned_until",
                  (json_int_t)traffic->selection.pinned_until_ms, "watches", watches, "kept", kept);
    char path[PATH_BYTES], fresh[PATH_BYTES];
    path_of(traffic, "", path);
    path_of(traffic, ".new", fresh);
    if (json_dump_file(all, fresh, JSON_INDENT(1)) < 0 || rename(fresh, path) < 0)
        gw_fail(traffic->self, -EIO,
                "%s cannot be written: a selection made by hand is forgotten "
                "at the next restart",
                path);
    json_decref(all);
}

static void load_kept(struct traffic *traffic, json_t *kept)
{
    const char *id;
    json_t *until;
    json_object_foreach(kept, id, until)
    {
        struct project *project = lab_project(&traffic->lab, id);
        if (project)
            project->idling.kept_until_ms = json_integer_value(until);
    }
}

void switch_load(struct traffic *traffic)
{
    char path[PATH_BYTES];
    const char *id;
    json_t *priority;
    path_of(traffic, "", path);
    json_t *all = json_load_file(path, 0, NULL); /* none yet, or spoiled: begin anew */
    struct selection *now = &traffic->selection;
    int mode = (int)json_integer_value(json_object_get(all, "mode"));
    if (mode >= SELECT_AUTO && mode <= SELECT_OFF && all)
        now->mode = (enum select_mode)mode;
    set_text(&traffic->current, json_string_value(json_object_get(all, "current")));
    set_text(&traffic->pinned, json_string_value(json_object_get(all, "pinned")));
    now->current = traffic->current;
    now->pinned = traffic->pinned;
    now->since_ms = json_integer_value(json_object_get(all, "since"));
    now->pinned_until_ms = json_integer_value(json_object_get(all, "pinned_until"));
    json_t *watches = json_incref(json_object_get(all, "watches"));
    json_object_foreach(watches, id, priority)
    {
        int64_t value = json_integer_value(priority);
        struct watch *more =
            realloc(traffic->watches, (traffic->watch_count + 1) * sizeof *traffic->watches);
        char *copy = more ? strdup(id) : NULL;
        if (more)
            traffic->watches = more;
        if (copy && traffic->watch_count < WATCHES_MAX)
            traffic->watches[traffic->watch_count++] =
                (struct watch){copy, value > 10  ? 10
                                     : value < 0 ? 0
                                                 : (int)value};
        else
            free(copy);
    }
    json_decref(watches);
    load_kept(traffic, json_object_get(all, "kept"));
    json_decref(all);
    traffic->switch_changed = true;
}

void switch_fini(struct traffic *traffic)
{
    for (size_t i = 0; i < traffic->watch_count; i++)
        free(traffic->watches[i].project);
    free(traffic->watches);
    free(traffic->current);
    free(traffic->pinned);
    free(traffic->decision);
}

/* ---- Deciding -------------------------------------------------------------------------------- */

static size_t collect(struct traffic *traffic, struct candidate **candidates)
{
    struct project *project;
    size_t count = 0;
    TAILQ_FOREACH(project, &traffic->lab.projects, entry)
    count++;
    struct candidate *all = *candidates = calloc(count ? count : 1, sizeof *all);
    if (!all)
        return 0;
    count = 0;
    TAILQ_FOREACH(project, &traffic->lab.projects, entry)
    {
        int priority;
        bool watched = switch_watches(traffic, project, &priority);
        all[count++] = (struct candidate){.id = project->id,
                                          .name = project->name,
                                          .opened = project->opened,
                                          .watched = watched,
                                          .priority = priority,
                                          .status = project->status,
                                          .packets_s = project->flow.packets_s,
                                          .active_since_ms = project->active_since_ms,
                                          .last_traffic_ms = project->last_traffic_ms,
                                          .selected_ms = project->selected_ms};
    }
    return count;
}

static int by_score(const void *a, const void *b)
{
    const struct candidate *one = a, *other = b;
    return one->score < other->score ? 1 : one->score > other->score ? -1 : 0;
}

/* As JSON; the best candidates only, the closed ones not at all. Sorts them. */
static char *tell_decision(const char *from, const char *to, const char *text, int64_t now_ms,
                           struct candidate *candidates, size_t count)
{
    json_t *list = json_array();
    qsort(candidates, count, sizeof *candidates, by_score);
    for (size_t i = 0; i < count && json_array_size(list) < TOLD_CANDIDATES_MAX; i++)
        if (candidates[i].opened)
            json_array_append_new(list, json_pack("{s:s,s:s,s:i,s:s,s:f,s:s}", "project",
                                                  candidates[i].id, "name", candidates[i].name,
                                                  "priority", candidates[i].priority, "status",
                                                  status_name(candidates[i].status), "score",
                                                  candidates[i].score, "text", candidates[i].text));
    json_t *all = json_pack("{s:I,s:s?,s:s?,s:s,s:o}", "time", (json_int_t)now_ms, "from", from,
                            "to", to, "text", text, "candidates", list);
    char *json = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    return json;
}

static void mark_changed(struct traffic *traffic, const char *id)
{
    struct project *project = id ? lab_project(&traffic->lab, id) : NULL;
    if (project)
        project->changed = true;
}

static void change(struct traffic *traffic, const struct decision *decision,
                   struct candidate *candidates, size_t count, int64_t now_ms)
{
    struct selection *now = &traffic->selection;
    const char *id = decision->chosen >= 0 ? candidates[decision->chosen].id : NULL;
    char *to = id ? strdup(id) : NULL;
    char text[SELECT_TEXT_BYTES * 2];
    const char *name = decision->chosen >= 0 ? candidates[decision->chosen].name : "no project";
    snprintf(text, sizeof text, "now %.100s: %s", name, decision->text);
    mark_changed(traffic, traffic->current);
    mark_changed(traffic, to);
    free(traffic->decision);
    traffic->decision =
        tell_decision(traffic->current, to, decision->text, now_ms, candidates, count);
    gw_emit(traffic->self, &(struct gw_event){.topic = "traffic.switch",
                                              .severity = GW_NOTICE,
                                              .kind = "traffic.switch",
                                              .id = "active",
                                              .text = text,
                                              .data = traffic->decision});
    free(traffic->current);
    now->current = traffic->current = to;
    now->since_ms = now_ms;
    traffic->switch_changed = true;
    switch_save(traffic);
}

void switch_turn(struct traffic *traffic)
{
    struct candidate *candidates;
    struct decision decision;
    int64_t now_ms = gw_now_ms(traffic->self);
    if (traffic->pinned && now_ms >= traffic->selection.pinned_until_ms)
        switch_pin(traffic, NULL, 0);
    size_t count = collect(traffic, &candidates);
    if (!candidates)
        return;
    select_decide(&traffic->rules, &traffic->selection, candidates, count, now_ms, &decision);
    const char *to = decision.chosen >= 0 ? candidates[decision.chosen].id : NULL;
    struct project *chosen = to ? lab_project(&traffic->lab, to) : NULL;
    if (chosen)
        chosen->selected_ms = now_ms;
    bool same =
        to && traffic->current ? strcmp(to, traffic->current) == 0 : !to && !traffic->current;
    if (!same)
        change(traffic, &decision, candidates, count, now_ms);
    free(candidates);
    if (traffic->switch_changed)
        object_switch(traffic);
}
