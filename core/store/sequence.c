/* Written whole and renamed, so that a reader sees the old number or the new one. */
#include "store/sequence.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int64_t sequence_read(const char *dir)
{
    struct buf path;
    buf_init(&path, 8192);
    buf_printf(&path, "%s/sequence", dir);
    int64_t sequence = 0;
    FILE *file = buf_error(&path) ? NULL : fopen(path.data, "re");
    char line[32];
    if (file && fgets(line, sizeof(line), file))
        sequence = strtoll(line, NULL, 10);
    if (file)
        fclose(file);
    buf_fini(&path);
    return sequence > 0 ? sequence : 0;
}

static int write_file(const char *path, int64_t sequence)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    int error = dprintf(fd, "%" PRId64 "\n", sequence) < 0 || fdatasync(fd) ? -errno : 0;
    close(fd);
    return error;
}

int sequence_write(const char *dir, int64_t sequence)
{
    struct buf path, made;
    buf_init(&path, 8192);
    buf_init(&made, 8192);
    buf_printf(&path, "%s/sequence", dir);
    buf_printf(&made, "%s/sequence.new", dir);
    int error = buf_error(&made);
    if (!error)
        error = write_file(made.data, sequence);
    if (!error && rename(made.data, path.data))
        error = -errno;
    buf_fini(&path);
    buf_fini(&made);
    return error;
}
