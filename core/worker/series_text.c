/* The same thing written and read, side by side. */
#include "worker/series_text.h"

#include <math.h>
#include <string.h>

/* ---- Written --------------------------------------------------------------------------------- */

void labels_text(const struct gw_label *labels, struct buf *out)
{
    buf_addc(out, '[');
    for (const struct gw_label *label = labels; label && label->name; label++) {
        buf_adds(out, label == labels ? "[" : ",[");
        buf_json_string(out, label->name);
        buf_addc(out, ',');
        buf_json_string(out, label->value);
        buf_addc(out, ']');
    }
    buf_addc(out, ']');
}

void fields_text(const struct gw_field *fields, struct buf *out)
{
    buf_addc(out, '[');
    for (const struct gw_field *field = fields; field && field->name; field++) {
        buf_adds(out, field == fields ? "[" : ",[");
        buf_json_string(out, field->name);
        buf_printf(out, ",%d,", (int)field->kind);
        buf_json_string(out, field->unit);
        buf_addc(out, ',');
        buf_json_string(out, field->help);
        buf_addc(out, ']');
    }
    buf_addc(out, ']');
}

void match_text(const struct gw_match *match, struct buf *out)
{
    buf_adds(out, "{\"measurement\":");
    buf_json_string(out, match ? match->measurement : NULL);
    buf_adds(out, ",\"labels\":");
    labels_text(match ? match->labels : NULL, out);
    buf_addc(out, '}');
}

static void add_last(const struct gw_series_info *info, struct buf *out)
{
    if (!info->last)
        return;
    buf_adds(out, ",\"last\":[");
    for (size_t i = 0; i < info->field_count; i++) {
        if (i)
            buf_addc(out, ',');
        buf_json_number(out, info->last[i]);
    }
    buf_addc(out, ']');
}

void series_text(const struct gw_series_info *info, struct buf *out)
{
    buf_printf(out, "{\"id\":%u,\"key\":", info->id);
    buf_json_string(out, info->key);
    buf_adds(out, ",\"measurement\":");
    buf_json_string(out, info->measurement);
    buf_adds(out, ",\"labels\":");
    labels_text(info->labels, out);
    buf_adds(out, ",\"fields\":");
    fields_text(info->fields, out);
    buf_adds(out, ",\"every_ms\":");
    buf_json_int(out, info->every_ms);
    buf_printf(out, ",\"live\":%s,\"last_ms\":", info->live ? "true" : "false");
    buf_json_int(out, info->last_ms);
    add_last(info, out);
    buf_addc(out, '}');
}

/* ---- Read ------------------------------------------------------------------------------------ */

static const char *text_at(const json_t *list, size_t i)
{
    return json_string_value(json_array_get(list, i));
}

bool labels_read(const json_t *list, struct gw_label labels[GW_LABELS_MAX + 1])
{
    size_t count = json_array_size(list);
    if (count > GW_LABELS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(list, i);
        labels[i] = (struct gw_label){text_at(pair, 0), text_at(pair, 1)};
        if (!labels[i].name)
            return false;
    }
    labels[count] = (struct gw_label){0};
    return true;
}

bool fields_read(const json_t *list, struct gw_field fields[GW_FIELDS_MAX + 1])
{
    size_t count = json_array_size(list);
    if (count > GW_FIELDS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(list, i);
        int64_t kind = json_integer_value(json_array_get(row, 1));
        fields[i] = (struct gw_field){text_at(row, 0), (enum gw_field_kind)kind, text_at(row, 2),
                                      text_at(row, 3)};
        if (!fields[i].name || kind < GW_GAUGE || kind > GW_COUNTER)
            return false;
    }
    fields[count] = (struct gw_field){0};
    return true;
}

bool match_read(const json_t *tree, struct gw_match *match,
                struct gw_label labels[GW_LABELS_MAX + 1])
{
    *match = (struct gw_match){json_string_value(json_object_get(tree, "measurement")), labels};
    return labels_read(json_object_get(tree, "labels"), labels);
}

bool series_read(json_t *tree, struct series_read *out)
{
    const json_t *last = json_object_get(tree, "last");
    *out = (struct series_read){.tree = tree};
    if (!json_is_object(tree) || !labels_read(json_object_get(tree, "labels"), out->labels) ||
        !fields_read(json_object_get(tree, "fields"), out->fields))
        return false;
    out->info = (struct gw_series_info){
        .id = (uint32_t)json_integer_value(json_object_get(tree, "id")),
        .key = json_string_value(json_object_get(tree, "key")),
        .measurement = json_string_value(json_object_get(tree, "measurement")),
        .labels = out->labels,
        .fields = out->fields,
        .label_count = json_array_size(json_object_get(tree, "labels")),
        .field_count = json_array_size(json_object_get(tree, "fields")),
        .every_ms = json_integer_value(json_object_get(tree, "every_ms")),
        .live = json_is_true(json_object_get(tree, "live")),
        .last_ms = json_integer_value(json_object_get(tree, "last_ms")),
        .last = last ? out->last : NULL,
    };
    for (size_t i = 0; i < out->info.field_count; i++) {
        const json_t *value = json_array_get(last, i);
        out->last[i] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    return out->info.key && out->info.measurement;
}
