/* act.h - a command under way: requests sent one after another, lists read again, one answer.
 *
 * An act ends with act_reply…, act_refuse or act_end, after which it must not be touched. The steps
 * given to act_send, act_read and act_wait come once each, unless the act ends before. Things may
 * go while it waits: it keeps ids, never pointers to nodes or projects. */
#ifndef GNS3_ACT_H
#define GNS3_ACT_H

#include "model.h"

typedef void act_step_fn(struct act *act);
typedef void act_answer_fn(struct act *act, const struct client_answer *answer);

struct act {
    struct act *next;
    struct gns3 *gns3;
    struct server *server;
    struct gw_call *call; /* NULL: it is over, and only waits for what is under way */
    char *project, *id;   /* object ids; owned; may be NULL */
    char *warning;        /* for the answer; owned; may be NULL */
    int64_t begun_ms;     /* monotonic */
    int want, tries;      /* a state to wait for, and how often it was looked at */
    int pending;          /* reads and requests whose callbacks are to come */
    int reads;            /* of these, what act_read waits for */
    int error;            /* the first of these reads that failed */
    char text[600];       /* and why */
    act_step_fn *then;
    struct gw_timer *timer;
    void *data; /* the command's own; owned through free_data */
    void (*free_data)(void *data);
};

struct act_request {
    const char *method, *path, *body; /* path without the API's prefix */
    const char *body_file, *save_file;
    int64_t timeout_ms;
    bool keep_refusals; /* `then` gets refusals too */
};

/* NULL: the call has been refused. `project` (may be NULL) and `id` (may be NULL) are copied. */
struct act *act_new(struct gw_call *call, struct server *server, const char *project,
                    const char *id);
void act_stop_all(struct gns3 *gns3);

/* Sends; a refusal or no answer refuses the call in GNS3's words. */
void act_send(struct act *act, const struct act_request *request, act_answer_fn *then);
/* Reads lists again, then goes on; when one cannot be read the call is refused. Several act_read
 * with the same step before it are one step. */
void act_read(struct act *act, struct job *job, act_step_fn *then);
void act_wait(struct act *act, int64_t delay_ms, act_step_fn *then);

void act_warn(struct act *act, const char *format, ...) GW_PRINTF(2, 3);
void act_reply(struct act *act, const char *json);
void act_reply_object(struct act *act, const char *kind, const char *id); /* with the warning */
void act_reply_deleted(struct act *act);
void act_refuse(struct act *act, int error, const char *format, ...) GW_PRINTF(3, 4);
void act_refuse_answer(struct act *act, const struct client_answer *answer);
void act_end(struct act *act); /* without a word: the host has ended the call */
/* One of the callbacks counted in `pending` came. False: the act is over, and gone if it was the
 * last one. */
bool act_arrived(struct act *act);

/* What an answer that is none, or a refusal, is for our caller. */
int answer_error(const struct client_answer *answer);
const char *answer_advice(const struct client_answer *answer); /* "" or what to do */

struct project *act_project(struct act *act); /* NULL: it is gone, and the call refused */
struct node *act_node(struct act *act);
struct link *act_link(struct act *act);

/* By id or unique name, in what this instance watches; NULL: none, and the call refused. */
struct server *find_server(struct gns3 *gns3, struct gw_call *call, const char *parameter);
struct project *find_project(struct gns3 *gns3, struct gw_call *call, const char *parameter);
struct node *find_node(struct gns3 *gns3, struct gw_call *call, const char *parameter);
struct link *find_link(struct gns3 *gns3, struct gw_call *call, const char *parameter);
struct snapshot *find_snapshot(struct gns3 *gns3, struct gw_call *call, const char *parameter);
/* Within a project, by id or name. */
struct node *find_node_in(const struct project *project, const char *id_or_name);

#endif
