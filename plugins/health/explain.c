/* explain.c - the command health.explain: every factor of a thing with its weight, value and
 * points, also those that cost nothing. */
#include "explain.h"

#include "publish.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(round(value * 100) / 100) : json_null();
}

static double points_of(const struct thing *thing, enum factor factor)
{
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    double points = 0;
    for (size_t i = 0; i < count; i++)
        if (names[i] == factor)
            points = thing->points[i];
    return points;
}

static json_t *factor_document(const struct world *world, const struct thing *thing,
                               enum factor factor, const struct factor_state *state)
{
    double weight = state->applies ? world->options->weights[factor] : 0;
    return json_pack("{s:s, s:o, s:b, s:o, s:o, s:s?, s:o, s:s?, s:o}", "factor",
                     factor_name(factor), "weight", number(weight), "applies", state->applies,
                     "known", number(100 * state->known), "value", number(state->value), "unit",
                     factor_unit(factor), "points",
                     number(points_of(thing, factor) > 0 ? -points_of(thing, factor) : 0), "text",
                     state->text, "series", series_document(thing, factor));
}

int explain_run(struct health *health, struct gw_call *call)
{
    const char *kind = gw_string(gw_call_params(call), "kind");
    const char *id = gw_string(gw_call_params(call), "id");
    health_settle(health);
    struct world world = health_world(health);
    const struct thing *thing = lab_find(&health->lab, kind, id);
    if (!thing)
        thing = lab_find_named(&health->lab, kind, id);
    if (!thing)
        return gw_refuse(call, -ENOENT,
                         "there is no %s with the id '%s' that has a score, nor a single one of "
                         "that name; /api/health/scores lists them",
                         kind, id);
    json_t *doc = score_document(&world, thing), *list = json_array();
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, factor_document(&world, thing, names[i], &thing->factors[i]));
    json_object_set_new(doc, "factors", list);
    char *text = doc ? json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(doc);
    int error = text ? gw_reply(call, text) : -ENOMEM;
    free(text);
    return error;
}
