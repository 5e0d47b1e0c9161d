/* Where to read, where to keep, where plugins are: from the command line and gnswatch.yaml. */
#ifndef GW_SETUP_H
#define GW_SETUP_H

#include "conf/values.h"
#include "plugin/host.h"

extern const struct gw_row host_options[]; /* of gnswatch.yaml */

struct setup { /* all owned */
    char *conf_dir, *state_dir, *web_dir, *rrd_module, *store_program;
    char **plugin_dirs; /* ends with NULL */
    char **own_dirs;    /* those of them that came with the program; ends with NULL */
};

/* Any argument may be NULL. Reads gnswatch.yaml for what the command line leaves open; what is
 * wrong in it is reported when the whole directory is read (setup_load). false: no memory. */
bool setup_init(struct setup *setup, const char *conf_dir, const char *state_dir,
                const char *const *plugin_dirs);
void setup_fini(struct setup *setup);

/* conf.d, checked against the tables of `host`'s plugins. NULL: all problems are in `problems`. */
struct conf *setup_load(const struct setup *setup, struct host *host, struct problems *problems);
/* What to do where there is no configuration, on stderr. */
void setup_say_first_steps(const struct setup *setup);
void setup_log(const struct gw_values *host); /* applies `log:` */

#endif
