/* poll.h - reads the lists of a server in turn, within what they may cost it, and hands each
 * answer to the file that understands it. */
#ifndef GNS3_POLL_H
#define GNS3_POLL_H

#include "model.h"

/* What became of a read somebody waited for: 0, or an error and a sentence. */
typedef void poll_done_fn(void *data, int error, const char *text);

void job_init(struct job *job, enum job_kind kind, struct server *server, struct project *project);
void job_fini(struct job *job); /* who waits gets -ENOENT */

/* Reads the list as soon as may be; `on_done` (may be NULL) is called once, after a read that began
 * after this call, never from within it. */
void job_ask(struct job *job, poll_done_fn *on_done, void *data);
/* Reads it in its turn, `delay_ms` from now at the latest. */
void job_soon(struct job *job, int64_t delay_ms);
/* The next answer is taken apart even if its text is as before. */
void job_forget(struct job *job);

/* Sends what is due. Comes by itself when something falls due, after each answer and job_ask. */
void poll_pump(struct server *server);
/* The server is up (again): everything is to be read. */
void poll_resync(struct server *server);

/* What a read costs the server, in ms of its CPU: a base and 70 ns a byte of the answer, as
 * measured on 2.2.59 and 3.0.6. */
double poll_cost_ms(int api, enum job_kind kind, size_t bytes);

struct job *project_job(struct project *project, enum job_kind kind);
struct job *server_job(struct server *server, enum job_kind kind);

#endif
