/* Questions about the past: events, changes of objects, commands; as JSON. Asked on any thread,
 * answered on the keeper's. */
#include "store/keeper.h"

#include "store/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 16 << 20, ROWS_MAX = 10000 };

/* A question with its conditions as SQL and the values to bind; the texts are its own. */
struct question {
    struct buf sql;
    char *texts[8];
    struct {
        int text; /* index into texts, or -1 for number */
        int64_t number;
    } binds[16];
    int text_count, bind_count;
    void (*row)(sqlite3_stmt *row, struct buf *out);
    store_json_fn *on_json;
    store_events_fn *on_events; /* instead of on_json */
    void *data;
};

static struct question *question_new(store_json_fn *on_json, void *data,
                                     void (*row)(sqlite3_stmt *, struct buf *))
{
    struct question *question = calloc(1, sizeof(*question));
    if (!question)
        return NULL;
    buf_init(&question->sql, 4096);
    question->on_json = on_json;
    question->data = data;
    question->row = row;
    return question;
}

static void question_free(struct question *question)
{
    if (!question)
        return;
    for (int i = 0; i < question->text_count; i++)
        free(question->texts[i]);
    buf_fini(&question->sql);
    free(question);
}

static void with_number(struct question *question, const char *sql, int64_t number)
{
    buf_adds(&question->sql, sql);
    question->binds[question->bind_count].text = -1;
    question->binds[question->bind_count++].number = number;
}

/* Takes `text` over; NULL sticks as an error. */
static void with_text(struct question *question, const char *sql, char *text)
{
    if (!text) {
        question->sql.error = -ENOMEM;
        return;
    }
    buf_adds(&question->sql, sql);
    question->binds[question->bind_count++].text = question->text_count;
    question->texts[question->text_count++] = text;
}

/* The question as a statement; *code says whether it worked. */
static sqlite3_stmt *prepare(struct db *db, const struct question *question, int *code)
{
    sqlite3_stmt *statement = NULL;
    *code = SQLITE_CANTOPEN;
    if (db)
        *code = sqlite3_prepare_v2(db->handle, question->sql.data, -1, &statement, NULL);
    for (int i = 0; i < question->bind_count && *code == SQLITE_OK; i++) {
        int text = question->binds[i].text;
        if (text >= 0)
            sqlite3_bind_text(statement, i + 1, question->texts[text], -1, SQLITE_STATIC);
        else
            sqlite3_bind_int64(statement, i + 1, question->binds[i].number);
    }
    return statement;
}

static void answer(struct db *db, void *data)
{
    struct question *question = data;
    struct buf out;
    buf_init(&out, ANSWER_MAX);
    int code;
    sqlite3_stmt *statement = prepare(db, question, &code);
    buf_adds(&out, "{\"items\":[");
    const char *between = "";
    /* Rows of the largest size make a shorter page, not none. */
    while (code == SQLITE_OK && out.len < ANSWER_MAX / 2 && sqlite3_step(statement) == SQLITE_ROW) {
        buf_adds(&out, between);
        question->row(statement, &out);
        between = ",";
    }
    if (code == SQLITE_OK)
        code = sqlite3_reset(statement);
    buf_adds(&out, "]}");
    sqlite3_finalize(statement);
    int error = code == SQLITE_OK ? buf_error(&out) : code == SQLITE_ERROR ? -EINVAL : -EIO;
    question->on_json(question->data, error, error ? NULL : out.data);
    buf_fini(&out);
    question_free(question);
}

static int ask(struct store *store, struct question *question)
{
    int error = question ? buf_error(&question->sql) : -ENOMEM;
    if (!error)
        error = keeper_ask(store->keeper, answer, question);
    if (error)
        question_free(question);
    return error;
}

static int64_t rows_limit(size_t limit)
{
    return limit == 0 ? 100 : limit > ROWS_MAX ? ROWS_MAX : (int64_t)limit;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static const char *column(sqlite3_stmt *row, int at)
{
    return (const char *)sqlite3_column_text(row, at);
}

static struct gw_event event_of(sqlite3_stmt *row)
{
    return (struct gw_event){
        .sequence = sqlite3_column_int64(row, 0),
        .time_ms = sqlite3_column_int64(row, 1),
        .topic = column(row, 2),
        .severity = (enum gw_severity)sqlite3_column_int(row, 3),
        .source = column(row, 4),
        .kind = column(row, 5),
        .id = column(row, 6),
        .text = column(row, 7),
        .data = column(row, 8),
    };
}

static void event_row(sqlite3_stmt *row, struct buf *out)
{
    struct gw_event event = event_of(row);
    event_json(&event, out);
}

/* A topic pattern as GLOB: only * is special in ours. */
static char *as_glob(const char *pattern)
{
    struct buf out;
    buf_init(&out, 4096);
    for (; *pattern; pattern++) {
        if (*pattern == '[' || *pattern == '?')
            buf_printf(&out, "[%c]", *pattern);
        else
            buf_addc(&out, *pattern);
    }
    buf_addc(&out, '\0');
    return buf_take(&out);
}

/* Each word of the search as a quoted prefix, so no character of it is FTS5 syntax. */
static char *as_match(const char *search)
{
    struct buf out;
    buf_init(&out, 4096);
    bool inside = false;
    for (; *search; search++) {
        bool space = *search == ' ' || *search == '\t' || *search == '\n' || *search == '\r';
        if (space == inside)
            buf_adds(&out, inside ? "\"* " : "\"");
        inside = !space;
        if (!space)
            buf_adds(&out, *search == '"' ? "\"\"" : (char[]){*search, 0});
    }
    if (inside)
        buf_adds(&out, "\"*");
    buf_addc(&out, '\0');
    return buf_take(&out);
}

static bool has_words(const char *search)
{
    return search && search[strspn(search, " \t\n\r")] != '\0';
}

static const char select_events[] =
    "SELECT sequence, time_ms, topic, severity, source, kind, id, text, data FROM events WHERE 1";

static void add_conditions(struct question *question, const struct store_events_query *query)
{
    if (has_words(query->search))
        with_text(question,
                  " AND sequence IN (SELECT rowid FROM events_text WHERE events_text MATCH ?)",
                  as_match(query->search));
    if (query->topic)
        with_text(question, " AND topic GLOB ?", as_glob(query->topic));
    if (query->severity_least)
        with_number(question, " AND severity >= ?", query->severity_least);
    if (query->kind)
        with_text(question, " AND kind = ?", strdup(query->kind));
    if (query->id)
        with_text(question, " AND id = ?", strdup(query->id));
    if (query->from_ms)
        with_number(question, " AND time_ms >= ?", query->from_ms);
    if (query->to_ms)
        with_number(question, " AND time_ms < ?", query->to_ms);
    if (query->before_sequence)
        with_number(question, " AND sequence < ?", query->before_sequence);
    if (query->after_sequence)
        with_number(question, " AND sequence > ?", query->after_sequence);
}

int store_events(struct store *store, const struct store_events_query *query,
                 store_json_fn *on_json, void *data)
{
    struct question *question = question_new(on_json, data, event_row);
    if (!question)
        return -ENOMEM;
    buf_adds(&question->sql, select_events);
    add_conditions(question, query);
    with_number(question, " ORDER BY sequence DESC LIMIT ?", rows_limit(query->limit));
    return ask(store, question);
}

static void answer_events(struct db *db, void *data)
{
    struct question *question = data;
    struct gw_event **events = NULL;
    size_t count = 0, room = 0;
    int code;
    sqlite3_stmt *statement = prepare(db, question, &code);
    while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        struct gw_event event = event_of(statement);
        if (count == room) {
            room = room ? 2 * room : 64;
            struct gw_event **more = realloc(events, room * sizeof(*more));
            if (!more)
                break;
            events = more;
        }
        events[count] = event_copy(&event);
        if (!events[count])
            break; /* the rest is asked for again */
        count++;
    }
    if (code == SQLITE_OK)
        code = sqlite3_reset(statement);
    sqlite3_finalize(statement);
    question->on_events(question->data, code == SQLITE_OK ? 0 : -EIO, events, count);
    question_free(question);
}

int store_events_since(struct store *store, const struct store_events_query *query,
                       store_events_fn *on_events, void *data)
{
    struct question *question = question_new(NULL, data, NULL);
    if (!question)
        return -ENOMEM;
    question->on_events = on_events;
    buf_adds(&question->sql, "SELECT * FROM (");
    buf_adds(&question->sql, select_events);
    add_conditions(question, query);
    with_number(question, " ORDER BY sequence DESC LIMIT ?", ROWS_MAX);
    with_number(question, ") ORDER BY sequence LIMIT ?", rows_limit(query->limit));
    int error = buf_error(&question->sql);
    if (!error)
        error = keeper_ask_fresh(store->keeper, answer_events, question);
    if (error)
        question_free(question);
    return error;
}

/* ---- Objects and commands -------------------------------------------------------------------- */

static void change_row(sqlite3_stmt *row, struct buf *out)
{
    buf_adds(out, "{\"time\":");
    buf_json_int(out, sqlite3_column_int64(row, 0));
    buf_adds(out, ",\"change\":");
    buf_json_string(out, column(row, 1));
    buf_adds(out, ",\"owner\":");
    buf_json_string(out, column(row, 2));
    buf_adds(out, ",\"changed\":");
    buf_adds(out, column(row, 3));
    buf_addc(out, '}');
}

int store_object_history(struct store *store, const char *kind, const char *id, size_t limit,
                         store_json_fn *on_json, void *data)
{
    struct question *question = question_new(on_json, data, change_row);
    if (!question)
        return -ENOMEM;
    with_text(question, "SELECT time_ms, op, owner, members FROM changes WHERE kind = ?",
              strdup(kind));
    with_text(question, " AND id = ?", strdup(id));
    with_number(question, " ORDER BY n DESC LIMIT ?", rows_limit(limit));
    return ask(store, question);
}

static void command_row(sqlite3_stmt *row, struct buf *out)
{
    buf_adds(out, column(row, 0));
}

int store_command_history(struct store *store, size_t limit, store_json_fn *on_json, void *data)
{
    struct question *question = question_new(on_json, data, command_row);
    if (!question)
        return -ENOMEM;
    with_number(question, "SELECT json FROM commands ORDER BY n DESC LIMIT ?", rows_limit(limit));
    return ask(store, question);
}
