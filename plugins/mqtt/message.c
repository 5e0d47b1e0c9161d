/* message.c - see message.h. */
#include "message.h"

#include <math.h>

static const char *severity_name(enum gw_severity severity)
{
    static const char *const names[] = {"debug",   "debug", "info",    "notice",
                                        "warning", "error", "critical"};
    return severity >= GW_DEBUG && severity <= GW_CRITICAL ? names[severity] : names[0];
}

char *message_of_event(const struct gw_event *event)
{
    json_t *data = event->data ? json_loads(event->data, 0, NULL) : json_object();
    json_t *doc = json_pack("{s:I, s:I, s:s, s:s, s:s?, s:s?, s:s?, s:s, s:o}", "sequence",
                            (json_int_t)event->sequence, "time", (json_int_t)event->time_ms,
                            "topic", event->topic, "severity", severity_name(event->severity),
                            "source", event->source, "kind", event->kind, "id", event->id, "text",
                            event->text ? event->text : "", "data", data ? data : json_object());
    char *text = doc ? json_dumps(doc, MESSAGE_DUMP) : NULL;
    json_decref(doc);
    return text;
}

json_t *message_labels(const struct gw_label *labels, size_t count)
{
    json_t *doc = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(doc, labels[i].name, json_string(labels[i].value));
    return doc;
}

json_t *message_number(double value)
{
    if (!isfinite(value))
        return json_null();
    if (fabs(value) < 9e15 && floor(value) == value)
        return json_integer((json_int_t)value);
    return json_real(value);
}

json_t *message_row(int64_t time_ms, const struct gw_field *fields, size_t count,
                    const double *values)
{
    json_t *numbers = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(numbers, fields[i].name, message_number(values[i]));
    return json_pack("{s:I, s:o}", "time", (json_int_t)time_ms, "values", numbers);
}
