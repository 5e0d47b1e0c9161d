/* judge_factors.c - what is known of a thing, factor by factor. Texts say what is wrong without the
 * thing's name, which stands beside them. */
#include "alerts.h"
#include "judge.h"
#include "meter.h"
#include "rollup.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

static struct factor_state *factor_of(struct thing *thing, enum factor factor)
{
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    for (size_t i = 0; i < count; i++)
        if (names[i] == factor)
            return &thing->factors[i];
    abort(); /* a factor this kind of thing has not: the tables of factor.c are wrong */
}

static void know(struct factor_state *factor, double badness, double value, const char *format, ...)
    GW_PRINTF(4, 5);

static void know(struct factor_state *factor, double badness, double value, const char *format, ...)
{
    char text[400] = "";
    va_list list;
    va_start(list, format);
    if (badness > 0)
        vsnprintf(text, sizeof text, format, list);
    va_end(list);
    factor->applies = true;
    factor->known = 1;
    factor->badness = badness > 0 ? fmin(badness, 1) : 0;
    factor->value = value;
    keep_text(&factor->text, *text ? text : NULL);
}

/* It keeps what it was when it was known. */
static void lose_sight(struct factor_state *factor)
{
    factor->applies = true;
    factor->known = 0;
}

/* There is nothing to know: its source is not there, or the thing is switched off. */
static void forget(struct factor_state *factor, bool applies)
{
    *factor = (struct factor_state){.text = factor->text, .value = (double)NAN, .applies = applies};
    keep_text(&factor->text, NULL);
}

static void forget_all(struct thing *thing)
{
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    for (size_t i = 0; i < count; i++)
        forget(&thing->factors[i], thing->factors[i].applies);
}

/* Does the server of this thing answer? Without that nothing here is known. */
static bool server_up(struct thing *thing)
{
    struct thing *server = thing_server(thing);
    return server && server->up_known && server->up;
}

/* ---- What several have ----------------------------------------------------------------------- */

static void judge_flapping(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_FLAPPING);
    size_t changes = thing->flaps ? thing_changes(thing, world->now_ms) : 0;
    thing->flaps = changes > 0;
    know(factor, score_ramp((double)changes, world->options->flaps[0], world->options->flaps[1]),
         (double)changes, "changed its state %zu times within an hour", changes);
}

static void judge_alerts(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_ALERTS);
    struct alert_sum sum = alerts_sum(thing);
    if (!world->alerts)
        forget(factor, false);
    else if (sum.count > 1)
        know(factor, sum.badness, (double)sum.count, "%zu open alerts, first: %s", sum.count,
             sum.summary);
    else
        know(factor, sum.badness, (double)sum.count, "alert: %s", sum.summary);
}

static void judge_rollup(struct thing *thing, enum factor name, enum thing_kind kind)
{
    struct factor_state *factor = factor_of(thing, name);
    struct thing *below;
    size_t count = 0, bad = 0;
    TAILQ_FOREACH(below, &thing->below, below_entry)
    count += below->kind == kind && below->counts;
    struct child *children = calloc(count ? count : 1, sizeof *children);
    size_t i = 0;
    if (!children) {
        lose_sight(factor);
        return;
    }
    TAILQ_FOREACH(below, &thing->below, below_entry)
    if (below->kind == kind && below->counts) {
        children[i++] =
            (struct child){.weight = below->weight,
                           .loss = below->verdict.loss / 100,
                           .known = below->verdict.score < 0 ? 0 : below->verdict.coverage / 100};
        bad += below->verdict.loss > 60;
    }
    struct rollup rollup = rollup_join(children, count, NULL);
    free(children);
    know(factor, rollup.loss, (double)count, "%zu of %zu are in a bad way", bad, count);
    factor->known = rollup.known;
    factor->applies = count > 0 || kind == THING_NODE;
}

/* ---- Kinds ----------------------------------------------------------------------------------- */

static void judge_latency(const struct world *world, struct thing *thing)
{
    const struct health_options *options = world->options;
    struct factor_state *factor = factor_of(thing, FACTOR_LATENCY);
    const struct meter *meter = thing->meter;
    double median = 0, deviation = 0;
    double now = meter ? meter_recent(meter, 0, MINUTE_MS, world->now_ms) : (double)NAN;
    if (!thing->up || isnan(now) || !meter_usual(meter, &median, &deviation)) {
        lose_sight(factor);
        return;
    }
    /* A server that always answers alike would be slow at the first hiccup. */
    double unit = fmax(deviation, fmax(median / 10, 1));
    double badness = now <= options->latency_least_ms
                         ? 0
                         : score_ramp((now - median) / unit, options->latency_sigmas[0],
                                      options->latency_sigmas[1]);
    know(factor, badness, now, "answers in %.3g ms, usually %.3g ms", now, median);
}

static void judge_errors(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_ERRORS);
    const struct meter *meter = thing->meter;
    bool api = meter && meter_fresh(&meter->api, world->now_ms) && !isnan(meter->requests);
    bool breaker = meter && meter_fresh(&meter->source, world->now_ms) && !isnan(meter->breaker);
    double percent = api && meter->requests > 0 ? 100 * meter->failures / meter->requests : 0;
    double badness = score_ramp(percent, 0, world->options->error_rate[1]);
    if (!api && !breaker)
        lose_sight(factor);
    else if (breaker && meter->breaker > 0 && badness < (meter->breaker > 1 ? 1 : 0.5))
        know(factor, meter->breaker > 1 ? 1 : 0.5, percent, "the circuit breaker is %s",
             meter->breaker > 1 ? "open" : "half-open");
    else /* a single failure of thousands is not worth a word */
        know(factor, badness < 0.02 ? 0 : badness, percent, "%.2g %% of requests fail", percent);
}

static void judge_server(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_AVAILABILITY);
    thing->counts = true;
    if (!thing->up_known)
        lose_sight(factor);
    else
        know(factor, !thing->up, thing->up, "%s%s",
             thing->why ? "cannot be used: " : "does not answer", thing->why ? thing->why : "");
    judge_latency(world, thing);
    judge_errors(world, thing);
    judge_flapping(world, thing);
    judge_alerts(world, thing);
    judge_rollup(thing, FACTOR_COMPUTES, THING_COMPUTE);
    judge_rollup(thing, FACTOR_PROJECTS, THING_PROJECT);
}

static void in_words(double ms, char *out, size_t bytes)
{
    if (ms < HOUR_MS)
        snprintf(out, bytes, "%.0f min", ceil(ms / MINUTE_MS));
    else if (ms < 48.0 * HOUR_MS)
        snprintf(out, bytes, "%.0f h", ms / HOUR_MS);
    else
        snprintf(out, bytes, "%.0f days", ms / (24.0 * HOUR_MS));
}

static void judge_disk(const struct world *world, struct thing *thing, double now, double full_in)
{
    const struct health_options *options = world->options;
    struct factor_state *factor = factor_of(thing, FACTOR_DISK);
    double level = score_ramp(now, options->disk[0], options->disk[1]);
    /* On a logarithm's scale: from a day to an hour is as far as from an hour to three minutes. */
    double soon =
        full_in > 0 && isfinite(full_in)
            ? score_ramp(-log(full_in), -log(options->full_in_ms[0]), -log(options->full_in_ms[1]))
            : 0;
    char when[40] = "";
    if (soon > 0)
        in_words(full_in, when, sizeof when);
    know(factor, fmax(level, soon), now, "disk %.0f %%%s%s", now, soon > 0 ? ", full in " : "",
         when);
}

static void judge_load(const struct world *world, struct thing *thing)
{
    const struct health_options *options = world->options;
    const struct meter *meter = thing->meter;
    bool fresh = meter && server_up(thing) && meter_fresh(&meter->source, world->now_ms);
    double cpu = fresh ? meter_recent(meter, 0, 5 * MINUTE_MS, world->now_ms) : (double)NAN;
    double memory = fresh ? meter_recent(meter, 1, MINUTE_MS, world->now_ms) : (double)NAN;
    double disk = fresh ? meter_recent(meter, 2, MINUTE_MS, world->now_ms) : (double)NAN;
    if (isnan(cpu))
        lose_sight(factor_of(thing, FACTOR_CPU));
    else
        know(factor_of(thing, FACTOR_CPU), score_ramp(cpu, options->cpu[0], options->cpu[1]), cpu,
             "CPU %.0f %%", cpu);
    if (isnan(memory))
        lose_sight(factor_of(thing, FACTOR_MEMORY));
    else
        know(factor_of(thing, FACTOR_MEMORY),
             score_ramp(memory, options->memory[0], options->memory[1]), memory, "memory %.0f %%",
             memory);
    if (isnan(disk))
        lose_sight(factor_of(thing, FACTOR_DISK));
    else
        judge_disk(world, thing, disk, meter ? meter->full_in_ms : (double)NAN);
}

static void judge_compute(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_AVAILABILITY);
    thing->counts = true;
    if (!thing->up_known || !server_up(thing))
        lose_sight(factor);
    else
        know(factor, !thing->up, thing->up, "is lost%s%s", thing->why ? ": " : "",
             thing->why ? thing->why : "");
    judge_load(world, thing);
    judge_flapping(world, thing);
    judge_alerts(world, thing);
}

static void judge_snapshots(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_SNAPSHOTS);
    const struct meter *meter = thing->meter;
    double most = (double)world->options->snapshot_age_ms / 1000;
    char age[40] = "";
    if (!world->snapshots || !meter || !meter->source.row_ms) {
        forget(factor, false); /* nobody takes snapshots of it */
        return;
    }
    if (!meter_fresh(&meter->source, world->now_ms)) {
        lose_sight(factor);
        return;
    }
    bool failed = meter->last_ok < 0.5; /* NaN: it was never tried */
    double old = isnan(meter->age_s) ? 1 : score_ramp(meter->age_s, most, 3 * most);
    if (!isnan(meter->age_s))
        in_words(meter->age_s * 1000, age, sizeof age);
    if (isnan(meter->age_s) && isnan(meter->last_ok))
        know(factor, 0, (double)NAN, "%s", "");
    else
        know(factor, fmax(old, failed ? 0.5 : 0), meter->age_s, "%s%s%s",
             failed ? "the last snapshot failed, " : "",
             *age ? "the last good one is from before " : "there is no good one", age);
}

static void judge_project(const struct world *world, struct thing *thing)
{
    thing->counts = thing->run == RUN_STARTED;
    thing->weight = 0;
    struct thing *below;
    TAILQ_FOREACH(below, &thing->below, below_entry)
    thing->weight += below->kind == THING_NODE && below->counts;
    thing->weight = fmax(thing->weight, 1);
    judge_rollup(thing, FACTOR_NODES, THING_NODE);
    judge_rollup(thing, FACTOR_LINKS, THING_LINK);
    if (thing->run != RUN_STARTED)
        forget(factor_of(thing, FACTOR_NODES), true);
    else if (!server_up(thing))
        lose_sight(factor_of(thing, FACTOR_NODES));
    judge_snapshots(world, thing);
    judge_alerts(world, thing);
}

static void judge_state(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_STATE);
    if (thing->stop == STOP_UNASKED &&
        world->now_ms - thing->stop_ms > world->options->accept_stops_ms)
        thing->stop = STOP_ASKED;
    bool crashed = thing->run == RUN_STOPPED && thing->stop == STOP_CRASHED;
    bool unasked = thing->run == RUN_STOPPED && thing->stop == STOP_UNASKED;
    thing->counts = thing->run == RUN_STARTED || crashed || unasked;
    if (!server_up(thing))
        lose_sight(factor);
    else
        know(factor,
             crashed   ? 1
             : unasked ? 0.5
                       : 0,
             (double)NAN, "%s",
             crashed ? "crashed and was not started again"
                     : "stopped, and nobody asked gnswatch for it");
}

static void judge_node(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_AVAILABILITY);
    if (thing->run == RUN_CLOSED) {
        thing->counts = false;
        forget_all(thing);
        return;
    }
    judge_state(world, thing);
    if (!server_up(thing) || !thing->compute || !thing->compute->up_known)
        lose_sight(factor);
    else
        know(factor, !thing->compute->up, thing->compute->up, "its compute %s is lost",
             thing->compute->name);
    judge_flapping(world, thing);
    judge_alerts(world, thing);
}

static void judge_drops(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_DROPS);
    const struct meter *meter = thing->meter;
    if (!meter || !meter->source.row_ms) {
        forget(factor, false);
        return;
    }
    if (!meter_fresh(&meter->source, world->now_ms)) {
        lose_sight(factor);
        return;
    }
    double sent = meter->packets + meter->drops;
    double percent = sent > 0 ? 100 * meter->drops / sent : 0;
    know(factor, score_ramp(percent, world->options->drops[0], world->options->drops[1]), percent,
         "%.2g %% of its packets are lost", percent);
}

static void judge_link(const struct world *world, struct thing *thing)
{
    struct factor_state *factor = factor_of(thing, FACTOR_FAULTS);
    if (thing->run == RUN_CLOSED) {
        thing->counts = false;
        forget_all(thing);
        return;
    }
    if (!thing->watched && !thing->why)
        forget(factor, factor->applies);
    else if (!server_up(thing))
        lose_sight(factor);
    else
        know(factor, thing->why != NULL && !thing->suspended, (double)NAN, "%s",
             thing->why ? thing->why : "");
    judge_drops(world, thing);
    judge_alerts(world, thing);
    thing->counts = !thing->suspended && (factor->known > 0 || thing->verdict.loss > 0);
}

void judge_factors(const struct world *world, struct thing *thing)
{
    switch (thing->kind) {
    case THING_ALL:
        judge_rollup(thing, FACTOR_SERVERS, THING_SERVER);
        break;
    case THING_SERVER:
        judge_server(world, thing);
        break;
    case THING_COMPUTE:
        judge_compute(world, thing);
        break;
    case THING_PROJECT:
        judge_project(world, thing);
        break;
    case THING_NODE:
        judge_node(world, thing);
        break;
    case THING_LINK:
        judge_link(world, thing);
        break;
    }
}
