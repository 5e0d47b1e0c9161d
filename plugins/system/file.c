/* file.c - see file.h. */
#include "file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_MS = 60000 };

void file_init(struct file *file, const char *root, const char *name)
{
    *file = (struct file){.fd = -1};
    int bytes = snprintf(file->path, sizeof file->path, "%s/%s", root, name);
    if (bytes < 0 || (size_t)bytes >= sizeof file->path)
        file->path[0] = '\0'; /* opens nothing */
}

void file_init_net(struct file *file, const struct roots *roots, const char *name)
{
    char place[128];
    snprintf(place, sizeof place, "1/net/%s", name);
    file_init(file, roots->proc, place);
    if (strcmp(roots->proc, "/proc") == 0 || access(file->path, R_OK) != 0)
        file_init(file, roots->proc, place + 2);
}

void file_fini(struct file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static int grow(struct buffer *buffer)
{
    size_t room = buffer->room ? buffer->room * 2 : TEXT_MIN;
    char *larger = room <= TEXT_MAX ? realloc(buffer->text, room) : NULL;
    if (!larger)
        return room <= TEXT_MAX ? -ENOMEM : -EFBIG;
    buffer->text = larger;
    buffer->room = room;
    return 0;
}

/* Such files give a page or so at a time: only an empty reading is their end. */
static long read_all(int fd, struct buffer *buffer)
{
    size_t count = 0;
    for (;;) {
        int error = count + 1 < buffer->room ? 0 : grow(buffer);
        if (error)
            return error;
        ssize_t more = pread(fd, buffer->text + count, buffer->room - count - 1, (off_t)count);
        if (more < 0)
            return -errno;
        if (more == 0)
            break;
        count += (size_t)more;
    }
    buffer->text[count] = '\0';
    return (long)count;
}

long file_read(struct file *file, struct buffer *buffer, int64_t now_ms)
{
    if (file->fd < 0 && now_ms < file->retry_ms)
        return -ENOENT;
    if (file->fd < 0)
        file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    long count = file->fd >= 0 ? read_all(file->fd, buffer) : -errno;
    if (count < 0) {
        file_fini(file); /* what stands for it has gone; another may come */
        file->retry_ms = now_ms + RETRY_MS;
    }
    return count;
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->text);
    *buffer = (struct buffer){0};
}

bool file_line(const char *root, const char *name, char *out, size_t size)
{
    struct file file;
    file_init(&file, root, name);
    int fd = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t count = fd >= 0 ? read(fd, out, size - 1) : -1;
    if (fd >= 0)
        close(fd);
    out[count > 0 ? count : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return *out != '\0';
}

bool file_number(const char *root, const char *name, double *out)
{
    char text[64], *end;
    if (!file_line(root, name, text, sizeof text))
        return false;
    *out = strtod(text, &end);
    return end != text;
}

/* ---- Reading text ---------------------------------------------------------------------------- */

bool text_number(const char **at, uint64_t *out)
{
    const char *text = *at;
    while (*text == ' ' || *text == '\t')
        text++;
    if (!isdigit((unsigned char)*text))
        return false;
    char *end;
    *out = strtoull(text, &end, 10);
    *at = end;
    return true;
}

size_t text_numbers(const char *at, uint64_t *out, size_t count)
{
    size_t found = 0;
    memset(out, 0, count * sizeof *out);
    while (found < count && text_number(&at, &out[found]))
        found++;
    return found;
}

const char *text_next_line(const char *at)
{
    at = strchr(at, '\n');
    return at && at[1] ? at + 1 : NULL;
}

bool text_word(const char **at, char *out, size_t size)
{
    const char *begin = *at + strspn(*at, " \t");
    size_t bytes = strcspn(begin, " \t\n");
    *at = begin + bytes;
    if (bytes >= size)
        bytes = size - 1;
    memcpy(out, begin, bytes);
    out[bytes] = '\0';
    return bytes > 0;
}

size_t text_keys(const char *text, const struct key *keys, double *values)
{
    size_t found = 0;
    for (const char *line = text; line; line = text_next_line(line)) {
        size_t bytes = strcspn(line, ": \t\n");
        const char *at = line + bytes + (line[bytes] == ':');
        uint64_t number;
        if (!text_number(&at, &number))
            continue;
        for (const struct key *key = keys; key->name; key++)
            if (strncmp(key->name, line, bytes) == 0 && !key->name[bytes]) {
                values[key->place] = (double)number * key->scale;
                found++;
            }
    }
    return found;
}
