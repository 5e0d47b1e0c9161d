/* gnswatch/testing.h - a host for the tests of a plugin: time is the test's own.
 *
 * Link the plugin's sources with gnswatch-testing instead of gnswatch; the functions of plugin.h,
 * series.h, queue.h and http.h are then the test's. Nothing runs until gwt_run: then timers, ticks,
 * posts, events, calls and answers come in order of time, at once, on the calling thread. One
 * instance of the plugin under test; further plugins' kinds, series, events and commands are played
 * by the test. A mistake (a bad name, an unanswered call at the end) ends the process with a
 * sentence on stderr. With GWT_LOG in the environment the plugin's log goes there too. */
#ifndef GNSWATCH_TESTING_H
#define GNSWATCH_TESTING_H

#include <gnswatch/http.h>
#include <gnswatch/plugin.h>
#include <gnswatch/series.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gwt;

/* ---- Life ---------------------------------------------------------------------------------- */

/* An instance named as its plugin, not started. `descriptor`: &gnswatch_plugin. `yaml` is its file
 * in conf.d ("" for none); a mistake in it is printed as `gnswatch check` does and answers NULL.
 * The clock begins at `now_ms` (0: 2026-03-02 10:00 UTC, a Monday). */
struct gwt *gwt_new(const struct gw_descriptor *descriptor, const char *yaml, int64_t now_ms);
/* What `gnswatch check` would say about this file; "" when it is right. gw_free. */
char *gwt_check(const struct gw_descriptor *descriptor, const char *yaml);
int gwt_start(struct gwt *test); /* what `start` answered */
void gwt_stop(struct gwt *test); /* releases as the host does; state and objects stay */
void gwt_kill(struct gwt *test); /* as kill -9: `stop` is not called, memory of the plugin leaks on
                                    purpose; then gwt_start begins a new life */
void gwt_free(struct gwt *test); /* NULL is fine */
struct gw_plugin *gwt_self(struct gwt *test);
const char *gwt_state_dir(struct gwt *test); /* an own directory, removed by gwt_free */

int64_t gwt_now_ms(struct gwt *test);
void gwt_run(struct gwt *test, int64_t ms); /* time passes */
/* Time passes until `true_now(data)`, at most `ms`; false: it never was. Real descriptors that the
 * plugin watches, and threads of its own, are waited for up to ten real seconds in all: a little
 * before fake time leaps to the next timer, and for the rest when no timer is left. gwt_call and
 * gwt_page wait like this too; gwt_run only looks. */
bool gwt_run_until(struct gwt *test, bool (*true_now)(void *data), void *data, int64_t ms);
void gwt_set_clock(struct gwt *test, int64_t now_ms); /* the wall clock jumps */

/* ---- Playing the others ---------------------------------------------------------------------- */

/* Any kind may be put; the plugin sees object.put and object.delete as from the real host. */
void gwt_put(struct gwt *test, const char *kind, const char *id, const char *json);
void gwt_delete(struct gwt *test, const char *kind, const char *id);
void gwt_say(struct gwt *test, const char *topic, enum gw_severity severity, const char *kind,
             const char *id, const char *text, const char *data_json);
/* A row in a series of another plugin: labels "server=lab,node=PC1", fields "up,latency_ms" (a
 * counter is written "requests:counter"), at the present moment. */
void gwt_row(struct gwt *test, const char *measurement, const char *labels, const char *fields,
             const double *values);
/* How often rows of series that gwt_row makes from now on are expected; 10 s without it. */
void gwt_every(struct gwt *test, int64_t every_ms);
void gwt_series_gone(struct gwt *test, const char *measurement, const char *labels);
/* A command of another plugin: `answer` sees the parameters and returns 0 and JSON in *reply
 * (malloc'd; NULL: {}), or a negative errno. -EINPROGRESS: no answer until gwt_answer. To
 * gw_command_role it is an operator's. */
typedef int gwt_command_fn(void *data, const char *params_json, char **reply);
void gwt_offer(struct gwt *test, const char *command, gwt_command_fn *answer, void *data);
void gwt_answer(struct gwt *test, const char *command, int error, const char *json);
/* An answer to the plugin's HTTP client: METHOD and the full address, in which * stands for any
 * text; the newest rule that fits wins; `times` 0: for ever. Status below 0 is a negative errno.
 * Unknown addresses are refused. */
void gwt_http(struct gwt *test, const char *method, const char *url, int status, const char *body,
              int times);

/* What the newest rule's answers are like: they take `delay_ms` (without it they come at once; a
 * status of -ETIMEDOUT takes the request's whole timeout), and a Retry-After asks for so long. */
void gwt_http_slow(struct gwt *test, int64_t delay_ms);
void gwt_http_retry_after(struct gwt *test, int64_t retry_after_ms);

/* ---- Looking at it --------------------------------------------------------------------------- */

/* Calls a command of the plugin and lets time pass until it has answered; 0 or the error. *reply
 * (may be NULL) is the answer or the sentence, until the next call. */
int gwt_call(struct gwt *test, const char *command, const char *params_json, const char **reply);
/* The same for a page: "/metrics", "/api/probe/report/week?color=red". *type may be NULL. */
int gwt_page(struct gwt *test, const char *path, const char *accept, const char **type,
             const char **body);

char *gwt_object(struct gwt *test, const char *kind, const char *id); /* gw_free; NULL: none */
size_t gwt_objects(struct gwt *test, const char *kind);
/* Member of an object as text ("" when missing); until the next call. Dots go down. */
const char *gwt_member(struct gwt *test, const char *kind, const char *id, const char *member);

/* Said by the plugin since gwt_new, over all its lives. */
size_t gwt_events(struct gwt *test, const char *pattern);
/* The i-th of them (0 oldest; -1 newest); NULL: none. Until the next event. */
const struct gw_event *gwt_event(struct gwt *test, const char *pattern, int i);

/* The newest value of a field; NaN: none. */
double gwt_value(struct gwt *test, const char *measurement, const char *labels, const char *field);
size_t gwt_rows(struct gwt *test, const char *measurement, const char *labels);

struct gwt_request { /* one the plugin sent by HTTP */
    const char *method, *url, *body;
    size_t body_bytes;
    const char *const *headers; /* ends with NULL */
};
size_t gwt_requests(struct gwt *test, const char *part_of_url);
const struct gwt_request *gwt_request(struct gwt *test, const char *part_of_url, int i);

/* What the plugin asked for by gw_ask; `command` may be a pattern, i counts as above. */
size_t gwt_asked(struct gwt *test, const char *command);
const char *gwt_asked_params(struct gwt *test, const char *command, int i);
const char *gwt_last_error(struct gwt *test);          /* of gw_fail; "" none */
size_t gwt_logged(struct gwt *test, const char *part); /* lines that hold this */

#ifdef __cplusplus
}
#endif
#endif
