/* Choosing series. */
#include "api/series_pick.h"

#include "api/rows.h"
#include "event/event.h" /* topic_matches */
#include "metric/rates.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_word(const char *const *words, const char *name)
{
    for (; *words; words++) {
        if (strcmp(*words, name) == 0)
            return true;
    }
    return false;
}

bool series_pick_read(struct series_pick *pick, struct request *request, const char *const *words)
{
    pick->measurement = request_parameter(request, "measurement");
    pick->search = request_parameter(request, "search");
    for (size_t i = 0; i < request->parameter_count; i++) {
        const struct parameter *parameter = &request->parameters[i];
        if (is_word(words, parameter->name))
            continue;
        if (pick->label_count == GW_LABELS_MAX) {
            request_problem(request, 400, "At most %d labels", GW_LABELS_MAX);
            return false;
        }
        pick->labels[pick->label_count].name = parameter->name;
        pick->labels[pick->label_count++].value = parameter->value;
    }
    return true;
}

static bool has_label(const struct series_info *info, const char *name, const char *value)
{
    for (size_t i = 0; i < info->label_count; i++) {
        if (strcmp(info->labels[i].name, name) == 0)
            return strcmp(info->labels[i].value, value) == 0;
    }
    return false;
}

static bool fits(const struct series_pick *pick, const struct series_info *info)
{
    if (pick->measurement && !topic_matches(pick->measurement, info->measurement))
        return false;
    if (pick->search && !strcasestr(info->key, pick->search))
        return false;
    for (size_t i = 0; i < pick->label_count; i++) {
        if (!has_label(info, pick->labels[i].name, pick->labels[i].value))
            return false;
    }
    return true;
}

/* Under the registry's lock: notes ids only. */
static bool visit(void *data, const struct series_info *info)
{
    struct series_pick *pick = data;
    if (!fits(pick, info))
        return true;
    if (pick->total >= pick->offset && pick->count < pick->limit)
        pick->ids[pick->count++] = info->id;
    pick->total++;
    return true;
}

int series_pick_run(struct series_pick *pick, struct metric *metric)
{
    pick->ids = calloc(pick->limit + 1, sizeof(*pick->ids));
    if (!pick->ids)
        return -ENOMEM;
    metric_each(metric, visit, pick);
    return 0;
}

void series_pick_fini(struct series_pick *pick)
{
    free(pick->ids);
    pick->ids = NULL;
}

static void add_fields(const struct series_info *info, struct buf *out)
{
    for (size_t i = 0; i < info->field_count; i++) {
        const struct gw_field *field = &info->fields[i];
        buf_adds(out, i ? ",{\"name\":" : "{\"name\":");
        buf_json_string(out, field->name);
        buf_adds(out, field->kind == GW_COUNTER ? ",\"kind\":\"counter\",\"unit\":"
                                                : ",\"kind\":\"gauge\",\"unit\":");
        buf_json_string(out, field->unit);
        buf_adds(out, ",\"help\":");
        buf_json_string(out, field->help);
        buf_addc(out, '}');
    }
}

static void add_last(struct metric *metric, const struct series_info *info, struct buf *out)
{
    if (info->last_ms == 0) {
        buf_adds(out, "null");
        return;
    }
    double values[GW_FIELDS_MAX];
    rates_last(metric, info, values);
    buf_printf(out, "{\"time\":%" PRId64 ",\"values\":{", info->last_ms);
    for (size_t i = 0; i < info->field_count; i++) {
        if (i)
            buf_addc(out, ',');
        buf_json_string(out, info->fields[i].name);
        buf_addc(out, ':');
        json_value(out, values[i]);
    }
    buf_adds(out, "}}");
}

void series_json(struct metric *metric, const struct series_info *info, struct buf *out)
{
    buf_printf(out, "{\"id\":%" PRIu32 ",\"key\":", info->id);
    buf_json_string(out, info->key);
    buf_adds(out, ",\"measurement\":");
    buf_json_string(out, info->measurement);
    buf_adds(out, ",\"labels\":{");
    for (size_t i = 0; i < info->label_count; i++) {
        if (i)
            buf_addc(out, ',');
        buf_json_string(out, info->labels[i].name);
        buf_addc(out, ':');
        buf_json_string(out, info->labels[i].value);
    }
    buf_adds(out, "},\"fields\":[");
    add_fields(info, out);
    buf_printf(out, "],\"every_ms\":%" PRId64 ",\"live\":%s,\"last\":", info->every_ms,
               info->live ? "true" : "false");
    add_last(metric, info, out);
    buf_addc(out, '}');
}
