/* recipe.h - what is run, as conf.d says it: checked, and with everything a process needs. Knows
 * nothing of when it runs and what comes of it. */
#ifndef EXEC_RECIPE_H
#define EXEC_RECIPE_H

#include "child.h"
#include "dialect.h"
#include "texts.h"

enum { RECIPE_WHY_BYTES = 400, RECIPE_LABELS_MAX = 4 };

enum recipe_mode {
    MODE_STREAM = 1, /* runs on and on, and is started again when it ends */
    MODE_EACH,       /* runs once an interval */
    MODE_SCRAPE,     /* asked by HTTP once an interval */
    MODE_FILES,      /* files of a directory, read once an interval */
};

enum recipe_restart { RESTART_ALWAYS = 1, RESTART_FAILURE, RESTART_NEVER };

struct recipe {
    const struct gw_values *values; /* the row of conf.d; the host's */
    const struct dialect_kind *dialect;
    char *name;            /* owned */
    struct texts words;    /* owned: the program and its arguments; empty: none */
    char *alias;           /* owned: the name it is run under, by a link; NULL: its own */
    struct texts env;      /* owned */
    struct texts conf_env; /* owned: what Munin's plugin-conf.d adds */
    struct texts hidden;   /* owned: secrets, never shown */
    struct texts types;    /* owned: files like types.db */
    struct gw_label labels[RECIPE_LABELS_MAX + 1]; /* owned texts */
    size_t label_count;
    enum recipe_mode mode;
    enum recipe_restart restart;
    struct child_user user;
    struct child_limits limits;
    int64_t bytes_per_s, every_ms, timeout_ms, retry_ms;
    int64_t silence_ms; /* of a stream: nothing for longer is a failure; 0: may be silent */
    size_t series_max;
    unsigned processes_max; /* 0: no limit */
    unsigned attempts;
    int ask_signal;  /* sent to a stream each interval; 0: none */
    bool ask_stdin;  /* a line feed is written each interval */
    bool keep_stdin; /* open as long as it runs */
};

/* Reads a row of conf.d. `file`: one of a directory's programs, NULL: what the row says. On -EINVAL
 * and the like *why says what is wrong, and the recipe has its name all the same. */
int recipe_read(struct recipe *recipe, struct gw_plugin *self, const struct gw_values *values,
                const char *name, const char *file, char why[RECIPE_WHY_BYTES]);
void recipe_fini(struct recipe *recipe);

enum { RECIPE_PATH_BYTES = 4096 };

/* Where the program is now, and what it is given. `run` counts within a turn (Munin: 0 is config).
 * -errno with *why. */
int recipe_find(const struct recipe *recipe, struct gw_plugin *self, char file[RECIPE_PATH_BYTES],
                char why[RECIPE_WHY_BYTES]);
bool recipe_argv(const struct recipe *recipe, const char *file, unsigned run, struct texts *argv);
/* Why `file` did not start, for a person. */
void recipe_why_not(const char *file, const char *step, int error, char why[RECIPE_WHY_BYTES]);

/* What may be the matter when its program says nothing; begins with "; ", or is empty. */
const char *recipe_hint(const struct recipe *recipe);

/* How the command is shown: without what looks like a password. malloc'd; NULL: there is none. */
char *recipe_shown(const struct recipe *recipe);
/* Hides secrets of the recipe in a text, in place. */
void recipe_hide(const struct recipe *recipe, char *text);

const struct dialect_kind *dialect_named(const char *name); /* NULL: there is none */

#endif
