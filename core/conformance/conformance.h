/* The conformance run of a plugin (`gnswatch plugin-test`): what its parts share.
 *
 * The runner never loads the plugin. Each phase is a child that loads it into the test host of
 * gnswatch/testing.h, with a deadline; what may crash many times is a child of that child, forked
 * when all is loaded. What they find lies in memory that all of them share. */
#ifndef GW_CONFORMANCE_H
#define GW_CONFORMANCE_H

#include "plugin/load.h"

#include <gnswatch/testing.h>
#include <sys/types.h>

enum { FAULTS_BYTES = 32768, FAULTS_MAX = 20, PLACE_BYTES = 400, SAID_BYTES = 16384 };

struct findings {              /* shared with all children; of one phase */
    char place[PLACE_BYTES];   /* what is being done, for when it does not come back */
    char faults[FAULTS_BYTES]; /* sentences, each ends with NUL; within one, lines */
    char notes[FAULTS_BYTES / 8];
    size_t fault_bytes, note_bytes;
    int faults_found; /* also those that found no room */
    unsigned beats;   /* grows with every place: nothing new for long is a hang */
    long counter;     /* a phase's own */
    bool hung;
};

struct run {
    const char *path, *name; /* of the .so; the plugin's name */
    const char *dir;         /* where it lies; where state goes: TMPDIR */
    char *conf;              /* text of --conf; NULL: made up from the tables; owned */
    int cycles;
    bool sanitized; /* the plugin brings AddressSanitizer */
    struct findings *findings;
    const struct gw_descriptor *descriptor; /* in a child that has loaded it */
    char *yaml;                             /* in a child: conf, or what was made up; owned */
    unsigned random;                        /* seed; the same at every run */
};

/* What a phase that could go on for hours may take: more with more cycles. */
int64_t run_budget_ms(const struct run *run);

/* ---- findings.c: what is found ---- */

void found_place(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
void found_beat(struct run *run); /* something new begins, at the same place */
void found_fault(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
void found_note(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- child.c: doing something where it cannot hurt ---- */

typedef void step_fn(struct run *run, void *data);
/* Runs it in a child. Whatever goes wrong with the child itself (a signal, the deadline, a sentence
 * of the test host, AddressSanitizer's report) becomes a fault, with `what` before it. True: it
 * came back in time and well, whatever faults it has found. */
bool step_run(struct run *run, const char *what, step_fn *fn, void *data, int64_t deadline_ms);
/* The children of this process, other than by step_run: killed. Their number. */
int step_orphans(void);

/* trace.c: a backtrace's lines that lie in the plugin, with file and line where addr2line knows. */
struct buf;
void trace_add(const struct run *run, const char *said, struct buf *out);

/* ---- made_up.c: values that a table allows, and ones that it may not ---- */

unsigned random_below(struct run *run, unsigned limit);
void made_up_value(struct run *run, const struct gw_row *row, struct buf *out);
/* An object with the required rows, and each other one with a chance of 1 in `others` (0: none). */
void made_up_table(struct run *run, const struct gw_row *table, unsigned others, struct buf *out);
/* The i-th strange value as JSON text; NULL: there are no more. */
const char *made_up_strange(size_t i);
/* The YAML of a file with the required options. The caller frees. */
char *made_up_conf(struct run *run, const struct gw_row *options);

/* ---- The phases ---- */

struct phase {
    const char *name, *title;
    step_fn *fn;         /* in a child that has loaded the plugin; data is NULL */
    int64_t deadline_ms; /* of all of it */
};

void phase_loads(struct run *run, void *data);
void phase_describes(struct run *run, void *data);
void phase_cycles(struct run *run, void *data);
void phase_memory(struct run *run, void *data);
void phase_slow(struct run *run, void *data);
void phase_jumps(struct run *run, void *data);
void phase_options(struct run *run, void *data);
void phase_commands(struct run *run, void *data);
void phase_events(struct run *run, void *data);
void phase_middle(struct run *run, void *data);

/* An instance with the run's yaml, started; NULL: a fault was found. Free it with gwt_free. */
struct gwt *instance_started(struct run *run, const char *yaml);
int64_t instance_every_ms(const struct run *run); /* about its tick; at least 1 s */
/* Some ticks, and each command once. */
void instance_use(struct run *run, struct gwt *test);

/* fail_alloc.c: in a child, for good: the n-th allocation that the plugin asks for, itself or
 * within a library, fails. n = 0: none does. Every one is counted in *counter. -ENOTSUP: not on
 * this processor. */
int fail_alloc_install(const void *in_plugin, long n, long *counter);

/* report.c */
struct verdict {
    const struct phase *phase;
    struct findings findings; /* a copy */
    int64_t took_ms;
    bool skipped; /* after what does not load, or hangs, nothing more can be learned */
};
/* False: something was found. */
bool report(const struct run *run, const struct verdict *verdicts, size_t count, bool json);

#endif
