/* demo_conf.h - the configuration of `gnswatch demo`: every bundled plugin at work on the simulated
 * labs, with messages going to the simulator's inbox. */
#ifndef GW_DEMO_CONF_H
#define GW_DEMO_CONF_H

enum { DEMO_SERVERS = 2 };

struct demo_places {
    const char *listen;                       /* of the dashboard; NULL: the default */
    int servers[DEMO_SERVERS], control, smtp; /* ports of the simulator */
};

/* Writes conf.d files into `dir`. 0, or an error with a sentence on stderr. */
int demo_conf_write(const char *dir, const struct demo_places *places);

#endif
