/* rule.h - a rule: what is watched, when it is bad, and what is said then. Made from the options
 * (as JSON, see options.h); knows nothing of alerts. */
#ifndef ALERT_RULE_H
#define ALERT_RULE_H

#include "eval.h"
#include "match.h"

#include <gnswatch/plugin.h>
#include <jansson.h>

enum { RULES_MAX = 500, CONDITIONS_MAX = 8, TEXT_MAX = 2000 };

enum rule_kind {
    RULE_THRESHOLD = 1,
    RULE_RATE,
    RULE_ABSENCE,
    RULE_CHANGE,
    RULE_FORECAST,
    RULE_EVENT,
    RULE_OBJECT
};

enum rule_op { OP_ABOVE = 1, OP_AT_LEAST, OP_BELOW, OP_AT_MOST, OP_IS, OP_IS_NOT };
enum rule_as { AS_LAST = 1, AS_AVERAGE, AS_MIN, AS_MAX };
enum rule_no_data { NO_DATA_HOLD = 1, NO_DATA_UNKNOWN, NO_DATA_RESOLVE };

/* "member op value" of an object; `member` may begin with server., project. or compute. */
struct condition {
    char *member, *value; /* owned */
    enum rule_op op;
};

struct rule {
    char *name, *title, *summary, *description; /* owned; summary, description: templates */
    char *text;                                 /* owned: the rule as a sentence */
    char *error;                                /* owned: why it does not run; NULL */
    const char *source;                         /* "file", "default" */
    enum rule_kind kind;
    bool enabled;
    bool inhibits;  /* a problem here explains those of what is below */
    json_t *labels; /* owned: its own */
    struct matchers match;
    struct eval_times times;
    enum level severity; /* of absence, event and object rules */

    char *series, *field, *unit; /* owned; unit is the field's unless the rule says one */
    int64_t over_ms, baseline_ms, per_ms;
    enum rule_as as;
    enum rule_op op;
    bool absolute; /* change: in the value's unit, not in percent */
    double warning, critical, clear, clear_critical, at_least, reaches; /* NaN: none */
    enum rule_no_data no_data;
    int64_t no_data_ms; /* 0: five intervals of the series */

    char *topic;            /* owned */
    json_t *clear_topics;   /* owned; a list of patterns */
    int64_t clear_after_ms; /* 0: never by time */
    int64_t count;          /* of events within over_ms; 1: each */
    enum gw_severity least; /* events below do not count */

    char *object; /* owned: the kind */
    /* of an object rule: what makes it bad; of an event rule: what of its subject ends it */
    struct condition conditions[CONDITIONS_MAX];
    size_t condition_count;
    char *from; /* owned: the first condition's member must have been this before; NULL */

    int64_t evaluated_ms;
    size_t pending, firing; /* counts of its alerts */
    enum level worst;
    bool shown_stale; /* its object is to be put again */
};

struct rules {
    struct rule *at; /* owned */
    size_t count;
};

/* From the option `rules` and, when `defaults`, the built-in ones. A rule that cannot run has an
 * error. 0 or -ENOMEM. */
int rules_load(struct rules *rules, const json_t *list, bool defaults);
void rules_fini(struct rules *rules);
struct rule *rules_find(const struct rules *rules, const char *name);
bool rule_of_series(const struct rule *rule); /* one that watches series */
bool rule_needs_samples(const struct rule *rule, int64_t *over_ms);

const char *rule_kind_name(enum rule_kind kind);
/* "> 95 %", as a person reads what made it bad at this level. */
void rule_threshold_text(const struct rule *rule, enum level level, char *out, size_t bytes);
/* The rule as a sentence, allocated. */
char *rule_sentence(const struct rule *rule);
const char *op_sign(enum rule_op op);
bool op_holds(enum rule_op op, double value, double limit);

/* The built-in rules, a JSON list; the caller owns it. */
json_t *defaults_json(void);

#endif
