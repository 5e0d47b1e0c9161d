/* Writing is one pwrite a record; reading maps a segment. */
#include "store/journal.h"

#include "store/crc.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char segment_magic[8] = "GNSWJRN1";

struct segment_head {
    char magic[8];
    uint32_t number, crc;
    char unused[48];
};

struct record_head {
    uint32_t magic, bytes; /* of the entries */
    uint32_t crc, unused;
};

enum { RECORD_MAGIC = 0x4a525731, PATH_BYTES = 4352 };

static uint32_t record_crc(uint32_t number, const struct record_head *head, const void *entries)
{
    uint32_t seed[2] = {number, head->bytes};
    return crc32c(crc32c(0, seed, sizeof(seed)), entries, head->bytes);
}

static void segment_path(const struct journal *journal, uint32_t number, char out[PATH_BYTES])
{
    snprintf(out, PATH_BYTES, "%s/%08" PRIx32 ".seg", journal->dir, number);
}

static void spare_path(const struct journal *journal, uint32_t n, char out[PATH_BYTES])
{
    snprintf(out, PATH_BYTES, "%s/spare%" PRIu32, journal->dir, n);
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* Finds the first and last number; spares are counted from 0 without gaps. */
static void find_segments(struct journal *journal)
{
    journal->first = UINT32_MAX;
    DIR *dir = opendir(journal->dir);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char *end;
        unsigned long number = strtoul(entry->d_name, &end, 16);
        if (end != entry->d_name + 8 || strcmp(end, ".seg") != 0)
            continue;
        if (number < journal->first)
            journal->first = (uint32_t)number;
        if (number > journal->number)
            journal->number = (uint32_t)number;
    }
    if (dir)
        closedir(dir);
    char path[PATH_BYTES];
    for (journal->spares = 0; journal->spares < JOURNAL_SPARE_MAX; journal->spares++) {
        spare_path(journal, journal->spares, path);
        if (access(path, W_OK))
            break;
    }
    if (journal->first == UINT32_MAX)
        journal->first = journal->number + 1;
}

static int take_lock(struct journal *journal)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/lock", journal->dir);
    journal->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (journal->lock_fd < 0)
        return -errno;
    return flock(journal->lock_fd, LOCK_EX | LOCK_NB) ? -EBUSY : 0;
}

int journal_open(struct journal *journal, const char *dir)
{
    *journal = (struct journal){.fd = -1, .lock_fd = -1};
    struct buf path;
    buf_init(&path, 4096);
    buf_printf(&path, "%s/journal", dir);
    journal->dir = buf_take(&path);
    journal->record = malloc(JOURNAL_RECORD_MAX);
    int error = journal->dir && journal->record ? 0 : -ENOMEM;
    if (!error && mkdir(journal->dir, 0750) && errno != EEXIST)
        error = -errno;
    if (!error)
        error = take_lock(journal);
    if (error)
        journal_close(journal);
    else
        find_segments(journal);
    return error;
}

void journal_close(struct journal *journal)
{
    if (journal->fd >= 0)
        close(journal->fd);
    if (journal->lock_fd >= 0)
        close(journal->lock_fd);
    free(journal->dir);
    free(journal->record);
    *journal = (struct journal){.fd = -1, .lock_fd = -1};
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int write_whole(int fd, const void *bytes, size_t count, size_t at)
{
    const char *p = bytes;
    while (count) {
        ssize_t wrote = pwrite(fd, p, count, (off_t)at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return wrote < 0 ? -errno : -EIO;
        p += wrote;
        at += (size_t)wrote;
        count -= (size_t)wrote;
    }
    return 0;
}

/* A spare, or a new file with all its blocks, so that later writes cannot find the disk full. */
static int open_segment(struct journal *journal, const char *path)
{
    if (journal->spares) {
        char spare[PATH_BYTES];
        spare_path(journal, journal->spares - 1, spare);
        journal->spares--;
        if (rename(spare, path) == 0)
            return open(path, O_RDWR | O_CLOEXEC);
    }
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return -1;
    int error = posix_fallocate(fd, 0, JOURNAL_SEGMENT_BYTES);
    if (error == 0)
        return fd;
    close(fd);
    unlink(path);
    errno = error;
    return -1;
}

static int begin_segment(struct journal *journal)
{
    char path[PATH_BYTES];
    uint32_t number = journal->number + 1;
    segment_path(journal, number, path);
    int fd = open_segment(journal, path);
    if (fd < 0)
        return -errno;
    struct segment_head head = {.number = number};
    memcpy(head.magic, segment_magic, sizeof(head.magic));
    head.crc = crc32c(0, &head, offsetof(struct segment_head, crc));
    int error = write_whole(fd, &head, sizeof(head), 0);
    if (error) {
        close(fd);
        unlink(path);
        return error;
    }
    if (journal->fd >= 0) {
        fdatasync(journal->fd); /* the syncing thread only knows the new one from now on */
        close(journal->fd);
    }
    journal->fd = fd;
    journal->number = number;
    journal->offset = sizeof(head);
    return 0;
}

int journal_ready(struct journal *journal)
{
    bool room = journal->fd >= 0 && journal->offset + JOURNAL_RECORD_MAX <= JOURNAL_SEGMENT_BYTES;
    journal->error = room || journal->used ? 0 : begin_segment(journal);
    return journal->error;
}

bool journal_full(const struct journal *journal, size_t bytes)
{
    return journal->used && journal->used + bytes > JOURNAL_RECORD_MAX;
}

void *journal_room(struct journal *journal, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (bytes > JOURNAL_RECORD_MAX / 2 || journal->used + bytes > JOURNAL_RECORD_MAX)
        return NULL;
    if (journal->used == 0)
        journal->used = sizeof(struct record_head);
    char *room = journal->record + journal->used;
    memset(room + bytes - 8, 0, 8);
    journal->used += bytes;
    return room;
}

int journal_commit(struct journal *journal)
{
    if (journal->used == 0)
        return 0;
    struct record_head head = {.magic = RECORD_MAGIC,
                               .bytes = (uint32_t)(journal->used - sizeof(head))};
    head.crc = record_crc(journal->number, &head, journal->record + sizeof(head));
    memcpy(journal->record, &head, sizeof(head));
    size_t bytes = journal->used;
    journal->used = 0;
    journal->error = write_whole(journal->fd, journal->record, bytes, journal->offset);
    if (journal->error)
        return journal->error;
    journal->offset += bytes;
    journal->bytes += bytes;
    journal->commits++;
    return 0;
}

int journal_fd(const struct journal *journal)
{
    return journal->fd;
}

/* ---- Giving back ----------------------------------------------------------------------------- */

static void recycle(struct journal *journal, uint32_t number)
{
    char path[PATH_BYTES], spare[PATH_BYTES];
    segment_path(journal, number, path);
    spare_path(journal, journal->spares, spare);
    struct stat status;
    bool whole = stat(path, &status) == 0 && status.st_size == JOURNAL_SEGMENT_BYTES;
    if (whole && journal->spares < JOURNAL_SPARE_MAX && rename(path, spare) == 0)
        journal->spares++;
    else
        unlink(path);
}

void journal_release(struct journal *journal, uint32_t number)
{
    while (journal->first < number && journal->first < journal->number)
        recycle(journal, journal->first++);
}

void journal_reset(struct journal *journal)
{
    if (journal->fd >= 0)
        close(journal->fd);
    journal->fd = -1;
    journal->used = 0;
    while (journal->first <= journal->number)
        recycle(journal, journal->first++);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void read_entries(const char *at, size_t bytes, uint32_t number, journal_visit_fn *visit,
                         void *data)
{
    struct journal_entry entry;
    while (bytes >= sizeof(entry)) {
        memcpy(&entry, at, sizeof(entry));
        if (entry.bytes < sizeof(entry) || entry.bytes > bytes)
            return;
        visit(data, number, &entry, at + sizeof(entry));
        at += entry.bytes;
        bytes -= entry.bytes;
    }
}

static void read_records(const char *map, size_t size, uint32_t number, journal_visit_fn *visit,
                         void *data)
{
    size_t at = sizeof(struct segment_head);
    struct record_head head;
    while (at + sizeof(head) <= size) {
        memcpy(&head, map + at, sizeof(head));
        at += sizeof(head);
        if (head.magic != RECORD_MAGIC || head.bytes > JOURNAL_RECORD_MAX ||
            head.bytes > size - at || head.crc != record_crc(number, &head, map + at))
            return;
        read_entries(map + at, head.bytes, number, visit, data);
        at += head.bytes;
    }
}

static bool head_is(const char *map, size_t size, uint32_t number)
{
    struct segment_head head;
    if (size < sizeof(head))
        return false;
    memcpy(&head, map, sizeof(head));
    return memcmp(head.magic, segment_magic, sizeof(head.magic)) == 0 && head.number == number &&
           head.crc == crc32c(0, &head, offsetof(struct segment_head, crc));
}

int journal_read(const struct journal *journal, uint32_t number, journal_visit_fn *visit,
                 void (*done)(void *data, uint32_t segment), void *data)
{
    char path[PATH_BYTES];
    segment_path(journal, number, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat status;
    size_t size = fstat(fd, &status) ? 0 : (size_t)status.st_size;
    void *map = size ? mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (map == MAP_FAILED)
        return size ? -errno : 0;
    if (head_is(map, size, number)) {
        read_records(map, size, number, visit, data);
        if (done)
            done(data, number);
    }
    munmap(map, size);
    return 0;
}
