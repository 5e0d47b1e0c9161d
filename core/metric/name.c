/* The grammar of measurement, field and label names. */
#include "metric/name.h"

#include <string.h>

static bool word_ok(const char *text, size_t longest, const char *also)
{
    if (!text || !*text)
        return false;
    size_t len = strnlen(text, longest + 1);
    if (len > longest)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!plain && !strchr(also, c))
            return false;
    }
    return true;
}

bool name_measurement_ok(const char *measurement)
{
    return word_ok(measurement, NAME_MEASUREMENT_MAX, ".") && measurement[0] != '.' &&
           !strstr(measurement, "..") && measurement[strlen(measurement) - 1] != '.';
}

bool name_fields_ok(const struct gw_field *fields, size_t *count)
{
    size_t n = 0;
    for (; fields && fields[n].name; n++) {
        if (n == GW_FIELDS_MAX || !word_ok(fields[n].name, 19, ""))
            return false;
        if (fields[n].kind != GW_GAUGE && fields[n].kind != GW_COUNTER)
            return false;
        for (size_t i = 0; i < n; i++) {
            if (strcmp(fields[i].name, fields[n].name) == 0)
                return false;
        }
    }
    *count = n;
    return n > 0;
}

bool name_labels_ok(const struct gw_label *labels, size_t *count)
{
    size_t n = 0;
    for (; labels && labels[n].name; n++) {
        if (n == GW_LABELS_MAX || !word_ok(labels[n].name, 64, "") || !labels[n].value ||
            strnlen(labels[n].value, NAME_LABEL_VALUE_MAX + 1) > NAME_LABEL_VALUE_MAX)
            return false;
    }
    *count = n;
    return true;
}

void name_key(const char *measurement, const struct gw_label *labels, size_t count, struct buf *out)
{
    buf_adds(out, measurement);
    for (size_t i = 0; i < count; i++) {
        buf_addc(out, i == 0 ? '{' : ',');
        buf_adds(out, labels[i].name);
        buf_adds(out, "=\"");
        for (const char *p = labels[i].value; *p; p++) {
            if (*p == '"' || *p == '\\')
                buf_addc(out, '\\');
            buf_adds(out, *p == '\n' ? "\\n" : (char[]){*p, 0});
        }
        buf_addc(out, '"');
    }
    if (count)
        buf_addc(out, '}');
}
