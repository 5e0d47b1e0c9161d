/* Where things are: beside the program in a build tree or an installed prefix, and in the usual
 * places of a Unix system. Nothing is remembered from the build. */
#ifndef GW_PLACES_H
#define GW_PLACES_H

/* All results are the caller's to free; NULL: there is none (or no memory). */
char *place_conf_dir(const char *given);  /* -c, $GNSWATCH_CONF, ./conf.d, /etc/gnswatch/conf.d */
char *place_state_dir(const char *given); /* --state, /var/lib/gnswatch, $XDG_STATE_HOME/… */
char *place_web_dir(void);
char *place_rrd_module(void);
char *place_store_program(void); /* gnswatch-store; NULL: gnswatch itself does it as well */
char *place_plugin_test(void);   /* gnswatch-plugin-test */
char *place_simulator(void);
/* Where gnswatch is installed with its files for authors of plugins; NULL: it is not. */
char *place_author_prefix(void);
char **
place_plugin_dirs(const char *const *given); /* those, then the program's own; ends with NULL */
void places_free(char **list);

#endif
