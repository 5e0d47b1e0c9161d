/* A directory of files. Knows the file system and nothing of what is in the files. */
#include "conf/conf_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct names {
    char **list; /* owned */
    size_t count, cap;
};

static int names_add(struct names *names, const char *name)
{
    if (names->count == names->cap) {
        size_t cap = names->cap ? names->cap * 2 : 16;
        char **list = realloc(names->list, cap * sizeof(*list));
        if (!list)
            return -ENOMEM;
        names->list = list;
        names->cap = cap;
    }
    names->list[names->count] = strdup(name);
    return names->list[names->count] ? (names->count++, 0) : -ENOMEM;
}

static void names_fini(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length > end_length && strcmp(name + length - end_length, end) == 0;
}

/* *.yaml, without hidden files; *.yml too, to say that it is not read. */
static int list_names(const char *dir, struct names *names)
{
    DIR *open_dir = opendir(dir);
    if (!open_dir)
        return -errno;
    int error = 0;
    for (struct dirent *entry; !error && (entry = readdir(open_dir)) != NULL;) {
        const char *name = entry->d_name;
        if (name[0] == '.' || (!ends_with(name, ".yaml") && !ends_with(name, ".yml")))
            continue;
        error = names->count < CONF_FILES_MAX ? names_add(names, name) : -E2BIG;
    }
    closedir(open_dir);
    if (names->count)
        qsort(names->list, names->count, sizeof(*names->list), by_name);
    return error;
}

static int objection(int fd)
{
    struct stat about;
    if (fstat(fd, &about))
        return -errno;
    if (S_ISDIR(about.st_mode))
        return -EISDIR;
    if (!S_ISREG(about.st_mode))
        return -ENXIO;
    return about.st_size > CONF_FILE_BYTES_MAX ? -EFBIG : 0;
}

/* The file's bytes in `text`, or a negative errno. */
static int read_text(const char *path, struct buf *text)
{
    /* O_NONBLOCK: a FIFO of that name must not hold up the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    int error = objection(fd);
    char piece[16384];
    while (!error) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got == 0)
            break;
        if (got > 0)
            buf_add(text, piece, (size_t)got);
        else if (errno != EINTR)
            error = -errno;
        if (!error && buf_error(text))
            error = buf_error(text) == -EMSGSIZE ? -EFBIG : -ENOMEM;
    }
    explicit_bzero(piece, sizeof(piece));
    close(fd);
    return error;
}

static void report_unread(const char *path, int error, struct problems *problems)
{
    struct stat link;
    bool dangling = error == -ENOENT && lstat(path, &link) == 0 && S_ISLNK(link.st_mode);
    if (dangling)
        problems_add(problems, path, NULL, "is a link to a file that does not exist");
    else if (error == -EISDIR)
        problems_add(problems, path, NULL, "is a directory; a file of options was expected");
    else if (error == -ENXIO)
        problems_add(problems, path, NULL, "is not a regular file");
    else if (error == -EFBIG)
        problems_add(problems, path, NULL, "is larger than 1 MiB; that is no file of options");
    else if (error == -EACCES)
        problems_add(problems, path, NULL,
                     "cannot be read: %s; give this user the right to read it", strerror(-error));
    else
        problems_add(problems, path, NULL, "cannot be read: %s", strerror(-error));
}

static int load_file(const char *path, const struct conf_tables *tables, struct problems *problems,
                     struct conf *conf)
{
    if (ends_with(path, ".yml")) {
        problems_add(problems, path, NULL, "is not read; rename it to end in .yaml");
        return -EINVAL;
    }
    struct buf text;
    buf_init(&text, CONF_FILE_BYTES_MAX);
    int error = read_text(path, &text);
    if (error)
        report_unread(path, error, problems);
    else
        error = conf_read_file(path, text.len ? text.data : "", text.len, tables, problems, conf);
    if (text.data)
        explicit_bzero(text.data, text.len);
    buf_fini(&text);
    return error;
}

static int load_names(const char *dir, const struct names *names, const struct conf_tables *tables,
                      struct problems *problems, struct conf *conf)
{
    size_t length = strlen(dir);
    const char *slash = length && dir[length - 1] == '/' ? "" : "/";
    struct buf path;
    buf_init(&path, 8192);
    int error = 0;
    for (size_t i = 0; i < names->count; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s%s%s", dir, slash, names->list[i]);
        int one =
            buf_error(&path) ? buf_error(&path) : load_file(path.data, tables, problems, conf);
        error = error ? error : one;
    }
    buf_clear(&path);
    buf_printf(&path, "%s%sgnswatch.yaml", dir, slash);
    if (!error && !conf->host)
        error = buf_error(&path) ? buf_error(&path)
                                 : conf_add_host_defaults(path.data, tables, problems, conf);
    buf_fini(&path);
    return error;
}

/* NULL with a problem. */
static struct conf *open_dir(const char *dir, struct names *names, struct problems *problems)
{
    struct conf *conf = calloc(1, sizeof(*conf));
    int error = conf ? list_names(dir, names) : -ENOMEM;
    if (!error)
        return conf;
    if (error == -E2BIG)
        problems_add(problems, dir, NULL, "holds more than %d files", CONF_FILES_MAX);
    else if (error == -ENOTDIR)
        problems_add(problems, dir, NULL,
                     "is a file; name the directory that it is in, all of which is read");
    else
        problems_add(problems, dir, NULL, "cannot be read: %s", strerror(-error));
    conf_free(conf);
    return NULL;
}

struct conf *conf_load(const char *dir, const struct conf_tables *tables, struct problems *problems)
{
    struct names names = {0};
    size_t before = problems->count + problems->left_off;
    struct conf *conf = open_dir(dir, &names, problems);
    int error = conf ? load_names(dir, &names, tables, problems, conf) : -EINVAL;
    names_fini(&names);
    if (!error && problems->count + problems->left_off == before)
        return conf;
    if (problems->count + problems->left_off == before)
        problems_add(problems, dir, NULL, "%s", strerror(-error));
    conf_free(conf);
    return NULL;
}

/* One file of several; what is wrong with it is its own. */
static void load_one(const char *path, const char *name, const struct conf_tables *tables,
                     struct conf *conf, conf_refused_fn *refused, void *data)
{
    struct problems own;
    problems_init(&own);
    int error = load_file(path, tables, &own, conf);
    if (error && own.count == 0)
        problems_add(&own, path, NULL, "%s", strerror(-error));
    bool gone = error && access(path, F_OK) && errno == ENOENT;
    if (own.count && !gone)
        refused(data, name, &own);
    problems_fini(&own);
}

struct conf *conf_load_each(const char *dir, const struct conf_tables *tables,
                            struct problems *problems, conf_refused_fn *refused, void *data)
{
    struct names names = {0};
    struct conf *conf = open_dir(dir, &names, problems);
    bool own_host = false;
    for (size_t i = 0; conf && i < names.count; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", dir, names.list[i]) < 0)
            continue;
        own_host |= strcmp(names.list[i], "gnswatch.yaml") == 0;
        load_one(path, names.list[i], tables, conf, refused, data);
        free(path);
    }
    if (conf && !own_host)
        conf_add_host_defaults("gnswatch.yaml", tables, problems, conf);
    names_fini(&names);
    return conf;
}
