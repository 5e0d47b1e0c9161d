/* turn.c - one run of an item (item.h): its process from start to end, and what the end means. */
#include "exec.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static bool is_kind(const struct item *item, const char *name)
{
    return strcmp(item->recipe.dialect->name, name) == 0;
}

/* ---- Hearing it ------------------------------------------------------------------------------ */

static void on_line(void *data, const char *line, int flaw)
{
    struct item *item = data;
    item->heard_ms = gw_monotonic_ms(item->self);
    if (*line)
        tail_add(&item->out, line);
    hear_line(item, line, flaw);
    item->dirty = true;
}

static bool is_problem(const char *line)
{
    return strncmp(line, "E! ", 3) == 0 || strncmp(line, "W! ", 3) == 0;
}

static void on_said(void *data, const char *line, int flaw)
{
    (void)flaw;
    struct item *item = data;
    if (!*line)
        return;
    tail_add(&item->err, line);
    item->dirty = true;
    if (is_problem(line))
        hear_error(item, 0, 0, line + 3, NULL);
}

/* ---- What the end means ---------------------------------------------------------------------- */

static void describe_end(const struct item *item, const struct process_end *end, char *why)
{
    const char *said = tail_reason(&item->err), *how = ": ";
    if (!said && !is_kind(item, "nagios")) { /* many say on stdout what they miss */
        said = tail_last(&item->out);
        how = "; the last it printed is: ";
    }
    if (end->status < 0)
        snprintf(why, ITEM_WHY_BYTES, "died of signal %d (%s)%s", -end->status,
                 strsignal(-end->status),
                 end->status == -SIGXCPU || end->status == -SIGKILL ? ", maybe by a limit" : "");
    else
        snprintf(why, ITEM_WHY_BYTES, "ended with exit code %d", end->status);
    size_t used = strlen(why);
    if (said && end->status)
        snprintf(why + used, ITEM_WHY_BYTES - used, "%s%.200s", how, said);
}

static void describe_timeout(const struct item *item, char *why)
{
    snprintf(why, ITEM_WHY_BYTES, "timed out after %.3g s and was ended",
             (double)item->recipe.timeout_ms / 1000.0);
}

/* Why a run was no good; "" when it was. */
static void judge(const struct item *item, const struct process_end *end, char *why)
{
    const struct item_error *error = &item->run_error;
    const char *said = tail_reason(&item->err);
    *why = '\0';
    if (end->timed_out)
        describe_timeout(item, why);
    else if (*item->stop_why)
        snprintf(why, ITEM_WHY_BYTES, "%s", item->stop_why);
    else if (end->status != 0)
        describe_end(item, end, why);
    else if (item->run_heard == 0 && item->run_errors)
        snprintf(why, ITEM_WHY_BYTES, "nothing of its %llu lines could be read; line %u: %.250s",
                 (unsigned long long)item->run_lines, error->line, error->why);
    else if (item->run_heard == 0 && item->run_lines && is_kind(item, "prometheus"))
        ; /* metrics without samples are sound there */
    else if (item->run_heard == 0 && item->run_lines)
        snprintf(why, ITEM_WHY_BYTES, "its %llu lines said no value; the last is: %.200s%s",
                 (unsigned long long)item->run_lines,
                 tail_last(&item->out) ? tail_last(&item->out) : "(empty)",
                 recipe_hint(&item->recipe));
    else if (item->run_heard == 0)
        snprintf(why, ITEM_WHY_BYTES, "ended without saying anything%s%.200s",
                 said ? "; on stderr: " : "", said ? said : "");
}

/* A check says what it found by its exit code; what is left are those that could not. */
static void judge_check(struct item *item, const struct process_end *end)
{
    char why[ITEM_WHY_BYTES];
    if (end->timed_out) {
        describe_timeout(item, why);
        hear_verdict(item, CHECK_UNKNOWN, why, NULL);
    } else if (*item->stop_why) {
        hear_verdict(item, CHECK_UNKNOWN, item->stop_why, NULL);
    } else if (item->run_verdicts == 0) {
        describe_end(item, end, why);
        hear_verdict(item, CHECK_UNKNOWN, why, NULL);
    }
    item_succeeded(item);
}

static void settle(struct item *item, const struct process_end *end)
{
    char why[ITEM_WHY_BYTES];
    if (is_kind(item, "nagios") && (!end->stopped || *item->stop_why)) {
        judge_check(item, end);
        return;
    }
    if (item->restart_now || item->disable)
        return;
    judge(item, end, why);
    const struct item_error *error = &item->run_error;
    if (*why)
        item_failed(item, why);
    else
        item_succeeded(item);
    bool by_lines = end->status == 0 || *item->stop_why;
    if (*why && by_lines && item->run_errors && item->run_heard == 0) { /* where to look stays */
        item->error.line = error->line;
        item->error.column = error->column;
        memcpy(item->error.text, error->text, sizeof error->text);
    }
}

void turn_done(struct item *item, const struct process_end *end)
{
    item->last = *end;
    item->ended = true;
    rows_turn(item->rows);
    settle(item, end);
    show_run(item, end->seconds);
    item_turn_over(item);
}

static void start_run(struct item *item, unsigned run);

static void on_end(void *data, const struct process_end *end)
{
    struct item *item = data;
    const struct dialect_kind *kind = item->recipe.dialect;
    item->counts.bytes += (uint64_t)process_bytes(item->process);
    item->process = NULL;
    commands_forget(item, "it ended before it answered");
    if (end->left_over)
        hear_error(item, 0, 0, "left processes behind that held its pipes; they were ended", NULL);
    bool quiet = item->disable || *item->stop_why || end->stopped;
    if (!end->timed_out && !quiet)
        kind->end(item->dialect, item->run, end->status, gw_now_ms(item->self));
    else if (!is_kind(item, "nagios")) /* it must know that what comes next is a new run */
        kind->end(item->dialect, item->run, end->status ? end->status : -SIGTERM,
                  gw_now_ms(item->self));
    else
        hear_close(item);
    bool more = is_kind(item, "munin") && item->run == 0 && end->status == 0 && !end->timed_out &&
                !quiet && item->run_heard == 0;
    if (more)
        start_run(item, 1);
    else
        turn_done(item, end);
}

/* ---- The start ------------------------------------------------------------------------------- */

static void not_started(struct item *item, const char *why)
{
    if (is_kind(item, "nagios"))
        hear_verdict(item, CHECK_UNKNOWN, why, NULL);
    item_failed(item, why);
    item_turn_over(item);
}

static struct process *launch(struct item *item, const char *file, struct texts *argv, char *why)
{
    const struct recipe *recipe = &item->recipe;
    struct process_options options = {.file = file,
                                      .argv = argv->list,
                                      .env = recipe->env.list,
                                      .user = &recipe->user,
                                      .limits = recipe->limits,
                                      .keep_stdin = recipe->keep_stdin,
                                      .timeout_ms = recipe->timeout_ms,
                                      .bytes_per_s = recipe->bytes_per_s,
                                      .data = item,
                                      .on_line = on_line,
                                      .on_said = on_said,
                                      .on_end = on_end};
    int error = 0;
    const char *step = "";
    struct process *process = process_start(item->self, &options, &error, &step);
    if (!process)
        recipe_why_not(file, step, error, why);
    return process;
}

static void start_run(struct item *item, unsigned run)
{
    char file[RECIPE_PATH_BYTES], why[RECIPE_WHY_BYTES] = "out of memory";
    struct texts argv = {0};
    item->run = run;
    if (recipe_find(&item->recipe, item->self, file, why) == 0 &&
        recipe_argv(&item->recipe, file, run, &argv))
        item->process = launch(item, file, &argv, why);
    texts_fini(&argv);
    if (!item->process)
        not_started(item, why);
}

void turn_begin(struct item *item)
{
    item->run_lines = item->run_errors = item->run_heard = item->run_verdicts = 0;
    item->errors_in_a_row = 0;
    item->stop_why[0] = '\0';
    item->started_ms = item->heard_ms = item->asked_ms = gw_monotonic_ms(item->self);
    json_object_clear(item->offers);
    if (hear_open(item)) {
        not_started(item, "out of memory");
        return;
    }
    if (item->recipe.mode == MODE_SCRAPE) {
        fetch_scrape(item);
    } else if (item->recipe.mode == MODE_FILES) {
        fetch_files(item);
    } else {
        tail_clear(&item->out);
        tail_clear(&item->err);
        start_run(item, 0);
        if (item->process && item_is_stream(item) && item->failures == 0 && item->state != ITEM_OK)
            item_set_state(item, ITEM_RUNNING);
        if (item->process && item_is_stream(item))
            show_item(item);
    }
}

void turn_stop(struct item *item, const char *why)
{
    text_copy(item->stop_why, sizeof item->stop_why, why);
    if (item->process)
        process_stop(item->process);
}

void turn_count(struct item *item, unsigned processes)
{
    char why[ITEM_WHY_BYTES];
    if (!item->recipe.processes_max || processes <= item->recipe.processes_max)
        return;
    snprintf(why, sizeof why,
             "had %u processes, more than `limits: {processes: %u}`, and was ended", processes,
             item->recipe.processes_max);
    turn_stop(item, why);
    process_kill(item->process, SIGKILL);
}
