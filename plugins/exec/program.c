/* program.c - the program of a recipe (recipe.h): where it is, what it is given, how it is shown,
 * and why it does not start. */
#include "environ.h"
#include "recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Where ----------------------------------------------------------------------------------- */

/* Where each protocol's own host keeps its programs. */
static const char *folders_of(const struct recipe *recipe)
{
    const char *kind = recipe->dialect->name;
    if (strcmp(kind, "nagios") == 0)
        return "/usr/lib/nagios/plugins:/usr/lib/monitoring-plugins:";
    if (strcmp(kind, "munin") == 0)
        return "/etc/munin/plugins:/usr/share/munin/plugins:";
    if (strcmp(kind, "netdata") == 0)
        return "/usr/libexec/netdata/plugins.d:/usr/lib/netdata/plugins.d:";
    return "";
}

static bool search(const char *folders, const char *name, char file[RECIPE_PATH_BYTES])
{
    while (*folders) {
        size_t length = strcspn(folders, ":");
        snprintf(file, RECIPE_PATH_BYTES, "%.*s/%s", (int)length, folders, name);
        if (access(file, X_OK) == 0)
            return true;
        folders += length + (folders[length] == ':');
    }
    return false;
}

/* Munin's programs look at their name: a link is the only thing that always works. */
static int link_it(const struct recipe *recipe, struct gw_plugin *self,
                   char file[RECIPE_PATH_BYTES], char *why)
{
    char folder[RECIPE_PATH_BYTES - 256], link[RECIPE_PATH_BYTES];
    int error = environ_folder(self, &recipe->user, "links", folder, sizeof folder);
    snprintf(link, sizeof link, "%s/%.200s", folder, recipe->alias);
    if (!error && unlink(link) && errno != ENOENT)
        error = -errno;
    if (!error && symlink(file, link))
        error = -errno;
    if (error)
        snprintf(why, RECIPE_WHY_BYTES, "cannot make the link for `as`: %s", strerror(-error));
    else
        memcpy(file, link, sizeof link);
    return error;
}

int recipe_find(const struct recipe *recipe, struct gw_plugin *self, char file[RECIPE_PATH_BYTES],
                char why[RECIPE_WHY_BYTES])
{
    const char *program = recipe->words.list[0];
    snprintf(file, RECIPE_PATH_BYTES, "%s", program);
    if (*program != '/' && !search(folders_of(recipe), program, file) &&
        !search(environ_path, program, file)) {
        snprintf(why, RECIPE_WHY_BYTES, "there is no program '%.200s' in %s%s", program,
                 folders_of(recipe), environ_path);
        return -ENOENT;
    }
    return recipe->alias ? link_it(recipe, self, file, why) : 0;
}

/* ---- What it is given ------------------------------------------------------------------------ */

bool recipe_argv(const struct recipe *recipe, const char *file, unsigned run, struct texts *argv)
{
    const char *kind = recipe->dialect->name, *slash = strrchr(file, '/');
    bool short_name = strcmp(kind, "collectd") == 0 && slash;
    bool good = texts_add(argv, "%s", short_name ? slash + 1 : file);
    if (strcmp(kind, "netdata") == 0)
        good = good && texts_add(argv, "%lld", (long long)((recipe->every_ms + 999) / 1000));
    for (size_t i = 1; i < recipe->words.count; i++)
        good = good && texts_add(argv, "%s", recipe->words.list[i]);
    if (strcmp(kind, "munin") == 0 && run == 0)
        good = good && texts_add(argv, "config");
    return good;
}

/* ---- Why not --------------------------------------------------------------------------------- */

enum { HEAD_BYTES = 256 };

/* How a file begins; its bytes, 0: none, or it cannot be read. */
static size_t head_of(const char *file, char head[HEAD_BYTES])
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t count = fd >= 0 ? read(fd, head, HEAD_BYTES - 1) : -1;
    if (fd >= 0)
        close(fd);
    head[count > 0 ? count : 0] = '\0';
    return count > 0 ? (size_t)count : 0;
}

/* The interpreter a script asks for is not there; false: it asks for none. */
static bool why_no_interpreter(const char *file, char *why)
{
    char head[HEAD_BYTES];
    if (head_of(file, head) < 3 || head[0] != '#' || head[1] != '!')
        return false;
    char *name = head + 2 + strspn(head + 2, " \t");
    size_t length = strcspn(name, " \t\r\n");
    bool carriage = name[strcspn(name, "\r\n")] == '\r';
    name[length] = '\0';
    if (carriage && access(name, X_OK) == 0)
        snprintf(why, RECIPE_WHY_BYTES,
                 "%.200s: its lines end in carriage returns, as on Windows, and so the name of its "
                 "interpreter: sed -i 's/\\r$//' makes it sound",
                 file);
    else
        snprintf(why, RECIPE_WHY_BYTES,
                 "%.200s: its interpreter %.100s is missing: install it, or correct the first line",
                 file, name);
    return *name != '\0';
}

/* What the system takes for no program, as its first bytes show. */
static const char *what_it_is(const char *file)
{
    static const struct {
        const char *head, *what;
        size_t bytes;
    } kinds[] = {
        {"\xef\xbb\xbf", "has a byte-order mark before its first line: save it without", 3},
        {"\xff\xfe", "is text in UTF-16: save it as UTF-8", 2},
        {"\xfe\xff", "is text in UTF-16: save it as UTF-8", 2},
        {"\x7f"
         "ELF",
         "is a binary of another kind of machine", 4},
    };
    char head[HEAD_BYTES];
    size_t bytes = head_of(file, head);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (bytes >= kinds[i].bytes && memcmp(head, kinds[i].head, kinds[i].bytes) == 0)
            return kinds[i].what;
    return bytes ? "is neither a binary of this machine nor a script that begins with #!"
                 : "is empty, or cannot be read";
}

void recipe_why_not(const char *file, const char *step, int error, char why[RECIPE_WHY_BYTES])
{
    struct stat there;
    bool exists = stat(file, &there) == 0;
    if (strcmp(step, "start") == 0 && error == -EPERM)
        snprintf(why, RECIPE_WHY_BYTES,
                 "%.200s: this instance may not start programs: with `isolation: process` its "
                 "file needs `limits: {processes: 200}`, or more",
                 file);
    else if (strcmp(step, "execute") != 0)
        snprintf(why, RECIPE_WHY_BYTES, "%.200s: cannot %s: %s", file, step, strerror(-error));
    else if (error == -ENOENT && exists && why_no_interpreter(file, why))
        return;
    else if (error == -ENOENT)
        snprintf(why, RECIPE_WHY_BYTES, "%.200s: there is no such file", file);
    else if (error == -EACCES && exists && S_ISDIR(there.st_mode))
        snprintf(why, RECIPE_WHY_BYTES,
                 "%.200s: is a directory: name a program in it, or say `directory`", file);
    else if (error == -EACCES && exists && !S_ISREG(there.st_mode))
        snprintf(why, RECIPE_WHY_BYTES, "%.200s: is no file: only files can be run", file);
    else if (error == -EACCES)
        snprintf(why, RECIPE_WHY_BYTES,
                 "%.200s: may not be executed: chmod +x, and see that its user can reach it", file);
    else if (error == -ENOEXEC)
        snprintf(why, RECIPE_WHY_BYTES, "%.200s: %s", file, what_it_is(file));
    else
        snprintf(why, RECIPE_WHY_BYTES, "%.200s: cannot execute it: %s", file, strerror(-error));
}

const char *recipe_hint(const struct recipe *recipe)
{
    const char *program = recipe->words.count ? recipe->words.list[0] : "";
    bool wild = *program && program[strlen(program) - 1] == '_' && !recipe->alias;
    return wild && strcmp(recipe->dialect->name, "munin") == 0
               ? "; a name that ends in _ needs `as`, as `as: if_eth0` of if_"
               : "";
}

/* ---- How it is shown ------------------------------------------------------------------------- */

static bool is_secret_option(const char *word)
{
    static const char *const names[] = {"pass", "secret", "token", "communi", "auth", "key"};
    size_t length = strcspn(word, "=");
    for (size_t i = 0; word[0] == '-' && i < sizeof names / sizeof *names; i++) {
        const char *found = strcasestr(word, names[i]);
        if (found && found < word + length)
            return true;
    }
    return false;
}

/* user:password@ of an address */
static void hide_login(char *word)
{
    char *at = strstr(word, "://");
    char *end = at ? strchr(at, '@') : NULL;
    char *colon = at ? strchr(at + 3, ':') : NULL;
    if (end && colon && colon < end && strcspn(at + 3, "/") > (size_t)(end - at - 3))
        memset(colon + 1, '*', (size_t)(end - colon - 1));
}

void recipe_hide(const struct recipe *recipe, char *text)
{
    for (size_t i = 0; i < recipe->hidden.count; i++) {
        const char *secret = recipe->hidden.list[i];
        size_t length = strlen(secret);
        for (char *at = text; length && (at = strstr(at, secret)) != NULL; at += length)
            memset(at, '*', length);
    }
}

char *recipe_shown(const struct recipe *recipe)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = recipe->words.count ? open_memstream(&text, &size) : NULL;
    if (!out)
        return NULL;
    bool hide = false;
    for (size_t i = 0; i < recipe->words.count; i++) {
        char *word = strdup(recipe->words.list[i]);
        bool secret = word && is_secret_option(word);
        if (word && hide)
            memset(word, '*', strlen(word));
        else if (secret && strchr(word, '='))
            memset(strchr(word, '=') + 1, '*', strlen(strchr(word, '=') + 1));
        else if (word)
            hide_login(word);
        hide = secret && !strchr(word, '=');
        fprintf(out, "%s%s", i ? " " : "", word ? word : "");
        free(word);
    }
    fclose(out);
    if (text)
        recipe_hide(recipe, text);
    return text;
}
