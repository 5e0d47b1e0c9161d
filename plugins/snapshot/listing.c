/* listing.c - see listing.h. */
#include "listing.h"

#include "verify.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool left_out(const char *path)
{
    static const char *const folders[] = {"project-files/tmp/", "project-files/captures/",
                                          "project-files/snapshots/", "snapshots/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            return true;
    return strstr(path, "/snapshots/") || ends_with(path, "_log.txt") || ends_with(path, ".log") ||
           ends_with(path, ".DS_Store") || ends_with(path, ".gns3");
}

/* project-files/TYPE/ID/… */
static bool in_node_folder(const char *path)
{
    int slashes = 0;
    for (const char *at = path; *at; at++)
        slashes += *at == '/';
    return strncmp(path, "project-files/", 14) == 0 && slashes >= 3;
}

static void add(json_t *files, const FTSENT *entry, size_t root_bytes, int64_t before_ms)
{
    const char *path = entry->fts_path + root_bytes;
    if (left_out(path))
        return;
    bool settled = in_node_folder(path) && (int64_t)entry->fts_statp->st_mtime * 1000 < before_ms;
    json_object_set_new(files, path, json_integer(settled ? entry->fts_statp->st_size : -1));
}

json_t *listing_of(const char *folder, int64_t before_ms)
{
    char root[4096];
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    if (length == 0 || length >= sizeof root)
        return NULL;
    memcpy(root, folder, length);
    root[length] = '\0';
    char *const roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    json_t *files = walk ? json_object() : NULL;
    bool failed = !files;
    while (!failed) {
        errno = 0;
        const FTSENT *entry = fts_read(walk);
        if (!entry) {
            failed = errno != 0;
            break;
        }
        if (entry->fts_info == FTS_F)
            add(files, entry, length + 1, before_ms);
        failed = entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
                 (entry->fts_level == 0 && entry->fts_info == FTS_NS) ||
                 json_object_size(files) > VERIFY_LIST_MAX;
    }
    if (walk)
        fts_close(walk);
    if (failed) {
        json_decref(files);
        return NULL;
    }
    return files;
}
