/* Paths relative to /proc/self/exe. */
#include "places.h"

#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *text(const char *format, ...)
{
    char *out = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&out, format, args) < 0)
        out = NULL;
    va_end(args);
    return out;
}

/* The directory of the program, "" when it cannot be told. */
static void exe_dir(char dir[PATH_MAX])
{
    ssize_t bytes = readlink("/proc/self/exe", dir, PATH_MAX - 1);
    dir[bytes > 0 ? bytes : 0] = '\0';
    char *slash = strrchr(dir, '/');
    if (slash)
        *slash = '\0';
}

/* The first path that exists of `pattern` below the program's directory. */
static char *beside(const char *pattern)
{
    char dir[PATH_MAX];
    exe_dir(dir);
    char *full = text("%s/%s", dir, pattern);
    glob_t found = {0};
    char *path = NULL;
    if (full && glob(full, 0, NULL, &found) == 0 && found.gl_pathc > 0)
        path = realpath(found.gl_pathv[0], NULL);
    globfree(&found);
    free(full);
    return path;
}

static char *first_beside(const char *const *patterns)
{
    char *path = NULL;
    for (; *patterns && !path; patterns++)
        path = beside(*patterns);
    return path;
}

char *place_conf_dir(const char *given)
{
    const char *environment = getenv("GNSWATCH_CONF");
    if (given)
        return strdup(given);
    if (environment && *environment)
        return strdup(environment);
    return strdup(access("conf.d", F_OK) == 0 ? "conf.d" : "/etc/gnswatch/conf.d");
}

/* What is said of a file must not depend on where its reader stands: plugins hand paths on. */
static char *absolute(const char *path)
{
    char *here = *path == '/' ? NULL : getcwd(NULL, 0);
    char *whole = here ? text("%s/%s", here, path) : strdup(path);
    free(here);
    return whole;
}

char *place_state_dir(const char *given)
{
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const char *environment = getenv("GNSWATCH_STATE");
    if (given)
        return absolute(given);
    if (environment && *environment)
        return absolute(environment);
    if (geteuid() == 0)
        return strdup("/var/lib/gnswatch");
    if (xdg && *xdg)
        return text("%s/gnswatch", xdg);
    return home && *home ? text("%s/.local/state/gnswatch", home) : strdup("/var/lib/gnswatch");
}

char *place_web_dir(void)
{
    return beside("../share/gnswatch/web");
}

char *place_rrd_module(void)
{
    const char *const patterns[] = {"../lib/gnswatch/gnswatch-rrd.so",
                                    "../lib/*/gnswatch/gnswatch-rrd.so",
                                    "../lib64/gnswatch/gnswatch-rrd.so", NULL};
    return first_beside(patterns);
}

char *place_store_program(void)
{
    const char *const patterns[] = {"../lib/gnswatch/gnswatch-store",
                                    "../lib/*/gnswatch/gnswatch-store",
                                    "../lib64/gnswatch/gnswatch-store", NULL};
    return first_beside(patterns);
}

char *place_plugin_test(void)
{
    const char *const patterns[] = {"../lib/gnswatch/gnswatch-plugin-test",
                                    "../lib/*/gnswatch/gnswatch-plugin-test",
                                    "../lib64/gnswatch/gnswatch-plugin-test", NULL};
    return first_beside(patterns);
}

static char *on_path(const char *name)
{
    const char *path = getenv("PATH");
    char *found = NULL;
    while (path && *path && !found) {
        size_t bytes = strcspn(path, ":");
        found = text("%.*s/%s", (int)bytes, path, name);
        if (found && access(found, X_OK)) {
            free(found);
            found = NULL;
        }
        path += bytes + (path[bytes] == ':');
    }
    return found;
}

char *place_author_prefix(void)
{
    const char *const patterns[] = {"../lib/cmake/gnswatch/gnswatch-config.cmake",
                                    "../lib/*/cmake/gnswatch/gnswatch-config.cmake",
                                    "../lib64/cmake/gnswatch/gnswatch-config.cmake", NULL};
    char *config = first_beside(patterns);
    char *prefix = config ? beside("..") : NULL;
    free(config);
    return prefix;
}

char *place_simulator(void)
{
    const char *const patterns[] = {"gnswatch-sim", "../libexec/gnswatch-sim",
                                    "../libexec/gnswatch/gnswatch-sim", "../tests/sim/gnswatch-sim",
                                    NULL};
    char *path = first_beside(patterns);
    return path ? path : on_path("gnswatch-sim");
}

char **place_plugin_dirs(const char *const *given)
{
    const char *const patterns[] = {"../lib/gnswatch/plugins", "../lib/*/gnswatch/plugins",
                                    "../lib64/gnswatch/plugins"};
    enum { OWN = sizeof(patterns) / sizeof(*patterns) };
    size_t count = 0;
    while (given && given[count])
        count++;
    char **list = calloc(count + OWN + 1, sizeof(char *));
    if (!list)
        return NULL;
    for (size_t i = 0; i < count; i++)
        list[i] = strdup(given[i]);
    for (size_t i = 0; i < OWN; i++) {
        char *dir = beside(patterns[i]);
        if (dir)
            list[count++] = dir;
    }
    if (!count)
        list[0] = strdup("/usr/lib/gnswatch/plugins"); /* named in "not found in …" */
    return list;
}

void places_free(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}
