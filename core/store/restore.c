/* Labels and fields are JSON arrays, as write.c made them. */
#include "store/restore.h"

#include <errno.h>
#include <jansson.h>

static size_t read_labels(const json_t *list, struct gw_label *out)
{
    size_t count = json_array_size(list);
    if (count > GW_LABELS_MAX)
        return 0;
    for (size_t i = 0; i < count; i++) {
        json_t *label = json_array_get(list, i);
        out[i] = (struct gw_label){json_string_value(json_array_get(label, 0)),
                                   json_string_value(json_array_get(label, 1))};
        if (!out[i].name || !out[i].value)
            return i;
    }
    return count;
}

static size_t read_fields(const json_t *list, struct gw_field *out)
{
    size_t count = json_array_size(list);
    if (count > GW_FIELDS_MAX)
        return 0;
    for (size_t i = 0; i < count; i++) {
        json_t *field = json_array_get(list, i);
        out[i] = (struct gw_field){
            json_string_value(json_array_get(field, 0)),
            (enum gw_field_kind)json_integer_value(json_array_get(field, 1)),
            json_string_value(json_array_get(field, 2)),
            json_string_value(json_array_get(field, 3)),
        };
        if (!out[i].name || (out[i].kind != GW_GAUGE && out[i].kind != GW_COUNTER))
            return 0;
    }
    return count;
}

static void restore_one(sqlite3_stmt *row, struct metric *metric)
{
    json_t *labels = json_loads((const char *)sqlite3_column_text(row, 3), 0, NULL);
    json_t *fields = json_loads((const char *)sqlite3_column_text(row, 4), 0, NULL);
    struct series_info info = {
        .id = (uint32_t)sqlite3_column_int64(row, 0),
        .key = (char *)(uintptr_t)sqlite3_column_text(row, 1),
        .measurement = (char *)(uintptr_t)sqlite3_column_text(row, 2),
        .every_ms = sqlite3_column_int64(row, 5),
        .last_ms = sqlite3_column_int64(row, 6),
    };
    info.label_count = read_labels(labels, info.labels);
    info.field_count = read_fields(fields, info.fields);
    if (info.field_count && info.label_count == json_array_size(labels))
        metric_restore(metric, &info);
    json_decref(labels);
    json_decref(fields);
}

static int each_row(struct db *db, const char *sql, void (*visit)(sqlite3_stmt *row, void *data),
                    void *data)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
            visit(statement, data);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? 0 : -EIO;
}

static void visit_series(sqlite3_stmt *row, void *data)
{
    restore_one(row, data);
}

int restore_series(struct db *db, struct metric *metric)
{
    return each_row(db,
                    "SELECT id, key, measurement, labels, fields, every_ms, last_ms FROM series "
                    "ORDER BY id",
                    visit_series, metric);
}

static void visit_object(sqlite3_stmt *row, void *data)
{
    objects_restore(data, (const char *)sqlite3_column_text(row, 0),
                    (const char *)sqlite3_column_text(row, 1),
                    (const char *)sqlite3_column_text(row, 2));
}

int restore_objects(struct db *db, struct objects *objects)
{
    return each_row(db, "SELECT kind, id, json FROM objects", visit_object, objects);
}
