/* idle.h - is a lab idle, and what follows: told once, then (only where the file says so) a
 * warning, then an action. Pure. What is not known never counts as unused unless the file says so.
 */
#ifndef TRAFFIC_IDLE_H
#define TRAFFIC_IDLE_H

#include "lab.h"

enum idle_action { IDLE_NONE = 1, IDLE_SUSPEND, IDLE_STOP, IDLE_SNAPSHOT };

struct idle_rules {
    int64_t after_ms; /* quiet for this long is idle; 0: never */
    int64_t warn_ms;  /* from the warning to the action */
    enum idle_action action;
    double cpu_below;      /* percent of a core, of a lab's busiest node */
    bool unknown_is_quiet; /* consoles and CPU that cannot be seen count as unused */
};

struct idle_facts {
    bool running; /* something that could be stopped runs */
    enum status status;
    int consoles;       /* 1: in use; 0: not; -1: not known */
    double cpu_percent; /* NaN: not known */
};

enum idle_step {
    IDLE_STEP_NONE = 1,
    IDLE_STEP_BUSY,
    IDLE_STEP_IDLE,
    IDLE_STEP_WARN,
    IDLE_STEP_ACT
};

/* The next step of one lab; call again until it answers IDLE_STEP_NONE. */
enum idle_step idle_next(const struct idle_rules *rules, const struct idle_facts *facts,
                         struct idle_state *state, int64_t now_ms);

const char *idle_action_name(enum idle_action action);

#endif
