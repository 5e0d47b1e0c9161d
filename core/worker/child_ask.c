/* The child's end of the socket: frames out, and the answers to questions. */
#include "worker/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_LEAST_MS = 5000, KEEP_BYTES = 1 << 20, ALONE_CODE = 3 };

/* ---- Saying ---------------------------------------------------------------------------------- */

static int send_all(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return -errno;
        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
        }
    }
    return 0;
}

/* Without its daemon there is nothing that this process is for. */
static void be_alone(void)
{
    static const char text[] = "the socket to the daemon is closed\n";
    if (write(STDERR_FILENO, text, sizeof(text) - 1) >= 0)
        _exit(ALONE_CODE);
    _exit(ALONE_CODE);
}

int child_say(struct child *child, enum wire_type type, uint32_t id, const char *json,
              const void *raw, size_t raw_bytes)
{
    pthread_mutex_lock(&child->writing);
    buf_clear(&child->frame);
    int error = wire_put(&child->frame, type, id, json, raw, raw_bytes);
    if (!error && send_all(child->socket, child->frame.data, child->frame.len))
        be_alone();
    if (child->frame.cap > KEEP_BYTES)
        buf_fini(&child->frame);
    pthread_mutex_unlock(&child->writing);
    return error;
}

int child_say_text(struct child *child, enum wire_type type, uint32_t id, const char *text)
{
    return child_say(child, type, id, NULL, text, strlen(text));
}

uint32_t child_id(struct child *child)
{
    pthread_mutex_lock(&child->lock);
    uint32_t id = ++child->last_id ? child->last_id : ++child->last_id;
    pthread_mutex_unlock(&child->lock);
    return id;
}

/* ---- Asking, and waiting for the answer ------------------------------------------------------ */

void child_answer_fini(struct child_answer *answer)
{
    json_decref(answer->json);
    free(answer->raw);
    *answer = (struct child_answer){0};
}

static struct timespec deadline(const struct child *child)
{
    int64_t wait_ms = child->self->deadline_ms;
    if (wait_ms < ANSWER_LEAST_MS)
        wait_ms = ANSWER_LEAST_MS;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    return until;
}

/* With the lock. */
static int wait_for(struct child *child, struct child_answer *answer)
{
    struct timespec until = deadline(child);
    int error = 0;
    while (child->asked && !child->ended && !error)
        error = pthread_cond_timedwait(&child->answered, &child->lock, &until);
    if (child->asked) { /* it may still come, and is then dropped */
        child->asked = 0;
        return child->ended ? -ESHUTDOWN : -ETIMEDOUT;
    }
    *answer = child->answer;
    child->answer = (struct child_answer){0};
    return answer->error;
}

int child_question(struct child *child, enum wire_type type, struct buf *json,
                   struct child_answer *answer)
{
    struct child_answer got = {0};
    const char *text = wire_end(json);
    uint32_t id = child_id(child);
    pthread_mutex_lock(&child->lock);
    child->asked = id;
    pthread_mutex_unlock(&child->lock);
    int error = text ? child_say(child, type, id, text, NULL, 0) : -ENOMEM;
    pthread_mutex_lock(&child->lock);
    if (!error)
        error = wait_for(child, &got);
    else
        child->asked = 0;
    pthread_mutex_unlock(&child->lock);
    buf_fini(json);
    if (!error && answer)
        *answer = got;
    else
        child_answer_fini(&got);
    return error;
}

void child_take_answer(struct child *child, struct wire_frame *frame)
{
    struct child_answer got = {.error = (int)wire_int(frame, "error"),
                               .raw = malloc(frame->raw_bytes + 1),
                               .raw_bytes = frame->raw_bytes};
    if (got.raw)
        memcpy(got.raw, frame->raw, frame->raw_bytes + 1);
    else
        got.error = -ENOMEM;
    got.json = frame->json; /* it counts its references without a lock */
    frame->json = NULL;
    pthread_mutex_lock(&child->lock);
    bool awaited = child->asked && child->asked == frame->id;
    if (awaited) {
        child->asked = 0;
        child->answer = got;
        pthread_cond_signal(&child->answered);
    }
    pthread_mutex_unlock(&child->lock);
    if (!awaited)
        child_answer_fini(&got);
}

/* ---- Asking, and going on -------------------------------------------------------------------- */

int child_ask_later(struct child *child, enum wire_type type, const char *json, const char *raw,
                    const struct child_pending *whom)
{
    struct child_pending *pending = malloc(sizeof(*pending));
    if (!pending)
        return -ENOMEM;
    *pending = *whom;
    pending->id = child_id(child);
    uint32_t id = pending->id;
    pthread_mutex_lock(&child->lock);
    pending->next = child->pending;
    child->pending = pending;
    pthread_mutex_unlock(&child->lock);
    child_say(child, type, id, json, raw, raw ? strlen(raw) : 0); /* a failure is the end of us */
    return 0;
}

static void tell(const struct child_pending *pending, int error, struct wire_frame *frame)
{
    if (pending->answer) {
        char *json = frame && frame->raw_bytes ? strdup(frame->raw) : NULL;
        pending->answer(pending->data, error, json);
        return;
    }
    size_t count = frame ? (size_t)wire_int(frame, "count") : 0;
    size_t fields = frame ? (size_t)wire_int(frame, "fields") : 0;
    bool fits = frame && frame->raw_bytes == count * (fields + 1) * sizeof(double);
    struct store_rows rows = {.error = error ? error : fits ? 0 : -EIO};
    int64_t *numbers = fits && count ? malloc(frame->raw_bytes) : NULL;
    if (numbers) { /* in the frame they are not aligned */
        memcpy(numbers, frame->raw, frame->raw_bytes);
        rows.step_ms = wire_int(frame, "step_ms");
        rows.count = count;
        rows.fields = fields;
        rows.times_ms = numbers;
        rows.values = (const double *)(const void *)(numbers + count);
    }
    pending->on_rows(pending->data, &rows);
    free(numbers);
}

static struct child_pending *take_pending(struct child *child, uint32_t id)
{
    struct child_pending *found = NULL;
    pthread_mutex_lock(&child->lock);
    for (struct child_pending **at = &child->pending; *at; at = &(*at)->next) {
        if (id && (*at)->id != id)
            continue;
        found = *at;
        *at = found->next;
        break;
    }
    pthread_mutex_unlock(&child->lock);
    return found;
}

void child_take_result(struct child *child, struct wire_frame *frame)
{
    struct child_pending *pending = frame->id ? take_pending(child, frame->id) : NULL;
    if (pending)
        tell(pending, (int)wire_int(frame, "error"), frame);
    free(pending);
}

void child_end_questions(struct child *child)
{
    pthread_mutex_lock(&child->lock);
    child->ended = true;
    pthread_cond_signal(&child->answered);
    pthread_mutex_unlock(&child->lock);
    for (struct child_pending *pending; (pending = take_pending(child, 0));) {
        tell(pending, -ECANCELED, NULL);
        free(pending);
    }
}
