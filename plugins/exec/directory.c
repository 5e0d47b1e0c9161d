/* directory.c - a row of conf.d that names a directory: an item for each program in it, looked for
 * again each minute (exec.h). */
#include "exec.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool any_fits(const struct gw_values *values, const char *option, const char *name)
{
    for (size_t i = 0; i < gw_count(values, option); i++)
        if (fnmatch(gw_string_at(values, option, i), name, 0) == 0)
            return true;
    return false;
}

static bool ends(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

static bool is_wanted(const struct gw_values *values, const char *folder, const char *name)
{
    char path[RECIPE_PATH_BYTES];
    struct stat there;
    bool netdata = strcmp(gw_string(values, "protocol"), "netdata") == 0;
    if (*name == '.' || ends(name, "~") || strstr(name, ".dpkg-") || ends(name, ".bak"))
        return false;
    if (netdata && !ends(name, ".plugin") && !ends(name, "_plugin") && !ends(name, "-plugin"))
        return false;
    if ((gw_count(values, "only") && !any_fits(values, "only", name)) ||
        any_fits(values, "except", name))
        return false;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &there) == 0 && S_ISREG(there.st_mode) && access(path, X_OK) == 0;
}

static void add(struct exec *exec, const struct gw_values *values, const char *folder,
                const char *file)
{
    char name[400], path[RECIPE_PATH_BYTES];
    snprintf(name, sizeof name, "%.100s.%.200s", gw_string(values, "name"), file);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    text_clean(name, strlen(name));
    struct item *there = exec_item(exec, name);
    if (there) {
        there->seen = true;
        return;
    }
    if (exec->item_count >= EXEC_ITEMS_MAX)
        return;
    struct item *item = item_new(exec, values, name, path);
    if (!item)
        return;
    item->seen = true;
    item->next = exec->items;
    exec->items = item;
    exec->item_count++;
}

static void forget_unseen(struct exec *exec, const struct gw_values *values)
{
    for (struct item **at = &exec->items; *at;) {
        struct item *item = *at;
        if (item->origin != values || item->folder || item->seen) {
            at = &item->next;
            continue;
        }
        *at = item->next;
        exec->item_count--;
        item_free(item, true);
    }
}

static struct item *folder_item(struct exec *exec, const struct gw_values *values)
{
    struct item *item = exec_item(exec, gw_string(values, "name"));
    if (item)
        return item;
    item = item_new_folder(exec, values);
    if (!item)
        return NULL;
    item->folder = true;
    item->next = exec->items;
    exec->items = item;
    exec->item_count++;
    return item;
}

static void show_count(struct item *item, int programs, const char *folder, int error)
{
    char why[ITEM_WHY_BYTES];
    if (error)
        snprintf(why, sizeof why, "cannot read the directory %.200s: %s", folder, strerror(error));
    else
        snprintf(why, sizeof why, "there is no program in %.200s that is wanted", folder);
    if (programs > 0)
        item_succeeded(item);
    else if (item->state != ITEM_FAILED || strcmp(item->error.why, why) != 0)
        item_failed(item, why);
    show_item(item);
}

void directory_scan(struct exec *exec, const struct gw_values *values)
{
    const char *folder = gw_string(values, "directory");
    struct dirent **entries = NULL;
    struct item *shown = folder_item(exec, values);
    int count = scandir(folder, &entries, NULL, alphasort), error = count < 0 ? errno : 0;
    int wanted = 0;
    for (struct item *item = exec->items; item; item = item->next)
        if (item->origin == values)
            item->seen = false;
    for (int i = 0; i < count; i++) {
        if (is_wanted(values, folder, entries[i]->d_name)) {
            add(exec, values, folder, entries[i]->d_name);
            wanted++;
        }
        free(entries[i]);
    }
    free(entries);
    if (count >= 0) /* a directory that is away for a moment takes nothing with it */
        forget_unseen(exec, values);
    if (shown)
        show_count(shown, wanted, folder, error);
}
