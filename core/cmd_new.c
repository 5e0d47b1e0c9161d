/* gnswatch new: writes the skeleton of a plugin, which lies in packaging/skeleton and is part of
 * the program. What is there already is never touched. */
#include "cmd.h"

#include "places.h"
#include "skeleton.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES_MAX = 32 };

const struct cli_option new_options[] = {
    {.name = "dir", .arg = "DIR", .help = "Write into this directory; without it into ./NAME"},
    {0},
};

const char new_more[] =
    "Writes a plugin that builds and passes its own test: NAME.c, test_NAME.c, CMakeLists.txt,\n"
    "Makefile, conf.d/NAME.yaml and README.md. Files that are there already are left alone.\n";

static int fail(const char *subject, const char *why)
{
    fprintf(stderr, "gnswatch new: %s: %s\n", subject, why);
    return EXIT_FAILED;
}

/* ---- The name ---- */

static bool reserved(const char *name)
{
    /* What the host names its own, and what CMake and make call their targets. */
    static const char *const taken[] = {"gnswatch", "v1",   "all",          "check",
                                        "clean",    "help", "edit_cache",   "install",
                                        "package",  "test", "rebuild_cache"};
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
        if (strcmp(name, taken[i]) == 0)
            return true;
    }
    return strncmp(name, "gw_", 3) == 0 || strncmp(name, "gwt_", 4) == 0;
}

/* Is there such a plugin beside this program? */
static bool exists(const char *name)
{
    char **dirs = place_plugin_dirs(NULL);
    bool found = false;
    for (size_t i = 0; dirs && dirs[i] && !found; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/%s.so", dirs[i], name);
        found = access(path, F_OK) == 0;
    }
    places_free(dirs);
    return found;
}

static bool good_name(const char *name)
{
    size_t bytes = strlen(name);
    const char *why = bytes == 0 || bytes > NAME_BYTES_MAX ? "a name has 1 to 32 characters"
                      : name[0] < 'a' || name[0] > 'z' ? "a name begins with a letter from a to z"
                      : strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != bytes
                          ? "a name has only a-z, 0-9 and _"
                      : reserved(name)
                          ? "this name is used by gnswatch or by build tools; take another"
                      : exists(name) ? "gnswatch has a plugin of this name; take another"
                                     : NULL;
    if (why)
        fail(name, why);
    return !why;
}

/* ---- Writing ---- */

/* `text` with NAME for each "skeleton"; the caller frees. */
static char *named(const char *text, const char *end, const char *name)
{
    static const char word[] = "skeleton";
    struct buf out;
    buf_init(&out, 1 << 20);
    for (const char *at; (at = memmem(text, (size_t)(end - text), word, sizeof(word) - 1));) {
        buf_add(&out, text, (size_t)(at - text));
        buf_adds(&out, name);
        text = at + sizeof(word) - 1;
    }
    buf_add(&out, text, (size_t)(end - text));
    char *result = buf_take(&out);
    buf_fini(&out);
    return result;
}

/* "DIR/NAME.c" for the skeleton's "skeleton.c"; the caller frees. */
static char *path_of(const struct skeleton_file *file, const char *dir, const char *name)
{
    char *path = NULL;
    char *inside = named(file->path, file->path + strlen(file->path), name);
    if (!inside || asprintf(&path, "%s/%s", dir, inside) < 0)
        path = NULL;
    free(inside);
    return path;
}

static bool make_dir(const char *path)
{
    struct stat about;
    if (mkdir(path, 0777) == 0 ||
        (errno == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)))
        return true;
    fail(path, strerror(errno == EEXIST ? ENOTDIR : errno));
    return false;
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool good = file && fputs(text, file) >= 0;
    int error = errno;
    if (file && fclose(file) != 0) {
        good = false;
        error = errno;
    }
    if (!good)
        fail(path, strerror(error));
    return good;
}

static bool write_all(const char *dir, const char *name)
{
    bool good = true;
    for (size_t i = 0; i < skeleton_count && good; i++) {
        const struct skeleton_file *file = &skeleton_files[i];
        char *path = path_of(file, dir, name);
        char *text = named(file->text, file->end, name);
        good = path && text && write_file(path, text);
        if (good)
            printf("  %s\n", path);
        free(path);
        free(text);
    }
    return good;
}

/* Looked at before anything is written, so that nothing is left half done. */
static bool nothing_there(const char *dir, const char *name)
{
    bool free_place = true;
    for (size_t i = 0; i < skeleton_count; i++) {
        struct stat about;
        char *path = path_of(&skeleton_files[i], dir, name);
        if (path && lstat(path, &about) == 0) {
            fail(path, "is there already; nothing was written");
            free_place = false;
        }
        free(path);
    }
    return free_place;
}

/* CMake looks into /usr by itself, and nowhere when gnswatch has only been built. */
static void print_next(const char *dir, const char *name)
{
    char *prefix = place_author_prefix();
    bool usual = prefix && (strcmp(prefix, "/usr") == 0 || strcmp(prefix, "/usr/local") == 0);
    if (!prefix)
        printf("It builds where gnswatch is installed with its files for authors: the packages\n"
               "gnswatch and gnswatch-dev, or, from its source, with a PREFIX of yours,\n"
               "  cmake --install build --prefix PREFIX\n");
    printf("Build and test it:\n  cd %s\n  cmake -B build%s%s && cmake --build build && "
           "ctest --test-dir build\n  gnswatch plugin-test build/%s.so --conf conf.d/%s.yaml\n",
           dir, usual ? "" : " -DCMAKE_PREFIX_PATH=",
           usual    ? ""
           : prefix ? prefix
                    : "PREFIX",
           name, name);
    free(prefix);
}

static int write_plugin(const char *dir, const char *name)
{
    char conf[PATH_MAX];
    if (snprintf(conf, sizeof(conf), "%s/conf.d", dir) >= (int)sizeof(conf))
        return fail(dir, "the name of the directory is too long");
    if (!nothing_there(dir, name) || !make_dir(dir) || !make_dir(conf))
        return EXIT_FAILED;
    printf("The plugin '%s':\n", name);
    if (!write_all(dir, name))
        return EXIT_FAILED;
    print_next(dir, name);
    return EXIT_CLEAN;
}

int cmd_new(const struct cli_command *command, int argc, char **argv)
{
    struct cli_parsed parsed;
    int code;
    if (!cli_begin(command, argc, argv, &parsed, &code))
        return code;
    const char *name = parsed.rest[0], *dir = cli_value(&parsed, "dir");
    if (!good_name(name))
        return EXIT_USAGE;
    return write_plugin(dir ? dir : name, name);
}
