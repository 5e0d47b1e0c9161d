/* test_skeleton - the plugin on the test host of <gnswatch/testing.h>, where time is the test's
 * own: an hour passes in a moment. */
#undef NDEBUG
#include <gnswatch/testing.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct gw_descriptor gnswatch_plugin;

static void make_file(const char *dir, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert(file);
    fclose(file);
}

int main(void)
{
    char dir[] = "/tmp/test-skeleton-XXXXXX", conf[256];
    assert(mkdtemp(dir));
    snprintf(conf, sizeof(conf), "path: %s\nwarn_above: 1\nevery: 1m\n", dir);
    struct gwt *test = gwt_new(&gnswatch_plugin, conf, 0);
    assert(test && gwt_start(test) == 0);

    /* A row a minute, and an object; no event while there are few files. */
    make_file(dir, "one");
    gwt_run(test, 3600 * 1000);
    char labels[280];
    snprintf(labels, sizeof(labels), "path=%s", dir);
    assert(gwt_rows(test, "skeleton.directory", labels) == 60);
    assert((int)gwt_value(test, "skeleton.directory", labels, "files") == 1);
    assert(strcmp(gwt_member(test, "skeleton.directory", dir, "files"), "1") == 0);
    assert(gwt_events(test, "skeleton.*") == 0);

    /* One event when there are many, however long. */
    make_file(dir, "two");
    gwt_run(test, 3600 * 1000);
    assert(gwt_events(test, "skeleton.many") == 1);
    assert(gwt_event(test, "skeleton.many", -1)->severity == GW_WARNING);

    /* The command; and an error that is told when the directory is gone. */
    const char *reply;
    assert(gwt_call(test, "skeleton.count", NULL, &reply) == 0);
    assert(strcmp(reply, "{\"files\":2}") == 0);
    assert(gwt_last_error(test)[0] == '\0');
    char command[280];
    snprintf(command, sizeof(command), "rm -r '%s'", dir);
    assert(system(command) == 0);
    assert(gwt_call(test, "skeleton.count", NULL, NULL) < 0);
    assert(strstr(gwt_last_error(test), "No such file"));
    gwt_free(test);
    return 0;
}
