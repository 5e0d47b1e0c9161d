/* See system_tree.h. */
#include "unit.h"

#include "system_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct gw_descriptor gnswatch_plugin;

enum { TEXT = 64 * 1024 };

static void path_of(const struct tree *tree, const char *name, char out[512])
{
    assert_true(snprintf(out, 512, "%s/%s", tree->path, name) < 512);
}

/* All that is above the last slash. */
static void make_above(char *path)
{
    for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
}

void tree_begin(struct tree *tree)
{
    *tree = (struct tree){.path = "/tmp/gnswatch-tree-XXXXXX"};
    assert_non_null(mkdtemp(tree->path));
    tree_put(tree, "proc/.made", "%s", "");
    tree_put(tree, "sys/.made", "%s", "");
    tree_put(tree, "root/.made", "%s", "");
}

void tree_start(struct tree *tree, const char *yaml)
{
    char text[2048];
    snprintf(text, sizeof text, "%sproc: %s/proc\nsys: %s/sys\nroot: %s/root\n%s",
             strstr(yaml, "every: ") ? "" : "every: 1s\n", tree->path, tree->path, tree->path,
             yaml);
    tree->test = gwt_new(&gnswatch_plugin, text, 0);
    assert_non_null(tree->test);
}

void tree_end(struct tree *tree)
{
    char command[128];
    gwt_free(tree->test);
    assert_true(strncmp(tree->path, "/tmp/gnswatch-tree-", 19) == 0);
    snprintf(command, sizeof command, "rm -rf -- '%s'", tree->path);
    assert_int_equal(system(command), 0);
}

void tree_bytes(const struct tree *tree, const char *name, const char *bytes, size_t count)
{
    char path[512];
    path_of(tree, name, path);
    make_above(path);
    FILE *file = fopen(path, "we"); /* the same file again: readers keep it open */
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

void tree_put(const struct tree *tree, const char *name, const char *format, ...)
{
    char *text = malloc(TEXT);
    assert_non_null(text);
    va_list list;
    va_start(list, format);
    int count = vsnprintf(text, TEXT, format, list);
    va_end(list);
    assert_in_range(count, 0, TEXT - 1);
    tree_bytes(tree, name, text, (size_t)count);
    free(text);
}

void tree_link(const struct tree *tree, const char *name, const char *target)
{
    char path[512];
    path_of(tree, name, path);
    make_above(path);
    unlink(path);
    assert_int_equal(symlink(target, path), 0);
}

void tree_remove(const struct tree *tree, const char *name)
{
    char command[600], path[512];
    path_of(tree, name, path);
    assert_null(strstr(name, ".."));
    snprintf(command, sizeof command, "rm -rf -- '%s'", path);
    assert_int_equal(system(command), 0);
}

/* ---- Processes ------------------------------------------------------------------------------- */

static void put_command(const struct tree *tree, const char *base, const char *command)
{
    char name[96], words[1024];
    size_t bytes = command ? strlen(command) + 1 : 0;
    snprintf(name, sizeof name, "%s/cmdline", base);
    assert_true(bytes < sizeof words);
    memcpy(words, command ? command : "", bytes);
    for (size_t i = 0; i < bytes; i++)
        if (words[i] == ' ')
            words[i] = '\0';
    tree_bytes(tree, name, words, bytes);
}

void tree_process(const struct tree *tree, const struct tree_process *process)
{
    char base[64], name[96];
    bool zombie = process->state == 'Z';
    snprintf(base, sizeof base, "proc/%d", process->pid);
    snprintf(name, sizeof name, "%s/stat", base);
    tree_put(tree, name,
             "%d (%s) %c %d 1 1 0 -1 4194304 100 0 0 0 %lu 0 0 0 20 0 %lu 0 %lu 1000000 %lu\n",
             process->pid, process->name, process->state ? process->state : 'S', process->parent,
             process->ticks, process->threads ? process->threads : 1, process->started,
             process->rss_pages);
    put_command(tree, base, zombie ? NULL : process->command);
    snprintf(name, sizeof name, "%s/cwd", base);
    if (process->cwd && !zombie)
        tree_link(tree, name, process->cwd);
    else
        tree_remove(tree, name);
    snprintf(name, sizeof name, "%s/cgroup", base);
    if (process->container)
        tree_put(tree, name, "0::/system.slice/docker-%s.scope\n", process->container);
    else
        tree_put(tree, name, "0::/user.slice\n");
    snprintf(name, sizeof name, "%s/io", base);
    tree_put(tree, name, "rchar: 1\nwchar: 2\nread_bytes: %lu\nwrite_bytes: %lu\n",
             process->read_bytes, process->written_bytes);
    snprintf(name, sizeof name, "%s/smaps_rollup", base);
    tree_put(tree, name, "55d0-7ffc ---p 00000000 00:00 0 [rollup]\nRss: 100 kB\nPss: 64 kB\n");
    for (int i = 0; i < process->files; i++) {
        snprintf(name, sizeof name, "%s/fd/%d", base, i);
        tree_link(tree, name, "/dev/null");
    }
}

void tree_kill(const struct tree *tree, int pid)
{
    char name[32];
    snprintf(name, sizeof name, "proc/%d", pid);
    tree_remove(tree, name);
}

void tree_run(const struct tree *tree, int seconds)
{
    gwt_run(tree->test, (int64_t)seconds * 1000);
}

double tree_value(const struct tree *tree, const char *measurement, const char *labels,
                  const char *field)
{
    return gwt_value(tree->test, measurement, labels, field);
}
