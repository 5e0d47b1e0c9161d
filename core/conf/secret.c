/* Secrets from a file or the environment. */
#include "conf/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void take(struct check *check, const struct check_path *path, const struct gw_row *row,
                 const struct input *item, char *text, size_t bytes, struct value *out)
{
    if (bytes && text[bytes - 1] == '\n')
        bytes--;
    if (bytes && text[bytes - 1] == '\r')
        bytes--;
    if (memchr(text, '\0', bytes)) {
        check_report(check, path, item->at, item->end, "'%s' holds a NUL byte; it should hold text",
                     item->text);
        return;
    }
    text[bytes] = '\0';
    struct input secret = {.kind = INPUT_TEXT, .text = text, .at = item->at, .end = item->end};
    check_value(check, path, row, &secret, out);
}

/* What speaks against the open file, or NULL. */
static const char *objection(const struct stat *about)
{
    if (!S_ISREG(about->st_mode))
        return "is not a file";
    if (about->st_mode & (S_IROTH | S_IWOTH))
        return "is open to everyone on this machine";
    if (about->st_size > SECRET_BYTES_MAX)
        return "is larger than 64 KiB";
    return NULL;
}

/* The bytes read, at most SECRET_BYTES_MAX + 1, or a negative errno. */
static ssize_t read_all(int fd, char *text)
{
    size_t count = 0;
    while (count <= SECRET_BYTES_MAX) {
        ssize_t got = read(fd, text + count, SECRET_BYTES_MAX + 1 - count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        count += (size_t)got;
    }
    return (ssize_t)count;
}

static void read_open(struct check *check, const struct check_path *path, const struct gw_row *row,
                      const struct input *item, const char *name, int fd, struct value *out)
{
    struct stat about = {0};
    const char *why = fstat(fd, &about) ? strerror(errno) : objection(&about);
    if (why) {
        bool everyone = S_ISREG(about.st_mode) && (about.st_mode & (S_IROTH | S_IWOTH));
        if (everyone)
            check_report(check, path, item->at, item->end, "'%s' %s; run: chmod 600 '%s'",
                         item->text, why, name);
        else
            check_report(check, path, item->at, item->end, "'%s' %s", item->text, why);
        return;
    }
    char *text = calloc(1, SECRET_BYTES_MAX + 2);
    ssize_t count = text ? read_all(fd, text) : -ENOMEM;
    if (count < 0)
        check_report(check, path, item->at, item->end, "cannot read '%s': %s", item->text,
                     strerror((int)-count));
    else if (count > SECRET_BYTES_MAX)
        check_report(check, path, item->at, item->end, "'%s' is larger than 64 KiB", item->text);
    else
        take(check, path, row, item, text, (size_t)count, out);
    if (text)
        explicit_bzero(text, SECRET_BYTES_MAX + 2);
    free(text);
}

static void from_file(struct check *check, const struct check_path *path, const struct gw_row *row,
                      const struct input *item, struct value *out)
{
    struct buf name;
    buf_init(&name, 4096);
    if (item->text[0] != '/' && check->dir)
        buf_printf(&name, "%s/", check->dir);
    buf_adds(&name, item->text);
    /* O_NONBLOCK: a FIFO must not hold up the start; it is refused as no file. */
    int fd = buf_error(&name) ? -1 : open(name.data, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        check_report(check, path, item->at, item->end, "cannot open '%s': %s", item->text,
                     buf_error(&name) ? "the name is too long" : strerror(errno));
    else
        read_open(check, path, row, item, name.data, fd, out);
    if (fd >= 0)
        close(fd);
    buf_fini(&name);
}

static void from_environment(struct check *check, const struct check_path *path,
                             const struct gw_row *row, const struct input *item, struct value *out)
{
    const char *text = getenv(item->text);
    if (!text) {
        check_report(check, path, item->at, item->end, "the environment variable '%s' is not set",
                     item->text);
        return;
    }
    struct input secret = {.kind = INPUT_TEXT, .text = text, .at = item->at, .end = item->end};
    check_value(check, path, row, &secret, out);
}

void secret_resolve(struct check *check, const struct check_path *path, const struct gw_row *row,
                    const struct input *item, struct value *out)
{
    bool file = strcmp(item->key + strlen(row->name), "_file") == 0;
    if ((item->kind != INPUT_PLAIN && item->kind != INPUT_TEXT) || item->text[0] == '\0')
        check_report(check, path, item->at, item->end, "expected %s, not %s",
                     file ? "the name of a file" : "the name of an environment variable",
                     input_kind_name(item));
    else if (file)
        from_file(check, path, row, item, out);
    else
        from_environment(check, path, row, item, out);
}
