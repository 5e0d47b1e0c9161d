/* match.c - see match.h. */
#include "match.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILES_LOOKED_AT = 256, CONTAINER_MIN = 12 };

bool next_uuid(const char **at, char out[ID_TEXT + 1])
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const char *text = *at;
    for (; *text; text++) {
        int i = 0;
        while (i < ID_TEXT && (form[i] == '-' ? text[i] == '-' : isxdigit((unsigned char)text[i])))
            i++;
        if (i < ID_TEXT || isxdigit((unsigned char)text[i]))
            continue;
        memcpy(out, text, ID_TEXT);
        out[ID_TEXT] = '\0';
        *at = text + ID_TEXT;
        return true;
    }
    return false;
}

/* Of several servers' nodes with one id, the one whose directory is in the text. */
static struct node *among_twins(struct node *node, const char *text)
{
    struct node *best = NULL;
    for (; node; node = node->twin) {
        if (!node->here)
            continue;
        if (node->directory && *node->directory && strstr(text, node->directory))
            return node;
        if (!best || (node->state == NODE_STARTED && best->state != NODE_STARTED))
            best = node;
    }
    return best;
}

/* The last that is a node's: a project's id comes before. */
static struct node *by_ids(const struct lab *lab, const char *text)
{
    char id[ID_TEXT + 1];
    struct node *found = NULL;
    for (const char *at = text; next_uuid(&at, id);) {
        struct node *node = among_twins(lab_node(lab, id), text);
        found = node ? node : found;
    }
    return found;
}

static struct node *by_container(const struct lab *lab, const char *container)
{
    struct node *node;
    TAILQ_FOREACH(node, &lab->nodes, entry)
    {
        size_t bytes = node->container ? strlen(node->container) : 0;
        if (node->here && bytes >= CONTAINER_MIN && strncmp(node->container, container, bytes) == 0)
            return node;
    }
    return NULL;
}

static struct node *by_command(const struct lab *lab, const char *command)
{
    struct node *node;
    TAILQ_FOREACH(node, &lab->nodes, entry)
    if (node->here && node->command && *node->command && strcmp(node->command, command) == 0)
        return node;
    return NULL;
}

/* "VBoxHeadless --comment PC1 --startvm ..." */
static struct node *by_machine_name(const struct lab *lab, const char *command)
{
    static const char option[] = " --comment ";
    const char *at = strstr(command, option);
    struct node *node;
    if (!at)
        return NULL;
    at += strlen(option);
    TAILQ_FOREACH(node, &lab->nodes, entry)
    {
        size_t bytes = strlen(node->name ? node->name : "");
        if (node->here && node->need == NEED_FOREIGN && bytes > 0 &&
            strncmp(at, node->name, bytes) == 0 && (at[bytes] == ' ' || !at[bytes]))
            return node;
    }
    return NULL;
}

/* A dynamips keeps files of its routers open. NULL: none, or of several. */
static struct node *by_files(const struct lab *lab, const struct processes *processes, pid_t pid)
{
    char path[600], target[1024];
    struct node *found = NULL;
    snprintf(path, sizeof path, "%.500s/%d/fd", processes->root, (int)pid);
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool several = false;
    for (int i = 0; dir && i < FILES_LOOKED_AT && (entry = readdir(dir)); i++) {
        ssize_t bytes = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);
        if (bytes <= 0)
            continue;
        target[bytes] = '\0';
        struct node *node = by_ids(lab, target);
        several |= node && found && node != found;
        found = node ? node : found;
    }
    if (dir)
        closedir(dir);
    return several ? NULL : found;
}

struct project *match_project(const struct lab *lab, const char *path, bool *lab_path)
{
    char id[ID_TEXT + 1];
    const char *files = path ? strstr(path, "/project-files") : NULL;
    *lab_path = files != NULL;
    if (!files)
        return NULL;
    for (const char *at = path; next_uuid(&at, id) && at <= files;) {
        struct project *project = lab_project_of(lab, id);
        if (project)
            return project;
    }
    return NULL;
}

static struct node *find(const struct lab *lab, const struct process *process, const char **how)
{
    struct node *node = *process->container ? by_container(lab, process->container) : NULL;
    *how = "in its container";
    if (!node && process->cwd) {
        node = by_ids(lab, process->cwd);
        *how = "in its directory";
    }
    if (!node && process->command) {
        node = by_ids(lab, process->command);
        *how = "its id is in the command line";
    }
    if (!node && process->command && (process->hidden || process->program == PROGRAM_EMULATOR)) {
        node = by_command(lab, process->command);
        *how = "by its command line";
    }
    if (!node && process->command && process->program == PROGRAM_EMULATOR) {
        node = by_machine_name(lab, process->command);
        *how = "by its name";
    }
    return node;
}

void match_process(const struct lab *lab, const struct processes *processes,
                   struct process *process)
{
    bool lab_path;
    if (process->matched == lab->generation ||
        !(process->cwd || process->command || *process->container))
        return;
    process->matched = lab->generation;
    process->sharer = NULL;
    process->owner = find(lab, process, &process->how);
    if (process->program == PROGRAM_DYNAMIPS && !process->owner) {
        process->owner = by_files(lab, processes, process->pid);
        process->how = "it has files of its open";
        struct project *project = match_project(lab, process->cwd, &lab_path);
        process->sharer = process->owner ? NULL : project;
    }
}
