/* A made /proc, /sys and / for the tests of the system plugin, in a directory of its own. */
#ifndef TEST_SYSTEM_TREE_H
#define TEST_SYSTEM_TREE_H

#include <gnswatch/testing.h>
#include <stdbool.h>

struct tree {
    char path[64];
    struct gwt *test; /* NULL: not started */
};

/* Directories proc, sys and root, empty. */
void tree_begin(struct tree *tree);
/* An instance for it, a turn each second unless `yaml`, which is more of its file, says so. */
void tree_start(struct tree *tree, const char *yaml);
void tree_end(struct tree *tree);

/* Files are called by their place, "proc/stat"; directories are made. */
void tree_put(const struct tree *tree, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tree_bytes(const struct tree *tree, const char *name, const char *bytes, size_t count);
void tree_link(const struct tree *tree, const char *name, const char *target);
void tree_remove(const struct tree *tree, const char *name); /* and what is below */

/* A process; the same number again replaces it. */
struct tree_process {
    int pid, parent;
    const char *name;
    char state; /* 0: S */
    unsigned long ticks, started, threads, rss_pages;
    const char *command; /* words, joined by spaces; NULL: a thread of the kernel */
    const char *cwd;     /* NULL: hidden */
    const char *container;
    unsigned long read_bytes, written_bytes;
    int files;
};
void tree_process(const struct tree *tree, const struct tree_process *process);
void tree_kill(const struct tree *tree, int pid);

void tree_run(const struct tree *tree, int seconds);
double tree_value(const struct tree *tree, const char *measurement, const char *labels,
                  const char *field);

#endif
