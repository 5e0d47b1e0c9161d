/* What goes over the socket between the daemon and a child: frames.
 *
 * A frame is a head, a JSON object and raw bytes (a document, a page's body, rows), each of the two
 * followed by a NUL. What a document weighs is so never escaped or parsed on the way. Both sides
 * read with wire_read, which refuses a frame that breaks these rules; what a frame says is checked
 * by whoever acts on it. Knows nothing of plugins. */
#ifndef GW_WORKER_WIRE_H
#define GW_WORKER_WIRE_H

#include "base/buf.h"

#include <jansson.h>

/* `id` joins question and answer; the text after the colon is the JSON, then the raw bytes. */
enum wire_type {
    /* to the child */
    WIRE_SETUP = 1, /* see setup.c: name, path, options, every_ms, …; the first frame */
    WIRE_STOP,      /* */
    WIRE_CALL,      /* id: command, caller, accept; raw: params */
    WIRE_CANCEL,    /* id of a call that is over: */
    WIRE_EVENT,     /* id of a subscription: all of the event but data; raw: data */
    WIRE_RESULT,    /* id of an ASK: error; raw: the answer */
    WIRE_ROWS,      /* id of a QUERY: error, step_ms, count, fields; raw: times, then values */
    WIRE_ANSWER,    /* id of a question: error, and what its type says below */
    WIRE_TO_CHILD_END,

    /* from the child */
    WIRE_STARTED = 32, /* error, text */
    WIRE_STOPPED,      /* */
    WIRE_LOG,          /* level; raw: a line */
    WIRE_FAIL,         /* raw: a sentence */
    WIRE_WAKE,         /* the ring of rows is half full */
    WIRE_PUT,          /* kind, id; raw: the document */
    WIRE_EMIT,         /* an event without data; raw: data */
    WIRE_ASK,          /* id: command; raw: params */
    WIRE_QUERY,        /* id: series or key, from_ms, to_ms, points, as */
    WIRE_REPLY,        /* id of a CALL; raw: JSON */
    WIRE_REFUSE,       /* id of a CALL: error; raw: a sentence */
    WIRE_PAGE,         /* id of a CALL: type; raw: the body */
    WIRE_PROGRESS,     /* id of a CALL: done; raw: a sentence */
    WIRE_TAKEN,        /* count: events that have been dealt with */
    WIRE_UNFOLLOW,     /* id of a FOLLOW */
    WIRE_END,          /* number: that series ends */

    /* questions: the instance's thread waits for their ANSWER */
    WIRE_SERIES = 64, /* number, measurement, labels, fields, every_ms -> last_ms */
    WIRE_RELABEL,     /* number, labels */
    WIRE_DELETE,      /* kind, id */
    WIRE_GET,         /* kind, id -> raw: the document */
    WIRE_LIST,        /* kind -> raw: an array */
    WIRE_SUBSCRIBE,   /* id; pattern, since (absent: from now on) */
    WIRE_ROLE,        /* command -> error or the role */
    WIRE_EACH,        /* match, live_only -> raw: an array of series */
    WIRE_LAST,        /* series -> time_ms; raw: rates */
    WIRE_FOLLOW,      /* id; match, raw */
    WIRE_TURN,        /* follow -> lost; raw: records, see follow.h */
    WIRE_FROM_CHILD_END,
};

enum {
    WIRE_HEAD_BYTES = 12,
    WIRE_MAX = 8 << 20,        /* of a frame */
    WIRE_LARGE_MAX = 65 << 20, /* of a page, a list, or a turn of rows */
    WIRE_SERIES_MAX = 1 << 20, /* numbers of series, from 1 */
    WIRE_CREDIT = 256,         /* events under way to a child */
    WIRE_SUBSCRIPTIONS_MAX = 1024,
};

struct wire_frame {
    enum wire_type type;
    uint32_t id;
    json_t *json; /* owned: an object */
    char *raw;    /* borrowed from the reader's buffer; NUL-terminated */
    size_t raw_bytes;
};

/* What has been read and not yet taken. */
struct wire_in {
    char *data; /* owned */
    size_t begin, end, cap;
};

/* Adds a frame. `json` NULL is {}. 0, -EMSGSIZE or -ENOMEM; then nothing was added. */
int wire_put(struct buf *out, enum wire_type type, uint32_t id, const char *json, const void *raw,
             size_t raw_bytes);
/* One read(2) of what is there. Bytes, 0 at the end of it all, or a negative errno. */
int64_t wire_read(struct wire_in *in, int fd);
/* The next whole frame: 1 (wire_done when it is dealt with, before the next wire_read), 0 when more
 * must be read, -EPROTO with a sentence in why[]. `from_child`: which types may come. */
int wire_next(struct wire_in *in, bool from_child, struct wire_frame *frame, char why[128]);
void wire_done(struct wire_frame *frame);
void wire_in_fini(struct wire_in *in);

/* Building the JSON of a frame: begin, any of add, end. Texts that are NULL are left out. */
void wire_begin(struct buf *json);
void wire_add_text(struct buf *json, const char *name, const char *text);
void wire_add_int(struct buf *json, const char *name, int64_t value);
void wire_add_number(struct buf *json, const char *name, double value);
void wire_add_json(struct buf *json, const char *name, const char *value);
const char *wire_end(struct buf *json); /* the text; NULL: no memory */

/* Reading it: absent or of another type is NULL or 0. */
const char *wire_text(const struct wire_frame *frame, const char *name);
int64_t wire_int(const struct wire_frame *frame, const char *name);
double wire_number(const struct wire_frame *frame, const char *name);

#endif
