/* librrd keeps its last error per thread and asks for it several times a value: a sixth of the cost
 * of an update goes into pthread_once and pthread_getspecific. Here one thread uses librrd, so
 * these two functions of its API are given again, for that one thread. The module stands before
 * librrd in the search order of its own scope, so librrd's calls come here.
 *
 * The static below is the module's one piece of state, as it is librrd's. */
#include <rrd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int rrd_test_error(void);

static rrd_context_t the_context;

EXPORT rrd_context_t *rrd_get_context(void)
{
    return &the_context;
}

int rrd_test_error(void)
{
    return the_context.rrd_error[0] != '\0';
}
