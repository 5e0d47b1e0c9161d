/* walk.c - see walk.h. */
#include "walk.h"

#include "match.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512 }; /* of st_blocks */

void walk_init(struct walk *walk, struct lab *lab, const char *root)
{
    *walk = (struct walk){.lab = lab, .root = root};
}

static void leave(struct walk *walk)
{
    struct node *node = walk->at[--walk->depth].node;
    closedir(walk->at[walk->depth].dir);
    if (node && walk->at[walk->depth - 1].node != node) /* a node is never at the top */
        node->directory_bytes = node->walked_bytes;
}

void walk_stop(struct walk *walk)
{
    while (walk->depth > 0)
        closedir(walk->at[--walk->depth].dir);
    walk->project = NULL;
    walk->under_way = false;
}

/* fd: of the directory, which is taken. */
static void enter(struct walk *walk, int fd, struct node *node)
{
    DIR *dir = fd >= 0 && walk->depth < WALK_DEPTH ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    walk->at[walk->depth].dir = dir;
    walk->at[walk->depth++].node = node;
}

/* A directory that is called as a node is that node's. */
static struct node *node_of(const struct walk *walk, const char *name)
{
    char id[ID_TEXT + 1];
    const char *at = name;
    if (strlen(name) != ID_TEXT || !next_uuid(&at, id))
        return NULL;
    struct node *node = lab_node(walk->lab, id);
    while (node && node->project != walk->project)
        node = node->twin;
    if (node)
        node->walked_bytes = 0;
    return node;
}

static void count(struct walk *walk, struct node *node, const struct stat *what)
{
    double bytes = (double)what->st_blocks * BLOCK;
    walk->bytes += bytes;
    if (node)
        node->walked_bytes += bytes;
}

static void take(struct walk *walk, const char *name)
{
    struct stat what;
    DIR *dir = walk->at[walk->depth - 1].dir;
    struct node *node = walk->at[walk->depth - 1].node;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        fstatat(dirfd(dir), name, &what, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (!S_ISDIR(what.st_mode)) {
        count(walk, node, &what);
        return;
    }
    struct node *here = node ? node : node_of(walk, name);
    count(walk, here, &what);
    enter(walk, openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), here);
}

/* The first project after the last one whose directory is on this machine. */
static bool next_project(struct walk *walk)
{
    char path[PATH_MAX_TEXT];
    struct project *project =
        walk->project ? TAILQ_NEXT(walk->project, entry) : TAILQ_FIRST(&walk->lab->projects);
    for (; project; project = TAILQ_NEXT(project, entry)) {
        walk->project = project;
        if (!project->owner || !project->owner->here || !project->path || !*project->path)
            continue;
        snprintf(path, sizeof path, "%s%s", walk->root, project->path);
        walk->bytes = 0;
        enter(walk, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), NULL);
        if (walk->depth > 0)
            return true;
        project->directory_bytes = (double)NAN;
    }
    return false;
}

void walk_begin(struct walk *walk, int64_t now_ms)
{
    if (walk->under_way)
        return;
    walk->began_ms = now_ms;
    walk->project = NULL;
    walk->under_way = true;
}

bool walk_step(struct walk *walk, int most)
{
    for (; walk->under_way && most > 0; most--) {
        if (walk->depth == 0 && !next_project(walk)) {
            walk_stop(walk);
            return true;
        }
        const struct dirent *entry = readdir(walk->at[walk->depth - 1].dir);
        if (entry) {
            take(walk, entry->d_name);
            continue;
        }
        leave(walk);
        if (walk->depth == 0)
            walk->project->directory_bytes = walk->bytes;
    }
    return !walk->under_way;
}
