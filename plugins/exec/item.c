/* item.c - the life of an item (item.h): when it runs, and what follows from how that went. */
#include "exec.h"
#include "naming.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SPREAD_MS = 10000, /* all first runs are begun within it */
    STREAM_SPREAD_MS = 2000,
    BACKOFF_INTERVALS = 5,
    SHOW_MS = 30000,
    YOUNG_MS = 60000, /* so long somebody may be looking whether it works */
    SHOW_YOUNG_MS = 3000,
    LAYOUT_SECONDS = 10,
    CLOSED_MS = 5000, /* a stream may live on so long after it has closed its stdout */
};

bool item_is_stream(const struct item *item)
{
    return item->recipe.mode == MODE_STREAM;
}

const char *item_state_name(enum item_state state)
{
    static const char *const names[] = {"",         "waiting", "running", "ok",      "warning",
                                        "critical", "unknown", "failed",  "disabled"};
    return names[state];
}

void item_set_state(struct item *item, enum item_state state)
{
    item->dirty = true;
    if (item->state == state)
        return;
    item->state = state;
    item->since_ms = gw_now_ms(item->self);
}

static void tell(struct item *item, const char *topic, enum gw_severity severity, const char *text)
{
    struct gw_event event = {.topic = topic,
                             .severity = severity,
                             .kind = "exec.item",
                             .id = item->recipe.name,
                             .text = text};
    gw_emit(item->self, &event);
}

/* What is shown is kept by the store: not at each run of something that runs each second. */
static void show_when_due(struct item *item)
{
    bool young = gw_now_ms(item->self) - item->since_ms < YOUNG_MS;
    int64_t every_ms = young ? SHOW_YOUNG_MS : SHOW_MS;
    if (item->dirty && gw_monotonic_ms(item->self) - item->shown_ms >= every_ms)
        show_item(item);
}

/* ---- When ------------------------------------------------------------------------------------ */

static void on_due(struct gw_plugin *self, void *data)
{
    (void)self;
    struct item *item = data;
    item->timer = NULL;
    item_start(item);
}

void item_schedule(struct item *item, int64_t delay_ms)
{
    gw_timer_stop(item->timer);
    item->timer = gw_timer_start(item->self, delay_ms, 0, on_due, item);
    item->next_ms = gw_now_ms(item->self) + delay_ms;
}

/* The item's own place in the interval, so that many do not start at once: the same after a
 * restart. */
static int64_t until_place(const struct item *item, int64_t every_ms)
{
    int64_t place = (int64_t)(naming_hash(item->recipe.name) % (uint32_t)(every_ms % UINT32_MAX));
    int64_t now = gw_monotonic_ms(item->self) % every_ms;
    int64_t wait = (place - now + every_ms) % every_ms;
    return wait < every_ms / 2 ? wait + every_ms : wait;
}

static int64_t first_delay(const struct item *item)
{
    int64_t spread = item_is_stream(item) ? STREAM_SPREAD_MS : FIRST_SPREAD_MS;
    if (spread > item->recipe.every_ms)
        spread = item->recipe.every_ms;
    return (int64_t)(naming_hash(item->recipe.name) % (uint32_t)spread);
}

static int64_t backoff_ms(const struct item *item)
{
    int64_t times = item->failures > 3 ? BACKOFF_INTERVALS : (int64_t)1 << (item->failures - 1);
    if (times > BACKOFF_INTERVALS)
        times = BACKOFF_INTERVALS;
    return item->recipe.every_ms * times;
}

static void stay_away(struct item *item)
{
    gw_timer_stop(item->timer);
    item->timer = NULL;
    item->next_ms = 0;
}

static void plan_stream(struct item *item)
{
    bool again = item->recipe.restart == RESTART_ALWAYS ||
                 (item->recipe.restart == RESTART_FAILURE && item->failures);
    if (!again) {
        stay_away(item);
        if (!item->failures)
            item_set_state(item, ITEM_WAITING);
        return;
    }
    item->counts.restarts++;
    item_schedule(item, item->failures ? backoff_ms(item) : item->recipe.every_ms);
}

static void tell_disabled(struct item *item)
{
    char why[ITEM_WHY_BYTES], text[ITEM_WHY_BYTES + 200];
    const char *said = tail_last(&item->err);
    snprintf(why, sizeof why, "it asked to be disabled%s%.200s; exec.item.enable starts it again",
             said ? ": " : "", said ? said : "");
    hear_error(item, 0, 0, why, NULL);
    snprintf(text, sizeof text, "%.150s: %s", item->recipe.name, item->error.why);
    tell(item, "exec.item.disabled", GW_WARNING, text);
}

void item_turn_over(struct item *item)
{
    exec_leave(item);
    item->busy = false;
    item->last_end_ms = gw_now_ms(item->self);
    item->counts.runs++;
    item->dirty = true;
    if (item->disable) {
        stay_away(item);
        item_set_state(item, ITEM_DISABLED);
        tell_disabled(item);
    } else if (item->restart_now) {
        item_schedule(item, 0);
    } else if (item_is_stream(item)) {
        plan_stream(item);
    } else {
        bool soft = check_is_soft(&item->check) && item->recipe.attempts > 1;
        item_schedule(item,
                      soft ? item->recipe.retry_ms : until_place(item, item->recipe.every_ms));
    }
    item->restart_now = false;
    if (item->state != item->shown_state)
        show_item(item);
    else
        show_when_due(item);
}

void item_start(struct item *item)
{
    if (item->busy || !item->rows)
        return;
    if (!item_is_stream(item) && !exec_enter(item))
        return;
    item->busy = true;
    item->next_ms = 0;
    turn_begin(item);
}

int item_restart(struct item *item)
{
    if (!item->rows)
        return -EINVAL;
    item->disable = false;
    item->failures = 0;
    if (item->state == ITEM_DISABLED)
        item_set_state(item, ITEM_WAITING);
    if (item->process) {
        item->restart_now = true;
        turn_stop(item, "");
    } else if (!item->busy) {
        item_schedule(item, 0);
    }
    item->dirty = true;
    return 0;
}

/* ---- How it went ----------------------------------------------------------------------------- */

void item_succeeded(struct item *item)
{
    char text[300];
    item->failures = 0;
    if (item->check.soft < 0) /* else its verdict says what it is */
        item_set_state(item, item_is_stream(item) && item->process ? ITEM_RUNNING : ITEM_OK);
    if (!item->told_failed)
        return;
    item->told_failed = false;
    snprintf(text, sizeof text, "%.200s works again", item->recipe.name);
    tell(item, "exec.item.recovered", GW_INFO, text);
}

void item_failed(struct item *item, const char *why)
{
    char text[ITEM_WHY_BYTES + 200];
    item->failures++;
    item_set_state(item, ITEM_FAILED);
    hear_error(item, 0, 0, why, NULL);
    if (item->told_failed)
        return;
    item->told_failed = true;
    snprintf(text, sizeof text, "%.150s: %s", item->recipe.name, item->error.why);
    tell(item, "exec.item.failed", GW_WARNING, text);
}

/* ---- Now and then ---------------------------------------------------------------------------- */

static void watch_silence(struct item *item, int64_t now_ms)
{
    char why[ITEM_WHY_BYTES];
    if (!item->process || !item_is_stream(item) || item->recipe.silence_ms <= 0 ||
        *item->stop_why || now_ms - item->heard_ms <= item->recipe.silence_ms)
        return;
    snprintf(why, sizeof why, "said nothing for %.0f s and was ended",
             (double)item->recipe.silence_ms / 1000.0);
    turn_stop(item, why);
}

/* Once: it is the same each time. */
static void tell_late(struct item *item)
{
    if (item->told_late || rows_counts(item->rows).late == 0)
        return;
    item->told_late = true;
    hear_error(item, 0, 0,
               "some values came again for the same time: of those the first counts, the others "
               "are dropped",
               NULL);
}

static void watch_closed(struct item *item, int64_t now_ms)
{
    int64_t closed_ms =
        item->process && item_is_stream(item) ? process_closed_ms(item->process) : 0;
    if (closed_ms && !*item->stop_why && now_ms - closed_ms > CLOSED_MS)
        turn_stop(item, "closed its stdout but ran on, so that nothing more could come, and was "
                        "ended");
}

static void ask_stream(struct item *item, int64_t now_ms)
{
    bool asks = item->recipe.ask_signal || item->recipe.ask_stdin;
    if (!item->process || !asks || now_ms - item->asked_ms < item->recipe.every_ms)
        return;
    item->asked_ms = now_ms;
    if (item->recipe.ask_stdin)
        process_write(item->process, "\n", 1);
    else
        process_signal(item->process, item->recipe.ask_signal);
}

void item_second(struct item *item)
{
    int64_t now_ms = gw_monotonic_ms(item->self);
    if (!item->rows)
        return;
    watch_silence(item, now_ms);
    watch_closed(item, now_ms);
    tell_late(item);
    ask_stream(item, now_ms);
    if (item_is_stream(item))
        rows_turn(item->rows); /* what came without saying that it belongs together */
    int64_t place = (int64_t)(naming_hash(item->recipe.name) % LAYOUT_SECONDS);
    if (now_ms / 1000 % LAYOUT_SECONDS == place) {
        rows_tick(item->rows);
        if (item_is_stream(item) && item->process)
            show_run(item, (double)(now_ms - item->started_ms) / 1000.0);
    }
    show_when_due(item);
}

/* ---- Begin and end --------------------------------------------------------------------------- */

/* What a check was before we were restarted, so that nothing is told twice. */
static void remember(struct item *item)
{
    char *text = gw_object_get(item->self, "exec.item", item->recipe.name);
    json_t *old = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *verdict = json_object_get(old, "verdict");
    const char *state = json_string_value(json_object_get(verdict, "state"));
    json_int_t since = json_integer_value(json_object_get(verdict, "since"));
    for (int i = CHECK_OK; state && i <= CHECK_UNKNOWN; i++)
        if (strcmp(state, check_name(i)) == 0)
            check_init(&item->check, i, since);
    const char *was = json_string_value(json_object_get(old, "state"));
    item->told_failed = was && strcmp(was, "failed") == 0;
    item->disable = was && strcmp(was, "disabled") == 0;
    json_decref(old);
    gw_free(text);
}

static char *layout_path(const struct item *item)
{
    char name[120], *path = NULL;
    size_t used = 0;
    for (const char *at = item->recipe.name; *at && used < 100; at++)
        name[used++] = strchr("/.", *at) ? '_' : *at;
    name[used] = '\0';
    const char *dir = gw_state_dir(item->self);
    if (!dir || asprintf(&path, "%s/%s-%08x.layout", dir, name,
                         (unsigned)naming_hash(item->recipe.name)) < 0)
        return NULL;
    return path;
}

static void begin(struct item *item)
{
    item->layout = layout_path(item);
    item->shown = recipe_shown(&item->recipe);
    struct rows_options options = {.self = item->self,
                                   .item = item->recipe.name,
                                   .labels = item->recipe.labels,
                                   .label_count = item->recipe.label_count,
                                   .every_ms = item->recipe.every_ms,
                                   .series_max = item->recipe.series_max,
                                   .layout = item->layout};
    item->rows = rows_new(&options);
    remember(item);
    if (!item->rows)
        item_failed(item, "out of memory");
    else if (item->disable)
        item_set_state(item, ITEM_DISABLED);
    else
        item_schedule(item, first_delay(item));
}

static struct item *item_alloc(struct exec *exec, const struct gw_values *values)
{
    struct item *item = calloc(1, sizeof *item);
    if (!item)
        return NULL;
    item->exec = exec;
    item->self = exec->self;
    item->origin = values;
    item->state = ITEM_WAITING;
    item->since_ms = gw_now_ms(exec->self);
    item->thing_ids = json_object();
    item->offers = json_object();
    check_init(&item->check, -1, 0);
    return item;
}

struct item *item_new_folder(struct exec *exec, const struct gw_values *values)
{
    struct item *item = item_alloc(exec, values);
    if (item)
        item->recipe = (struct recipe){.values = values, .every_ms = 60000, .mode = MODE_FILES};
    if (item)
        item->recipe.name = strdup(gw_string(values, "name"));
    if (item && item->recipe.name && item->thing_ids && item->offers)
        return item;
    item_free(item, false);
    return NULL;
}

struct item *item_new(struct exec *exec, const struct gw_values *values, const char *name,
                      const char *file)
{
    char why[RECIPE_WHY_BYTES] = "";
    struct item *item = item_alloc(exec, values);
    if (!item)
        return NULL;
    int error = recipe_read(&item->recipe, exec->self, values, name, file, why);
    item->file = file ? strdup(file) : NULL;
    if (!item->recipe.name || !item->thing_ids || !item->offers || (file && !item->file)) {
        item_free(item, false);
        return NULL;
    }
    if (error) {
        remember(item); /* that it failed before is no news */
        item_failed(item, why);
    } else {
        begin(item);
    }
    show_item(item);
    return item;
}

/* A user that was missing may have come with a package. */
void item_retry(struct item *item)
{
    char why[RECIPE_WHY_BYTES];
    struct recipe recipe;
    if (item->rows || item->folder)
        return;
    if (recipe_read(&recipe, item->self, item->origin, item->recipe.name, item->file, why)) {
        recipe_fini(&recipe);
        return;
    }
    recipe_fini(&item->recipe);
    item->recipe = recipe;
    free(item->shown);
    free(item->layout);
    begin(item);
}

void item_free(struct item *item, bool gone)
{
    if (!item)
        return;
    exec_unqueue(item);
    exec_leave(item);
    gw_timer_stop(item->timer);
    process_free(item->process);
    gw_http_free(item->http);
    if (item->recipe.name) {
        commands_forget(item, "the item has been stopped");
        hear_close(item);
    }
    if (gone) {
        hear_forget_things(item);
        if (item->rows)
            rows_end(item->rows);
        gw_series_end(item->run_series);
        gw_series_end(item->check_series);
        gw_object_delete(item->self, "exec.item", item->recipe.name);
    }
    rows_free(item->rows);
    tail_clear(&item->out);
    tail_clear(&item->err);
    json_decref(item->thing_ids);
    json_decref(item->offers);
    free(item->shown);
    free(item->layout);
    free(item->file);
    free(item->more);
    recipe_fini(&item->recipe);
    free(item);
}
